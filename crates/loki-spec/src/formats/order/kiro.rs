//! Kiro's `tasks.md`: numbered checkboxes, one after another. What is divided has no work of its own: `2.1` and
//! `2.2` are done, not `2`. Which of them go beside each other is in a block of JSON, `{"waves": [{"tasks":
//! ["1.1", "2.1"]}]}`, or marked with `(P)`.
//!
//! Source: kiro.dev/docs/specs, and the lists that Kiro and cc-sdd write.

use std::collections::{BTreeMap, BTreeSet};

use super::checklist::{Checklist, Item};
use super::{Numbers, Raw, Serves, State, chain, raw};
use crate::formats::tree::{self, At, Syntax};
use loki_model::crew::TASKS_MAX;

/// A wave names no more tasks than this.
const NAMED_MAX: usize = 1_000;
/// A longer number is none.
const NUMBER_BYTES_MAX: usize = 32;

/// `2.1` of `2.1 Check it` and `2` of `2. Check it`, and what follows.
pub(super) fn number(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_start_matches(['*', ' ']);
    let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '.').unwrap_or(text.len());
    let (number, rest) = text.split_at(end);
    let is_listed = number.ends_with('.') || rest.starts_with(')') || number.contains('.');
    let number = number.trim_end_matches('.');
    let parts = number.split('.');
    let is_part = |part: &str| part.starts_with(|c: char| c.is_ascii_digit()) && part.len() <= 6;
    let is_number =
        is_listed && (1..=NUMBER_BYTES_MAX).contains(&number.len()) && parts.clone().all(is_part);
    is_number.then(|| (number, rest.trim_start_matches(['*', ')', ':', ' '])))
}

/// The tasks of `list`, which stands in `source`.
pub(super) fn tasks(list: &Checklist, source: &str, numbers: &Numbers) -> Vec<Raw> {
    let numbered: Vec<(&Item, &str, &str)> = list
        .items
        .iter()
        .filter_map(|item| number(&item.text).map(|(number, said)| (item, number, said)))
        .collect();
    let divided: BTreeSet<&str> =
        numbered.iter().filter_map(|(_, number, _)| Some(number.rsplit_once('.')?.0)).collect();
    let whole: BTreeMap<&str, (&Item, &str)> =
        numbered.iter().map(|(item, number, said)| (*number, (*item, *said))).collect();
    let (mut raws, mut marks) = (Vec::new(), Vec::new());
    for (item, number, said) in &numbered {
        if divided.contains(number) {
            continue;
        }
        let above = number.rsplit_once('.').and_then(|(above, _)| whole.get(above));
        let (is_beside, said) = match said.strip_prefix("(P)") {
            Some(rest) => (true, rest.trim()),
            None => (said.ends_with("(P)"), said.trim_end_matches("(P)").trim()),
        };
        let mut detail = above.map(|(_, said)| format!("Part of: {said}\n")).unwrap_or_default();
        detail.push_str(&list.detail(item, |other| self::number(&other.text).is_some()));
        let mut serves = named(&item.more, numbers);
        if let Some((above, _)) = above {
            if serves.is_empty() {
                serves = named(&above.more, numbers);
            }
            serves.push(Serves::Line(source.to_owned(), above.line));
        }
        serves.push(Serves::Line(source.to_owned(), item.line));
        let mut task = raw((*number).to_owned(), said, detail, source, item, serves);
        // A parent that is ticked off or may be left out says so of its parts.
        if let Some((above, _)) = above {
            match task.state {
                State::Open if above.is_done => task.state = State::Done,
                State::Open if above.is_optional => task.state = State::Optional,
                _ => {}
            }
        }
        // Everything is judged after each task anyway.
        if task.state == State::Open && is_checkpoint(said) {
            task.state = State::Unwanted;
        }
        raws.push(task);
        marks.push((above.map_or(0, |(above, _)| above.line as usize), is_beside));
    }
    match waves(list) {
        Some(waves) => in_waves(&mut raws, &waves),
        None => {
            chain(&mut raws, |at| marks[at]);
        }
    }
    let open = raws.iter_mut().filter(|raw| raw.state == State::Open);
    for raw in open.take(TASKS_MAX) {
        let told = depends(&raw.task.detail, &divided, &whole);
        raw.task.after.extend(told);
    }
    raws
}

fn is_checkpoint(title: &str) -> bool {
    let title = title.to_lowercase();
    title.starts_with("checkpoint") || title.starts_with("final checkpoint")
}

/// The lists behind `_Requirements:` and `Validates: Requirements`.
fn named(more: &str, numbers: &Numbers) -> Vec<Serves> {
    let lists = more.lines().filter_map(|line| {
        let line = line.trim_start_matches(['-', '*', '+', '_', ' ']);
        let line = line.strip_prefix("Validates:").map_or(line, str::trim_start);
        let rest = line.strip_prefix("Requirements")?;
        Some(rest.trim_start_matches([':', ' ', '*']))
    });
    let written = lists.flat_map(|list| list.split([',', ' ']));
    let number = |written: &str| {
        let written = written.trim_matches(['_', '.', ' ', '*']);
        numbers.serves(written.split('.').next()?)
    };
    written.filter_map(number).collect()
}

/// `_Depends: 1.2, 2_`; a task that is divided stands for all of its parts.
fn depends(
    detail: &str,
    divided: &BTreeSet<&str>,
    whole: &BTreeMap<&str, (&Item, &str)>,
) -> Vec<String> {
    let mut named = BTreeSet::new();
    for line in detail.lines() {
        let line = line.trim_start_matches(['-', '*', '+', '_', ' ']);
        let Some(list) = line.strip_prefix("Depends:") else { continue };
        let names = list.split([',', ' ']).map(|name| name.trim_matches(['_', '.', ' ', '*']));
        let is_number = |name: &&str| name.starts_with(|c: char| c.is_ascii_digit());
        named.extend(names.filter(is_number));
    }
    named.into_iter().flat_map(|name| parts(name, divided, whole)).collect()
}

/// `name`, or what it is divided into.
fn parts(
    name: &str,
    divided: &BTreeSet<&str>,
    whole: &BTreeMap<&str, (&Item, &str)>,
) -> Vec<String> {
    if !divided.contains(name) {
        return vec![name.to_owned()];
    }
    let below = format!("{name}.");
    let parts = whole.range(below.as_str()..).map(|(number, _)| *number);
    let parts = parts.take_while(|number| number.starts_with(&below));
    parts.filter(|number| !divided.contains(number)).map(str::to_owned).collect()
}

/// Those of `ids` that are parts of `name`.
fn below<'i>(ids: &'i BTreeSet<String>, name: &str) -> impl Iterator<Item = &'i String> + use<'i> {
    let below = format!("{name}.");
    ids.range(below.clone()..).take_while(move |id| id.starts_with(&below))
}

/// The names in each wave, first wave first.
fn waves(list: &Checklist) -> Option<Vec<Vec<String>>> {
    list.json.iter().find_map(|json| {
        let document = tree::parse(json, Syntax::Json).ok()?;
        let waves = At::root(&document.root).get("waves")?;
        let names = |wave: At<'_>| -> Vec<String> {
            let tasks = wave.get("tasks").unwrap_or(wave);
            tasks.items().take(NAMED_MAX).filter_map(|name| name.scalar()).collect()
        };
        let waves: Vec<Vec<String>> = waves.items().take(NAMED_MAX).map(names).collect();
        waves.iter().any(|wave| !wave.is_empty()).then_some(waves)
    })
}

/// Each wave waits for all of the one before it. Who is in none waits for all that stand above.
fn in_waves(raws: &mut [Raw], waves: &[Vec<String>]) {
    let mut wave_of: BTreeMap<&str, usize> = BTreeMap::new();
    for (at, names) in waves.iter().enumerate() {
        names.iter().for_each(|name| {
            wave_of.insert(name, at);
        });
    }
    // A wave may name a task that is divided.
    let wave = |id: &str| {
        let mut name = id;
        loop {
            if let Some(wave) = wave_of.get(name) {
                return Some(*wave);
            }
            name = name.rsplit_once('.')?.0;
        }
    };
    let open: Vec<(usize, Option<usize>)> = (0..raws.len())
        .filter(|at| raws[*at].state == State::Open)
        .map(|at| (at, wave(&raws[at].task.id)))
        .take(TASKS_MAX)
        .collect();
    for (place, (at, own)) in open.iter().enumerate() {
        let before: Vec<usize> = match own {
            Some(own) => {
                let last =
                    open.iter().filter_map(|(_, wave)| *wave).filter(|wave| wave < own).max();
                let is_before =
                    |(_, wave): &&(usize, Option<usize>)| last.is_some() && *wave == last;
                open.iter().filter(is_before).map(|(at, _)| *at).collect()
            }
            None => open[..place].iter().map(|(at, _)| *at).collect(),
        };
        let names: Vec<String> = before.iter().map(|at| raws[*at].task.id.clone()).collect();
        raws[*at].task.after.extend(names);
    }
    // What a wave names and nobody wrote down is told of by who would wait for it.
    let known: BTreeSet<String> = raws.iter().map(|raw| raw.task.id.clone()).collect();
    let is_there = |name: &str| known.contains(name) || below(&known, name).next().is_some();
    let strange: Vec<String> = wave_of
        .keys()
        .filter(|name| !is_there(name))
        .take(1)
        .map(|name| (*name).to_owned())
        .collect();
    if let Some((first, _)) = open.first() {
        raws[*first].task.after.extend(strange);
    }
}
