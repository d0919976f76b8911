//! Tests that no longer run.

use std::collections::{BTreeMap, BTreeSet};

use loki_model::Severity;

use super::{Found, Rule, at, quoted, weighing, with_suite};
use crate::suite::{Located, Suite};
use crate::syntax::{Check, Marked, Marker, Source};

/// A mark that keeps a test from running.
pub(super) const RULE: Rule = Rule {
    id: "test-integrity/skipped",
    severity: Severity::Error,
    what: "An existing test is marked so that it does not run, or may fail.",
    why: "What it guarded is not guarded any more, while the suite stays green.",
    example: "+@pytest.mark.skip(reason=\"flaky\")\n def test_unique():",
    fix: "Mend what makes it fail. A test that can not run on some platform says on which, and why.",
    look: |cx, delta, found| with_suite(cx, delta, found, look),
};

/// One mark, and everything it is on.
struct Marks<'a> {
    marker: Marker,
    on: Vec<Located<'a>>,
    is_new: bool,
}

fn look(suite: &Suite<'_>, found: &mut Found) {
    let mut seen = Vec::new();
    for (before, after, _) in suite.kept() {
        let had = all_markers(before.source, &before);
        for marker in all_markers(after.source, &after) {
            if !had.iter().any(|known| is_the_same(known, &marker)) {
                seen.push((marker, after, false));
            }
        }
    }
    for test in suite.new_tests() {
        let markers = all_markers(test.source, &test).into_iter();
        seen.extend(markers.map(|marker| (marker, test, true)));
    }
    let mut marks: BTreeMap<(String, u32, String), Marks<'_>> = BTreeMap::new();
    for (marker, test, is_new) in seen {
        let key = (test.path().to_owned(), marker.line, marker.text.clone());
        let known = marks.entry(key).or_insert_with(|| Marks { marker, on: Vec::new(), is_new });
        known.is_new &= is_new;
        known.on.push(test);
    }
    for ((_, line, _), marks) in marks {
        found.add(told(&marks, line));
    }
    for (before, after, _) in suite.kept() {
        must_panic(&before, &after, found);
    }
}

/// Whether a mark keeps a test from running as one did before: under the same condition, or under one that
/// speaks of the machine too and is given for the same reason, in other words.
fn is_the_same(known: &Marker, marker: &Marker) -> bool {
    let says_it_otherwise = || {
        marker.marked == Marked::SkippedIf
            && known.is_about_platform()
            && marker.is_about_platform()
            && known.reason.is_some()
            && known.reason == marker.reason
            && speaks_of(known) == speaks_of(marker)
    };
    known.marked == marker.marked && (known.condition == marker.condition || says_it_otherwise())
}

/// Of which systems a condition speaks, and whether it turns that round.
fn speaks_of(marker: &Marker) -> (BTreeSet<&'static str>, bool) {
    const SYSTEMS: &[(&str, &[&str])] = &[
        ("windows", &["windows", "win32", "win64", "win", "nt", "is_windows"]),
        ("mac", &["darwin", "macos", "osx", "mac", "is_mac", "is_macos"]),
        ("linux", &["linux", "is_linux"]),
        ("pypy", &["pypy", "is_pypy"]),
        ("unix", &["unix", "posix"]),
        // What may hold on any machine is like nothing else.
        ("anything", &["true", "or", "version", "version_info", "1"]),
    ];
    let condition = marker.condition.as_deref().unwrap_or_default().to_ascii_lowercase();
    let words = condition.split(|c: char| !c.is_alphanumeric() && c != '_');
    let of = |word: &str| {
        let mut systems = SYSTEMS.iter().filter(|(_, names)| names.contains(&word));
        systems.next().map(|(system, _)| *system)
    };
    let is_turned = condition.contains('!')
        || condition.split_whitespace().any(|word| word == "not")
        || marker.text.to_ascii_lowercase().contains("unless");
    (words.filter_map(of).collect(), is_turned)
}

/// Every mark that decides whether a test runs; of those on the file, each once.
fn all_markers(source: &Source, located: &Located<'_>) -> Vec<Marker> {
    let own = located.test.markers.iter().cloned();
    own.chain(source.markers().iter().cloned()).filter(decides).collect()
}

fn decides(marker: &Marker) -> bool {
    !matches!(marker.marked, Marked::Only | Marked::CompiledIf)
}

fn told(marks: &Marks<'_>, line: u32) -> loki_model::Finding {
    let marker = &marks.marker;
    let Some(first) = marks.on.first() else {
        return RULE.of("", "a test is marked");
    };
    let severity = severity(marker, marks.is_new);
    let what = match marker.marked {
        Marked::MayFail => "is allowed to fail",
        Marked::Announced => "is only announced",
        Marked::SkippedIf => "does not run when a condition holds",
        _ => "does not run",
    };
    let more = match marks.on.len() - 1 {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let condition = match (&marker.marked, &marker.condition) {
        (Marked::SkippedIf, Some(condition)) => format!(": {}", quoted(condition)),
        _ => String::new(),
    };
    let reason = match &marker.reason {
        Some(reason) => format!(", since {}", quoted(reason)),
        None => String::new(),
    };
    let age = if marks.is_new { "the new " } else { "" };
    let message = format!("{age}`{}`{more} {what}{condition}{reason}", first.test.qualified);
    weighing(at(&RULE, first, line, message), severity)
}

/// A mark on a new test takes nothing away; on an existing one only the machine excuses it.
fn severity(marker: &Marker, is_new: bool) -> Severity {
    let has_reason = marker.reason.is_some() || marker.is_about_platform();
    match (is_new, marker.marked) {
        (true, Marked::Announced) => Severity::Note,
        (true, Marked::SkippedIf) => Severity::Note,
        (true, _) if has_reason => Severity::Note,
        (true, _) => Severity::Warning,
        (false, Marked::SkippedIf | Marked::MayFail) if marker.is_about_platform() => {
            Severity::Warning
        }
        (false, _) => Severity::Error,
    }
}

/// `#[should_panic]` turns a test around: one that is as before asserts the opposite now, where it
/// asserted something.
fn must_panic(before: &Located<'_>, after: &Located<'_>, found: &mut Found) {
    let mark = |located: &Located<'_>| {
        let assertions = located.test.assertions.iter();
        let mut marks = assertions.filter(|assertion| {
            assertion.check == Check::Throws && assertion.text.contains("should_panic")
        });
        marks.next().map(|assertion| assertion.line)
    };
    if let (None, Some(line)) = (mark(before), mark(after)) {
        let body = |located: &Located<'_>| {
            located.source.tree().text(located.test.body).split_whitespace().collect::<String>()
        };
        let is_turned = !before.test.assertions.is_empty() && body(before) == body(after);
        let severity = if is_turned { Severity::Error } else { Severity::Warning };
        let message = format!("`{}` now has to panic to pass", after.test.name);
        found.add(weighing(at(&RULE, after, line, message), severity));
    }
}

#[cfg(test)]
mod tests {
    use crate::sides::Sides;
    use crate::suite::testing::{expect, look_at};

    fn look(sides: &Sides<'_>, found: &mut super::Found) {
        look_at(super::look, sides, found);
    }

    const PY: &str = "def test_a():\n    assert f() == 1\n";

    #[test]
    fn a_mark_on_an_existing_test_is_an_error() {
        for (mark, line) in [
            ("@pytest.mark.skip(reason=\"flaky\")\n", 1),
            ("@pytest.mark.xfail\n", 1),
            ("@unittest.skip('x')\n", 1),
            ("@pytest.mark.skipif(os.environ.get('CI'), reason='CI')\n", 1),
            ("pytestmark = pytest.mark.skip\n", 1),
            ("pytest.importorskip('nope')\n", 1),
        ] {
            let after = format!("{mark}{PY}");
            let expected = format!("error skipped tests/test_a.py:{line}");
            expect(look, &[("tests/test_a.py", PY)], &[("tests/test_a.py", &after)], &expected);
        }
        for body in ["pytest.skip('x')", "raise unittest.SkipTest('x')", "pytest.xfail('x')"] {
            let after = format!("def test_a():\n    {body}\n    assert f() == 1\n");
            let files = [("tests/test_a.py", after.as_str())];
            expect(look, &[("tests/test_a.py", PY)], &files, "error skipped tests/test_a.py:2");
        }
    }

    #[test]
    fn so_it_is_in_every_other_language() {
        for (path, before, after, line) in [
            (
                "a.test.js",
                "test('a', () => { assert.equal(f(), 1); });",
                "test.skip('a', () => { assert.equal(f(), 1); });",
                1,
            ),
            (
                "a.test.ts",
                "it('a', () => { expect(f()).toBe(1); });",
                "xit('a', () => { expect(f()).toBe(1); });",
                1,
            ),
            (
                "a.test.js",
                "test('a', (t) => {\n  assert.equal(f(), 1);\n});",
                "test('a', (t) => {\n  t.skip('later');\n  assert.equal(f(), 1);\n});",
                2,
            ),
            (
                "a.test.js",
                "test('a', () => { assert.equal(f(), 1); });",
                "test('a', { skip: 'slow' }, () => { assert.equal(f(), 1); });",
                1,
            ),
            (
                "a.test.js",
                "describe('g', () => { it('a', () => { assert.equal(f(), 1); }); });",
                "describe.skip('g', () => { it('a', () => { assert.equal(f(), 1); }); });",
                1,
            ),
            (
                "src/a.rs",
                "#[test]\nfn a() {\n    assert_eq!(f(), 1);\n}\n",
                "#[test]\n#[ignore = \"slow\"]\nfn a() {\n    assert_eq!(f(), 1);\n}\n",
                2,
            ),
            (
                "a_test.go",
                "package p\nfunc TestA(t *testing.T) {\n\tif f() != 1 {\n\t\tt.Fatal()\n\t}\n}\n",
                "package p\nfunc TestA(t *testing.T) {\n\tt.Skip(\"x\")\n\tif f() != 1 {\n\t\tt.Fatal()\n\t}\n}\n",
                3,
            ),
            (
                "ATest.java",
                "class ATest { @Test void a() { assertEquals(1, f()); } }",
                "class ATest { @Disabled(\"x\") @Test void a() { assertEquals(1, f()); } }",
                1,
            ),
            (
                "ATest.java",
                "class ATest { @Test void a() { assertEquals(1, f()); } }",
                "@Ignore class ATest { @Test void a() { assertEquals(1, f()); } }",
                1,
            ),
        ] {
            let expected = format!("error skipped {path}:{line}");
            expect(look, &[(path, before)], &[(path, after)], &expected);
        }
    }

    #[test]
    fn a_test_that_has_to_panic_now_is_an_error_where_it_asserts_what_it_did() {
        let before = "#[test]\nfn a() {\n    assert_eq!(f(), 1);\n}\n";
        let after = before.replace("#[test]", "#[test]\n#[should_panic]");
        expect(
            look,
            &[("tests/a.rs", before)],
            &[("tests/a.rs", &after)],
            "error skipped tests/a.rs:2",
        );
        // A call that asserted nothing may have to fail now.
        let before = "#[test]\nfn a() {\n    f(-1);\n}\n";
        let after = before.replace("#[test]", "#[test]\n#[should_panic]");
        expect(
            look,
            &[("tests/a.rs", before)],
            &[("tests/a.rs", &after)],
            "warning skipped tests/a.rs:2",
        );
    }

    #[test]
    fn a_platform_excuses_an_existing_test_to_a_warning() {
        let mark = "@pytest.mark.skipif(sys.platform == 'win32', reason='no fork')\n";
        let after = format!("{mark}{PY}");
        expect(
            look,
            &[("tests/test_a.py", PY)],
            &[("tests/test_a.py", &after)],
            "warning skipped tests/test_a.py:1",
        );
        let after = format!("@pytest.mark.skipif(WIN, reason='No sed.')\n{PY}");
        expect(
            look,
            &[("tests/test_a.py", PY)],
            &[("tests/test_a.py", &after)],
            "warning skipped tests/test_a.py:1",
        );
        let after = format!("@pytest.mark.skipif(WINNER, reason='no')\n{PY}");
        expect(
            look,
            &[("tests/test_a.py", PY)],
            &[("tests/test_a.py", &after)],
            "error skipped tests/test_a.py:1",
        );
        let go = "package p\nfunc TestA(t *testing.T) {\n\tif f() != 1 {\n\t\tt.Fatal()\n\t}\n}\n";
        let skip = "package p\nfunc TestA(t *testing.T) {\n\tif runtime.GOOS == \"windows\" {\n\t\tt.Skip(\"x\")\n\t}\n\tif f() != 1 {\n\t\tt.Fatal()\n\t}\n}\n";
        expect(look, &[("a_test.go", go)], &[("a_test.go", skip)], "warning skipped a_test.go:4");
    }

    #[test]
    fn a_condition_in_other_words_for_the_same_reason_is_the_same_mark() {
        let marked = |mark: &str| format!("@pytest.mark.skipif({mark})\n{PY}");
        let before = marked("platform.system() == 'Windows', reason='No sed on Windows.'");
        for (after, expected) in [
            ("WIN, reason='No sed on Windows.'", ""),
            ("WIN, reason='No sed.'", "warning skipped tests/test_a.py:1"),
            ("not WIN, reason='No sed on Windows.'", "warning skipped tests/test_a.py:1"),
            ("WIN or True, reason='No sed on Windows.'", "warning skipped tests/test_a.py:1"),
            (
                "sys.platform == 'linux', reason='No sed on Windows.'",
                "warning skipped tests/test_a.py:1",
            ),
            ("True, reason='No sed on Windows.'", "error skipped tests/test_a.py:1"),
            ("SLOW, reason='No sed on Windows.'", "error skipped tests/test_a.py:1"),
        ] {
            let after = marked(after);
            expect(look, &[("tests/test_a.py", &before)], &[("tests/test_a.py", &after)], expected);
        }
        let always = "@pytest.mark.skip(reason='No sed on Windows.')\n";
        let after = format!("{always}{PY}");
        let files = [("tests/test_a.py", after.as_str())];
        expect(look, &[("tests/test_a.py", &before)], &files, "error skipped tests/test_a.py:1");
    }

    #[test]
    fn a_new_test_takes_nothing_away() {
        let new = format!(
            "{PY}\n@pytest.mark.skip(reason='needs 3.14')\ndef test_b():\n    assert g() == 1\n"
        );
        expect(
            look,
            &[("tests/test_a.py", PY)],
            &[("tests/test_a.py", &new)],
            "note skipped tests/test_a.py:4",
        );
        let new = format!("{PY}\n@pytest.mark.skip\ndef test_b():\n    assert g() == 1\n");
        expect(
            look,
            &[("tests/test_a.py", PY)],
            &[("tests/test_a.py", &new)],
            "warning skipped tests/test_a.py:4",
        );
    }

    #[test]
    fn marks_that_were_there_and_calls_that_skip_something_else_are_none() {
        let before = format!("@pytest.mark.skip\n{PY}");
        let after = format!("# why\n@pytest.mark.skip\n{}", PY.replace('1', "2"));
        expect(look, &[("tests/test_a.py", &before)], &[("tests/test_a.py", &after)], "");
        let before = "test('a', () => { assert.deepEqual(q.skip(1), []); });";
        let after = "test('a', () => { assert.deepEqual(q.skip(2), []); cursor.skip(1); });";
        expect(look, &[("a.test.js", before)], &[("a.test.js", after)], "");
        // Taking a mark off.
        let marked = format!("@pytest.mark.skip\n{PY}");
        expect(look, &[("tests/test_a.py", &marked)], &[("tests/test_a.py", PY)], "");
    }
}
