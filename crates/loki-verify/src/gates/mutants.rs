//! Requires that the tests notice mistakes in the code that the change brings.

use std::collections::BTreeMap;

use loki_host::git::Edit;
use loki_model::{Evidence, Finding, GateId, GateReport, Location, Severity};

use super::described::{Described, Runs};
use super::docs::flags;
use super::states::brings_tests;
use super::verdicts::Basis;
use super::{Cx, finding};
use crate::claim::Claim;
use crate::counts::CaseEnd;
use crate::delta::Delta;
use crate::kind::Kind;
use crate::mutation::{Moved, Mutant, Options, Scale, mutants};
use crate::waiver::waive;
use sample::sample;
use trial::{End, MUTANTS_MAX, Nearest, Tried, room, tried};

mod outside;
mod reported;
mod sample;
mod trial;

/// This gate's name.
pub(crate) const ID: &str = "mutants";

/// What there is to say about it.
pub(crate) const GATE: Described = Described {
    id: ID,
    must_hold: "in every function that the change touches some mistake, made on purpose, makes a test fail",
    why: "Tests that run new code and look at nothing pass whatever the code does. A mistake that is made on purpose tells: some test has to fail.",
    evidence: "One run of the suites of a language for each mutant, in a copy of the new code; a deterministic sample, whole functions first. Where the suites take more than two seconds, the tests that the change touches and those that are named like the changed files are run first, and all of them for what those do not notice, as far as a minute goes.",
    cannot_tell: "Whether a survivor matters: some mistakes change nothing that anybody could see; and anything about generated files, benchmarks, examples, scripts and the like that neither a test nor the product names. Only a function in which no mistake at all is noticed, or that it does nothing, changes in which none is, an option that tests give and no test needs, changes that no test needs, and a fix for one written value are concerns; single survivors are notes.",
    runs: Runs::Everything,
    rules: reported::RULES,
    judge,
};

/// Mutants that are tried where each has to be compiled.
const COMPILED_MAX: usize = 4;

/// Mutants of which one has to be noticed: a single one may be a mistake that nobody could see.
const UNNOTICED_MIN: usize = 2;

/// Mistakes whose runs are evidence.
const SHOWN_MAX: usize = 3;

/// Tries mistakes in the functions that the change touches.
pub(crate) fn judge(cx: &Cx<'_>) -> GateReport {
    let id = GateId::from(ID);
    let not_applicable = |why: &str| GateReport::not_applicable(id.clone(), why.to_owned());
    let delta = match cx.delta() {
        Ok(delta) => delta,
        Err(error) => {
            let summary = format!("what changed could not be read: {error}");
            return GateReport::inconclusive(id, summary, Vec::new(), Vec::new());
        }
    };
    if cx.claim() == Claim::Neutral {
        return not_applicable("the change does not claim to change behaviour");
    }
    let held = cx.suites().ids(CaseEnd::Passed);
    if held.is_empty() {
        return not_applicable("no test holds on the new code: see `tests`");
    }
    let moved = Moved::of(delta, cx.trees(delta));
    let options = options(delta);
    let product = delta.of(Kind::Source).filter(|file| !outside::is_outside(cx, file));
    let all: Vec<Mutant> = product.flat_map(|file| mutants(file, &moved, &options)).collect();
    if all.is_empty() {
        return not_applicable("the change touches no function that could be mutated");
    }
    let is_compiled = all.iter().any(|mutant| is_compiled(&mutant.path));
    let most = if is_compiled { COMPILED_MAX } else { MUTANTS_MAX };
    let nearest = Nearest::of(cx, delta, &all);
    let each_ms = nearest.as_ref().map_or_else(|| cx.quickest_suites_ms(), |nearest| nearest.ms);
    let chosen = sample(all, room(each_ms).min(most));
    match tried(cx, &held, &chosen, nearest.as_ref()) {
        Ok(trials) => concluded(cx, &chosen, &trials),
        Err(error) => {
            let summary = format!("no mutant could be tried: {error}");
            GateReport::inconclusive(id, summary, Vec::new(), Vec::new())
        }
    }
}

/// The options that the change adds and its tests give: others are reached by no test that could notice.
fn options(delta: &Delta) -> Options {
    let is_given = |name: &String| {
        let flag = format!("--{name}");
        let lines = delta.of(Kind::Test).flat_map(|file| file.added_lines());
        lines.into_iter().any(|(_, line)| line.contains(&flag))
    };
    let added = delta.of(Kind::Source).flat_map(flags::added).map(|flag| flag.name);
    Options::new(added.filter(is_given).collect())
}

/// Whether a compiler reads a file before any test runs.
fn is_compiled(path: &str) -> bool {
    [".rs", ".go", ".java", ".ts", ".tsx", ".cs"].iter().any(|ending| path.ends_with(ending))
}

fn concluded(cx: &Cx<'_>, chosen: &[Mutant], trials: &[Tried]) -> GateReport {
    let id = GateId::from(ID);
    let ends: &[End] = &trials.iter().map(|tried| tried.end).collect::<Vec<_>>();
    let mut functions: BTreeMap<(&str, &str), Vec<(&Mutant, End)>> = BTreeMap::new();
    for (mutant, end) in chosen.iter().zip(ends).filter(|(_, end)| **end != End::Void) {
        functions.entry((&mutant.path, &mutant.function)).or_default().push((mutant, *end));
    }
    let count = |wanted: End| ends.iter().filter(|end| **end == wanted).count();
    let (killed, survived) = (count(End::Killed), count(End::Survived));
    let tried = killed + survived;
    if tried == 0 && count(End::Unsure) == 0 {
        let why = format!("none of {} mutants could be tried", chosen.len());
        return GateReport::not_applicable(id, why);
    }
    let brings_tests = cx.delta().is_ok_and(|delta| brings_tests(&delta.files));
    let mut findings: Vec<Finding> = Vec::new();
    // The mistakes that are told as concerns.
    let mut told: Vec<&Mutant> = Vec::new();
    for ((path, function), mutants) in &functions {
        let whole = mutants.iter().find(|(mutant, _)| matches!(mutant.scale, Scale::Whole { .. }));
        let is_idle_unseen = whole.is_some_and(|(_, end)| *end == End::Survived);
        // Mistakes in a new function can be seen by an error that they raise: that it does something is not.
        let is_unwatched = is_idle_unseen
            && (mutants.iter().all(|(_, end)| *end == End::Survived)
                || whole.is_some_and(|(mutant, _)| mutant.scale == Scale::Whole { is_new: true }));
        let is_of_the_change = brings_tests
            || mutants
                .iter()
                .any(|(mutant, _)| matches!(mutant.scale, Scale::Whole { is_new: true }));
        if is_unwatched {
            // Nobody tested it before, and the change brings no tests that could have done so.
            let severity = if is_of_the_change { Severity::Warning } else { Severity::Note };
            let line = mutants.first().map(|(mutant, _)| mutant.line);
            let place = Location { path: (*path).to_owned(), line };
            let message = format!("no test notices when `{function}` does nothing at all");
            findings.push(finding("mutants/unwatched", severity, Some(place), message, ""));
            told.extend(whole.filter(|_| is_of_the_change).map(|(mutant, _)| *mutant));
            continue;
        }
        for (mutant, _) in mutants.iter().filter(|(_, end)| *end == End::Survived) {
            let place = Location { path: (*path).to_owned(), line: Some(mutant.line) };
            let message = format!("in `{function}` no test noticed that it {}", mutant.what);
            findings.push(finding("mutants/survived", Severity::Note, Some(place), message, ""));
        }
    }
    let is_quiet = findings.iter().all(|finding| finding.severity == Severity::Note);
    let unneeded = || unneeded(cx, chosen, ends, brings_tests);
    let unnoticed = || unnoticed(chosen, ends).filter(|_| brings_tests);
    if is_quiet && let Some((rule, mutant)) = unneeded().or_else(unnoticed) {
        let place = Location { path: mutant.path.clone(), line: Some(mutant.line) };
        let message = match rule {
            NONE_NOTICED => {
                format!("no test notices any of {tried} mistakes in what the change touches")
            }
            ADDITION => format!(
                "no test notices when `{}` does without what the change adds",
                mutant.function
            ),
            _ => format!("no test notices when `{}` {}", mutant.function, mutant.what),
        };
        findings.push(finding(rule, Severity::Warning, Some(place), message, ""));
        told.push(mutant);
    }
    waive(cx, &mut findings);
    let evidence = evidence(cx, chosen, trials, &told);
    let unsure = match count(End::Unsure) {
        0 => String::new(),
        unsure => {
            format!("; {unsure} more not by the tests nearest to them, and all take too long")
        }
    };
    let summary = format!("{killed} of {tried} mistakes made on purpose were noticed{unsure}");
    let basis = Basis { findings, left_out: None, evidence };
    basis.conclude(cx, ID, summary.clone(), |worst, _| format!("{summary}: {}", worst.message))
}

/// What was run for mistakes that are told, with the mistake in the tree; else for the first.
fn evidence(cx: &Cx<'_>, chosen: &[Mutant], trials: &[Tried], told: &[&Mutant]) -> Vec<Evidence> {
    let of = |mutant: &&Mutant| {
        let (_, tried) = chosen.iter().zip(trials).find(|(other, _)| other == mutant)?;
        let Evidence::Command { run, .. } = tried.evidence.clone()? else { return None };
        let content = mutant.apply(&cx.read(&mutant.path)?);
        let edit = Edit::Alter { path: &mutant.path, content: content.as_bytes() };
        let tree = cx.subject.repo.compose(cx.subject.tree, &[edit]).ok()?;
        Some(Evidence::Command { tree, run })
    };
    let shown: Vec<Evidence> = told.iter().take(SHOWN_MAX).filter_map(of).collect();
    match shown.is_empty() {
        true => trials.iter().find_map(|tried| tried.evidence.clone()).into_iter().collect(),
        false => shown,
    }
}

/// What of a change that claims behaviour no test needs, by which rule.
fn unneeded<'a>(
    cx: &Cx<'_>,
    chosen: &'a [Mutant],
    ends: &[End],
    brings_tests: bool,
) -> Option<(&'static str, &'a Mutant)> {
    if cx.claim() != Claim::Behaviour {
        return None;
    }
    let survivor = |wanted: Scale| survivors(chosen, ends).find(|mutant| mutant.scale == wanted);
    let addition = || unnoticed_addition(chosen, ends).map(|mutant| (ADDITION, mutant));
    let revert = || survivor(Scale::Revert).filter(|_| brings_tests).map(|mutant| (REVERT, mutant));
    let special = || {
        let special = survivor(Scale::Special).filter(|_| brings_tests && is_a_fix(cx));
        special.map(|mutant| (SPECIAL, mutant))
    };
    addition().or_else(revert).or_else(special)
}

/// What the tests of a change do not notice, whatever it claims: an option that they give, or any mistake.
fn unnoticed<'a>(chosen: &'a [Mutant], ends: &[End]) -> Option<(&'static str, &'a Mutant)> {
    let mut unseen = survivors(chosen, ends).filter(|mutant| mutant.scale == Scale::Option);
    let is_none_noticed = !ends.iter().any(|end| matches!(end, End::Killed | End::Unsure))
        && ends.iter().filter(|end| **end == End::Survived).count() >= UNNOTICED_MIN;
    let first = || survivors(chosen, ends).next().filter(|_| is_none_noticed);
    let option = unseen.next().map(|mutant| (OPTION, mutant));
    option.or_else(|| first().map(|mutant| (NONE_NOTICED, mutant)))
}

/// The mistakes that no test noticed.
fn survivors<'a>(chosen: &'a [Mutant], ends: &[End]) -> impl Iterator<Item = &'a Mutant> {
    let all = chosen.iter().zip(ends);
    all.filter(|(_, end)| **end == End::Survived).map(|(mutant, _)| mutant)
}

const ADDITION: &str = "mutants/addition-unwatched";
const REVERT: &str = "mutants/change-unwatched";
const SPECIAL: &str = "mutants/special-case";
const OPTION: &str = "mutants/option-unwatched";
const NONE_NOTICED: &str = "mutants/none-noticed";

/// Whether a message says that something wrong is put right.
fn is_a_fix(cx: &Cx<'_>) -> bool {
    const WORDS: &[&str] =
        &["fix", "fixes", "fixed", "bug", "bugs", "bugfix", "correct", "corrects"];
    cx.subject.messages.iter().any(|message| {
        let mut words = message.split(|c: char| !c.is_alphanumeric());
        words.any(|word| WORDS.contains(&word.to_lowercase().as_str()))
    })
}

/// The first of what was added to functions, where no test notices any of it, nor a function that is new.
fn unnoticed_addition<'a>(chosen: &'a [Mutant], ends: &[End]) -> Option<&'a Mutant> {
    let all = || chosen.iter().zip(ends).filter(|(_, end)| **end != End::Void);
    let is_seen = all().any(|(mutant, end)| {
        let is_of_the_change =
            matches!(mutant.scale, Scale::Addition | Scale::Whole { is_new: true });
        is_of_the_change && matches!(end, End::Killed | End::Unsure)
    });
    let mut additions = all().filter(|(mutant, _)| mutant.scale == Scale::Addition);
    additions.next().filter(|_| !is_seen).map(|(mutant, _)| mutant)
}
