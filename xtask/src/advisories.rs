//! Known vulnerabilities of dependencies, as far as that can be told here.

use crate::{cargo, root, run};

/// Runs cargo-deny where it and its database are; says so where they are not. The database is
/// never fetched from here: a test that depends on the day it is run is no test.
pub(crate) fn check() -> anyhow::Result<()> {
    let mut deny = cargo();
    deny.args(["deny", "--offline", "--version"]).current_dir(root());
    if !deny.output().is_ok_and(|output| output.status.success()) {
        eprintln!("\nadvisories are not checked: cargo-deny is not installed");
        return Ok(());
    }
    run(cargo().args(["deny", "--offline", "check", "bans", "sources"]))?;
    let advisories =
        cargo().args(["deny", "--offline", "check", "advisories"]).current_dir(root()).output()?;
    let said = String::from_utf8_lossy(&advisories.stderr);
    if advisories.status.success() {
        Ok(())
    } else if said.contains("failed to load advisory database") {
        eprintln!("\nadvisories are not checked: there is no database (`cargo deny fetch`)");
        Ok(())
    } else {
        anyhow::bail!("cargo deny check advisories:\n{said}")
    }
}
