//! Builds and syntax of languages besides the first ones.

use crate::fixture::{Files, Fixture, finds, has, judged, shown};

const SETTINGS: (&str, &str) =
    ("tsconfig.json", r#"{"compilerOptions": {"strict": true, "types": []}, "include": ["src"]}"#);

fn types(base: Files<'_>, files: Files<'_>) -> Option<String> {
    if !has("node") || !has("tsc") {
        return None;
    }
    let package = ("package.json", r#"{"devDependencies": {"typescript": "*"}}"#);
    let base = [base, &[package, (".gitignore", "node_modules\n")]].concat();
    Some(shown(&Fixture::new(&base).with_node_modules().judge("build", files)))
}

#[test]
fn changed_typescript_has_to_have_its_types_right() {
    let good = ("src/a.ts", "export const a: number = 1;\n");
    let Some(text) = types(&[SETTINGS], &[good]) else { return };
    assert_eq!(text, "pass: tsc in the root: ok\n");
    let Some(text) = types(&[SETTINGS, good], &[("src/b.ts", "export const b: number = 'x';\n")])
    else {
        return;
    };
    assert!(text.starts_with("fail: tsc in the root: 1 error(s)"), "{text}");
    assert!(text.contains("build/type-error src/b.ts:1 error TS2322"), "{text}");
}

#[test]
fn types_that_were_wrong_before_are_notes() {
    let old = ("src/a.ts", "export const a: number = 'x';\n");
    let change = [("src/a.ts", "// moved\nexport const a: number = 'x';\n")];
    let Some(text) = types(&[SETTINGS, old], &change) else { return };
    assert!(text.starts_with("pass: tsc in the root: ok, but for what was wrong before"), "{text}");
    assert!(text.contains("build/type-error src/a.ts:2"), "{text}");
}

#[test]
fn settings_of_the_base_check_the_types() {
    let lax = (
        "tsconfig.json",
        r#"{"compilerOptions": {"types": [], "strict": false}, "include": ["src"]}"#,
    );
    let body = ("src/a.ts", "export function a(x): number { return x.y; }\n");
    let Some(text) = types(&[SETTINGS], &[lax, body]) else { return };
    assert!(
        text.starts_with("inconclusive: tsc in the root: with the tsconfig.json of the base"),
        "{text}"
    );
    assert!(text.contains("build/settings-altered tsconfig.json"), "{text}");
}

#[test]
fn typescript_that_is_declared_and_not_installed_shows_nothing() {
    let base = [SETTINGS, ("package.json", r#"{"devDependencies": {"typescript": "*"}}"#)];
    let text = judged("build", &base, &[("src/a.ts", "x\n")]);
    assert!(text.starts_with("inconclusive") && text.contains("npm ci"), "{text}");
    // Nothing of it is touched.
    let text = judged("build", &base, &[("README.md", "x\n")]);
    assert!(text.starts_with("n/a"), "{text}");
}

#[test]
fn changed_scripts_of_the_shell_have_to_parse() {
    if !has("bash") {
        return;
    }
    let files = [
        ("good.sh", "#!/bin/sh\necho \"$1\"\n"),
        ("arrays.sh", "a=(1 2)\n"),
        ("bad.sh", "#!/bin/sh\nif true; then\n  echo\n"),
        ("other.sh", "#!/bin/zsh\nif (\n"),
    ];
    let text = judged("build", &[("a", "x\n")], &files);
    assert!(text.starts_with("fail: 1 shell file(s) do not parse"), "{text}");
    assert!(text.contains("build/syntax bad.sh:"), "{text}");
    let text = judged("build", &[("old.sh", "if\n")], &[("old.sh", "if # still\n")]);
    assert!(text.starts_with("pass") && text.contains("build/syntax old.sh"), "{text}");
}

#[test]
fn a_script_without_an_ending_is_told_by_the_program_that_it_asks_for() {
    if !has("bash") {
        return;
    }
    let change = [
        ("bin/good", "#!/usr/bin/env bash\necho\n"),
        ("bin/bad", "#!/usr/bin/env -S bash -e\nif true; then\n  echo\n"),
        ("bin/other", "#!/usr/bin/awk -f\nif (\n"),
        ("NOTES", "if true; then\n"),
    ];
    let text = judged("build", &[("a", "1\n")], &change);
    assert!(text.starts_with("fail: 1 shell file(s) do not parse"), "{text}");
    assert!(text.contains("build/syntax bin/bad:"), "{text}");
    if has("python3") {
        let text = judged("build", &[("a", "1\n")], &[("bin/x", "#!/usr/bin/python3\ndef (:\n")]);
        assert!(text.contains("build/syntax bin/x:2"), "{text}");
    }
}

#[test]
fn changed_ruby_and_php_have_to_parse() {
    if finds("ruby") {
        let files = [("a.rb", "def x\n  1\n"), ("b.rb", "x = 1\n")];
        let text = judged("build", &[("a", "x\n")], &files);
        assert!(text.starts_with("fail: 1 Ruby file(s) do not parse"), "{text}");
        assert!(text.contains("build/syntax a.rb:2"), "{text}");
    }
    if finds("php") {
        let files = [("a.php", "<?php\nfunction (\n"), ("b.php", "<?php\n$x = 1;\n")];
        let text = judged("build", &[("a", "x\n")], &files);
        assert!(text.starts_with("fail: 1 PHP file(s) do not parse"), "{text}");
    }
}

#[test]
fn a_makefile_that_compiles_has_to_build() {
    if !finds("make") || !finds("cc") {
        return;
    }
    let base = [("Makefile", "a: a.c\n\t$(CC) -o a a.c\n")];
    let text = judged("build", &base, &[("a.c", "int main(void) { return 0; }\n")]);
    assert_eq!(text, "pass: make in the root: ok\n");
    let text = judged("build", &base, &[("a.c", "int main(void) { return x; }\n")]);
    assert!(text.starts_with("fail: make in the root exited 2"), "{text}");
    assert!(text.contains("build/failed a.c:1"), "{text}");
}

#[test]
fn cmake_builds_outside_of_the_copy() {
    if !finds("cmake") || !finds("cc") {
        return;
    }
    let base = [(
        "CMakeLists.txt",
        "cmake_minimum_required(VERSION 3.10)\nproject(x C)\nadd_executable(x a.c)\n",
    )];
    let text = judged("build", &base, &[("a.c", "int main(void) { return x; }\n")]);
    assert!(text.starts_with("fail: cmake in the root"), "{text}");
    assert!(text.contains("build/failed a.c:1"), "{text}");
    let missing = [(
        "CMakeLists.txt",
        "cmake_minimum_required(VERSION 3.10)\nproject(x C)\nfind_package(Nowhere REQUIRED)\n",
    )];
    let text = judged("build", &missing, &[("a.c", "int main(void) { return 0; }\n")]);
    assert!(text.starts_with("inconclusive: cmake in the root: something that it needs"), "{text}");
}

#[test]
fn a_build_that_was_red_before_is_a_concern_and_what_is_new_blocks() {
    let package = ("package.json", r#"{"scripts": {"build": "node build.js"}}"#);
    let script = ("build.js", "console.error('error: the moon'); process.exit(1);\n");
    if !has("node") || !has("npm") {
        return;
    }
    let text = judged("build", &[package, script], &[("README.md", "more\n")]);
    assert!(
        text.starts_with("concern: npm run build in the root exited 1, as before the change"),
        "{text}"
    );
    assert!(text.contains("build/red-before"), "{text}");
    let other = ("build.js", "// other\nconsole.error('error: the sun'); process.exit(1);\n");
    let text = judged("build", &[package, script], &[other]);
    assert!(text.starts_with("fail: npm run build in the root exited 1"), "{text}");
    let green = ("build.js", "\n");
    let text = judged("build", &[package, green], &[script]);
    assert!(text.starts_with("fail: npm run build in the root exited 1"), "{text}");
}

#[test]
fn errors_of_a_compiler_that_were_there_before_are_told_from_new_ones() {
    if !has("cargo") {
        return;
    }
    let manifest =
        ("Cargo.toml", "[package]\nname = \"x\"\nversion = \"0.1.0\"\n[lib]\ntest = false\n");
    let red = ("src/lib.rs", "pub fn a() { b(); }\n");
    let moved = ("src/lib.rs", "// more\npub fn a() { b(); }\n");
    let text = judged("build", &[manifest, red], &[moved]);
    assert!(text.starts_with("concern: cargo build in the root: "), "{text}");
    assert!(text.contains("error(s), as before the change\n"), "{text}");
    assert!(text.contains("build/red-before src/lib.rs:2"), "{text}");
    let worse = ("src/lib.rs", "pub fn a() { b(); }\npub fn c() { d(); }\n");
    let text = judged("build", &[manifest, red], &[worse]);
    assert!(text.starts_with("fail: cargo build in the root: "), "{text}");
    assert!(text.contains("of them as before the change\n"), "{text}");
    assert!(text.contains("build/compile-error src/lib.rs:2"), "{text}");
}

#[test]
fn a_makefile_whose_build_was_red_before_is_a_concern() {
    if !finds("make") || !finds("cc") {
        return;
    }
    let base =
        [("Makefile", "a: a.c\n\t$(CC) -o a a.c\n"), ("a.c", "int main(void) { return x; }\n")];
    let text = judged("build", &base, &[("README.md", "more\n")]);
    assert!(text.starts_with("concern: make in the root exited 2, as before"), "{text}");
    let text = judged("build", &base, &[("a.c", "int main(void) { return y; }\n")]);
    assert!(text.starts_with("fail: make in the root exited 2"), "{text}");
}

#[test]
fn a_tool_of_the_build_that_is_not_on_this_machine_shows_nothing() {
    if !has("npm") {
        return;
    }
    let base = [("package.json", r#"{"scripts": {"build": "no-such-tool build"}}"#)];
    let text = judged("build", &base, &[("a.txt", "x\n")]);
    assert!(
        text.starts_with("inconclusive: npm run build in the root: it can not be run"),
        "{text}"
    );
    assert!(text.contains("install `no-such-tool`") && !text.contains("npm ci"), "{text}");
}

#[test]
fn changed_python_has_to_compile_and_not_only_to_parse() {
    if !has("python3") {
        return;
    }
    let text = judged("build", &[("a", "1\n")], &[("x.py", "def a():\n    pass\nreturn 1\n")]);
    assert!(text.starts_with("fail: 1 Python file(s) do not parse"), "{text}");
    assert!(text.contains("build/syntax x.py:3"), "{text}");
}

#[test]
fn what_has_no_build_here_has_to_fit_its_grammar_if_it_did_before() {
    let good = "class A {\n  int a() { return 1; }\n}\n";
    let bad = "class A {\n  int a( { return 1; }\n";
    let text = judged("build", &[("A.java", good)], &[("A.java", bad)]);
    assert!(text.starts_with("concern: 1 changed file(s) may not parse"), "{text}");
    assert!(text.contains("build/syntax A.java:2"), "{text}");
    // What the grammar does not know may be newer than it.
    let text = judged("build", &[("A.java", bad)], &[("A.java", &format!("// more\n{bad}"))]);
    assert!(text.starts_with("n/a"), "{text}");
    let text = judged("build", &[("A.java", good)], &[("A.java", "class A { }\n")]);
    assert!(text.starts_with("n/a"), "{text}");
}

#[test]
fn changed_data_has_to_parse() {
    let base = [("package.json", "{}\n"), ("tsconfig.json", "{}\n"), ("a.toml", "a = 1\n")];
    let text = judged("build", &base, &[("package.json", "{\n  \"a\": 1,\n}\n")]);
    assert!(text.starts_with("fail: 1 changed file(s) do not parse"), "{text}");
    assert!(text.contains("build/syntax package.json:3"), "{text}");
    let text = judged("build", &base, &[("tsconfig.json", "{\n  // why\n  \"a\": 1,\n}\n")]);
    assert!(text.starts_with("n/a"), "{text}");
    let text = judged("build", &base, &[("a.toml", "a = 1\nb =\n"), ("data.json", "{]\n")]);
    assert!(text.starts_with("concern: 2 changed file(s) may not parse"), "{text}");
    assert!(text.contains("build/syntax a.toml:2"), "{text}");
}
