//! The judge: gates over a clean copy, evidence and verdict.
//!
//! Owns the gates, the clean copy they look at, what counts as evidence, and the documents that tell
//! a judgement. Refuses to know agents, models or engines, and opens no connection of its own: what
//! it can not see on this machine is inconclusive. Commands of the project run in a sandbox that holds
//! them to the copy and keeps them offline, as far as this machine has one. Start reading at [`judge`].
#![warn(missing_docs)]

pub mod advisories;
mod agreed;
mod bench;
mod bond;
mod cargo;
mod claim;
mod config;
mod copy;
mod counts;
mod coverage;
mod declared;
mod delta;
mod document;
mod dotnet;
mod ecosystem;
mod environment;
#[cfg(any(test, fuzzing))]
#[doc(hidden)]
pub mod fuzzing;
mod gates;
mod go;
mod installed;
mod isolation;
mod judge;
mod junit;
mod jvm;
mod kind;
mod layout;
mod mask;
mod memory;
mod missing;
mod mutation;
mod named_tests;
mod naming;
mod near;
mod node;
mod pages;
mod pattern;
mod place;
mod probe;
mod publish;
mod python;
mod range;
mod renaming;
mod report;
mod reported;
mod routes;
mod sarif;
mod settings;
mod shell;
mod shims;
mod sides;
mod slots;
mod subject;
mod suite;
mod syntax;
mod text;
mod text_tests;
mod variant;
mod waiver;

pub use claim::Claim;
pub use config::custom::{CustomCheck, CustomGate, Parser};
pub use config::{Advisories, CONFIG_PATH, Config, DeclaredCommand, DependencyPolicy};
pub use copy::JudgeError;
pub use coverage::{
    Coverage, CoverageStatus, Piece, PieceKind, Shown, Wanted as WantedTests, commands, test_name,
};
pub use document::{Judged, SCHEMA_VERSION, document};
pub use ecosystem::Ecosystem;
pub use gates::described::{GateText, Runs, gate_texts, rule_text};
pub use gates::rule::RuleText;
pub use gates::secrets::without_secrets;
pub use gates::{expectations, names as gate_names, rule_texts};
pub use isolation::Isolation;
pub use judge::{Answer, judge};
pub use junit::junit;
pub use named_tests::{NamedTest, may_hold_tests, named_tests};
pub use pages::{gate_page, gate_pages, rule_section};
pub use probe::{HttpAnswer, PROBE_COMMAND, Probe, Probed};
pub use publish::{PublishError, verify_dir, write_whole};
pub use range::{Files, Range, RangeError, Wanted};
pub use report::report_markdown;
pub use routes::{
    Route, Routes, may_hold_routes, names as route_is_named, routes, unnamed as unnamed_routes,
};
pub use sarif::sarif;
pub use subject::{Keep, Subject};
