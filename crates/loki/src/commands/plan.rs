//! `loki plan`

mod check;

use std::path::Path;

use loki_agent::{Agent, Billing};
use loki_engine::plan::{HISTORY_EVENTS_MAX, Paid, Past, Planned, history, plan};
use loki_model::{Basis, Choice, Estimate, Settings, Span, Spec, Task, Usd};
use loki_store::Store;
use serde_json::{Value, json};

use super::Done;
use super::crew::crew;
use super::intake::read_quietly;
use super::start::ITERATIONS_MAX_DEFAULT;
use super::tasks::{self, SideBySide};
use crate::cli::PlanArgs;
use crate::context::Context;
use crate::error::{CommandError, environment};
use crate::output::{self, harmless};
use crate::time::duration;
use crate::view::render::{one_line, shown_agent};

pub(super) fn command(args: &PlanArgs, cx: &Context) -> Done {
    if args.check {
        return check::check(cx);
    }
    let (spec, problems) = read_quietly(&args.spec, cx)?;
    let (settings, agents) = crew(&args.agent, ITERATIONS_MAX_DEFAULT, cx)?;
    let open = loki_spec::grill(&spec, &problems).iter().filter(|q| q.is_serious()).count();
    let planned = before_a_run(&spec, &settings, &agents, open, cx)?;
    let beside = tasks::side_by_side(&spec, &planned.tasks);
    if cx.json {
        let mut document = document(&spec, &planned);
        document["side_by_side"] = beside_document(&beside);
        output::json(&document);
    } else {
        let lines = lines(&spec, &planned).into_iter().chain(beside_lines(&beside));
        lines.for_each(|line| output::data(&line));
    }
    Ok(0)
}

/// What `loki start --jobs` would do; nothing where that is what one run does.
fn beside_lines(beside: &SideBySide) -> Vec<String> {
    let SideBySide { order, tasks, problem } = beside;
    if tasks.len() < 2 && problem.is_none() {
        return Vec::new();
    }
    let whose = if order == "plan" { "the plan's" } else { order };
    let mut lines = vec![
        String::new(),
        harmless(&format!("side by side (loki start --jobs N): {whose} order")),
    ];
    lines.extend(tasks.iter().map(task_line));
    if let Some(problem) = problem {
        lines.push(harmless(&format!("  can not be done: {problem}")));
        lines.push(format!("  {}", problem.fix()));
    }
    lines
}

fn beside_document(beside: &SideBySide) -> Value {
    let SideBySide { order, tasks, problem } = beside;
    let problem = problem.as_ref().map(|problem| {
        json!({ "at": problem.place, "what": problem.problem.to_string(), "fix": problem.fix() })
    });
    json!({ "order": order, "tasks": tasks, "problem": problem })
}

/// The plan of a run that may be begun here, whether there is a repository or not.
pub(super) fn before_a_run(
    spec: &Spec,
    settings: &Settings,
    agents: &[Box<dyn Agent>],
    open: usize,
    cx: &Context,
) -> Result<Planned, CommandError> {
    let past = match cx.store_read_only()? {
        Some(store) => history(&store, HISTORY_EVENTS_MAX).map_err(environment)?,
        None => Vec::new(),
    };
    let root = cx.repo().map_or_else(|_| cx.directory.clone(), |repo| repo.root().to_owned());
    Ok(plan(spec, &root, settings, paid(agents), open, &past))
}

/// The plan of a run that is about to begin.
pub(super) fn of(
    spec: &Spec,
    root: &Path,
    settings: &Settings,
    agents: &[Box<dyn Agent>],
    open: usize,
    store: &Store,
) -> Result<Planned, CommandError> {
    let past: Vec<Past> = history(store, HISTORY_EVENTS_MAX).map_err(environment)?;
    Ok(plan(spec, root, settings, paid(agents), open, &past))
}

/// What a run is expected to take, before it begins.
pub(super) fn tell_in_a_line(planned: &Planned, cx: &Context) {
    if cx.quiet || cx.json {
        return;
    }
    let Planned { complexity, estimate, .. } = planned;
    output::talk(&format!(
        "plan: {}, {} iterations, {}, {} ({})",
        complexity.label(),
        range(&estimate.iterations, u64::to_string),
        range(&estimate.seconds, |s| duration(s * 1_000)),
        cost(estimate),
        basis(&estimate.basis)
    ));
}

fn paid(agents: &[Box<dyn Agent>]) -> Paid {
    let free = agents.iter().all(|agent| agent.billing() == Billing::Free);
    if free { Paid::No } else { Paid::Yes }
}

pub(super) fn lines(spec: &Spec, planned: &Planned) -> Vec<String> {
    let Planned { complexity, why, team, tasks, estimate, models, cheaper, dependencies } = planned;
    let mut lines = vec![format!("plan for {}", one_line(&spec.title, 100)), String::new()];
    lines.push(format!("complexity  {}", complexity.label()));
    lines.extend(why.iter().map(|why| format!("            {}", one_line(why, 200))));
    let read = dependencies.manifests.len();
    if read > 0 {
        let n = dependencies.names.len();
        lines.push(format!("            {n} direct dependencies in {read} manifests"));
    }
    lines.push(String::new());
    lines.push("team".to_owned());
    for member in team {
        lines.push(format!("  {:<16} {}", member.role, one_line(&member.why, 200)));
    }
    lines.push(String::new());
    lines.push("tasks".to_owned());
    lines.extend(tasks.iter().map(task_line));
    lines.push(String::new());
    lines.push(format!("estimate ({})", basis(&estimate.basis)));
    lines.push(format!("  iterations  {}", range(&estimate.iterations, u64::to_string)));
    lines.push(format!("  time        {}", range(&estimate.seconds, |s| duration(s * 1_000))));
    lines.push(format!("  tokens      {}", range(&estimate.tokens, thousands)));
    lines.push(format!("  cost        {}", cost(estimate)));
    lines.push(String::new());
    lines.push("models".to_owned());
    lines.extend(models.iter().map(model_line));
    if !cheaper.is_empty() {
        lines.push(String::new());
        lines.push("cheaper".to_owned());
        lines.extend(cheaper.iter().map(|saving| format!("  {saving}")));
    }
    lines
}

fn task_line(task: &Task) -> String {
    let n = task.requirements.len();
    let noun = if n == 1 { "requirement" } else { "requirements" };
    let n = if n == 0 { "no".to_owned() } else { n.to_string() };
    let after = match task.after.as_slice() {
        [] => String::new(),
        after => format!(", after {}", after.join(", ")),
    };
    format!("  {:<3} {:<16} {} [{n} {noun}{after}]", task.id, task.role, one_line(&task.title, 90))
}

fn model_line(choice: &Choice) -> String {
    let price = choice.price.map_or_else(
        || "price not known".to_owned(),
        |price| format!("{} in, {} out for a million tokens", price.input, price.output),
    );
    let agent = shown_agent(&choice.agent);
    format!("  {agent:<16} {} ({}; {price})", one_line(choice.model_label(), 60), choice.why())
}

/// `1 to 3, likely 1`
fn range(span: &Span, shown: impl Fn(&u64) -> String) -> String {
    let (low, likely, high) = (shown(&span.low), shown(&span.likely), shown(&span.high));
    if low == high { low } else { format!("{low} to {high}, likely {likely}") }
}

fn thousands(n: &u64) -> String {
    match n {
        0..1_000 => n.to_string(),
        1_000..1_000_000 => format!("{} k", n / 1_000),
        _ => format!("{}.{} M", n / 1_000_000, n % 1_000_000 / 100_000),
    }
}

fn cost(estimate: &Estimate) -> String {
    match &estimate.cost {
        Some(span) if span.high == 0 => "nothing".to_owned(),
        Some(span) => range(span, |usd| Usd(*usd).to_string()),
        None => "not known: the price of the model is not".to_owned(),
    }
}

fn basis(basis: &Basis) -> String {
    match basis {
        Basis::History { runs } => format!("from {runs} finished runs of this kind here"),
        Basis::Default { runs: 0 } => {
            "loki's own figures: no such run has finished here".to_owned()
        }
        Basis::Default { runs } => {
            format!("loki's own figures: only {runs} such runs have finished here")
        }
    }
}

pub(super) fn document(spec: &Spec, planned: &Planned) -> Value {
    let Planned { complexity, why, team, tasks, estimate, models, cheaper, dependencies } = planned;
    let team: Vec<Value> = team
        .iter()
        .map(|member| json!({ "role": member.role, "domain": member.domain, "why": member.why }))
        .collect();
    let dispatched: Vec<Value> = models
        .iter()
        .map(|choice| {
            json!({
                "agent": choice.agent, "tier": choice.tier, "model": choice.model,
                "price": choice.price, "effort": choice.effort, "why": choice.why(),
            })
        })
        .collect();
    json!({
        "schema_version": 1,
        "spec": {
            "id": spec.id, "title": spec.title, "source": spec.source, "digest": spec.digest,
            "requirements": spec.requirements.len(),
        },
        "complexity": complexity,
        "why": why,
        "team": team,
        "tasks": tasks,
        "estimate": estimate,
        "models": dispatched,
        "cheaper": cheaper,
        "dependencies": {
            "manifests": dependencies.manifests,
            "direct": dependencies.names,
            "services": dependencies.services,
        },
    })
}
