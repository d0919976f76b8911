//! A function that is made to do nothing: it returns at once, with what says the least.

use crate::delta::FileDelta;
use crate::mutation::{Mutant, Scale};
use crate::syntax::{At, Function, Language, Role, Source};

/// The mutant in which `function` does nothing, where there is room for a statement.
pub(super) fn idle(
    file: &FileDelta,
    source: &Source,
    function: &Function,
    is_new: bool,
) -> Option<Mutant> {
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
            let start = tree.bytes(first).start;
            let least = least(&PYTHON, source, function, body);
            (start, format!("return {least}\n{}", indent(tree.whole_text(), start)))
        }
        Language::Ruby if tree.role(body) == Role::Block => {
            let first = tree.named(body).find(|at| tree.role(*at) != Role::Comment)?;
            let start = tree.bytes(first).start;
            let least = least(&RUBY, source, function, body);
            (start, format!("return {least}\n{}", indent(tree.whole_text(), start)))
        }
        language => {
            let start = bytes.start + usize::from(text.starts_with('{'));
            // An arrow's bare expression has no room for statements.
            if !text.starts_with('{') {
                return None;
            }
            (start, early_return(language, source, function, body)?)
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
fn early_return(
    language: Language,
    source: &Source,
    function: &Function,
    body: At,
) -> Option<String> {
    let returns = declared(function);
    let value = match language {
        Language::JavaScript | Language::TypeScript | Language::Tsx => {
            return Some(format!(" return {}; ", least(&JAVASCRIPT, source, function, body)));
        }
        Language::Rust => rust_value(returns),
        Language::Go => go_value(returns),
        Language::Java | Language::CSharp => match returns {
            "" | "void" => String::new(),
            "boolean" | "bool" => "false".to_owned(),
            "int" | "long" | "short" | "byte" | "char" | "float" | "double" => "0".to_owned(),
            _ => "null".to_owned(),
        },
        Language::Php => {
            return Some(format!(" return {}; ", least(&PHP, source, function, body)));
        }
        Language::Shell => return Some(" return 0; ".to_owned()),
        _ => return None,
    };
    Some(match language {
        Language::Java | Language::CSharp => format!(" if (true) {{ return {value}; }} "),
        _ => format!(" if true {{ return {value} }} "),
    })
}

/// What a function says that it hands back, without what leads to it.
fn declared(function: &Function) -> &str {
    let returns = function.returns.as_deref().map(str::trim).unwrap_or_default();
    returns.trim_start_matches("->").trim_start_matches(':').trim()
}

/// The values of a language without types that say the least.
struct Least {
    nothing: &'static str,
    list: &'static str,
    map: &'static str,
    text: &'static str,
    number: &'static str,
    truth: &'static str,
}

const PYTHON: Least =
    Least { nothing: "None", list: "[]", map: "{}", text: "\"\"", number: "0", truth: "False" };
const JAVASCRIPT: Least = Least {
    nothing: "undefined",
    list: "[]",
    map: "{}",
    text: "\"\"",
    number: "0",
    truth: "false",
};
const RUBY: Least =
    Least { nothing: "nil", list: "[]", map: "{}", text: "\"\"", number: "0", truth: "false" };
const PHP: Least =
    Least { nothing: "null", list: "[]", map: "[]", text: "\"\"", number: "0", truth: "false" };

/// What a function hands back that does nothing: of the kind that it declares or returns elsewhere, so that
/// not its kind alone makes a test fail. One that may return nothing returns that.
fn least(values: &Least, source: &Source, function: &Function, body: At) -> &'static str {
    of_type(values, declared(function)).unwrap_or_else(|| of_returns(values, source, body))
}

/// The least value of a declared type of Python, TypeScript or PHP.
fn of_type(values: &Least, declared: &str) -> Option<&'static str> {
    let promised = declared.strip_prefix("Promise<").and_then(|inner| inner.strip_suffix('>'));
    let kind = promised.unwrap_or(declared).to_lowercase();
    if kind.ends_with("[]") && !kind.contains('|') {
        return Some(values.list);
    }
    let (head, rest) = kind.split_at(kind.find(['[', '<']).unwrap_or(kind.len()));
    // Of several kinds nobody knows which one is meant.
    let is_one = rest.is_empty() || rest.ends_with([']', '>']);
    Some(match head.trim_end() {
        _ if !is_one => return None,
        "list" | "sequence" | "iterable" | "array" | "readonlyarray" => values.list,
        "dict" | "mapping" => values.map,
        "str" | "string" => values.text,
        "int" | "float" | "number" => values.number,
        "bool" | "boolean" => values.truth,
        _ => return None,
    })
}

/// The least value of the kind that a function is seen to return.
fn of_returns(values: &Least, source: &Source, body: At) -> &'static str {
    let tree = source.tree();
    let is_shut = |at: At| matches!(tree.role(at), Role::Function | Role::Lambda | Role::Class);
    let returns = tree.inside_but(body, is_shut).filter(|at| tree.role(*at) == Role::Return);
    let mut seen = None;
    for at in returns {
        let Some(value) = tree.named(at).next().map(|value| tree.bare(value)) else {
            return values.nothing;
        };
        let kind = match tree.role(value) {
            Role::Null => return values.nothing,
            Role::List => Some(values.list),
            Role::Map => Some(values.map),
            Role::Text => Some(values.text),
            Role::Number => Some(values.number),
            Role::Boolean => Some(values.truth),
            // A comprehension.
            Role::Other | Role::Loop if tree.text(value).starts_with('[') => Some(values.list),
            _ => None,
        };
        seen = seen.or(kind);
    }
    seen.unwrap_or(values.nothing)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mutation::tests::shown;

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
    fn a_function_that_does_nothing_returns_what_it_would_be_expected_to() {
        for (path, text, expected) in [
            ("a.py", "def f(x):\n    return [g(y) for y in x]\n", "return []"),
            (
                "a.py",
                "def f(x):\n    if x:\n        return {1: g(x)}\n    return h(x)\n",
                "return {}",
            ),
            (
                "a.py",
                "def f(x):\n    if x:\n        return f\"{x}\"\n    return None\n",
                "return None",
            ),
            ("a.py", "def f(x):\n    if x:\n        return\n    return [x]\n", "return None"),
            ("a.py", "def f(x) -> list[str]:\n    return g(x)\n", "return []"),
            ("a.py", "def f(x) -> str | None:\n    return g(x)\n", "return None"),
            ("a.py", "def f(x) -> list[str] | None:\n    return g(x)\n", "return None"),
            ("a.py", "def f(x):\n    def g():\n        return 1\n    return g(x)\n", "return None"),
            ("a.js", "function f(a) { if (a) { return []; } return a; }", "return [];"),
            (
                "a.js",
                "function f(a) { if (a) { return undefined; } return `${a}`; }",
                "return undefined;",
            ),
            ("a.js", "function f(a) { if (a) { return `${a}`; } return g(a); }", "return \"\";"),
            ("a.ts", "function f(a: A): Promise<number> { return g(a); }", "return 0;"),
            ("a.ts", "function f(a: A): string[] { return g(a); }", "return [];"),
            ("a.ts", "function f(a: A): string | number { return g(a); }", "return undefined;"),
            ("a.rb", "def f(x)\n  return [] if x\n  g(x)\nend\n", "return []"),
            ("a.php", "<?php\nfunction f(int $a): string { return g($a); }\n", "return \"\";"),
            ("a.sh", "f() {\n  g \"$1\" | sort\n}\n", "return 0;"),
        ] {
            let found = shown(path, text);
            let first = found.first().expect(text);
            assert!(first.contains(expected), "{text}: {first}");
        }
    }

    #[test]
    fn results_of_go_are_told_apart_by_their_commas() {
        assert_eq!(go_value("map[string]int"), "*new(map[string]int)");
        assert_eq!(go_value("(map[a]b, error)"), "*new(map[a]b), *new(error)");
        assert_eq!(go_value("(n int, err error)"), "");
        assert_eq!(go_value(""), "");
    }
}
