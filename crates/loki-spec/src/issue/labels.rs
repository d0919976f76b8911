//! Table: what labels and priorities of trackers say about how much something is wanted.

use loki_model::Priority;

use super::Issue;

/// How much an issue is wanted, by its priority or else by its labels; the strongest word counts.
/// Nothing when none says so.
pub(super) fn wanted(issue: &Issue) -> Option<Priority> {
    let field = issue.priority.as_deref().and_then(|priority| of_words(priority, true));
    field.or_else(|| issue.labels.iter().filter_map(|label| of_words(label, false)).min())
}

const MUST: &[&str] =
    &["p0", "blocker", "critical", "urgent", "high", "highest", "must", "must have", "major", "s1"];
const SHOULD: &[&str] =
    &["p1", "p2", "medium", "normal", "moderate", "should", "should have", "s2"];
const COULD: &[&str] = &[
    "p3",
    "p4",
    "p5",
    "low",
    "lowest",
    "minor",
    "trivial",
    "could",
    "could have",
    "nice to have",
    "wishlist",
    "wish list",
    "optional",
    "s3",
    "s4",
];

/// Words in front of the word that counts: `priority: high`, `prio/low`, `severity::1`.
const NAMES: &[&str] = &["priority", "prio", "severity", "importance", "pri"];

/// `is_field`: the text is known to be a priority, so that a bare number counts.
fn of_words(text: &str, is_field: bool) -> Option<Priority> {
    let folded = text.to_lowercase();
    let mut words: Vec<&str> =
        folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let is_named = words.first().is_some_and(|word| NAMES.contains(word));
    if is_named {
        words.remove(0);
    }
    if words.last().is_some_and(|word| NAMES.contains(word)) {
        words.pop();
    }
    let phrase = words.join(" ");
    // As Azure DevOps counts: 1 to 4.
    let phrase = match phrase.as_str() {
        "0" | "1" if is_field || is_named => "must",
        "2" if is_field || is_named => "should",
        "3" | "4" | "5" if is_field || is_named => "could",
        phrase => phrase,
    };
    let table = [(MUST, Priority::Must), (SHOULD, Priority::Should), (COULD, Priority::Could)];
    table.into_iter().find(|(names, _)| names.contains(&phrase)).map(|(_, priority)| priority)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_gives_the_priority_where_it_says_so() {
        use Priority::{Could, Must, Should};
        for (label, expected) in [
            ("P0", Some(Must)),
            ("priority: high", Some(Must)),
            ("priority/critical", Some(Must)),
            ("High Priority", Some(Must)),
            ("prio::1", Some(Must)),
            ("P1", Some(Should)),
            ("Priority-Medium", Some(Should)),
            ("severity::2", Some(Should)),
            ("nice-to-have", Some(Could)),
            ("priority:low", Some(Could)),
            ("wishlist", Some(Could)),
            ("bug", None),
            ("1", None),
            ("area: high availability", None),
            ("low-level api", None),
            ("", None),
        ] {
            assert_eq!(of_words(label, false), expected, "{label}");
        }
        assert_eq!(of_words("1", true), Some(Must));
        assert_eq!(of_words("4", true), Some(Could));
    }

    #[test]
    fn the_trackers_own_field_counts_more_than_labels_and_of_those_the_strongest() {
        let labels = vec!["P3".to_owned(), "critical".to_owned()];
        let issue = Issue { labels: labels.clone(), ..Issue::default() };
        assert_eq!(wanted(&issue), Some(Priority::Must));
        let issue = Issue { labels, priority: Some("Low".to_owned()), ..Issue::default() };
        assert_eq!(wanted(&issue), Some(Priority::Could));
    }
}
