//! Commands in blocks of shell that name something of the project that is not there.

use std::collections::BTreeSet;

use loki_model::Severity;

use super::markdown::{Fence, read};
use super::{pages, recipes};
use crate::delta::{Delta, FileDelta};
use crate::gates::Cx;
use crate::gates::rule::{Found, Rule};
use crate::layout::{join, parent};

pub(super) const MISSING_COMMAND: Rule = Rule {
    id: "docs/missing-command",
    severity: Severity::Warning,
    what: "An added line of a shell block in Markdown runs a script, target or program of the project that \
           does not exist.",
    why: "Whoever follows the page fails at that line, and what the page claims to work was never tried.",
    example: "+```sh\n+npm run deploy        # package.json has no script `deploy`\n+```",
    fix: "Add what the page names, or write what there is.",
    look,
};

/// Languages of blocks that are commands.
const SHELLS: &[&str] = &["sh", "bash", "shell", "zsh"];

/// Languages of blocks in which commands follow a prompt and the rest is what they print.
const SESSIONS: &[&str] = &["console", "shell-session", "shellsession", "terminal"];

/// Endings of scripts that are run by their path.
const SCRIPTS: &[&str] = &[".sh", ".bash", ".py", ".rb", ".pl", ".js", ".mjs", ".ts"];

/// Directories of what a build makes.
const MADE_DIRS: &[&str] = &["build", "dist", "out", "target", "bin", "node_modules", "tmp"];

fn look(cx: &Cx<'_>, delta: &Delta, found: &mut Found) {
    for page in pages(delta) {
        let text = page.after.as_deref().unwrap_or_default();
        for fence in read(text).1 {
            block(cx, page, &fence, found);
        }
    }
}

fn block(cx: &Cx<'_>, page: &FileDelta, fence: &Fence, found: &mut Found) {
    let is_session = SESSIONS.contains(&fence.language.as_str());
    if !is_session && !SHELLS.contains(&fence.language.as_str()) {
        return;
    }
    let prompts = fence.lines.iter().any(|(_, line)| line.trim_start().starts_with("$ "));
    // What stands in a text that a command reads is no command.
    if fence.lines.iter().any(|(_, line)| line.contains("<<")) {
        return;
    }
    for (number, line) in &fence.lines {
        let line = line.trim();
        let command = match line.strip_prefix("$ ") {
            Some(command) => command,
            None if is_session || prompts => continue,
            None => line,
        };
        for words in simple_commands(command) {
            if leaves(&words) {
                return;
            }
            if let Some(message) = missing(cx, page, &words).filter(|_| page.is_added(*number)) {
                found.add(MISSING_COMMAND.at(&page.path, *number, message));
            }
        }
    }
}

/// The commands of a line, each as its words; none for what only a shell could tell.
fn simple_commands(line: &str) -> Vec<Vec<&str>> {
    let line = line.split(" #").next().unwrap_or_default();
    if line.starts_with('#')
        || line.ends_with('\\')
        || line.contains(['`', '"', '\'', '(', '{', '<'])
    {
        return vec![line.split_whitespace().take(1).collect()];
    }
    let commands = line.split("&&").flat_map(|part| part.split([';', '|']));
    commands.map(words).filter(|words| !words.is_empty()).collect()
}

/// Words without assignments in front of them.
fn words(command: &str) -> Vec<&str> {
    let is_assignment = |word: &&str| {
        word.split_once('=').is_some_and(|(name, _)| {
            !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        })
    };
    command.split_whitespace().skip_while(is_assignment).collect()
}

/// Whether a command goes elsewhere or makes files: what comes after it may be about something else.
fn leaves(words: &[&str]) -> bool {
    let makes = [
        "cd",
        "pushd",
        "git",
        "mkdir",
        "curl",
        "wget",
        "tar",
        "unzip",
        "cp",
        "mv",
        "touch",
        "tee",
        "ln",
        "docker",
        "podman",
        "ssh",
        "scp",
        "gh",
        "npx",
        "pnpx",
        "bunx",
        "pipx",
        "uvx",
        "cookiecutter",
    ];
    let first = words.first().copied().unwrap_or_default();
    let creates =
        matches!(words, [_, "new" | "init" | "create" | "clone" | "dlx" | "generate", ..]);
    makes.contains(&first) || creates || words.iter().any(|word| word.contains('>'))
}

/// What a command names that the judged tree does not have.
fn missing(cx: &Cx<'_>, page: &FileDelta, words: &[&str]) -> Option<String> {
    match words {
        ["npm" | "pnpm", "run", script, ..] => {
            absent(recipes::scripts(cx)?, script, "no package.json has a script")
        }
        ["make", rest @ ..] => {
            let is_plain = rest.iter().all(|word| !word.starts_with('-'));
            let targets: Vec<&&str> = rest.iter().filter(|word| !word.contains('=')).collect();
            let known = recipes::targets(cx).filter(|_| is_plain)?;
            targets
                .iter()
                .find_map(|target| absent(known.clone(), target, "no Makefile has a target"))
        }
        ["just", recipe, ..] => absent(recipes::recipes(cx)?, recipe, "no justfile has a recipe"),
        ["cargo", "run", rest @ ..] => {
            let at = rest.iter().position(|word| *word == "--bin")?;
            // Arguments of the program itself come after this.
            let end = rest.iter().position(|word| *word == "--").unwrap_or(rest.len());
            let program = rest.get(at + 1).filter(|_| at < end)?;
            absent(recipes::programs(cx)?, program, "no crate has a program")
        }
        ["python" | "python3", "-m", module, ..] => module_absent(cx, module),
        [script, ..] => script_absent(cx, page, script),
        [] => None,
    }
}

fn absent(known: BTreeSet<String>, name: &str, what: &str) -> Option<String> {
    (is_name(name) && !known.contains(name)).then(|| format!("{what} `{name}`"))
}

/// Whether a word is meant as it stands, and does not stand for another.
fn is_name(word: &str) -> bool {
    let is_part = |c: char| c.is_ascii_alphanumeric() || "-_.:/".contains(c);
    word.starts_with(|c: char| c.is_ascii_alphanumeric())
        && word.chars().all(is_part)
        && !["your", "my-", "my_", "example", "path/to", "foo", "xxx", "..."]
            .iter()
            .any(|sign| word.to_ascii_lowercase().contains(sign))
}

/// A module of a package that the tree has, and that it has not. Other packages are none of its business.
fn module_absent(cx: &Cx<'_>, module: &str) -> Option<String> {
    let parts: Vec<&str> = module.split('.').collect();
    let (first, rest) = parts.split_first()?;
    let package = cx.layout.own_files().find_map(|path| {
        let dir = path.strip_suffix("/__init__.py")?;
        (dir == *first || dir.strip_suffix(*first) == Some("src/")).then(|| dir.to_owned())
    })?;
    if !is_name(module) || rest.is_empty() {
        return None;
    }
    let path = join(&package, &rest.join("/"));
    let has = |ending: &str| cx.layout.has(&format!("{path}{ending}"));
    let is_there = has(".py") || has("/__main__.py") || has("/__init__.py");
    (!is_there).then(|| format!("package `{first}` has no module `{module}`"))
}

/// A script that is run by its path, from the root or from the directory of the page.
fn script_absent(cx: &Cx<'_>, page: &FileDelta, script: &str) -> Option<String> {
    let path = script.strip_prefix("./")?;
    let is_script = SCRIPTS.iter().any(|ending| path.ends_with(ending));
    let is_made = path.split('/').any(|part| MADE_DIRS.contains(&part));
    if !is_script || is_made || !is_name(path) || path.contains("..") {
        return None;
    }
    let is_there = cx.layout.has(path) || cx.layout.has(&join(parent(&page.path), path));
    (!is_there).then(|| format!("there is no script `{path}`"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_line_is_cut_into_commands_without_their_assignments() {
        assert_eq!(
            simple_commands("CI=1 npm run a && make b c; ./d.sh | cat # x"),
            [vec!["npm", "run", "a"], vec!["make", "b", "c"], vec!["./d.sh"], vec!["cat"]]
        );
        assert_eq!(simple_commands("echo \"a && make x\""), [vec!["echo"]]);
    }

    #[test]
    fn commands_that_go_elsewhere_or_make_files_end_the_block() {
        for line in ["cd web", "git clone x", "cargo new a", "npm init", "echo a > b", "mkdir x"] {
            assert!(leaves(&words(line)), "{line}");
        }
        for line in ["npm run build", "make", "./x.sh --new"] {
            assert!(!leaves(&words(line)), "{line}");
        }
    }

    #[test]
    fn words_that_stand_for_others_are_no_names() {
        for word in ["<name>", "$X", "your-script", "path/to/x.sh", "[a]", "-v", "*.sh"] {
            assert!(!is_name(word), "{word}");
        }
        assert!(is_name("build:prod") && is_name("test-all"));
    }

    proptest! {
        #[test]
        fn any_line_is_read_without_panic(line in "(\\PC|&&|;|\\$ |=){0,60}") {
            for words in simple_commands(&line) {
                let _ = leaves(&words);
            }
        }
    }
}
