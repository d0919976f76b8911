//! Items that a message calls done and that nothing in the change names.

use loki_model::{ChangeKind, Severity};

use crate::delta::Delta;
use crate::gates::Cx;
use crate::gates::rule::{Found, Rule};
use crate::kind::Kind;
use crate::suite::Side;
use crate::syntax::Role;

/// A missing item.
pub(super) const RULE: Rule = Rule {
    id: "substance/item-missing",
    severity: Severity::Warning,
    what: "The message lists items as done, and nothing in the code of the change names one of them.",
    why: "Two of three is the commonest way in which a task is not done.",
    example: "Currency formats (EUR, JPY, GBP)\n+ if currency == \"EUR\": …",
    fix: "Do the missing items, or say that they are not done.",
    look,
};

/// Items of one list that are looked at.
const ITEMS_MAX: usize = 12;

/// Words of an item; more is a sentence.
const WORDS_MAX: usize = 3;

/// Letters by which a word is known again in an identifier.
const STEM_CHARS: usize = 5;

fn look(cx: &Cx<'_>, delta: &Delta, found: &mut Found) {
    let messages = cx.subject.messages.iter().filter(|message| calls_all_done(message));
    let lists: Vec<Vec<String>> = messages.flat_map(|text| lists(text)).collect();
    if lists.is_empty() {
        return;
    }
    let code = added_code(cx, delta);
    let Some(first) = delta.of(Kind::Source).find(|file| file.change != ChangeKind::Deleted) else {
        return;
    };
    for list in lists {
        let (named, missing): (Vec<&String>, Vec<&String>) =
            list.iter().partition(|item| is_named(&code, item));
        // A list of which nothing is named is about something else.
        if named.is_empty() || missing.is_empty() {
            continue;
        }
        let missing: Vec<&str> = missing.iter().map(|item| item.as_str()).collect();
        let message =
            format!("listed as done, and named nowhere in the code: {}", missing.join(", "));
        found.add(RULE.of(&first.path, message));
    }
}

/// Whether a message says of all that it names that it is there: others name examples.
fn calls_all_done(message: &str) -> bool {
    const WORDS: &[&str] =
        &["all", "both", "done", "implemented", "complete", "completed", "every"];
    let message = message.to_lowercase();
    message.split(|c: char| !c.is_alphanumeric()).any(|word| WORDS.contains(&word))
}

/// Lists in brackets: `(rules, block quotes, strike-through)`.
fn lists(message: &str) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    let mut rest = message;
    while let Some((_, after)) = rest.split_once('(') {
        let Some((inside, behind)) = after.split_once(')') else { break };
        rest = behind;
        let items: Vec<String> = inside
            .split([',', ';'])
            .flat_map(|part| part.split(" and "))
            .map(|item| item.trim().trim_start_matches("and ").to_owned())
            .filter(|item| !item.is_empty())
            .take(ITEMS_MAX)
            .collect();
        let is_list = items.len() >= 2
            && items.iter().all(|item| {
                let words = item.split_whitespace().count();
                words <= WORDS_MAX
                    && item.chars().any(char::is_alphabetic)
                    && !item.contains(['=', ':', '<'])
            });
        if is_list {
            found.push(items);
        }
    }
    found
}

/// All new lines of code, comments apart, in lower case.
fn added_code(cx: &Cx<'_>, delta: &Delta) -> String {
    let mut code = String::new();
    for file in delta.files.iter().filter(|file| !matches!(file.kind, Kind::Docs | Kind::Foreign)) {
        code.push_str(&file.path.to_lowercase());
        code.push('\n');
        let source = cx.trees(delta).of_file(&file.path, Side::After);
        let comments: Vec<(u32, String)> = source
            .iter()
            .flat_map(|source| {
                let tree = source.tree();
                tree.all(Role::Comment)
                    .map(|at| (tree.line(at), tree.text(at).to_owned()))
                    .collect::<Vec<_>>()
            })
            .collect();
        for (number, line) in file.added_lines() {
            let mut line = line.to_owned();
            for (_, comment) in comments.iter().filter(|(at, _)| *at == number) {
                line = line.replace(comment.as_str(), "");
            }
            code.push_str(&line.to_lowercase());
            code.push('\n');
        }
    }
    code
}

/// Whether some telling word of an item is in the code.
fn is_named(code: &str, item: &str) -> bool {
    let squeezed: String = item.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect();
    let words = item.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let stems = words.map(|word| {
        let word = word.to_lowercase();
        word.chars().take(STEM_CHARS).collect::<String>()
    });
    code.contains(&squeezed) || stems.filter(|stem| stem.len() > 2).any(|stem| code.contains(&stem))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_stand_in_brackets_and_have_short_items() {
        assert_eq!(lists("formats (EUR, JPY and GBP)"), [["EUR", "JPY", "GBP"]]);
        assert!(lists("as before (see the notes about this long matter, please)").is_empty());
        assert!(lists("a call f(x) and (one)").is_empty());
        assert!(lists("open (a, b").is_empty());
    }

    #[test]
    fn an_item_is_named_by_the_beginning_of_a_word_or_as_a_whole() {
        assert!(is_named("if block.starts_with('>'): blockquote()", "block quotes"));
        assert!(is_named("case \"jpy\":", "JPY"));
        assert!(!is_named("case \"eur\":", "JPY"));
    }
}
