//! Every agent in every scenario: the real client against a scripted service on loopback.
//!
//! Two tables, and a test for each pair of their rows: [`CLIENTS`] has an entry an agent,
//! [`SCENARIOS`] one a situation. `docs/agents.md` is made of the same tables and is itself checked
//! here; with `LOKI_WRITE_PAGES=1` it is written. Agents that are not driven in every run are
//! ignored unless `--ignored` or `--include-ignored` is given.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a failing helper is a failing test")]
#![expect(
    clippy::disallowed_types,
    reason = "the suite starts itself again, in a clean environment"
)]

#[expect(dead_code, reason = "some of it is for the other suite")]
#[path = "../it/acp_agents.rs"]
mod acp_agents;
mod client;
mod clients;
mod page;
mod processes;
mod scenario;
mod scenarios;
mod stage;

use std::os::unix::process::CommandExt as _;
use std::process::{Command, ExitCode};

use libtest_mimic::{Arguments, Trial};

use client::Cell;
use clients::CLIENTS;
use scenarios::SCENARIOS;

/// Set once the environment is clean.
const CLEAN: &str = "LOKI_CONFORMANCE_CLEAN";
/// What agents may see of the environment of whoever runs the tests.
const KEPT: [&str; 8] =
    ["PATH", "LANG", "LC_ALL", "TMPDIR", "USER", "LD_LIBRARY_PATH", "RUST_BACKTRACE", "HOME"];
/// What the suite itself and its runner need.
const KEPT_PREFIXES: [&str; 4] = ["LOKI_TEST_", "LOKI_WRITE_", "NEXTEST", "CARGO"];

fn main() -> ExitCode {
    if std::env::var_os(CLEAN).is_none() {
        let err = Command::new(std::env::current_exe().unwrap())
            .args(std::env::args_os().skip(1))
            .env_clear()
            .envs(std::env::vars_os().filter(|(name, _)| is_kept(&name.to_string_lossy())))
            .env(CLEAN, "1")
            .exec();
        panic!("the suite could not start itself again: {err}");
    }
    let mut trials = vec![Trial::test("the_page_says_what_the_tables_say", || {
        page::check();
        Ok(())
    })];
    trials.push(Trial::test("every_exception_is_about_a_scenario_that_there_is", || {
        scenarios::check_names();
        Ok(())
    }));
    for client in CLIENTS {
        for scenario in SCENARIOS {
            if matches!(client.cell(scenario), Cell::CanNot(_)) {
                continue;
            }
            let name = format!("{}::{}", client.name, scenario.id);
            let trial = Trial::test(name, || {
                stage::run(client, scenario);
                Ok(())
            });
            trials.push(trial.with_ignored_flag(!client.is_of_every_run()));
        }
    }
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

fn is_kept(name: &str) -> bool {
    KEPT.contains(&name) || KEPT_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}
