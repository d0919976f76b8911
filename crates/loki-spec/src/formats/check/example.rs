//! Whether a value is what a schema says.
//!
//! Source: JSON Schema 2020-12 and the Schema Objects of OpenAPI 3.0 and 3.1. What is not compared
//! (formats, `not`, conditions, `multipleOf`) counts as met: an example is only wrong for sure.

use regex::RegexBuilder;

use super::super::refs::Refs;
use super::super::schema::kinds;
use super::super::tree::{At, Value};
use super::{EXAMPLE_STEPS_MAX, NAME_BYTES_MAX};
use crate::statements::cut;

/// Deepest nesting that is compared.
const DEPTH_MAX: usize = 20;

/// Largest compiled pattern, in bytes.
const PATTERN_BYTES_MAX: usize = 1 << 16;

/// A value that is not what its schema says.
pub(super) struct Wrong<'a> {
    /// The innermost value that is wrong.
    pub(super) at: At<'a>,
    pub(super) what: String,
}

pub(super) struct Check<'r, 'a> {
    pub(super) refs: &'r Refs<'a>,
    pub(super) steps: &'r mut usize,
}

impl<'a> Check<'_, 'a> {
    pub(super) fn value(
        &mut self,
        schema: &At<'a>,
        value: &At<'a>,
        depth: usize,
    ) -> Result<(), Wrong<'a>> {
        let Ok(schema) = self.refs.resolve(schema) else { return Ok(()) };
        // A schema is searched for each of its words.
        *self.steps += 1 + schema.len() / 16;
        if depth > DEPTH_MAX || *self.steps > EXAMPLE_STEPS_MAX || !schema.is_map() {
            return Ok(());
        }
        let wrong = |what: String| Err(Wrong { at: value.clone(), what });
        let kinds = kinds(&schema);
        let is_nullable = schema.get("nullable").and_then(|it| it.bool()) == Some(true);
        if is_nullable && matches!(value.node.value, Value::Null) {
            return Ok(());
        }
        if !kinds.is_empty() && !is_of(&kinds, &schema, value) {
            return wrong(format!("{} is no {}", shown(value), kinds.join(" or ")));
        }
        if let Some(values) = schema.get("enum")
            && values.is_list()
            && !values.items().any(|allowed| same(&allowed, value))
        {
            return wrong(format!("{} is none of `enum`", shown(value)));
        }
        if let Some(only) = schema.get("const")
            && !same(&only, value)
        {
            return wrong(format!("{} is not {}", shown(value), shown(&only)));
        }
        self.size(&schema, value)?;
        self.text(&schema, value)?;
        self.object(&schema, value, depth)?;
        if let Some(items) = schema.get("items").filter(At::is_map) {
            for item in value.items() {
                self.value(&items, &item, depth + 1)?;
            }
        }
        for part in schema.get("allOf").map(|all| all.children()).unwrap_or_default() {
            self.value(&part, value, depth + 1)?;
        }
        for key in ["anyOf", "oneOf"] {
            let parts = schema.get(key).map(|any| any.children()).unwrap_or_default();
            if !parts.is_empty()
                && !parts.iter().any(|part| self.value(part, value, depth + 1).is_ok())
            {
                return wrong(format!("{} is none of `{key}`", shown(value)));
            }
        }
        Ok(())
    }

    fn size(&self, schema: &At<'a>, value: &At<'a>) -> Result<(), Wrong<'a>> {
        let limit = |key: &str| schema.get(key).and_then(|it| it.number());
        let wrong = |what: String| Err(Wrong { at: value.clone(), what });
        let (size, least, most, unit) = match &value.node.value {
            Value::Number(_) => (value.number(), "minimum", "maximum", ""),
            Value::Text(text) => {
                (Some(text.chars().count() as f64), "minLength", "maxLength", " characters")
            }
            Value::List(items) => (Some(items.len() as f64), "minItems", "maxItems", " items"),
            Value::Map(entries) => {
                (Some(entries.len() as f64), "minProperties", "maxProperties", " properties")
            }
            Value::Null | Value::Bool(_) => return Ok(()),
        };
        let Some(size) = size else { return Ok(()) };
        let has = |unit: &str| match unit {
            "" => shown(value),
            unit => format!("{} has {size}{unit} and", shown(value)),
        };
        if let Some(least) = limit(least).filter(|least| size < *least) {
            return wrong(format!("{} is less than {least}", has(unit)));
        }
        if let Some(most) = limit(most).filter(|most| size > *most) {
            return wrong(format!("{} is more than {most}", has(unit)));
        }
        if unit.is_empty() {
            let flag = |key: &str| schema.get(key).and_then(|it| it.bool()) == Some(true);
            let low =
                limit("exclusiveMinimum").or(limit("minimum").filter(|_| flag("exclusiveMinimum")));
            if let Some(low) = low.filter(|low| size <= *low) {
                return wrong(format!("{} is not more than {low}", shown(value)));
            }
            let high =
                limit("exclusiveMaximum").or(limit("maximum").filter(|_| flag("exclusiveMaximum")));
            if let Some(high) = high.filter(|high| size >= *high) {
                return wrong(format!("{} is not less than {high}", shown(value)));
            }
        }
        Ok(())
    }

    fn text(&mut self, schema: &At<'a>, value: &At<'a>) -> Result<(), Wrong<'a>> {
        let (Some(pattern), Some(text)) = (schema.text_of("pattern"), value.text()) else {
            return Ok(());
        };
        // Compiling one is dear.
        *self.steps += 100;
        let pattern_of = RegexBuilder::new(pattern).size_limit(PATTERN_BYTES_MAX).build();
        match pattern_of {
            Ok(compiled) if !compiled.is_match(text) => {
                let pattern = cut(pattern, NAME_BYTES_MAX);
                let what = format!("{} does not match `{pattern}`", shown(value));
                Err(Wrong { at: value.clone(), what })
            }
            // Patterns of JavaScript that this library does not know are not compared.
            _ => Ok(()),
        }
    }

    fn object(&mut self, schema: &At<'a>, value: &At<'a>, depth: usize) -> Result<(), Wrong<'a>> {
        if !value.is_map() {
            return Ok(());
        }
        for key in schema.get("required").map(|list| list.children()).unwrap_or_default() {
            *self.steps += 1;
            let Some(key) = key.text() else { continue };
            if *self.steps <= EXAMPLE_STEPS_MAX && self.refs.step(value, key).is_none() {
                let key = cut(key, NAME_BYTES_MAX);
                return Err(Wrong {
                    at: value.clone(),
                    what: format!("lacks `{key}`, which is required"),
                });
            }
        }
        let properties = schema.get("properties");
        let closed = schema.get("additionalProperties").and_then(|it| it.bool()) == Some(false)
            && schema.get("patternProperties").is_none();
        for (key, part) in value.entries() {
            let property = properties.as_ref().and_then(|all| self.refs.step(all, key));
            match property {
                Some(property) => self.value(&property, &part, depth + 1)?,
                None if closed => {
                    let key = cut(key, NAME_BYTES_MAX);
                    return Err(Wrong {
                        at: part,
                        what: format!("has `{key}`, which the schema does not allow"),
                    });
                }
                None => {}
            }
        }
        Ok(())
    }
}

/// Whether `value` is of one of `kinds`.
pub(super) fn is_of(kinds: &[&str], schema: &At<'_>, value: &At<'_>) -> bool {
    let is = |kind: &&str| match (*kind, &value.node.value) {
        ("null", Value::Null)
        | ("boolean", Value::Bool(_))
        | ("number", Value::Number(_))
        | ("array", Value::List(_))
        | ("object", Value::Map(_))
        | ("string", Value::Text(_))
        | ("file", _) => true,
        ("integer", Value::Number(_)) => value.number().is_none_or(|number| number.fract() == 0.0),
        // Types that nobody knows.
        (kind, _) => {
            !["null", "boolean", "number", "integer", "array", "object", "string"].contains(&kind)
        }
    };
    kinds.iter().any(is)
        || matches!(value.node.value, Value::Null)
            && schema.get("nullable").and_then(|it| it.bool()) == Some(true)
}

/// Whether two values are equal, as far as scalars go: lists and maps count as equal.
fn same(a: &At<'_>, b: &At<'_>) -> bool {
    match (&a.node.value, &b.node.value) {
        (Value::Null, Value::Null)
        | (Value::List(_), Value::List(_))
        | (Value::Map(_), Value::Map(_)) => true,
        (Value::Bool(a), Value::Bool(b)) => a == b,
        (Value::Text(a), Value::Text(b)) => a == b,
        (Value::Number(_), Value::Number(_)) => a.number() == b.number(),
        _ => false,
    }
}

/// A value for a message: short, and never a whole document.
pub(super) fn shown(value: &At<'_>) -> String {
    match &value.node.value {
        Value::Null => "`null`".to_owned(),
        Value::Bool(is) => format!("`{is}`"),
        Value::Number(text) => format!("`{}`", cut(text, NAME_BYTES_MAX)),
        Value::Text(text) => {
            format!("\"{}\"", cut(&crate::statements::one_line(text), NAME_BYTES_MAX))
        }
        Value::List(_) => "a list".to_owned(),
        Value::Map(_) => "an object".to_owned(),
    }
}
