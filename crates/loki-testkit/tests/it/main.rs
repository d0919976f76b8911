//! The test kit itself, from outside.
#![expect(clippy::disallowed_types, reason = "a test drives real programs")]
#![expect(clippy::unwrap_used, reason = "a failing helper is a failing test")]

mod chat;
mod gemini;
mod loki;
mod model_server;
mod scripted_agent;
