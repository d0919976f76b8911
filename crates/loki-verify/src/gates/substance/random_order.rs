//! Lists whose order is another one in each run.

use std::sync::LazyLock;

use loki_model::Severity;
use regex::Regex;

use super::{Code, each_code};
use crate::gates::rule::{Found, Rule};
use crate::syntax::{At, Function, Language, Part, Role, call};
use crate::text::is_word_in;

/// What has no order gives a list its order.
pub(super) const RULE: Rule = Rule {
    id: "substance/random-order",
    severity: Severity::Warning,
    what: "A list that a function hands out gets its order from a set of Python or a map of Go.",
    why: "Its order is another one in each run. Tests whose lists have one element, or no ties, do not notice.",
    example: "+ return sorted(set(names), key=names.count, reverse=True)    # which of two that are there twice comes first?",
    fix: "Sort by something that tells all elements apart, or keep the order in which they came: `dict.fromkeys(…)`.",
    look: |cx, delta, found| each_code(cx, delta, found, &mut look),
};

fn look(code: &Code<'_>, found: &mut Found) {
    let seen = match code.after.language() {
        Language::Python => sets,
        Language::Go => maps,
        _ => return,
    };
    let mut lines: Vec<u32> = Vec::new();
    for function in code.touched() {
        for at in seen(code, function) {
            let line = code.after.tree().line(at);
            if code.file.is_added(line) && !lines.contains(&line) {
                lines.push(line);
                let message = format!(
                    "the order of what `{}` hands out is another one in each run",
                    function.qualified
                );
                found.add(RULE.at(&code.file.path, line, message));
            }
        }
    }
}

/// Calls that make a list of a set and hand it out, or sort one by what elements can share.
fn sets(code: &Code<'_>, function: &Function) -> Vec<At> {
    let tree = code.after.tree();
    let calls = tree.inside(function.at).filter(|at| tree.role(*at) == Role::Call);
    let is_random = |at: &At| {
        let Some(list) = call::positional(tree, *at).into_iter().next() else { return false };
        match call::chain(tree, *at).last_name() {
            "sorted" => call::keyword(tree, *at, "key")
                .is_some_and(|key| is_over_a_set(code, list) && is_shared(tree.text(key))),
            "list" | "tuple" | "join" => is_set(code, list) && is_handed_out(code, *at),
            _ => false,
        }
    };
    calls.filter(is_random).collect()
}

/// Whether elements can have the same key: it is neither made of several parts, nor nearly the element itself.
fn is_shared(key: &str) -> bool {
    const OWN: &[&str] = &["str", "int", "repr", "lower", "casefold"];
    let last = key.rsplit('.').next().unwrap_or_default().trim_end_matches("()");
    let (_, of) = key.split_once(':').unwrap_or(("", key));
    !of.trim_start().starts_with(['(', '[']) && !OWN.contains(&last)
}

/// Whether a value is a set, or goes through one.
fn is_over_a_set(code: &Code<'_>, value: At) -> bool {
    let tree = code.after.tree();
    // `for name in set(names)` within the value.
    let text = tree.text(value);
    is_set(code, value)
        || tree.inside(value).any(|at| {
            let before = &text[..tree.bytes(at).start - tree.bytes(value).start];
            before.trim_end().ends_with(" in") && before.contains("for ") && is_set(code, at)
        })
}

/// Whether a value is written out as a set: `set(…)`, `{a for a in b}`.
fn is_set(code: &Code<'_>, value: At) -> bool {
    let tree = code.after.tree();
    let text = tree.text(value);
    let is_call = tree.role(value) == Role::Call
        && matches!(call::chain(tree, value).path().as_str(), "set" | "frozenset");
    let is_comprehension =
        text.starts_with('{') && text.contains(" for ") && tree.role(value) != Role::Map;
    let head = text.split(" for ").next().unwrap_or_default();
    is_call || (is_comprehension && !head.contains(':'))
}

fn is_handed_out(code: &Code<'_>, at: At) -> bool {
    let tree = code.after.tree();
    let around = tree.around(at);
    around.is_some_and(|around| matches!(tree.role(around), Role::Return | Role::Yield))
}

/// Places at which a loop over a map appends to what the function hands out, and nothing is sorted.
fn maps(code: &Code<'_>, function: &Function) -> Vec<At> {
    static APPEND: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"^([\w.]+)\s*=\s*append\(\s*([\w.]+)\s*,").ok());
    static RANGE: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"^for\s[^{]*\brange\s+(\w+)\s*\{").ok());
    let (Some(append), Some(range)) = (APPEND.as_ref(), RANGE.as_ref()) else { return Vec::new() };
    let tree = code.after.tree();
    let text = tree.text(function.at);
    // What is sorted elsewhere can not be followed.
    if ["sort.", "slices.Sort", "Sort("].iter().any(|sort| tree.whole_text().contains(sort)) {
        return Vec::new();
    }
    let mut found = Vec::new();
    for at in tree.inside(function.at).filter(|at| tree.role(*at) == Role::Loop) {
        let head = range.captures(tree.text(at)).and_then(|found| found.get(1));
        if !head.is_some_and(|name| is_map(text, name.as_str())) {
            continue;
        }
        let Some(body) = tree.child(at, Part::Body) else { continue };
        let binds = tree.inside(body).filter(|bind| tree.role(*bind) == Role::Bind);
        found.extend(binds.filter(|bind| {
            let Some(made) = append.captures(tree.text(*bind)) else { return false };
            let (list, from) = (&made[1], &made[2]);
            let root = list.split('.').next().unwrap_or_default();
            let behind = &text[tree.bytes(at).end - tree.bytes(function.at).start..];
            let mut returns = behind.lines().filter(|line| line.trim_start().starts_with("return"));
            list == from
                && !tree.text(body).contains(&format!("{root} := "))
                && returns.any(|line| is_word_in(line, root))
        }));
    }
    found
}

/// Whether the function itself says that a name is a map: `all map[…`, `seen := make(map[…`.
fn is_map(function: &str, name: &str) -> bool {
    function.match_indices(name).any(|(at, _)| {
        let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.');
        let behind = &function[at + name.len()..];
        let value = behind.trim_start().trim_start_matches([':', '=']).trim_start();
        !function[..at].ends_with(is_part)
            && behind.starts_with([' ', ':', '='])
            && value.trim_start_matches("make(").starts_with("map[")
    })
}

#[cfg(test)]
mod tests {
    use super::super::testing::{expect, look_at};
    use super::Found;
    use crate::sides::Sides;

    fn look(sides: &Sides<'_>, found: &mut Found) {
        look_at(super::look, sides, found);
    }

    #[test]
    fn a_list_with_the_order_of_a_set_is_a_warning() {
        for value in [
            "sorted(set(names), key=names.count)",
            "sorted({n for n in names}, key=lambda n: -len(n))",
            "sorted(((n, names.count(n)) for n in set(names)), key=lambda item: -item[1])",
            "list(set(names))",
            "', '.join(set(names))",
        ] {
            let text = format!("def ranked(names):\n    return {value}\n");
            expect(look, &[], &[("pkg/a.py", &text)], "warning random-order pkg/a.py:2");
        }
    }

    #[test]
    fn what_is_sorted_wholly_or_hands_out_no_list_is_fine() {
        for value in [
            "sorted(set(names))",
            "sorted(set(names), key=lambda n: (-len(n), n))",
            "sorted(set(names), key=str.lower)",
            "sorted(names, key=len)",
            "sorted({n: 1 for n in names}, key=len)",
            "len(list(set(names)))",
            "list(dict.fromkeys(names))",
            "set(list(names))",
        ] {
            let text = format!("def ranked(names):\n    return {value}\n");
            expect(look, &[], &[("pkg/a.py", &text)], "");
        }
    }

    fn go(body: &str) -> String {
        format!("package p\n\nfunc Twice(rows []string) []string {{\n{body}\treturn out\n}}\n")
    }

    #[test]
    fn a_list_with_the_order_of_a_map_is_a_warning() {
        let body = "\tseen := make(map[string]int)\n\tvar out []string\n\tfor row, n := range seen {\n\t\tif n > 1 {\n\t\t\tout = append(out, row)\n\t\t}\n\t}\n";
        expect(look, &[], &[("p/a.go", &go(body))], "warning random-order p/a.go:8");
        let given = "package p\n\nfunc Keys(all map[string]int) (out []string) {\n\tfor key := range all {\n\t\tout = append(out, key)\n\t}\n\treturn out\n}\n";
        expect(look, &[], &[("p/a.go", given)], "warning random-order p/a.go:5");
    }

    #[test]
    fn lists_of_slices_and_sorted_ones_are_fine() {
        for body in [
            "\tvar out []string\n\tfor _, row := range rows {\n\t\tout = append(out, row)\n\t}\n",
            "\tseen := map[string]int{}\n\tvar out []string\n\tfor row := range seen {\n\t\tout = append(out, row)\n\t}\n\tsort.Strings(out)\n",
            "\tseen := map[string]int{}\n\tvar out, all []string\n\tfor row := range seen {\n\t\tall = append(all, row)\n\t}\n\tdrop(all)\n",
        ] {
            expect(look, &[], &[("p/a.go", &go(body))], "");
        }
    }
}
