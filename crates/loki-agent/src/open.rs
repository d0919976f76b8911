//! From what the user writes after `--provider` to an agent.

use std::fs;
use std::path::PathBuf;

use crate::recording::{Recording, RecordingError, open_recording};
use crate::words::words;
use crate::{AcpAgent, Agent, Aider, Api, Claude, Cline, Codex, CommandAgent, Opencode};

/// A provider of an older tool, whose users are told where it went.
const GEMINI: &str = "gemini";
/// Longer recordings are not read.
const RECORDING_BYTES_MAX: u64 = 8 << 20;

/// Opens the agent that `provider` names.
///
/// - `claude`: Claude Code, the program `LOKI_CLAUDE_BIN` or `claude` on `PATH`.
/// - `codex`: Codex, the program `LOKI_CODEX_BIN` or `codex` on `PATH`.
/// - `opencode`: opencode, the program `LOKI_OPENCODE_BIN` or `opencode` on `PATH`.
/// - `cline`: Cline, the program `LOKI_CLINE_BIN` or `cline` on `PATH`.
/// - `aider`: Aider, the program `LOKI_AIDER_BIN` or `aider` on `PATH`.
/// - `api`, `api:anthropic`, `api:openai`, `api:ollama`, `api:URL`: loki's own agent.
/// - `acp:PROGRAM ARGS…`: any program that speaks the Agent Client Protocol.
/// - `command:PROGRAM ARGS…`: any program; words are split as a shell would, without one.
/// - `replay:FILE`: a recording.
///
/// Looks at no program yet: see [`Agent::probe`].
pub fn open(provider: &str) -> Result<Box<dyn Agent>, UnknownProvider> {
    let agent: Box<dyn Agent> = match provider.split_once(':') {
        None if provider == "claude" => Box::new(Claude::from_env()),
        None if provider == "codex" => Box::new(Codex::from_env()),
        None if provider == "opencode" => Box::new(Opencode::from_env()),
        None if provider == "cline" => Box::new(Cline::from_env()),
        None if provider == GEMINI => return Err(UnknownProvider::Gemini),
        None if provider == "aider" => Box::new(Aider::from_env()),
        None if provider == "api" => api(provider)?,
        Some(("api", _)) => api(provider)?,
        Some(("acp", line)) => {
            let (program, args) = command_of(line)?;
            Box::new(AcpAgent::new(provider, program, &args))
        }
        Some(("command", line)) => {
            let (program, args) = command_of(line)?;
            Box::new(CommandAgent::new(provider, &program, &args))
        }
        Some(("replay", path)) => open_recording(provider, read_recording(PathBuf::from(path))?),
        _ => return Err(UnknownProvider::Name { name: provider.to_owned() }),
    };
    Ok(agent)
}

/// The program and its arguments.
fn command_of(line: &str) -> Result<(String, Vec<String>), UnknownProvider> {
    let wrong = |why: String| UnknownProvider::Command { line: line.to_owned(), why };
    let words = words(line).map_err(|err| wrong(err.to_string()))?;
    let (program, args) =
        words.split_first().ok_or_else(|| wrong("no program is named".to_owned()))?;
    Ok((program.clone(), args.to_vec()))
}

/// The agents that loki knows by name, the default first.
pub fn known() -> Vec<Box<dyn Agent>> {
    let mut known: Vec<Box<dyn Agent>> = vec![
        Box::new(Claude::from_env()),
        Box::new(Codex::from_env()),
        Box::new(Opencode::from_env()),
        Box::new(Cline::from_env()),
        Box::new(Aider::from_env()),
    ];
    // It fails only where a variable holds no URL, which `--provider api` then says.
    known.extend(Api::from_env("api").ok().map(|api| Box::new(api) as Box<dyn Agent>));
    known
}

/// Why there is no such agent.
#[derive(Debug, thiserror::Error)]
pub enum UnknownProvider {
    /// Nothing is called so.
    #[error(
        "there is no provider `{name}`; there are `claude`, `codex`, `opencode`, `cline`, `aider`, \
         `api`, `acp:PROGRAM`, `command:PROGRAM` and `replay:FILE`"
    )]
    Name {
        /// As given.
        name: String,
    },
    /// A name that there was.
    #[error(
        "`gemini` is no longer a provider of its own: the Gemini CLI is driven over the Agent \
         Client Protocol; use `--provider 'acp:gemini --acp'`"
    )]
    Gemini,
    /// What follows `api:` is no service.
    #[error("`{name}` is no service: {why}")]
    Service {
        /// As given.
        name: String,
        /// In a few words.
        why: String,
    },
    /// What follows `acp:` or `command:` is not a command.
    #[error("`{line}` is not a command: {why}")]
    Command {
        /// As given.
        line: String,
        /// In a few words.
        why: String,
    },
    /// The recording can not be read.
    #[error("failed to read the recording `{}`", path.display())]
    Read {
        /// As given.
        path: PathBuf,
        /// The system's word.
        #[source]
        source: std::io::Error,
    },
    /// The recording is not one.
    #[error("`{}` is not a recording", path.display())]
    Recording {
        /// As given.
        path: PathBuf,
        /// Which line, and why.
        #[source]
        source: RecordingError,
    },
}

fn api(provider: &str) -> Result<Box<dyn Agent>, UnknownProvider> {
    match Api::from_env(provider) {
        Ok(api) => Ok(Box::new(api)),
        Err(why) => Err(UnknownProvider::Service { name: provider.to_owned(), why }),
    }
}

fn read_recording(path: PathBuf) -> Result<Recording, UnknownProvider> {
    let text = match read_bounded(&path) {
        Ok(text) => text,
        Err(source) => return Err(UnknownProvider::Read { path, source }),
    };
    Recording::parse(&text).map_err(|source| UnknownProvider::Recording { path, source })
}

fn read_bounded(path: &PathBuf) -> std::io::Result<String> {
    let found = fs::metadata(path)?;
    if !found.is_file() || found.len() > RECORDING_BYTES_MAX {
        return Err(std::io::Error::other("not a regular file of at most 8 MiB"));
    }
    fs::read_to_string(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn why_not(provider: &str) -> String {
        open(provider).err().map(|err| err.to_string()).unwrap_or_default()
    }

    #[test]
    fn an_agent_keeps_the_name_that_the_user_wrote() {
        for provider in [
            "claude",
            "codex",
            "aider",
            "api:ollama",
            "api:http://h:1/v1",
            "command:my-agent --fast 'a b'",
        ] {
            assert_eq!(open(provider).unwrap().name(), provider);
        }
    }

    #[test]
    fn an_unknown_name_is_told_what_there_is() {
        for provider in ["", "cluade", "claude:", "Command:x"] {
            assert!(why_not(provider).contains("`command:PROGRAM`"), "{provider}");
        }
    }

    #[test]
    fn a_service_that_is_none_is_refused() {
        assert!(why_not("api:nothing").contains("`anthropic`"));
        assert!(why_not("api:ftp://h").contains("not the URL"));
    }

    #[test]
    fn a_command_that_is_none_is_refused() {
        assert!(why_not("command:  ").contains("no program"));
        assert!(why_not("command:a 'b").contains("not closed"));
    }

    #[test]
    fn a_recording_that_is_not_there_is_refused() {
        assert!(why_not("replay:/no/such/file").contains("/no/such/file"));
        assert!(matches!(open("replay:/"), Err(UnknownProvider::Read { .. })));
    }
}
