//! What keeps a test from running, or makes it run alone.

use super::Reading;
use super::call::{arguments, chain, keyword, positional, unquoted};
use super::role::{Part, Role};
use super::test::{decorations, decorator_name};
use super::tree::{At, Tree};

/// What a marker does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Marked {
    /// It is not run.
    Skipped,
    /// It is not run when a condition holds.
    SkippedIf,
    /// It may fail.
    MayFail,
    /// It is only announced.
    Announced,
    /// Others are not run.
    Only,
    /// It is not compiled unless a condition holds.
    CompiledIf,
}

/// One marker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Marker {
    /// What it does.
    pub(crate) marked: Marked,
    /// Where it is.
    pub(crate) at: At,
    /// Its 1-based line.
    pub(crate) line: u32,
    /// Why, as its author wrote it.
    pub(crate) reason: Option<String>,
    /// When, as written.
    pub(crate) condition: Option<String>,
    /// As written, on one line.
    pub(crate) text: String,
}

impl Marker {
    /// Whether the condition speaks of the machine that the test runs on: its system, its versions.
    pub(crate) fn is_about_platform(&self) -> bool {
        let condition = self.condition.as_deref().unwrap_or_default();
        let is_part_of_name = |c: char| c.is_alphanumeric() || c == '_';
        let mut names = condition.split(|c| !is_part_of_name(c));
        let lower = condition.to_ascii_lowercase();
        PLATFORM_WORDS.iter().any(|word| lower.contains(word))
            || names.any(|name| PLATFORM_NAMES.contains(&name))
    }
}

/// Constants that projects name systems by. Only as whole names: they are parts of too many words.
const PLATFORM_NAMES: &[&str] = &["WIN", "NT", "MAC", "WSL", "ANDROID", "IOS", "PY2", "PY3"];

/// Words of conditions on the machine.
const PLATFORM_WORDS: &[&str] = &[
    "platform",
    "windows",
    "win32",
    "win64",
    "linux",
    "darwin",
    "macos",
    "unix",
    "posix",
    "os.name",
    "target_os",
    "version",
    "python_implementation",
    "pypy",
    "goos",
    "goarch",
    "arch",
    "geteuid",
    "getuid",
    "osx",
    "freebsd",
    "jre",
    "java_version",
    "onos",
    "numcpu",
    "cpu_count",
    "endian",
    "ruby_version",
    "ruby_engine",
    "php_os",
    "php_version",
    "miri",
    "wasm",
    "android",
    "ios",
    "short()",
    "isatty",
    "root",
    "hasattr(os",
];

/// Every marker of a test: of its own, of what is around it, and of the first things it does.
pub(super) fn markers(reading: Reading<'_>, holders: &[At], body: At, own: &[At]) -> Vec<Marker> {
    let tree = reading.tree;
    let mut found = Vec::new();
    for holder in holders {
        for mark in decorations(tree, *holder) {
            found.extend(decorated(tree, mark));
        }
        if tree.role(*holder) == Role::Call {
            found.extend(called(reading, *holder));
        }
        if reading.language == super::Language::Cpp {
            found.extend(disabled(tree, *holder));
        }
    }
    // A call that is only announced has no code of its own.
    let own_nodes = own.iter().filter(|at| tree.is_within(**at, body));
    found.extend(own_nodes.filter_map(|at| done(reading, body, *at)));
    found
}

/// GoogleTest leaves out what begins with `DISABLED_`, a test or all of its suite.
fn disabled(tree: &Tree, holder: At) -> Option<Marker> {
    let declarator = tree.child(holder, Part::Declarator)?;
    let names = tree.child_with(declarator, Role::Parameters)?;
    let name = tree.named(names).find(|name| tree.text(*name).starts_with("DISABLED_"))?;
    Some(marker(tree, name, Marked::Skipped, None))
}

/// Markers of a whole file, as calls and values of its top level.
pub(super) fn of_file(reading: Reading<'_>) -> Vec<Marker> {
    let tree = reading.tree;
    let mut found = Vec::new();
    let is_shut = |at: At| {
        matches!(tree.role(at), Role::Function | Role::Lambda | Role::Class | Role::Module)
    };
    for at in tree.inside_but(At::ROOT, is_shut) {
        match tree.role(at) {
            Role::Call => {
                let chain = chain(tree, at);
                let path = chain.path();
                let marked = match path.as_str() {
                    "pytest.importorskip" => Some(Marked::SkippedIf),
                    "pytest.skip" => Some(Marked::Skipped),
                    _ => None,
                };
                if let Some(marked) = marked {
                    let mut marker = marker(tree, at, marked, first_text(tree, at));
                    marker.condition = condition_around(tree, At::ROOT, at);
                    if path == "pytest.importorskip" {
                        marker.condition = marker.reason.take();
                    } else if marker.condition.is_some() {
                        marker.marked = Marked::SkippedIf;
                    }
                    found.push(marker);
                }
            }
            Role::Throw if tree.text(at).contains("SkipTest") => {
                let mut marker = marker(tree, at, Marked::Skipped, first_text(tree, at));
                marker.condition = condition_around(tree, At::ROOT, at);
                if marker.condition.is_some() {
                    marker.marked = Marked::SkippedIf;
                }
                found.push(marker);
            }
            // `pytestmark = pytest.mark.skip(…)`
            Role::Bind => {
                let left = tree.child(at, Part::Left).map(|left| tree.text(left));
                let value = tree.child(at, Part::Right);
                if let (Some("pytestmark"), Some(value)) = (left, value) {
                    let marks = std::iter::once(value).chain(tree.inside(value));
                    found.extend(marks.filter_map(|mark| pytest_mark(tree, mark)));
                }
            }
            _ => {}
        }
    }
    found
}

/// A mark of pytest that is a value.
fn pytest_mark(tree: &Tree, at: At) -> Option<Marker> {
    let around = tree.around(at).map(|around| tree.role(around));
    let is_part = around == Some(Role::Member);
    let role = tree.role(at);
    if !matches!(role, Role::Call | Role::Member) || is_part {
        return None;
    }
    if role == Role::Member && around == Some(Role::Call) {
        return None;
    }
    let path = chain(tree, at).path();
    marked_by(&path).map(|marked| completed(tree, at, marked))
}

fn marker(tree: &Tree, at: At, marked: Marked, reason: Option<String>) -> Marker {
    let text = tree.text(at).split_whitespace().collect::<Vec<_>>().join(" ");
    let text = crate::text::clip_head(&text, 160);
    Marker { marked, at, line: tree.line(at), reason, condition: None, text }
}

/// What a decoration with this name does.
fn marked_by(name: &str) -> Option<Marked> {
    let last = name.rsplit(['.', ':', '\\']).next().unwrap_or_default();
    Some(match last {
        "skip" | "Skip" | "Disabled" | "Ignore" | "ignore" | "Ignored" | "skipTest" | "Pending"
        | "disabled" => Marked::Skipped,
        "skipif"
        | "skipIf"
        | "skipUnless"
        | "DisabledOnOs"
        | "EnabledOnOs"
        | "DisabledIf"
        | "EnabledIf"
        | "DisabledOnJre"
        | "EnabledOnJre"
        | "EnabledIfEnvironmentVariable"
        | "DisabledIfEnvironmentVariable"
        | "EnabledIfSystemProperty"
        | "RequiresPhp"
        | "RequiresOperatingSystem"
        | "EnabledForJreRange"
        | "DisabledForJreRange" => Marked::SkippedIf,
        "xfail" | "expectedFailure" => Marked::MayFail,
        "cfg" => Marked::CompiledIf,
        _ => return None,
    })
}

fn decorated(tree: &Tree, mark: At) -> Option<Marker> {
    let name = decorator_name(tree, mark);
    let text = tree.text(mark);
    if name == "cfg_attr" && text.contains("ignore") {
        let mut marker = marker(tree, mark, Marked::SkippedIf, text_inside(tree, mark));
        marker.condition = Some(inside_brackets(text).to_owned());
        return Some(marker);
    }
    // xUnit: `[Fact(Skip = "…")]`.
    if text.contains("Skip") && text.contains('=') && matches!(name.as_str(), "Fact" | "Theory") {
        return Some(marker(tree, mark, Marked::Skipped, text_inside(tree, mark)));
    }
    let marked = marked_by(&name)?;
    if marked == Marked::CompiledIf && inside_brackets(text).trim() == "test" {
        return None;
    }
    Some(completed(tree, mark, marked))
}

/// A marker with what it is given: a reason, a condition.
fn completed(tree: &Tree, mark: At, marked: Marked) -> Marker {
    let call =
        std::iter::once(mark).chain(tree.inside(mark)).find(|at| tree.role(*at) == Role::Call);
    let named = call.and_then(|call| keyword(tree, call, "reason"));
    let reason = match named {
        Some(at) => Some(unquoted(tree.text(at)).to_owned()),
        None if marked == Marked::CompiledIf => None,
        None if marked == Marked::SkippedIf => last_text(tree, mark),
        None => text_inside(tree, mark),
    };
    let mut marker = marker(tree, mark, marked, reason);
    let first = call.and_then(|call| positional(tree, call).into_iter().next());
    match marked {
        Marked::SkippedIf => {
            let text = first.map_or_else(|| tree.text(mark), |at| tree.text(at));
            marker.condition = Some(text.to_owned());
        }
        Marked::CompiledIf => {
            marker.condition = Some(inside_brackets(tree.text(mark)).to_owned());
        }
        // `xfail(condition, reason=…)`
        Marked::MayFail => {
            marker.condition = first
                .filter(|at| tree.role(tree.bare(*at)) != Role::Text)
                .map(|at| tree.text(at).to_owned());
        }
        _ => {}
    }
    marker
}

fn inside_brackets(text: &str) -> &str {
    let inner = text.split_once('(').map_or("", |(_, inner)| inner);
    inner.rsplit_once(')').map_or(inner, |(inner, _)| inner)
}

/// The first text inside, whole.
fn text_inside(tree: &Tree, at: At) -> Option<String> {
    let text = tree.inside(at).find(|at| tree.role(*at) == Role::Text)?;
    let text = unquoted(tree.text(text)).trim().to_owned();
    (!text.is_empty()).then_some(text)
}

fn last_text(tree: &Tree, at: At) -> Option<String> {
    let texts = tree.inside(at).filter(|at| tree.role(*at) == Role::Text);
    let text = unquoted(tree.text(texts.last()?)).trim().to_owned();
    (!text.is_empty()).then_some(text)
}

fn first_text(tree: &Tree, at: At) -> Option<String> {
    text_inside(tree, at)
}

/// What the call that makes a test, or a group, says: `it.skip(…)`, `test('…', { only: true }, …)`.
fn called(reading: Reading<'_>, call: At) -> Option<Marker> {
    let tree = reading.tree;
    let chain = chain(tree, call);
    for link in &chain.links {
        let marked = match link.name.as_str() {
            "skip" => Marked::Skipped,
            "skipIf" | "runIf" => Marked::SkippedIf,
            "todo" => Marked::Announced,
            "only" | "fit" | "fdescribe" | "fcontext" | "iit" | "ddescribe" | "focus" => {
                Marked::Only
            }
            "failing" | "fails" => Marked::MayFail,
            "xit" | "xtest" | "xdescribe" | "xcontext" | "xspecify" | "pending" => Marked::Skipped,
            _ => continue,
        };
        let mut marker = marker(tree, call, marked, None);
        marker.text = chain.path();
        if marked == Marked::SkippedIf {
            let list = link.arguments;
            marker.condition = list.map(|list| tree.text(list).to_owned());
        }
        return Some(marker);
    }
    let options = [
        ("skip", Marked::Skipped),
        ("only", Marked::Only),
        ("todo", Marked::Announced),
        ("pending", Marked::Skipped),
    ];
    for (name, marked) in options {
        let Some(value) = keyword(tree, call, name) else { continue };
        let bare = tree.bare(value);
        let text = tree.text(bare);
        if matches!(text, "false" | "nil" | "null" | "undefined" | "0") {
            continue;
        }
        let reason = (tree.role(bare) == Role::Text).then(|| unquoted(text).to_owned());
        let is_plain = matches!(tree.role(bare), Role::Text | Role::Boolean);
        let marked =
            if marked == Marked::Skipped && !is_plain { Marked::SkippedIf } else { marked };
        let mut marker = marker(tree, call, marked, reason);
        marker.text = format!("{name}: {text}");
        if marked == Marked::SkippedIf {
            marker.condition = Some(text.to_owned());
        }
        return Some(marker);
    }
    // RSpec and Pest: symbols and methods behind.
    let symbols = arguments(tree, call);
    let symbol = symbols.iter().map(|at| tree.text(*at)).find_map(|text| match text {
        ":skip" | ":pending" => Some(Marked::Skipped),
        ":focus" => Some(Marked::Only),
        _ => None,
    });
    symbol.map(|marked| marker(tree, call, marked, None))
}

/// What a test does to be skipped.
fn done(reading: Reading<'_>, body: At, at: At) -> Option<Marker> {
    let tree = reading.tree;
    let (marked, reason) = match tree.role(at) {
        Role::Call => {
            let chain = chain(tree, at);
            let (first, last) = (chain.first_name(), chain.last_name());
            let marked = match last {
                "skip" | "skipTest" | "Skip" | "Skipf" | "SkipNow" | "markTestSkipped"
                | "markTestIncomplete" | "pending" | "importorskip" | "omit" | "GTEST_SKIP" => {
                    Marked::Skipped
                }
                "Ignore" | "Inconclusive" if first == "Assert" => Marked::Skipped,
                "xfail" if first == "pytest" => Marked::MayFail,
                "todo" if reading.language.is_script() && chain.links.len() == 2 => {
                    Marked::Announced
                }
                "assumeTrue" | "assumeFalse" | "assumeThat" | "abort"
                    if last.starts_with("assume") =>
                {
                    Marked::SkippedIf
                }
                _ => return None,
            };
            let is_owned = matches!(
                first,
                "pytest"
                    | "self"
                    | "this"
                    | "t"
                    | "tb"
                    | "b"
                    | "ctx"
                    | "context"
                    | "unittest"
                    | "Assume"
                    | "Assumptions"
                    | "test"
                    | "it"
                    | "XCTSkip"
                    | "Assert"
            );
            if !is_owned && chain.links.len() != 1 || chain.root.is_some() {
                return None;
            }
            // A lone word is what a runner of these languages calls it.
            if chain.links.len() == 1
                && !last.starts_with("assume")
                && reading.language != super::Language::Ruby
                && !matches!(last, "importorskip" | "markTestSkipped" | "GTEST_SKIP")
            {
                return None;
            }
            (marked, first_text(tree, at))
        }
        Role::Throw | Role::Return
            if tree.text(at).contains("SkipTest")
                || tree.text(at).contains("XCTSkip")
                || tree.text(at).contains("SkipException") =>
        {
            (Marked::Skipped, first_text(tree, at))
        }
        Role::Name if reading.language == super::Language::Ruby => {
            // `skip` alone is a call.
            let is_word = matches!(tree.text(at), "skip" | "pending")
                && tree.around(at).is_some_and(|around| tree.role(around) == Role::Block);
            if !is_word {
                return None;
            }
            (Marked::Skipped, None)
        }
        _ => return None,
    };
    let mut marker = marker(tree, at, marked, reason);
    marker.condition = condition_around(tree, body, at);
    if marked == Marked::SkippedIf {
        let given = positional(tree, at).into_iter().next();
        marker.condition = given.map(|at| tree.text(at).to_owned());
    } else if marked == Marked::Skipped && marker.condition.is_some() {
        marker.marked = Marked::SkippedIf;
    }
    Some(marker)
}

/// The condition under which `at` is reached from `body`.
fn condition_around(tree: &Tree, body: At, at: At) -> Option<String> {
    let mut around = tree.all_around(at).take_while(|around| *around != body);
    let held = around.find(|held| match tree.role(*held) {
        Role::If | Role::Switch | Role::Ternary | Role::Try | Role::Loop => true,
        // `condition && skip()`; the left side comes in any case.
        Role::Binary => !tree.named(*held).next().is_some_and(|left| tree.is_within(at, left)),
        _ => false,
    })?;
    let condition = tree.child(held, Part::Condition).unwrap_or(held);
    let text = tree.text(condition);
    Some(crate::text::clip_head(text, 200))
}
