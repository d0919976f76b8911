//! The judge: gates over a clean copy, evidence and verdict.
//!
//! Owns the gates, the clean copy they look at, what counts as evidence, and the documents that tell
//! a judgement. Refuses to know agents, models or engines, and opens no connection of its own: what
//! it can not see on this machine is inconclusive. Commands of the project are told to stay offline;
//! there is no sandbox yet that holds them to it, or to the copy. Start reading at [`judge`].
#![warn(missing_docs)]

mod bench;
mod cargo;
mod config;
mod copy;
mod counts;
mod delta;
mod document;
mod environment;
mod gates;
mod go;
mod judge;
mod kind;
mod layout;
mod mask;
mod node;
mod pattern;
mod place;
mod python;
mod report;
mod settings;
mod shell;
mod sides;
mod subject;
mod text;

pub use config::{CONFIG_PATH, Config, DeclaredCommand, DependencyPolicy};
pub use copy::JudgeError;
pub use document::{Judged, SCHEMA_VERSION, document};
pub use gates::rule::RuleText;
pub use gates::{expectations, rule_texts};
pub use judge::judge;
pub use report::report_markdown;
pub use subject::{Keep, Subject};
