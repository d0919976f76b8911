//! Every agent in every situation, and the page that says how its calls end.

use crate::test::has_nextest;
use crate::tools::{self, Agents, Versions};
use crate::{cargo, root, run};

/// The suite, whose tests are made from two tables.
const SUITE: [&str; 4] = ["-p", "loki-agent", "--test", "conformance"];

pub(crate) fn conformance(args: &[String]) -> anyhow::Result<()> {
    let has = |flag: &str| args.iter().any(|arg| arg == flag);
    let filter = args.iter().position(|arg| arg == "--filter").and_then(|at| args.get(at + 1));
    let (versions, folder) = match has("--latest") {
        true => (Versions::Latest, root().join(".tools/latest")),
        false => (Versions::Pinned, root().join(".tools")),
    };
    let which = if has("--every-run") { Agents::EveryRun } else { Agents::All };
    tools::install_agents(&folder, which, versions)?;
    run(cargo().args(["build", "-p", "loki-testkit", "--bins", "--locked", "--quiet"]))?;
    let mut suite = cargo();
    if has_nextest() {
        suite.args(["nextest", "run", "--locked"]).args(SUITE);
        suite.args(["--no-fail-fast", "--status-level", "pass"]);
        suite.args((which == Agents::All).then_some("--run-ignored=all"));
    } else {
        suite.args(["test", "--locked"]).args(SUITE).arg("--");
        suite.args((which == Agents::All).then_some("--include-ignored"));
    }
    suite.env("LOKI_TEST_REQUIRE_TOOLS", "1").env("LOKI_TEST_TOOLS", folder);
    // Written before it is compared.
    if versions == Versions::Pinned {
        suite.env("LOKI_WRITE_PAGES", "1");
    }
    match filter {
        Some(filter) => run(suite.arg(filter)),
        None => run(&mut suite),
    }
}
