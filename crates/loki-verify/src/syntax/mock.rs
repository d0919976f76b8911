//! What a test puts in place of something else.

use super::Reading;
use super::call::{Chain, arguments_in, chain, keyword, path_of, positional, unquoted};
use super::normal::inlined;
use super::role::{Part, Role};
use super::scope::{Scope, bound};
use super::test::decorations;
use super::tree::{At, Tree};

/// Something that is replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mock {
    /// Where it is replaced.
    pub(crate) at: At,
    /// Its 1-based line.
    pub(crate) line: u32,
    /// What is replaced, with dots between: a path that is written as text, or an object and a name.
    pub(crate) target: String,
    /// Whether the target is a whole module.
    pub(crate) is_module: bool,
    /// What it answers from then on, normalised; nothing where that is not written out.
    pub(crate) answers: Option<String>,
    /// The local that holds the double.
    pub(crate) held_by: Option<String>,
}

/// Everything a test replaces.
pub(super) fn mocks(reading: Reading<'_>, holders: &[At], own: &[At], scope: &Scope) -> Vec<Mock> {
    let tree = reading.tree;
    let mut found = Vec::new();
    for holder in holders {
        for mark in decorations(tree, *holder) {
            let calls = tree.inside(mark).filter(|at| tree.role(*at) == Role::Call);
            found.extend(calls.filter_map(|call| called(reading, call, scope)));
        }
    }
    for at in own {
        match tree.role(*at) {
            Role::Call => found.extend(called(reading, *at, scope)),
            Role::Bind => found.extend(assigned(reading, *at, scope)),
            _ => {}
        }
    }
    found
}

/// What a file replaces for all of its tests: calls of its top level and of its set-ups.
pub(super) fn of_file(reading: Reading<'_>, is_in_test: &dyn Fn(At) -> bool) -> Vec<Mock> {
    let tree = reading.tree;
    let scope = Scope::default();
    let calls = tree.all(Role::Call).filter(|at| !is_in_test(*at));
    calls.filter_map(|call| called(reading, call, &scope)).collect()
}

fn called(reading: Reading<'_>, call: At, scope: &Scope) -> Option<Mock> {
    let tree = reading.tree;
    let chain = chain(tree, call);
    let given = |index: usize| -> Vec<At> {
        chain
            .links
            .get(index)
            .and_then(|link| link.arguments)
            .map_or_else(Vec::new, |list| arguments_in(tree, list))
    };
    let last = chain.links.len().checked_sub(1)?;
    let values: Vec<At> =
        given(last).into_iter().filter(|at| tree.role(*at) != Role::Keyword).collect();
    let (first, second, third) =
        (values.first().copied(), values.get(1).copied(), values.get(2).copied());
    let text = |at: Option<At>| {
        at.map(|at| tree.bare(at))
            .filter(|at| tree.role(*at) == Role::Text)
            .map(|at| unquoted(tree.text(at)).to_owned())
    };
    let path = |at: Option<At>| at.and_then(|at| path_of(tree, at));
    let joined =
        |object: Option<At>, name: Option<At>| Some(format!("{}.{}", path(object)?, text(name)?));
    let answers = |at: Option<At>| at.map(|at| answer(tree, at, scope));
    let name = chain.last_name();
    let before = last.checked_sub(1).and_then(|at| chain.links.get(at)).map(|link| &*link.name);
    let (target, is_module, answers) = match (before, name) {
        // Python: `patch('a.b')`, `mock.patch('a.b', …)`, `mocker.patch(…)`.
        (None | Some("mock" | "mocker" | "class_mocker" | "module_mocker"), "patch") => {
            (text(first)?, false, answers(second).or_else(|| returned(tree, call, scope)))
        }
        (Some("patch"), "object") => {
            (joined(first, second)?, false, answers(third).or_else(|| returned(tree, call, scope)))
        }
        (Some("mocker"), "spy") => return None,
        (Some("monkeypatch" | "mp" | "m"), "setattr") => match text(first) {
            Some(target) => (target, false, answers(second)),
            None => (joined(first, second)?, false, answers(third)),
        },
        // JavaScript.
        (Some("jest" | "vi" | "mock"), "mock" | "doMock" | "unstable_mockModule" | "module") => {
            (text(first)?, true, answers(second))
        }
        (Some("mock"), "method" | "getter") => (joined(first, second)?, false, answers(third)),
        (Some("jest" | "vi"), "spyOn") => {
            // Without an answer of its own it only listens.
            let set = answer_of_outer(tree, call, scope)?;
            (joined(first, second)?, false, Some(set))
        }
        (Some("sinon" | "sandbox" | "sb"), "stub" | "replace") => {
            (joined(first, second)?, false, answer_of_outer(tree, call, scope).or(answers(third)))
        }
        // Java and Kotlin: `when(x.m()).thenReturn(y)`.
        (Some("when" | "whenever"), "thenReturn" | "thenAnswer" | "thenThrow") => {
            let inner = given(last.checked_sub(1)?).into_iter().next();
            (path(inner)?, false, answers(first))
        }
        // Kotlin: `every { x.m(any()) } returns y`.
        (None, "every" | "coEvery") if reading.language == super::Language::Kotlin => {
            let inner = tree.inside(call).find(|at| {
                tree.role(*at) == Role::Call && super::call::chain(tree, *at).links.len() > 1
            })?;
            (super::call::chain(tree, inner).path(), false, None)
        }
        // C#: `mock.Setup(x => x.M(1)).Returns(y)`, called as `mock.Object.M(1)`.
        (Some("Setup"), "Returns" | "ReturnsAsync" | "Throws" | "ThrowsAsync") => {
            let inner = given(last.checked_sub(1)?).into_iter().next()?;
            let mut calls = tree.inside(inner).filter(|at| tree.role(*at) == Role::Call);
            let method = super::call::chain(tree, calls.next()?).last_name().to_owned();
            let mock = chain.links.first().map(|link| link.name.clone())?;
            (format!("{mock}.Object.{method}"), false, answers(first))
        }
        // Ruby: `allow(x).to receive(:m).and_return(y)`, `x.stubs(:m).returns(y)`.
        (_, "stubs" | "stub")
            if chain.links.len() == 2 && reading.language == super::Language::Ruby =>
        {
            let object = chain.links.first()?;
            let method = first.map(|at| tree.text(at).trim_start_matches(':').to_owned())?;
            (format!("{}.{method}", object.name), false, answer_of_outer(tree, call, scope))
        }
        (Some("allow"), "to") => {
            let object = given(last.checked_sub(1)?).into_iter().next();
            let receive = super::call::chain(tree, first?);
            let method = receive.links.first()?.arguments?;
            let method = arguments_in(tree, method).into_iter().next()?;
            let method = tree.text(method).trim_start_matches(':').to_owned();
            (format!("{}.{method}", path(object)?), false, None)
        }
        // PHP: `$mock->method('x')->willReturn(y)`.
        (Some("method"), "willReturn") => {
            let inner = given(last.checked_sub(1)?).into_iter().next();
            let object = chain.links.first().map(|link| link.name.clone())?;
            (format!("{object}.{}", text(inner)?), false, answers(first))
        }
        _ => return None,
    };
    Some(Mock {
        at: call,
        line: tree.line(call),
        target,
        is_module,
        answers,
        held_by: holder(tree, call),
    })
}

/// What a double is told to answer where it is made: `return_value=…`.
fn returned(tree: &Tree, call: At, scope: &Scope) -> Option<String> {
    let value = keyword(tree, call, "return_value").or_else(|| keyword(tree, call, "new"))?;
    Some(inlined(tree, value, scope))
}

/// What a double is told to answer right after it was made: `.mockReturnValue(…)`.
fn answer_of_outer(tree: &Tree, call: At, scope: &Scope) -> Option<String> {
    let outer = tree.all_around(call).take(2).find(|at| tree.role(*at) == Role::Call)?;
    let chain = chain(tree, outer);
    let name = chain.last_name();
    let is_set = name.starts_with("mock")
        || matches!(
            name,
            "returns" | "resolves" | "callsFake" | "and_return" | "rejects" | "yields"
        );
    if !is_set {
        return None;
    }
    let value = positional(tree, outer).into_iter().next();
    Some(value.map_or_else(String::new, |at| answer(tree, at, scope)))
}

/// What a double that is given, or a function that stands in, answers.
fn answer(tree: &Tree, at: At, scope: &Scope) -> String {
    let at = tree.bare(at);
    match tree.role(at) {
        // `lambda x: y`, `() => y`
        Role::Lambda => {
            let body = tree.child(at, Part::Body).unwrap_or(at);
            let returned = tree.inside(body).find(|at| tree.role(*at) == Role::Return);
            let value = returned.and_then(|at| tree.named(at).next()).unwrap_or(body);
            inlined(tree, value, scope)
        }
        Role::Call => {
            let made = chain(tree, at);
            if is_double(&made) {
                return returned(tree, at, scope).unwrap_or_default();
            }
            inlined(tree, at, scope)
        }
        _ => inlined(tree, at, scope),
    }
}

/// Whether a call makes a double.
pub(crate) fn is_double(chain: &Chain) -> bool {
    matches!(
        chain.last_name(),
        "Mock"
            | "MagicMock"
            | "AsyncMock"
            | "fn"
            | "mock"
            | "stub"
            | "create_autospec"
            | "spy"
            | "Substitute"
            | "createMock"
            | "createStub"
            | "double"
            | "instance_double"
    ) && !matches!(chain.first_name(), "self")
}

/// `module.function = Mock(…)`, `obj.method = lambda: …`.
fn assigned(reading: Reading<'_>, at: At, scope: &Scope) -> Option<Mock> {
    let tree = reading.tree;
    let (left, value) = bound(tree, at)?;
    let left = tree.bare(left);
    let value = tree.bare(value);
    if tree.role(left) != Role::Member {
        return None;
    }
    let target = chain(tree, left);
    let stands_in = match tree.role(value) {
        Role::Lambda => true,
        Role::Call => is_double(&chain(tree, value)),
        _ => false,
    };
    let last = target.last_name();
    if last == "return_value" || last == "side_effect" {
        // `double.method.return_value = y` sets an answer of a double.
        return None;
    }
    if !stands_in || target.root.is_some() || target.links.len() < 2 {
        return None;
    }
    Some(Mock {
        at,
        line: tree.line(at),
        target: target.path(),
        is_module: false,
        answers: Some(answer(tree, value, scope)),
        held_by: None,
    })
}

/// The local that a call's result is given to.
fn holder(tree: &Tree, call: At) -> Option<String> {
    for around in tree.all_around(call).take(4) {
        if tree.role(around) == Role::Bind {
            let (left, _) = bound(tree, around)?;
            return Some(tree.text(left).to_owned());
        }
        if let Some(alias) = tree.child(around, Part::Alias) {
            return Some(tree.text(alias).to_owned());
        }
    }
    None
}
