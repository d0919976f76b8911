//! What TypeScript's compiler checks.

use loki_model::Severity;
use serde_json::Value;

use super::tests_seen::{SCRIPT_ENDINGS, Unseen, is_in_any};
use super::{line_of, weighing};
use crate::gates::rule::{Found, Rule};
use crate::kind::Kind;
use crate::layout::{file_name, parent};
use crate::settings::{self, at, flag, list};
use crate::sides::Sides;

/// TypeScript checks less.
pub(super) const RULE: Rule = Rule {
    id: "runner-tampering/typescript",
    severity: Severity::Warning,
    what: "TypeScript's settings check less strictly, or leave out tests.",
    why: "Errors that are no longer looked for are still there.",
    example: "-    \"strict\": true\n+    \"strict\": false",
    fix: "Keep the checks; cast single places with a reason.",
    look: |cx, delta, found| look(&Sides::of(cx, delta), found),
};

/// Options that make the compiler stricter.
const STRICT: &[&str] = &[
    "strict",
    "noImplicitAny",
    "strictNullChecks",
    "strictFunctionTypes",
    "strictBindCallApply",
    "strictPropertyInitialization",
    "noImplicitThis",
    "alwaysStrict",
    "noEmitOnError",
    "noUncheckedIndexedAccess",
    "noImplicitReturns",
    "noFallthroughCasesInSwitch",
    "useUnknownInCatchVariables",
    "exactOptionalPropertyTypes",
    "checkJs",
];

fn look(sides: &Sides<'_>, found: &mut Found) {
    for file in &sides.delta.files {
        let name = file_name(&file.path);
        if !(name.starts_with("tsconfig") && name.ends_with(".json")) || file.kind == Kind::Foreign
        {
            continue;
        }
        let read = |text: &Option<String>| settings::json(text.as_deref()?).ok();
        let (Some(before), Some(after)) = (read(&file.before), read(&file.after)) else { continue };
        let mut add = |key: &str, severity, message: String| {
            let line = line_of(file, &format!("\"{key}\""));
            found.add(weighing(RULE.at(&file.path, line, message), severity));
        };
        // What is taken over from another file may say it too.
        let extends = |value: &Value| value.get("extends").cloned();
        let inherits = extends(&after).is_some() && extends(&after) != extends(&before);
        for key in STRICT {
            let is_on = |value: &Value| flag(at(value, &["compilerOptions", key]));
            let is_implied = is_on_by_strict(key)
                && flag(at(&after, &["compilerOptions", "strict"])) == Some(true);
            let was_on = is_on(&before) == Some(true)
                || is_on_by_strict(key)
                    && flag(at(&before, &["compilerOptions", "strict"])) == Some(true);
            match is_on(&after) {
                Some(false) if was_on || is_on(&before).is_none() && is_implied => {
                    add(key, Severity::Warning, format!("`{key}` is off"));
                }
                None if is_on(&before) == Some(true) && !inherits && !is_implied => {
                    add(key, Severity::Warning, format!("`{key}` is gone"));
                }
                _ => {}
            }
        }
        if name == "tsconfig.json" {
            let dir = parent(&file.path);
            let sees = |value: &Value, path: &str| {
                is_in_any(path, dir, &list(value.get("include")))
                    && (list(value.get("exclude")).is_empty()
                        || !is_in_any(path, dir, &list(value.get("exclude"))))
            };
            let unseen =
                Unseen::find(sides, dir, SCRIPT_ENDINGS, &|path| sees(&before, path), &|path| {
                    sees(&after, path)
                });
            if let Some((severity, _)) = unseen.verdict() {
                let message = "tests are no longer checked by the compiler".to_owned();
                add("exclude", severity.min(Severity::Warning), message);
            }
        }
    }
}

fn is_on_by_strict(key: &str) -> bool {
    matches!(
        key,
        "noImplicitAny"
            | "strictNullChecks"
            | "strictFunctionTypes"
            | "strictBindCallApply"
            | "strictPropertyInitialization"
            | "noImplicitThis"
            | "alwaysStrict"
            | "useUnknownInCatchVariables"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sides::testing::check;

    fn tsconfig(before: &str, after: &str, expected: &str) {
        let tests = ("src/a.test.ts", "x");
        let before = [("tsconfig.json", before), tests];
        check(look, &before, &[("tsconfig.json", after), tests], expected);
    }

    const BASE: &str =
        "{\n// why\n\"compilerOptions\": {\"strict\": true, \"noEmitOnError\": true,},\n}";

    #[test]
    fn checks_that_are_switched_off_are_concerns() {
        let doubt = "warning typescript tsconfig.json:3";
        tsconfig(BASE, &BASE.replace("\"strict\": true", "\"strict\": false"), doubt);
        tsconfig(BASE, &BASE.replace("\"strict\": true,", ""), doubt);
        tsconfig(
            BASE,
            &BASE.replace("\"strict\": true", "\"strict\": true, \"strictNullChecks\": false"),
            doubt,
        );
        tsconfig(
            BASE,
            &BASE.replace("},\n}", "},\n\"exclude\": [\"**/*.test.ts\"]\n}"),
            "warning typescript tsconfig.json:4",
        );
    }

    #[test]
    fn other_settings_are_fine() {
        tsconfig(
            BASE,
            &BASE.replace("true,}", "true, \"target\": \"es2022\", \"skipLibCheck\": true}"),
            "",
        );
        tsconfig(BASE, "{\"extends\": \"@tsconfig/strictest\", \"compilerOptions\": {}}", "");
        tsconfig(
            BASE,
            &BASE.replace("},\n}", "},\n\"exclude\": [\"node_modules\", \"dist\"]\n}"),
            "",
        );
    }
}
