//! JSON and YAML specs, read by their shape: nobody agrees on how they are nested or named.
//!
//! - What stands below a key such as `features` or `user_stories` is a requirement each, in lists
//!   and in maps by name; below `must_have` and the like with that priority.
//! - A map with requirements below it is a group, not a requirement.
//! - A map with acceptance criteria, or with `given`, `when` and `then`, is a requirement wherever it
//!   stands; so is a sentence with `must`.
//! - Everything else is context.

mod words;

use loki_model::Priority;

use super::context;
use super::tree::{At, Value};
use crate::SpecProblem;
use crate::statements::{NoteKind, Statements, one_line};
use crate::wording;

use words::{Key, key, level};

/// Deepest nesting that is read; the tree is no deeper.
const DEPTH_MAX: usize = super::tree::DEPTH_MAX + 1;

/// Keys that name a thing, best first.
const NAMES: [&str; 7] = ["title", "name", "summary", "feature", "label", "heading", "epic"];
/// Keys that state a thing, best first.
const STATES: [&str; 11] = [
    "requirement",
    "statement",
    "text",
    "story",
    "userstory",
    "description",
    "desc",
    "what",
    "want",
    "behavior",
    "behaviour",
];
/// Keys that say only where a thing belongs, or how it is handled.
const NUMBERS: [&str; 5] = ["id", "key", "ref", "number", "no"];

/// Reads `root` into `statements`; gives back its title.
pub(super) fn read(root: &At<'_>, statements: &mut Statements) -> Option<String> {
    let mut reader = Reader { statements };
    let scope = Scope::default();
    if root.is_list() {
        // A list and nothing else lists what is wanted.
        reader.requirements(root, scope, 0);
    } else {
        reader.map(root, scope, 0, true);
    }
    let named = |at: &At<'_>| NAMES[..2].iter().find_map(|name| find(at, name)?.scalar());
    let inside = ["project", "product", "meta", "metadata", "info", "spec", "prd"];
    named(root)
        .or_else(|| inside.iter().find_map(|key| named(&find(root, key)?)))
        .or_else(|| inside.iter().find_map(|key| find(root, key)?.scalar()))
}

/// What is known from above.
#[derive(Clone, Copy, Debug, Default)]
struct Scope {
    /// As a key says, such as `should_have`.
    priority: Option<Priority>,
}

struct Reader<'s> {
    statements: &'s mut Statements,
}

impl Reader<'_> {
    /// A map that is no requirement itself.
    fn map(&mut self, at: &At<'_>, scope: Scope, depth: usize, is_root: bool) {
        for (name, value) in at.entries() {
            if depth > DEPTH_MAX {
                return;
            }
            match key(name) {
                Key::Requirements(priority) => {
                    let scope = Scope { priority: priority.or(scope.priority) };
                    self.requirements(&value, scope, depth + 1);
                }
                Key::Constraints => self.notes(NoteKind::Constraint, &value, depth),
                Key::Assumptions => self.notes(NoteKind::Assumption, &value, depth),
                Key::Unwanted | Key::Context => context::note(name, &value, self.statements, 0),
                Key::Acceptance if is_root => {
                    self.requirements(&value, scope, depth + 1);
                }
                // The title.
                Key::Plain if is_root && folded_is(name, &NAMES[..2]) => {}
                Key::Acceptance | Key::Priority | Key::Plain => {
                    self.unknown(name, &value, scope, depth + 1);
                }
            }
        }
    }

    /// What stands below a key that says that requirements do.
    fn requirements(&mut self, at: &At<'_>, scope: Scope, depth: usize) {
        if depth > DEPTH_MAX {
            return;
        }
        match &at.node.value {
            Value::List(_) => {
                for item in at.items() {
                    self.item(&item, scope, depth + 1);
                }
            }
            Value::Map(_) if is_item(at) => self.item(at, scope, depth),
            Value::Map(_) => {
                for (name, value) in at.entries() {
                    match key(name) {
                        Key::Plain | Key::Priority | Key::Acceptance => {
                            self.named(name, &value, scope, depth + 1);
                        }
                        Key::Requirements(priority) => {
                            let scope = Scope { priority: priority.or(scope.priority) };
                            self.requirements(&value, scope, depth + 1);
                        }
                        Key::Constraints => self.notes(NoteKind::Constraint, &value, depth),
                        Key::Assumptions => self.notes(NoteKind::Assumption, &value, depth),
                        Key::Unwanted | Key::Context => {
                            context::note(name, &value, self.statements, 0);
                        }
                    }
                }
            }
            Value::Text(_) => self.item(at, scope, depth),
            // `requirements: true` asks for nothing.
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    /// An entry of a map of requirements: `R1: …`, `login: {…}`, `auth: [...]`.
    fn named(&mut self, name: &str, value: &At<'_>, scope: Scope, depth: usize) {
        match &value.node.value {
            Value::List(_) => self.requirements(value, scope, depth),
            Value::Map(_) => {
                let is_flat = statement(value).is_none() && has_acceptance(value);
                if is_flat {
                    // The name is all that is said.
                    let index = self.add(&spelled(name), scope.priority, value);
                    self.criteria_of(index, value);
                    self.rest(value);
                } else {
                    self.requirements(value, scope, depth);
                }
            }
            _ => self.item(value, scope, depth),
        }
    }

    /// A requirement, or a group of them.
    fn item(&mut self, at: &At<'_>, scope: Scope, depth: usize) {
        if depth > DEPTH_MAX {
            return;
        }
        if let Some(text) = at.text() {
            self.add(text, scope.priority, at);
            return;
        }
        if !at.is_map() {
            return self.requirements(at, scope, depth + 1);
        }
        let groups: Vec<(&str, At<'_>)> =
            at.entries().filter(|(name, value)| is_group(name, value)).collect();
        let own = priority(at);
        let priority = own.or(scope.priority);
        if let Some(Excluded) = excluded(at) {
            let text = statement(at).unwrap_or_default();
            self.statements.note(NoteKind::Context, &format!("not wanted: {text}"), at.place());
            return;
        }
        if groups.is_empty() {
            let Some(text) = statement(at).or_else(|| scenario(at)) else {
                return self.requirements_of_names(at, Scope { priority }, depth);
            };
            let index = self.add(&text, priority, at);
            self.criteria_of(index, at);
            self.rest(at);
            return;
        }
        if let Some(text) = statement(at) {
            self.statements.note(NoteKind::Context, &text, at.place());
        }
        let scope = Scope { priority };
        for (_, value) in &groups {
            self.requirements(value, scope, depth + 1);
        }
        // Criteria of a group are demanded like its parts.
        for (name, value) in at.entries() {
            if key(name) == Key::Acceptance {
                self.requirements(&value, scope, depth + 1);
            }
        }
        self.rest(at);
    }

    /// `- login: Users can log in` and nothing else that is known.
    fn requirements_of_names(&mut self, at: &At<'_>, scope: Scope, depth: usize) {
        for (name, value) in at.entries() {
            match (key(name), value.scalar()) {
                (Key::Plain, Some(_)) if folded_is(name, &NUMBERS) => {}
                (Key::Plain, Some(text)) => {
                    let text = format!("{}: {text}", spelled(name));
                    self.add(&text, scope.priority, &value);
                }
                (Key::Plain, None) => self.named(name, &value, scope, depth + 1),
                _ => {}
            }
        }
    }

    /// A value below a key that nobody knows.
    fn unknown(&mut self, name: &str, at: &At<'_>, scope: Scope, depth: usize) {
        if depth > DEPTH_MAX {
            return;
        }
        match &at.node.value {
            Value::Text(text) if wording::asks(text) && !is_title(name) => {
                self.add(text, scope.priority, at);
            }
            Value::Map(_) if has_acceptance(at) || scenario(at).is_some() => {
                match statement(at).or_else(|| scenario(at)) {
                    Some(_) => self.item(at, scope, depth),
                    None => self.named(name, at, scope, depth),
                }
            }
            Value::Map(_) if holds_requirements(at) => self.map(at, scope, depth, false),
            Value::List(_) if at.items().any(|item| item.is_map() || asks(&item)) => {
                for item in at.items() {
                    self.unknown(name, &item, scope, depth + 1);
                }
            }
            _ => context::note(name, at, self.statements, 0),
        }
    }

    fn notes(&mut self, kind: NoteKind, at: &At<'_>, depth: usize) {
        if depth > DEPTH_MAX {
            return;
        }
        if let Some(text) = at.scalar() {
            if kind == NoteKind::Constraint && wording::insists(&text) {
                self.add(&text, None, at);
            }
            self.statements.note(kind, &text, at.place());
            return;
        }
        if let Some(text) = statement(at) {
            self.statements.note(kind, &text, at.place());
            return;
        }
        for (name, value) in at.entries() {
            match value.scalar() {
                Some(text) => {
                    let text = format!("{}: {text}", spelled(name));
                    self.statements.note(kind, &text, value.place());
                }
                None => self.notes(kind, &value, depth + 1),
            }
        }
        for item in at.items() {
            self.notes(kind, &item, depth + 1);
        }
    }

    fn add(&mut self, text: &str, priority: Option<Priority>, at: &At<'_>) -> Option<usize> {
        if !text.contains(char::is_alphanumeric) {
            return None;
        }
        if wording::is_question(text) {
            self.statements.problem(SpecProblem::OpenQuestion { line: at.line });
            return None;
        }
        let priority = priority.or_else(|| wording::priority(text)).unwrap_or(Priority::Must);
        self.statements.add(text, priority, at.place())
    }

    fn criteria_of(&mut self, index: Option<usize>, at: &At<'_>) {
        let Some(index) = index else { return };
        for (name, value) in at.entries() {
            if key(name) == Key::Acceptance {
                self.criteria(index, &value, 0);
            }
        }
        if statement(at).is_some()
            && let Some(text) = scenario(at)
        {
            self.statements.accept(index, &text, at.line);
        }
    }

    fn criteria(&mut self, index: usize, at: &At<'_>, depth: usize) {
        if depth > DEPTH_MAX {
            return;
        }
        if let Some(text) = at.text() {
            // Lines of one text are criteria each, unless they are steps of one scenario.
            let is_list = !wording::begins_scenario(text) && text.trim().contains('\n');
            if is_list {
                for line in text.lines() {
                    let line = line.trim().trim_start_matches(['-', '*', '•']).trim_start();
                    self.statements.accept(index, line, at.line);
                }
            } else {
                self.statements.accept(index, text, at.line);
            }
        } else if let Some(text) = scenario(at).or_else(|| statement(at)) {
            self.statements.accept(index, &text, at.line);
            for (name, value) in at.entries() {
                if key(name) == Key::Acceptance {
                    self.criteria(index, &value, depth + 1);
                }
            }
        } else if at.is_list() {
            for item in at.items() {
                self.criteria(index, &item, depth + 1);
            }
        } else {
            for (name, value) in at.entries() {
                match value.scalar() {
                    Some(text) => {
                        let text = format!("{}: {text}", spelled(name));
                        self.statements.accept(index, &text, value.line);
                    }
                    None => self.criteria(index, &value, depth + 1),
                }
            }
        }
    }

    /// Keeps what a requirement says besides.
    fn rest(&mut self, at: &At<'_>) {
        for (name, value) in at.entries() {
            let is_used = match key(name) {
                Key::Plain => {
                    let is = |names: &[&str]| folded_is(name, names);
                    is(&NAMES) || is(&STATES) || is(&NUMBERS) || is(&STEPS) || is(&STORY)
                }
                Key::Constraints => {
                    self.notes(NoteKind::Constraint, &value, 0);
                    true
                }
                Key::Assumptions => {
                    self.notes(NoteKind::Assumption, &value, 0);
                    true
                }
                Key::Requirements(_) | Key::Acceptance | Key::Priority => true,
                Key::Unwanted | Key::Context => false,
            };
            if !is_used {
                context::note(name, &value, self.statements, 0);
            }
        }
    }
}

/// Keys of the parts of a scenario, in their order.
const STEPS: [&str; 4] = ["given", "when", "then", "and"];

/// Keys of the parts of a story.
const STORY: [&str; 13] = [
    "iwant",
    "iwantto",
    "want",
    "action",
    "as",
    "asa",
    "asan",
    "role",
    "actor",
    "persona",
    "sothat",
    "benefit",
    "inorderto",
];

/// Marks that something is not wanted.
struct Excluded;

fn excluded(at: &At<'_>) -> Option<Excluded> {
    let priority = at.entries().find(|(name, _)| key(name) == Key::Priority)?.1;
    let text = priority.scalar()?.to_lowercase().replace(['\'', '’', '-', '_', ' '], "");
    ["wont", "wonthave", "willnot", "none", "outofscope"]
        .contains(&text.as_str())
        .then_some(Excluded)
}

/// The value of the key that reads `folded`.
fn find<'a>(at: &At<'a>, folded: &str) -> Option<At<'a>> {
    at.entries().find(|(name, _)| words::fold(name) == folded).map(|(_, value)| value)
}

fn folded_is(name: &str, names: &[&str]) -> bool {
    names.contains(&words::fold(name).as_str())
}

fn is_title(name: &str) -> bool {
    folded_is(name, &NAMES)
}

fn asks(at: &At<'_>) -> bool {
    at.text().is_some_and(wording::asks)
}

/// What a map states: what it is called, and what is said of it.
fn statement(at: &At<'_>) -> Option<String> {
    let text = |names: &[&str]| {
        names.iter().find_map(|name| {
            let text = one_line(find(at, name)?.text()?);
            text.contains(char::is_alphanumeric).then_some(text)
        })
    };
    let said = story(at).or_else(|| text(&STATES));
    match (text(&NAMES), said) {
        (Some(name), Some(said)) if said.to_lowercase().starts_with(&name.to_lowercase()) => {
            Some(said)
        }
        (Some(name), Some(said)) => {
            let name = name.trim_end_matches(['.', ':']);
            Some(format!("{name}: {said}"))
        }
        (name, said) => said.or(name),
    }
}

/// `{as_a: cook, i_want: …, so_that: …}` as a sentence.
fn story(at: &At<'_>) -> Option<String> {
    let part = |names: &[&str]| names.iter().find_map(|name| find(at, name)?.text().map(one_line));
    let want = part(&["iwant", "iwantto", "goal", "want", "action"])?;
    let who = part(&["as", "asa", "asan", "role", "actor", "persona", "who"])?;
    let lower = |text: &str| text.to_lowercase();
    let who = if lower(&who).starts_with("as a") { who } else { format!("As a {who}") };
    let want = if lower(&want).starts_with("i want") { want } else { format!("I want {want}") };
    let benefit = part(&["sothat", "benefit", "inorderto", "reason", "why"]);
    let benefit = benefit.map(|text| {
        if lower(&text).starts_with("so that") {
            format!(" {text}")
        } else {
            format!(" so that {text}")
        }
    });
    Some(format!("{who}, {want}{}", benefit.unwrap_or_default()))
}

/// `{given: …, when: …, then: …}` as a sentence.
fn scenario(at: &At<'_>) -> Option<String> {
    let parts: Vec<String> = STEPS
        .iter()
        .filter_map(|step| {
            let value = find(at, step)?;
            let texts: Vec<String> = match value.scalar() {
                Some(text) => vec![text],
                None => value.items().filter_map(|item| item.scalar()).collect(),
            };
            let text = one_line(&texts.join(" and "));
            let step = format!("{}{}", step[..1].to_uppercase(), &step[1..]);
            (!text.is_empty()).then(|| format!("{step} {text}"))
        })
        .collect();
    (parts.len() >= 2).then(|| parts.join(" "))
}

fn has_acceptance(at: &At<'_>) -> bool {
    at.entries().any(|(name, value)| {
        key(name) == Key::Acceptance && !matches!(value.node.value, Value::Null)
    })
}

/// Whether a map below `requirements` is one, and not a map of several by name.
fn is_item(at: &At<'_>) -> bool {
    statement(at).is_some()
        && at.entries().any(|(name, value)| {
            let is_known = match key(name) {
                Key::Acceptance | Key::Priority => true,
                _ => {
                    folded_is(name, &NAMES) || folded_is(name, &STATES) || folded_is(name, &NUMBERS)
                }
            };
            is_known && !value.is_map()
        })
        || scenario(at).is_some()
}

/// Whether `value` holds the requirements of a group. What a task is divided into are its criteria.
fn is_group(name: &str, value: &At<'_>) -> bool {
    matches!(key(name), Key::Requirements(_))
        && (value.is_list() || value.is_map())
        && value.len() > 0
}

/// The priority that a map gives itself.
fn priority(at: &At<'_>) -> Option<Priority> {
    let value = at.entries().find(|(name, _)| key(name) == Key::Priority)?.1;
    let required = |is: bool| if is { Priority::Must } else { Priority::Could };
    match value.bool() {
        Some(is) => Some(required(is)),
        None => level(&value.scalar()?),
    }
}

/// Whether a map below a key that nobody knows is worth looking into.
fn holds_requirements(at: &At<'_>) -> bool {
    at.entries().any(|(name, value)| match key(name) {
        Key::Requirements(_) | Key::Constraints | Key::Assumptions => true,
        _ => value.is_map() || value.is_list() || asks(&value),
    })
}

/// `user_login` and `userLogin` as words.
fn spelled(name: &str) -> String {
    let mut spelled = String::with_capacity(name.len());
    let mut before = ' ';
    for letter in name.chars() {
        if letter == '_' || letter == '-' {
            spelled.push(' ');
        } else {
            if letter.is_uppercase() && before.is_lowercase() {
                spelled.push(' ');
            }
            spelled.push(letter);
        }
        before = letter;
    }
    spelled
}
