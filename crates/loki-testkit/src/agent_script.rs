//! What a scripted agent does: its TOML form, and a builder of the same.
//!
//! Owns the format. Refuses to act: [`play`] does.
//!
//! ```toml
//! [[call]]
//! [[call.step]]
//! write = { path = "a.py", content = "x = 1\n" }
//! [[call.step]]
//! say = "LOKI: DONE"
//! ```
//!
//! Each call of the program takes the next `[[call]]`; the last one repeats. A step is a table
//! with exactly one action (`stubborn` goes with `hang`); a key that is not known is an error that
//! names it. A script that can not be played ends the program with exit code 97.

mod file;
mod play;
mod step;

use std::path::Path;

use serde::{Deserialize, Serialize};

pub use file::ScriptFile;
pub use play::{IN_NEW_SESSION, PlayError, play};
pub use step::{ChmodStep, FileStep, SpawnStep, Step, SymlinkStep};

/// The calls of one run, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Script {
    /// What each call does.
    #[serde(rename = "call")]
    pub calls: Vec<Call>,
}

/// One call of the agent: its steps, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Call {
    /// Done one after the other; exit code 0 at the end.
    #[serde(rename = "step", default)]
    pub steps: Vec<Step>,
}

impl Script {
    /// A script without calls.
    pub fn new() -> Script {
        Script::default()
    }

    /// Adds the next call.
    #[must_use]
    pub fn call(mut self, build: impl FnOnce(Call) -> Call) -> Script {
        self.calls.push(build(Call::default()));
        self
    }

    /// Reads the TOML form. The error is one text with line and offending key.
    pub fn parse(text: &str) -> Result<Script, String> {
        let script: Script = toml::from_str(text).map_err(|err| err.to_string())?;
        if script.calls.is_empty() {
            return Err("a script needs at least one [[call]]".to_owned());
        }
        Ok(script)
    }

    /// The TOML form.
    pub fn to_toml(&self) -> String {
        toml::to_string(self).expect("a script is always expressible in TOML")
    }

    /// Writes the script to `path` and tells how to use it.
    pub fn save(&self, path: impl AsRef<Path>) -> ScriptFile {
        ScriptFile::write(path.as_ref(), &self.to_toml())
    }
}

impl Call {
    /// Adds any step.
    #[must_use]
    pub fn step(mut self, step: Step) -> Call {
        self.steps.push(step);
        self
    }

    /// One line on standard output.
    #[must_use]
    pub fn say(self, text: impl Into<String>) -> Call {
        self.step(Step::Say(text.into()))
    }

    /// One line on standard error.
    #[must_use]
    pub fn err(self, text: impl Into<String>) -> Call {
        self.step(Step::Err(text.into()))
    }

    /// Writes a whole file, making its directories.
    #[must_use]
    pub fn write(self, path: impl Into<String>, content: impl Into<String>) -> Call {
        self.step(Step::Write(FileStep { path: path.into(), content: content.into() }))
    }

    /// Adds to the end of a file.
    #[must_use]
    pub fn append(self, path: impl Into<String>, content: impl Into<String>) -> Call {
        self.step(Step::Append(FileStep { path: path.into(), content: content.into() }))
    }

    /// Deletes a file or a whole directory; nothing to delete is fine.
    #[must_use]
    pub fn delete(self, path: impl Into<String>) -> Call {
        self.step(Step::Delete(path.into()))
    }

    /// Runs git and fails unless it succeeds.
    #[must_use]
    pub fn git(self, args: &[&str]) -> Call {
        self.step(Step::Git(args.iter().map(|&arg| arg.to_owned()).collect()))
    }

    /// Runs a shell command to its end, whatever its exit code.
    #[must_use]
    pub fn shell(self, command: impl Into<String>) -> Call {
        self.step(Step::Shell(command.into()))
    }

    /// Leaves a process behind in a session of its own, holding both outputs open.
    #[must_use]
    pub fn spawn_detached(self, command: impl Into<String>) -> Call {
        self.step(Step::Spawn(SpawnStep { command: command.into(), detach: true }))
    }

    /// Never ends by itself.
    #[must_use]
    pub fn hang(self) -> Call {
        self.step(Step::Hang { stubborn: false })
    }

    /// Never ends by itself nor on SIGTERM, SIGINT or SIGHUP.
    #[must_use]
    pub fn hang_stubbornly(self) -> Call {
        self.step(Step::Hang { stubborn: true })
    }

    /// Waits until a file is there.
    #[must_use]
    pub fn wait_for_file(self, path: impl Into<String>) -> Call {
        self.step(Step::WaitForFile(path.into()))
    }

    /// Makes an empty file, to tell a test how far the call is.
    #[must_use]
    pub fn touch(self, path: impl Into<String>) -> Call {
        self.step(Step::Touch(path.into()))
    }

    /// Ends with this exit code.
    #[must_use]
    pub fn exit(self, code: i32) -> Call {
        self.step(Step::Exit(code))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_reads_back_as_it_was_written() {
        let script = Script::new()
            .call(|c| c.say("a \"quoted\" text\nof two lines").err("e").write("a b/c.py", "x\n"))
            .call(|c| c.append("a", "b").delete("d").git(&["commit", "-am", "x"]).shell("true"))
            .call(|c| c.spawn_detached("sleep 9").wait_for_file("f").touch("/tmp/t").exit(3))
            .call(Call::hang)
            .call(|c| {
                c.step(Step::Chmod(ChmodStep { path: "a".into(), mode: 0o755 }))
                    .step(Step::Symlink(SymlinkStep { path: "l".into(), target: "/etc".into() }))
                    .step(Step::FloodBytes(9))
                    .step(Step::BytesHex("ff00".into()))
                    .hang_stubbornly()
            });
        assert_eq!(Script::parse(&script.to_toml()), Ok(script));
    }

    #[test]
    fn an_unknown_key_is_named() {
        let err = Script::parse("[[call]]\n[[call.step]]\nsey = 'x'\n").unwrap_err();
        assert!(err.contains("`sey`"), "{err}");
    }

    #[test]
    fn a_step_with_two_actions_is_refused() {
        let err = Script::parse("[[call]]\n[[call.step]]\nsay = 'x'\nexit = 1\n").unwrap_err();
        assert!(err.contains("exactly one action, this one has 2"), "{err}");
    }

    #[test]
    fn a_script_without_calls_is_refused() {
        assert!(Script::parse("call = []").is_err());
    }
}
