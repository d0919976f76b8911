//! Which format a text is in, by its name and by its shape, and how each is read.

mod asyncapi;
mod check;
mod context;
mod folder;
mod openapi;
mod order;
mod outline;
mod refs;
mod schema;
mod tree;

use std::fmt;
use std::path::Path;

use loki_model::Spec;

use crate::SpecProblem;
use crate::statements::{Statements, cut, one_line};
use crate::title::shorten;
use tree::{At, Document, Fault, Syntax};

pub use order::read_order;

pub use folder::{
    FOLDER_FILES_MAX, FolderError, FolderFile, FolderFormat, is_folder_file, read_folder,
    recognise_folder,
};

/// What a text is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Markdown, or prose.
    Markdown,
    /// JSON or YAML of no known form.
    Outline,
    /// OpenAPI 3 or Swagger 2.
    OpenApi,
    /// AsyncAPI 2 or 3.
    AsyncApi,
}

/// Why a text is not in the format that its name promises.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Malformed {
    /// As the user named it.
    pub source_name: String,
    /// 1-based.
    pub line: u32,
    /// 1-based, in characters.
    pub column: u32,
    /// `JSON` or `YAML`.
    pub format: &'static str,
    /// What is wrong, and what to do about it; one line.
    pub what: String,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Malformed { source_name, line, column, format, what } = self;
        write!(
            f,
            "`{source_name}`, line {line}, column {column}: not {format} that can be read: {what}"
        )
    }
}

/// Longest text of an error of a parser, in bytes.
const WHAT_BYTES_MAX: usize = 300;

/// Lines at the beginning of a text without a telling name that may call it an API description.
const HEAD_LINES: usize = 40;

/// Reads `text` in whatever format it is in, as a spec.
///
/// `source` is a path as the user named it; its extension promises JSON or YAML. A text with another
/// name, or none, is JSON or YAML when it looks and reads like it, and else Markdown. Fails only when a
/// promise is broken. Takes time that is linear in the text.
pub fn read_as(source: &str, text: &str) -> Result<(Spec, Vec<SpecProblem>), Malformed> {
    let (spec, problems, _) = read_known(source, text)?;
    Ok((spec, problems))
}

/// The same, with the format.
pub(crate) fn read_known(
    source: &str,
    text: &str,
) -> Result<(Spec, Vec<SpecProblem>, Format), Malformed> {
    let promised = promised(source);
    let syntax = promised.or_else(|| looks_like(text));
    let Some(syntax) = syntax else { return Ok(markdown(source, text)) };
    match tree::parse(text, syntax) {
        Ok(document) => {
            let root = At::root(&document.root);
            if root.is_map() || root.is_list() {
                return Ok(tree_spec(source, text, &document));
            }
            if promised.is_none() {
                return Ok(markdown(source, text));
            }
            let what = "one value and nothing in it; write keys and lists, or save prose as `.md`";
            let fault = Fault { line: root.line, column: 1, what: what.to_owned() };
            Err(malformed(source, syntax, &fault))
        }
        Err(_) if promised.is_none() => Ok(markdown(source, text)),
        Err(fault) => Err(malformed(source, syntax, &fault)),
    }
}

fn malformed(source: &str, syntax: Syntax, fault: &Fault) -> Malformed {
    Malformed {
        source_name: source.to_owned(),
        line: fault.line,
        column: fault.column,
        format: match syntax {
            Syntax::Json => "JSON",
            Syntax::Yaml => "YAML",
        },
        what: cut(&one_line(&fault.what), WHAT_BYTES_MAX),
    }
}

fn markdown(source: &str, text: &str) -> (Spec, Vec<SpecProblem>, Format) {
    let (mut spec, problems) = crate::read(source, text);
    spec.id = id(source, &spec.title);
    order::of_markdown(text, &mut spec);
    (spec, problems, Format::Markdown)
}

fn tree_spec(source: &str, text: &str, document: &Document) -> (Spec, Vec<SpecProblem>, Format) {
    let root = At::root(&document.root);
    let mut statements = Statements::of(source);
    for repeated in &document.repeated {
        let key = cut(&one_line(&repeated.key), WHAT_BYTES_MAX);
        let first = repeated.first_line;
        statements.problem(SpecProblem::Contradiction {
            line: repeated.line,
            pointer: None,
            rule: "tree/duplicate-key",
            what: format!(
                "key `{key}` is already there in line {first}, which does not count; remove one"
            ),
        });
    }
    let (format, title) = if openapi::is(&root) {
        (Format::OpenApi, openapi::read(&root, &mut statements))
    } else if asyncapi::is(&root) {
        (Format::AsyncApi, asyncapi::read(&root, &mut statements))
    } else {
        (Format::Outline, outline::read(&root, &mut statements))
    };
    if statements.len() == 0 {
        statements.problem(match format {
            Format::Outline => SpecProblem::NothingListed,
            _ => SpecProblem::NoOperations,
        });
    }
    let title = title.filter(|title| title.contains(char::is_alphanumeric));
    let title = title.unwrap_or_else(|| stem(source).to_owned());
    let title = shorten(if title.is_empty() { "untitled" } else { &title });
    let spec = Spec { id: id(source, &title), ..Spec::of(source, &title, text) };
    let (mut spec, problems) = statements.finish(spec);
    if format == Format::Outline {
        order::of_tree(&root, &mut spec);
    }
    (spec, problems, format)
}

/// What the extension of `source` promises.
fn promised(source: &str) -> Option<Syntax> {
    let extension = Path::new(source).extension()?.to_str()?.to_lowercase();
    match extension.as_str() {
        "json" => Some(Syntax::Json),
        "yaml" | "yml" => Some(Syntax::Yaml),
        _ => None,
    }
}

/// What `text` looks like without a name that says so.
fn looks_like(text: &str) -> Option<Syntax> {
    let begins = text.trim_start();
    if begins.starts_with(['{', '[']) {
        return Some(Syntax::Json);
    }
    let names = |line: &str| {
        ["openapi:", "swagger:", "asyncapi:"].iter().any(|start| line.starts_with(start))
    };
    text.lines().take(HEAD_LINES).any(names).then_some(Syntax::Yaml)
}

fn stem(source: &str) -> &str {
    Path::new(source).file_stem().and_then(|stem| stem.to_str()).unwrap_or_default()
}

/// Longest id that is made of a title, in characters.
const ID_CHARS_MAX: usize = 40;

/// What a spec is called among others: the path without its extension where it is one below here,
/// the file's name where it is elsewhere, the words of the title where there is no file.
pub(crate) fn id(source: &str, title: &str) -> String {
    let path = Path::new(source);
    let has_name = path.extension().is_some() && !source.contains('\n');
    if has_name && path.is_relative() && !source.starts_with("..") {
        let path = path.with_extension("");
        let path = path.strip_prefix(".").unwrap_or(&path);
        return path.to_string_lossy().replace('\\', "/");
    }
    if has_name || path.is_absolute() {
        return stem(source).to_owned();
    }
    let mut id = String::new();
    for word in title.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
        if id.chars().count() + word.chars().count() > ID_CHARS_MAX {
            break;
        }
        if !id.is_empty() {
            id.push('-');
        }
        id.push_str(&word.to_lowercase());
    }
    if id.is_empty() { "spec".to_owned() } else { id }
}

#[cfg(test)]
mod tests;
