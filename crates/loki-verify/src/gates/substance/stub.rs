//! Functions that say that they are not written yet.

use loki_model::Severity;

use super::{Code, each_code};
use crate::delta::Delta;
use crate::gates::Cx;
use crate::gates::rule::{Found, Rule};
use crate::syntax::{At, Function, Language, Nature, Role, Source};

/// A stub.
pub(super) const RULE: Rule = Rule {
    id: "substance/stub",
    severity: Severity::Error,
    what: "A function that the change brings does not do anything yet.",
    why: "It is called finished and fails, or answers nothing, as soon as somebody uses it.",
    example: "+ def outer_join(left, right):\n+     raise NotImplementedError",
    fix: "Write the function, or leave it and what promises it out of the change.",
    look,
};

/// What a body raises that is not written yet, in lower case.
const UNWRITTEN: &[&str] = &[
    "notimplemented",
    "not implemented",
    "not yet implemented",
    "unimplemented",
    "to be implemented",
    "unsupportedoperationexception()",
];

/// What it says that classes made from this one have to bring.
const BY_OTHERS: &[&str] = &[
    "subclass",
    "must define",
    "must implement",
    "must be implemented",
    "must override",
    "must be overridden",
    "should implement",
    "override this",
    "derived class",
];

/// A longer error says more than that.
const RAISED_BYTES_MAX: usize = 200;

/// Words of comments that say so.
const EXCUSES: &[&str] = &[
    "todo",
    "fixme",
    "not implemented",
    "placeholder",
    "stub",
    "for now",
    "implement later",
    "to be done",
    "tbd",
    "in a real implementation",
    "not yet",
    "dummy",
];

fn look(cx: &Cx<'_>, delta: &Delta, found: &mut Found) {
    each_code(cx, delta, found, &mut |code, found| {
        for function in code.touched() {
            if let Some(how) = hollow(code, function) {
                let message = format!("`{}` {how}", function.qualified);
                found.add(RULE.at(&code.file.path, function.lines.0, message));
            }
        }
    });
}

/// How a function is hollow; nothing for one that does something.
pub(super) fn hollow(code: &Code<'_>, function: &Function) -> Option<&'static str> {
    let source = code.after;
    let tree = source.tree();
    // A tree with holes may lack what the function does.
    let body = function.body.filter(|_| source.is_whole())?;
    if !matches!(function.nature, Nature::Plain) || is_abstract(source, function) {
        return None;
    }
    let statements: Vec<At> = tree.named(body).filter(|at| !is_words(source, *at)).collect();
    let comments = || {
        let inside = tree.inside(body).filter(|at| tree.role(*at) == Role::Comment);
        inside.map(|at| tree.text(at).to_lowercase()).collect::<String>()
    };
    match statements.as_slice() {
        [] => {
            let excuse = comments();
            let is_excused = EXCUSES.iter().any(|word| excuse.contains(word));
            is_excused.then_some("is empty, and a comment says that it is not written yet")
        }
        [only] if is_unwritten(source, *only) => Some("only says that it is not implemented"),
        [only] if is_nothing(source, *only) => {
            let excuse = comments();
            let is_excused = EXCUSES.iter().any(|word| excuse.contains(word));
            is_excused
                .then_some("answers a constant, and a comment says that it is not written yet")
        }
        all => {
            let says = all.iter().any(|at| {
                let text = tree.text(*at).to_lowercase();
                is_told(&text) && UNWRITTEN.iter().any(|words| text.contains(words))
            });
            let does_nothing = all.iter().all(|at| {
                let text = tree.text(*at).to_lowercase();
                is_told(&text) || text.starts_with("return") || is_nothing(source, *at)
            });
            (says && does_nothing).then_some("only prints that it is not implemented")
        }
    }
}

/// Whether a statement, in lower case, only tells people something.
fn is_told(text: &str) -> bool {
    [
        "echo",
        "print",
        "puts",
        "console.",
        "log.",
        "logger.",
        "logging.",
        "fmt.print",
        "eprint",
        "warn",
    ]
    .iter()
    .any(|begin| text.trim_start().starts_with(begin))
}

/// Whether a statement only raises an error that says that something is not implemented.
pub(super) fn is_unwritten(source: &Source, at: At) -> bool {
    // Applications that keep to-do lists have the word in their names.
    let whole = source.tree().text(at);
    let text = whole.to_lowercase();
    let text = text.trim_start_matches("return").trim_start();
    let is_macro = ["todo!", "unimplemented!"].iter().any(|name| text.starts_with(name));
    let raises = ["raise", "throw", "panic", "fatalerror", "error(", "die(", "abort("];
    let is_raised = raises.iter().any(|begin| text.starts_with(begin));
    let says = UNWRITTEN.iter().any(|words| text.contains(words))
        || whole.split(|c: char| !c.is_alphanumeric()).any(|word| word == "TODO");
    // It is for others to write.
    let is_for_others = BY_OTHERS.iter().any(|words| text.contains(words));
    is_macro || (is_raised && text.len() <= RAISED_BYTES_MAX && says && !is_for_others)
}

/// Whether a statement does nothing or hands a constant out.
fn is_nothing(source: &Source, at: At) -> bool {
    let tree = source.tree();
    match tree.role(at) {
        Role::Pass => true,
        Role::Return => tree.inside(at).all(|inner| {
            matches!(
                tree.role(inner),
                Role::Token
                    | Role::Null
                    | Role::Boolean
                    | Role::Number
                    | Role::Text
                    | Role::List
                    | Role::Map
                    | Role::Comment
                    | Role::Wrap
            ) || !tree.is_named(inner)
        }),
        _ => tree.text(at) == "...",
    }
}

/// Whether a statement only documents.
fn is_words(source: &Source, at: At) -> bool {
    let tree = source.tree();
    tree.role(at) == Role::Comment
        || tree.role(at) == Role::Statement
            && tree.named(at).next().is_some()
            && tree.named(at).all(|inner| tree.role(inner) == Role::Text)
}

/// Whether others are meant to do it: in a class that is one of interfaces, or that other classes of
/// the file are made from, or that says so.
pub(super) fn is_abstract(source: &Source, function: &Function) -> bool {
    let tree = source.tree();
    let Some(class) = tree.all_around(function.at).find(|at| tree.role(*at) == Role::Class) else {
        return false;
    };
    let text = tree.text(class);
    let head: String = text.lines().take(4).collect::<Vec<_>>().join(" ").to_lowercase();
    let says = ["abc", "protocol", "abstract", "interface", "base class", "trait ", "mixin"];
    if says.iter().any(|word| head.contains(word)) {
        return true;
    }
    let name = text.split(|c: char| !c.is_alphanumeric() && c != '_').nth(1).unwrap_or_default();
    let is_made_from = !name.is_empty()
        && source.language() == Language::Python
        && tree.whole_text().contains(&format!("({name}"));
    let is_ruby_parent =
        source.language() == Language::Ruby && tree.whole_text().contains(&format!("< {name}\n"));
    is_made_from
        || is_ruby_parent
        || (!name.is_empty() && tree.whole_text().contains(&format!("extends {name}")))
}
