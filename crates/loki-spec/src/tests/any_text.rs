//! Nothing that can be typed stops the reader, and names do not depend on places.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use crate::{ACCEPTANCE_MAX, PROBLEMS_MAX, REQUIREMENTS_MAX, STATEMENT_BYTES_MAX, read};

/// Lines that mean something to the reader, in any order.
fn lines() -> impl Strategy<Value = String> {
    let line = prop_oneof![
        Just("# Title"),
        Just("## Non-goals"),
        Just("## Nice to have"),
        Just("### Acceptance criteria"),
        Just("- [ ] it works"),
        Just("- it works"),
        Just("  - nested"),
        Just("    - deeper"),
        Just("* * *"),
        Just("1. step"),
        Just("It must work. It should be `fast. Really`!"),
        Just("Given a thing"),
        Just("When it happens"),
        Just("Then it is done"),
        Just("The app must:"),
        Just("```"),
        Just("<!-- must"),
        Just("-->"),
        Just("| Requirement | Priority |"),
        Just("|---|---|"),
        Just("| it counts | low |"),
        Just(""),
        Just("> quoted, must hold"),
        Just("---"),
        Just("\tcode"),
        Just("As a user, I want it."),
        Just("~~must go~~"),
        Just("[a](b)"),
        Just("Should it?"),
        Just("größe 。ok"),
        Just("**Out of scope**"),
        Just("\u{7}bell must ring"),
    ];
    prop::collection::vec(line, 0..40).prop_map(|lines| lines.join("\n"))
}

fn check(text: &str) -> Result<(), TestCaseError> {
    let (spec, problems) = read("x", text);
    prop_assert_eq!(&spec.text, text);
    prop_assert!(problems.len() <= PROBLEMS_MAX);
    prop_assert!(spec.requirements.len() <= REQUIREMENTS_MAX);
    prop_assert!(!problems.is_empty() || !spec.requirements.is_empty());
    prop_assert!(!spec.title.is_empty() && spec.title.chars().count() <= 80);
    let ids: BTreeSet<_> = spec.requirements.iter().map(|found| &found.id).collect();
    prop_assert_eq!(ids.len(), spec.requirements.len());
    let last_line = text.split('\n').count() as u32;
    for found in &spec.requirements {
        prop_assert!(
            found.origin.line.is_some_and(|line| (1..=last_line).contains(&line)),
            "{found:?}"
        );
        prop_assert!(!found.text.is_empty() && found.text.len() <= STATEMENT_BYTES_MAX);
        prop_assert!(!found.text.contains(char::is_control));
        prop_assert!(found.acceptance.len() <= ACCEPTANCE_MAX);
    }
    for problem in problems {
        prop_assert!(problem.line().is_none_or(|line| (1..=last_line).contains(&line)));
    }
    prop_assert_eq!(read("x", text).0, spec);
    Ok(())
}

proptest! {
    #[test]
    fn any_text_is_read_within_the_limits(text in any::<String>()) {
        check(&text)?;
    }

    #[test]
    fn any_order_of_known_lines_is_read_within_the_limits(text in lines()) {
        check(&text)?;
    }

    #[test]
    fn requirements_keep_their_names_when_they_move(
        // Words without vowels: "given" and "when" would begin a scenario of the line above.
        items in prop::collection::btree_set("[bdfgklmp]{2,8} [bdfgklmp]{2,8} [0-9]{1,4}", 2..60),
        seed in any::<u64>(),
    ) {
        let write = |items: &[&String]| {
            let lines = items.iter().map(|item| format!("- {item}\n"));
            format!("# A\n\n## Features\n\n{}", lines.collect::<String>())
        };
        let names = |text: &str| -> BTreeMap<String, String> {
            let requirements = read("x", text).0.requirements;
            requirements.into_iter().map(|found| (found.text, found.id.0)).collect()
        };
        let mut order: Vec<&String> = items.iter().collect();
        let before = names(&write(&order));
        prop_assert_eq!(before.len(), items.len());
        let at = seed as usize % order.len();
        order.rotate_left(at);
        order.swap(0, at);
        prop_assert_eq!(names(&write(&order)), before);
    }
}

#[test]
fn text_that_nests_and_repeats_without_end_is_read() {
    let many = 4_000;
    for text in [
        ">".repeat(many),
        "- ".repeat(many),
        "* a\n".repeat(many),
        "[".repeat(many),
        "a must b. ".repeat(many),
        "`".repeat(many),
        ". ".repeat(many),
        "? \"".repeat(many),
        "**must ".repeat(many),
        "#\n".repeat(many),
        "| a ".repeat(many),
        format!("|Requirement|\n|-|\n{}", "|must x|\n".repeat(many)),
        "Given a\nwhen b\n\n".repeat(many),
        (0..many).map(|n| format!("- item {n}\n")).collect(),
        format!("- a\n{}", (0..many).map(|n| format!("  - item {n}\n")).collect::<String>()),
        format!("- {}", "long ".repeat(many)),
        "<!--".repeat(many),
        "must\n".repeat(many),
    ] {
        check(&text).unwrap_or_else(|err| panic!("{:?}: {err}", text.get(..20)));
    }
}
