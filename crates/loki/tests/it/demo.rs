//! The demonstration, in every language.

use loki_testkit::{TestRepo, require_tool};

use crate::support::*;

fn demo(language: &str, program: &str) {
    let place = TestRepo::unversioned("demo");
    let Some(program) = require_tool(program) else { return };
    let toolchain = program.parent().unwrap_or(&program).to_owned();
    let mut command = loki(&place)
        .args(["demo", "--yes", "--language", language, "--dir", "todo"])
        .path_dir(toolchain);
    // Rust's proxies find their toolchain below the home directory.
    for name in ["RUSTUP_HOME", "CARGO_HOME", "RUSTUP_TOOLCHAIN"] {
        if let Some(value) = std::env::var_os(name) {
            command = command.env(name, value);
        }
    }
    if let (None, Some(home)) = (std::env::var_os("RUSTUP_HOME"), std::env::var_os("HOME")) {
        command = command.env("RUSTUP_HOME", std::path::Path::new(&home).join(".rustup"));
    }
    let ran = command.run().expect_code(0);
    assert_eq!(ran.stderr.matches("BLOCKED").count(), 1, "{}", ran.stderr);
    assert_eq!(ran.stderr.matches("VERIFIED").count(), 1, "{}", ran.stderr);
    assert!(ran.stderr.contains("recording"), "{}", ran.stderr);
    assert!(ran.stdout.contains("loki apply"), "{}", ran.stdout);
}

#[test]
fn the_python_demonstration_is_refused_once_and_then_verified() {
    demo("python", "python3");
}

#[test]
fn the_node_demonstration_is_refused_once_and_then_verified() {
    demo("node", "node");
}

#[test]
fn the_rust_demonstration_is_refused_once_and_then_verified() {
    demo("rust", "cargo");
}

#[test]
fn a_directory_with_something_in_it_is_not_used() {
    let place = TestRepo::unversioned("demo");
    place.write("full/precious.txt", "mine");
    let ran = loki(&place).args(["demo", "--dir", "full"]).run().expect_code(2);
    assert!(ran.stderr.contains("not empty"), "{}", ran.stderr);
    assert_eq!(place.read("full/precious.txt"), "mine");
}
