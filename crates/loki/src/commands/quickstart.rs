//! `loki quickstart`

use std::io::{BufRead, IsTerminal as _, Write};
use std::path::PathBuf;

use loki_agent::Agent;
use loki_engine::plan::Planned;
use loki_host::git::Repo;
use loki_model::{Settings, Spec};
use loki_spec::{Starter, shaped};
use serde_json::json;

use super::consent::consent;
use super::crew::{agent_settings, crew, provider};
use super::init::{find, write_new};
use super::start::{ITERATIONS_MAX_DEFAULT, start};
use super::{Done, plan};
use crate::cli::{QuickstartArgs, StartArgs};
use crate::context::Context;
use crate::error::{CommandError, environment};
use crate::output;

/// More specs of quick starts than this in one directory are a mistake.
const SPECS_MAX: u32 = 1_000;

pub(super) fn command(args: &QuickstartArgs, cx: &Context) -> Done {
    let on_terminal = !cx.json && std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
    if !on_terminal && !args.yes && !args.dry_run {
        return Err(CommandError::user("there is nobody to ask")
            .hint("loki quickstart \"what to build\" --yes    or    --dry-run"));
    }
    let asks = on_terminal && !args.yes;
    let wishes = wishes(args, asks, cx)?;
    let wanted = wishes.template.as_deref().map(find).transpose()?;
    let (starter, text) = shaped(&wishes.idea, wanted.as_ref());
    let path = free_name(cx)?;
    let (spec, problems) = loki_spec::read(&path.to_string_lossy(), &text);
    let mut agent = args.agent.clone();
    agent.provider = wishes.provider;
    let (settings, agents) = crew(&agent, ITERATIONS_MAX_DEFAULT, cx)?;
    let open = loki_spec::grill(&spec, &problems).iter().filter(|q| q.is_serious()).count();
    let planned = plan::before_a_run(&spec, &settings, &agents, open, cx)?;
    tell(&Told { starter: &starter, spec: &spec, planned: &planned, path: &path }, args, cx);
    if args.dry_run {
        return Ok(0);
    }
    // What is spent is agreed to before anything is written.
    agree(args.yes, asks, &settings, &agents, cx)?;
    begin(&path, &text, agent, cx)
}

/// What the questions are answered with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Wishes {
    provider: Option<String>,
    idea: String,
    template: Option<String>,
}

fn wishes(args: &QuickstartArgs, asks: bool, cx: &Context) -> Result<Wishes, CommandError> {
    let given = Wishes {
        provider: args.agent.provider.clone(),
        idea: args.idea.clone().unwrap_or_default(),
        template: args.template.clone(),
    };
    if !asks {
        return Ok(given);
    }
    let usual = provider(given.provider.as_deref(), &agent_settings(cx)?);
    let (stdin, stderr) = (std::io::stdin(), std::io::stderr());
    ask(given, &usual, &mut stdin.lock(), &mut stderr.lock()).map_err(environment)
}

/// Asks for what was not given. Enter, or the end of the input, takes what is proposed.
fn ask(
    given: Wishes,
    usual: &str,
    input: &mut dyn BufRead,
    output: &mut dyn Write,
) -> std::io::Result<Wishes> {
    let mut question = |text: &str| -> std::io::Result<Option<String>> {
        write!(output, "{text} ")?;
        output.flush()?;
        let mut line = String::new();
        input.read_line(&mut line)?;
        Ok(Some(line.trim().to_owned()).filter(|line| !line.is_empty()))
    };
    let provider = match given.provider {
        Some(provider) => Some(provider),
        None => question(&format!("1/4 Which agent? [{usual}]"))?,
    };
    let idea = match given.idea.as_str() {
        "" => question("2/4 What shall it be? [a todo list]")?.unwrap_or_default(),
        _ => given.idea,
    };
    let template = match given.template {
        Some(template) => Some(template),
        None => {
            let fits = shaped(&idea, None).0.name;
            question(&format!("3/4 Which template? [{fits}]"))?
        }
    };
    Ok(Wishes { provider, idea, template })
}

struct Told<'a> {
    starter: &'a Starter,
    spec: &'a Spec,
    planned: &'a Planned,
    path: &'a std::path::Path,
}

fn tell(told: &Told<'_>, args: &QuickstartArgs, cx: &Context) {
    let Told { starter, spec, planned, path } = told;
    if cx.json {
        output::json(&json!({
            "schema_version": 1,
            "template": starter.name,
            "path": path,
            "dry_run": args.dry_run,
            "text": spec.text,
            "plan": plan::document(spec, planned),
        }));
        return;
    }
    let say = if args.dry_run { output::data } else { output::talk };
    if args.dry_run {
        say(&spec.text);
    }
    say(&format!("{}, from the template {}\n", path.display(), starter.name));
    plan::lines(spec, planned).iter().for_each(|line| say(line));
    say("");
}

/// The fourth question. An agent that is free needs no consent, and the plan a yes all the same.
fn agree(
    yes: bool,
    asks: bool,
    settings: &Settings,
    agents: &[Box<dyn Agent>],
    cx: &Context,
) -> Result<(), CommandError> {
    if !asks {
        return consent(yes, agents, settings, cx);
    }
    let mut stderr = std::io::stderr().lock();
    let _ = write!(stderr, "4/4 Go ahead? [Y/n] ");
    let _ = stderr.flush();
    drop(stderr);
    let mut answer = String::new();
    let read = std::io::stdin().lock().read_line(&mut answer).map_err(environment)?;
    if read > 0 && matches!(answer.trim().to_lowercase().as_str(), "" | "y" | "yes") {
        return Ok(());
    }
    Err(CommandError::user("nobody agreed; nothing was written and nothing was spent"))
}

fn begin(path: &std::path::Path, text: &str, agent: crate::cli::AgentArgs, cx: &Context) -> Done {
    let empty = std::fs::read_dir(&cx.directory).map_err(environment)?.next().is_none();
    let repo = Repo::discover(&cx.directory);
    if repo.is_err() && !empty {
        let message = format!("`{}` is not in a git repository", cx.directory.display());
        return Err(CommandError::user(message).hint("git init    (then run this again)"));
    }
    write_new(&cx.directory.join(path), text)?;
    if repo.is_err() {
        let repo = Repo::init(&cx.directory).map_err(environment)?;
        repo.commit_all("The spec").map_err(environment)?;
    }
    let start_args = StartArgs::of(&path.to_string_lossy())
        .ok_or_else(|| CommandError::environment("the spec's name can not be passed on"))?;
    start(&StartArgs { agent, yes: true, ..start_args }, cx)
}

/// `prd.md`, or the next name that is free: what is there is left alone.
fn free_name(cx: &Context) -> Result<PathBuf, CommandError> {
    let names = std::iter::once("prd.md".to_owned())
        .chain(std::iter::once("prd-quickstart.md".to_owned()))
        .chain((2..SPECS_MAX).map(|n| format!("prd-quickstart-{n}.md")));
    let mut free = names.filter(|name| !cx.directory.join(name).exists());
    free.next().map(PathBuf::from).ok_or_else(|| {
        CommandError::user("there are too many specs here").hint("loki quickstart -C DIRECTORY")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(given: Wishes, answers: &str) -> (Wishes, String) {
        let mut output = Vec::new();
        let wishes = ask(given, "claude", &mut answers.as_bytes(), &mut output).unwrap();
        (wishes, String::from_utf8(output).unwrap())
    }

    #[test]
    fn enter_at_every_question_takes_what_is_proposed() {
        let (wishes, asked) = answered(Wishes::default(), "\n\n\n");
        assert_eq!(wishes, Wishes::default());
        assert!(asked.contains("[claude]") && asked.contains("[simple-todo-app]"), "{asked}");
    }

    #[test]
    fn the_template_that_is_proposed_follows_from_the_idea() {
        let (wishes, asked) = answered(Wishes::default(), "codex\na game of pong\n\n");
        assert_eq!(wishes.provider.as_deref(), Some("codex"));
        assert_eq!(wishes.idea, "a game of pong");
        assert!(asked.contains("[game]"), "{asked}");
    }

    #[test]
    fn what_was_given_is_not_asked_for() {
        let given = Wishes {
            provider: Some("claude".to_owned()),
            idea: "plants".to_owned(),
            template: Some("game".to_owned()),
        };
        assert_eq!(answered(given.clone(), ""), (given, String::new()));
    }
}
