//! Flags of a command line that are new and that no page mentions, where pages mention the others.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use loki_model::Severity;
use regex::Regex;

use super::sources;
use crate::delta::{Delta, FileDelta};
use crate::gates::Cx;
use crate::gates::rule::{Found, Rule};
use crate::layout::file_name;

pub(super) const UNDOCUMENTED_FLAG: Rule = Rule {
    id: "docs/undocumented-flag",
    severity: Severity::Warning,
    what: "The change adds a command line flag that no page mentions, though pages mention the other flags \
           of the same file.",
    why: "Nobody finds a flag that is only in the code.",
    example: "+    parser.add_argument(\"--dry-run\", action=\"store_true\")   # README.md lists --all and --json",
    fix: "Mention the flag where the others are.",
    look,
};

/// Pages that are searched.
const PAGES_MAX: usize = 300;

/// Bytes of all pages together that are searched.
const PAGES_BYTES_MAX: usize = 16 << 20;

/// Other flags of the same file that pages have to mention before one that is missing is told.
const OTHERS_MIN: usize = 2;

/// Words on the line of a flag that people are not meant to see.
const HIDDEN: &[&str] = &["SUPPRESS", "hide", "hidden", "Hidden", "deprecated"];

fn look(cx: &Cx<'_>, delta: &Delta, found: &mut Found) {
    let mut pages: Option<Option<String>> = None;
    for file in sources(delta) {
        let added = added(file);
        if added.is_empty() {
            continue;
        }
        let Some(pages) = pages.get_or_insert_with(|| all_pages(cx)) else { return };
        let all = flags(&file.path, file.after.as_deref().unwrap_or_default());
        let fresh: BTreeSet<&str> = added.iter().map(|flag| flag.name.as_str()).collect();
        let others: BTreeSet<&str> = all
            .iter()
            .map(|flag| flag.name.as_str())
            .filter(|name| !fresh.contains(name))
            .collect();
        let told = others.iter().filter(|name| mentions(pages, name)).count();
        if told < OTHERS_MIN || told * 2 < others.len() {
            continue;
        }
        for flag in added.iter().filter(|flag| !mentions(pages, &flag.name)) {
            let message = format!("no page mentions the new flag `--{}`", flag.name);
            found.add(UNDOCUMENTED_FLAG.at(&file.path, flag.line, message));
        }
    }
}

/// A flag of a command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::gates) struct Flag {
    /// Without the hyphens.
    pub(in crate::gates) name: String,
    /// 1-based.
    line: u32,
}

/// The flags that a change adds to a file: on added lines, and unknown to the file before.
pub(in crate::gates) fn added(file: &FileDelta) -> Vec<Flag> {
    let after = flags(&file.path, file.after.as_deref().unwrap_or_default());
    if after.is_empty() {
        return after;
    }
    let before = flags(&file.path, file.before.as_deref().unwrap_or_default());
    let is_new = |flag: &Flag| before.iter().all(|known| known.name != flag.name);
    let last = |flag: &Flag| flag.line.saturating_add(FIELD_LINES_MAX);
    let is_added = |flag: &Flag| match file.path.ends_with(".rs") {
        true => file.is_any_added(flag.line, last(flag)),
        false => file.is_added(flag.line),
    };
    after.into_iter().filter(|flag| is_new(flag) && is_added(flag)).collect()
}

/// Lines between an attribute and the field that it is about.
const FIELD_LINES_MAX: u32 = 3;

/// The flags that a source declares in the ways of argparse, click, typer, clap, commander, yargs and Go.
fn flags(path: &str, text: &str) -> Vec<Flag> {
    let ending = file_name(path).rsplit_once('.').map_or("", |(_, ending)| ending);
    let pattern = match ending {
        "py" => &PYTHON,
        "js" | "mjs" | "cjs" | "ts" | "mts" | "tsx" => &NODE,
        "go" => &GO,
        "rs" => &RUST,
        _ => return Vec::new(),
    };
    let Some(pattern) = pattern.as_ref() else { return Vec::new() };
    let mut found: Vec<Flag> = Vec::new();
    let (mut line, mut seen) = (1, 0);
    for captures in pattern.captures_iter(text) {
        let Some(whole) = captures.get(0) else { continue };
        line += text[seen..whole.start()].matches('\n').count();
        seen = whole.start();
        let end = text[whole.end()..].find('\n').map_or(text.len(), |at| whole.end() + at);
        if HIDDEN.iter().any(|word| text[whole.start()..end].contains(word)) {
            continue;
        }
        let Some(name) = captures.name("name").or_else(|| captures.name("field")) else { continue };
        let name = name.as_str().replace('_', "-");
        let line = u32::try_from(line).unwrap_or(u32::MAX);
        if name.len() > 1 && found.iter().all(|flag| flag.name != name) {
            found.push(Flag { name, line });
        }
    }
    found
}

static PYTHON: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r#"(?:add_argument|click\.option|typer\.Option|@option)\([^)\n]{0,200}?["']--(?P<name>[a-z][a-z0-9_-]*)"#,
    )
    .ok()
});

static NODE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r#"\.(?:option|requiredOption)\(\s*["'`](?:-\w,? ?)?--(?:no-)?(?P<name>[a-z][a-z0-9-]*)"#,
    )
    .ok()
});

static GO: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r#"(?:flag|[fF]lags?\(\)|fs|flagSet)\.(?:String|Bool|Int|Int64|Uint|Float64|Duration|StringSlice)(?:Var)?P?\((?:&[\w.]+,\s*)?"(?P<name>[a-z][a-z0-9-]*)""#,
    )
    .ok()
});

static RUST: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r#"(?x)
        \#\[(?:arg|clap)\( [^\]\n]{0,200}? \blong\b
        (?: \s*=\s*"(?P<name>[a-z][a-z0-9-]*)"
          | [^\]\n=]{0,200} \)\] \s* (?:pub(?:\([^)\n]*\))?\s+)? (?P<field>[a-z][a-z0-9_]*) \s* : )"#,
    )
    .ok()
});

/// The texts of all pages and recorded help texts; nothing when they are too many.
fn all_pages(cx: &Cx<'_>) -> Option<String> {
    let is_page = |path: &&str| {
        let name = file_name(path);
        [".md", ".mdx", ".markdown", ".rst", ".adoc", ".txt", ".1", ".snap"]
            .iter()
            .any(|ending| name.ends_with(ending))
    };
    let mut all = String::new();
    for (number, path) in cx.layout.own_files().filter(is_page).enumerate() {
        let text = cx.read(path).unwrap_or_default();
        if number >= PAGES_MAX || all.len() + text.len() > PAGES_BYTES_MAX {
            return None;
        }
        all.push_str(&text);
        all.push('\n');
    }
    Some(all)
}

/// Whether `pages` name the flag, with one hyphen or two.
fn mentions(pages: &str, name: &str) -> bool {
    let wanted = format!("-{name}");
    pages.match_indices(&wanted).any(|(at, found)| {
        let is_part = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        let before = pages[..at].strip_suffix('-').unwrap_or(&pages[..at]);
        !before.ends_with(is_part) && !pages[at + found.len()..].starts_with(is_part)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn names(path: &str, text: &str) -> Vec<String> {
        flags(path, text).into_iter().map(|flag| flag.name).collect()
    }

    #[test]
    fn flags_are_known_in_every_way_of_declaring_them() {
        assert_eq!(
            names("a.py", "p.add_argument('-n', \"--dry-run\")\n@click.option('--all')\n"),
            ["dry-run", "all"]
        );
        assert_eq!(
            names("a.ts", "cmd.option('-f, --force', 'x').requiredOption(\"--out <dir>\")"),
            ["force", "out"]
        );
        assert_eq!(
            names(
                "a.go",
                "flag.BoolVar(&x, \"watch\", false, \"\")\nflag.String(\"o-dir\", \"\", \"\")"
            ),
            ["watch", "o-dir"]
        );
        let rust = "    /// Doc.\n    #[arg(long, short)]\n    pub dry_run: bool,\n    #[arg(long = \"to\")]\n    x: u8,\n    #[arg(short)]\n    y: u8,\n    #[arg(long, hide = true)]\n    z: u8,\n";
        assert_eq!(names("a.rs", rust), ["dry-run", "to"]);
        assert_eq!(flags("a.rs", rust)[0].line, 2);
        assert!(names("a.py", "p.add_argument('--x', help=argparse.SUPPRESS)\n").is_empty());
    }

    #[test]
    fn a_flag_is_mentioned_as_a_word_of_its_own() {
        assert!(mentions("use `--dry-run`.", "dry-run") && mentions("-watch", "watch"));
        assert!(!mentions("--dry-runs --a-dry-run", "dry-run"));
    }

    proptest! {
        #[test]
        fn any_source_is_read_without_panic(text in "(\\PC|\n|#\\[arg\\(long|\\)\\]|flag\\.Bool\\(\"){0,100}") {
            for path in ["a.py", "a.ts", "a.go", "a.rs"] {
                let _ = flags(path, &text);
            }
            let _ = mentions(&text, "long");
        }
    }
}
