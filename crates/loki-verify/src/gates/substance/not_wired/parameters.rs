//! Parameters that come with a change and decide nothing.

use super::product_texts;
use crate::gates::Cx;
use crate::gates::substance::Code;
use crate::syntax::{At, Function, Nature, Part, Role};

/// What a function takes since this change and makes nothing of, each with what it does instead.
pub(super) fn without_effect(
    cx: &Cx<'_>,
    code: &Code<'_>,
    function: &Function,
) -> Vec<(String, &'static str)> {
    let Some(body) = function.body else { return Vec::new() };
    let is_free = matches!(function.nature, Nature::Plain | Nature::Constructor)
        && !code.is_in_family(function.at)
        && !function.is_only_documented;
    if !is_free {
        return Vec::new();
    }
    let tree = code.after.tree();
    let takes_all = ["arguments", "locals()"].iter().any(|all| tree.text(body).contains(all));
    let uses = |name: &str| -> Vec<At> {
        tree.inside(body).filter(|at| tree.is_leaf(*at) && tree.text(*at) == name).collect()
    };
    let is_only_checked =
        |uses: &[At]| !uses.is_empty() && uses.iter().all(|at| is_in_a_check(code, *at, body));
    // What the function is by itself comes first: what it was takes another tree to tell.
    let names_now = names(tree, function.at).into_iter().filter(|name| name.len() > 1);
    let suspects =
        names_now.map(|name| (uses(&name), name)).filter(|(uses, name)| match function.nature {
            Nature::Constructor => !uses.is_empty(),
            _ if uses.is_empty() => name.starts_with('_') || !takes_all,
            _ => is_only_checked(uses),
        });
    let suspects: Vec<(Vec<At>, String)> = suspects.collect();
    if suspects.is_empty() {
        return Vec::new();
    }
    let Some(before) = code.before() else { return Vec::new() };
    let Some(old) = before.functions().iter().find(|old| old.qualified == function.qualified)
    else {
        return Vec::new();
    };
    let known = names(before.tree(), old.at);
    let is_new = |name: &String| !known.contains(name) && !known.contains(&format!("_{name}"));
    let new = suspects.into_iter().filter(|(_, name)| is_new(name));
    new.filter_map(|(uses, name)| {
        let what = if function.nature == Nature::Constructor {
            is_only_kept(cx, code, function, &name, &uses).then_some("only keeps it")
        } else if !uses.is_empty() {
            Some("only checks it")
        } else if name.starts_with('_') {
            is_called(cx, code, function).then_some("never reads it")
        } else {
            Some("never reads it")
        };
        Some((name, what?))
    })
    .collect()
}

/// Names of what a function takes, those that a pattern takes apart included.
fn names(tree: &crate::syntax::Tree, function: At) -> Vec<String> {
    let lists = tree.children(function).filter(|at| tree.role(*at) == Role::Parameters);
    let Some(list) = tree.child(function, Part::Parameters).or_else(|| lists.last()) else {
        return Vec::new();
    };
    let is_given = |at: At| {
        let around = std::iter::once(at).chain(tree.all_around(at));
        let mut up = around.take_while(|around| *around != list);
        !up.any(|around| {
            matches!(tree.part(around), Part::Right | Part::Value | Part::Type | Part::Key)
                || tree.role(around) == Role::Type
        })
    };
    let leaves = tree.inside(list).filter(|at| tree.is_leaf(*at) && tree.is_named(*at));
    // What takes an object apart is no name of its own in some grammars.
    let named =
        leaves.filter(|at| matches!(tree.role(*at), Role::Name | Role::Other) && is_given(*at));
    named.map(|at| tree.text(at).trim_start_matches(['*', '.', '&', '$']).to_owned()).collect()
}

/// Whether a use only decides whether an error is raised, or is told by that error.
fn is_in_a_check(code: &Code<'_>, at: At, body: At) -> bool {
    let tree = code.after.tree();
    let around = tree.all_around(at).take_while(|around| *around != body);
    let mut checks = around.filter(|around| tree.role(*around) == Role::If);
    checks.any(|check| {
        let done = tree.child(check, Part::Body).or_else(|| tree.child_with(check, Role::Block));
        let has_other = tree.child(check, Part::Alternative).is_some()
            || tree.child_with(check, Role::Else).is_some();
        let Some(done) = done.filter(|_| !has_other) else { return false };
        let statements: Vec<At> = match tree.role(done) {
            Role::Block => tree.named(done).collect(),
            _ => vec![done],
        };
        let raises = |at: &At| {
            let text = tree.text(*at).trim_start();
            tree.role(*at) == Role::Throw
                || ["raise ", "throw ", "return Err(", "panic!", "bail!", "panic("]
                    .iter()
                    .any(|begin| text.starts_with(begin))
        };
        statements.last().is_some_and(raises)
    })
}

/// Whether a constructor only checks and keeps what it is given, and no code of the product reads what it
/// keeps. Objects that are nothing but values are for others to read.
fn is_only_kept(
    cx: &Cx<'_>,
    code: &Code<'_>,
    function: &Function,
    name: &str,
    uses: &[At],
) -> bool {
    let tree = code.after.tree();
    let Some(body) = function.body else { return false };
    let is_kept = |at: &At| {
        let mut around = tree.all_around(*at).take_while(|around| *around != body);
        around.any(|around| {
            let text = tree.text(around).trim_end_matches(';');
            let kept = text.split_once('=').map(|(left, right)| (left.trim(), right.trim()));
            kept.is_some_and(|(left, right)| {
                right == name
                    && (left.strip_prefix("this.") == Some(name)
                        || left.strip_prefix("self.") == Some(name))
            })
        })
    };
    let Some(class) = tree.all_around(function.at).find(|at| tree.role(*at) == Role::Class) else {
        return false;
    };
    let methods = code.after.functions().iter().filter(|other| tree.is_within(other.at, class));
    let does_something = methods.filter(|other| other.nature == Nature::Plain).count() > 1;
    let all_kept = uses.iter().all(|at| is_kept(at) || is_in_a_check(code, *at, body));
    does_something
        && uses.iter().any(is_kept)
        && all_kept
        && !product_texts(cx, code, name).any(|text| reads_member(&text, name))
}

/// Whether a text reads a member of this name.
fn reads_member(text: &str, name: &str) -> bool {
    text.match_indices(name).any(|(at, _)| {
        let (before, after) = (&text[..at], &text[at + name.len()..]);
        let is_whole = !after.starts_with(|c: char| c.is_alphanumeric() || c == '_');
        let after = after.trim_start();
        let is_set = after.starts_with('=') && !after.starts_with("==");
        let is_taken = before.trim_end().ends_with(['{', ',']) && before.contains("const {");
        is_whole && ((before.ends_with('.') && !is_set) || is_taken)
    })
}

/// Whether code of the product calls the function by its name.
fn is_called(cx: &Cx<'_>, code: &Code<'_>, function: &Function) -> bool {
    let call = format!("{}(", function.name);
    let declared = ["fn ", "def ", "function ", "func "];
    product_texts(cx, code, &function.name).any(|text| {
        text.match_indices(&call).any(|(at, _)| {
            let before = &text[..at];
            let is_whole = !before.ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '.');
            is_whole && !declared.iter().any(|word| before.ends_with(word))
        })
    })
}
