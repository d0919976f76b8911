//! The real binary, end to end: real git, real runners, real processes. What stands in for a paid
//! model is the scripted agent or, behind the real Claude Code, the scripted model server.

mod agent;
#[cfg(target_os = "linux")]
mod agent_sandbox;
mod bad_input;
mod claude;
mod codex;
mod control;
mod demo;
mod doctor;
mod failover;
mod gates;
mod grill;
mod init;
mod intake;
mod issues;
mod outcomes;
mod plan;
mod provider;
mod pull_requests;
mod record;
#[cfg(target_os = "linux")]
mod sandbox;
mod spec;
mod spec_tools;
mod start;
mod support;
mod verify;
mod views;
mod watch;
