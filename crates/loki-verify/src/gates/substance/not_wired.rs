//! Options and parameters that nobody reads.

use loki_model::Severity;

use super::{Code, each_code};
use crate::delta::Delta;
use crate::gates::Cx;
use crate::gates::rule::{Found, Rule};
use crate::kind::{Kind, kind};
use crate::syntax::{Function, Language, Nature, Role, call};

/// An option without an effect.
pub(super) const RULE: Rule = Rule {
    id: "substance/not-wired",
    severity: Severity::Warning,
    what: "An option or a parameter that the change adds is not read by anything.",
    why: "It is accepted and changes nothing: whoever uses it is told a lie.",
    example: "+ parser.add_argument(\"--delimiter\", default=\",\")    # and no args.delimiter anywhere",
    fix: "Use the value where it matters, or leave it out.",
    look,
};

/// Files of one language that are searched for a use.
const FILES_MAX: usize = 2_000;

fn look(cx: &Cx<'_>, delta: &Delta, found: &mut Found) {
    each_code(cx, delta, found, &mut |code, found| {
        for (option, names, line) in options(code) {
            if !is_read(cx, code, &names) {
                let message = format!("the value of the option `{option}` is never read");
                found.add(RULE.at(&code.file.path, line, message));
            }
        }
        for function in code.touched() {
            for parameter in ignored(code, function) {
                let message = format!(
                    "`{}` takes `{parameter}` since this change and never reads it",
                    function.qualified
                );
                found.add(RULE.at(&code.file.path, function.lines.0, message));
            }
        }
    });
}

/// Options that added lines declare: how they are called, by which names they are read, where.
fn options(code: &Code<'_>) -> Vec<(String, Vec<String>, u32)> {
    let tree = code.after.tree();
    let language = code.after.language();
    let mut found = Vec::new();
    for (at, chain) in code.after.calls() {
        let line = tree.line(at);
        if !code.file.is_added(line) {
            continue;
        }
        let texts = || {
            let positional = call::positional(tree, at).into_iter();
            positional
                .filter(|at| tree.role(*at) == Role::Text)
                .map(|at| call::unquoted(tree.text(at)).to_owned())
        };
        let declared = match (language, chain.last_name()) {
            (Language::Python, "add_argument") => texts().find(|text| text.starts_with("--")),
            (Language::JavaScript | Language::TypeScript, "option") => {
                texts().next().and_then(|text| {
                    let word = text.split([' ', ',']).find(|word| word.starts_with("--"));
                    word.map(str::to_owned)
                })
            }
            _ => None,
        };
        let Some(option) = declared else { continue };
        let is_of_parser = |name: &str| {
            call::keyword(tree, at, name).is_some_and(|value| {
                ["version", "help"].contains(&call::unquoted(tree.text(value)))
            })
        };
        if is_of_parser("action") {
            continue;
        }
        let bare = option.trim_start_matches("--").trim_start_matches("no-");
        let mut names = vec![bare.replace('-', "_"), camel(bare)];
        if let Some(dest) = call::keyword(tree, at, "dest") {
            names.push(call::unquoted(tree.text(dest)).to_owned());
        }
        found.push((option.clone(), names, line));
    }
    found
}

fn camel(name: &str) -> String {
    let mut out = String::new();
    for (index, part) in name.split('-').enumerate() {
        let mut chars = part.chars();
        match (index, chars.next()) {
            (0, Some(first)) => out.push(first),
            (_, Some(first)) => out.extend(first.to_uppercase()),
            (_, None) => {}
        }
        out.extend(chars);
    }
    out
}

/// Whether any code of the product reads one of these names, or takes all options at once.
fn is_read(cx: &Cx<'_>, code: &Code<'_>, names: &[String]) -> bool {
    let ending = code.file.path.rsplit('.').next().unwrap_or_default();
    let files = cx.layout.own_files().filter(|path| {
        path.rsplit('.').next() == Some(ending) && matches!(kind(path), Kind::Source)
    });
    files.take(FILES_MAX).filter_map(|path| cx.read(path)).any(|text| {
        let takes_all = ["vars(", "**args", "...options", "...opts", "__dict__", "getattr("];
        takes_all.iter().any(|sign| text.contains(sign)) || reads(&text, names)
    })
}

/// Whether a text takes a value by one of these names: `args.name`, `["name"]`, `{ name }`.
fn reads(text: &str, names: &[String]) -> bool {
    text.lines().any(|line| {
        let is_declaration = line.contains("add_argument(") || line.contains(".option(");
        let is_comment = ["#", "//", "*"].iter().any(|sign| line.trim_start().starts_with(sign));
        !is_declaration && !is_comment && names.iter().any(|name| takes(line, name))
    })
}

fn takes(line: &str, name: &str) -> bool {
    line.match_indices(name).any(|(at, _)| {
        let (before, after) = (&line[..at], &line[at + name.len()..]);
        let is_whole = !after.starts_with(|c: char| c.is_alphanumeric() || c == '_');
        let is_picked =
            before.contains('{') && after.contains('}') && before.trim_end().ends_with(['{', ',']);
        is_whole && (before.ends_with(['.', '"', '\'']) || is_picked)
    })
}

/// Parameters that a function did not have before, and does not read.
fn ignored<'f>(code: &Code<'_>, function: &'f Function) -> Vec<&'f str> {
    let Some(before) = &code.before else { return Vec::new() };
    let Some(body) = function.body else { return Vec::new() };
    let Some(old) = before.functions().iter().find(|old| old.qualified == function.qualified)
    else {
        return Vec::new();
    };
    // What overrides another function takes what that one takes.
    let tree = code.after.tree();
    let is_free = function.nature == Nature::Plain
        && !tree
            .all_around(function.at)
            .any(|at| tree.role(at) == Role::Class && has_parent(code, at))
        && !function.is_only_documented;
    let is_new = |name: &&String| {
        let bare = name.trim_start_matches(['*', '.', '&']);
        let is_name = bare.chars().all(|c| c.is_alphanumeric() || c == '_');
        !old.parameters.contains(name) && bare.len() > 1 && is_name && !bare.starts_with('_')
    };
    let is_read = |name: &str| {
        let bare = name.trim_start_matches(['*', '.', '&']);
        tree.inside(body).any(|at| tree.is_leaf(at) && tree.text(at) == bare)
            || tree.text(body).contains("arguments")
            || tree.text(body).contains("locals()")
    };
    let names = function.parameters.iter().filter(|_| is_free).filter(is_new);
    names.map(String::as_str).filter(|name| !is_read(name)).collect()
}

fn has_parent(code: &Code<'_>, class: crate::syntax::At) -> bool {
    let tree = code.after.tree();
    let head = tree.text(class).lines().next().unwrap_or_default();
    head.contains('(')
        || head.contains("extends")
        || head.contains("implements")
        || head.contains(" for ")
}
