//! JSON, by the book: no comments, no trailing commas.

use jsonc_parser::ast::{ObjectPropName, Value as Parsed};
use jsonc_parser::errors::{ParseError, ParseErrorKind};
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};

use super::{
    DEPTH_MAX, Document, Entry, Fault, NODES_MAX, Node, Repeated, Value, line_number, map,
};

const STRICT: ParseOptions = ParseOptions {
    allow_comments: false,
    allow_loose_object_property_names: false,
    allow_trailing_commas: false,
    allow_missing_commas: false,
    allow_single_quoted_strings: false,
    allow_hexadecimal_numbers: false,
    allow_unary_plus_numbers: false,
    allow_bare_decimal_point_numbers: false,
    allow_non_finite_numbers: false,
    allow_extended_string_escapes: false,
};

pub(super) fn parse(text: &str) -> Result<Document, Fault> {
    let parsed =
        parse_to_ast(text, &CollectOptions::default(), &STRICT).map_err(|err| fault(&err))?;
    let mut reader = Reader {
        line_starts: std::iter::once(0)
            .chain(text.match_indices('\n').map(|(at, _)| at + 1))
            .collect(),
        nodes: 0,
        repeated: Vec::new(),
    };
    let Some(root) = parsed.value else {
        return Err(Fault { line: 1, column: 1, what: "there is nothing here".to_owned() });
    };
    let root = reader.node(root, 0)?;
    Ok(Document { root, repeated: reader.repeated })
}

struct Reader {
    line_starts: Vec<usize>,
    nodes: usize,
    repeated: Vec<Repeated>,
}

impl Reader {
    fn node(&mut self, parsed: Parsed<'_>, depth: usize) -> Result<Node, Fault> {
        let range = match &parsed {
            Parsed::StringLit(it) => it.range,
            Parsed::NumberLit(it) => it.range,
            Parsed::BooleanLit(it) => it.range,
            Parsed::Object(it) => it.range,
            Parsed::Array(it) => it.range,
            Parsed::NullKeyword(it) => it.range,
        };
        let line = self.line_of(range.start);
        self.nodes += 1;
        let refuse = |what: String| Err(Fault { line, column: 1, what });
        if depth > DEPTH_MAX {
            return refuse(format!("nested deeper than {DEPTH_MAX} levels; make it flatter"));
        }
        if self.nodes > NODES_MAX {
            return refuse(format!("more than {NODES_MAX} values; split the file"));
        }
        let value = match parsed {
            Parsed::NullKeyword(_) => Value::Null,
            Parsed::BooleanLit(it) => Value::Bool(it.value),
            Parsed::NumberLit(it) => Value::Number(it.value.to_owned()),
            Parsed::StringLit(it) => Value::Text(it.value.into_owned()),
            Parsed::Array(it) => {
                let items = it.elements.into_iter().map(|item| self.node(item, depth + 1));
                Value::List(items.collect::<Result<_, _>>()?)
            }
            Parsed::Object(it) => {
                let mut entries = Vec::with_capacity(it.properties.len());
                for property in it.properties {
                    let line = self.line_of(property.range.start);
                    let key = match property.name {
                        ObjectPropName::String(name) => name.value.into_owned(),
                        ObjectPropName::Word(word) => word.value.to_owned(),
                    };
                    entries.push(Entry { key, line, value: self.node(property.value, depth + 1)? });
                }
                map(entries, &mut self.repeated)
            }
        };
        Ok(Node { value, line })
    }

    fn line_of(&self, offset: usize) -> u32 {
        line_number(self.line_starts.partition_point(|start| *start <= offset))
    }
}

fn fault(err: &ParseError) -> Fault {
    let hint = match err.kind() {
        ParseErrorKind::TrailingCommasNotAllowed => "; remove the last comma",
        ParseErrorKind::CommentsNotAllowed => "; JSON has none, remove it",
        ParseErrorKind::ExpectedComma => "; put one between the two",
        ParseErrorKind::UnterminatedArray => "; close it with `]`",
        ParseErrorKind::UnterminatedObject => "; close it with `}`",
        ParseErrorKind::SingleQuotedStringsNotAllowed => "; use double quotes",
        ParseErrorKind::MultipleRootJsonValues => "; keep one",
        ParseErrorKind::NestingDepthExceeded => "; make it flatter",
        _ => "; mend it there",
    };
    Fault {
        line: line_number(err.line_display()),
        column: line_number(err.column_display()),
        what: format!("{}{hint}", lower(&err.kind().to_string())),
    }
}

fn lower(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}
