//! Stages of container builds that run tests.

use loki_model::Severity;

use super::line_of;
use super::loss::losses;
use crate::gates::rule::{Found, Rule};
use crate::layout::file_name;
use crate::sides::Sides;

/// A container build runs fewer tests.
pub(super) const RULE: Rule = Rule {
    id: "runner-tampering/container-build",
    severity: Severity::Warning,
    what: "A Dockerfile no longer runs the tests it ran, or lets them fail.",
    why: "Where the build is the check, nothing else looks.",
    example: "-RUN npm test",
    fix: "Keep the step, or run the tests elsewhere in the same change.",
    look: |cx, delta, found| look(&Sides::of(cx, delta), found),
};

fn look(sides: &Sides<'_>, found: &mut Found) {
    for file in &sides.delta.files {
        let name = file_name(&file.path).to_ascii_lowercase();
        let is_build = name == "dockerfile"
            || name == "containerfile"
            || name.starts_with("dockerfile.")
            || name.ends_with(".dockerfile");
        let (Some(before), Some(after)) = (&file.before, &file.after) else { continue };
        if !is_build {
            continue;
        }
        for loss in losses(sides, "", &script(before), &script(after), true) {
            found.add(RULE.at(&file.path, line_of(file, &loss.needle), loss.what));
        }
    }
}

/// What the steps of a Dockerfile run, as one script.
fn script(text: &str) -> String {
    let joined = text.replace("\\\n", " ");
    let runs = joined.lines().filter_map(|line| {
        let (word, rest) = line.trim().split_once(char::is_whitespace)?;
        word.eq_ignore_ascii_case("RUN").then(|| rest.trim().to_owned())
    });
    let words = |run: String| match serde_json::from_str::<Vec<String>>(&run) {
        Ok(words) => words.join(" "),
        Err(_) => {
            let own = run.split_whitespace().take_while(|word| word.starts_with("--")).count();
            run.split_whitespace().skip(own).collect::<Vec<_>>().join(" ")
        }
    };
    runs.map(words).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sides::testing::check;

    const BASE: &str = "FROM node:22 AS test\nRUN --mount=type=cache,target=/x npm ci\nRUN npm test\nFROM node:22\n";

    #[test]
    fn tests_that_a_build_no_longer_runs_are_told() {
        let gone = BASE.replace("RUN npm test\n", "");
        check(
            look,
            &[("Dockerfile", BASE)],
            &[("Dockerfile", &gone)],
            "warning container-build Dockerfile:1",
        );
        let masked = BASE.replace("npm test", "npm test || true");
        check(
            look,
            &[("Dockerfile", BASE)],
            &[("Dockerfile", &masked)],
            "warning container-build Dockerfile:3",
        );
    }

    #[test]
    fn other_changes_of_a_build_are_fine() {
        let other = BASE.replace("node:22", "node:24");
        check(look, &[("Dockerfile", BASE)], &[("Dockerfile", &other)], "");
    }
}
