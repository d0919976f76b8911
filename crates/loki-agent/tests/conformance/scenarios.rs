//! The table of situations.

mod edges;
mod service;
mod stopping;
mod work;

use crate::clients::CLIENTS;
use crate::scenario::Scenario;

pub(crate) const SCENARIOS: &[&Scenario] = &[
    &work::WRITES_AND_RUNS,
    &work::TOOL_FAILS,
    &work::PARALLEL_TOOLS,
    &work::LONG_TOOL,
    &work::RESUMES,
    &work::USAGE,
    &work::PERMISSION_DENIED,
    &service::HANGS_BEFORE,
    &service::HANGS_IN_THE_MIDDLE,
    &service::GARBAGE,
    &service::CUT_ONCE,
    &service::CUT_FOR_EVER,
    &service::CONTEXT_LENGTH,
    &service::UNAUTHORIZED,
    &service::NO_SUCH_MODEL,
    &service::TOO_MANY_ONCE,
    &service::TOO_MANY_FOR_EVER,
    &service::TOO_MANY_FOR_LONG,
    &service::FAILING,
    &service::OVERLOADED,
    &service::REFUSED,
    &service::RESET,
    &service::QUOTA,
    &stopping::CANCELLED_IN_A_TOOL,
    &stopping::CANCELLED_IN_AN_ANSWER,
    &stopping::INTERRUPTED,
    &stopping::TERMINATED,
    &edges::LONG_PROMPT,
    &edges::NOT_UTF_8,
    &edges::NOTHING_DONE,
    &edges::INJECTION,
];

/// Every exception that a client makes names a scenario.
pub(crate) fn check_names() {
    for client in CLIENTS {
        for (id, _) in client.exceptions {
            let known = SCENARIOS.iter().any(|scenario| scenario.id == *id);
            assert!(known, "`{}` makes an exception for `{id}`, which is no scenario", client.name);
        }
    }
}
