//! The judge over real repositories and real runners.
#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a fixture that can not be made fails its test"
)]

mod blame;
mod bond;
mod build;
mod cargo;
mod change;
mod clean_copy;
mod coverage;
mod custom;
mod declared;
mod dependencies;
mod docs;
mod documents;
mod fates;
mod fixture;
mod go;
mod memory;
mod minitest;
mod no_alarms;
mod node;
mod node_runners;
mod other_runners;
mod pytest;
mod runner_tampering;
mod secrets;
mod shell;
mod shop;
mod spec_drift;
mod states;
mod static_analysis;
mod substance;
mod unittest;
mod waivers;
