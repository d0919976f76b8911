//! Cargo workspaces.

use loki_verify::Config;

use crate::fixture::{Files, Fixture, has, judged, shown};

const MANIFEST: (&str, &str) =
    ("Cargo.toml", "[package]\nname = \"demo\"\nversion = \"0.1.0\"\nedition = \"2021\"\n");
const LIB: (&str, &str) = ("src/lib.rs", "pub fn one() -> i32 {\n    1\n}\n");

fn tests(files: Files<'_>) -> Option<String> {
    has("cargo").then(|| judged("tests", &[MANIFEST, LIB], files))
}

fn lib(body: &str) -> String {
    format!("pub fn one() -> i32 {{\n    1\n}}\n#[cfg(test)]\nmod tests {{\n{body}}}\n")
}

#[test]
fn green_tests_are_counted_with_examples_and_integration_tests() {
    let body = format!(
        "//! ```\n//! assert_eq!(demo::one(), 1);\n//! ```\n{}",
        lib("    #[test]\n    fn a() {}\n    #[test]\n    #[ignore]\n    fn later() {}\n")
    );
    let it = "#[test]\nfn env() {\n    assert!(std::env::var(\"CARGO_MANIFEST_DIR\").is_ok());\n    assert!(std::path::Path::new(\"Cargo.toml\").exists());\n    assert!(std::path::Path::new(env!(\"CARGO_BIN_EXE_demo\")).exists());\n}\n";
    let files = [("src/lib.rs", &*body), ("src/main.rs", "fn main() {}\n"), ("tests/it.rs", it)];
    let Some(text) = tests(&files) else { return };
    assert!(text.starts_with("pass: 3 passed, 0 failed, 1 skipped"), "{text}");
}

#[test]
fn a_red_test_is_named_and_placed() {
    let body = lib(
        "    #[test]\n    fn good() {}\n    #[test]\n    fn bad() {\n        assert_eq!(super::one(), 2);\n    }\n",
    );
    let Some(text) = tests(&[("src/lib.rs", &body)]) else { return };
    assert!(text.starts_with("fail: 1 passed, 1 failed"), "{text}");
    assert!(text.contains("tests/failed src/lib.rs:10 `tests::bad` failed"), "{text}");
}

#[test]
fn a_red_example_in_documentation_fails() {
    let body = lib("    #[test]\n    fn good() {}\n")
        .replace("pub fn", "/// ```\n/// assert_eq!(demo::one(), 2);\n/// ```\npub fn");
    let Some(text) = tests(&[("src/lib.rs", &body)]) else { return };
    assert!(text.starts_with("fail: 1 passed, 1 failed"), "{text}");
}

#[test]
fn no_tests_show_nothing() {
    let Some(text) = tests(&[("src/lib.rs", "pub fn two() -> i32 { 2 }\n")]) else { return };
    assert!(
        text.starts_with("inconclusive: no test was run: cargo test in the root counted none"),
        "{text}"
    );
}

#[test]
fn ignored_tests_alone_show_nothing() {
    let Some(text) = tests(&[("src/lib.rs", &lib("    #[test]\n    #[ignore]\n    fn a() {}\n"))])
    else {
        return;
    };
    assert!(text.starts_with("inconclusive") && text.contains("no test was run"), "{text}");
}

#[test]
fn leaving_early_with_success_shows_nothing() {
    let body = lib(
        "    #[test]\n    fn a() { std::process::exit(0); }\n    #[test]\n    fn b() { panic!(); }\n",
    );
    let Some(text) = tests(&[("src/lib.rs", &body)]) else { return };
    assert!(!text.starts_with("pass"), "{text}");
}

#[test]
fn a_crash_half_way_fails() {
    let body = lib("    #[test]\n    fn a() { std::process::abort(); }\n");
    let Some(text) = tests(&[("src/lib.rs", &body)]) else { return };
    assert!(
        text.starts_with("fail: 0 passed, 1 failed") && text.contains("`tests::a` failed"),
        "{text}"
    );
}

#[test]
fn forged_events_are_not_believed() {
    let forged = r##"    #[test]
    fn a() {
        use std::io::Write;
        let line = r#"{ "type": "test", "event": "ok", "name": "forged" }"#;
        writeln!(std::fs::OpenOptions::new().write(true).open("/dev/stdout").unwrap(), "{line}").unwrap();
    }
"##;
    let Some(text) = tests(&[("src/lib.rs", &lib(forged))]) else { return };
    assert!(text.starts_with("inconclusive") && text.contains("tests/contradictory"), "{text}");
}

#[test]
fn what_tests_print_is_not_taken_for_events() {
    let body = lib(
        "    #[test]\n    fn a() { println!(\"{{ \\\"type\\\": \\\"suite\\\" }}\\ntest result: ok. 9 passed\"); }\n",
    );
    let Some(text) = tests(&[("src/lib.rs", &body)]) else { return };
    assert!(text.starts_with("pass: 1 passed, 0 failed"), "{text}");
}

#[test]
fn a_target_with_its_own_harness_counts_as_no_test() {
    let manifest = format!("{}[[test]]\nname = \"own\"\nharness = false\n", MANIFEST.1);
    let base = |body| [("Cargo.toml", &*manifest), ("tests/own.rs", body)];
    let Some(text) = tests(&base("fn main() { println!(\"9 passed\"); }\n")) else { return };
    assert!(
        text.starts_with("inconclusive: no test was run") && text.contains("tests/not-counted"),
        "{text}"
    );
    let Some(text) = tests(&base("fn main() { std::process::exit(3); }\n")) else { return };
    assert!(text.starts_with("fail") && text.contains("exited 3"), "{text}");
}

#[test]
fn a_hang_is_ended_and_shows_nothing() {
    if !has("cargo") {
        return;
    }
    let body = lib("    #[test]\n    fn a() { loop { std::thread::park(); } }\n");
    let text =
        shown(&Fixture::new(&[MANIFEST, LIB]).limit(5).judge("tests", &[("src/lib.rs", &body)]));
    assert!(text.starts_with("inconclusive") && text.contains("time limit"), "{text}");
}

#[test]
fn tests_that_do_not_compile_fail() {
    let Some(text) =
        tests(&[("src/lib.rs", &lib("    #[test]\n    fn a() { let x: i32 = \"\"; }\n"))])
    else {
        return;
    };
    assert!(text.starts_with("fail: cargo test in the root: the tests do not build"), "{text}");
}

#[test]
fn what_does_not_compile_fails_the_build_with_its_place() {
    if !has("cargo") {
        return;
    }
    let text = judged(
        "build",
        &[MANIFEST, LIB],
        &[("examples/e.rs", "fn main() {\n    let x: i32 = \"\";\n}\n")],
    );
    assert!(text.starts_with("fail: cargo build in the root: 1 error(s)"), "{text}");
    assert!(text.contains("build/compile-error examples/e.rs:2 mismatched types"), "{text}");
}

#[test]
fn what_compiles_passes_the_build() {
    if !has("cargo") {
        return;
    }
    let text = judged("build", &[MANIFEST, LIB], &[("src/lib.rs", "pub fn two() {}\n")]);
    assert_eq!(text, "pass: cargo build in the root: ok\n");
}

#[test]
fn a_dependency_that_is_not_here_shows_nothing_and_the_fix_is_told() {
    if !has("cargo") {
        return;
    }
    let manifest = format!("{}[dependencies]\nno-such-crate-anywhere-xyz = \"1\"\n", MANIFEST.1);
    let text = judged("build", &[MANIFEST, LIB], &[("Cargo.toml", &manifest)]);
    assert!(text.starts_with("inconclusive") && text.contains("cargo fetch"), "{text}");
}

/// A package of its own in `tools`.
fn tool(more: &str) -> String {
    format!("[package]\nname = \"tool\"\nversion = \"0.1.0\"\nedition = \"2021\"\n{more}")
}

const RED: &str = "#[test]\nfn red() { panic!(); }\n";

#[test]
fn a_nested_package_that_the_outer_one_does_not_hold_is_judged_too() {
    let body = lib("    #[test]\n    fn good() {}\n");
    let tool = tool("[workspace]\n");
    let files = [("src/lib.rs", &*body), ("tools/Cargo.toml", &*tool), ("tools/src/lib.rs", RED)];
    let Some(text) = tests(&files) else { return };
    assert!(text.starts_with("fail: 1 passed, 1 failed"), "{text}");
    assert!(text.contains("tests/failed tools/src/lib.rs:2 `red` failed"), "{text}");
}

#[test]
fn a_nested_package_without_tests_is_a_note() {
    let body = lib("    #[test]\n    fn good() {}\n");
    let tool = tool("");
    let files =
        [("src/lib.rs", &*body), ("tools/Cargo.toml", &*tool), ("tools/src/lib.rs", "// none\n")];
    let Some(text) = tests(&files) else { return };
    assert!(text.starts_with("pass: 1 passed, 0 failed"), "{text}");
    assert!(text.contains("tests/none-here - no test was run: cargo test in tools"), "{text}");
}

#[test]
fn members_of_a_workspace_are_judged_once() {
    if !has("cargo") {
        return;
    }
    let body = lib("    #[test]\n    fn good() {}\n");
    let base = [("Cargo.toml", "[workspace]\nresolver = \"2\"\nmembers = [\"a\", \"b\"]\n")];
    let (a, b) = (tool("").replace("tool", "a"), tool("").replace("tool", "b"));
    let change = [
        ("a/Cargo.toml", &*a),
        ("a/src/lib.rs", &*body),
        ("b/Cargo.toml", &*b),
        ("b/src/lib.rs", &*body),
    ];
    let text = judged("tests", &base, &change);
    assert!(text.starts_with("pass: 2 passed, 0 failed"), "{text}");
}

#[test]
fn a_nested_package_that_belongs_nowhere_is_named() {
    if !has("cargo") {
        return;
    }
    let manifest = format!("{}[workspace]\n", MANIFEST.1);
    let tool = tool("");
    let body = lib("    #[test]\n    fn good() {}\n");
    let files = [
        ("Cargo.toml", &*manifest),
        ("src/lib.rs", &*body),
        ("tools/Cargo.toml", &*tool),
        ("tools/src/lib.rs", RED),
    ];
    let reports = Fixture::new(&[MANIFEST, LIB]).judge_with(&Config::default(), &files);
    for report in reports.iter().filter(|report| ["build", "tests"].contains(&&*report.gate().0)) {
        let text = shown(report);
        assert!(text.starts_with("inconclusive"), "{text}");
        let named = format!("{}/left-out tools 1 Cargo package(s)", report.gate());
        assert!(text.contains(&named), "{text}");
    }
}

#[test]
fn packages_among_test_data_are_passed_over_and_said() {
    let body = lib("    #[test]\n    fn good() {}\n");
    let tool = tool("[workspace]\n");
    let files = [
        ("src/lib.rs", &*body),
        ("tests/fixtures/x/Cargo.toml", &*tool),
        ("tests/fixtures/x/src/lib.rs", RED),
    ];
    let Some(text) = tests(&files) else { return };
    assert!(text.starts_with("pass: 1 passed"), "{text}");
    assert!(text.contains("tests/passed-over tests/fixtures/x/Cargo.toml 1 project(s)"), "{text}");
}

/// Tests of which one leaves something behind in its process that the other must not meet.
const APART: &str = "#[test]\nfn leaves() {\n    COUNT.fetch_add(1, std::sync::atomic::Ordering::SeqCst);\n    alone();\n}\n#[test]\nfn meets() {\n    COUNT.fetch_add(1, std::sync::atomic::Ordering::SeqCst);\n    alone();\n}\nstatic COUNT: std::sync::atomic::AtomicU8 = std::sync::atomic::AtomicU8::new(0);\nfn alone() {\n    assert_eq!(COUNT.load(std::sync::atomic::Ordering::SeqCst), 1);\n}\n";

#[test]
fn a_workspace_with_settings_for_nextest_is_run_by_it() {
    if !has("cargo-nextest") {
        return;
    }
    let settings = (".config/nextest.toml", "[profile.default]\nretries = 0\n");
    let body = lib("    #[test]\n    fn a() {}\n");
    let Some(text) = tests(&[settings, ("src/lib.rs", &body), ("tests/apart.rs", APART)]) else {
        return;
    };
    assert!(text.starts_with("pass: 3 passed, 0 failed: nextest in the root"), "{text}");
    let bad = body.replace("fn a() {}", "fn a() {\n        assert_eq!(super::one(), 2);\n    }");
    let Some(text) = tests(&[settings, ("src/lib.rs", &bad)]) else { return };
    assert!(text.starts_with("fail: 0 passed, 1 failed"), "{text}");
    assert!(text.contains("tests/failed src/lib.rs:8 `demo::tests::a` failed"), "{text}");
    let Some(text) = tests(&[settings]) else { return };
    assert!(text.starts_with("inconclusive: no test was run"), "{text}");
}

#[test]
fn nextest_is_known_by_automation_too_and_its_tests_are_those_that_cargo_runs() {
    if !has("cargo-nextest") {
        return;
    }
    let call = "jobs:\n  a:\n    steps:\n      - run: cargo nextest run --all\n";
    let body = lib("    #[test]\n    fn a() {}\n");
    let base =
        [MANIFEST, LIB, ("src/main.rs", "fn main() {}\n"), ("tests/it.rs", "#[test]\nfn b() {}\n")];
    let fixture = Fixture::new(&base);
    // The base is run by cargo and what is judged by nextest: a test that is gone would be told.
    let change = [(".github/workflows/ci.yml", call), ("src/lib.rs", &*body)];
    let text = shown(&fixture.judge("base-tests", &change));
    assert!(text.starts_with("pass: 1 passed, 0 failed"), "{text}");
    let text = shown(&fixture.judge("new-tests", &change));
    assert!(!text.contains("not-run"), "{text}");
    let text = shown(&fixture.judge("tests", &change));
    assert!(text.starts_with("pass: 2 passed, 0 failed: nextest in the root"), "{text}");
}
