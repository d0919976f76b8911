//! `loki demo`

use std::path::{Path, PathBuf};
use std::time::Duration;

use loki_host::git::Repo;
use loki_host::process::{Cancel, CommandSpec, Ended, Limits, find_on_path, run};
use loki_model::Settings;

use super::Done;
use super::launch::{Bounds, Launch, begin, open_agent};
use crate::cli::{Deadlines, DemoArgs, DemoLanguage, SandboxArgs, SandboxChoice};
use crate::context::Context;
use crate::error::{CommandError, chain, environment};
use crate::output;

/// A first start of a runtime from a cold disk takes seconds.
const VERSION_TIME_MAX: Duration = Duration::from_secs(20);

const PRD: &str = include_str!("../../demo/prd.md");

/// In the order of preference: what needs no compiler first.
const RECORDINGS: [(DemoLanguage, &str, &str, &str); 3] = [
    (DemoLanguage::Python, "Python", "python3", include_str!("../../demo/python.toml")),
    (DemoLanguage::Node, "Node.js", "node", include_str!("../../demo/node.toml")),
    (DemoLanguage::Rust, "Rust", "cargo", include_str!("../../demo/rust.toml")),
];

pub(super) fn demo(args: &DemoArgs, cx: &Context) -> Done {
    let (language, why, text) = choose(args.language)?;
    let provider = keep_recording(language, text, cx)?;
    let agents = [open_agent(&provider)?];
    let directory = place(args.dir.as_deref(), cx)?;
    let repo = make_repository(&directory)?;
    if !cx.json {
        for line in [
            "This is a demonstration. The agent is a recording: no model is called, nothing is",
            "spent. All else is real: the repository, the worktree, each judgement, the evidence.",
        ] {
            output::talk(line);
        }
        output::talk(&format!("The recording is in {language}: {why}."));
        output::talk(&format!("The repository is {}", directory.display()));
        output::talk("");
    }
    let (spec, _) = loki_spec::read("prd.md", PRD);
    let settings = Settings::new(&provider, 3);
    let bounds = Bounds {
        deadlines: Deadlines { call_timeout: 120, idle_timeout: 60 },
        sandbox: SandboxArgs { sandbox: SandboxChoice::Standard, allow_network: false },
    };
    let store = cx.store()?;
    begin(Launch { spec, settings, plan: None, bounds }, &agents, repo, &store, cx)
}

fn choose(
    wanted: Option<DemoLanguage>,
) -> Result<(&'static str, String, &'static str), CommandError> {
    for (language, name, program, text) in RECORDINGS {
        let found = find_on_path(program.as_ref()).filter(|path| works(path));
        match (wanted, found) {
            (Some(asked), Some(_)) if asked == language => {
                return Ok((name, "as you asked".to_owned(), text));
            }
            (Some(asked), None) if asked == language => {
                let message = format!("the {name} demonstration needs `{program}`, not found");
                return Err(CommandError::user(message).hint("loki demo"));
            }
            (None, Some(path)) => {
                let why = format!("`{program}` is installed ({})", path.display());
                return Ok((name, why, text));
            }
            _ => {}
        }
    }
    Err(CommandError::environment("none of python3, node and cargo is installed")
        .hint("install one of them; the demonstration judges a real program with it"))
}

/// A shim may be on `PATH` without what it stands for.
fn works(program: &Path) -> bool {
    let spec = CommandSpec::new(program, std::env::temp_dir()).args(["--version"]);
    let limits = Limits { total: VERSION_TIME_MAX, ..Limits::default() };
    let ran =
        Cancel::new().map(|cancel| run(&CommandSpec { limits, ..spec }, &cancel, &mut |_, _| {}));
    matches!(ran, Ok(Ok(report)) if report.ended == Ended::Exited(0))
}

/// A file of its own, so that a demonstration that was cut off can be resumed like any run.
fn keep_recording(language: &str, text: &str, cx: &Context) -> Result<String, CommandError> {
    let directory = cx.home.join("demo");
    let path = directory.join(format!("{}.toml", language.to_lowercase()));
    std::fs::create_dir_all(&directory)
        .and_then(|()| std::fs::write(&path, text))
        .map_err(|err| environment(err).hint("loki doctor"))?;
    let path = path.to_str().ok_or_else(|| {
        CommandError::environment("the state directory's path is not valid UTF-8")
            .hint("export LOKI_HOME=/another/directory")
    })?;
    Ok(format!("replay:{path}"))
}

/// The place asked for, if it is empty; otherwise a new one.
fn place(wanted: Option<&Path>, cx: &Context) -> Result<PathBuf, CommandError> {
    let Some(dir) = wanted else {
        let base = std::env::temp_dir();
        for n in 1..10_000 {
            let dir = base.join(format!("loki-demo-{n}"));
            match std::fs::create_dir(&dir) {
                Ok(()) => return Ok(dir),
                Err(err) if err.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(err) => return Err(environment(err).hint("loki demo --dir DIR")),
            }
        }
        return Err(CommandError::environment(
            "too many demonstrations in the temporary directory",
        )
        .hint("loki demo --dir DIR"));
    };
    let dir = cx.directory.join(dir);
    let unusable = |err: std::io::Error| {
        CommandError::user(format!("`{}` can not be used: {err}", dir.display()))
            .hint("loki demo --dir NEW_DIRECTORY")
    };
    std::fs::create_dir_all(&dir).map_err(unusable)?;
    let mut entries = std::fs::read_dir(&dir).map_err(unusable)?;
    if entries.next().is_some() {
        let message = format!("`{}` is not empty", dir.display());
        return Err(CommandError::user(message).hint("loki demo --dir NEW_DIRECTORY"));
    }
    Ok(dir)
}

/// A repository with nothing but the spec in it.
fn make_repository(directory: &Path) -> Result<Repo, CommandError> {
    let fail =
        |err: &dyn std::error::Error| CommandError::environment(chain(err)).hint("loki doctor");
    let repo = Repo::init(directory).map_err(|err| fail(&err))?;
    std::fs::write(directory.join("prd.md"), PRD).map_err(|err| fail(&err))?;
    repo.commit_all("The spec").map_err(|err| fail(&err))?;
    Ok(repo)
}
