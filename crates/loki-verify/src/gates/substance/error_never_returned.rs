//! Functions of Go that say they can fail, meet an error, and never hand one out.

use loki_model::Severity;

use super::swallowed::tells;
use super::{Code, each_code};
use crate::gates::rule::{Found, Rule};
use crate::syntax::{At, Function, Language, Part, Role};

/// An error is looked at, passed over, and never returned.
pub(super) const RULE: Rule = Rule {
    id: "substance/error-never-returned",
    severity: Severity::Warning,
    what: "A new function of Go whose last result is an error passes an error over and returns `nil` in every case.",
    why: "Its callers look at the error and learn nothing: what was left out is known to nobody.",
    example: "+\t\tif err != nil {\n+\t\t\tcontinue\n+\t\t}\n+\treturn all, nil",
    fix: "Return the error, join it with the others, or hand out no error in the signature.",
    look: |cx, delta, found| each_code(cx, delta, found, &mut look),
};

fn look(code: &Code<'_>, found: &mut Found) {
    if code.after.language() != Language::Go {
        return;
    }
    let is_known = |function: &Function| {
        code.before.is_some_and(|before| {
            before.functions().iter().any(|other| other.qualified == function.qualified)
        })
    };
    for function in code.touched().filter(|function| !is_known(function)) {
        let Some(body) = function.body else { continue };
        if !function.returns.as_deref().is_some_and(ends_in_error) || !returns_only_nil(code, body)
        {
            continue;
        }
        if let Some(skipped) = passed_over(code, body) {
            let line = code.after.tree().line(skipped);
            let message = format!(
                "`{}` passes an error over here and returns `nil` in every case",
                function.qualified
            );
            found.add(RULE.at(&code.file.path, line, message));
        }
    }
}

/// Whether the last result is an error without a name, which no bare `return` hands out.
fn ends_in_error(returns: &str) -> bool {
    let inner = returns.trim().trim_start_matches('(').trim_end_matches(')');
    inner.rsplit(',').next().is_some_and(|last| last.trim() == "error")
}

/// What is in a body, but not in functions within it.
fn own(code: &Code<'_>, at: At) -> impl Iterator<Item = At> {
    let tree = code.after.tree();
    tree.inside_but(at, move |at| tree.role(at) == Role::Lambda)
}

fn returns_only_nil(code: &Code<'_>, body: At) -> bool {
    let tree = code.after.tree();
    let mut returns = own(code, body).filter(|at| tree.role(*at) == Role::Return).peekable();
    returns.peek().is_some()
        && returns.all(|at| {
            let values = tree.text(at).trim_start_matches("return");
            values.rsplit(',').next().is_some_and(|last| last.trim() == "nil")
        })
}

/// The first `if err != nil` that leaves the loop or the function without a word about the error.
fn passed_over(code: &Code<'_>, body: At) -> Option<At> {
    let tree = code.after.tree();
    own(code, body).filter(|at| tree.role(*at) == Role::If).find(|at| {
        let condition = tree.child(*at, Part::Condition).map_or("", |at| tree.text(at));
        let Some(name) = condition.trim().strip_suffix("!= nil").map(str::trim) else {
            return false;
        };
        let Some(then) = tree.child(*at, Part::Body) else { return false };
        let is_error = name.to_ascii_lowercase().ends_with("err")
            || name.to_ascii_lowercase().starts_with("err");
        let is_used =
            tree.inside(then).any(|at| tree.role(at) == Role::Name && tree.text(at) == name);
        let leaves = tree.inside(then).any(|at| matches!(tree.role(at), Role::Jump | Role::Return));
        is_error && leaves && !is_used && !tells(tree, then)
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

    /// A function that does `inside` for each of its texts.
    fn all(returns: &str, inside: &str, end: &str) -> String {
        format!(
            "package p\n\nfunc All(texts []string) {returns} {{\n\tvar all []string\n\tfor _, text := range texts {{\n\t\tone, err := Parse(text)\n\t\t{inside}\n\t\tall = append(all, one)\n\t}}\n\t{end}\n}}\n"
        )
    }

    #[test]
    fn an_error_that_no_caller_can_learn_of_is_a_warning() {
        for (inside, end) in [
            ("if err != nil {\n\t\t\tcontinue\n\t\t}", "return all, nil"),
            ("if err != nil {\n\t\t\tbreak\n\t\t}", "return all, nil"),
            ("if err != nil {\n\t\t\treturn nil, nil\n\t\t}", "return all, nil"),
        ] {
            let text = all("([]string, error)", inside, end);
            expect(look, &[], &[("p/p.go", &text)], "warning error-never-returned p/p.go:7");
        }
    }

    #[test]
    fn errors_that_are_returned_kept_or_told_and_results_without_one_are_fine() {
        let skip = "if err != nil {\n\t\t\tcontinue\n\t\t}";
        for (returns, inside, end) in [
            (
                "([]string, error)",
                "if err != nil {\n\t\t\treturn nil, err\n\t\t}",
                "return all, nil",
            ),
            ("([]string, error)", skip, "return all, last()"),
            (
                "([]string, error)",
                "if err != nil {\n\t\t\terrs = append(errs, err)\n\t\t\tcontinue\n\t\t}",
                "return all, nil",
            ),
            (
                "([]string, error)",
                "if err != nil {\n\t\t\tlog.Printf(\"skipped %s\", text)\n\t\t\tcontinue\n\t\t}",
                "return all, nil",
            ),
            (
                "([]string, error)",
                "if errors.Is(err, ErrBlank) {\n\t\t\tcontinue\n\t\t}",
                "return all, nil",
            ),
            ("(all []string, err error)", skip, "return all, nil"),
            ("[]string", skip, "return all"),
            ("([]string, error)", "if one == \"\" {\n\t\t\tcontinue\n\t\t}", "return all, nil"),
        ] {
            let text = all(returns, inside, end);
            expect(look, &[], &[("p/p.go", &text)], "");
        }
    }

    #[test]
    fn a_function_that_was_there_before_is_fine() {
        let before =
            all("([]string, error)", "if err != nil {\n\t\t\tcontinue\n\t\t}", "return all, nil");
        let after = before.replace("var all []string", "all := []string{}");
        expect(look, &[("p/p.go", &before)], &[("p/p.go", &after)], "");
    }
}
