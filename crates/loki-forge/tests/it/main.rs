//! Real questions over loopback, to a server that answers in the shapes of each forge.
#![expect(clippy::unwrap_used, reason = "a helper's failure is the test's failure")]

mod azure;
mod changes;
mod github;
mod gitlab;
mod jira;
mod refusals;
mod support;
