//! Flags that the message of a change says it brings, and no code has.

use loki_model::{ChangeKind, Severity};

use super::{Asked, Texts, has_flag, listed, was_there};
use crate::claim::Claim;
use crate::delta::Delta;
use crate::gates::Cx;
use crate::gates::rule::{Found, Rule};

/// Something that is said to be there is nowhere.
pub(in crate::gates::substance) const RULE: Rule = Rule {
    id: "substance/promised-and-missing",
    severity: Severity::Warning,
    what: "The message says that the change brings a flag, and neither code nor settings have it.",
    why: "What is announced and is nowhere was not done.",
    example: "Add a --json option        # and only README.md is another",
    fix: "Do it, or say what the change does.",
    look,
};

/// Words with which a message says that something comes.
const BRINGS: &[&str] = &[
    "add",
    "adds",
    "added",
    "support",
    "supports",
    "introduce",
    "introduces",
    "implement",
    "implements",
    "accept",
    "accepts",
    "new",
    "offer",
    "offers",
    "print",
    "prints",
    "show",
    "shows",
    "with",
];

/// Words of messages about what was wrong, which name flags of whoever found it.
const CORRECTS: &[&str] =
    &["fix", "fixes", "fixed", "fixing", "bug", "docs", "doc", "document", "typo", "remove"];

fn look(cx: &Cx<'_>, delta: &Delta, found: &mut Found) {
    let flags = promised(cx);
    let Some(place) = delta.files.iter().find(|file| file.change != ChangeKind::Deleted) else {
        return;
    };
    if flags.is_empty() {
        return;
    }
    let texts = Texts::of(cx, delta);
    let mut missing: Vec<String> = flags;
    missing.retain(|flag| {
        !has_flag(&texts.code, flag) && !has_flag(&texts.tests, flag) && !was_there(delta, flag)
    });
    missing.dedup();
    if !missing.is_empty() {
        let message =
            format!("the message says that {} comes, and no code has it", listed(&missing));
        found.add(RULE.of(&place.path, message));
    }
}

/// The flags that the messages of the change say it brings.
pub(in crate::gates::substance) fn promised(cx: &Cx<'_>) -> Vec<String> {
    if cx.claim() != Claim::Behaviour {
        return Vec::new();
    }
    let subjects = cx.subject.messages.iter().filter_map(|message| message.lines().next());
    subjects.filter(|line| brings(line)).flat_map(flags).collect()
}

/// Whether a line says that something comes.
fn brings(line: &str) -> bool {
    let line = line.to_lowercase();
    let words: Vec<&str> =
        line.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    words.iter().any(|word| BRINGS.contains(word))
        && !words.iter().any(|word| CORRECTS.contains(word))
}

/// The flags in a line, in code or not.
fn flags(line: &str) -> Vec<String> {
    Asked::of(&format!("`{}`", line.replace('`', " "))).flags.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_are_those_that_a_message_says_it_brings() {
        assert!(brings("Add a --json option") && brings("Print pounds with --pounds"));
        assert!(!brings("Fix a crash with --work-tree") && !brings("Drop --json"));
        assert_eq!(flags("Add `--json` and --dry-run, not --help"), ["--dry-run", "--json"]);
        assert!(flags("Well -- never mind").is_empty());
    }
}
