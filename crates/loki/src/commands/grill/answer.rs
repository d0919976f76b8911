//! Answers to the questions: asked for on the terminal, or read from JSON, and written into the spec.

use std::collections::BTreeMap;
use std::io::{BufRead as _, IsTerminal as _, Read as _, Write as _};
use std::path::Path;

use loki_model::Spec;
use loki_spec::{Place, Question, add_questions, write_answers};
use serde_json::json;

use super::{EXIT_QUESTIONS, lines};
use crate::cli::GrillArgs;
use crate::commands::Done;
use crate::context::Context;
use crate::error::{CommandError, environment};
use crate::output;

/// More than this is no file of answers.
const ANSWERS_BYTES_MAX: u64 = 1 << 20;

pub(super) fn answer(args: &GrillArgs, spec: &Spec, questions: &[Question], cx: &Context) -> Done {
    let path = markdown_file(spec, cx)?;
    let serious: Vec<&Question> =
        questions.iter().filter(|question| question.is_serious()).collect();
    let place = if args.apply { Place::Section } else { Place::AtStatement };
    let given = match args.answer.as_deref() {
        None => {
            write_over(&path, &spec.text, &add_questions(&spec.text, &serious))?;
            return Ok(told(spec, 0, serious.len(), cx));
        }
        Some("") => ask(&serious, cx)?,
        Some(file) => read(file, cx)?,
    };
    if let Some(unknown) = given.keys().find(|id| !questions.iter().any(|q| q.id == **id)) {
        let message = format!("there is no open question `{unknown}` about `{}`", spec.source);
        return Err(CommandError::user(message).hint(format!("loki grill {}", spec.source)));
    }
    let answers: Vec<(&Question, String)> = questions
        .iter()
        .filter_map(|question| Some((question, given.get(&question.id)?.trim().to_owned())))
        .filter(|(_, answer)| !answer.is_empty())
        .collect();
    write_over(&path, &spec.text, &write_answers(&spec.text, &answers, place))?;
    let open = serious.iter().filter(|q| !answers.iter().any(|(of, _)| of.id == q.id)).count();
    Ok(told(spec, answers.len(), open, cx))
}

fn told(spec: &Spec, answered: usize, open: usize, cx: &Context) -> u8 {
    let code = if open > 0 { EXIT_QUESTIONS } else { 0 };
    if cx.json {
        output::json(&json!({
            "schema_version": 1, "written": spec.source, "answered": answered, "open": open,
            "exit_code": code,
        }));
    } else {
        output::data(&format!("{}: {answered} answered, {open} open", spec.source));
    }
    code
}

/// Answers go where the questions came from: into a Markdown file.
fn markdown_file(spec: &Spec, cx: &Context) -> Result<std::path::PathBuf, CommandError> {
    let path = cx.directory.join(&spec.source);
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    if path.is_file() && matches!(ending.to_lowercase().as_str(), "md" | "markdown" | "txt") {
        return Ok(path);
    }
    let message =
        format!("answers are written into a Markdown file, and `{}` is none", spec.source);
    Err(CommandError::user(message).hint("write it down as prd.md, then: loki grill --answer"))
}

/// Nothing of a file is lost that changed meanwhile, or when the disk is full.
fn write_over(path: &Path, read: &str, text: &str) -> Result<(), CommandError> {
    if text == read {
        return Ok(());
    }
    let now = std::fs::read(path).map_err(environment)?;
    if loki_spec::decode(&now).ok().as_deref() != Some(read) {
        let message = format!("`{}` changed meanwhile; nothing was written", path.display());
        return Err(CommandError::user(message));
    }
    let directory = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(directory).map_err(environment)?;
    let mode = std::fs::metadata(path).map_err(environment)?.permissions();
    file.write_all(text.as_bytes()).map_err(environment)?;
    file.as_file().set_permissions(mode).map_err(environment)?;
    file.persist(path).map_err(|err| environment(err.error))?;
    Ok(())
}

/// One after the other; an empty line leaves a question open, and the end of input all that follow.
fn ask(questions: &[&Question], cx: &Context) -> Result<BTreeMap<String, String>, CommandError> {
    if cx.json || !std::io::stdin().is_terminal() || !std::io::stderr().is_terminal() {
        return Err(CommandError::user("there is nobody to answer").hint(
            "loki grill --answer=FILE    with JSON such as {\"Q-1a2b\": \"within 200 ms\"}",
        ));
    }
    let mut given = BTreeMap::new();
    for (at, question) in questions.iter().enumerate() {
        output::talk(&format!("\n({} of {})", at + 1, questions.len()));
        lines(question).iter().for_each(|line| output::talk(line));
        let mut stderr = std::io::stderr().lock();
        let _ = write!(stderr, "  answer (Enter leaves it open): ");
        let _ = stderr.flush();
        drop(stderr);
        let mut answer = String::new();
        if std::io::stdin().lock().read_line(&mut answer).map_err(environment)? == 0 {
            break;
        }
        given.insert(question.id.clone(), answer);
    }
    Ok(given)
}

fn read(file: &str, cx: &Context) -> Result<BTreeMap<String, String>, CommandError> {
    let refuse = |why: String| {
        CommandError::user(format!("`{file}` {why}"))
            .hint("JSON such as {\"Q-1a2b\": \"within 200 ms\"}")
    };
    let mut text = String::new();
    let read = if file == "-" {
        std::io::stdin().lock().take(ANSWERS_BYTES_MAX).read_to_string(&mut text)
    } else {
        std::fs::File::open(cx.directory.join(file))
            .and_then(|file| file.take(ANSWERS_BYTES_MAX).read_to_string(&mut text))
    };
    read.map_err(|err| refuse(format!("could not be read: {err}")))?;
    serde_json::from_str(&text).map_err(|err| refuse(format!("holds no answers: {err}")))
}
