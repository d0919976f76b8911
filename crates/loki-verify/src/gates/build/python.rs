//! The syntax of changed Python files, by the project's own interpreter; nothing is written or run. They are
//! compiled: a `return` outside of a function is one more thing that only the compiler refuses.

use super::syntax::Checker;
use crate::bench::Command;
use crate::gates::Cx;
use crate::gates::part::Part;
use crate::python::{NO_PYTHON_FIX, interpreter};

const SCRIPT: &str = r#"
import json, sys, warnings
warnings.simplefilter("ignore")
bad = []
for path in json.load(sys.stdin):
    try:
        with open(path, "rb") as file:
            compile(file.read(), path, "exec", 0, True)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        bad.append([path, getattr(error, "lineno", None), str(error)])
    except OSError:
        pass
json.dump(bad, sys.stdout)
"#;

pub(super) fn judge(cx: &Cx<'_>) -> Vec<Part> {
    // What asks for Python 2 is another language.
    let is_python = |program: &str| {
        program == "python" || program == "python3" || program.starts_with("python3.")
    };
    let files: Vec<&str> = cx.changed_or_run_by(&[".py"], &is_python).collect();
    if files.is_empty() {
        return Vec::new();
    }
    let command = || Command::new(interpreter(cx, ""), "").args(["-I", "-c", SCRIPT]);
    let by_hand = &["python3", "-m", "py_compile"];
    let checker = Checker { language: "Python", command: &command, by_hand, fix: NO_PYTHON_FIX };
    vec![checker.judge(cx, &files)]
}
