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
    what: "A new function of Go whose last result is an error passes an error over and returns `nil` in every case; \
           or it passes over what another function that comes with the change says.",
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
        code.before().is_some_and(|before| {
            before.functions().iter().any(|other| other.qualified == function.qualified)
        })
    };
    for function in code.touched() {
        let Some(body) = function.body else { continue };
        let hands_out_errors = function.returns.as_deref().is_some_and(ends_in_error);
        if !hands_out_errors || passed_over(code, body).is_none() || is_known(function) {
            continue;
        }
        let is_silent = returns_only_nil(code, body);
        if let Some(maker) =
            passed_over(code, body).and_then(|skipped| made_by(code, body, skipped))
            && !is_silent
            && let Some(own) = code.touched().find(|own| own.name == maker && !is_known(own))
        {
            let line = code.after.tree().line(own.at);
            let message = format!(
                "errors of `{}` are passed over by `{}`, which hands out others",
                own.qualified, function.qualified
            );
            found.add(RULE.at(&code.file.path, line, message));
            continue;
        }
        if let Some(skipped) = passed_over(code, body).filter(|_| is_silent) {
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
    last_result(returns) == "error"
}

/// The last of what a function hands out, with its name where it has one.
pub(super) fn last_result(returns: &str) -> &str {
    let inner = returns.trim().trim_start_matches('(').trim_end_matches(')');
    inner.rsplit(',').next().unwrap_or_default().trim()
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

/// The function whose error is looked at: what the statement before calls.
fn made_by(code: &Code<'_>, body: At, skipped: At) -> Option<String> {
    let tree = code.after.tree();
    let before = own(code, body).filter(|at| tree.role(*at) == Role::Bind && *at < skipped);
    let bind = before.last()?;
    let call = tree.inside(bind).find(|at| tree.role(*at) == Role::Call)?;
    let called = crate::syntax::call::chain(tree, call);
    let gives_error =
        tree.text(bind).split(['=', ':']).next().is_some_and(|left| left.contains("err"));
    (gives_error && called.links.len() == 1).then(|| called.last_name().to_owned())
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
    fn errors_of_a_new_function_that_its_caller_drops_are_a_warning() {
        let skip = "if err != nil {\n\t\t\tcontinue\n\t\t}";
        let caller = all("([]string, error)", skip, "return all, last()");
        let own = "\nfunc Parse(text string) (string, error) {\n\treturn text, check(text)\n}\n";
        let text = format!("{caller}{own}");
        expect(look, &[], &[("p/p.go", &text)], "warning error-never-returned p/p.go:15");
        let returned = text.replace("continue", "return nil, err");
        expect(look, &[], &[("p/p.go", &returned)], "");
    }

    #[test]
    fn a_function_that_was_there_before_is_fine() {
        let before =
            all("([]string, error)", "if err != nil {\n\t\t\tcontinue\n\t\t}", "return all, nil");
        let after = before.replace("var all []string", "all := []string{}");
        expect(look, &[("p/p.go", &before)], &[("p/p.go", &after)], "");
    }
}
