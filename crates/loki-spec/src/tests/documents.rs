//! Whole documents, as people write them.

use insta::assert_snapshot;

use super::show;

#[test]
fn a_list_of_checkboxes() {
    assert_snapshot!(show(include_str!("../../tests/specs/todo.md")), @r#"
    # Todo: a command line task list
    11: R-e945 must: `todo add <text>` appends a task and prints its number
        - an empty text is refused with exit code 2
        - the text may contain any Unicode character
    14: R-4581 must: `todo list` prints open tasks, oldest first
    15: R-21b7 must: `todo done <n>` marks a task as done
    16: R-1cd6 should: Tasks are kept in `~/.todo.json`; the file should survive a crash
    24: R-aaa4 could: Coloured output when the terminal supports it
    25: R-f22c could: `todo undo`
    ! 7: sounds like a requirement, but what is below `Background` explains, and asks for nothing; move it if it is wanted
    ! 30: sounds like a requirement, but what is below `Non-goals` is said not to be wanted; move it if it is wanted
    "#);
}

#[test]
fn a_product_document_with_stories_and_sections() {
    assert_snapshot!(show(include_str!("../../tests/specs/recipes.md")), @r#"
    # PRD: Recipe Box
    10: R-f5fc must: It shall work offline.
    21: R-ce8f must: As a cook, I want to import a recipe from a web page so that I need not type it.
        - Given a page with recipe markup, when I paste its address, then title and ingredients are filled in
        - A page without markup shows "nothing found"
        - Import takes at most 5 seconds
    31: R-11bb must: As a shopper, I want one list for several recipes.
        - Scenario: equal ingredients Given two recipes with onions When I make a list Then onions appear once, with the sum of both amounts
    42: R-d7f9 must: The app must: start in less than 2 seconds
    43: R-6ee5 must: The app must: use less than 200 MB of memory
    45: R-de89 should: All data should be exportable as JSON.
    49: R-23fd must: Every control must be reachable by keyboard.
    50: R-9763 must: Contrast ratio of at least 4.5:1
    61: R-430c must: Delete a recipe
    ! 62: says the same as line 42, and counts once
    "#);
}

#[test]
fn a_specification_in_prose_and_tables() {
    assert_snapshot!(show(include_str!("../../tests/specs/gateway.md")), @r#"
    # Rate limiting gateway
    10: R-a03d must: The gateway MUST reject a request with status 429 when its client has used up its budget.
    11: R-8b78 could: Clients MAY be given a larger budget by configuration.
    12: R-5342 should: The gateway SHOULD answer within 5 ms, e.g. by keeping counters in memory.
    15: R-4875 must: If the counter store is down, the gateway MUST NOT reject requests.
    23: R-a506 must: `GET /healthz` answers 200 while the process is alive
    24: R-5908 should: `GET /metrics` lists counters in text format
    25: R-d67b could: Limits can be changed without a restart
    ! 34: sounds like a requirement, but what is below `3 Implementation notes` says with what it is made; move it if it is wanted
    "#);
}

#[test]
fn a_brief_of_a_few_lines() {
    assert_snapshot!(show(include_str!("../../tests/specs/brief.txt")), @r#"
    # Build a CLI that converts CSV to JSON
    1: R-4d43 must: Build a CLI that converts CSV to JSON.
    2: R-f684 must: It reads standard input and writes standard output
    3: R-9b08 must: The first row holds the names of the fields, all other rows become objects.
    4: R-7aaa should: Numbers should stay numbers
    5: R-96b3 could: Optionally accept `--delimiter`.
    ! 5: is a question and not a requirement; answer it if it matters
    "#);
}
