//! Python: a name that nothing in the file defines.

use std::collections::{BTreeMap, BTreeSet};

use loki_model::Severity;

use super::Own;
use crate::gates::rule::{Rule, while_judging};
use crate::syntax::{At, Language, Part, Role, Source, Tree};

/// A name from nowhere.
pub(in super::super) const OWN: Own = Own {
    rule: Rule {
        id: "static-analysis/unknown-name",
        severity: Severity::Warning,
        what: "Code names something that its file neither defines nor imports.",
        why: "The line ends in a `NameError` as soon as it runs.",
        example: "+    return json.dumps(rows)      # and no `import json`",
        fix: "Import or define it, or correct the name.",
        look: while_judging,
    },
    seen,
};

/// What brings names that no text shows.
const BRINGERS: &[&str] = &[
    "import *",
    "exec(",
    "execfile(",
    "globals()",
    "locals()",
    "vars()",
    "builtins",
    "sys.modules[",
    "_convert_(",
];

fn seen(source: &Source) -> Vec<(At, String)> {
    let tree = source.tree();
    let text = tree.whole_text();
    if source.language() != Language::Python
        || !source.is_whole()
        || BRINGERS.iter().any(|bringer| text.contains(bringer))
    {
        return Vec::new();
    }
    let mut defined: BTreeSet<&str> = BTreeSet::new();
    let mut used: BTreeMap<&str, At> = BTreeMap::new();
    for at in tree.all(Role::Name) {
        match naming(tree, at) {
            Naming::Defines => _ = defined.insert(tree.text(at)),
            Naming::Uses => _ = used.entry(tree.text(at)).or_insert(at),
            Naming::Neither => {}
        }
    }
    let is_known = |name: &str| {
        defined.contains(name)
            || BUILT_IN.contains(&name)
            || OF_OTHERS.contains(&name)
            || (name.starts_with("__") && name.ends_with("__"))
    };
    let mut seen: Vec<(At, String)> = used
        .into_iter()
        .filter(|(name, _)| !is_known(name))
        .map(|(name, at)| (at, format!("nothing in this file defines `{name}`")))
        .collect();
    seen.sort_by_key(|(at, _)| *at);
    seen
}

/// What a name is there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Naming {
    /// It is given a meaning.
    Defines,
    /// It is taken for what it means.
    Uses,
    /// It is a name of something inside another thing.
    Neither,
}

fn naming(tree: &Tree, name: At) -> Naming {
    let Some(parent) = tree.around(name) else { return Naming::Neither };
    match (tree.role(parent), tree.part(name)) {
        (Role::Member, _) if tree.named(parent).next() != Some(name) => return Naming::Neither,
        (Role::Keyword, Part::Name) => return Naming::Neither,
        (Role::Function | Role::Class | Role::Bind, Part::Name) => return Naming::Defines,
        _ => {}
    }
    let mut nearest = tree
        .all_around(name)
        .take_while(|at| !matches!(tree.role(*at), Role::Block | Role::Function | Role::Class));
    // A pattern, or what it is asked for besides.
    if nearest.any(|at| tree.role(at) == Role::Case) {
        return Naming::Defines;
    }
    let mut at = name;
    for around in tree.all_around(name) {
        let (role, part) = (tree.role(around), tree.part(at));
        match role {
            Role::Import => return Naming::Defines,
            Role::Parameters => return Naming::Defines,
            Role::Member | Role::Subscript | Role::Call | Role::Block => return Naming::Uses,
            // The names of types that a definition takes stand in brackets of their own.
            Role::Function | Role::Class if tree.text(at).starts_with('[') => {
                return Naming::Defines;
            }
            Role::Other if is_made_known(tree.text(around)) => return Naming::Defines,
            _ => {}
        }
        match part {
            Part::Alias => return Naming::Defines,
            Part::Left if role != Role::Binary => return Naming::Defines,
            // A default, an annotation, what a lambda does.
            Part::Value | Part::Type | Part::Body | Part::Condition | Part::Right => {
                return Naming::Uses;
            }
            _ => {}
        }
        at = around;
    }
    Naming::Uses
}

fn is_made_known(statement: &str) -> bool {
    statement.starts_with("global ") || statement.starts_with("nonlocal ")
}

/// What tools put into every file that they run.
const OF_OTHERS: &[&str] = &["display", "get_ipython", "reveal_locals", "reveal_type"];

/// What Python knows by itself, and what its second version knew.
const BUILT_IN: &[&str] = &[
    "ArithmeticError",
    "AssertionError",
    "AttributeError",
    "BaseException",
    "BaseExceptionGroup",
    "BlockingIOError",
    "BrokenPipeError",
    "BufferError",
    "BytesWarning",
    "ChildProcessError",
    "ConnectionAbortedError",
    "ConnectionError",
    "ConnectionRefusedError",
    "ConnectionResetError",
    "DeprecationWarning",
    "EOFError",
    "Ellipsis",
    "EncodingWarning",
    "EnvironmentError",
    "Exception",
    "ExceptionGroup",
    "False",
    "FileExistsError",
    "FileNotFoundError",
    "FloatingPointError",
    "FutureWarning",
    "GeneratorExit",
    "IOError",
    "ImportError",
    "ImportWarning",
    "IndentationError",
    "IndexError",
    "InterruptedError",
    "IsADirectoryError",
    "KeyError",
    "KeyboardInterrupt",
    "LookupError",
    "MemoryError",
    "ModuleNotFoundError",
    "NameError",
    "None",
    "NotADirectoryError",
    "NotImplemented",
    "NotImplementedError",
    "OSError",
    "OverflowError",
    "PendingDeprecationWarning",
    "PermissionError",
    "ProcessLookupError",
    "PythonFinalizationError",
    "RecursionError",
    "ReferenceError",
    "ResourceWarning",
    "RuntimeError",
    "RuntimeWarning",
    "StopAsyncIteration",
    "StopIteration",
    "SyntaxError",
    "SyntaxWarning",
    "SystemError",
    "SystemExit",
    "TabError",
    "TimeoutError",
    "True",
    "TypeError",
    "UnboundLocalError",
    "UnicodeDecodeError",
    "UnicodeEncodeError",
    "UnicodeError",
    "UnicodeTranslateError",
    "UnicodeWarning",
    "UserWarning",
    "ValueError",
    "Warning",
    "WindowsError",
    "ZeroDivisionError",
    "abs",
    "aiter",
    "all",
    "anext",
    "any",
    "ascii",
    "basestring",
    "bin",
    "bool",
    "breakpoint",
    "buffer",
    "bytearray",
    "bytes",
    "callable",
    "chr",
    "classmethod",
    "cmp",
    "compile",
    "complex",
    "copyright",
    "credits",
    "delattr",
    "dict",
    "dir",
    "divmod",
    "enumerate",
    "eval",
    "exec",
    "execfile",
    "exit",
    "file",
    "filter",
    "float",
    "format",
    "frozendict",
    "frozenset",
    "getattr",
    "globals",
    "hasattr",
    "hash",
    "help",
    "hex",
    "id",
    "input",
    "int",
    "isinstance",
    "issubclass",
    "iter",
    "len",
    "license",
    "list",
    "locals",
    "long",
    "map",
    "max",
    "memoryview",
    "min",
    "next",
    "object",
    "oct",
    "open",
    "ord",
    "pow",
    "print",
    "property",
    "quit",
    "range",
    "raw_input",
    "reduce",
    "reload",
    "repr",
    "reversed",
    "round",
    "set",
    "setattr",
    "slice",
    "sorted",
    "staticmethod",
    "str",
    "sum",
    "super",
    "tuple",
    "type",
    "unichr",
    "unicode",
    "vars",
    "xrange",
    "zip",
];

#[cfg(test)]
mod tests {
    use super::super::testing::sees;
    use super::OWN;

    #[test]
    fn a_name_that_nothing_defines_is_seen_where_it_is_used_first() {
        let said = "nothing in this file defines `json`";
        sees(
            &OWN,
            "a.py",
            "def f(a):\n    g = json.dumps(a)\n    return json.loads(g)\n",
            &[(2, said)],
        );
        sees(&OWN, "a.py", "def f(a=json):\n    pass\n", &[(1, said)]);
        sees(&OWN, "a.py", "x = f'{json:>3}'\n", &[(1, said)]);
        sees(&OWN, "a.py", "x = [json for y in range(3)]\n", &[(1, said)]);
        sees(&OWN, "a.py", "x: json = 1\n", &[(1, said)]);
        sees(&OWN, "a.py", "x = lambda a: json\n", &[(1, said)]);
        sees(&OWN, "a.py", "json.x = 1\njson[2] = 3\n", &[(1, said)]);
        sees(&OWN, "a.py", "x = json + 1\n", &[(1, said)]);
        sees(&OWN, "a.py", "try:\n    x = 1\nexcept json:\n    pass\n", &[(3, said)]);
        sees(&OWN, "a.py", "x = dict(json=json)\n", &[(1, said)]);
    }

    #[test]
    fn whatever_gives_a_name_a_meaning_is_known() {
        for text in [
            "import a.b, c as d\nfrom e import (f, g as h)\nx = [a, d, f, h]\n",
            "def f(a, *b, c: int = 1, **d):\n    return [a, b, c, d]\n",
            "class A:\n    x = 1\n\n\ny = A\n",
            "for a, (b, *c) in []:\n    print(a, b, c)\n",
            "x = [a + b for a, b in []]\ny = {c: d for c, d in []}\n",
            "with open('a') as a, open('b') as (b, c):\n    print(a, b, c)\n",
            "try:\n    pass\nexcept (ValueError, TypeError) as e:\n    print(e)\n",
            "if (a := 1):\n    print(a)\n",
            "def f():\n    global a\n    a = 1\n\n\nprint(a)\n",
            "match 1:\n    case {'a': a, **b}:\n        print(a, b)\n    case [c, *d] | (c, d):\n        print(c, d)\n    case int(e) as f if e:\n        print(e, f)\n",
            "def f[T](a: T) -> T:\n    return a\n",
            "class A[T]:\n    x: T\n",
            "type A = int\nx: A = 1\n",
            "x = y = 1\nx += y\n",
            "f = lambda a, *b, c=1, **d: (a, b, c, d)\n",
            "print(__file__, __name__, WindowsError, NotImplemented)\n",
            "from a import *\nprint(whatever)\n",
            "x: int\nprint(x)\n",
            "print(a.whatever, f(whatever=1)) if (a := f) or (f := 1) else None\n",
            "async def f(a):\n    async with a as b:\n        async for c in b:\n            yield c\n",
            "@staticmethod\ndef f():\n    return f\n",
        ] {
            sees(&OWN, "a.py", text, &[]);
        }
        sees(&OWN, "a.js", "f(whatever);\n", &[]);
    }
}
