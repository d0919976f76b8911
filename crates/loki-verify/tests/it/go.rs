//! Go modules.

use crate::fixture::{Files, Fixture, has, judged, shown};
use crate::shop::begins;

const MODULE: (&str, &str) = ("go.mod", "module example.test/demo\n\ngo 1.21\n");
const CODE: (&str, &str) = ("demo.go", "package demo\n\nfunc One() int { return 1 }\n");

fn tests(files: Files<'_>) -> Option<String> {
    has("go").then(|| judged("tests", &[MODULE, CODE], files))
}

fn file(body: &str) -> String {
    format!(
        "package demo\n\nimport (\n\t\"fmt\"\n\t\"os\"\n\t\"testing\"\n)\n\nvar _ = fmt.Sprint\nvar _ = os.Args\n\n{body}"
    )
}

#[test]
fn green_tests_and_subtests_are_counted() {
    let body = file("func TestA(t *testing.T) { t.Run(\"x\", func(t *testing.T) {}) }\n");
    let Some(text) = tests(&[("a_test.go", &body)]) else { return };
    assert_eq!(text, "pass: 2 passed, 0 failed: go test in the root: 2 passed, 0 failed\n");
}

#[test]
fn a_red_test_is_named_and_placed() {
    let body =
        file("func TestA(t *testing.T) {}\n\nfunc TestB(t *testing.T) {\n\tt.Errorf(\"boo\")\n}\n");
    let Some(text) = tests(&[("sub/a_test.go", &body)]) else { return };
    assert!(text.starts_with("fail: 1 passed, 1 failed"), "{text}");
    assert!(
        text.contains("tests/failed sub/a_test.go:15 `example.test/demo/sub.TestB` failed"),
        "{text}"
    );
}

#[test]
fn no_tests_and_skipped_tests_show_nothing() {
    let Some(text) = tests(&[("more.go", "package demo\n")]) else { return };
    assert!(text.starts_with("inconclusive: no test was run"), "{text}");
    let body = file("func TestA(t *testing.T) { t.Skip(\"later\") }\n");
    let Some(text) = tests(&[("a_test.go", &body)]) else { return };
    assert!(text.starts_with("inconclusive: 0 passed, 0 failed, 1 skipped"), "{text}");
}

#[test]
fn leaving_early_with_success_does_not_pass() {
    let body = file(
        "func TestMain(m *testing.M) { fmt.Println(\"--- PASS: TestA (0.00s)\\nPASS\"); os.Exit(0) }\nfunc TestA(t *testing.T) { t.Fail() }\n",
    );
    let Some(text) = tests(&[("a_test.go", &body)]) else { return };
    assert!(text.starts_with("inconclusive"), "{text}");
}

#[test]
fn a_crash_half_way_fails() {
    let body = file("func TestA(t *testing.T) { panic(\"boo\") }\n");
    let Some(text) = tests(&[("a_test.go", &body)]) else { return };
    assert!(text.starts_with("fail"), "{text}");
}

#[test]
fn a_package_that_does_not_build_fails_tests_and_build() {
    let Some(text) = tests(&[
        ("b.go", "package demo\n\nvar x int = \"a\"\n"),
        ("a_test.go", &file("func TestA(t *testing.T) {}\n")),
    ]) else {
        return;
    };
    assert!(text.starts_with("fail") && text.contains("b.go:3"), "{text}");
    let text = judged("build", &[MODULE, CODE], &[("b.go", "package demo\n\nvar x int = \"a\"\n")]);
    assert!(text.starts_with("fail") && text.contains("build/compile-error b.go:3"), "{text}");
}

#[test]
fn what_builds_passes_the_build_and_leaves_nothing() {
    if !has("go") {
        return;
    }
    let text =
        judged("build", &[MODULE, CODE], &[("cmd/x/main.go", "package main\n\nfunc main() {}\n")]);
    // Where gofmt is installed, it is asked as well.
    begins(&text, "pass: ");
    assert!(text.ends_with("go build in the root: ok\n"), "{text}");
}

#[test]
fn a_module_that_is_not_here_shows_nothing() {
    if !has("go") {
        return;
    }
    let change = [
        ("go.mod", "module example.test/demo\n\ngo 1.21\n\nrequire example.test/none v1.0.0\n"),
        ("b.go", "package demo\n\nimport _ \"example.test/none\"\n"),
    ];
    let text = judged("build", &[MODULE, CODE], &change);
    assert!(!text.starts_with("pass"), "{text}");
}

#[test]
fn a_hang_is_ended_and_shows_nothing_green() {
    if !has("go") {
        return;
    }
    let body = file(
        "func TestA(t *testing.T) { select {} }\nfunc TestB(t *testing.T) { t.Parallel(); go func() { for { } }() }\n",
    );
    let text =
        shown(&Fixture::new(&[MODULE, CODE]).limit(5).judge("tests", &[("a_test.go", &body)]));
    assert!(!text.starts_with("pass"), "{text}");
}

#[test]
fn a_nested_module_is_judged_too_and_one_without_tests_is_a_note() {
    let body = file("func TestA(t *testing.T) {}\n");
    let red =
        file("func TestB(t *testing.T) { t.Fail() }\n").replace("package demo", "package tool");
    let nested = ("tool/go.mod", "module example.test/tool\n\ngo 1.21\n");
    let Some(text) = tests(&[("a_test.go", &body), nested, ("tool/b_test.go", &red)]) else {
        return;
    };
    assert!(text.starts_with("fail: 1 passed, 1 failed"), "{text}");
    let files = [
        ("a_test.go", &*body),
        nested,
        ("tool/tool.go", "package tool\n"),
        ("empty/go.mod", "module example.test/empty\n"),
    ];
    let Some(text) = tests(&files) else { return };
    assert!(text.starts_with("pass: 1 passed, 0 failed"), "{text}");
    assert_eq!(text.matches("tests/none-here").count(), 2, "{text}");
}

#[test]
fn a_module_that_the_workspace_does_not_list_is_judged_by_itself() {
    let body = file("func TestA(t *testing.T) {}\n");
    let tool = body.replace("package demo", "package tool");
    let files = [
        ("go.work", "go 1.21\n\nuse .\n"),
        ("a_test.go", &*body),
        ("tool/go.mod", "module example.test/tool\n\ngo 1.21\n"),
        ("tool/a_test.go", &*tool),
    ];
    let Some(text) = tests(&files) else { return };
    assert!(text.starts_with("pass: 2 passed, 0 failed"), "{text}");
}
