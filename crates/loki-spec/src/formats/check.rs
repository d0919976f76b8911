//! Contradictions of an API description, found without asking anybody.

mod example;

use std::collections::{HashMap, HashSet};

use super::refs::{Lost, Refs, reference};
use super::schema::kinds;
use super::tree::{At, Node};
use crate::SpecProblem;
use crate::statements::{Statements, cut};

/// Most comparisons of values with schemas; a document with more is not wrong, only huge.
const EXAMPLE_STEPS_MAX: usize = 200_000;

/// Longest name that is repeated in a message, in bytes.
const NAME_BYTES_MAX: usize = 100;

/// Tells everything about `root` that can not hold.
pub(crate) fn check<'a>(root: &At<'a>, refs: &Refs<'a>, statements: &mut Statements) {
    let mut checker =
        Checker { refs, statements, steps: 0, operations: HashMap::new(), checked: HashSet::new() };
    checker.walk(root, Place::Other, 0);
}

/// Deeper than any document.
const DEPTH_MAX: usize = super::tree::DEPTH_MAX + 1;

/// What a value is by where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Other,
    Schema,
    /// A map from names to schemas.
    Schemas,
    /// A list of schemas.
    SchemaList,
    /// A map in which every key is a name, and none a word of the format.
    Names,
    /// A value of the product and not of the description.
    Example,
}

struct Checker<'r, 'a> {
    refs: &'r Refs<'a>,
    statements: &'r mut Statements,
    steps: usize,
    /// The lines of operation ids.
    operations: HashMap<&'a str, u32>,
    checked: HashSet<*const Node>,
}

impl<'a> Checker<'_, 'a> {
    fn walk(&mut self, at: &At<'a>, place: Place, depth: usize) {
        if depth > DEPTH_MAX || place == Place::Example {
            return;
        }
        if matches!(place, Place::Other | Place::Schema) && at.is_map() {
            if reference(at).is_some() {
                self.reference(at);
                return;
            }
            match place {
                Place::Schema => self.schema(at),
                _ => self.other(at),
            }
        }
        for item in at.items() {
            let below = match place {
                Place::SchemaList => Place::Schema,
                Place::Names => Place::Other,
                place => place,
            };
            self.walk(&item, below, depth + 1);
        }
        for (key, value) in at.entries() {
            self.walk(&value, below(place, key), depth + 1);
        }
    }

    fn tell(&mut self, at: &At<'a>, rule: &'static str, what: String) {
        let (line, pointer) = (at.line, at.pointer());
        self.statements.problem(SpecProblem::Contradiction { line, pointer, rule, what });
    }

    fn reference(&mut self, at: &At<'a>) {
        let Some(place) = at.get("$ref") else { return };
        let written = cut(place.text().unwrap_or_default(), NAME_BYTES_MAX);
        match self.refs.resolve(at) {
            Ok(_) => {}
            Err(Lost::Missing) => self.tell(
                &place,
                "api/unresolved-ref",
                format!("`$ref` leads to `{written}`, which is not there; define it or correct the reference"),
            ),
            Err(Lost::Circle) => self.tell(
                &place,
                "api/circular-ref",
                format!("`$ref` to `{written}` leads back to itself; let it end in a definition"),
            ),
            Err(Lost::Elsewhere) => {
                let what = format!(
                    "`$ref` leads out of this file to `{written}`, which is not read; bundle the files into one"
                );
                self.statements.problem(SpecProblem::Lint {
                    line: place.line,
                    rule: "api/outside-ref",
                    what,
                });
            }
        }
    }

    /// Parameters, media types, headers, messages, operations.
    fn other(&mut self, at: &At<'a>) {
        if let Some(id) = at.get("operationId")
            && let Some(text) = id.text()
        {
            match self.operations.get(text).copied() {
                None => {
                    self.operations.insert(text, id.line);
                }
                Some(first) => {
                    let text = cut(text, NAME_BYTES_MAX);
                    let what = format!(
                        "operationId `{text}` is already that of line {first}; give each operation its own"
                    );
                    self.tell(&id, "api/duplicate-operation-id", what);
                }
            }
        }
        // Swagger 2 has schemas in the place of parameters and headers.
        if at.get("in").is_some() && at.get("type").is_some() {
            self.schema(at);
        }
        let Some(schema) = at.get("schema") else { return };
        if let Some(example) = at.get("example") {
            self.example("example", &schema, &example);
        }
        if let Some(examples) = at.get("examples") {
            for (key, example) in examples.entries() {
                if let Ok(example) = self.refs.resolve(&example) {
                    // OpenAPI names each and wraps its value; Swagger 2 has one for a media type.
                    let value = example.get("value").filter(|_| !key.contains('/'));
                    if value.is_some() || example.get("externalValue").is_none() {
                        self.example("example", &schema, &value.unwrap_or(example));
                    }
                }
            }
        }
    }

    fn schema(&mut self, at: &At<'a>) {
        if !self.checked.insert(std::ptr::from_ref(at.node)) {
            return;
        }
        for (least, most) in [
            ("minimum", "maximum"),
            ("exclusiveMinimum", "exclusiveMaximum"),
            ("minimum", "exclusiveMaximum"),
            ("exclusiveMinimum", "maximum"),
            ("minLength", "maxLength"),
            ("minItems", "maxItems"),
            ("minProperties", "maxProperties"),
        ] {
            let (Some(from), Some(to)) = (at.get(least), at.get(most)) else { continue };
            let (Some(low), Some(high)) = (from.number(), to.number()) else { continue };
            let is_open = least.starts_with("ex") || most.starts_with("ex");
            if low > high || is_open && low >= high {
                let shown = |at: &At<'_>| at.scalar().unwrap_or_default();
                let what = format!(
                    "`{least}` {} and `{most}` {} leave no value; correct one of them",
                    shown(&from),
                    shown(&to)
                );
                self.tell(&from, "api/empty-range", what);
            }
        }
        self.required(at);
        if let Some(values) = at.get("enum") {
            for value in values.items() {
                self.example_of_type(at, &value);
            }
            if values.is_list() && values.items().next().is_none() {
                self.tell(
                    &values,
                    "api/empty-enum",
                    "`enum` allows no value; list some".to_owned(),
                );
            }
        }
        for key in ["example", "default"] {
            if let Some(value) = at.get(key) {
                self.example(key, at, &value);
            }
        }
        if let Some(values) = at.get("examples") {
            for value in values.items() {
                self.example("example", at, &value);
            }
        }
    }

    fn required(&mut self, at: &At<'a>) {
        let Some(required) = at.get("required").filter(|list| list.is_list()) else { return };
        // What is required may be described by what it is combined with.
        let is_open = ["allOf", "anyOf", "oneOf", "patternProperties", "$ref", "if", "not"];
        let Some(properties) = at.get("properties") else { return };
        let is_open = is_open.iter().any(|key| at.get(key).is_some())
            || at.get("additionalProperties").is_some_and(|more| more.bool() != Some(false));
        if is_open {
            return;
        }
        for key in required.items() {
            let Some(text) = key.text() else { continue };
            if self.refs.step(&properties, text).is_none() {
                let text = cut(text, NAME_BYTES_MAX);
                let what = format!(
                    "`{text}` is required and not among the properties; describe it or do not require it"
                );
                self.tell(&key, "api/required-unknown", what);
            }
        }
    }

    fn example(&mut self, role: &str, schema: &At<'a>, value: &At<'a>) {
        let mut check = example::Check { refs: self.refs, steps: &mut self.steps };
        if let Err(why) = check.value(schema, value, 0) {
            let at = why.at;
            let what = format!("the {role} {}; correct it or the schema", why.what);
            self.tell(&at, "api/example", what);
        }
    }

    fn example_of_type(&mut self, schema: &At<'a>, value: &At<'a>) {
        let kinds = kinds(schema);
        if !kinds.is_empty() && !example::is_of(&kinds, schema, value) {
            let what = format!(
                "{} of `enum` is no {}; correct the value or the type",
                example::shown(value),
                kinds.join(" or ")
            );
            self.tell(value, "api/enum-type", what);
        }
    }
}

fn below(place: Place, key: &str) -> Place {
    match place {
        Place::Schema => match key {
            "properties" | "patternProperties" | "$defs" | "definitions" | "dependentSchemas" => {
                Place::Schemas
            }
            "items"
            | "additionalProperties"
            | "not"
            | "contains"
            | "if"
            | "then"
            | "else"
            | "propertyNames"
            | "unevaluatedProperties"
            | "unevaluatedItems" => Place::Schema,
            "allOf" | "anyOf" | "oneOf" | "prefixItems" => Place::SchemaList,
            _ => Place::Example,
        },
        Place::Schemas | Place::SchemaList => Place::Schema,
        Place::Names => Place::Other,
        Place::Example => Place::Example,
        Place::Other => match key {
            "schema" | "payload" => Place::Schema,
            "schemas" | "definitions" => Place::Schemas,
            "paths" | "webhooks" | "channels" | "operations" | "responses" | "callbacks"
            | "parameters" | "messages" | "requestBodies" | "securitySchemes" => Place::Names,
            "example" | "examples" => Place::Example,
            // Extensions hold what they like.
            _ if key.starts_with("x-") => Place::Example,
            _ => Place::Other,
        },
    }
}
