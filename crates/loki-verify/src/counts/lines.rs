//! What a test script prints: TAP, plain lines such as `ok NAME`, `PASS: NAME` and `NAME ... FAIL`, or
//! totals of JUnit and `unittest`.

use super::totals::Totals;
use super::{CaseEnd, FAILURE_TEXT_BYTES_MAX, Failure, Tally};

/// Bytes of a line that are looked at.
const LINE_BYTES_MAX: usize = 4 * 1024;

/// Words by which a line says how a test ended.
const WORDS: &[(&str, CaseEnd)] = &[
    ("ok", CaseEnd::Passed),
    ("OK", CaseEnd::Passed),
    ("PASS", CaseEnd::Passed),
    ("PASSED", CaseEnd::Passed),
    ("not ok", CaseEnd::Failed),
    ("FAIL", CaseEnd::Failed),
    ("FAILED", CaseEnd::Failed),
    ("XPASS", CaseEnd::Failed),
    ("SKIP", CaseEnd::Skipped),
    ("SKIPPED", CaseEnd::Skipped),
    ("XFAIL", CaseEnd::Skipped),
];

/// Marks that do the same.
const MARKS: &[(char, CaseEnd)] = &[
    ('✓', CaseEnd::Passed),
    ('✔', CaseEnd::Passed),
    ('✗', CaseEnd::Failed),
    ('✘', CaseEnd::Failed),
    ('✖', CaseEnd::Failed),
];

/// Words after a number that make it a total and no name.
const COUNTED: &[&str] = &[
    "of",
    "test",
    "tests",
    "passed",
    "failed",
    "skipped",
    "problem",
    "problems",
    "check",
    "checks",
    "assertion",
    "assertions",
    "spec",
    "specs",
    "example",
    "examples",
    "suite",
    "suites",
    "file",
    "files",
    "case",
    "cases",
    "error",
    "errors",
];

/// Names of lines that tell of all tests together.
const SUMMARIES: &[&str] = &["result", "results", "status", "summary", "total", "overall"];

/// Reads what a script prints, line by line.
///
/// Each line that says how one test ended counts. The plan of TAP, if there is one, has to agree
/// with its numbered points. What stands under a failed test is taken for what it said.
#[derive(Debug, Default)]
pub(crate) struct Report {
    tally: Tally,
    planned: Option<u64>,
    numbered: u64,
    /// The last test, while it is a failed one.
    failed: Option<Failure>,
    totals: Totals,
}

/// What a text says by totals; nothing where it has none.
pub(crate) fn by_totals(text: &str) -> Option<Tally> {
    let mut report = Report::default();
    text.lines().for_each(|line| report.line(line.as_bytes()));
    report.totals.is_known().then(|| report.finish())
}

impl Report {
    /// Takes one line without its newline.
    pub(crate) fn line(&mut self, line: &[u8]) {
        let line = String::from_utf8_lossy(&line[..line.len().min(LINE_BYTES_MAX)]);
        let line = crate::text::plain(&line);
        if self.totals.line(&line) {
            self.close();
        } else if let Some(count) = plan(&line) {
            self.planned = Some(self.planned.unwrap_or(0).saturating_add(count));
        } else if let Some(told) = told(&line) {
            self.numbered += u64::from(told.is_numbered);
            self.end(&told);
        } else if line.starts_with("Bail out!") {
            self.end(&Told { name: "Bail out!", ended: CaseEnd::Failed, is_numbered: false });
        } else if let Some(failure) = &mut self.failed
            && failure.text.len() < FAILURE_TEXT_BYTES_MAX
        {
            failure.text.push_str(&line);
            failure.text.push('\n');
        }
    }

    /// Keeps what the last failed test said.
    fn close(&mut self) {
        if let Some(failure) = self.failed.take() {
            self.tally.told(failure);
        }
    }

    fn end(&mut self, told: &Told<'_>) {
        self.close();
        let name = without_time(told.name);
        self.tally.ended(name, None, told.ended);
        if told.ended == CaseEnd::Failed {
            let (name, text) = (name.to_owned(), String::new());
            self.failed = Some(Failure { name, text, file: None, line: None });
        }
    }

    /// What was counted, once the script ended.
    pub(crate) fn finish(mut self) -> Tally {
        self.close();
        if self.planned.is_some_and(|planned| planned != self.numbered) {
            self.tally.doubted("its plan and its tests contradict each other");
        }
        self.totals.add_to(&mut self.tally);
        self.tally
    }
}

/// One line that says how a test ended.
struct Told<'a> {
    name: &'a str,
    ended: CaseEnd,
    /// Whether it is a numbered point of TAP.
    is_numbered: bool,
}

/// The number of tests that a plan of TAP announces.
fn plan(line: &str) -> Option<u64> {
    line.strip_prefix("1..")?.split_whitespace().next()?.parse().ok()
}

fn told(line: &str) -> Option<Told<'_>> {
    point(line).or_else(|| marked(line)).or_else(|| worded(line)).or_else(|| trailing(line))
}

/// A point of TAP with its number. Those of nested tests are indented, and summed up by one that is
/// not.
fn point(line: &str) -> Option<Told<'_>> {
    let (rest, ended) = match line.strip_prefix("not ok ") {
        Some(rest) => (rest, CaseEnd::Failed),
        None => (line.strip_prefix("ok ")?, CaseEnd::Passed),
    };
    let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, rest) = rest.split_at(digits);
    if number.is_empty() || !(rest.is_empty() || rest.starts_with(char::is_whitespace)) {
        return None;
    }
    let (name, directive) = rest.split_once(" # ").unwrap_or((rest, ""));
    let directive = directive.trim_start().to_ascii_lowercase();
    let is_excused = directive.starts_with("skip") || directive.starts_with("todo");
    let name = name.trim().trim_start_matches("- ").trim();
    Some(Told {
        name: if name.is_empty() { number } else { name },
        ended: if is_excused { CaseEnd::Skipped } else { ended },
        is_numbered: true,
    })
}

fn marked(line: &str) -> Option<Told<'_>> {
    let line = line.trim_start();
    let (mark, ended) = MARKS.iter().find(|(mark, _)| line.starts_with(*mark))?;
    let name = line.trim_start_matches(*mark).trim();
    is_name(name).then_some(Told { name, ended: *ended, is_numbered: false })
}

/// `WORD`, `WORD NAME`, `WORD: NAME` or `[WORD] NAME`, from the first column.
fn worded(line: &str) -> Option<Told<'_>> {
    let (found, rest) = match line.strip_prefix('[').and_then(|line| line.split_once(']')) {
        Some((word, rest)) => (WORDS.iter().find(|(known, _)| *known == word.trim())?, rest),
        None => {
            let after = |word: &str| {
                let rest = line.strip_prefix(word)?;
                let ends = rest.is_empty() || rest.starts_with([':', ' ', '\t']);
                ends.then_some(rest)
            };
            WORDS.iter().find_map(|word| Some((word, after(word.0)?)))?
        }
    };
    let name = rest.trim_start_matches(':').trim();
    if name.is_empty() {
        // A lone `ok` says too little.
        return found.0.chars().all(char::is_uppercase).then_some(Told {
            name: found.0,
            ended: found.1,
            is_numbered: false,
        });
    }
    is_name(name).then_some(Told { name, ended: found.1, is_numbered: false })
}

/// `NAME ... WORD` or `NAME: WORD`.
fn trailing(line: &str) -> Option<Told<'_>> {
    let (rest, ended) =
        WORDS.iter().find_map(|(word, ended)| Some((line.strip_suffix(word)?, *ended)))?;
    let rest = rest.trim_end();
    let name = rest.strip_suffix("..").or_else(|| rest.strip_suffix(':'))?;
    let name = name.trim_end_matches('.').trim();
    let is_summary = SUMMARIES.contains(&name.to_ascii_lowercase().as_str());
    (is_name(name) && !is_summary).then_some(Told { name, ended, is_numbered: false })
}

/// Whether a text is the name of a test, and no total such as `3 tests` or `3/4`.
fn is_name(text: &str) -> bool {
    let mut words = text.split_whitespace();
    let Some(first) = words.next() else { return false };
    let is_number = first.chars().all(|c| c.is_ascii_digit() || matches!(c, '/' | '%' | '(' | ')'))
        && first.contains(|c: char| c.is_ascii_digit());
    let next = words.next().map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()));
    !(is_number && next.is_none_or(|word| COUNTED.contains(&word.to_ascii_lowercase().as_str())))
}

/// A name without how long its test took, which is another time in each run.
fn without_time(name: &str) -> &str {
    let name = name.trim_end();
    let Some((head, last)) = name.rsplit_once(['\t', '(']) else { return name };
    let time = last.trim_end_matches(')').trim();
    let number = time.trim_end_matches(|c: char| c.is_ascii_lowercase()).trim_end();
    let unit = time[number.len()..].trim();
    let is_time = matches!(unit, "s" | "ms" | "us" | "ns" | "sec" | "secs" | "seconds")
        && number.parse::<f64>().is_ok();
    if is_time { head.trim_end() } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;
    use loki_model::TestCounts;
    use proptest::prelude::*;

    fn read(text: &str) -> Tally {
        let mut report = Report::default();
        text.lines().for_each(|line| report.line(line.as_bytes()));
        report.finish()
    }

    fn ids(tally: &Tally) -> Vec<(&str, CaseEnd)> {
        tally.cases.iter().map(|case| (case.id.as_str(), case.ended)).collect()
    }

    const PASSED: CaseEnd = CaseEnd::Passed;
    const FAILED: CaseEnd = CaseEnd::Failed;
    const SKIPPED: CaseEnd = CaseEnd::Skipped;

    #[test]
    fn points_of_tap_are_counted_with_their_directives() {
        let tally = read(
            "TAP version 13\nok 1 - adds # time=2ms\n    ok 1 - nested\nnot ok 2 - breaks\n  ---\n  at: a.sh:3\n  ...\nok 3 # SKIP no net\nnot ok 4 later # TODO\n1..4\n",
        );
        let expected = [("adds", PASSED), ("breaks", FAILED), ("3", SKIPPED), ("later", SKIPPED)];
        assert_eq!(ids(&tally), expected);
        assert_eq!(tally.counts, TestCounts { passed: 1, failed: 1, skipped: 2 });
        assert!(tally.failures[0].text.contains("at: a.sh:3"));
        assert_eq!(tally.doubt, None);
    }

    #[test]
    fn a_plan_that_was_not_kept_is_doubted() {
        assert!(read("1..3\nok 1\nok 2\n").doubt.is_some());
        assert!(read("1..2\nok 1\nok 2\n1..1\nok 1\n").doubt.is_none());
        assert_eq!(read("1..9\nBail out! no db\n").counts.failed, 1);
    }

    #[test]
    fn plain_lines_are_counted() {
        let tally = read(
            "ok adds\nPASS: a b\n[PASS] c\n[  FAILED  ] d (3 ms)\nFAIL e: want [1], got [2]\n  ✓ f (12ms)\ntest g ... ok\nh: FAIL\nSKIP: i\nPASS\nok  \tpkg\t0.01s\n",
        );
        let expected = [
            ("adds", PASSED),
            ("a b", PASSED),
            ("c", PASSED),
            ("d", FAILED),
            ("e: want [1], got [2]", FAILED),
            ("f", PASSED),
            ("test g", PASSED),
            ("h", FAILED),
            ("i", SKIPPED),
            ("PASS", PASSED),
            ("pkg", PASSED),
        ];
        assert_eq!(ids(&tally), expected);
    }

    #[test]
    fn totals_and_prose_are_not_tests() {
        let tally = read(
            "ok\nPASS: 3\nFAIL: 0\nFAILED 0 tests\nPASS 3/3\n✖ 2 problems (0 errors, 2 warnings)\n[  PASSED  ] 3 tests.\n# FAIL: 0\nResult: PASS\n9 passed\nokay then\nFAILURE\nPASSWORD: x\n  ok nested\nall done: okay\n",
        );
        assert_eq!(ids(&tally), []);
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_panic(
            text in "(ok |not ok |1\\.\\.|PASS|FAIL: |\\[|\\]|# SKIP|✓| ... ok|\\PC|\n){0,60}"
        ) {
            let tally = read(&text);
            let TestCounts { passed, failed, skipped } = tally.counts;
            prop_assert_eq!(tally.cases.len() as u64, passed + failed + skipped);
        }
    }
}
