//! `search`: names of files, and lines in them, as git sees the directory.

use std::time::{Duration, Instant};

use ignore::WalkBuilder;
use ignore::overrides::OverrideBuilder;
use regex::{Regex, RegexBuilder};
use serde::Deserialize;
use serde_json::json;

use super::super::model::{ToolOffer, Watch};
use super::place::Place;
use super::{Outcome, cut, push_line};

/// Larger files are passed over.
const FILE_BYTES_MAX: u64 = 2 << 20;
const FILES_MAX: usize = 200_000;
const HITS_MAX: usize = 200;
const LINE_CHARS_MAX: usize = 240;
const ANSWER_BYTES_MAX: usize = 24 << 10;
/// Memory for one compiled expression.
const REGEX_BYTES_MAX: usize = 8 << 20;
const TIME_MAX: Duration = Duration::from_secs(20);

/// What is asked for.
#[derive(Deserialize)]
pub(super) struct Wish {
    /// Without one, names of files are listed.
    pattern: Option<String>,
    /// Which files.
    glob: Option<String>,
    /// Where.
    path: Option<String>,
}

pub(super) fn offer() -> ToolOffer {
    ToolOffer {
        name: "search",
        description: "Searches files for a regular expression and gives path:line:text; without \
                      a pattern it lists files. Files that git ignores are left out.",
        schema: json!({
            "type": "object",
            "properties": {
                "pattern": {"type": "string", "description": "regular expression, one line"},
                "glob": {"type": "string", "description": "only files like this: src/**/*.rs"},
                "path": {"type": "string", "description": "only below this directory or file"},
            },
        }),
    }
}

pub(super) fn search(place: &Place, wish: &Wish, watch: &Watch<'_>) -> Outcome {
    let pattern = wish.pattern.as_deref().filter(|pattern| !pattern.is_empty()).map(compiled);
    let pattern = pattern.transpose()?;
    let mut found = Found::default();
    let until = Instant::now() + watch.left().map_or(TIME_MAX, |left| left.min(TIME_MAX));
    for entry in walk(place, wish)?.build().take(FILES_MAX).flatten() {
        if Instant::now() >= until || watch.cancel.is_pulled() {
            found.is_cut = true;
        }
        if found.is_cut {
            break;
        }
        if !entry.file_type().is_some_and(|kind| kind.is_file()) {
            continue;
        }
        let path = entry.path().strip_prefix(place.directory()).unwrap_or(entry.path());
        let path = path.to_string_lossy();
        match &pattern {
            None => found.push(&path),
            Some(pattern) => search_file(place, &path, pattern, &mut found),
        }
    }
    Ok(found.told())
}

fn compiled(pattern: &str) -> Result<Regex, String> {
    let built = RegexBuilder::new(pattern).size_limit(REGEX_BYTES_MAX).build();
    built.map_err(|err| format!("no regular expression: {err}"))
}

fn walk(place: &Place, wish: &Wish) -> Result<WalkBuilder, String> {
    let start = match wish.path.as_deref().map(str::trim) {
        None | Some("" | "." | "./") => place.directory().to_owned(),
        Some(path) if place.directory() == std::path::Path::new(path) => {
            place.directory().to_owned()
        }
        Some(path) => place.directory().join(place.path(path)?.to_string()),
    };
    // A link in the middle would lead the walk out, where nothing is read but names are told.
    if !start.canonicalize().is_ok_and(|real| real == start) {
        return Err("there is no such directory or file here".to_owned());
    }
    let mut globs = OverrideBuilder::new(place.directory());
    if let Some(glob) = &wish.glob {
        globs.add(glob).map_err(|err| format!("no glob: {err}"))?;
    }
    let globs = globs.build().map_err(|err| format!("no glob: {err}"))?;
    let mut walk = WalkBuilder::new(start);
    walk.hidden(false)
        .follow_links(false)
        .require_git(false)
        // Only what is in the directory decides, not settings of the user or of directories above.
        .git_global(false)
        .parents(false)
        .overrides(globs)
        .sort_by_file_path(Ord::cmp)
        .filter_entry(|entry| entry.file_name() != ".git");
    Ok(walk)
}

fn search_file(place: &Place, path: &str, pattern: &Regex, found: &mut Found) {
    let Ok(relative) = place.path(path) else { return };
    let Ok(bytes) = place.root().read(&relative, FILE_BYTES_MAX) else { return };
    if bytes.contains(&0) {
        return;
    }
    let text = String::from_utf8_lossy(&bytes);
    for (number, line) in text.lines().enumerate().filter(|(_, line)| pattern.is_match(line)) {
        found.push(&format!("{path}:{}:{}", number + 1, cut(line.trim_end(), LINE_CHARS_MAX)));
        if found.is_cut {
            return;
        }
    }
}

/// Hits so far.
#[derive(Default)]
struct Found {
    text: String,
    hits: usize,
    is_cut: bool,
}

impl Found {
    fn push(&mut self, line: &str) {
        if self.hits < HITS_MAX && push_line(&mut self.text, line, ANSWER_BYTES_MAX) {
            self.hits += 1;
        } else {
            self.is_cut = true;
        }
    }

    fn told(self) -> String {
        let more = if self.is_cut { ", and there may be more: narrow it down" } else { "" };
        format!("[{} found{more}]\n{}", self.hits, self.text)
    }
}
