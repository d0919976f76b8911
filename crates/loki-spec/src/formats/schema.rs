//! What a schema demands, in words.

use super::refs::{Refs, name, reference};
use super::tree::{At, Node};

/// Deepest nesting of properties that is told.
const DEPTH_MAX: usize = 5;

/// Most schemas that are looked at for one operation.
const STEPS_MAX: usize = 2_000;

/// Most values of an enumeration that are told.
const VALUES_MAX: usize = 20;

/// One demand, and the 1-based line of it.
pub(crate) type Demand = (String, u32);

/// Which properties are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tell {
    /// All.
    All,
    /// Those that demand more than a type.
    Demanding,
}

/// Collects what schemas demand, each property once.
pub(crate) struct Demands<'r, 'a> {
    refs: &'r Refs<'a>,
    tell: Tell,
    steps: usize,
    pub(crate) found: Vec<Demand>,
}

impl<'r, 'a> Demands<'r, 'a> {
    pub(crate) fn new(refs: &'r Refs<'a>, tell: Tell) -> Demands<'r, 'a> {
        Demands { refs, tell, steps: 0, found: Vec::new() }
    }

    /// Adds what `schema` demands of what is called `subject`, such as `body`.
    pub(crate) fn of(&mut self, subject: &str, schema: &At<'a>) {
        self.walk(subject, "", schema, false, &mut Vec::new());
    }

    fn walk(
        &mut self,
        subject: &str,
        path: &str,
        schema: &At<'a>,
        required: bool,
        above: &mut Vec<*const Node>,
    ) {
        self.steps += 1;
        let Ok(schema) = self.refs.resolve(schema) else { return };
        let address: *const Node = schema.node;
        if self.steps > STEPS_MAX || above.len() > DEPTH_MAX || above.contains(&address) {
            return;
        }
        above.push(address);
        let mut words = words(&schema);
        if required {
            words.insert(0, "required".to_owned());
        }
        let demands = words.len() > usize::from(has_type(&schema));
        let is_told = match self.tell {
            Tell::All => !words.is_empty(),
            Tell::Demanding => demands,
        };
        let is_object = schema.get("properties").is_some();
        if is_told && (!is_object || required || demands) {
            let what =
                if path.is_empty() { subject.to_owned() } else { format!("{subject} `{path}`") };
            self.found.push((format!("{what}: {}", words.join(", ")), schema.line));
        }
        self.parts(subject, path, &schema, above);
        above.pop();
    }

    fn parts(&mut self, subject: &str, path: &str, schema: &At<'a>, above: &mut Vec<*const Node>) {
        let required: Vec<&str> = schema
            .get("required")
            .map(|list| list.items().filter_map(|item| item.text()).collect())
            .unwrap_or_default();
        if let Some(properties) = schema.get("properties") {
            for (name, property) in properties.entries() {
                let path = if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
                self.walk(subject, &path, &property, required.contains(&name), above);
                if self.steps > STEPS_MAX {
                    return;
                }
            }
        }
        if let Some(items) = schema.get("items") {
            self.walk(subject, &format!("{path}[]"), &items, false, above);
        }
        // What all of them demand is demanded; of alternatives nobody knows which.
        if let Some(all) = schema.get("allOf") {
            for part in all.items() {
                let Ok(part) = self.refs.resolve(&part) else { continue };
                let address: *const Node = part.node;
                self.steps += 1;
                if self.steps > STEPS_MAX || above.len() > DEPTH_MAX || above.contains(&address) {
                    return;
                }
                above.push(address);
                self.parts(subject, path, &part, above);
                above.pop();
            }
        }
    }
}

/// What a schema is called: `Pet`, `list of Pet`, `string`.
pub(crate) fn called(schema: &At<'_>) -> Option<String> {
    if let Some(reference) = reference(schema) {
        return Some(format!("`{}`", name(reference)));
    }
    let kind = kinds(schema).join(" or ");
    match (kind.as_str(), schema.get("items")) {
        ("array", Some(items)) => {
            let of = reference(&items).map(|it| format!("`{}`", name(it)));
            let of = of.or_else(|| Some(kinds(&items).join(" or ")).filter(|of| !of.is_empty()));
            Some(of.map_or_else(|| "list".to_owned(), |of| format!("list of {of}")))
        }
        ("", _) => schema.text_of("title").map(|title| format!("`{title}`")),
        _ => Some(kind),
    }
}

/// The types that a schema allows, by name.
pub(crate) fn kinds<'a>(schema: &At<'a>) -> Vec<&'a str> {
    match schema.get("type") {
        Some(kind) if kind.is_list() => kind.items().filter_map(|item| item.text()).collect(),
        Some(kind) => kind.text().into_iter().collect(),
        None => Vec::new(),
    }
}

fn has_type(schema: &At<'_>) -> bool {
    schema.get("type").is_some()
}

/// Each demand of a schema itself in a few words, the type first.
fn words(schema: &At<'_>) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    words.extend(has_type(schema).then(|| called(schema)).flatten());
    if schema.get("nullable").and_then(|it| it.bool()) == Some(true) {
        words.push("or null".to_owned());
    }
    words.extend(schema.text_of("format").map(|format| format!("format {format}")));
    if let Some(values) = schema.get("enum") {
        let told: Vec<String> = values
            .items()
            .take(VALUES_MAX)
            .filter_map(|it| it.scalar())
            .map(|it| format!("`{it}`"))
            .collect();
        if !told.is_empty() {
            words.push(format!("one of {}", told.join(", ")));
        }
    }
    words.extend(schema.get("const").and_then(|it| it.scalar()).map(|it| format!("always `{it}`")));
    for ((least, most), unit) in [
        (("minimum", "maximum"), ""),
        (("minLength", "maxLength"), " characters"),
        (("minItems", "maxItems"), " items"),
        (("minProperties", "maxProperties"), " properties"),
    ] {
        words.extend(range(schema, least, most, unit));
    }
    for (key, than) in [("exclusiveMinimum", "more than"), ("exclusiveMaximum", "less than")] {
        let limit = schema.get(key).filter(|it| it.number().is_some());
        words.extend(limit.and_then(|it| it.scalar()).map(|limit| format!("{than} {limit}")));
    }
    let scalar = |key: &str| schema.get(key).and_then(|it| it.scalar());
    words.extend(scalar("pattern").map(|pattern| format!("matches `{pattern}`")));
    words.extend(scalar("multipleOf").map(|of| format!("a multiple of {of}")));
    let is = |key: &str, value: bool| schema.get(key).and_then(|it| it.bool()) == Some(value);
    words.extend(is("uniqueItems", true).then(|| "no item twice".to_owned()));
    words.extend(is("additionalProperties", false).then(|| "no other properties".to_owned()));
    words.extend(is("readOnly", true).then(|| "only read".to_owned()));
    words.extend(is("writeOnly", true).then(|| "only written".to_owned()));
    for key in ["oneOf", "anyOf"] {
        let names: Vec<String> = schema
            .get(key)
            .map(|list| list.items().take(VALUES_MAX).filter_map(|it| called(&it)).collect())
            .unwrap_or_default();
        if !names.is_empty() {
            words.push(names.join(" or "));
        }
    }
    words.extend(scalar("default").map(|default| format!("`{default}` by default")));
    words
}

fn range(schema: &At<'_>, least: &str, most: &str, unit: &str) -> Option<String> {
    let limit =
        |key: &str| schema.get(key).filter(|it| it.number().is_some()).and_then(|it| it.scalar());
    let excluded = |key: &str| schema.get(key).and_then(|it| it.bool()) == Some(true);
    let unit = match (limit(least), limit(most)) {
        (Some(only), None) | (None, Some(only)) if only == "1" => match unit {
            " characters" => " character",
            " items" => " item",
            " properties" => " property",
            unit => unit,
        },
        _ => unit,
    };
    match (limit(least), limit(most)) {
        (Some(least), Some(most)) if least == most => Some(format!("exactly {least}{unit}")),
        (Some(from), Some(to)) => Some(format!("{from} to {to}{unit}")),
        (Some(least), None) if excluded("exclusiveMinimum") => {
            Some(format!("more than {least}{unit}"))
        }
        (Some(least), None) => Some(format!("at least {least}{unit}")),
        (None, Some(most)) if excluded("exclusiveMaximum") => {
            Some(format!("less than {most}{unit}"))
        }
        (None, Some(most)) => Some(format!("at most {most}{unit}")),
        (None, None) => None,
    }
}
