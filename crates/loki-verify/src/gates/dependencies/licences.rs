//! Licences, where the settings say which are wanted.

use loki_model::Severity;
use spdx::{Expression, ParseMode};

use super::package::{line_of, locked};
use super::weighing;
use crate::gates::rule::{Found, Rule};
use crate::kind::Kind;
use crate::sides::Sides;

/// A new dependency has no wanted licence.
pub(super) const RULE: Rule = Rule {
    id: "dependencies/licence",
    severity: Severity::Error,
    what: "A new dependency is under a licence that the settings do not name, or under an unknown one.",
    why: "Its terms become terms of the project.",
    example: "+      \"license\": \"AGPL-3.0-only\",",
    fix: "Take another package, or have the licence agreed on and named in the settings.",
    look: |cx, delta, found| {
        look(&Sides::of(cx, delta), &cx.config.dependencies.licences, found);
    },
};

fn look(sides: &Sides<'_>, wanted: &[String], found: &mut Found) {
    if wanted.is_empty() {
        return;
    }
    for file in sides.delta.of(Kind::Lock) {
        let Some((_, before, after)) = locked(file) else { continue };
        let mut unknown: Vec<&str> = Vec::new();
        for one in &after {
            if before.iter().any(|then| then.name == one.name) {
                continue;
            }
            if one.licence.is_empty() {
                unknown.push(&one.name);
            } else if !is_wanted(&one.licence, wanted) {
                let message = format!("`{}` is under `{}`", one.name, one.licence);
                found.add(RULE.at(&file.path, line_of(file, &one.name), message));
            }
        }
        if let Some(first) = unknown.first() {
            let more = unknown.len() - 1;
            let message = format!(
                "the licence of `{first}` and of {more} more new packages is not in the lock"
            );
            found.add(weighing(RULE.of(&file.path, message), Severity::Warning));
        }
    }
}

/// Whether one way to read the expression needs only wanted licences.
fn is_wanted(expression: &str, wanted: &[String]) -> bool {
    Expression::parse_mode(expression, ParseMode::LAX).is_ok_and(|parsed| {
        parsed.evaluate(|requirement| {
            let name = requirement.to_string();
            wanted.iter().any(|wanted| wanted.eq_ignore_ascii_case(&name))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sides::testing::check;

    fn look_mit(sides: &Sides<'_>, found: &mut Found) {
        look(sides, &["MIT".to_owned(), "Apache-2.0".to_owned()], found);
    }

    #[test]
    fn new_packages_need_a_wanted_licence() {
        let lock = |licence: &str| {
            format!(
                "{{\"packages\": {{\n\"node_modules/a\": {{\"version\": \"1.0.0\"{licence}}}}}}}"
            )
        };
        for (licence, expected) in [
            (", \"license\": \"MIT\"", ""),
            (", \"license\": \"(GPL-3.0 OR Apache-2.0)\"", ""),
            (", \"license\": \"AGPL-3.0-only\"", "error licence package-lock.json:2"),
            ("", "warning licence package-lock.json"),
        ] {
            check(look_mit, &[], &[("package-lock.json", &lock(licence))], expected);
        }
    }
}
