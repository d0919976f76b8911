//! `loki init`

use std::io::{BufRead as _, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};

use loki_host::git::Repo;
use loki_spec::{Starter, starter, starters};
use serde_json::{Value, json};

use super::Done;
use crate::cli::InitArgs;
use crate::context::Context;
use crate::error::{CommandError, environment};
use crate::output;

/// The file that is made.
const SPEC: &str = "prd.md";

pub(super) fn command(args: &InitArgs, cx: &Context) -> Done {
    if args.list {
        return list(cx);
    }
    let starter = match &args.template {
        Some(name) => find(name)?,
        None => choose(cx)?,
    };
    let directory = match &args.name {
        Some(name) => new_directory(name, cx)?,
        None => cx.directory.clone(),
    };
    let path = directory.join(SPEC);
    write_new(&path, &starter.document())?;
    if args.name.is_some() && cx.repo().is_err() {
        // A directory of our own, in no repository: with the spec as its first commit a run can begin
        // at once.
        let repo = Repo::init(&directory).map_err(environment)?;
        repo.commit_all("The spec").map_err(environment)?;
    }
    if cx.json {
        output::json(&json!({
            "schema_version": 1, "template": starter.name, "path": path, "directory": directory,
        }));
        return Ok(0);
    }
    output::data(&format!("wrote {} from the template {}", path.display(), starter.name));
    if !cx.quiet {
        let go = args.name.as_ref().map_or_else(String::new, |name| format!("cd {name} && "));
        output::talk(&format!("next: edit it, then {go}loki plan, then loki start"));
    }
    Ok(0)
}

pub(super) fn find(name: &str) -> Result<Starter, CommandError> {
    starter(name).ok_or_else(|| {
        let names: Vec<&str> = starters().iter().map(|starter| starter.name).collect();
        let message = format!("there is no template `{name}`; there are {}", names.join(", "));
        CommandError::user(message).hint("loki init --list")
    })
}

fn list(cx: &Context) -> Done {
    let starters = starters();
    if cx.json {
        let all: Vec<Value> = starters
            .iter()
            .map(|s| json!({ "name": s.name, "group": s.group, "summary": s.summary }))
            .collect();
        output::json(&json!({ "schema_version": 1, "templates": all }));
        return Ok(0);
    }
    let mut group = "";
    for starter in &starters {
        if starter.group != group {
            group = starter.group;
            output::data(group);
        }
        output::data(&format!("  {:<20} {}", starter.name, starter.summary));
    }
    Ok(0)
}

/// Asks on a terminal which one.
fn choose(cx: &Context) -> Result<Starter, CommandError> {
    if cx.json || !std::io::stdin().is_terminal() || !std::io::stderr().is_terminal() {
        return Err(CommandError::user("which template?")
            .hint("loki init -t simple-todo-app    or    loki init --list"));
    }
    let starters = starters();
    for (at, starter) in starters.iter().enumerate() {
        output::talk(&format!("{:>3}  {:<20} {}", at + 1, starter.name, starter.summary));
    }
    let mut stderr = std::io::stderr().lock();
    let _ = write!(stderr, "which one (number or name, Enter for 1)? ");
    let _ = stderr.flush();
    drop(stderr);
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer).map_err(environment)?;
    let answer = answer.trim();
    let number = if answer.is_empty() { Some(1) } else { answer.parse::<usize>().ok() };
    match number.and_then(|number| starters.get(number.checked_sub(1)?)) {
        Some(starter) => Ok(starter.clone()),
        None => find(answer),
    }
}

fn new_directory(name: &str, cx: &Context) -> Result<PathBuf, CommandError> {
    let path = cx.directory.join(name);
    std::fs::create_dir(&path).map_err(|err| {
        let why = match err.kind() {
            std::io::ErrorKind::AlreadyExists => "is there already".to_owned(),
            _ => format!("could not be made: {err}"),
        };
        CommandError::user(format!("`{}` {why}", path.display())).hint("loki init ANOTHER_NAME")
    })?;
    Ok(path)
}

/// Writes a file that is not there yet.
pub(super) fn write_new(path: &Path, text: &str) -> Result<(), CommandError> {
    let made = std::fs::OpenOptions::new().write(true).create_new(true).open(path);
    let mut file = made.map_err(|err| match err.kind() {
        std::io::ErrorKind::AlreadyExists => {
            CommandError::user(format!("`{}` is there already, and is left alone", path.display()))
                .hint("loki init NEW_DIRECTORY -t TEMPLATE")
        }
        _ => CommandError::user(format!("`{}` could not be made: {err}", path.display())),
    })?;
    file.write_all(text.as_bytes()).map_err(environment)
}
