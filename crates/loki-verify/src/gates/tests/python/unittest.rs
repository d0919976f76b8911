//! `unittest`, through a runner of loki's own: it has no machine format.

use std::collections::BTreeMap;
use std::ffi::OsString;

use super::Project;
use crate::bench::Command;
use crate::counts::unittest::read;
use crate::gates::part::Part;
use crate::gates::tests::settle::{Ended, patched};
use crate::layout::{file_name, is_under, join, parent, shown};
use crate::place::Which;
use crate::python::{NO_PYTHON_FIX, interpreter, source_path};

/// A report that is larger is not read.
const REPORT_BYTES_MAX: u64 = 64 << 20;

/// Writes one line for each test; arguments are the report, a directory of modules, and modules. Its
/// own imports come from anywhere but the working directory. Everything it needs later is bound before
/// the tests are loaded, since they may replace it.
const SCRIPT: &str = r#"
import sys
sys.path.remove("")
import builtins, json, sysconfig, unittest
sys.path[:0] = [sys.argv[2], ""]
sink = open(sys.argv[1], "x", encoding="utf-8")
def say(_dumps=json.dumps, **event): sink.write(_dumps(event) + "\n"); sink.flush()
class Told(unittest.TextTestResult):
    def red(self, test, error, pairs): say(event="test", id=test.id(), status="failed", text=pairs[-1][1] if pairs else "")
    def addSuccess(self, test): super().addSuccess(test); say(event="test", id=test.id(), status="passed")
    def addError(self, test, error): super().addError(test, error); self.red(test, error, self.errors)
    def addFailure(self, test, error): super().addFailure(test, error); self.red(test, error, self.failures)
    def addSkip(self, test, why): super().addSkip(test, why); say(event="test", id=test.id(), status="skipped")
    def addExpectedFailure(self, test, error): super().addExpectedFailure(test, error); say(event="test", id=test.id(), status="skipped")
    def addUnexpectedSuccess(self, test): super().addUnexpectedSuccess(test); say(event="test", id=test.id(), status="failed", text="unexpected success")
    def addSubTest(self, test, sub, error):
        super().addSubTest(test, sub, error)
        if error is not None: self.red(sub, error, self.failures if issubclass(error[0], test.failureException) else self.errors)
case, found = unittest.TestCase, lambda value: getattr(getattr(value, "__code__", None), "co_filename", "")
helpers = "abs all any bool getattr hasattr isinstance issubclass len list max min next repr round set sorted str sum tuple type AssertionError".split()
kept = [("unittest.TestCase." + name, case, name, case.__dict__[name]) for name in case.__dict__ if name.startswith(("assert", "fail"))]
kept += [("builtins." + name, builtins, name, builtins.__dict__[name]) for name in helpers]
installed = tuple({sysconfig.get_paths()[kind] for kind in ("purelib", "platlib")})
suite = unittest.defaultTestLoader.loadTestsFromNames(sys.argv[3:])
result = unittest.TextTestRunner(resultclass=Told).run(suite)
now = [(label, owner.__dict__.get(name), value) for label, owner, name, value in kept]
patched = [label for label, new, value in now if new is not value and not found(new).startswith(installed)]
say(event="end", ran=result.testsRun, patched=patched); sink.close()
sys.exit(not result.wasSuccessful())
"#;

/// Runs the test cases of one project; one process for each directory that modules are named from.
pub(super) fn run(project: &Project<'_>) -> Part {
    let mut tops: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for file in project.files.iter().filter(|file| file.has_cases) {
        let (top, module) = module_of(project, &file.path);
        tops.entry(top).or_default().push(module);
    }
    let mut parts = tops.iter().map(|(top, modules)| run_modules(project, top, modules));
    let first = parts.next().unwrap_or_else(|| Part::unclear("no test was run", Vec::new()));
    parts.fold(first, Part::and)
}

fn run_modules(project: &Project<'_>, top: &str, modules: &[String]) -> Part {
    let Project { cx, dir, .. } = project;
    let what = format!("unittest in {}", shown(top));
    let results = cx.bench().results_file("jsonl");
    let python = interpreter(cx, dir);
    // Modules are named from `top`; the runner is started in the project.
    let mut path = OsString::from("PYTHONPATH=");
    path.push(cx.copy.root().join(top));
    let source = source_path(cx, dir);
    if !source.is_empty() {
        path.push(":");
        path.push(&source);
    }
    let by_hand = [OsString::from("env"), path, python.clone()].into_iter();
    let by_hand = by_hand.chain(["-m", "unittest"].map(OsString::from));
    let command = Command::new(python, dir)
        .by_hand(by_hand.chain(modules.iter().map(OsString::from)))
        .args(["-c", SCRIPT])
        .args([results.as_os_str(), cx.copy.root().join(top).as_os_str()])
        .args(modules)
        .env("PYTHONPATH", source);
    let ran = match cx.bench().run(command) {
        Ok(ran) => ran,
        Err(error) => return Part::not_started(&what, &error, NO_PYTHON_FIX),
    };
    let report = cx.bench().read_results(&results, REPORT_BYTES_MAX).unwrap_or_default();
    let (mut tally, replaced) = read(&report);
    for case in &mut tally.cases {
        let module = modules.iter().find(|module| is_in(&case.id, module));
        let module = module.or_else(|| unloaded(&case.id, modules));
        case.file = module.map(|module| join(top, &format!("{}.py", module.replace('.', "/"))));
    }
    let ids = format!("unittest:{}", join(top, ""));
    let ended = Ended { what: &what, dir, ids: &ids, which: Which::Last };
    let part = ended.settle(cx, ran, tally);
    match patched(replaced, &what) {
        Some(found) => part.and(found),
        None => part,
    }
}

/// Whether a test of this id is one of a module.
fn is_in(id: &str, module: &str) -> bool {
    id.strip_prefix(module).is_some_and(|rest| rest.starts_with('.'))
}

/// The module that could not be loaded where a test stands for that; nothing when several are called so.
fn unloaded<'a>(id: &str, modules: &'a [String]) -> Option<&'a String> {
    let name = id.strip_prefix("unittest.loader._FailedTest.")?;
    let mut found = modules.iter().filter(|module| module.rsplit('.').next() == Some(name));
    found.next().filter(|_| found.next().is_none())
}

/// The directory that a file's module is named from, and its name: packages are climbed, at most up
/// to the project's own directory.
fn module_of(project: &Project<'_>, file: &str) -> (String, String) {
    let mut name = file_name(file).trim_end_matches(".py").to_owned();
    let mut dir = parent(file);
    let is_package = |dir: &str| project.cx.layout.has(&join(dir, "__init__.py"));
    while dir != project.dir && is_under(dir, project.dir) && is_package(dir) {
        name = format!("{}.{name}", file_name(dir));
        dir = parent(dir);
    }
    (dir.to_owned(), name)
}
