//! Errors that are thrown away where they come up: of Go and Rust in functions that could hand them out, of
//! promises and coroutines where all outcomes are waited for and none is looked at.

use loki_model::Severity;

use super::error_never_returned::last_result;
use super::{Code, each_code};
use crate::gates::rule::{Found, Rule};
use crate::syntax::call::chain;
use crate::syntax::{At, Function, Language, Part, Role};

/// An error is thrown away.
pub(super) const RULE: Rule = Rule {
    id: "substance/error-discarded",
    severity: Severity::Warning,
    what: "New code throws the error of what it reads, writes or parses away, in a function that can report \
           errors; a panic is recovered from without a word; or failures are waited for and not looked at, as \
           by `Promise.allSettled`.",
    why: "Its callers believe that it was done: what was lost is known to nobody.",
    example: "+\t_ = os.WriteFile(path, data, 0o644)\n+\treturn nil",
    fix: "Return the error, or say why it does not matter and tell somebody.",
    look: |cx, delta, found| each_code(cx, delta, found, &mut look),
};

/// What fails for reasons outside of the program. Closing and removing are left alone: often there is
/// nothing to be done about them.
const FALLIBLE: &[&str] = &[
    // Go
    "os.WriteFile",
    "os.ReadFile",
    "os.Open",
    "os.Create",
    "os.Rename",
    "os.MkdirAll",
    "io.Copy",
    "io.ReadAll",
    "ioutil.ReadFile",
    "ioutil.WriteFile",
    "json.Unmarshal",
    "json.Marshal",
    "strconv.Atoi",
    "strconv.ParseInt",
    "strconv.ParseFloat",
    "strconv.ParseBool",
    "time.Parse",
    "http.Get",
    // Rust
    "fs::write",
    "fs::read",
    "fs::read_to_string",
    "fs::rename",
    "fs::copy",
    "fs::create_dir",
    "fs::create_dir_all",
    "File::create",
    "File::open",
];

fn look(code: &Code<'_>, found: &mut Found) {
    let language = code.after.language();
    if language.is_script() || language == Language::Python {
        unlooked(code, found);
        return;
    }
    if !matches!(language, Language::Go | Language::Rust) {
        return;
    }
    let tree = code.after.tree();
    let mut lines: Vec<u32> = Vec::new();
    for function in code.touched() {
        let Some(body) = function.body else { continue };
        let reports = hands_out_errors(language, function);
        for at in tree.inside(body) {
            let line = tree.line(at);
            if !code.file.is_added(line) || lines.contains(&line) {
                continue;
            }
            let message = match language {
                Language::Go if is_dropped_panic(code, at) => {
                    "a panic is recovered from here and nobody is told"
                }
                Language::Go if reports && is_discarded_in_go(code, at) => {
                    "an error is thrown away here, in a function that can report it"
                }
                Language::Rust if reports && is_discarded_in_rust(code, at) => {
                    "an error is thrown away here, in a function that can report it"
                }
                _ => continue,
            };
            lines.push(line);
            found.add(RULE.at(&code.file.path, line, message));
        }
    }
}

/// Parts of names of functions that end what has been begun: what fails then often is of no use to anybody.
const ENDINGS: &[&str] = &[
    "close", "stop", "shut", "dispose", "drain", "clean", "cancel", "exit", "teardown", "destroy",
    "end",
];

/// `await Promise.allSettled(…)`, `await asyncio.gather(…, return_exceptions=True)`, as statements.
fn unlooked(code: &Code<'_>, found: &mut Found) {
    let tree = code.after.tree();
    let mut lines: Vec<u32> = Vec::new();
    for function in code.touched() {
        let name = function.name.to_ascii_lowercase();
        let Some(body) = function.body.filter(|_| !ENDINGS.iter().any(|part| name.contains(part)))
        else {
            continue;
        };
        for at in tree.inside(body).filter(|at| tree.role(*at) == Role::Statement) {
            let (call, line) = (tree.bare(at), tree.line(at));
            if tree.role(call) != Role::Call || !code.file.is_added(line) || lines.contains(&line) {
                continue;
            }
            let is_unlooked = match chain(tree, call).path().as_str() {
                "Promise.allSettled" => true,
                "asyncio.gather" => tree.text(call).contains("return_exceptions=True"),
                _ => false,
            };
            if is_unlooked {
                lines.push(line);
                let message =
                    "all outcomes are waited for here, and nobody looks which of them failed";
                found.add(RULE.at(&code.file.path, line, message));
            }
        }
    }
}

fn hands_out_errors(language: Language, function: &Function) -> bool {
    let returns = function.returns.as_deref().unwrap_or_default();
    match language {
        Language::Go => last_result(returns).ends_with("error"),
        _ => returns.contains("Result"),
    }
}

/// `_ = f(x)`, `n, _ := f(x)`, and `if err != nil {}`.
fn is_discarded_in_go(code: &Code<'_>, at: At) -> bool {
    let tree = code.after.tree();
    match tree.role(at) {
        Role::Bind => {
            let text = tree.text(at);
            let left = text.split(":=").next().and_then(|left| left.split('=').next());
            let is_last_dropped = left
                .and_then(|left| left.rsplit(',').next())
                .is_some_and(|last| last.trim() == "_");
            is_last_dropped && calls_fallible(code, at)
        }
        Role::If => {
            let condition = tree.child(at, Part::Condition).map_or("", |at| tree.text(at));
            let then = tree.child(at, Part::Body);
            let is_of_error = condition.strip_suffix("!= nil").is_some_and(|name| {
                let name = name.trim().to_ascii_lowercase();
                name.starts_with("err") || name.ends_with("err")
            });
            is_of_error && then.is_some_and(|then| is_empty(code, then))
        }
        _ => false,
    }
}

/// `let _ = f(x);`, `f(x).ok();`, and `if let Err(_) = f(x) {}`.
fn is_discarded_in_rust(code: &Code<'_>, at: At) -> bool {
    let tree = code.after.tree();
    let text = tree.text(at);
    match tree.role(at) {
        Role::Bind => {
            let left = tree.child(at, Part::Left).map_or("", |left| tree.text(left));
            (left == "_" || text.starts_with("let _ =")) && calls_fallible(code, at)
        }
        Role::Statement => {
            text.trim_end_matches(';').ends_with(".ok()") && calls_fallible(code, at)
        }
        Role::If => {
            let condition = tree.child(at, Part::Condition).map_or("", |at| tree.text(at));
            condition.contains("Err(")
                && calls_fallible(code, at)
                && tree.child(at, Part::Body).is_some_and(|then| is_empty(code, then))
        }
        _ => false,
    }
}

/// `recover()` as a statement of its own.
fn is_dropped_panic(code: &Code<'_>, at: At) -> bool {
    let text = code.after.tree().text(at);
    matches!(code.after.tree().role(at), Role::Statement | Role::Bind)
        && matches!(text.trim(), "recover()" | "_ = recover()")
}

/// Whether nothing is in a block: not even a word.
fn is_empty(code: &Code<'_>, block: At) -> bool {
    let tree = code.after.tree();
    tree.text(block).trim_matches(['{', '}']).trim().is_empty()
}

/// Whether what is called fails for reasons outside, or is a function of the same file that says it can.
fn calls_fallible(code: &Code<'_>, at: At) -> bool {
    let tree = code.after.tree();
    let language = code.after.language();
    let mut calls = tree.inside(at).filter(|at| tree.role(*at) == Role::Call);
    calls.any(|call| {
        let called = chain(tree, call);
        let path = called.path();
        let is_own = || {
            let mut functions = code.after.functions().iter();
            called.links.len() == 1
                && functions.any(|function| {
                    function.name == called.last_name() && hands_out_errors(language, function)
                })
        };
        let path = path.replace("::", ".");
        let is_outside = FALLIBLE.iter().any(|name| {
            let name = name.replace("::", ".");
            path == name
                || path.ends_with(&format!(".{name}"))
                || path.contains(&format!("{name}."))
        });
        is_outside || is_own()
    })
}

#[cfg(test)]
mod tests {
    use super::super::testing::{expect, look_at};
    use super::Found;
    use crate::sides::Sides;

    fn look(sides: &Sides<'_>, found: &mut Found) {
        look_at(super::look, sides, found);
    }

    #[test]
    fn outcomes_that_are_waited_for_and_not_looked_at_are_a_warning() {
        let js = |line: &str| format!("async function run(jobs) {{\n  {line}\n}}\n");
        let text = js("await Promise.allSettled(jobs.map((job) => job()));");
        expect(look, &[], &[("src/a.js", &text)], "warning error-discarded src/a.js:2");
        let py = "async def run(jobs):\n    await asyncio.gather(*jobs, return_exceptions=True)\n";
        expect(look, &[], &[("a.py", py)], "warning error-discarded a.py:2");
        for text in [
            js("const ends = await Promise.allSettled(jobs); report(ends);"),
            js("await Promise.all(jobs);"),
            js("return Promise.allSettled(jobs);"),
            js("await Promise.allSettled(jobs);").replace("run", "closeAll"),
        ] {
            expect(look, &[], &[("src/a.js", &text)], "");
        }
    }

    #[test]
    fn an_error_that_is_thrown_away_is_a_warning() {
        for line in [
            "_ = os.WriteFile(path, nil, 0o644)",
            "n, _ := strconv.Atoi(path)",
            "_, _ = load(path)",
            "if err != nil {\n\t}",
        ] {
            let text = format!(
                "package a\n\nfunc load(path string) (int, error) {{\n\treturn 0, errGone\n}}\n\nfunc Save(path string) error {{\n\t{line}\n\treturn nil\n}}\n"
            );
            expect(look, &[], &[("a.go", &text)], "warning error-discarded a.go:8");
        }
        for line in [
            "let _ = std::fs::write(path, \"\");",
            "fs::write(path, \"\").ok();",
            "if let Err(_) = fs::write(path, \"\") {}",
            "let _ = load(path);",
        ] {
            let text = format!(
                "fn load(path: &str) -> Result<u8, E> {{\n    Err(E)\n}}\n\nfn save(path: &str) -> Result<(), E> {{\n    {line}\n    Ok(())\n}}\n"
            );
            expect(look, &[], &[("src/a.rs", &text)], "warning error-discarded src/a.rs:6");
        }
        let recovers =
            "package a\n\nfunc f() {\n\tdefer func() {\n\t\trecover()\n\t}()\n\tg()\n}\n";
        expect(look, &[], &[("a.go", recovers)], "warning error-discarded a.go:5");
    }

    #[test]
    fn what_can_not_be_helped_or_is_told_is_fine() {
        for text in [
            "package a\n\nfunc Save(file *os.File) error {\n\t_ = file.Close()\n\treturn nil\n}\n",
            "package a\n\nfunc Show(path string) {\n\t_ = os.WriteFile(path, nil, 0o644)\n}\n",
            "package a\n\nfunc f() (err error) {\n\tdefer func() {\n\t\tif r := recover(); r != nil {\n\t\t\terr = fail(r)\n\t\t}\n\t}()\n\treturn g()\n}\n",
            "package a\n\nfunc f(m map[string]int) (int, error) {\n\tn, _ := m[\"a\"]\n\treturn n, nil\n}\n",
        ] {
            expect(look, &[], &[("a.go", text)], "");
        }
        for text in [
            "fn drop_all(path: &str) {\n    let _ = fs::write(path, \"\");\n}\n",
            "fn save(path: &str) -> Result<(), E> {\n    let _ = tx.send(());\n    fs::write(path, \"\")?;\n    Ok(())\n}\n",
        ] {
            expect(look, &[], &[("src/a.rs", text)], "");
        }
    }
}
