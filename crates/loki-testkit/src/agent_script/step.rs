//! One step of a scripted call, and its table in TOML.

use serde::{Deserialize, Serialize};

/// One thing that a scripted agent does. Relative paths are below its working directory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "StepTable", into = "StepTable")]
pub enum Step {
    /// One line on standard output.
    Say(String),
    /// One line on standard error.
    Err(String),
    /// Raw bytes on standard output, in hexadecimal digits.
    BytesHex(String),
    /// This many bytes on standard output, in lines.
    FloodBytes(u64),
    /// Writes a whole file, making its directories.
    Write(FileStep),
    /// Adds to the end of a file.
    Append(FileStep),
    /// Deletes a file or a whole directory; nothing to delete is fine.
    Delete(String),
    /// Makes a directory and its parents.
    Mkdir(String),
    /// Sets permission bits.
    Chmod(ChmodStep),
    /// Makes a symbolic link.
    Symlink(SymlinkStep),
    /// Runs git and fails unless it succeeds.
    Git(Vec<String>),
    /// Runs a shell command to its end, whatever its exit code.
    Shell(String),
    /// Leaves a shell command running.
    Spawn(SpawnStep),
    /// Does nothing for a while.
    SleepMs(u64),
    /// Never ends by itself.
    Hang {
        /// Nor on SIGTERM, SIGINT or SIGHUP.
        stubborn: bool,
    },
    /// Waits until a file is there.
    WaitForFile(String),
    /// Makes an empty file.
    Touch(String),
    /// Ends with this exit code.
    Exit(i32),
    /// Ends by this signal.
    SignalSelf(i32),
}

/// A file and what goes into it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileStep {
    /// Where.
    pub path: String,
    /// What.
    pub content: String,
}

/// A file and its permission bits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChmodStep {
    /// Which file.
    pub path: String,
    /// As in `0o755`.
    pub mode: u32,
}

/// A symbolic link.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SymlinkStep {
    /// Where the link is.
    pub path: String,
    /// Where it points.
    pub target: String,
}

/// A process that is left running, holding both outputs open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpawnStep {
    /// For `sh -c`.
    pub command: String,
    /// In a session of its own.
    #[serde(default)]
    pub detach: bool,
}

/// A step as a TOML table: every action is an optional key, and exactly one is there.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct StepTable {
    say: Option<String>,
    err: Option<String>,
    bytes_hex: Option<String>,
    flood_bytes: Option<u64>,
    write: Option<FileStep>,
    append: Option<FileStep>,
    delete: Option<String>,
    mkdir: Option<String>,
    chmod: Option<ChmodStep>,
    symlink: Option<SymlinkStep>,
    git: Option<Vec<String>>,
    shell: Option<String>,
    spawn: Option<SpawnStep>,
    sleep_ms: Option<u64>,
    hang: Option<bool>,
    stubborn: Option<bool>,
    wait_for_file: Option<String>,
    touch: Option<String>,
    exit: Option<i32>,
    signal_self: Option<i32>,
}

impl TryFrom<StepTable> for Step {
    type Error = String;

    fn try_from(table: StepTable) -> Result<Step, String> {
        let stubborn = table.stubborn.unwrap_or(false);
        if stubborn && table.hang != Some(true) {
            return Err("`stubborn` goes with `hang = true`".to_owned());
        }
        let hang = table.hang.filter(|&hang| hang).map(|_| Step::Hang { stubborn });
        let mut found: Vec<Step> = [
            table.say.map(Step::Say),
            table.err.map(Step::Err),
            table.bytes_hex.map(Step::BytesHex),
            table.flood_bytes.map(Step::FloodBytes),
            table.write.map(Step::Write),
            table.append.map(Step::Append),
            table.delete.map(Step::Delete),
            table.mkdir.map(Step::Mkdir),
            table.chmod.map(Step::Chmod),
            table.symlink.map(Step::Symlink),
            table.git.map(Step::Git),
            table.shell.map(Step::Shell),
            table.spawn.map(Step::Spawn),
            table.sleep_ms.map(Step::SleepMs),
            hang,
            table.wait_for_file.map(Step::WaitForFile),
            table.touch.map(Step::Touch),
            table.exit.map(Step::Exit),
            table.signal_self.map(Step::SignalSelf),
        ]
        .into_iter()
        .flatten()
        .collect();
        match (found.pop(), found.len()) {
            (Some(step), 0) => Ok(step),
            (last, others) => Err(format!(
                "a step has exactly one action, this one has {}",
                others + usize::from(last.is_some())
            )),
        }
    }
}

impl From<Step> for StepTable {
    fn from(step: Step) -> StepTable {
        let mut table = StepTable::default();
        match step {
            Step::Say(text) => table.say = Some(text),
            Step::Err(text) => table.err = Some(text),
            Step::BytesHex(hex) => table.bytes_hex = Some(hex),
            Step::FloodBytes(bytes) => table.flood_bytes = Some(bytes),
            Step::Write(file) => table.write = Some(file),
            Step::Append(file) => table.append = Some(file),
            Step::Delete(path) => table.delete = Some(path),
            Step::Mkdir(path) => table.mkdir = Some(path),
            Step::Chmod(chmod) => table.chmod = Some(chmod),
            Step::Symlink(link) => table.symlink = Some(link),
            Step::Git(args) => table.git = Some(args),
            Step::Shell(command) => table.shell = Some(command),
            Step::Spawn(spawn) => table.spawn = Some(spawn),
            Step::SleepMs(millis) => table.sleep_ms = Some(millis),
            Step::Hang { stubborn } => {
                table.hang = Some(true);
                table.stubborn = stubborn.then_some(true);
            }
            Step::WaitForFile(path) => table.wait_for_file = Some(path),
            Step::Touch(path) => table.touch = Some(path),
            Step::Exit(code) => table.exit = Some(code),
            Step::SignalSelf(signal) => table.signal_self = Some(signal),
        }
        table
    }
}
