//! Changed files that nothing here builds: whether they fit the grammar of their language, and whether data is
//! what its name promises.

use loki_host::process::find_on_path;
use loki_model::{ChangeKind, Evidence, Finding, Location, Severity};

use super::{FINDINGS_MAX, SYNTAX};
use crate::delta::FileDelta;
use crate::gates::part::{Part, State};
use crate::gates::{Cx, finding};
use crate::kind::Kind;
use crate::layout::{file_name, is_data, parent};
use crate::settings;
use crate::syntax::{Language, Source};

/// Languages whose new files are read too: the others' grammars know nothing of a preprocessor, or lag far
/// behind, so that a file of them tells something only by having fitted before.
const FAITHFUL: &[Language] =
    &[Language::TypeScript, Language::Tsx, Language::Java, Language::Rust, Language::Go];

/// Languages whose own programs parse every changed file.
const PARSED: &[Language] = &[Language::Python, Language::Shell, Language::Ruby, Language::Php];

/// Files without which a project is none; each tool reads its own as strictly as this.
const MANIFESTS: &[&str] = &[
    "package.json",
    "package-lock.json",
    "composer.json",
    "composer.lock",
    "Cargo.toml",
    "Cargo.lock",
    "pyproject.toml",
    "uv.lock",
    "poetry.lock",
];

/// One file that does not parse.
struct Bad<'a> {
    path: &'a str,
    line: Option<u32>,
    why: String,
    severity: Severity,
}

/// Looks at every changed file that is not of one of the languages in `built`, which were built. Nothing where
/// all of them are as they should be: that shows too little for a gate about builds to pass.
///
/// A grammar may be older than the language, and whatever reads data may take more than its standard: what only
/// they say is a warning.
pub(super) fn judge(cx: &Cx<'_>, built: &[Language]) -> Option<Part> {
    let delta = cx.delta().ok()?;
    let bad: Vec<Bad<'_>> = delta.files.iter().filter_map(|file| look(cx, built, file)).collect();
    if bad.is_empty() {
        return None;
    }
    let what = format!("{} changed file(s)", bad.len());
    let (tree, digest) = (cx.subject.tree.clone(), delta.digest.clone());
    let evidence = vec![Evidence::Inspection { tree, what, digest }];
    let findings = bad.iter().take(FINDINGS_MAX).map(found);
    let broken = bad.iter().filter(|bad| bad.severity == Severity::Error).count();
    Some(if broken == 0 {
        let summary = format!("{} changed file(s) may not parse", bad.len());
        Part::held(summary, evidence).noting(findings)
    } else {
        let summary = format!("{broken} changed file(s) do not parse");
        Part::broken(summary, findings.collect(), evidence)
    })
}

fn found(bad: &Bad<'_>) -> Finding {
    let place = Location { path: bad.path.to_owned(), line: bad.line };
    finding(SYNTAX, bad.severity, Some(place), format!("does not parse: {}", bad.why), "")
}

/// Whether a part warns of files that may not parse.
pub(super) fn warns(part: &Part) -> bool {
    part.state == State::Held
        && part.findings.iter().any(|one| one.rule == SYNTAX && one.severity == Severity::Warning)
}

fn look<'a>(cx: &Cx<'_>, built: &[Language], file: &'a FileDelta) -> Option<Bad<'a>> {
    let (after, path) = (file.after.as_deref()?, file.path.as_str());
    let is_data = is_data(path) || file.kind == Kind::Fixture;
    if !cx.layout.is_own(path) || cx.layout.is_link(path) || is_data {
        return None;
    }
    match Language::of(path) {
        Some(language) if built.contains(&language) || is_parsed(language, path) => None,
        Some(language) => code(file, after, language),
        // What is filled in later is of no form yet.
        None if after.contains("{{") || after.contains("<%") => None,
        None => data(cx, file, after),
    }
}

/// Whether a program of the language has parsed the file at `path`.
fn is_parsed(language: Language, path: &str) -> bool {
    PARSED.contains(&language)
        || (language == Language::JavaScript && !path.ends_with(".jsx"))
        || (language == Language::Go && find_on_path("gofmt".as_ref()).is_some())
}

fn code<'a>(file: &'a FileDelta, after: &str, language: Language) -> Option<Bad<'a>> {
    let is_known = match file.before.as_deref() {
        Some(before) => Source::parse(&file.path, before).is_some_and(|before| before.is_whole()),
        None => file.change == ChangeKind::Added && FAITHFUL.contains(&language),
    };
    let tree = Source::parse(&file.path, after).filter(|_| is_known)?;
    let line = tree.tree().broken_line()?;
    let why = "it does not fit the grammar of its language".to_owned();
    Some(Bad { path: &file.path, line: Some(line), why, severity: Severity::Warning })
}

/// What is wrong in a text that should be data: where, and what.
type Wrong = (Option<u32>, String);

/// Whether a text is of its form.
type Form = fn(&str) -> Result<(), Wrong>;

fn data<'a>(cx: &Cx<'_>, file: &'a FileDelta, after: &str) -> Option<Bad<'a>> {
    let name = file_name(&file.path);
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    let is_manifest = MANIFESTS.contains(&name)
        && cx.layout.all_roots(name).iter().any(|dir| dir == parent(&file.path));
    let before = file.before.as_deref();
    let form: Form = match ending {
        "json" if is_manifest || before.is_some_and(|text| strict_json(text).is_ok()) => {
            if is_manifest || !is_of_settings(file) {
                strict_json
            } else {
                lax_json
            }
        }
        "json" | "jsonc" => lax_json,
        "toml" => toml,
        "lock" if is_manifest && name == "composer.lock" => strict_json,
        "lock" if is_manifest => toml,
        // Too many tools have YAML of their own: only what could be read before tells something.
        "yaml" | "yml" if before.is_some() => yaml,
        _ => return None,
    };
    let (line, why) = form(after).err()?;
    let severity = if is_manifest { Severity::Error } else { Severity::Warning };
    let was_bad = before.is_some_and(|before| form(before).is_err());
    (!was_bad).then_some(Bad { path: &file.path, line, why, severity })
}

/// Whether a file is one in which tools let people write comments.
fn is_of_settings(file: &FileDelta) -> bool {
    let name = file_name(&file.path);
    file.kind != Kind::Other
        || file.path.starts_with('.')
        || file.path.contains("/.")
        || ["tsconfig", "jsconfig"].iter().any(|begin| name.starts_with(begin))
        || name.contains("config")
}

fn strict_json(text: &str) -> Result<(), Wrong> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let read = serde_json::from_str::<serde::de::IgnoredAny>(text);
    read.map(|_| ()).map_err(|error| (u32::try_from(error.line()).ok(), error.to_string()))
}

fn lax_json(text: &str) -> Result<(), Wrong> {
    if settings::json(text).is_ok() { Ok(()) } else { strict_json(text) }
}

fn toml(text: &str) -> Result<(), Wrong> {
    let Err(error) = text.parse::<toml::Table>() else { return Ok(()) };
    let line = error.span().map(|span| {
        let before = text.as_bytes().get(..span.start).unwrap_or_default();
        before.iter().filter(|byte| **byte == b'\n').count() + 1
    });
    Err((line.and_then(|line| u32::try_from(line).ok()), error.message().to_owned()))
}

fn yaml(text: &str) -> Result<(), Wrong> {
    settings::yaml(text).map(|_| ()).map_err(|_| (None, "it is no YAML".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_of_what_is_wrong_is_told() {
        assert_eq!(strict_json("{\n\"a\": }").unwrap_err().0, Some(2));
        assert_eq!(toml("a = 1\nb =\n").unwrap_err().0, Some(2));
        assert!(lax_json("// why\n{\"a\": 1,}").is_ok());
        assert!(lax_json("{").is_err());
    }
}
