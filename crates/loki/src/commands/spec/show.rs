//! `loki spec show`

use loki_model::{Note, Requirement, Spec};
use serde_json::{Value, json};

use crate::commands::{Done, intake};
use crate::context::Context;
use crate::error::CommandError;
use crate::output;

/// The version of the shape. See `docs/formats/spec.md`.
const SCHEMA_VERSION: u32 = 1;

pub(super) fn show(specs: &[String], cx: &Context) -> Done {
    let spec = read(specs, cx)?;
    if cx.json {
        output::json(&document(&spec));
    } else {
        lines(&spec).iter().for_each(|line| output::data(line));
    }
    Ok(0)
}

/// The spec that is named, under the names that the lock has for its requirements.
pub(super) fn read(specs: &[String], cx: &Context) -> Result<Spec, CommandError> {
    Ok(super::as_locked(intake::read_all(specs, cx)?, cx))
}

/// Everything but the text itself, which the digest names.
fn document(spec: &Spec) -> Value {
    let Spec { id, title, source, digest, requirements, constraints, assumptions, context, .. } =
        spec;
    json!({
        "schema_version": SCHEMA_VERSION,
        "id": id,
        "title": title,
        "source": source,
        "digest": digest,
        "requirements": requirements,
        "constraints": constraints,
        "assumptions": assumptions,
        "context": context,
    })
}

fn lines(spec: &Spec) -> Vec<String> {
    let count = spec.requirements.len();
    let mut lines = vec![spec.title.clone(), format!("  {} · {count} requirements", spec.source)];
    for requirement in &spec.requirements {
        let Requirement { id, text, acceptance, origin, .. } = requirement;
        lines.push(format!("\n{id}  {}  {origin}", priority(requirement)));
        lines.push(format!("  {text}"));
        lines.extend(acceptance.iter().map(|criterion| format!("    - {criterion}")));
    }
    for (heading, notes) in [
        ("constraints", &spec.constraints),
        ("assumptions", &spec.assumptions),
        ("context", &spec.context),
    ] {
        if !notes.is_empty() {
            lines.push(format!("\n{heading}"));
            lines.extend(notes.iter().map(|Note { text, origin }| format!("  {text}  ({origin})")));
        }
    }
    lines
}

pub(super) fn priority(requirement: &Requirement) -> &'static str {
    match requirement.priority {
        loki_model::Priority::Must => "must",
        loki_model::Priority::Should => "should",
        loki_model::Priority::Could => "could",
    }
}
