//! New functions that never read the last of what they take.

use super::product_texts;
use crate::gates::Cx;
use crate::gates::substance::Code;
use crate::syntax::{At, Function, Language, Nature, Role};

/// Languages in which a function that is called by its name has its own say about what it takes. In others a
/// type or a protocol can ask for it without a word at the function.
const LANGUAGES: &[Language] = &[
    Language::Python,
    Language::JavaScript,
    Language::TypeScript,
    Language::Tsx,
    Language::Rust,
    Language::Go,
    Language::Java,
];

/// The last parameter of a function that the change brings, where its body never names it. What comes before
/// the last one may stand there for the sake of the order.
pub(super) fn last(cx: &Cx<'_>, code: &Code<'_>, function: &Function) -> Option<String> {
    let is_free = function.nature == Nature::Plain
        && function.decorators.is_empty()
        && !function.is_only_documented
        && !function.name.starts_with("__")
        && !code.is_in_family(function.at);
    if !is_free || !LANGUAGES.contains(&code.after.language()) {
        return None;
    }
    let tree = code.after.tree();
    if tree.role(function.at) != Role::Function || has_receiver_of_go(code, function) {
        return None;
    }
    let name = function.parameters.last()?.trim_start_matches(['*', '.', '&', '$']).to_owned();
    let is_telling = name.len() > 1
        && name.chars().all(|c| c.is_alphanumeric() || c == '_')
        && !name.starts_with('_')
        && !matches!(name.as_str(), "self" | "cls" | "this" | "args" | "kwargs" | "unused" | "ctx");
    let body = function.body.filter(|_| is_telling)?;
    let text = tree.text(body);
    let is_in_words = |at: At| {
        let mut around = tree.all_around(at).take_while(|around| *around != body);
        let inner = around.find(|at| matches!(tree.role(*at), Role::Text | Role::Filled));
        inner.is_some_and(|at| tree.role(at) == Role::Text)
    };
    let names_it = tree.inside(body).any(|at| {
        let is_leaf = tree.is_leaf(at) && tree.text(at) == name;
        is_leaf && !matches!(tree.role(at), Role::Text | Role::Comment) && !is_in_words(at)
    });
    // Rust fills names into texts that its grammar does not look into.
    let filled = ["}", ":"].iter().any(|end| text.contains(&format!("{{{name}{end}")));
    let is_read =
        names_it || filled || ["arguments", "locals()"].iter().any(|all| text.contains(all));
    // What only refuses or answers a constant has nothing to read: other rules tell.
    let statements = tree.statements(body).into_iter();
    let does_something = statements.filter(|at| tree.role(*at) != Role::Throw).any(|statement| {
        let mut all = std::iter::once(statement).chain(tree.inside(statement));
        all.any(|at| {
            let role = tree.role(at);
            matches!(
                role,
                Role::Call | Role::New | Role::Bind | Role::Loop | Role::Binary | Role::Member
            )
        })
    });
    let is_new = || {
        let before = code.before().map(|before| before.functions()).unwrap_or_default();
        before.iter().all(|old| old.qualified != function.qualified)
    };
    let is_unread = !is_read && does_something && is_new();
    (is_unread && !is_handed_on(cx, code, &function.name)).then_some(name)
}

/// Methods of Go fill interfaces without a word.
fn has_receiver_of_go(code: &Code<'_>, function: &Function) -> bool {
    code.after.language() == Language::Go
        && code.after.tree().text(function.at).starts_with("func (")
}

/// Whether code of the product names the function without calling it: whoever takes it says what it takes.
fn is_handed_on(cx: &Cx<'_>, code: &Code<'_>, name: &str) -> bool {
    product_texts(cx, code, name).any(|text| text.lines().any(|line| hands_on(line, name)))
}

fn hands_on(line: &str, name: &str) -> bool {
    let line = line.trim_start();
    let only_names =
        ["import ", "export ", "from ", "use ", "pub use ", "module.exports", "__all__"];
    let is_comment = ["#", "//", "*", "/*", "\"\"\""].iter().any(|sign| line.starts_with(sign));
    if is_comment
        || only_names.iter().any(|begin| line.starts_with(begin))
        || line.contains("require(")
    {
        return false;
    }
    line.match_indices(name).any(|(at, _)| {
        let (before, after) = (&line[..at], &line[at + name.len()..]);
        let is_part = |c: char| c.is_alphanumeric() || c == '_';
        let is_whole = !before.ends_with(is_part) && !after.starts_with(is_part);
        let is_quoted = before.ends_with(['"', '\'', '`']);
        let is_listed = after.trim_start().starts_with(',') && before.trim().is_empty();
        is_whole && !is_quoted && !is_listed && !after.trim_start().starts_with(['(', '<'])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_not_called_is_handed_on() {
        for (line, expected) in [
            ("for x in faults(plan, rest):", false),
            ("def faults(plan, rest):", false),
            ("register(faults)", true),
            ("app.get(\"/\", faults);", true),
            ("commands = {\"faults\": faults}", true),
            ("export { faults };", false),
            ("from .rules import faults", false),
            ("__all__ = [\"faults\"]", false),
            ("// see faults", false),
            ("all_faults = []", false),
            ("this::faults", true),
        ] {
            assert_eq!(hands_on(line, "faults"), expected, "{line}");
        }
    }
}
