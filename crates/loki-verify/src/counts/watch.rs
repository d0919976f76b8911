//! What loki's plugin for pytest saw: one JSON object a line.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::CASES_MAX;

/// pytest's exit code for failed tests.
const STATUS_FAILED: i64 = 1;

/// One line.
#[derive(Deserialize)]
#[serde(tag = "event", rename_all = "lowercase")]
enum Event {
    Setup(Place),
    Body(Place),
    Call(Place),
    Teardown(Place),
    Deselected(Place),
    End { status: i64, patched: Vec<String> },
}

/// One test, and the exception that it ended with.
#[derive(Deserialize)]
pub(crate) struct Place {
    /// Its node id.
    pub(crate) id: String,
    /// Its file.
    pub(crate) file: String,
    raised: Option<String>,
}

/// What was seen. All of it is untrusted: code under test runs in the same process.
#[derive(Debug, Default)]
pub(crate) struct Watched {
    tests: BTreeMap<String, Attempt>,
    /// Tests that were collected and not run, by id.
    pub(crate) deselected: BTreeSet<String>,
    /// Whether there were more of them than are kept.
    pub(crate) is_cut: bool,
    /// Functions that were replaced.
    pub(crate) patched: BTreeSet<String>,
    /// Whether it watched to the end.
    pub(crate) has_ended: bool,
    /// Whether tests had failed before hooks of the end were called.
    pub(crate) had_failed: bool,
}

/// The last time that one test was run: a plugin may run it again.
#[derive(Debug, Default)]
struct Attempt {
    setup: Option<String>,
    /// Nothing before the body of the test was run.
    body: Option<Option<String>>,
    call: Option<String>,
    teardown: Option<String>,
}

impl Watched {
    /// Reads what was seen. `name` gives the id of a test; lines that do not read are skipped.
    pub(crate) fn read(text: &str, name: &dyn Fn(&Place) -> String) -> Watched {
        let mut watched = Watched::default();
        for event in text.lines().filter_map(|line| serde_json::from_str(line).ok()) {
            watched.take(event, name);
        }
        watched
    }

    fn take(&mut self, event: Event, name: &dyn Fn(&Place) -> String) {
        match event {
            Event::End { status, patched } => {
                self.has_ended = true;
                self.had_failed |= status == STATUS_FAILED;
                self.patched.extend(patched);
            }
            Event::Deselected(place) if self.deselected.len() < CASES_MAX => {
                self.deselected.insert(name(&place));
            }
            Event::Deselected(_) => self.is_cut = true,
            Event::Setup(place) => {
                let setup = place.raised.clone();
                if self.tests.len() < CASES_MAX {
                    self.tests.insert(name(&place), Attempt { setup, ..Attempt::default() });
                }
            }
            Event::Body(place) => self.test(&place, name, |test, raised| test.body = Some(raised)),
            Event::Call(place) => self.test(&place, name, |test, raised| test.call = raised),
            Event::Teardown(place) => {
                self.test(&place, name, |test, raised| test.teardown = raised);
            }
        }
    }

    fn test(
        &mut self,
        place: &Place,
        name: &dyn Fn(&Place) -> String,
        set: impl FnOnce(&mut Attempt, Option<String>),
    ) {
        if let Some(test) = self.tests.get_mut(&name(place)) {
            set(test, place.raised.clone());
        }
    }

    /// What the last run of a test ended with, if that was an exception.
    pub(crate) fn raised(&self, id: &str) -> Option<&str> {
        self.tests.get(id).and_then(Attempt::raised)
    }

    /// Every test whose last run ended with an exception, and with which.
    pub(crate) fn all_raised(&self) -> impl Iterator<Item = (&str, &str)> {
        self.tests.iter().filter_map(|(id, test)| Some((id.as_str(), test.raised()?)))
    }
}

impl Attempt {
    fn raised(&self) -> Option<&str> {
        let body = self.body.as_ref().unwrap_or(&self.call);
        [&self.setup, body, &self.teardown].into_iter().find_map(Option::as_deref)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(lines: &[(&str, &str, Option<&str>)]) -> Watched {
        let lines: Vec<String> = lines
            .iter()
            .map(|(event, id, raised)| {
                serde_json::json!({"event": event, "id": id, "file": "f", "raised": raised})
                    .to_string()
            })
            .collect();
        Watched::read(&lines.join("\n"), &|place| place.id.clone())
    }

    #[test]
    fn the_body_of_a_test_counts_and_not_what_was_made_of_it() {
        let error = Some("AssertionError");
        let watched = read(&[
            ("setup", "a", None),
            ("body", "a", error),
            ("call", "a", None),
            ("teardown", "a", None),
        ]);
        assert_eq!(watched.raised("a"), error);
    }

    #[test]
    fn the_last_attempt_counts() {
        let error = Some("OSError");
        let again = read(&[
            ("setup", "a", None),
            ("body", "a", error),
            ("call", "a", error),
            ("setup", "a", None),
            ("body", "a", None),
            ("call", "a", None),
        ]);
        assert_eq!(again.raised("a"), None);
        // One that is run again before its report is made.
        let within = read(&[
            ("setup", "a", None),
            ("body", "a", error),
            ("call", "a", error),
            ("body", "a", None),
        ]);
        assert_eq!(within.raised("a"), None);
    }

    #[test]
    fn the_end_tells_what_was_replaced() {
        let watched = Watched::read(
            "x\n{\"event\":\"end\",\"status\":1,\"patched\":[\"builtins.len\"]}",
            &|place| place.id.clone(),
        );
        assert!(
            watched.has_ended && watched.had_failed && watched.patched.contains("builtins.len")
        );
    }

    proptest! {
        #[test]
        fn any_lines_are_read_without_panic(
            lines in proptest::collection::vec(
                ("(setup|body|call|teardown|deselected|end|x)", "[ab]", proptest::option::of("E")), 0..20),
        ) {
            let lines: Vec<(&str, &str, Option<&str>)> =
                lines.iter().map(|(event, id, raised)| (&**event, &**id, raised.as_deref())).collect();
            let watched = read(&lines);
            prop_assert!(watched.all_raised().count() <= 2);
        }
    }
}
