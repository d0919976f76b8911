//! The event stream of `go test -json`.

use std::collections::BTreeMap;

use loki_model::Exit;
use serde::Deserialize;

use super::{CaseEnd, FAILURE_TEXT_BYTES_MAX, Failure, Tally};
use crate::bench::unfinished;

/// Tests of one run that are told apart; a larger run is doubted.
const TESTS_MAX: usize = 200_000;

/// Reads one run's standard output, line by line.
///
/// Every test and subtest counts. A test counts only between its own `run` and its own ending, a
/// package only when it ended. A test that began and did not end counts as failed. A package that
/// does not build is one failure.
#[derive(Debug, Default)]
pub(crate) struct Run {
    tests: BTreeMap<(String, String), State>,
    packages: BTreeMap<String, Package>,
    builds: BTreeMap<String, String>,
    tally: Tally,
}

#[derive(Debug, Default)]
struct State {
    ended: Option<Ending>,
    said: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ending {
    Pass,
    Fail,
    Skip,
}

#[derive(Debug, Default)]
struct Package {
    ended: Option<Ending>,
    broken_build: Option<String>,
    said: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Event {
    action: String,
    package: Option<String>,
    import_path: Option<String>,
    test: Option<String>,
    output: Option<String>,
    failed_build: Option<String>,
}

impl Run {
    /// Takes one line without its newline.
    pub(crate) fn line(&mut self, line: &[u8]) {
        let Ok(event) = serde_json::from_slice::<Event>(line) else { return };
        match (event.action.as_str(), event.package, event.test) {
            ("build-output", _, _) => {
                let said = self.builds.entry(event.import_path.unwrap_or_default()).or_default();
                say(said, event.output.as_deref());
            }
            (action, Some(package), Some(test)) => {
                self.test(action, (package, test), event.output.as_deref());
            }
            (action, Some(package), None) => {
                let entry = self.packages.entry(package).or_default();
                entry.ended = ending(action).or(entry.ended);
                entry.broken_build = event.failed_build.or(entry.broken_build.take());
                say(&mut entry.said, event.output.as_deref());
            }
            _ => {}
        }
    }

    fn test(&mut self, action: &str, key: (String, String), output: Option<&str>) {
        if action == "run" {
            if self.tests.len() >= TESTS_MAX {
                self.tally.doubted("it ran more tests than can be told apart");
            } else if self
                .tests
                .insert(key, State::default())
                .is_some_and(|old| old.ended.is_none())
            {
                self.tally.doubted("it began one test twice");
            }
            return;
        }
        let Some(state) = self.tests.get_mut(&key) else {
            if ending(action).is_some() {
                self.tally.doubted("it ended a test that it never began");
            }
            return;
        };
        say(&mut state.said, output);
        if let Some(ending) = ending(action)
            && state.ended.replace(ending).is_some()
        {
            self.tally.doubted("it ended one test twice");
        }
    }

    /// What was counted, after the command ended.
    ///
    /// Tests that were still running when the command ended by itself count as failed.
    pub(crate) fn finish(mut self, exit: Exit) -> Tally {
        let was_ended = unfinished(exit).is_some();
        for ((package, test), state) in &self.tests {
            let name = format!("{package}.{test}");
            match state.ended {
                Some(Ending::Pass) => self.tally.ended(&name, None, CaseEnd::Passed),
                Some(Ending::Skip) => self.tally.ended(&name, None, CaseEnd::Skipped),
                Some(Ending::Fail) if has_failed_child(&self.tests, package, test) => {
                    // Counted, but its subtest tells the story.
                    self.tally.ended(&name, None, CaseEnd::Failed);
                }
                None if was_ended => self.tally.doubted("a test did not end"),
                Some(Ending::Fail) | None => {
                    let text = state.said.clone();
                    self.tally.failed(Failure { name, text, file: None, line: None });
                }
            }
        }
        self.packages(exit);
        self.tally
    }

    fn packages(&mut self, exit: Exit) {
        for (name, package) in &self.packages {
            match package.ended {
                None => self.tally.doubted(format!("package `{name}` did not end")),
                Some(Ending::Fail) => {
                    if let Some(build) = &package.broken_build {
                        let text = self.builds.get(build).cloned().unwrap_or_default();
                        let name = format!("{name} (does not build)");
                        self.tally.failed(Failure { name, text, file: None, line: None });
                    } else if self.tally.counts.failed == 0 {
                        let (name, text) = (name.clone(), package.said.clone());
                        self.tally.failed(Failure { name, text, file: None, line: None });
                    }
                }
                Some(Ending::Pass | Ending::Skip) => {}
            }
        }
        if (exit == (Exit::Exited { code: 0 })) != (self.tally.counts.failed == 0) {
            self.tally.doubted("its events and its exit code contradict each other");
        }
    }
}

fn has_failed_child(tests: &BTreeMap<(String, String), State>, package: &str, test: &str) -> bool {
    let prefix = format!("{test}/");
    let from = (package.to_owned(), prefix.clone());
    tests
        .range(from..)
        .take_while(|((p, t), _)| p == package && t.starts_with(&prefix))
        .any(|(_, state)| state.ended == Some(Ending::Fail))
}

fn ending(action: &str) -> Option<Ending> {
    match action {
        "pass" => Some(Ending::Pass),
        "fail" => Some(Ending::Fail),
        "skip" => Some(Ending::Skip),
        _ => None,
    }
}

fn say(said: &mut String, output: Option<&str>) {
    if let Some(output) = output
        && said.len() < FAILURE_TEXT_BYTES_MAX
    {
        said.push_str(&crate::text::clip(output, FAILURE_TEXT_BYTES_MAX));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use loki_model::TestCounts;
    use proptest::prelude::*;

    fn run(lines: &str, code: i32) -> Tally {
        let mut run = Run::default();
        lines.lines().for_each(|line| run.line(line.trim().as_bytes()));
        run.finish(Exit::Exited { code })
    }

    #[test]
    fn tests_and_subtests_count_each_and_the_innermost_tells() {
        let tally = run(
            r#"{"Action":"start","Package":"p"}
            {"Action":"run","Package":"p","Test":"TestA"}
            {"Action":"run","Package":"p","Test":"TestA/sub"}
            {"Action":"output","Package":"p","Test":"TestA/sub","Output":"    a_test.go:4: boo\n"}
            {"Action":"fail","Package":"p","Test":"TestA/sub"}
            {"Action":"fail","Package":"p","Test":"TestA"}
            {"Action":"run","Package":"p","Test":"TestS"}
            {"Action":"skip","Package":"p","Test":"TestS"}
            {"Action":"fail","Package":"p"}"#,
            1,
        );
        assert_eq!(tally.counts, TestCounts { passed: 0, failed: 2, skipped: 1 });
        let ids: Vec<&str> = tally.cases.iter().map(|case| case.id.as_str()).collect();
        assert_eq!(ids, ["p.TestA", "p.TestA/sub", "p.TestS"]);
        assert_eq!(tally.failures.len(), 1);
        assert!(tally.failures[0].text.contains("a_test.go:4"));
        assert_eq!(tally.doubt, None);
    }

    #[test]
    fn a_package_that_does_not_build_is_a_failure() {
        let tally = run(
            r#"{"ImportPath":"p [p.test]","Action":"build-output","Output":"./b.go:2:13: cannot use\n"}
            {"ImportPath":"p [p.test]","Action":"build-fail"}
            {"Action":"start","Package":"p"}
            {"Action":"fail","Package":"p","FailedBuild":"p [p.test]"}"#,
            1,
        );
        assert_eq!(tally.counts.failed, 1);
        assert!(tally.failures[0].text.contains("b.go:2"));
    }

    #[test]
    fn a_test_that_never_ended_counts_as_failed() {
        let tally = run(
            r#"{"Action":"run","Package":"p","Test":"TestA"}
            {"Action":"fail","Package":"p"}"#,
            1,
        );
        assert_eq!(tally.counts.failed, 1);
    }

    #[test]
    fn forged_and_cut_off_streams_are_doubted() {
        for (lines, exit) in [
            (r#"{"Action":"pass","Package":"p","Test":"TestForged"}"#, 0),
            (r#"{"Action":"start","Package":"p"}"#, 0),
            (
                "{\"Action\":\"run\",\"Package\":\"p\",\"Test\":\"T\"}\n{\"Action\":\"pass\",\"Package\":\"p\",\"Test\":\"T\"}\n{\"Action\":\"pass\",\"Package\":\"p\"}",
                1,
            ),
        ] {
            assert!(run(lines, exit).doubt.is_some(), "{lines}");
        }
    }

    proptest! {
        #[test]
        fn any_stream_is_read_without_panic(
            events in proptest::collection::vec(
                ("(run|pass|fail|skip|output|start|build-output|x)", "[ab]?", "[AB/]{0,3}"), 0..30),
        ) {
            let lines: Vec<String> = events.iter().map(|(action, package, test)| {
                serde_json::json!({"Action": action, "Package": package, "Test": test}).to_string()
            }).collect();
            let tally = run(&lines.join("\n"), 0);
            prop_assert!(tally.failures.len() as u64 <= tally.counts.failed);
        }
    }
}
