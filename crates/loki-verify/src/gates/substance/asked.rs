//! What a spec names so that it can be found again word for word: flags, errors, calls, values, messages.
//!
//! Owns the reading of the spec and of the texts in which its words are looked for. Whether it matters that
//! one is missing is for the rules in `asked/`.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use loki_model::ChangeKind;
use regex::Regex;

use crate::delta::{Delta, FileDelta};
use crate::gates::Cx;
use crate::kind::{Kind, kind};
use crate::text::is_word_in;

pub(super) mod missing;
pub(super) mod promised;
mod spans;
pub(super) mod untested;

/// Items of one kind that are looked for.
const ITEMS_MAX: usize = 64;

/// Own files that are searched.
const FILES_MAX: usize = 4_000;

/// Bytes that are searched.
const BYTES_MAX: usize = 32 << 20;

/// Words of a message: less is a name.
const MESSAGE_WORDS_MIN: usize = 3;

/// What a spec names.
#[derive(Debug, Default, PartialEq, Eq)]
struct Asked {
    /// `--rest`, in code.
    flags: BTreeSet<String>,
    /// `ValueError`, in words or alone in code.
    errors: BTreeSet<String>,
    /// What stands before a bracket in code: `parse` of `parse(text)`.
    calls: BTreeSet<String>,
    /// Code with a digit in it and no space: `1234.50`.
    examples: BTreeSet<String>,
    /// Words in quotes, in code: `"deny"`.
    quoted: BTreeSet<String>,
    /// What an error says, in pieces between its places: `KEY is no number` is `is no number`.
    messages: BTreeSet<Vec<String>>,
}

/// The expressions that are looked for in a spec.
struct Forms {
    flag: Regex,
    error: Regex,
    call: Regex,
    quoted: Regex,
    says: Regex,
    place: Regex,
}

static FORMS: LazyLock<Option<Forms>> = LazyLock::new(|| {
    let form = |text: &str| Regex::new(text).ok();
    Some(Forms {
        flag: form(r"(?:^|[\s\[(|`])(--[a-z][\w-]+)")?,
        error: form(r"\b[A-Z]\w*(?:Error|Exception)\b")?,
        call: form(r"([A-Za-z_]\w*)\(")?,
        quoted: form(r#""([A-Za-z][\w-]+)""#)?,
        says: form(r"(?:\w(?:Error|Exception)|\b[Ee]rror|\b[Mm]essage|\bsays)[^\w\n]{0,3}$")?,
        place: form(r"\b[A-Z][A-Z]+\b|\b[A-Z]\b")?,
    })
});

/// Flags that libraries answer by themselves.
const OF_EVERY_PROGRAM: &[&str] = &["--help", "--version"];

impl Asked {
    /// What the text of a spec names.
    fn of(text: &str) -> Asked {
        let Some(forms) = FORMS.as_ref() else { return Asked::default() };
        let mut asked = Asked::default();
        let first = |found: regex::Captures<'_>| found.get(1).map(|one| one.as_str().to_owned());
        for span in spans::spans(text) {
            let code = span.code;
            let flags = forms.flag.captures_iter(code).filter_map(first);
            asked.flags.extend(flags.filter(|flag| !OF_EVERY_PROGRAM.contains(&flag.as_str())));
            asked.quoted.extend(forms.quoted.captures_iter(code).filter_map(first));
            if span.is_block {
                continue;
            }
            asked.calls.extend(forms.call.captures_iter(code).filter_map(first));
            let is_example = code.len() > 1
                && code.contains(|c: char| c.is_ascii_digit())
                && !code.contains(|c: char| c.is_whitespace() || matches!(c, '(' | ')' | '='));
            if is_example {
                asked.examples.insert(code.to_owned());
            }
            if let Some(alone) = forms.error.find(code)
                && alone.as_str() == code.trim_start_matches(['*', '&'])
            {
                asked.errors.insert(alone.as_str().to_owned());
            }
            let is_message = forms.says.is_match(span.before)
                && code.split_whitespace().count() >= MESSAGE_WORDS_MIN;
            if is_message {
                let pieces = forms.place.split(code).map(str::trim);
                let pieces: Vec<String> =
                    pieces.filter(|piece| piece.len() > 4).map(str::to_owned).collect();
                if !pieces.is_empty() {
                    asked.messages.insert(pieces);
                }
            }
        }
        let words = spans::without_code(text);
        asked.errors.extend(forms.error.find_iter(&words).map(|one| one.as_str().to_owned()));
        for all in [
            &mut asked.flags,
            &mut asked.errors,
            &mut asked.calls,
            &mut asked.examples,
            &mut asked.quoted,
        ] {
            while all.len() > ITEMS_MAX {
                all.pop_last();
            }
        }
        asked
    }
}

/// Where the words of a spec can stand.
struct Texts {
    /// All code of the product.
    code: String,
    /// All tests, with what they are given.
    tests: String,
    /// What the change adds to the code of the product.
    added: String,
    /// What the change adds to tests.
    added_tests: String,
}

impl Texts {
    fn of(cx: &Cx<'_>, delta: &Delta) -> Texts {
        let mut texts = Texts {
            code: String::new(),
            tests: String::new(),
            added: String::new(),
            added_tests: String::new(),
        };
        let mut room = BYTES_MAX;
        for path in cx.layout.own_files().take(FILES_MAX) {
            if matches!(kind(path), Kind::Docs | Kind::Lock | Kind::Foreign) {
                continue;
            }
            let Some(text) = cx.read(path) else { continue };
            let Some(left) = room.checked_sub(text.len()) else { break };
            room = left;
            texts.take(path, &text);
        }
        for file in &delta.files {
            let added: Vec<&str> = file.added_lines().map(|(_, line)| line).collect();
            let added = added.join("\n");
            match file.kind {
                Kind::Test | Kind::Fixture => push(&mut texts.added_tests, &added),
                Kind::Docs | Kind::Lock | Kind::Foreign => {}
                _ => {
                    push(&mut texts.added, &added);
                    if is_any_added_in_tests(file) {
                        push(&mut texts.added_tests, &added);
                    }
                }
            }
        }
        texts
    }

    fn take(&mut self, path: &str, text: &str) {
        match kind(path) {
            Kind::Test | Kind::Fixture => push(&mut self.tests, text),
            _ => {
                push(&mut self.code, text);
                if let Some((_, tests)) = text.split_once(TESTS_IN_RUST) {
                    push(&mut self.tests, tests);
                }
            }
        }
    }
}

/// What begins the tests within a file of Rust.
const TESTS_IN_RUST: &str = "#[cfg(test)]";

fn push(all: &mut String, text: &str) {
    all.push_str(text);
    all.push('\n');
}

fn is_any_added_in_tests(file: &FileDelta) -> bool {
    let after = file.after.as_deref().unwrap_or_default();
    let Some((before, _)) = after.split_once(TESTS_IN_RUST) else { return false };
    let first = u32::try_from(before.lines().count()).unwrap_or(u32::MAX);
    file.is_any_added(first, u32::MAX)
}

/// The spec's words and the texts, where there is a spec that names anything, and a change of code; with a
/// file of that code.
fn both<'a>(cx: &Cx<'_>, delta: &'a Delta) -> Option<(Asked, Texts, &'a str)> {
    let spec = cx.subject.spec?;
    let first = delta.of(Kind::Source).find(|file| file.change != ChangeKind::Deleted)?;
    let asked = Asked::of(&spec.text);
    (asked != Asked::default()).then(|| (asked, Texts::of(cx, delta), first.path.as_str()))
}

/// Whether the base's version of what the change touches has a word: then it may have been taken out.
fn was_there(delta: &Delta, word: &str) -> bool {
    let texts = delta.files.iter().filter(|file| file.kind != Kind::Docs);
    texts.filter_map(|file| file.before.as_deref()).any(|text| is_word_in(text, word))
}

/// Whether code has a flag, by itself or by the name under which its value is read.
fn has_flag(code: &str, flag: &str) -> bool {
    let bare = flag.trim_start_matches('-');
    is_word_in(code, flag)
        || is_word_in(code, &bare.replace('-', "_"))
        || code.contains(&format!("\"{bare}\""))
        || code.contains(&format!("'{bare}'"))
}

/// Some of them, for a sentence.
fn listed(items: &[String]) -> String {
    const SHOWN_MAX: usize = 4;
    let shown: Vec<String> = items.iter().take(SHOWN_MAX).map(|item| format!("`{item}`")).collect();
    let more = items.len().saturating_sub(SHOWN_MAX);
    let rest = if more == 0 { String::new() } else { format!(" and {more} more") };
    format!("{}{rest}", shown.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPEC: &str = "# A command\n\n`plan FILE` prints faults. `main(arguments)` returns the status.\n\n\
        - `--rest HOURS` is the rest, `--help` and `--version` say more; `money` writes two decimals (`1234.5` becomes `1234.50`).\n\
        - a value that is no number is a TemplateError `KEY is no number`;\n\
        - `{ rule: \"deny\" }` for the first that matches; what can not be read is a `*ParseError`.\n\n\
        `lenient(text) -> Vec<NoteError>` stays.\n\n    plan --json FILE\n";

    #[test]
    fn a_spec_names_what_can_be_found_again() {
        let all = |items: &BTreeSet<String>| items.iter().cloned().collect::<Vec<_>>();
        let asked = Asked::of(SPEC);
        assert_eq!(all(&asked.flags), ["--json", "--rest"]);
        assert_eq!(all(&asked.errors), ["ParseError", "TemplateError"]);
        assert_eq!(all(&asked.calls), ["lenient", "main"]);
        assert_eq!(all(&asked.examples), ["1234.5", "1234.50"]);
        assert_eq!(all(&asked.quoted), ["deny"]);
        assert_eq!(asked.messages.into_iter().collect::<Vec<_>>(), [["is no number"]]);
        assert_eq!(Asked::of("Make it faster, please."), Asked::default());
    }

    #[test]
    fn a_flag_can_stand_under_the_name_of_its_value() {
        for code in ["add_argument(\"--dry-run\")", "args.dry_run", "flag.Bool(\"dry-run\", false)"]
        {
            assert!(has_flag(code, "--dry-run"), "{code}");
        }
        assert!(!has_flag("--dry-runs dry", "--dry-run"));
    }
}
