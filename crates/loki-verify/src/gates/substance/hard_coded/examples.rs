//! The values that tests give and expect, to be found by value.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::delta::Delta;
use crate::gates::Cx;
use crate::kind::Kind;
use crate::suite::Side;

/// The literals of each test that the change brings or alters, those within sources included.
#[derive(Default)]
pub(super) struct Examples {
    /// Which tests have a value, in their order.
    by_value: BTreeMap<String, Vec<usize>>,
    /// Which values have a word, so that not all of them are searched for a part.
    by_word: HashMap<String, Vec<String>>,
}

impl Examples {
    pub(super) fn of(cx: &Cx<'_>, delta: &Delta) -> Examples {
        let files =
            delta.files.iter().filter(|file| matches!(file.kind, Kind::Test | Kind::Source));
        let sources = files
            .filter_map(|file| Some((file, cx.trees(delta).of_file(&file.path, Side::After)?)));
        let tests = sources.flat_map(|(file, source)| {
            let tests = source.tests().iter().filter(|test| {
                let (first, last) = test.lines;
                file.is_any_added(first, last)
            });
            tests.map(|test| test.literals.clone()).collect::<Vec<_>>()
        });
        Examples::from(tests.collect::<Vec<_>>())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.by_value.is_empty()
    }

    /// The tests that have the value by itself, and those that have it as a part of a longer one too where
    /// `in_parts` is asked for.
    pub(super) fn tests_with(&self, value: &str, in_parts: bool) -> BTreeSet<usize> {
        let mut tests: BTreeSet<usize> = self.with(value).collect();
        if in_parts {
            tests.extend(self.longer(value).flat_map(|longer| self.with(longer)));
        }
        tests
    }

    /// Whether a test has the value by itself.
    pub(super) fn have(&self, value: &str) -> bool {
        self.by_value.contains_key(value)
    }

    /// Whether a test has the value, by itself or as a part of a longer one.
    pub(super) fn have_in_parts(&self, value: &str) -> bool {
        self.have(value) || self.longer(value).next().is_some()
    }

    fn with(&self, value: &str) -> impl Iterator<Item = usize> {
        self.by_value.get(value).into_iter().flatten().copied()
    }

    /// Values of which this one is a part, no word of them cut.
    fn longer<'a>(&'a self, value: &'a str) -> Box<dyn Iterator<Item = &'a String> + 'a> {
        // Every word of a part that cuts none is a word of the whole: the rarest leaves the fewest.
        let rarest = words(value)
            .map(|word| self.by_word.get(word).map_or(&[] as &[String], Vec::as_slice))
            .min_by_key(|having| having.len());
        match rarest {
            Some(having) => Box::new(having.iter().filter(move |text| is_part(text, value))),
            None => Box::new(self.by_value.keys().filter(move |text| is_part(text, value))),
        }
    }
}

impl From<Vec<BTreeSet<String>>> for Examples {
    fn from(tests: Vec<BTreeSet<String>>) -> Examples {
        let mut examples = Examples::default();
        for (test, values) in tests.iter().enumerate() {
            for value in values {
                examples.by_value.entry(value.clone()).or_default().push(test);
            }
        }
        for value in examples.by_value.keys() {
            for word in words(value).collect::<BTreeSet<_>>() {
                examples.by_word.entry(word.to_owned()).or_default().push(value.clone());
            }
        }
        examples
    }
}

/// What a word consists of here: in `2024-01-31` the day is no part of its own.
fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || c == '-'
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !is_of_word(c)).filter(|word| !word.is_empty())
}

/// Whether `value` stands in `text` with no word cut.
fn is_part(text: &str, value: &str) -> bool {
    let (begins, ends) = (value.starts_with(is_of_word), value.ends_with(is_of_word));
    text.match_indices(value).any(|(at, _)| {
        let is_cut = begins && text[..at].ends_with(is_of_word)
            || ends && text[at + value.len()..].starts_with(is_of_word);
        !is_cut
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn examples(tests: &[&[&str]]) -> Examples {
        let set = |values: &&[&str]| values.iter().map(|value| (*value).to_owned()).collect();
        Examples::from(tests.iter().map(set).collect::<Vec<_>>())
    }

    proptest! {
        #[test]
        fn a_part_is_found_by_its_words_as_it_is_by_looking_everywhere(
            texts in proptest::collection::vec("[ab1 .()-]{0,8}", 0..6),
            value in "[ab1 .()-]{1,4}",
        ) {
            let found = examples(&[&texts.iter().map(String::as_str).collect::<Vec<_>>()]);
            let expected = texts.iter().any(|text| *text == value || is_part(text, &value));
            prop_assert_eq!(found.have_in_parts(&value), expected);
        }
    }

    #[test]
    fn a_value_is_found_in_the_tests_that_have_it() {
        let found = examples(&[&["C++", "cplusplus"], &["say C++ twice"], &["C"]]);
        assert_eq!(found.tests_with("C++", false), [0].into());
        assert_eq!(found.tests_with("C++", true), [0, 1].into());
        assert!(!found.have_in_parts("twi"));
    }
}
