//! One declared command over one state of the repository, and what it reported.

use std::collections::BTreeSet;
use std::fs;

use loki_model::Evidence;

use crate::bench::{Bench, Command, Ran, unfinished};
use crate::config::custom::{CustomCheck, Parser};
use crate::counts::junit::{FILE_BYTES_MAX, Plain, read as read_junit};
use crate::counts::{Case, CaseEnd};
use crate::declared::{clear, program_of};
use crate::gates::Cx;
use crate::kind::Kind;
use crate::probe::{Probed, of_argv};
use crate::reported::lcov::read as read_lcov;
use crate::reported::lines::Lines;
use crate::reported::sarif::{LOG_BYTES_MAX, read as read_sarif};
use crate::reported::{REPORTED_MAX, Reported, settled};
use crate::suite::Side;
use crate::syntax::Language;
use crate::text::{last_lines, one_line};

/// Lines of output that a finding shows.
const LINES_SHOWN: usize = 40;

/// What a command showed.
pub(super) struct Seen {
    /// What it reported.
    pub(super) found: Vec<Reported>,
    /// What was run.
    pub(super) evidence: Vec<Evidence>,
    /// The end of its output, where no report tells more.
    pub(super) detail: String,
    /// The command, for a sentence.
    pub(super) what: String,
    /// Why what was found can not be relied on.
    pub(super) doubt: Option<String>,
}

/// Runs `check` on the copy in `cx`, a state beside the `judged` one.
pub(super) fn run(cx: &Cx<'_>, check: &CustomCheck, judged: &Cx<'_>) -> Seen {
    let what = format!("`{}`", one_line(&check.argv.join(" "), 80));
    let doubted = |why: String, evidence: Vec<Evidence>| Seen {
        found: Vec::new(),
        evidence,
        detail: String::new(),
        what: what.clone(),
        doubt: Some(format!("{what}: {why}")),
    };
    let output = check.output.as_ref().map(|path| cx.copy.root().join(path));
    if let Some(Err(error)) = output.as_ref().map(|path| clear(cx, path)) {
        return doubted(format!("the old report could not be removed: {error}"), Vec::new());
    }
    let command = match command(cx, check) {
        Ok(command) => command,
        Err(why) => return doubted(why, Vec::new()),
    };
    let limit = check.limit.unwrap_or(cx.config.command_limit);
    let bench = Bench { limit, ..cx.bench() };
    let (ran, stdout) = match bench.run_whole(command) {
        Ok(ran) => ran,
        Err(error) => {
            let why = crate::gates::chain(&error);
            return doubted(format!("{why}: look at `[[gate]]` in the settings"), Vec::new());
        }
    };
    let report = output.map(|path| bench.read_results(&path, LOG_BYTES_MAX.min(FILE_BYTES_MAX)));
    let (exit, is_ok, text) = (ran.run.exit, ran.is_ok(), ran.text());
    let read = match unfinished(exit) {
        Some(how) => Err(how),
        None => found(cx, judged, check, &ran, stdout, report),
    };
    let evidence = vec![ran.evidence()];
    let found = match read {
        Ok(found) => found,
        Err(why) => return doubted(why, evidence),
    };
    if found.len() > REPORTED_MAX {
        return doubted(format!("it reports more than {REPORTED_MAX} findings"), evidence);
    }
    if found.is_empty() && !is_ok {
        return doubted(format!("it {exit} and reports nothing that can be read"), evidence);
    }
    let shows_end = matches!(check.parser, Parser::ExitCode | Parser::Probes);
    let detail = if shows_end { last_lines(&text, LINES_SHOWN).to_owned() } else { String::new() };
    Seen { found: settled(cx, &check.dir, found), evidence, detail, what, doubt: None }
}

fn command(cx: &Cx<'_>, check: &CustomCheck) -> Result<Command, String> {
    let (program, args) = check.argv.split_first().ok_or("it is empty")?;
    // A link that the change brings may lead anywhere.
    let dir = fs::canonicalize(cx.copy.root().join(&check.dir));
    if !dir.is_ok_and(|dir| dir.is_dir() && dir.starts_with(cx.copy.root())) {
        return Err(format!("`{}` is no directory of the repository", check.dir));
    }
    let program = match &check.parser {
        // Not what is called so on PATH: this very loki.
        Parser::Probes => std::env::current_exe().map_err(|error| error.to_string())?.into(),
        _ => program_of(cx, &check.dir, program),
    };
    Ok(Command::new(program, &check.dir).args(args))
}

/// What a command that ended by itself reported, or why that is not known.
fn found(
    cx: &Cx<'_>,
    judged: &Cx<'_>,
    check: &CustomCheck,
    ran: &Ran,
    stdout: Option<String>,
    report: Option<Option<String>>,
) -> Result<Vec<Reported>, String> {
    let missing = || format!("it did not write `{}`", check.output.as_deref().unwrap_or_default());
    let too_long = || "its output is too long to be read".to_owned();
    let document = |stdout: Option<String>| match report {
        Some(report) => report.ok_or_else(missing),
        None => stdout.ok_or_else(too_long),
    };
    match &check.parser {
        Parser::ExitCode if ran.is_ok() => Ok(Vec::new()),
        Parser::ExitCode => {
            let what = one_line(&check.argv.join(" "), 80);
            let message = format!("`{what}` {}", ran.run.exit);
            Ok(vec![Reported::new("failed", None, None, None, &message)])
        }
        Parser::Sarif => {
            read_sarif(&document(stdout)?).map_err(|why| format!("its SARIF log: {why}"))
        }
        Parser::Junit => junit(&document(stdout)?),
        Parser::Lcov => not_run(cx, judged, check, &document(stdout)?),
        Parser::Probes => probes(check, &stdout.ok_or_else(too_long)?),
        Parser::Regex(pattern) => {
            let lines = Lines::new(pattern)?;
            let is_whole = stdout.is_some() && !ran.run.stderr.truncated;
            // The head and the tail of what is too long still show something.
            let stdout = stdout.unwrap_or_else(|| ran.stdout.clone());
            let found: Vec<Reported> = lines.text(&stdout).chain(lines.text(&ran.stderr)).collect();
            if (found.is_empty() || check.new_only) && !is_whole {
                return Err(too_long());
            }
            Ok(found)
        }
    }
}

/// Every probe has to be answered for.
fn probes(check: &CustomCheck, lines: &str) -> Result<Vec<Reported>, String> {
    let wanted = of_argv(&check.argv);
    let probed: Vec<Probed> =
        lines.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let mut found = Vec::new();
    for probe in &wanted {
        let name = probe.name();
        let probed = probed.iter().find(|probed| probed.name == name);
        let probed = probed.ok_or_else(|| format!("nothing is known of `{name}`"))?;
        if !probed.held {
            let message = format!("`{name}` {}", probed.said);
            found.push(Reported::new("probe", None, None, None, &message));
        }
    }
    Ok(found)
}

/// What of the change no test ran: lines that the tracefile says so of, and whole files that it does not tell of
/// beside others in the same language.
fn not_run(
    cx: &Cx<'_>,
    judged: &Cx<'_>,
    check: &CustomCheck,
    text: &str,
) -> Result<Vec<Reported>, String> {
    let tracefile = read_lcov(text).map_err(|why| format!("its tracefile: {why}"))?;
    let delta = judged.delta()?;
    let resolved = |printed: &str| cx.known(&check.dir, printed);
    let mut found = tracefile.not_run(&|printed| delta.file(&resolved(printed)?));
    let told: BTreeSet<String> = tracefile.paths().filter_map(resolved).collect();
    let languages: BTreeSet<Language> = told.iter().filter_map(|path| Language::of(path)).collect();
    for file in delta.of(Kind::Source).filter(|file| !told.contains(&file.path)) {
        let is_told_of = Language::of(&file.path).is_some_and(|one| languages.contains(&one));
        let source = judged.trees(delta).of_file(&file.path, Side::After);
        let may_run = source.is_some_and(|source| {
            source.functions().iter().any(|one| file.is_any_added(one.lines.0, one.lines.1))
        });
        if may_run && is_told_of {
            let message = "the tracefile does not tell of this file: no test loaded it, or coverage leaves it out";
            found.push(Reported::new("not-told", None, Some(&file.path), None, message));
        }
    }
    Ok(found)
}

fn junit(xml: &str) -> Result<Vec<Reported>, String> {
    let tally = read_junit(xml, &Plain).0;
    if let Some(why) = tally.doubt {
        return Err(why);
    }
    if tally.counts.ran() == 0 {
        return Err("no case ran in its JUnit report".to_owned());
    }
    if !tally.cases_complete {
        return Err("its JUnit report has too many cases".to_owned());
    }
    let failed = tally.cases.iter().filter(|case| case.ended == CaseEnd::Failed);
    Ok(failed.map(reported).collect())
}

fn reported(case: &Case) -> Reported {
    let said = case.said.lines().find(|line| !line.trim().is_empty()).unwrap_or("it failed");
    let message = format!("`{}`: {said}", case.id);
    Reported::new("failed", None, case.file.as_deref(), None, &message)
}
