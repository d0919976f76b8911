//! Settings that could not be compared, since they do not parse.

use loki_model::Severity;

use super::line_of;
use crate::gates::rule::{Found, Rule};
use crate::kind::Kind;
use crate::settings;
use crate::sides::Sides;

/// Settings do not parse.
pub(super) const RULE: Rule = Rule {
    id: "runner-tampering/unreadable-settings",
    severity: Severity::Warning,
    what: "A changed file of settings is not what its name promises, so that it was not compared.",
    why: "What could not be read may say anything.",
    example: "+{ \"scripts\": { \"test\": ",
    fix: "Mend the file.",
    look: |cx, delta, found| look(&Sides::of(cx, delta), found),
};

fn look(sides: &Sides<'_>, found: &mut Found) {
    for file in
        sides.delta.files.iter().filter(|file| matches!(file.kind, Kind::Harness | Kind::Manifest))
    {
        let Some(text) = file.after.as_deref() else { continue };
        if matches!(settings::read(&file.path, text), Some(Err(_))) {
            let message = format!("`{}` could not be read, and was not compared", file.path);
            found.add(RULE.at(&file.path, line_of(file, ""), message));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sides::testing::check;

    #[test]
    fn settings_that_do_not_parse_are_told() {
        check(look, &[], &[("package.json", "{")], "warning unreadable-settings package.json:1");
        check(look, &[], &[("tsconfig.json", "// a\n{\"a\": 1,}")], "");
    }
}
