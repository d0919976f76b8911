//! `loki verify`

mod wanted;
mod watch;

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use std::{process, thread};

use loki_engine::Stop;
use loki_engine::world::{now, work_dir};
use loki_host::git::Repo;
use loki_host::process::Cancel;
use loki_model::{
    Digest, Finding, GateId, GateReport, GateSummary, Judgement, Severity, Spec, Verdict,
};
use loki_store::Store;
use loki_verify::{
    Answer, Config, Judged, Keep, Range, Subject, document, gate_texts, junit, report_markdown,
    sarif, verify_dir, write_whole,
};

use super::intake::read_pinned_spec;
use super::{Done, gate_environment, sandbox};
use crate::cli::{BlockOn, VerifyArgs};
use crate::context::Context;
use crate::error::{CommandError, environment};
use crate::view::render::{finding_lines, gate_line, one_line, verdict_line};
use crate::{output, signals};

/// When nothing could be judged.
pub(crate) const EXIT_NOT_JUDGED: u8 = 3;

/// What is under way may take this long to end after a stop.
const END_MAX: Duration = Duration::from_millis(1_500);

/// Findings shown of one gate; the report has them all.
const FINDINGS_SHOWN_MAX: usize = 8;

pub(super) fn verify(args: &VerifyArgs, cx: &Context) -> Done {
    let done = if args.watch { watch::watch(args, cx) } else { once(args, cx) };
    done.map_err(|err| err.exiting_with(EXIT_NOT_JUDGED))
}

fn once(args: &VerifyArgs, cx: &Context) -> Done {
    let started = Instant::now();
    sandbox::try_out(args.sandbox);
    let stop = Stop::new().map_err(environment)?;
    signals::forward_to(stop.clone()).map_err(environment)?;
    let is_json = cx.json;
    end_in_time(&stop, move || {
        let stopped = stopped();
        stopped.print(is_json);
        stopped.exit_code()
    });
    let repo = cx.repo()?.with_cancel(stop.cancel());
    let range = wanted::range(args, cx, &repo)?;
    let speaks = !cx.json && !cx.quiet;
    if speaks {
        output::talk(&format!("judging {}", range.described));
    }
    let mut on_gate = |report: &GateReport| {
        if speaks {
            output::talk(&gate_line(&GateSummary::from(report)).plain());
        }
    };
    let seen = judge_range(args, cx, &repo, &range, stop.cancel(), &mut on_gate)?;
    if stop.requested().is_some() {
        return Err(stopped());
    }
    if seen.answer.is_remembered && speaks {
        output::talk("nothing changed since this was judged; --fresh judges it again");
    }
    let judged = Judged { duration_ms: milliseconds(started), ..seen.judged() };
    let written = publish(&judged, args, cx, &repo)?;
    tell(&judged, args, cx, &written);
    Ok(exit_code(judged.verdict()))
}

fn stopped() -> CommandError {
    CommandError::environment("stopped: nothing was judged").exiting_with(EXIT_NOT_JUDGED)
}

/// The process ends soon after a stop whatever a gate is doing, with the exit code that `last_words` gives;
/// what is left of its copies is removed by the next `loki verify`.
fn end_in_time(stop: &Stop, last_words: impl FnOnce() -> u8 + Send + 'static) {
    let stop = stop.cancel().clone();
    thread::spawn(move || {
        stop.sleep(Duration::MAX);
        thread::sleep(END_MAX);
        process::exit(i32::from(last_words()));
    });
}

/// A judgement, and what it is about.
struct Seen {
    range: Range,
    config: Config,
    config_findings: Vec<Finding>,
    answer: Answer,
    duration_ms: u64,
}

impl Seen {
    fn judged(&self) -> Judged<'_> {
        Judged {
            policy: &self.config.policy,
            left_out: &self.config.left_out,
            base: &self.range.base,
            tree: &self.range.tree,
            commit: &self.range.tree_commit,
            gates: &self.answer.reports,
            config_findings: &self.config_findings,
            coverage: self.answer.coverage.as_ref(),
            agents_held: None,
            judged_at: now(),
            duration_ms: self.duration_ms,
            tool_version: env!("CARGO_PKG_VERSION"),
        }
    }
}

/// Judges `range` by what its base and the command line say.
fn judge_range(
    args: &VerifyArgs,
    cx: &Context,
    repo: &Repo,
    range: &Range,
    cancel: &Cancel,
    on_gate: &mut (dyn FnMut(&GateReport) + Send),
) -> Result<Seen, CommandError> {
    let started = Instant::now();
    let spec = spec(args, cx, repo, range)?;
    let (mut config, config_findings) = range.config(now());
    adjust(&mut config, args)?;
    config.isolation = sandbox::isolation(args.sandbox, &cx.home);
    let lacking = sandbox::lacking(&config.isolation, "builds and tests");
    if let Some(line) = lacking.filter(|_| config.runs && !cx.json && !cx.quiet) {
        output::talk(&line);
    }
    for line in gate_environment::apply(&mut config, std::env::vars_os()) {
        output::talk(&line);
    }
    let scratch = Scratch::new(&cx.home);
    let memory = (!args.fresh).then(|| cx.home.join("answers"));
    let store = Store::open(&cx.home).ok();
    let kept = Outputs { store: store.as_ref() };
    let subject = Subject {
        repo,
        base: &range.base,
        tree: &range.tree,
        tree_commit: &range.tree_commit,
        files: Some(&range.files),
        scratch: &scratch.0,
        history: range.history(),
        reuse: Some(repo.root()),
        claim: range.claim,
        messages: &range.messages,
        spec: spec.as_ref(),
        memory: memory.as_deref(),
        jobs: jobs(args),
    };
    let answer =
        loki_verify::judge(&subject, &config, &kept, cancel, on_gate).map_err(environment)?;
    let (range, duration_ms) = (range.clone(), milliseconds(started));
    Ok(Seen { range, config, config_findings, answer, duration_ms })
}

/// What was asked for, where that is said.
fn spec(
    args: &VerifyArgs,
    cx: &Context,
    repo: &Repo,
    range: &Range,
) -> Result<Option<Spec>, CommandError> {
    let stdin = Path::new("-");
    match args.spec.as_deref() {
        None => Ok(None),
        Some(path) if path == stdin && args.patch.as_deref() == Some(stdin) => {
            let why = "standard input can not be the patch and the spec at once";
            Err(CommandError::user(why).hint("loki verify --patch FILE --spec -"))
        }
        Some(path) => read_pinned_spec(path, repo, &range.base, cx).map(Some),
    }
}

fn milliseconds(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
}

fn jobs(args: &VerifyArgs) -> NonZeroUsize {
    let asked = args.jobs.and_then(|jobs| NonZeroUsize::new(jobs.into()));
    asked.unwrap_or_else(loki_host::machine::cpus)
}

fn exit_code(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Verified => 0,
        Verdict::Concerns => 1,
        Verdict::Blocked => 2,
    }
}

/// What the command line asks for on top of the base's settings.
fn adjust(config: &mut Config, args: &VerifyArgs) -> Result<(), CommandError> {
    let names = config.gate_names();
    let known = |name: &String| {
        let id = GateId::from(name.as_str());
        if names.contains(&name.as_str()) {
            return Ok(id);
        }
        let all = names.join(", ");
        Err(CommandError::user(format!("there is no gate `{name}`; there are {all}")))
    };
    let only = args.only.iter().map(known).collect::<Result<Vec<_>, _>>()?;
    let skip = args.skip.iter().map(known).collect::<Result<Vec<_>, _>>()?;
    for gate in config.policy.roles.keys().cloned().collect::<Vec<_>>() {
        if skip.contains(&gate) {
            config.leave_out(gate, "--skip");
        } else if !only.is_empty() && !only.contains(&gate) {
            config.leave_out(gate, "--only");
        }
    }
    if args.block_on.contains(&BlockOn::Warning) {
        config.block_on = Severity::Warning;
    }
    if let Some(seconds) = args.timeout {
        config.command_limit = Duration::from_secs(seconds);
    }
    config.approved.extend(args.approve_delta.iter().cloned());
    config.runs &= !args.no_run;
    Ok(())
}

/// Writes every document; gives back where the report is.
fn publish(
    judged: &Judged<'_>,
    args: &VerifyArgs,
    cx: &Context,
    repo: &Repo,
) -> Result<PathBuf, CommandError> {
    let directory = match &args.out {
        Some(out) => {
            let out = cx.directory.join(out);
            std::fs::create_dir_all(&out).map_err(|err| {
                let why = format!("`{}` could not be made: {err}", out.display());
                CommandError::environment(why).hint("loki verify --out DIRECTORY")
            })?;
            out
        }
        None => verify_dir(repo.root()).map_err(environment)?,
    };
    let pretty = |value| serde_json::to_vec_pretty(&value).map_err(environment);
    let results = pretty(sarif(judged))?;
    let files = [
        ("evidence.json", pretty(document(judged))?),
        ("report.md", report_markdown(judged).into_bytes()),
        ("results.sarif", results.clone()),
        ("junit.xml", junit(judged).into_bytes()),
    ];
    for (name, bytes) in &files {
        write_whole(&directory.join(name), bytes).map_err(environment)?;
    }
    if let Some(path) = &args.sarif {
        write_whole(&cx.directory.join(path), &results).map_err(environment)?;
    }
    Ok(directory.join("report.md"))
}

fn tell(judged: &Judged<'_>, args: &VerifyArgs, cx: &Context, report: &Path) {
    if cx.json {
        output::json(&document(judged));
        return;
    }
    if let Some(rule) = &args.explain {
        explain(judged, rule);
        return;
    }
    for gate in judged.gates.iter().filter(|gate| gate.judgement().is_open()) {
        let summary = one_line(gate.summary(), 160);
        output::data(&format!("{} · {} · {summary}", gate.gate(), gate.judgement().label()));
        for finding in gate.findings().iter().take(FINDINGS_SHOWN_MAX) {
            show(finding);
        }
        let more = gate.findings().len().saturating_sub(FINDINGS_SHOWN_MAX);
        if more > 0 {
            output::data(&format!("    and {more} more"));
        }
    }
    for finding in judged.config_findings {
        show(finding);
    }
    output::data(&format!("{}{}", verdict_line(judged.verdict()).plain(), by(judged)));
    if let Some(left_out) = left_out(judged) {
        output::data(&format!("  left out {left_out}"));
    }
    output::data(&format!("  report   {}", report.display()));
}

/// What follows the word of a verdict where not all gates had a say.
fn by(judged: &Judged<'_>) -> String {
    judged.counted().map(|counted| format!(" by {counted}")).unwrap_or_default()
}

/// The gates that had no say, by who says so.
fn left_out(judged: &Judged<'_>) -> Option<String> {
    let mut by_reason: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (gate, reason) in judged.left_out {
        by_reason.entry(reason).or_default().push(&gate.0);
    }
    let said = by_reason.iter().map(|(reason, gates)| format!("{} ({reason})", gates.join(", ")));
    (!by_reason.is_empty()).then(|| said.collect::<Vec<_>>().join("; "))
}

fn show(finding: &Finding) {
    for line in finding_lines(finding) {
        output::data(&line.plain());
    }
}

/// The whole report, or the findings of one rule.
fn explain(judged: &Judged<'_>, rule: &str) {
    if rule.is_empty() {
        output::data(&report_markdown(judged));
        output::data(&asked_of(judged));
        return;
    }
    let matching: Vec<&Finding> = judged
        .gates
        .iter()
        .flat_map(GateReport::findings)
        .filter(|finding| finding.rule.starts_with(rule))
        .collect();
    if matching.is_empty() {
        output::data(&format!("no finding of `{rule}`"));
    }
    matching.into_iter().for_each(show);
    let passed = judged.gates.iter().filter(|gate| gate.judgement() == Judgement::Pass).count();
    output::data(&format!("{passed} of {} gates pass", judged.gates.len()));
    if let Some(left_out) = left_out(judged) {
        output::data(&format!("left out: {left_out}"));
    }
}

/// What each gate that had something to look at asks, and why that counts.
fn asked_of(judged: &Judged<'_>) -> String {
    let mut out = "## What the gates ask, and why it counts\n".to_owned();
    let texts = gate_texts();
    for gate in judged.gates.iter().filter(|gate| gate.judgement() != Judgement::NotApplicable) {
        let Some(text) = texts.iter().find(|text| text.id == gate.gate().0) else { continue };
        let (must_hold, why, cannot_tell) = (text.must_hold, text.why, text.cannot_tell);
        out.push_str(&format!(
            "\n- **{}** – {must_hold}.\n  - Why: {why}\n  - It can not tell: {cannot_tell}\n",
            text.id
        ));
    }
    out
}

/// A directory for the clean copies of this process, gone when it ends.
struct Scratch(PathBuf);

impl Scratch {
    /// What processes left behind that were killed is removed first.
    fn new(home: &Path) -> Scratch {
        let all = work_dir(home).join("verify");
        for entry in std::fs::read_dir(&all).into_iter().flatten().flatten() {
            let pid = entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok());
            if pid.is_some_and(|pid| !loki_host::machine::is_alive(pid)) {
                let _ = loki_host::git::remove_export(&entry.path());
            }
        }
        Scratch(all.join(process::id().to_string()))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = loki_host::git::remove_export(&self.0);
    }
}

/// Outputs of commands go to the store, where there is one; else only their digests are told.
struct Outputs<'a> {
    store: Option<&'a Store>,
}

impl Keep for Outputs<'_> {
    fn keep(&self, bytes: &[u8]) -> Digest {
        let kept = self.store.and_then(|store| store.put_blob(bytes).ok());
        kept.unwrap_or_else(|| Digest::of(bytes))
    }
}
