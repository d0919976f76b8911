//! `loki grill`

mod answer;
mod devil;
mod sarif;

use loki_model::{Severity, Spec};
use loki_spec::{GrillRule, Question, grill, grill_rules};
use serde_json::{Value, json};

use super::Done;
use super::intake::read_quietly;
use crate::cli::GrillArgs;
use crate::context::Context;
use crate::error::{CommandError, environment};
use crate::output;
use crate::view::render::one_line;

/// Somebody should answer.
const EXIT_QUESTIONS: u8 = 1;
/// The agent could not be asked, or answered nothing that can be read.
const EXIT_AGENT_FAILED: u8 = 3;

pub(super) fn command(args: &GrillArgs, cx: &Context) -> Done {
    if let Some(rule) = &args.explain {
        return explain(rule, cx);
    }
    let (spec, problems) = read_quietly(&args.spec, cx)?;
    let mut questions = grill(&spec, &problems);
    let asked = if args.with_agent {
        let asked = devil::ask(args, &spec, &questions, cx)?;
        questions.extend(asked.questions.iter().cloned());
        Some(asked)
    } else {
        None
    };
    if let Some(path) = &args.sarif {
        let text = serde_json::to_vec_pretty(&sarif::sarif(&questions)).map_err(environment)?;
        let path = cx.directory.join(path);
        std::fs::write(&path, text).map_err(|err| {
            CommandError::user(format!("`{}` could not be written: {err}", path.display()))
        })?;
    }
    if args.answer.is_some() || args.apply {
        return answer::answer(args, &spec, &questions, cx);
    }
    let failed = asked.as_ref().and_then(|asked| asked.failure.as_deref());
    let code = if failed.is_some() { EXIT_AGENT_FAILED } else { exit_code(&questions) };
    if cx.json {
        let mut document = document(&spec, &questions);
        document["agent"] = asked.as_ref().map_or(Value::Null, devil::Asked::json);
        document["exit_code"] = json!(code);
        output::json(&document);
    } else {
        tell(&spec, &questions, cx);
        if let Some(asked) = &asked {
            output::talk(&asked.line());
        }
    }
    Ok(code)
}

fn exit_code(questions: &[Question]) -> u8 {
    if questions.iter().any(Question::is_serious) { EXIT_QUESTIONS } else { 0 }
}

fn document(spec: &Spec, questions: &[Question]) -> Value {
    json!({
        "schema_version": 1,
        "spec": {
            "id": spec.id,
            "title": spec.title,
            "source": spec.source,
            "digest": spec.digest,
            "requirements": spec.requirements.len(),
        },
        "questions": questions,
        "serious": questions.iter().filter(|question| question.is_serious()).count(),
        "contradictions": questions.iter().filter(|question| question.is_contradiction()).count(),
        "exit_code": exit_code(questions),
    })
}

fn tell(spec: &Spec, questions: &[Question], cx: &Context) {
    for question in questions {
        for line in lines(question) {
            output::data(&line);
        }
        output::data("");
    }
    output::data(&summary(spec, questions));
    if !cx.quiet && questions.iter().any(Question::is_serious) {
        output::talk(&format!("next: loki grill {} --answer", shown_source(spec)));
    }
}

fn shown_source(spec: &Spec) -> String {
    if spec.source == "brief" { "FILE".to_owned() } else { spec.source.clone() }
}

fn summary(spec: &Spec, questions: &[Question]) -> String {
    let count = |severity| questions.iter().filter(|q| q.severity == severity).count();
    let requirements = spec.requirements.len();
    let noun = if requirements == 1 { "requirement" } else { "requirements" };
    if questions.is_empty() {
        return format!("{requirements} {noun}, nothing to ask");
    }
    let part = |n: usize, one: &str, many: &str| match n {
        0 => None,
        1 => Some(format!("1 {one}")),
        n => Some(format!("{n} {many}")),
    };
    let parts: Vec<String> = [
        part(count(Severity::Error), "contradiction", "contradictions"),
        part(count(Severity::Warning), "question", "questions"),
        part(count(Severity::Note), "note", "notes"),
    ]
    .into_iter()
    .flatten()
    .collect();
    format!("{requirements} {noun}: {}", parts.join(", "))
}

/// A question for people.
pub(super) fn lines(question: &Question) -> Vec<String> {
    const CHARS_MAX: usize = 300;
    let shown = |text: &str| one_line(text, CHARS_MAX);
    let kind = match question.severity {
        Severity::Error => "contradiction",
        Severity::Warning => "question",
        Severity::Note => "note",
    };
    let mut lines = vec![format!(
        "{}: {kind} {} [{}]",
        shown(&question.origin.to_string()),
        question.id,
        question.rule
    )];
    if !question.statement.is_empty() {
        lines.push(format!("  > {}", shown(&question.statement)));
    }
    lines.push(format!("  {}", shown(&question.message)));
    if let Some(against) = &question.against {
        lines.push(format!("  against {}", shown(&against.origin.to_string())));
    }
    lines.push(format!("  ask:     {}", shown(&question.ask)));
    if let Some(rewording) = &question.rewording {
        lines.push(format!("  rather:  {}", shown(rewording)));
    }
    lines.push(format!("  else:    {}", shown(&question.assumption)));
    lines
}

fn explain(wanted: &str, cx: &Context) -> Done {
    let rules = grill_rules();
    let Some(rule) = rules.iter().find(|rule| rule.id == wanted) else {
        let names: Vec<&str> = rules.iter().map(|rule| rule.id).collect();
        let message = format!("there is no rule `{wanted}`; there are {}", names.join(", "));
        return Err(CommandError::user(message).hint("loki grill --explain vague/no-limit"));
    };
    if cx.json {
        let GrillRule { id, severity, what, why, example, reworded, limits } = rule;
        output::json(&json!({
            "schema_version": 1, "id": id, "severity": severity, "what": what, "why": why,
            "example": example, "reworded": reworded, "limits": limits,
        }));
        return Ok(0);
    }
    let set_in = |text: &str| text.lines().map(|line| format!("  {line}\n")).collect::<String>();
    output::data(&format!(
        "{}: {}\n{}\n\n{}rather:\n{}\n{}",
        rule.id,
        rule.what,
        rule.why,
        set_in(rule.example),
        set_in(rule.reworded),
        rule.limits
    ));
    Ok(0)
}
