//! The one door to forges and trackers: GitHub, GitLab, Azure DevOps, Jira.
//!
//! Owns what is asked over HTTP, who may be told which token, and what an answer means. Refuses to
//! decide when something is changed or changed again, to interpret what people wrote, and to send a token
//! to a host that nobody named for it. One file a forge; nothing outside of it knows its answers.
#![warn(missing_docs)]

mod address;
mod azure;
mod changes;
mod error;
mod forges;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
mod github;
mod gitlab;
mod jira;
mod json;
mod locate;
mod page;
mod settings;
mod token;
mod web;
mod webhook;

pub use changes::{About, NewRequest, Posted, RequestSeen};
pub use error::{Fault, ForgeError, NotDone};
pub use forges::{Forges, IssueState, Query};
pub use locate::RepositoryRef;
pub use web::{ASK_MAX, RESPONSE_BYTES_MAX};
pub use webhook::Webhook;
