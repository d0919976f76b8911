//! Functions: their names, what they take, where their bodies are.

use std::ops::Range;

use super::call::chain;
use super::literal;
use super::role::{Part, Role};
use super::test::{decorations, decorator_name, name_of};
use super::tree::{At, Tree};
use super::{Language, Reading};

/// What a function is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Nature {
    /// It does something by itself.
    Plain,
    /// It is only declared: others do it.
    Abstract,
    /// It is what an interface does where its users do nothing else.
    Default,
    /// It is one of several signatures of another one.
    Overload,
    /// It makes an object.
    Constructor,
}

/// A function or a method with a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Function {
    /// Its own name.
    pub(crate) name: String,
    /// With the names of the classes and modules around it.
    pub(crate) qualified: String,
    /// Names of what it takes, in order, receivers included.
    pub(crate) parameters: Vec<String>,
    /// What it hands back, as written.
    pub(crate) returns: Option<String>,
    /// What it is.
    pub(crate) nature: Nature,
    /// All of it, without its decorators.
    pub(crate) at: At,
    /// What it does; nothing for one that is only declared.
    pub(crate) body: Option<At>,
    /// The bytes of all of it, without its decorators.
    pub(crate) bytes: Range<usize>,
    /// The bytes of its body, brackets included.
    pub(crate) body_bytes: Option<Range<usize>>,
    /// Its first and its last line, 1-based.
    pub(crate) lines: (u32, u32),
    /// Whether its body holds nothing but words about it.
    pub(crate) is_only_documented: bool,
    /// Whether it is given to its callers as a promise or a coroutine.
    pub(crate) is_async: bool,
    /// What it is decorated with.
    pub(crate) decorators: Vec<String>,
}

/// Every function with a name, in the order of the text.
pub(super) fn functions(reading: Reading<'_>) -> Vec<Function> {
    let tree = reading.tree;
    let declared = tree.all(Role::Function).filter_map(|at| declared(reading, at));
    let lambdas = tree.all(Role::Lambda).filter_map(|at| given_a_name(reading, at));
    let mut functions: Vec<Function> = declared.chain(lambdas).collect();
    functions.sort_by_key(|function| function.at);
    functions
}

fn declared(reading: Reading<'_>, at: At) -> Option<Function> {
    let name = name_of(reading.tree, at)?;
    Some(function(reading, at, at, name))
}

/// `const f = () => …`, `exports.f = function …`, `{ f: () => … }`, `f = lambda: …`.
fn given_a_name(reading: Reading<'_>, at: At) -> Option<Function> {
    let tree = reading.tree;
    let around = tree.around(at)?;
    let name = match tree.role(around) {
        Role::Bind | Role::Entry => {
            let left = tree
                .child(around, Part::Name)
                .or_else(|| tree.child(around, Part::Left))
                .or_else(|| tree.child(around, Part::Key))?;
            match tree.role(left) {
                Role::Member => chain(tree, left).last_name().to_owned(),
                _ => super::call::unquoted(tree.text(left)).to_owned(),
            }
        }
        _ => return None,
    };
    let is_name =
        !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '$');
    is_name.then(|| function(reading, at, around, name))
}

fn function(reading: Reading<'_>, at: At, held: At, name: String) -> Function {
    let Reading { tree, language, .. } = reading;
    let body = tree.child(at, Part::Body).or_else(|| tree.child_with(at, Role::Block));
    let mut path = vec![name.clone()];
    for around in tree.all_around(held) {
        match tree.role(around) {
            Role::Class | Role::Module => {
                path.splice(0..0, class_name(tree, around)).for_each(drop);
            }
            Role::Function => path.splice(0..0, name_of(tree, around)).for_each(drop),
            _ => {}
        }
    }
    let receiver = tree.children(at).find(|at| tree.role(*at) == Role::Parameters);
    if language == Language::Go
        && let Some(receiver) =
            receiver.filter(|list| tree.child(at, Part::Parameters) != Some(*list))
    {
        let kind = tree.inside(receiver).filter(|at| tree.role(*at) == Role::Name).last();
        path.splice(0..0, kind.map(|at| tree.text(at).to_owned())).for_each(drop);
    }
    let between = match language {
        Language::Rust | Language::Cpp | Language::C | Language::Php => "::",
        _ => ".",
    };
    let decorators: Vec<String> =
        decorations(tree, at).into_iter().map(|mark| decorator_name(tree, mark)).collect();
    Function {
        qualified: path.join(between),
        parameters: parameters(tree, at),
        returns: tree
            .child(at, Part::Type)
            .map(|at| tree.text(at).trim_start_matches([':', ' ']).to_owned()),
        nature: nature(reading, at, body, &name, &decorators),
        body,
        bytes: tree.bytes(at),
        body_bytes: body.map(|body| tree.bytes(body)),
        lines: (tree.line(at), tree.last_line(at)),
        is_only_documented: body.is_some_and(|body| is_only_documented(tree, body)),
        is_async: is_async(tree, at, body),
        decorators,
        name,
        at,
    }
}

fn class_name(tree: &Tree, class: At) -> Option<String> {
    // The implementation of a Rust type has no name but a type.
    let name = name_of(tree, class)
        .or_else(|| tree.child(class, Part::Type).map(|at| super::call::name_text(tree, at)));
    name.filter(|name| !name.is_empty())
}

fn is_async(tree: &Tree, at: At, body: Option<At>) -> bool {
    let end = body.map_or(tree.bytes(at).end, |body| tree.bytes(body).start);
    let head = tree.slice(tree.bytes(at).start..end);
    head.split(|c: char| !c.is_alphanumeric()).any(|word| word == "async" || word == "suspend")
}

/// Names of what a function takes.
fn parameters(tree: &Tree, at: At) -> Vec<String> {
    let list = tree
        .child(at, Part::Parameters)
        .or_else(|| tree.children(at).filter(|at| tree.role(*at) == Role::Parameters).last())
        .or_else(|| {
            let declarator = tree.child(at, Part::Declarator)?;
            tree.child_with(declarator, Role::Parameters)
        });
    let Some(list) = list else { return Vec::new() };
    if tree.role(list) == Role::Name {
        return vec![tree.text(list).to_owned()];
    }
    let mut names = Vec::new();
    for parameter in tree.named(list).filter(|at| tree.role(*at) != Role::Decorator) {
        let bare = std::iter::once(parameter).chain(tree.inside(parameter));
        let named = tree.child(parameter, Part::Name).or_else(|| tree.child(parameter, Part::Left));
        let name = match named {
            Some(named) => Some(named),
            None => bare.into_iter().find(|at| tree.role(*at) == Role::Name),
        };
        // Go writes several names before one type.
        let several =
            tree.children(parameter).filter(|at| tree.part(*at) == Part::Name).count() > 1;
        if several {
            let all = tree
                .children(parameter)
                .filter(|at| tree.part(*at) == Part::Name && tree.role(*at) == Role::Name);
            names.extend(all.map(|at| tree.text(at).to_owned()));
        } else if let Some(name) = name {
            names.push(tree.text(name).trim_start_matches(['$', '*', '&', ' ']).to_owned());
        }
    }
    names
}

fn nature(
    reading: Reading<'_>,
    at: At,
    body: Option<At>,
    name: &str,
    decorators: &[String],
) -> Nature {
    let Reading { tree, language, .. } = reading;
    let is_marked =
        |mark: &str| decorators.iter().any(|name| name.rsplit(['.', ':']).next() == Some(mark));
    let class = tree
        .all_around(at)
        .find(|at| matches!(tree.role(*at), Role::Class | Role::Function | Role::Lambda));
    let class = class.filter(|at| tree.role(*at) == Role::Class);
    let head = class.map_or("", |class| head(tree, class));
    let words = || head.split(|c: char| !c.is_alphanumeric() && c != '_');
    if is_marked("overload") {
        return Nature::Overload;
    }
    let is_declared = match language {
        Language::Python => {
            is_marked("abstractmethod")
                || is_marked("abstractproperty")
                || words().any(|word| word == "Protocol")
        }
        Language::JavaScript | Language::TypeScript | Language::Tsx => body.is_none(),
        _ => body.is_none() || head_words(tree, at, body).any(|word| word == "abstract"),
    };
    if is_declared {
        let is_overload = language.is_script() && class.is_none();
        return if is_overload { Nature::Overload } else { Nature::Abstract };
    }
    if matches!(name, "__init__" | "constructor" | "new" | "initialize" | "__construct" | "init") {
        return Nature::Constructor;
    }
    let is_interface = words().any(|word| matches!(word, "trait" | "interface" | "protocol"));
    if is_interface { Nature::Default } else { Nature::Plain }
}

/// What stands before the body of a definition.
fn head(tree: &Tree, at: At) -> &str {
    let body = tree.child(at, Part::Body);
    let end = body.map_or(tree.bytes(at).end, |body| tree.bytes(body).start);
    tree.slice(tree.bytes(at).start..end)
}

fn head_words(tree: &Tree, at: At, body: Option<At>) -> impl Iterator<Item = &str> {
    let end = body.map_or(tree.bytes(at).end, |body| tree.bytes(body).start);
    tree.slice(tree.bytes(at).start..end).split(|c: char| !c.is_alphanumeric())
}

/// Whether a body holds nothing but words about what it should do.
fn is_only_documented(tree: &Tree, body: At) -> bool {
    let mut statements = tree.named(body).peekable();
    if tree.role(body) != Role::Block {
        return false;
    }
    let has_words = tree.inside(body).any(|at| matches!(tree.role(at), Role::Comment | Role::Text));
    let all_words = statements.all(|at| {
        let bare = tree.bare(at);
        matches!(tree.role(bare), Role::Text | Role::Pass) || tree.text(bare) == "..."
    });
    has_words && all_words && literal::literals(tree, body).len() <= 1
}
