//! The judge over real repositories and real runners.
#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a fixture that can not be made fails its test"
)]

mod cargo;
mod change;
mod clean_copy;
mod declared;
mod dependencies;
mod documents;
mod fixture;
mod go;
mod node;
mod pytest;
mod runner_tampering;
mod secrets;
mod unittest;
