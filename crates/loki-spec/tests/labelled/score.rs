//! How well requirements are found: specs of this folder, each with the requirements that a careful
//! person lists in `NAME.labels.json` beside it. Shared by a test and a benchmark.
//!
//! A requirement that was read is right when it holds what a label says, nearly word for word and
//! without much else; each label counts once.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use loki_spec::{FolderFile, read_as, read_folder};

/// What was found of one spec.
#[derive(Debug)]
pub(crate) struct Score {
    pub(crate) name: String,
    /// Requirements that were read, labels, and pairs of both.
    pub(crate) read: usize,
    pub(crate) labels: usize,
    pub(crate) right: usize,
    pub(crate) wrong: Vec<String>,
    pub(crate) missing: Vec<String>,
}

/// All specs in order of their names, and a generated one of about 60 pages.
pub(crate) fn scores() -> Vec<Score> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/labelled");
    let mut names: Vec<PathBuf> = std::fs::read_dir(&folder)
        .unwrap()
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.to_string_lossy().ends_with(".labels.json"))
        .collect();
    names.sort();
    let mut scores: Vec<Score> = names.iter().map(|labels| score_file(labels)).collect();
    let (text, labels) = sixty_pages();
    scores.push(score("awkward-60-pages.md", &texts("awkward-60-pages.md", &text), &labels));
    scores
}

/// Precision and recall over all of `scores`: what is right of what was read, and of what is there.
pub(crate) fn totals<'s>(scores: impl Iterator<Item = &'s Score> + Clone) -> (f64, f64) {
    let sum = |part: fn(&Score) -> usize| scores.clone().map(part).sum::<usize>() as f64;
    let right = sum(|score| score.right);
    (right / sum(|score| score.read).max(1.0), right / sum(|score| score.labels).max(1.0))
}

fn score_file(labels: &Path) -> Score {
    let json: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(labels).unwrap()).unwrap();
    let wanted: Vec<String> = json["requirements"]
        .as_array()
        .unwrap()
        .iter()
        .map(|label| label.as_str().unwrap().to_owned())
        .collect();
    let spec = PathBuf::from(labels.to_string_lossy().trim_end_matches(".labels.json"));
    let name = spec.file_name().unwrap().to_str().unwrap().to_owned();
    let found = if spec.is_dir() {
        let files = files(&spec);
        let (spec, _) = read_folder(&name, &files, None).unwrap();
        spec.requirements.into_iter().map(|found| found.text).collect()
    } else {
        texts(&name, &std::fs::read_to_string(&spec).unwrap())
    };
    score(&name, &found, &wanted)
}

fn texts(name: &str, text: &str) -> Vec<String> {
    let (spec, _) = read_as(name, text).unwrap();
    spec.requirements.into_iter().map(|found| found.text).collect()
}

fn files(root: &Path) -> Vec<FolderFile> {
    let mut files = Vec::new();
    let mut open = vec![root.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() {
                open.push(path);
                continue;
            }
            let below = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
            files.push(FolderFile { path: below, text: std::fs::read_to_string(&path).unwrap() });
        }
    }
    files
}

fn score(name: &str, found: &[String], labels: &[String]) -> Score {
    let mut open: Vec<(&String, BTreeSet<String>)> =
        labels.iter().map(|label| (label, words(label))).collect();
    let mut wrong = Vec::new();
    for text in found {
        let said = words(text);
        let fit = |label: &BTreeSet<String>| {
            let both = label.intersection(&said).count() as f64;
            let (covered, own) =
                (both / label.len().max(1) as f64, both / said.len().max(1) as f64);
            if covered >= 0.8 && own >= 0.25 { covered + own } else { 0.0 }
        };
        let best = (0..open.len()).max_by(|a, b| fit(&open[*a].1).total_cmp(&fit(&open[*b].1)));
        match best.filter(|index| fit(&open[*index].1) > 0.0) {
            Some(index) => drop(open.remove(index)),
            None => wrong.push(text.clone()),
        }
    }
    Score {
        name: name.to_owned(),
        read: found.len(),
        labels: labels.len(),
        right: found.len() - wrong.len(),
        wrong,
        missing: open.into_iter().map(|(label, _)| label.clone()).collect(),
    }
}

fn words(text: &str) -> BTreeSet<String> {
    let words = text.split(|letter: char| !letter.is_alphanumeric());
    words.filter(|word| !word.is_empty()).map(str::to_lowercase).collect()
}

/// A long document, the same each time, and what it asks for.
pub(crate) fn sixty_pages() -> (String, Vec<String>) {
    const AREAS: [&str; 10] = [
        "Accounts",
        "Orders",
        "Deliveries",
        "Invoices",
        "Reports",
        "Stock",
        "Returns",
        "Prices",
        "Contacts",
        "Notices",
    ];
    const WHO: [&str; 6] = ["clerk", "buyer", "driver", "manager", "guest", "auditor"];
    const DOES: [&str; 8] =
        ["see", "filter", "export", "print", "archive", "correct", "confirm", "share"];
    const PROSE: &str = "The people who do this work today described it to us over several weeks. They begin \
        early, they share one screen between two desks, and they keep notes on paper next to it. Most of what \
        goes wrong goes wrong between two departments, when one of them believes that the other has already \
        been told. Nobody is to blame for that, and everybody pays for it. ";
    let mut text = "# Back office: the whole specification\n\n".to_owned();
    let mut labels = Vec::new();
    for page in 1..=60 {
        let area = AREAS[page % AREAS.len()].to_lowercase();
        let _ = write!(text, "## {page}. {} (part {page})\n\n", AREAS[page % AREAS.len()]);
        for _ in 0..4 {
            text.push_str(PROSE);
        }
        let prose =
            format!("Changes to {area} of part {page} must be kept for {} days.", page + 30);
        let _ = write!(
            text,
            "{prose}\n\n### Background\n\n{PROSE}It must have been so for years.\n\n### Functions\n\n"
        );
        labels.push(prose);
        for item in 0..4 {
            let (who, does) =
                (WHO[(page + item) % WHO.len()], DOES[(page * 3 + item) % DOES.len()]);
            let item = format!("A {who} can {does} the {area} of part {page} by date {item}");
            let _ = write!(text, "- {item}\n  - the change is shown within {page} seconds\n");
            labels.push(item);
        }
        if page % 3 == 0 {
            let row = format!("Lists of {area} in part {page} load within {} ms", page * 10);
            let _ = write!(
                text,
                "\n| ID | Requirement | Priority |\n|---|---|---|\n| N{page} | {row} | Should |\n"
            );
            labels.push(row);
        }
        text.push('\n');
    }
    (text, labels)
}
