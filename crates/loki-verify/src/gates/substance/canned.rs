//! Functions that always answer the same, whatever they are asked.

use std::collections::BTreeSet;

use loki_model::Severity;

use super::{Code, each_code};
use crate::delta::Delta;
use crate::gates::Cx;
use crate::gates::rule::{Found, Rule};
use crate::syntax::{At, Function, Language, Nature, Role};

/// A canned answer.
pub(super) const RULE: Rule = Rule {
    id: "substance/canned",
    severity: Severity::Warning,
    what: "A new function ignores everything that it is given and always answers the same.",
    why: "An answer that does not depend on the question is made up, or a success that nothing was \
          done for.",
    example: "+ def fetch_alerts(city):\n+     return SAMPLE_ALERTS",
    fix: "Do what the name promises, or say in the name that it is a fixed value.",
    look,
};

/// Words that say that data is made up.
const MADE_UP: &[&str] = &[
    "mock_",
    "sample_",
    "dummy_",
    "fake_",
    "canned",
    "hardcoded",
    "hard-coded",
    "placeholder",
    "sample data",
    "mock data",
    "dummy data",
    "fake data",
    "in a real implementation",
    "would call",
    "real endpoint",
    "simulate",
];

fn look(cx: &Cx<'_>, delta: &Delta, found: &mut Found) {
    each_code(cx, delta, found, &mut |code, found| {
        for function in code.touched() {
            if let Some(how) = canned(code, function).filter(|_| is_new(code, function)) {
                let message = format!("`{}` {how}", function.qualified);
                found.add(RULE.at(&code.file.path, function.lines.0, message));
            }
        }
    });
}

fn is_new(code: &Code<'_>, function: &Function) -> bool {
    let known = code.before().map(|before| before.functions()).unwrap_or_default();
    !known.iter().any(|other| other.qualified == function.qualified)
}

fn canned(code: &Code<'_>, function: &Function) -> Option<&'static str> {
    let tree = code.after.tree();
    let body = function.body?;
    let given: BTreeSet<&str> = function
        .parameters
        .iter()
        .map(|name| name.trim_start_matches(['*', '&', '.']))
        .filter(|name| !matches!(*name, "self" | "cls" | "this" | "") && !name.starts_with('_'))
        .collect();
    if function.nature != Nature::Plain || given.is_empty() || !function.decorators.is_empty() {
        return None;
    }
    let names = |role: Role| {
        tree.inside(body).filter(move |at| tree.role(*at) == role).map(|at| tree.text(at))
    };
    let uses_input = names(Role::Name).any(|name| given.contains(name));
    let uses_itself = names(Role::Name).any(|name| matches!(name, "self" | "this"))
        || tree.text(body).contains("this.")
        || tree.text(body).contains("self.");
    let answers = tree
        .inside(body)
        .any(|at| tree.role(at) == Role::Return && tree.named(at).next().is_some());
    let calls =
        tree.inside(body).any(|at| matches!(tree.role(at), Role::Call | Role::New | Role::Await));
    let near: String = tree.text(function.at).to_lowercase();
    let is_made_up = MADE_UP.iter().any(|word| near.contains(word));
    if uses_input {
        // An identifier that is only echoed beside a fixed success.
        return (!calls && !uses_itself && answers && is_success_only(code, body, &given))
            .then_some("does nothing with what it is given and answers a success");
    }
    if uses_itself || !answers {
        return None;
    }
    if is_made_up {
        return Some("ignores what it is given and answers with data that is made up");
    }
    if !calls && is_lone_success(code, function, body) {
        return Some("ignores what it is given and always says that it is done");
    }
    let is_constant = tree.inside(body).any(|at| {
        tree.role(at) == Role::Return
            && tree
                .inside(at)
                .any(|inner| matches!(tree.role(inner), Role::Map | Role::List | Role::Text))
    });
    (!calls && is_constant).then_some("ignores what it is given and always answers the same")
}

/// Whether a body is nothing but `return true`, in a function that does not fill a form that others ask
/// for: what is named like a question may well always be answered so.
fn is_lone_success(code: &Code<'_>, function: &Function, body: At) -> bool {
    const QUESTIONS: &[&str] = &[
        "is", "has", "can", "should", "supports", "support", "accepts", "allows", "needs",
        "matches", "contains", "equals", "will", "does", "did", "test", "validate", "filter",
        "must", "requires", "uses",
    ];
    let tree = code.after.tree();
    let name = function.name.trim_start_matches('_');
    let is_question = QUESTIONS.iter().any(|word| {
        let rest = name.strip_prefix(word);
        rest.is_some_and(|rest| !rest.starts_with(|c: char| c.is_lowercase()))
    });
    let fills_a_form = code.is_in_family(function.at)
        || matches!(code.after.language(), Language::Go | Language::Rust);
    let statements: Vec<At> =
        tree.named(body).filter(|at| tree.role(*at) != Role::Comment).collect();
    let is_true = |at: At| {
        tree.role(at) == Role::Return
            && tree.named(at).all(|value| {
                tree.role(value) == Role::Boolean && tree.text(value).eq_ignore_ascii_case("true")
            })
            && tree.named(at).next().is_some()
    };
    !is_question && !fills_a_form && matches!(statements.as_slice(), [only] if is_true(*only))
}

/// Whether a body is one `return` of a map that says that something is done, with inputs echoed.
fn is_success_only(code: &Code<'_>, body: At, given: &BTreeSet<&str>) -> bool {
    let tree = code.after.tree();
    let statements: Vec<At> = tree.named(body).collect();
    let [only] = statements.as_slice() else { return false };
    if tree.role(*only) != Role::Return {
        return false;
    }
    let has_truth = tree.inside(*only).any(|at| tree.role(at) == Role::Boolean);
    let has_map = tree.inside(*only).any(|at| tree.role(at) == Role::Map);
    let unused = given.iter().any(|name| {
        !tree.inside(*only).any(|at| tree.role(at) == Role::Name && tree.text(at) == *name)
    });
    has_truth && has_map && (unused || given.len() == 1)
}
