//! `loki gates`

use loki_engine::world::now;
use loki_model::{Finding, GateId, Role, Severity};
use loki_verify::{
    Config, GateText, Range, RuleText, Runs, gate_page, gate_texts, rule_section, rule_text,
};
use serde_json::{Value, json};

use super::Done;
use crate::cli::{GatesArgs, GatesCommand};
use crate::context::Context;
use crate::error::{CommandError, chain};
use crate::output;
use crate::view::render::{finding_lines, one_line};

/// Characters of what must hold that the list shows.
const SHOWN_CHARS_MAX: usize = 100;

pub(super) fn gates(args: &GatesArgs, cx: &Context) -> Done {
    match &args.what {
        None => list(None, cx),
        Some(GatesCommand::List { base }) => list(base.as_deref(), cx),
        Some(GatesCommand::Explain { name: None }) => Ok(explain(&gate_texts(), cx)),
        Some(GatesCommand::Explain { name: Some(name) }) => explain_one(name, cx),
    }
}

/// One line of the list.
struct Row {
    gate: String,
    role: Option<Role>,
    runs: bool,
    must_hold: String,
    is_own: bool,
}

fn list(base: Option<&str>, cx: &Context) -> Done {
    let (config, findings, of) = policy(base, cx)?;
    let role = |gate: &str| config.policy.roles.get(&GateId::from(gate)).copied();
    let own = gate_texts().into_iter().map(|gate| Row {
        gate: gate.id.to_owned(),
        role: role(gate.id),
        runs: gate.runs != Runs::Nothing,
        must_hold: gate.must_hold.to_owned(),
        is_own: true,
    });
    let custom = config.custom.iter().map(|gate| Row {
        gate: gate.name.clone(),
        role: role(&gate.name),
        runs: true,
        must_hold: gate.must_hold(),
        is_own: false,
    });
    let rows: Vec<Row> = own.chain(custom).collect();
    if cx.json {
        output::json(&json!({
            "schema_version": 1,
            "base": of,
            "gates": rows.iter().map(Row::json).collect::<Vec<_>>(),
            "config_findings": findings,
        }));
        return Ok(0);
    }
    if !cx.quiet {
        output::talk(&match of {
            Some(of) => format!("as the settings of {of} have it"),
            None => "as it is without settings: this is no repository".to_owned(),
        });
    }
    output::data(&format!("{:<17} {:<9} {:<5} what must hold", "gate", "counts as", "runs"));
    rows.iter().for_each(|row| output::data(&row.line()));
    for finding in &findings {
        finding_lines(finding).iter().for_each(|line| output::data(&line.plain()));
    }
    Ok(0)
}

impl Row {
    fn line(&self) -> String {
        let runs = if self.runs { "yes" } else { "no" };
        let must_hold = one_line(&self.must_hold, SHOWN_CHARS_MAX);
        format!("{:<17} {:<9} {runs:<5} {must_hold}", self.gate, counts_as(self.role))
    }

    fn json(&self) -> Value {
        json!({
            "gate": self.gate,
            "counts_as": counts_as(self.role),
            "runs_commands": self.runs,
            "must_hold": self.must_hold,
            "declared_by_the_project": !self.is_own,
        })
    }
}

fn counts_as(role: Option<Role>) -> &'static str {
    match role {
        Some(Role::Required) => "required",
        Some(Role::Advisory) => "advisory",
        None => "off",
    }
}

/// The policy of a change in this checkout, and how its base is called; the defaults outside of any
/// repository.
fn policy(
    base: Option<&str>,
    cx: &Context,
) -> Result<(Config, Vec<Finding>, Option<String>), CommandError> {
    let repo = match cx.repo() {
        Ok(repo) => repo,
        Err(error) if base.is_some() => return Err(error),
        Err(_) => return Ok((Config::default(), Vec::new(), None)),
    };
    let (tree, of) = Range::base(&repo, base).map_err(|err| CommandError::user(chain(&err)))?;
    let (config, findings) = Config::at_base(&repo, &tree, now());
    Ok((config, findings, Some(of)))
}

fn explain_one(name: &str, cx: &Context) -> Done {
    if let Some(gate) = gate_texts().into_iter().find(|gate| gate.id == name) {
        return Ok(explain(&[gate], cx));
    }
    let Some(rule) = rule_text(name) else {
        return Err(CommandError::user(format!("there is no gate or rule `{name}`"))
            .hint("loki gates list    (rules: loki gates explain GATE)"));
    };
    if cx.json {
        output::json(&json!({ "schema_version": 1, "rules": [rule_json(&rule)] }));
    } else {
        output::data(rule_section(&rule).trim());
    }
    Ok(0)
}

fn explain(gates: &[GateText], cx: &Context) -> u8 {
    if cx.json {
        let gates: Vec<Value> = gates.iter().map(gate_json).collect();
        output::json(&json!({ "schema_version": 1, "gates": gates }));
    } else {
        let pages: Vec<String> = gates.iter().map(gate_page).collect();
        output::data(pages.join("\n").trim_end());
    }
    0
}

fn gate_json(gate: &GateText) -> Value {
    json!({
        "gate": gate.id,
        "must_hold": gate.must_hold,
        "why": gate.why,
        "evidence": gate.evidence,
        "cannot_tell": gate.cannot_tell,
        "bond": gate.bond,
        "runs_commands": gate.runs != Runs::Nothing,
        "rules": gate.rules.iter().map(rule_json).collect::<Vec<_>>(),
    })
}

fn rule_json(rule: &RuleText) -> Value {
    let severity = match rule.severity {
        Severity::Note => "note",
        Severity::Warning => "warning",
        Severity::Error => "error",
    };
    json!({
        "rule": rule.id,
        "severity": severity,
        "what": rule.what,
        "why": rule.why,
        "example": rule.example,
        "fix": rule.fix,
    })
}
