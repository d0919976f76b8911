//! The real binary, end to end: real git, real runners, real processes. What stands in for a paid
//! model is the scripted agent or, behind the real Claude Code, the scripted model server.
#![expect(clippy::unwrap_used, reason = "a failing helper is a failing test")]

mod advisories;
mod agent;
#[cfg(target_os = "linux")]
mod agent_sandbox;
mod bad_input;
mod claude;
mod codex;
mod control;
mod crew_control;
mod damage;
mod demo;
mod dialogs;
mod doctor;
mod evidence;
mod failover;
mod gates;
mod grill;
mod init;
mod intake;
mod issues;
mod kill;
mod landing;
mod outcomes;
mod plan;
mod provider;
mod pull_requests;
mod record;
mod rollback;
#[cfg(target_os = "linux")]
mod sandbox;
mod selftest;
mod ship;
mod spec;
mod spec_tools;
mod start;
mod steering;
mod support;
mod tasks;
mod verify;
mod views;
mod watch;
