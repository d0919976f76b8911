//! The text that `cargo test --doc` prints: there is no machine format on a stable toolchain.

use super::{CaseEnd, Failure, Tally};

/// Reads the summary lines of doc tests, line by line.
///
/// Counts come from `test result:` lines and have to agree with the `running N tests` lines before
/// them. Examples run as processes whose output is captured, so that these lines are rustdoc's own.
#[derive(Debug, Default)]
pub(crate) struct Report {
    announced: u64,
    tally: Tally,
    failed: Vec<String>,
}

impl Report {
    /// Takes one line without its newline.
    pub(crate) fn line(&mut self, line: &[u8]) {
        let line = String::from_utf8_lossy(line);
        if let Some(rest) = line.strip_prefix("running ") {
            let number = rest.strip_suffix(" tests").or_else(|| rest.strip_suffix(" test"));
            self.announced += number.and_then(|n| n.parse::<u64>().ok()).unwrap_or(0);
        } else if let Some(rest) = line.strip_prefix("test result: ") {
            self.result(rest);
        } else if let Some((name, end)) =
            line.strip_prefix("test ").and_then(|rest| rest.rsplit_once(" ... "))
        {
            self.example(name, end);
        }
    }

    fn example(&mut self, name: &str, end: &str) {
        let ended = match end {
            "ok" => CaseEnd::Passed,
            "FAILED" => CaseEnd::Failed,
            _ if end.starts_with("ignored") => CaseEnd::Skipped,
            _ => return,
        };
        if ended == CaseEnd::Failed {
            self.failed.push(name.to_owned());
        }
        self.tally.known(&without_line(name), file_of(name), ended);
    }

    fn result(&mut self, line: &str) {
        let counted = |word: &str| {
            line.split(['.', ';'])
                .find_map(|part| part.trim().strip_suffix(word)?.trim().parse::<u64>().ok())
        };
        match (counted("passed"), counted("failed"), counted("ignored")) {
            (Some(passed), Some(failed), Some(ignored)) => {
                self.tally.counts.passed += passed;
                self.tally.counts.failed += failed;
                self.tally.counts.skipped += ignored;
            }
            _ => self.tally.doubted("a summary of its doc tests does not read"),
        }
    }

    /// What was counted, after cargo ended with `exit_code`.
    pub(crate) fn finish(mut self, exit_code: Option<i32>, text: &str) -> Tally {
        let counts = self.tally.counts;
        if counts.ran() + counts.skipped != self.announced {
            self.tally.doubted("its doc tests and their summary contradict each other");
        }
        if (exit_code == Some(0)) != (counts.failed == 0) {
            self.tally
                .doubted("the totals of its doc tests and the exit code contradict each other");
        }
        for name in self.failed.into_iter().take(super::FAILURES_MAX) {
            let text = part_of(text, &name);
            self.tally.failures.push(Failure { name, text, file: None, line: None });
        }
        self.tally
    }
}

/// The name of an example without its line, which moves when anything above it changes.
fn without_line(name: &str) -> String {
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    match name.split_once(" (line ").and_then(|(head, rest)| Some((head, rest.split_once(')')?))) {
        Some((head, (line, tail))) if is_number(line) => format!("{head}{tail}"),
        _ => name.to_owned(),
    }
}

/// The file in the name of an example.
fn file_of(name: &str) -> Option<String> {
    name.split_once(" - ").map(|(file, _)| file.to_owned())
}

/// What the report says under the headline of one example.
fn part_of(text: &str, name: &str) -> String {
    let headline = format!("---- {name} stdout ----");
    let found = text.split_once(&headline).map_or("", |(_, rest)| rest);
    let end = found.find("\n---- ").or_else(|| found.find("\nfailures:")).unwrap_or(found.len());
    crate::text::clip(found[..end].trim(), super::FAILURE_TEXT_BYTES_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use loki_model::TestCounts;
    use proptest::prelude::*;

    fn read(text: &str, exit_code: i32) -> Tally {
        let mut report = Report::default();
        text.lines().for_each(|line| report.line(line.as_bytes()));
        report.finish(Some(exit_code), text)
    }

    #[test]
    fn blocks_of_several_crates_are_summed() {
        let text = "\nrunning 1 test\ntest src/lib.rs - f (line 1) ... ok\n\ntest result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.10s\n";
        let tally = read(&text.repeat(2), 0);
        assert_eq!(tally.counts, TestCounts { passed: 2, failed: 0, skipped: 0 });
        assert_eq!(tally.doubt, None);
    }

    #[test]
    fn a_red_example_is_named_with_what_it_said() {
        let text = "running 1 test\ntest src/lib.rs - f (line 1) ... FAILED\n\nfailures:\n\n---- src/lib.rs - f (line 1) stdout ----\nTest executable failed\n\nfailures:\n    src/lib.rs - f (line 1)\n\ntest result: FAILED. 0 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out\n";
        let tally = read(text, 101);
        assert_eq!(tally.counts.failed, 1);
        assert_eq!(tally.doubt, None);
        assert_eq!(tally.failures[0].text, "Test executable failed");
        let case = &tally.cases[0];
        assert_eq!((&*case.id, case.file.as_deref()), ("src/lib.rs - f", Some("src/lib.rs")));
    }

    #[test]
    fn a_summary_without_its_tests_is_doubted() {
        let text = "test result: ok. 9 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out\n";
        assert!(read(text, 0).doubt.is_some());
    }

    #[test]
    fn examples_keep_their_ids_when_they_move() {
        let names = ["a.rs - f (line 3)", "a.rs - (line 9) - compile fail", "a.rs - f (line x)"];
        assert_eq!(
            names.map(without_line),
            ["a.rs - f", "a.rs - - compile fail", "a.rs - f (line x)"]
        );
    }

    proptest! {
        #[test]
        fn any_line_is_read_without_panic(text in "(running |test result: |test |\\PC|\n){0,60}") {
            let _ = read(&text, 0);
        }
    }
}
