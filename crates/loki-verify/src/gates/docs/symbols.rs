//! Exported functions and types that are new and say nothing of themselves, where the others of the file do.

use std::collections::BTreeSet;

use loki_model::Severity;

use crate::delta::Delta;
use crate::gates::Cx;
use crate::gates::rule::{Found, Rule};
use crate::gates::substance::each_code;
use crate::layout::parent;
use crate::syntax::{At, Language, Part, Role, Source, Tree};

pub(super) const UNDOCUMENTED_SYMBOL: Rule = Rule {
    id: "docs/undocumented-symbol",
    severity: Severity::Warning,
    what: "The change adds an exported function or type without a word about it, though nearly all others of \
           the file have one.",
    why: "Whoever uses it has to read its code, and the pages that are made from such words leave it out.",
    example: "+pub fn retry(times: u32) -> Outcome {      // every other `pub fn` has a `///`",
    fix: "Say in a sentence what it does, in the way of the others.",
    look,
};

/// Other exported symbols of the file that there have to be.
const OTHERS_MIN: usize = 3;

fn look(cx: &Cx<'_>, delta: &Delta, found: &mut Found) {
    let mut unread = Found::default();
    each_code(cx, delta, &mut unread, &mut |code, _| {
        if is_by_hand(&code.file.path) {
            return;
        }
        // What may be new is told from the lines first: most changes export nothing.
        let all = exported(code.after);
        let is_added = |symbol: &Symbol| code.file.is_added(symbol.line);
        if !all.iter().any(|symbol| is_added(symbol) && !symbol.is_documented) {
            return;
        }
        let before = code.before().map(exported).unwrap_or_default();
        let known: BTreeSet<&str> = before.iter().map(|symbol| symbol.name.as_str()).collect();
        let (new, others): (Vec<&Symbol>, Vec<&Symbol>) = all
            .iter()
            .partition(|symbol| is_added(symbol) && !known.contains(symbol.name.as_str()));
        let told = others.iter().filter(|symbol| symbol.is_documented).count();
        if others.len() < OTHERS_MIN || told * 10 < others.len() * 9 {
            return;
        }
        // Where there are several of one name, what is said of one is said of all.
        let is_told = |symbol: &Symbol| {
            all.iter().any(|other| other.is_documented && other.name == symbol.name)
        };
        for symbol in new.iter().filter(|symbol| !is_told(symbol)) {
            let message = format!("nothing is said about the new `{}`", symbol.name);
            found.add(UNDOCUMENTED_SYMBOL.at(&code.file.path, symbol.line, message));
        }
    });
}

/// Whether a file is a program that is started by its path: it exports nothing.
fn is_by_hand(path: &str) -> bool {
    let dirs =
        ["scripts", "script", "tools", "examples", "example", "bin", "benches", "benchmarks"];
    parent(path).split('/').any(|dir| dirs.contains(&dir))
}

/// What a file exports.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Symbol {
    /// With the names of what is around it.
    name: String,
    /// 1-based.
    line: u32,
    is_documented: bool,
}

fn exported(source: &Source) -> Vec<Symbol> {
    let (tree, language) = (source.tree(), source.language());
    let functions =
        source.functions().iter().map(|function| (function.at, function.qualified.clone()));
    let types = tree.all(Role::Class).filter_map(|at| {
        let name = tree.child(at, Part::Name)?;
        Some((at, tree.text(name).to_owned()))
    });
    let lines: Vec<&str> = tree.whole_text().lines().collect();
    let symbols = functions.chain(types).filter_map(|(at, name)| {
        let is_inner = |at: At| matches!(tree.role(at), Role::Function | Role::Lambda);
        if tree.all_around(at).any(is_inner) || source.is_in_test_module(at) {
            return None;
        }
        let whole = whole(tree, language, at)?;
        let line = tree.line(whole);
        let is_private = name.split(['.', ':']).any(|part| part.starts_with('_'))
            || is_of_private_type(tree, language, &name);
        let is_documented = match language {
            Language::Python => begins_with_text(tree, at),
            _ => has_comment_above(language, &lines, line),
        };
        (!is_private).then(|| Symbol { name, line: tree.line(at), is_documented })
    });
    symbols.collect()
}

/// All of an exported definition; nothing for one that is not exported.
fn whole(tree: &Tree, language: Language, at: At) -> Option<At> {
    let text = tree.text(at);
    let head = text.split(['(', '{']).next().unwrap_or_default();
    match language {
        Language::Python => Some(at),
        Language::Rust => text.starts_with("pub ").then_some(at),
        Language::Go => {
            let name = tree.child(at, Part::Name)?;
            tree.text(name).starts_with(char::is_uppercase).then_some(at)
        }
        Language::Java | Language::CSharp => {
            head.split_whitespace().any(|word| word == "public").then_some(at)
        }
        _ if language.is_script() => {
            let mut around = std::iter::once(at).chain(tree.all_around(at)).take(4);
            around.find(|around| tree.text(*around).starts_with("export "))
        }
        _ => None,
    }
}

/// Whether a method is one of a type that is not exported itself.
fn is_of_private_type(tree: &Tree, language: Language, name: &str) -> bool {
    match language {
        Language::Go => name.split('.').any(|part| part.starts_with(char::is_lowercase)),
        Language::Rust => name.split_once("::").is_some_and(|(own, _)| {
            let mut types = tree.all(Role::Class).filter(|at| {
                tree.child(*at, Part::Name).is_some_and(|name| tree.text(name) == own)
            });
            types.any(|at| {
                let text = tree.text(at);
                ["struct ", "enum ", "union "].iter().any(|word| text.starts_with(word))
            })
        }),
        _ => false,
    }
}

/// Whether a body begins with a text about it.
fn begins_with_text(tree: &Tree, at: At) -> bool {
    let body = tree.child(at, Part::Body);
    let first = body.and_then(|body| tree.named(body).next());
    first.is_some_and(|first| tree.role(tree.bare(first)) == Role::Text)
}

/// Whether the line above `line`, attributes passed over, is of a comment that documentation is made from.
fn has_comment_above(language: Language, lines: &[&str], line: u32) -> bool {
    let mut above =
        lines.iter().take(line.saturating_sub(1) as usize).rev().map(|line| line.trim());
    let is_attribute = |line: &&str| {
        line.starts_with("#[")
            || line.starts_with('@')
            || line.starts_with('[')
            || line.ends_with(")]")
    };
    let Some(last) = above.find(|line| !is_attribute(line)) else { return false };
    match language {
        Language::Go => last.starts_with("//") || last.ends_with("*/"),
        Language::Rust | Language::CSharp => last.starts_with("///") || last.ends_with("*/"),
        _ => last.ends_with("*/"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Names of what a text exports, with a mark behind those about which something is said.
    fn names(path: &str, text: &str) -> Vec<String> {
        let source = Source::parse(path, text).unwrap();
        let mark = |symbol: &Symbol| if symbol.is_documented { "!" } else { "" };
        exported(&source).iter().map(|symbol| format!("{}{}", symbol.name, mark(symbol))).collect()
    }

    #[test]
    fn what_is_exported_and_documented_is_known_in_every_language() {
        assert_eq!(
            names(
                "a.py",
                "def f():\n    \"\"\"F.\"\"\"\n    def g(): pass\n\n\ndef _h(): pass\n\n\nclass A:\n    def i(self): pass\n"
            ),
            ["f!", "A.i", "A"]
        );
        assert_eq!(
            names(
                "a.rs",
                "/// F.\n#[must_use]\npub fn f() {}\npub fn g() {}\nfn h() {}\npub(crate) fn i() {}\n/// A.\npub struct A;\nimpl A {\n    pub fn j() {}\n}\n#[derive(Debug)]\nstruct B;\nimpl B {\n    pub fn k() {}\n}\n"
            ),
            ["f!", "g", "A::j", "A!"]
        );
        assert_eq!(
            names(
                "a.go",
                "package a\n\n// F does.\nfunc F() {}\n\nfunc G() {}\nfunc h() {}\nfunc (p *pos) Pos() {}\n"
            ),
            ["F!", "G"]
        );
        assert_eq!(
            names(
                "a.ts",
                "/** F. */\nexport function f() {}\nexport const g = () => 1;\nfunction h() {}\n"
            ),
            ["f!", "g"]
        );
        assert_eq!(
            names(
                "A.java",
                "/** A. */\npublic class A {\n  /** F. */\n  @Override\n  public void f() {}\n  public void g() {}\n  void h() {}\n}\n"
            ),
            ["A.f!", "A.g", "A!"]
        );
        assert_eq!(names("a.sh", "f() { :; }\n"), [""; 0]);
    }
}
