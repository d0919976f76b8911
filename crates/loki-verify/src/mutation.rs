//! Small syntactic mistakes, made on purpose in changed code.
//!
//! Owns what is changed and how it is called. Refuses to run anything: the gate `mutants` does. A
//! mutant that does not compile is nobody's fault, so that nothing here has to know types well.

use std::ops::Range;

use crate::delta::FileDelta;
use crate::syntax::{Function, Language, Nature, Part, Role, Source};

mod moved;
mod removal;
mod revert;
mod special;

pub(crate) use moved::Moved;

/// Mutants of one file.
const PER_FILE_MAX: usize = 60;

/// Mutants of one line.
const PER_LINE_MAX: usize = 2;

/// One mistake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mutant {
    /// The file it is in.
    pub(crate) path: String,
    /// Its 1-based line.
    pub(crate) line: u32,
    /// The function it is in, with the names around it.
    pub(crate) function: String,
    /// What was changed, for a sentence: `returns nothing at once`, `< became <=`.
    pub(crate) what: String,
    /// How much of the function it changes.
    pub(crate) scale: Scale,
    bytes: Range<usize>,
    with: String,
}

/// How much of a function a mistake changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scale {
    /// The whole function is made to do nothing.
    Whole {
        /// Whether the change brings the function.
        is_new: bool,
    },
    /// A function that was there before is as it was.
    Revert,
    /// What the change adds to a function that was there before is left out.
    Addition,
    /// A case that is told apart by a written value is taken for every case.
    Special,
    /// One sign or value.
    Sign,
}

impl Mutant {
    /// The whole file with the mistake in it.
    pub(crate) fn apply(&self, text: &str) -> String {
        let before = text.get(..self.bytes.start).unwrap_or_default();
        let after = text.get(self.bytes.end..).unwrap_or_default();
        format!("{before}{}{after}", self.with)
    }
}

/// Mutants of the functions that a change touches: those that make a whole function do nothing first, then
/// those that put one back to what it was, those that leave out what was added to one, those that take a
/// special case for every case, then smaller ones, in the order of the text. A function that only moved is not
/// touched.
pub(crate) fn mutants(file: &FileDelta, moved: &Moved) -> Vec<Mutant> {
    let Some(source) = file.after.as_deref().and_then(|text| Source::parse(&file.path, text))
    else {
        return Vec::new();
    };
    let before = file.before.as_deref().and_then(|text| Source::parse(&file.path, text));
    let touched: Vec<&Function> = source
        .functions()
        .iter()
        .filter(|function| {
            let (first, last) = function.lines;
            file.is_any_added(first, last)
                && is_worth_it(&source, function)
                && !moved.has(before.as_ref(), &source, function)
        })
        .collect();
    let is_new = |function: &Function| {
        let known = before.as_ref().map(Source::functions).unwrap_or_default();
        !known.iter().any(|other| other.qualified == function.qualified)
    };
    let extreme =
        touched.iter().filter_map(|function| extreme(file, &source, function, is_new(function)));
    let old = || touched.iter().filter(|function| !is_new(function));
    let reverts =
        old().filter_map(|function| revert::revert(file, &source, function, before.as_ref()));
    let additions =
        old().flat_map(|function| removal::removals(file, &source, function, before.as_ref()));
    let specials = old().flat_map(|function| special::specials(file, &source, function));
    let small = touched.iter().flat_map(|function| small(file, &source, function));
    let mut seen: Vec<Range<usize>> = Vec::new();
    let mut mutants: Vec<Mutant> =
        extreme.chain(reverts).chain(additions).chain(specials).chain(small).collect();
    mutants.retain(|mutant| {
        let is_new = !seen.contains(&mutant.bytes);
        seen.push(mutant.bytes.clone());
        is_new
    });
    mutants.truncate(PER_FILE_MAX);
    mutants
}

/// Functions that only declare, hand on to one call, or are never run by a test on purpose.
fn is_worth_it(source: &Source, function: &Function) -> bool {
    let is_test = source.tests().iter().any(|test| test.code == function.at);
    let is_silent = matches!(
        function.name.as_str(),
        "__repr__" | "__str__" | "toString" | "fmt" | "main" | "String" | "GoString" | "Error"
    );
    let tree = source.tree();
    // What does nothing anyway is the same afterwards.
    let does_something = function.body.is_some_and(|body| {
        tree.inside(body).any(|at| {
            matches!(
                tree.role(at),
                Role::Call
                    | Role::New
                    | Role::Macro
                    | Role::Binary
                    | Role::Bind
                    | Role::Throw
                    | Role::Member
                    | Role::Subscript
                    | Role::Name
                    | Role::Map
                    | Role::Await
            )
        })
    });
    let statements = function.body.map(|body| tree.statements(body)).unwrap_or_default();
    let only_tells =
        !statements.is_empty() && statements.iter().all(|at| removal::only_tells(source, *at));
    function.nature == Nature::Plain
        && does_something
        && !only_tells
        && !function.is_only_documented
        && !is_test
        && !is_silent
        && !source.is_for_tests(function.at)
}

fn extreme(file: &FileDelta, source: &Source, function: &Function, is_new: bool) -> Option<Mutant> {
    let tree = source.tree();
    let body = function.body?;
    let bytes = tree.bytes(body);
    let text = tree.text(body);
    let (at, with) = match source.language() {
        Language::Python => {
            // After what documents it, before the first statement.
            let first = tree.named(body).find(|at| {
                let is_words = tree.role(*at) == Role::Statement
                    && tree.named(*at).all(|inner| tree.role(inner) == Role::Text);
                !is_words
            })?;
            (
                tree.bytes(first).start,
                format!("return None\n{}", indent(tree.whole_text(), tree.bytes(first).start)),
            )
        }
        Language::Ruby if tree.role(body) == Role::Block => {
            let first = tree.named(body).find(|at| tree.role(*at) != Role::Comment)?;
            let start = tree.bytes(first).start;
            (start, format!("return nil\n{}", indent(tree.whole_text(), start)))
        }
        language => {
            let start = bytes.start + usize::from(text.starts_with('{'));
            // An arrow's bare expression has no room for statements.
            if !text.starts_with('{') {
                return None;
            }
            (start, early_return(language, function)?)
        }
    };
    Some(Mutant {
        path: file.path.clone(),
        line: function.lines.0,
        function: function.qualified.clone(),
        what: "does nothing and returns at once".to_owned(),
        scale: Scale::Whole { is_new },
        bytes: at..at,
        with,
    })
}

/// The white space before a place on its line.
fn indent(text: &str, at: usize) -> String {
    let line = text.get(..at).and_then(|before| before.rsplit('\n').next()).unwrap_or_default();
    line.chars().take_while(|c| c.is_whitespace()).collect()
}

/// A statement that leaves a function at once. What follows still has to compile, so it is not certain
/// to leave where a compiler would notice.
fn early_return(language: Language, function: &Function) -> Option<String> {
    let returns = function.returns.as_deref().map(str::trim).unwrap_or_default();
    let returns = returns.trim_start_matches("->").trim_start_matches(':').trim();
    let value = match language {
        Language::JavaScript | Language::TypeScript | Language::Tsx => {
            return Some(" return undefined; ".to_owned());
        }
        Language::Rust => rust_value(returns),
        Language::Go => go_value(returns),
        Language::Java | Language::CSharp => match returns {
            "" | "void" => String::new(),
            "boolean" | "bool" => "false".to_owned(),
            "int" | "long" | "short" | "byte" | "char" | "float" | "double" => "0".to_owned(),
            _ => "null".to_owned(),
        },
        Language::Php => return Some(" return null; ".to_owned()),
        _ => return None,
    };
    Some(match language {
        Language::Java | Language::CSharp => format!(" if (true) {{ return {value}; }} "),
        _ => format!(" if true {{ return {value} }} "),
    })
}

fn rust_value(returns: &str) -> String {
    if returns.is_empty() || returns == "()" {
        String::new()
    } else if returns.starts_with("Result<()") || returns.starts_with("io::Result<()") {
        "Ok(())".to_owned()
    } else if returns.contains("Result<") {
        "Ok(Default::default())".to_owned()
    } else if returns.starts_with('&') && returns.ends_with("str") {
        "\"\"".to_owned()
    } else {
        "Default::default()".to_owned()
    }
}

/// `*new(T)` is the zero value of every type.
fn go_value(returns: &str) -> String {
    if returns.is_empty() {
        return String::new();
    }
    let inner = returns.strip_prefix('(').and_then(|rest| rest.strip_suffix(')'));
    let types = split_top(inner.unwrap_or(returns));
    let names_them = inner.is_some()
        && types.iter().any(|part| {
            part.split_whitespace().count() > 1
                && !part.starts_with("func")
                && !part.starts_with("chan")
                && !part.starts_with("map")
        });
    if names_them {
        // Named results are returned as they are.
        return String::new();
    }
    types.iter().map(|kind| format!("*new({})", kind.trim())).collect::<Vec<_>>().join(", ")
}

/// The parts between commas that are in no brackets.
fn split_top(text: &str) -> Vec<&str> {
    let (mut parts, mut depth, mut start) = (Vec::new(), 0_i32, 0);
    for (at, c) in text.char_indices() {
        match c {
            '(' | '[' | '{' | '<' => depth += 1,
            ')' | ']' | '}' | '>' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

/// Mistakes of one sign on the lines that the change adds.
fn small(file: &FileDelta, source: &Source, function: &Function) -> Vec<Mutant> {
    let tree = source.tree();
    let Some(body) = function.body else { return Vec::new() };
    let mut found: Vec<Mutant> = Vec::new();
    for at in tree.inside(body) {
        let line = tree.line(at);
        if !file.is_added(line)
            || found.iter().filter(|other| other.line == line).count() >= PER_LINE_MAX
        {
            continue;
        }
        let changed = match tree.role(at) {
            Role::Binary => tree
                .children(at)
                .find(|sign| tree.part(*sign) == Part::Operator || !tree.is_named(*sign))
                .and_then(|sign| Some((tree.bytes(sign), other_sign(tree.text(sign))?.to_owned()))),
            Role::Boolean => {
                other_truth(tree.text(at)).map(|with| (tree.bytes(at), with.to_owned()))
            }
            Role::Number => other_number(tree.text(at)).map(|with| (tree.bytes(at), with)),
            _ => None,
        };
        let Some((bytes, with)) = changed else { continue };
        let was = tree.slice(bytes.clone()).to_owned();
        found.push(Mutant {
            path: file.path.clone(),
            line,
            function: function.qualified.clone(),
            what: format!("`{was}` became `{with}`"),
            scale: Scale::Sign,
            bytes,
            with,
        });
    }
    found
}

fn other_sign(sign: &str) -> Option<&'static str> {
    Some(match sign.trim() {
        "<" => "<=",
        "<=" => "<",
        ">" => ">=",
        ">=" => ">",
        "==" => "!=",
        "!=" => "==",
        "===" => "!==",
        "!==" => "===",
        "and" => "or",
        "or" => "and",
        "&&" => "||",
        "||" => "&&",
        "+" => "-",
        "-" => "+",
        "*" => "+",
        "//" | "/" => "*",
        "%" => "*",
        _ => return None,
    })
}

fn other_truth(text: &str) -> Option<&'static str> {
    Some(match text {
        "true" => "false",
        "false" => "true",
        "True" => "False",
        "False" => "True",
        _ => return None,
    })
}

fn other_number(text: &str) -> Option<String> {
    let number: u64 = text.parse().ok()?;
    number.checked_add(1).map(|next| next.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use loki_model::ChangeKind;

    use crate::kind::Kind;

    fn shown(path: &str, text: &str) -> Vec<String> {
        let lines = u32::try_from(text.lines().count()).unwrap();
        let file = FileDelta {
            path: path.to_owned(),
            change: ChangeKind::Added,
            kind: Kind::Source,
            before: None,
            after: Some(text.to_owned()),
            added: (1..=lines).collect(),
        };
        mutants(&file, &Moved::default())
            .iter()
            .map(|mutant| format!("{}: {}", mutant.line, mutant.apply(text)))
            .collect()
    }

    /// The mutants of one scale in a file that is altered, each with its line.
    pub(super) fn altered(path: &str, before: &str, after: &str, scale: Scale) -> Vec<String> {
        let old: Vec<&str> = before.lines().collect();
        let new = (1..).zip(after.lines()).filter(|(_, line)| !old.contains(line));
        let file = FileDelta {
            path: path.to_owned(),
            change: ChangeKind::Modified,
            kind: Kind::Source,
            before: Some(before.to_owned()),
            after: Some(after.to_owned()),
            added: new.map(|(number, _)| number).collect(),
        };
        let all =
            mutants(&file, &Moved::default()).into_iter().filter(|mutant| mutant.scale == scale);
        all.map(|mutant| format!("{}: {}", mutant.line, mutant.apply(after))).collect()
    }

    #[test]
    fn a_method_of_ruby_is_left_before_its_first_statement() {
        let found = shown("a.rb", "class A\n  def f(x)\n    # why\n    x < y\n  end\nend\n");
        assert_eq!(
            found,
            [
                "2: class A\n  def f(x)\n    # why\n    return nil\n    x < y\n  end\nend\n",
                "4: class A\n  def f(x)\n    # why\n    x <= y\n  end\nend\n",
            ]
        );
        assert!(shown("a.rb", "def f(x) = g(x)\n").is_empty());
    }

    #[test]
    fn a_function_of_python_is_left_after_its_documentation() {
        let found = shown("a.py", "def f(x):\n    \"\"\"Doc.\"\"\"\n    return x < 3\n");
        assert_eq!(
            found,
            [
                "1: def f(x):\n    \"\"\"Doc.\"\"\"\n    return None\n    return x < 3\n",
                "3: def f(x):\n    \"\"\"Doc.\"\"\"\n    return x <= 3\n",
                "3: def f(x):\n    \"\"\"Doc.\"\"\"\n    return x < 4\n",
            ]
        );
    }

    #[test]
    fn every_language_leaves_a_function_in_its_own_way() {
        for (path, text, expected) in [
            (
                "a.js",
                "function f(a) { return a; }",
                "function f(a) { return undefined;  return a; }",
            ),
            (
                "a.rs",
                "fn f() -> bool { g() }",
                "fn f() -> bool { if true { return Default::default() }  g() }",
            ),
            (
                "a.go",
                "package a\nfunc f() (int, error) { return g() }",
                "package a\nfunc f() (int, error) { if true { return *new(int), *new(error) }  return g() }",
            ),
            (
                "A.java",
                "class A { int f() { return g(); } }",
                "class A { int f() { if (true) { return 0; }  return g(); } }",
            ),
        ] {
            let found = shown(path, text);
            let first = found.first().map(|shown| shown.split_once(": ").unwrap().1.to_owned());
            assert_eq!(first.as_deref(), Some(expected), "{path}");
        }
    }

    #[test]
    fn nothing_is_mutated_in_what_only_declares() {
        assert!(shown("a.py", "def f():\n    \"\"\"Doc.\"\"\"\n").is_empty());
        assert!(shown("a.py", "x = 1 < 2\n").is_empty());
    }

    #[test]
    fn results_of_go_are_told_apart_by_their_commas() {
        assert_eq!(go_value("map[string]int"), "*new(map[string]int)");
        assert_eq!(go_value("(map[a]b, error)"), "*new(map[a]b), *new(error)");
        assert_eq!(go_value("(n int, err error)"), "");
        assert_eq!(go_value(""), "");
    }
}
