//! `loki verify`

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use loki_engine::Stop;
use loki_engine::world::{now, work_dir};
use loki_host::git::Repo;
use loki_model::{Digest, Finding, GateId, GateReport, GateSummary, Judgement, Severity, Verdict};
use loki_store::Store;
use loki_verify::{
    Config, Judged, Keep, Range, Subject, Wanted, document, junit, report_markdown, sarif,
    verify_dir, write_whole,
};

use super::{Done, gate_environment, sandbox};
use crate::cli::{BlockOn, VerifyArgs};
use crate::context::Context;
use crate::error::{CommandError, chain, environment};
use crate::view::render::{finding_lines, gate_line, one_line, verdict_line};
use crate::{output, signals};

/// When nothing could be judged.
pub(crate) const EXIT_NOT_JUDGED: u8 = 3;

/// A larger patch is not read.
const PATCH_BYTES_MAX: u64 = 256 << 20;

/// Findings shown of one gate; the report has them all.
const FINDINGS_SHOWN_MAX: usize = 8;

pub(super) fn verify(args: &VerifyArgs, cx: &Context) -> Done {
    judge(args, cx).map_err(|err| err.exiting_with(EXIT_NOT_JUDGED))
}

fn judge(args: &VerifyArgs, cx: &Context) -> Done {
    let started = Instant::now();
    let stop = Stop::new().map_err(environment)?;
    signals::forward_to(stop.clone()).map_err(environment)?;
    let repo = cx.repo()?.with_cancel(stop.cancel());
    let base = args.base_arg.as_deref().or(args.base.as_deref());
    let range = Range::find(&repo, base, &wanted(args, cx)?)
        .map_err(|err| CommandError::user(chain(&err)).hint("loki verify --help"))?;
    let (mut config, config_findings) = Config::at_base(&repo, &range.base);
    adjust(&mut config, args)?;
    config.isolation = sandbox::isolation(args.sandbox, &cx.home);
    let lacking = sandbox::lacking(&config.isolation);
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
        repo: &repo,
        base: &range.base,
        tree: &range.tree,
        tree_commit: &range.tree_commit,
        scratch: &scratch.0,
        history: range.history(),
        reuse: Some(repo.root()),
        claim: range.claim,
        messages: &range.messages,
        memory: memory.as_deref(),
    };
    if !cx.json && !cx.quiet {
        output::talk(&format!("judging {}", range.described));
    }
    let mut on_gate = |report: &GateReport| {
        if !cx.json && !cx.quiet {
            output::talk(&gate_line(&GateSummary::from(report)).plain());
        }
    };
    let answer = loki_verify::judge(&subject, &config, &kept, stop.cancel(), &mut on_gate)
        .map_err(environment)?;
    if stop.requested().is_some() {
        return Err(CommandError::environment("stopped: nothing was judged"));
    }
    if answer.is_remembered && !cx.json && !cx.quiet {
        output::talk("nothing changed since this was judged; --fresh judges it again");
    }
    let judged = Judged {
        policy: &config.policy,
        base: &range.base,
        tree: &range.tree,
        commit: &range.tree_commit,
        gates: &answer.reports,
        config_findings: &config_findings,
        spec: None,
        judged_at: now(),
        duration_ms: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
        tool_version: env!("CARGO_PKG_VERSION"),
    };
    let written = publish(&judged, args, cx, &repo)?;
    tell(&judged, args, cx, &written);
    Ok(exit_code(judged.verdict()))
}

fn exit_code(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Verified => 0,
        Verdict::Concerns => 1,
        Verdict::Blocked => 2,
    }
}

fn wanted(args: &VerifyArgs, cx: &Context) -> Result<Wanted, CommandError> {
    if let Some(path) = &args.patch {
        return read_patch(path, cx).map(Wanted::Patch);
    }
    Ok(match &args.head {
        Some(name) => Wanted::Commit(name.clone()),
        None if args.staged => Wanted::Staged,
        None => Wanted::Worktree,
    })
}

fn read_patch(path: &Path, cx: &Context) -> Result<Vec<u8>, CommandError> {
    let shown = path.display();
    let failed = |err: std::io::Error| {
        CommandError::user(format!("the patch `{shown}` could not be read: {err}"))
    };
    let mut bytes = Vec::new();
    if path == Path::new("-") {
        std::io::stdin()
            .lock()
            .take(PATCH_BYTES_MAX + 1)
            .read_to_end(&mut bytes)
            .map_err(failed)?;
    } else {
        let file = std::fs::File::open(cx.directory.join(path)).map_err(failed)?;
        file.take(PATCH_BYTES_MAX + 1).read_to_end(&mut bytes).map_err(failed)?;
    }
    if bytes.len() as u64 > PATCH_BYTES_MAX {
        let max = PATCH_BYTES_MAX >> 20;
        return Err(CommandError::user(format!("the patch `{shown}` has more than {max} MiB")));
    }
    Ok(bytes)
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
    if !only.is_empty() {
        config.policy.roles.retain(|gate, _| only.contains(gate));
    }
    config.policy.roles.retain(|gate, _| !skip.contains(gate));
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
            std::fs::create_dir_all(&out).map_err(environment)?;
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
    output::data(&verdict_line(judged.verdict()).plain());
    output::data(&format!("  report   {}", report.display()));
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
        Scratch(all.join(std::process::id().to_string()))
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
