//! What goes wrong in a command: whose matter it is, and what to type next.

use std::fmt::Display;

use crate::output;

/// Whose matter a failure is; decides the exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Blame {
    /// The command line or what it names: exit 2, nothing was done.
    User,
    /// The machine: exit 1.
    Environment,
}

/// A command that could not do its work.
#[derive(Debug)]
pub(crate) struct CommandError {
    blame: Blame,
    message: String,
    hint: Option<String>,
    exit_code: Option<u8>,
}

impl CommandError {
    pub(crate) fn user(message: impl Into<String>) -> CommandError {
        CommandError { blame: Blame::User, message: message.into(), hint: None, exit_code: None }
    }

    pub(crate) fn environment(error: impl Display) -> CommandError {
        CommandError {
            blame: Blame::Environment,
            message: error.to_string(),
            hint: None,
            exit_code: None,
        }
    }

    /// With what to type next.
    #[must_use]
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> CommandError {
        self.hint = Some(hint.into());
        self
    }

    /// With an exit code of the command's own, where others have a meaning there.
    #[must_use]
    pub(crate) fn exiting_with(mut self, code: u8) -> CommandError {
        self.exit_code = Some(code);
        self
    }

    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    /// What to type next.
    pub(crate) fn hint_text(&self) -> Option<&str> {
        self.hint.as_deref()
    }

    pub(crate) fn exit_code(&self) -> u8 {
        if let Some(code) = self.exit_code {
            return code;
        }
        match self.blame {
            Blame::User => 2,
            Blame::Environment => 1,
        }
    }

    /// On standard error for people; on standard output for programs.
    pub(crate) fn print(&self, json: bool) {
        if json {
            output::json(&serde_json::json!({
                "schema_version": 1,
                "error": { "message": self.message, "hint": self.hint },
                "exit_code": self.exit_code(),
            }));
            return;
        }
        output::talk(&format!("error: {}", self.message));
        if let Some(hint) = &self.hint {
            output::talk(&format!("  try: {hint}"));
        }
    }
}

/// Joins an error and its causes into one line.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

/// The machine's fault, with all causes.
pub(crate) fn environment(error: impl std::error::Error) -> CommandError {
    CommandError::environment(chain(&error))
}
