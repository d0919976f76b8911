//! One way of writing at a time.

use super::*;

/// The statements of `text`, marked with their priority unless they are a must.
fn statements(text: &str) -> Vec<String> {
    let mark = |priority| match priority {
        Priority::Must => "",
        Priority::Should => "should: ",
        Priority::Could => "could: ",
    };
    let requirements = read("PRD.md", text).0.requirements;
    requirements
        .into_iter()
        .map(|found| format!("{}{}", mark(found.priority), found.text))
        .collect()
}

fn acceptance(text: &str) -> Vec<Vec<String>> {
    read("PRD.md", text).0.requirements.into_iter().map(|found| found.acceptance).collect()
}

#[test]
fn a_brief_is_one_requirement_per_sentence_or_line() {
    for (brief, expected) in [
        ("build a todo app", &["build a todo app"][..]),
        ("Build a todo app. It saves to a file.", &["Build a todo app.", "It saves to a file."]),
        ("Add tasks\nList tasks\nit must be fast", &["Add tasks", "List tasks it must be fast"]),
        ("Add tasks, e.g. `todo add x. Y`. Done", &["Add tasks, e.g. `todo add x. Y`.", "Done"]),
        (
            "Add dark mode. Ideally it follows the system.",
            &["Add dark mode.", "could: Ideally it follows the system."],
        ),
    ] {
        assert_eq!(statements(brief), expected, "{brief}");
    }
}

#[test]
fn prose_without_a_modal_verb_is_no_requirement_in_a_document() {
    let text = "# A\n\nLists are nice. The list must be sorted. It may be empty.\n\n- one thing\n";
    assert_eq!(
        statements(text),
        ["The list must be sorted.", "could: It may be empty.", "one thing"]
    );
}

#[test]
fn a_document_that_marks_nothing_is_read_sentence_by_sentence() {
    let text =
        "# Todo\n\nA command line todo list. It saves to a file.\n\n## Background\n\nLong.\n";
    assert_eq!(statements(text), ["A command line todo list.", "It saves to a file."]);
    assert!(show(text).contains("each of the 2 sentences"), "{}", show(text));
}

#[test]
fn headings_give_the_priority_and_take_statements_out() {
    let text = "\
## Must have
- add, which should be quick
## Should have
- list
### More
- sort
## Nice to have
- colours
## Non-goals
- sync, which must never be
- cloud
### Really
- network
## Features
- remove
";
    assert_eq!(
        statements(text),
        ["add, which should be quick", "should: list", "should: sort", "could: colours", "remove"]
    );
    assert!(show(text).contains("! 10: sounds like a requirement"), "{}", show(text));
}

#[test]
fn a_bold_line_serves_as_a_heading() {
    let text = "- a\n\n**Out of scope:**\n\n- b\n\n**Nice to have**\n\n- c\n";
    assert_eq!(statements(text), ["a", "could: c"]);
}

#[test]
fn the_start_of_a_sentence_is_repeated_for_each_item_that_ends_it() {
    let text =
        "# A\n\nThe app should:\n\n- read JSON\n- read CSV\n\nIt knows these formats:\n\n- XML\n";
    assert_eq!(
        statements(text),
        ["should: The app should: read JSON", "should: The app should: read CSV", "XML"]
    );
}

#[test]
fn what_is_nested_in_an_item_is_its_criterion() {
    let text = "- [ ] add\n  - shows the id\n    - which is short\n  - saves\n- [x] list\n\n  It must be sorted. It is nice.\n";
    assert_eq!(
        acceptance(text),
        [vec!["shows the id", "which is short", "saves"], vec!["It must be sorted."]]
    );
}

#[test]
fn a_scenario_is_a_criterion_of_the_requirement_above() {
    for text in [
        "- add\n- list\n\nGiven a task\nWhen I list\nThen I see it\n",
        "- add\n- list\n- Given a task\n- When I list\n- Then I see it\n",
        "- add\n- list\n  - Given a task When I list Then I see it\n",
    ] {
        assert_eq!(statements(text), ["add", "list"], "{text}");
        let expected = ["Given a task When I list Then I see it"];
        assert_eq!(acceptance(text)[1], expected, "{text}");
    }
}

#[test]
fn a_scenario_with_nothing_above_it_is_what_is_wanted() {
    let text = "## Other\n- x\n## Listing\nGiven a task\nWhen I list\nThen I see it\n";
    assert_eq!(statements(text), ["x", "Given a task When I list Then I see it"]);
}

#[test]
fn criteria_belong_to_the_one_requirement_of_their_section() {
    let story = "### Login\nAs a user, I want to log in.\n\n";
    for lead in ["#### Acceptance criteria\n", "Acceptance criteria:\n\n", "**Done when:**\n\n"] {
        let text = format!("## Stories\n- x\n{story}{lead}- a wrong password is refused\n");
        assert_eq!(statements(&text), ["x", "As a user, I want to log in."], "{text}");
        assert_eq!(acceptance(&text)[1], ["a wrong password is refused"], "{text}");
    }
    let unclear = "### Login\n- a\n- b\n\n#### Acceptance criteria\n- c\n";
    assert_eq!(statements(unclear), ["a", "b", "c"]);
}

#[test]
fn rows_of_a_table_are_read_from_the_column_that_holds_statements() {
    let text = "\
| ID | Requirement | Priority |
|---|---|---|
| 1 | Add tasks | High |
| 2 | List tasks | should |
| 3 | Sort tasks | P2 |
| 4 |  | P2 |
| 5 | Share tasks | Won't have |
";
    assert_eq!(statements(text), ["Add tasks", "should: List tasks", "could: Sort tasks"]);
    for (head, expected) in [("Id | Description", 1), ("Header | Description", 0)] {
        let text = format!("| {head} |\n|---|---|\n| A | It counts |\n\n- x\n");
        assert_eq!(statements(&text).len(), expected + 1, "{text}");
    }
    let other = "## Requirements\n| Key | Value |\n|---|---|\n| a | b |\n";
    assert_eq!(statements(other), [""; 0]);
    assert!(show(other).contains("! 2: is a table"), "{}", show(other));
}

#[test]
fn what_is_not_said_to_a_reader_is_no_requirement() {
    for text in [
        "```\n- it must work\n```",
        "    it must work",
        "<!-- it must work -->",
        "<!--\n- it must work\n-->",
        "# A <!-- must -->",
        "---\nmust: work\n---\n",
        "- ~~it must work~~",
        "- ![it must work](a.png)",
        "- [it must work](#there)",
        "<div><!-- it must work --></div>",
        "<del>it must work</del>",
        "<pre>it must work</pre>",
    ] {
        assert_eq!(statements(text), [""; 0], "{text}");
    }
}

#[test]
fn html_is_read_as_far_as_it_makes_blocks_of_text() {
    let text = "\
<h2>Must have</h2>
<ul>
  <li>add &lt;task&gt;
    <ul><li>shows the id</li></ul>
  </li>
  <li>list <b>all</b>
    tasks</li>
</ul>

<details><summary>More</summary>

- sort

</details>
<table>
<tr><th>Id</th><th>Requirement</th></tr>
<tr><td>1</td><td>remove</td></tr>
</table>
<div>It must work.</div>
";
    assert_eq!(
        statements(text),
        ["add <task>", "list all tasks", "sort", "remove", "It must work."]
    );
    assert_eq!(acceptance(text)[0], ["shows the id"]);
}

#[test]
fn constraints_assumptions_and_context_are_kept_apart() {
    let text = "\
## Background
It is slow.
## Features
- save
- Assume that files are small.
## Constraints
- Python 3.12
- It must run offline.
## Tech stack
| What | With |
|---|---|
| Store | SQLite |
## Assumptions
- One user
## Out of scope
- sync
";
    assert_eq!(statements(text), ["save", "It must run offline."]);
    let spec = read("PRD.md", text).0;
    let texts =
        |notes: &[loki_model::Note]| notes.iter().map(|note| note.text.clone()).collect::<Vec<_>>();
    assert_eq!(texts(&spec.constraints), ["Python 3.12", "It must run offline.", "Store: SQLite"]);
    assert_eq!(texts(&spec.assumptions), ["Assume that files are small.", "One user"]);
    assert_eq!(texts(&spec.context), ["Background: It is slow.", "Out of scope: sync"]);
}

#[test]
fn other_languages_ask_in_their_own_words() {
    let text = "# A\n\nDer Dienst muss antworten. Er ist nett. Le service doit répondre.\n\n\
                系统必须保存文件。它很好。\n\n- x\n";
    assert_eq!(
        statements(text),
        ["Der Dienst muss antworten.", "Le service doit répondre.", "系统必须保存文件。", "x"]
    );
}

#[test]
fn a_question_is_reported_and_not_required() {
    let text = "- works\n- Should it sync?\n  - with what?\n\nMust it be fast? It must be small.\n";
    assert_eq!(statements(text), ["works", "It must be small."]);
    assert!(show(text).contains("! 2: is a question"), "{}", show(text));
}

#[test]
fn what_is_said_twice_counts_once_with_the_higher_priority() {
    let text =
        "## Should have\n- Save the file.\n  - a\n## Must have\n- **save** the file\n  - b\n";
    assert_eq!(statements(text), ["Save the file."]);
    assert_eq!(acceptance(text), [["a", "b"]]);
    assert!(show(text).contains("! 5: says the same as line 2"), "{}", show(text));
}

#[test]
fn the_title_is_the_first_heading_of_level_one_or_the_first_words() {
    let long = "word ".repeat(40);
    for (text, title) in [
        ("## Two\n\n# One\n", "One"),
        ("## Two\n\n- a\n", "Two"),
        ("build a todo app. It saves.", "build a todo app"),
        ("- first\n- second", "first"),
        ("", "untitled"),
        ("```\ncode\n```", "untitled"),
        ("# `loki` *is* [here](x)\n", "`loki` is here"),
        (&long, &format!("{}word…", "word ".repeat(14))),
    ] {
        assert_eq!(read("x", text).0.title, title, "{text}");
    }
}
