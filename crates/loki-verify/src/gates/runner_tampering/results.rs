//! Results of tests that are committed.

use loki_model::{ChangeKind, Severity};

use crate::gates::rule::{Found, Rule};
use crate::kind::Kind;
use crate::layout::file_name;
use crate::sides::Sides;

/// Results are committed instead of made.
pub(super) const RULE: Rule = Rule {
    id: "runner-tampering/committed-results",
    severity: Severity::Warning,
    what: "A report of test results or coverage is committed that the project did not track.",
    why: "A report in the tree is a claim; only a run that somebody watched is evidence.",
    example: "+docs/TEST_REPORT.md: 9 passed, 0 failed",
    fix: "Remove it. Results come from running the tests.",
    look: |cx, delta, found| look(&Sides::of(cx, delta), found),
};

fn look(sides: &Sides<'_>, found: &mut Found) {
    let added = sides.delta.files.iter().filter(|file| file.change == ChangeKind::Added);
    for file in added
        .filter(|file| is_result(&file.path) && (file.kind != Kind::Foreign || is_own(&file.path)))
    {
        let name = file_name(&file.path);
        // A project that keeps such reports already keeps one more.
        let is_usual = sides.layout.own_files().any(|path| {
            path != file.path && sides.was(path) && is_result(path) && file_name(path) == name
        });
        if !is_usual {
            found.add(RULE.of(&file.path, format!("`{}` is a result, not evidence", file.path)));
        }
    }
}

/// Whether a file is by its name a report of results.
pub(super) fn is_result(path: &str) -> bool {
    let name = file_name(path).to_ascii_lowercase();
    let (stem, ending) = name.rsplit_once('.').unwrap_or((&name, ""));
    let flat: String = stem.chars().filter(char::is_ascii_alphanumeric).collect();
    let is_data = path
        .split('/')
        .any(|dir| matches!(dir, "fixtures" | "testdata" | "templates" | "examples" | "samples"));
    let in_dir = path
        .split('/')
        .any(|dir| matches!(dir, "test-results" | "htmlcov" | ".nyc_output" | "test-reports"));
    let is_named = match ending {
        "xml" => {
            flat.starts_with("junit")
                || flat == "coverage"
                || flat == "testresults"
                || stem.starts_with("test-")
        }
        "info" => flat == "lcov",
        "json" => matches!(
            flat.as_str(),
            "coveragefinal" | "coveragesummary" | "testresults" | "testreport"
        ),
        "md" | "txt" | "html" | "log" => [
            "testreport",
            "testresult",
            "testresults",
            "coveragereport",
            "testsummary",
            "testoutput",
            "verificationreport",
        ]
        .contains(&flat.as_str()),
        _ => name == ".coverage" || ending == "trx",
    };
    (is_named || in_dir || is_own(path)) && !is_data
}

/// Whether a file pretends to be what loki wrote.
fn is_own(path: &str) -> bool {
    path.starts_with(".loki/verify/") || path.starts_with(".loki/evidence")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sides::testing::check;

    #[test]
    fn reports_that_the_project_did_not_track_are_concerns() {
        for path in [
            "docs/TEST_REPORT.md",
            "junit.xml",
            "coverage/lcov.info",
            "test-results/a.txt",
            ".loki/verify/x.json",
            "coverage.xml",
        ] {
            check(look, &[], &[(path, "x")], &format!("warning committed-results {path}"));
        }
    }

    #[test]
    fn other_files_and_tracked_reports_are_fine() {
        for path in ["docs/testing.md", "tests/fixtures/junit.xml", "src/coverage.py", "reports.md"]
        {
            check(look, &[], &[(path, "x")], "");
        }
        check(look, &[("coverage.xml", "1")], &[("coverage.xml", "2")], "");
        check(
            look,
            &[("a/coverage.xml", "1")],
            &[("a/coverage.xml", "1"), ("b/coverage.xml", "1")],
            "",
        );
    }
}
