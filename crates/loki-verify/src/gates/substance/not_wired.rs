//! Options and parameters that nobody reads.

use loki_model::Severity;

use super::{Code, each_code};
use crate::delta::Delta;
use crate::gates::Cx;
use crate::gates::rule::{Found, Rule};
use crate::kind::Kind;
use crate::syntax::{Language, Role, call};

mod kept;
mod parameters;
mod unread;

/// An option without an effect.
pub(super) const RULE: Rule = Rule {
    id: "substance/not-wired",
    severity: Severity::Warning,
    what: "An option, a parameter, or a key of what a function hands out to the product, that the change adds is \
           not read by anything.",
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
            if let Some(parameter) = unread::last(cx, code, function) {
                let message =
                    format!("`{}` takes `{parameter}` and never reads it", function.qualified);
                found.add(RULE.at(&code.file.path, function.lines.0, message));
            }
            for (key, line) in kept::unread(cx, code, function) {
                let message = format!(
                    "`{}` hands out `{key}` since this change and no code of the product reads it",
                    function.qualified
                );
                found.add(RULE.at(&code.file.path, line, message));
            }
            for (parameter, what) in parameters::without_effect(cx, code, function) {
                let message = format!(
                    "`{}` takes `{parameter}` since this change and {what}",
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
    product_texts(cx, code, "").any(|text| {
        let takes_all = ["vars(", "**args", "...options", "...opts", "__dict__", "getattr("];
        takes_all.iter().any(|sign| text.contains(sign)) || reads(&text, names)
    })
}

/// Texts of the product's code in the language of `code`, those left out that do not have `word` by itself.
fn product_texts(cx: &Cx<'_>, code: &Code<'_>, word: &str) -> impl Iterator<Item = String> {
    let ending = code.file.path.rsplit('.').next().unwrap_or_default();
    let files = cx
        .naming()
        .files()
        .filter(move |file| file.kind == Kind::Source && file.ending() == ending)
        .take(FILES_MAX);
    let naming = files.filter(move |file| file.after(cx).is_some_and(|words| words.may_have(word)));
    naming.filter_map(|file| cx.read(&file.path))
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
