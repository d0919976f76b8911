//! Plays one call of a script: the whole of the `scripted-agent` program.
//!
//! Refuses to be clever: a step that cannot be done ends the call with an error that says which.

use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, getpid, kill_process};

use super::file::{prompt_path, prompts_directory};
use super::step::{FileStep, SpawnStep, Step};
use super::{Call, Script};

/// The argument that makes the program start another one in a session of its own.
pub const IN_NEW_SESSION: &str = "--in-new-session";
/// Longest wait for a file.
const WAIT_FOR_FILE_MAX: Duration = Duration::from_secs(60);
/// Between two looks for a file.
const WAIT_FOR_FILE_EVERY: Duration = Duration::from_millis(10);
/// Calls counted before something must be wrong.
const CALLS_MAX: u32 = 100_000;
/// One line of a flood, its newline included.
const FLOOD_LINE_BYTES: usize = 80;

/// Why a call could not be played to its end.
pub type PlayError = String;

/// Plays the next call of the script at `path`: reads the prompt from standard input, keeps it
/// beside the script, does the steps. Returns the exit code.
pub fn play(path: &Path) -> Result<i32, PlayError> {
    let text = fs::read_to_string(path).map_err(at(path))?;
    let script = Script::parse(&text).map_err(|err| format!("{}: {err}", path.display()))?;
    let mut prompt = Vec::new();
    io::stdin().read_to_end(&mut prompt).map_err(|err| format!("standard input: {err}"))?;
    let number = claim_call(path, &prompt)?;
    let index = usize::try_from(number - 1).unwrap_or(usize::MAX).min(script.calls.len() - 1);
    play_call(&script.calls[index])
}

/// Takes the next free number by making its prompt file, so that two calls at once never share one.
fn claim_call(script: &Path, prompt: &[u8]) -> Result<u32, PlayError> {
    let directory = prompts_directory(script);
    fs::create_dir_all(&directory).map_err(at(&directory))?;
    for number in 1..CALLS_MAX {
        let path = prompt_path(&directory, number);
        match OpenOptions::new().write(true).create_new(true).open(&path) {
            Ok(mut file) => return file.write_all(prompt).map(|()| number).map_err(at(&path)),
            Err(err) if err.kind() == ErrorKind::AlreadyExists => {}
            Err(err) => return Err(at(&path)(err)),
        }
    }
    Err(format!("more than {CALLS_MAX} calls"))
}

fn play_call(call: &Call) -> Result<i32, PlayError> {
    for (index, step) in call.steps.iter().enumerate() {
        if let Step::Exit(code) = step {
            return Ok(*code);
        }
        play_step(step).map_err(|err| format!("step {} ({step:?}): {err}", index + 1))?;
    }
    Ok(0)
}

fn play_step(step: &Step) -> Result<(), PlayError> {
    match step {
        Step::Say(text) => out(format!("{text}\n").as_bytes()),
        Step::Err(text) => {
            io::stderr().write_all(format!("{text}\n").as_bytes()).map_err(|err| err.to_string())
        }
        Step::BytesHex(hex) => out(&bytes_of(hex)?),
        Step::FloodBytes(bytes) => flood(*bytes),
        Step::Write(file) => write_file(file, OpenOptions::new().truncate(true)),
        Step::Append(file) => write_file(file, OpenOptions::new().append(true)),
        Step::Delete(path) => delete(Path::new(path)),
        Step::Mkdir(path) => fs::create_dir_all(path).map_err(|err| err.to_string()),
        Step::Chmod(chmod) => {
            fs::set_permissions(&chmod.path, fs::Permissions::from_mode(chmod.mode))
                .map_err(|err| err.to_string())
        }
        Step::Symlink(link) => symlink(&link.target, &link.path).map_err(|err| err.to_string()),
        Step::Git(args) => git(args),
        Step::Shell(command) => shell(command).status().map(drop).map_err(|err| err.to_string()),
        Step::Spawn(spawn) => leave_running(spawn),
        Step::SleepMs(millis) => {
            thread::sleep(Duration::from_millis(*millis));
            Ok(())
        }
        Step::Hang { stubborn } => hang(*stubborn),
        Step::WaitForFile(path) => wait_for_file(Path::new(path)),
        Step::Touch(path) => fs::write(path, b"").map_err(|err| err.to_string()),
        Step::SignalSelf(signal) => signal_self(*signal),
        // Ends the call before it comes here.
        Step::Exit(_) => Ok(()),
    }
}

fn out(bytes: &[u8]) -> Result<(), PlayError> {
    let mut stdout = io::stdout();
    stdout.write_all(bytes).and_then(|()| stdout.flush()).map_err(|err| err.to_string())
}

fn bytes_of(hex: &str) -> Result<Vec<u8>, PlayError> {
    let wrong = || format!("`{hex}` is not an even number of hexadecimal digits");
    if !hex.len().is_multiple_of(2) || !hex.is_ascii() {
        return Err(wrong());
    }
    (0..hex.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&hex[at..at + 2], 16).map_err(|_| wrong()))
        .collect()
}

fn flood(bytes: u64) -> Result<(), PlayError> {
    let mut line = [b'x'; FLOOD_LINE_BYTES];
    line[FLOOD_LINE_BYTES - 1] = b'\n';
    let mut stdout = io::BufWriter::with_capacity(64 * 1024, io::stdout());
    let mut left = bytes;
    while left > 0 {
        let part = left.min(FLOOD_LINE_BYTES as u64);
        let end = usize::try_from(part).unwrap_or(FLOOD_LINE_BYTES);
        stdout.write_all(&line[..end]).map_err(|err| err.to_string())?;
        left -= part;
    }
    stdout.flush().map_err(|err| err.to_string())
}

fn write_file(file: &FileStep, options: &mut OpenOptions) -> Result<(), PlayError> {
    let path = Path::new(&file.path);
    if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        fs::create_dir_all(parent).map_err(|err| err.to_string())?;
    }
    let mut handle = options.write(true).create(true).open(path).map_err(|err| err.to_string())?;
    handle.write_all(file.content.as_bytes()).map_err(|err| err.to_string())
}

fn delete(path: &Path) -> Result<(), PlayError> {
    let deleted = match fs::symlink_metadata(path) {
        Ok(found) if found.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(err) if err.kind() == ErrorKind::NotFound => Ok(()),
        Err(err) => Err(err),
    };
    deleted.map_err(|err| err.to_string())
}

fn git(args: &[String]) -> Result<(), PlayError> {
    let output = Command::new("git")
        .args(["-c", "user.name=Scripted Agent", "-c", "user.email=agent@localhost"])
        .args(args)
        .stdin(Stdio::null())
        .output()
        .map_err(|err| err.to_string())?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!("git ended with {}: {}", output.status, String::from_utf8_lossy(&output.stderr)))
}

fn shell(command: &str) -> Command {
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", command]).stdin(Stdio::null());
    shell
}

fn leave_running(spawn: &SpawnStep) -> Result<(), PlayError> {
    let mut command = if spawn.detach {
        // A session is made by a process for itself, so this program is started once more.
        let own = std::env::current_exe().map_err(|err| err.to_string())?;
        let mut command = Command::new(own);
        command.args([IN_NEW_SESSION, &spawn.command]).stdin(Stdio::null());
        command
    } else {
        shell(&spawn.command)
    };
    command.spawn().map(drop).map_err(|err| err.to_string())
}

fn hang(stubborn: bool) -> Result<(), PlayError> {
    if stubborn {
        use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
        for signal in [SIGTERM, SIGINT, SIGHUP] {
            // A flag that nobody reads: the signal no longer ends the program.
            signal_hook::flag::register(signal, Arc::new(AtomicBool::new(false)))
                .map_err(|err| err.to_string())?;
        }
    }
    loop {
        thread::park();
    }
}

fn wait_for_file(path: &Path) -> Result<(), PlayError> {
    let started = Instant::now();
    while !path.exists() {
        if started.elapsed() > WAIT_FOR_FILE_MAX {
            return Err(format!("not there after {} s", WAIT_FOR_FILE_MAX.as_secs()));
        }
        thread::sleep(WAIT_FOR_FILE_EVERY);
    }
    Ok(())
}

fn signal_self(signal: i32) -> Result<(), PlayError> {
    let named = Signal::from_named_raw(signal).ok_or_else(|| format!("no signal {signal}"))?;
    let own: Pid = getpid();
    kill_process(own, named).map_err(|err| err.to_string())
}

fn at(path: &Path) -> impl Fn(io::Error) -> PlayError {
    let path: PathBuf = path.to_owned();
    move |err| format!("{}: {err}", path.display())
}
