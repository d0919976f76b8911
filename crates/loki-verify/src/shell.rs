//! Command lines of scripts, read far enough to tell which program runs and whether anybody hears of
//! its failure. Nothing is expanded and nothing is run.

mod linter;
mod runner;

pub(crate) use linter::demands;
pub(crate) use runner::{Purpose, Runner, is_task, limits, runner};

/// Steps that are read of one script.
const STEPS_MAX: usize = 500;

/// One simple command.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Step {
    /// Variables that are set for it alone.
    pub(crate) env: Vec<(String, String)>,
    /// The program and its arguments, quotes taken off.
    pub(crate) words: Vec<String>,
    /// What stands between it and the next one.
    joint: Joint,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Joint {
    #[default]
    End,
    And,
    Or,
    Then,
    Pipe,
    Background,
}

impl Step {
    /// The program.
    pub(crate) fn program(&self) -> &str {
        self.words.first().map_or("", String::as_str)
    }

    /// The whole command in one line.
    pub(crate) fn text(&self) -> String {
        self.words.join(" ")
    }

    /// Whether it can not fail.
    fn always_succeeds(&self) -> bool {
        match self.program() {
            "true" | ":" | "/bin/true" | "/usr/bin/true" | "echo" | "printf" => true,
            "exit" | "return" => self.words.get(1).is_some_and(|code| code == "0"),
            _ => false,
        }
    }

    /// Whether it does nothing but say something.
    pub(crate) fn does_nothing(&self) -> bool {
        self.always_succeeds() || self.words.is_empty()
    }
}

/// The simple commands of a script, in order.
pub(crate) fn steps(script: &str) -> Vec<Step> {
    let mut reading = Reading::default();
    let mut chars = script.chars().peekable();
    while let Some(c) = chars.next() {
        match (reading.quote, c) {
            (Some(open), c) if c == open => reading.quote = None,
            (Some('"') | None, '\\') => match chars.next() {
                Some('\n') | None => {}
                Some(next) => reading.push(next),
            },
            (Some(_), c) => reading.push(c),
            (None, '"' | '\'' | '`') => {
                reading.quote = Some(c);
                reading.word.get_or_insert_default();
            }
            (None, '#') if reading.word.is_none() => {
                while chars.next_if(|c| *c != '\n').is_some() {}
            }
            (None, '&') if chars.next_if_eq(&'&').is_some() => reading.end(Joint::And),
            (None, '|') if chars.next_if_eq(&'|').is_some() => reading.end(Joint::Or),
            (None, '|') => {
                chars.next_if_eq(&'&');
                reading.end(Joint::Pipe);
            }
            // `2>&1` and `&>file` are no ends.
            (None, '&')
                if reading.word.as_ref().is_some_and(|word| word.ends_with('>'))
                    || chars.peek() == Some(&'>') =>
            {
                reading.push(c);
            }
            (None, '&') => reading.end(Joint::Background),
            (None, ';' | '\n') => reading.end(Joint::Then),
            (None, '(' | ')') if reading.word.is_none() => reading.word_end(),
            (None, ')') => reading.word_end(),
            (None, c) if c.is_whitespace() => reading.word_end(),
            (None, c) => reading.push(c),
        }
        if reading.steps.len() >= STEPS_MAX {
            break;
        }
    }
    reading.end(Joint::End);
    reading.steps
}

#[derive(Default)]
struct Reading {
    steps: Vec<Step>,
    step: Step,
    word: Option<String>,
    quote: Option<char>,
}

impl Reading {
    fn push(&mut self, c: char) {
        self.word.get_or_insert_default().push(c);
    }

    fn word_end(&mut self) {
        let Some(word) = self.word.take() else { return };
        let is_first = self.step.words.is_empty();
        let assigned = word.split_once('=').filter(|(name, _)| is_first && is_variable(name));
        match assigned {
            Some((name, value)) => self.step.env.push((name.to_owned(), value.to_owned())),
            // Words of the shell's grammar are no programs.
            None if is_first && is_grammar(&word) => {}
            None => self.step.words.push(word),
        }
    }

    fn end(&mut self, joint: Joint) {
        self.word_end();
        let step = std::mem::take(&mut self.step);
        if step.words.is_empty() && step.env.is_empty() {
            // `fi || true` hangs on what came before.
            let hangs_on = !matches!(joint, Joint::Then | Joint::End);
            if let (Some(last), true) = (self.steps.last_mut(), hangs_on) {
                last.joint = joint;
            }
            return;
        }
        self.steps.push(Step { joint, ..step });
    }
}

fn is_variable(name: &str) -> bool {
    let mut chars = name.chars();
    chars.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && chars.all(|c| c.is_ascii_alphanumeric() || c == '_')
}

fn is_grammar(word: &str) -> bool {
    matches!(
        word,
        "{" | "}"
            | "if"
            | "then"
            | "else"
            | "elif"
            | "fi"
            | "do"
            | "done"
            | "while"
            | "until"
            | "!"
            | "time"
            | "exec"
            | "command"
            | "esac"
    )
}

/// How the failure of the step at `index` is kept from whoever started the script; nothing when it
/// is not. With `errexit` the script ends at the first failure by itself.
pub(crate) fn swallowed(steps: &[Step], index: usize, errexit: bool) -> Option<String> {
    let mut at = index;
    let mut joint = steps.get(at)?.joint;
    while joint == Joint::And {
        at += 1;
        joint = steps.get(at)?.joint;
    }
    let next = steps.get(at + 1);
    match joint {
        Joint::Or => next.filter(|next| next.always_succeeds()).map(or_else),
        Joint::Pipe => next
            .filter(|next| matches!(next.program(), "true" | ":" | "cat"))
            .filter(|_| !steps.iter().any(|step| step.text().contains("pipefail")))
            .map(|next| format!("| {}", next.text())),
        Joint::Background => {
            let waits = steps.iter().skip(index).any(|step| step.program() == "wait");
            (!waits && next.is_none()).then(|| "&".to_owned())
        }
        Joint::Then if !errexit => {
            let last = steps.last().filter(|last| last.always_succeeds())?;
            (!sets_errexit(&steps[..index])).then(|| format!("; {}", last.text()))
        }
        _ => None,
    }
}

fn or_else(next: &Step) -> String {
    format!("|| {}", next.text())
}

/// Whether the script ends at a failure, after these steps of it.
pub(crate) fn sets_errexit(steps: &[Step]) -> bool {
    let mut is_set = false;
    for step in steps.iter().filter(|step| step.program() == "set") {
        for (at, word) in step.words.iter().enumerate().skip(1) {
            let named = step.words.get(at + 1).is_some_and(|name| name == "errexit");
            let is_letter = |sign| {
                word.strip_prefix(sign).is_some_and(|flags: &str| {
                    flags.contains('e') || (flags.ends_with('o') && named)
                })
            };
            if is_letter('-') {
                is_set = true;
            } else if is_letter('+') {
                is_set = false;
            }
        }
    }
    is_set
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn masked(script: &str) -> Option<String> {
        swallowed(&steps(script), 0, false)
    }

    #[test]
    fn a_failure_that_nobody_hears_of_is_told() {
        for (script, expected) in [
            ("pytest || true", Some("|| true")),
            ("a && b || :", Some("|| :")),
            ("a; exit 0", Some("; exit 0")),
            ("a ; b ; echo done", Some("; echo done")),
            ("(a) || exit 0", Some("|| exit 0")),
            ("a | cat", Some("| cat")),
            ("a &", Some("&")),
            ("a || exit 1", None),
            ("a || b", None),
            ("a && echo ok", None),
            ("a 2>&1", None),
            ("a 'x || true'", None),
            ("a # || true", None),
            ("a; b", None),
            ("a & wait", None),
        ] {
            assert_eq!(masked(script).as_deref(), expected, "{script}");
        }
    }

    #[test]
    fn a_script_may_end_at_the_first_failure() {
        assert!(sets_errexit(&steps("set -euo pipefail")));
        assert!(sets_errexit(&steps("set -o errexit\na")));
        assert!(!sets_errexit(&steps("set -e; set +e")));
        assert_eq!(swallowed(&steps("set -e\na\nexit 0"), 1, false), None);
    }

    #[test]
    fn words_are_split_as_a_shell_does() {
        let found = steps("A=1 b=2 x 'y z' \"q\\\"\" && w");
        assert_eq!(found[0].env, [("A".into(), "1".into()), ("b".into(), "2".into())]);
        assert_eq!(found[0].words, ["x", "y z", "q\""]);
        assert_eq!(found[1].words, ["w"]);
    }

    proptest! {
        #[test]
        fn any_script_is_read_without_panic(script in "([&|;()'\"`\\\\#\n=! ]|set -e|a|\\PC){0,60}") {
            let steps = steps(&script);
            for index in 0..=steps.len() {
                let _ = swallowed(&steps, index, index % 2 == 0);
            }
            for step in &steps {
                let _ = runner(step);
            }
        }
    }
}
