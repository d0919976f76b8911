//! AsyncAPI 2 and 3: each operation of a channel is a requirement, its messages its criteria.
//!
//! Source: AsyncAPI Specification 2.6.0 and 3.0.0.

use std::collections::HashSet;

use loki_model::Priority;

use super::refs::{Lost, Refs, name, reference};
use super::schema::{Demands, Tell};
use super::tree::At;
use super::{check, context};
use crate::SpecProblem;
use crate::statements::{NoteKind, Statements, cut, one_line};

/// Longest name or summary in a statement, in bytes.
const WORDS_BYTES_MAX: usize = 300;

pub(super) fn is(root: &At<'_>) -> bool {
    root.get("asyncapi").is_some()
}

/// Reads `root` into `statements`; gives back its title.
pub(super) fn read(root: &At<'_>, statements: &mut Statements) -> Option<String> {
    let refs = Refs::new(root);
    context::info(root, statements);
    let schemes = root.get("components").and_then(|it| it.get("securitySchemes"));
    let schemes = schemes.map(|it| it.entries().map(|(name, _)| name).collect());
    let mut reader = Reader { refs: &refs, statements, schemes: schemes.unwrap_or_default() };
    reader.servers(root);
    for (channel, item) in root.get("channels").iter().flat_map(At::entries) {
        reader.channel(channel, &item);
    }
    for (id, operation) in root.get("operations").iter().flat_map(At::entries) {
        reader.operation(id, &operation);
    }
    let known = [
        "asyncapi",
        "id",
        "info",
        "servers",
        "defaultContentType",
        "channels",
        "operations",
        "components",
        "tags",
        "externalDocs",
    ];
    context::unknown(root, &known, statements);
    check::check(root, &refs, statements);
    root.get("info")?.text_of("title").map(str::to_owned)
}

struct Reader<'r, 'a> {
    refs: &'r Refs<'a>,
    statements: &'r mut Statements,
    schemes: HashSet<&'a str>,
}

impl<'a> Reader<'_, 'a> {
    fn servers(&mut self, root: &At<'a>) {
        for (name, server) in root.get("servers").iter().flat_map(At::entries) {
            let Ok(server) = self.refs.resolve(&server) else { continue };
            let place = ["url", "host"].iter().find_map(|key| server.text_of(key));
            let text = format!("server {name}: {}", place.unwrap_or_default());
            self.statements.note(NoteKind::Context, &text, server.place());
            self.security(&server);
        }
    }

    /// Version 2: operations stand in their channel.
    fn channel(&mut self, channel: &str, item: &At<'a>) {
        let Ok(item) = self.refs.resolve(item) else { return };
        for action in ["publish", "subscribe"] {
            let Some(operation) = item.get(action).filter(At::is_map) else { continue };
            let Some(index) = self.add(action, channel, None, &operation) else { continue };
            self.parameters(index, &item);
            for message in operation.get("message").into_iter().flat_map(|it| alternatives(&it)) {
                self.message(index, &message);
            }
            self.security(&operation);
        }
    }

    /// Version 3: operations refer to their channel.
    fn operation(&mut self, id: &str, written: &At<'a>) {
        let Ok(operation) = self.refs.resolve(written) else { return };
        let action = operation.text_of("action").map(one_line).unwrap_or_default();
        if !["send", "receive"].contains(&action.as_str()) {
            self.statements.problem(SpecProblem::Lint {
                line: operation.line,
                rule: "asyncapi/action",
                what: "an operation without `action`; say `send` or `receive`".to_owned(),
            });
        }
        let reference = operation.get("channel");
        let called = reference.as_ref().and_then(|it| reference_name(it)).unwrap_or_default();
        let channel = reference.and_then(|it| self.refs.resolve(&it).ok());
        let address = channel.as_ref().and_then(|it| it.text_of("address")).map(one_line);
        let place = address.unwrap_or(called);
        let Some(index) = self.add(&action, &place, Some(id), &operation) else { return };
        if let Some(channel) = &channel {
            self.parameters(index, channel);
        }
        let messages = match operation.get("messages") {
            Some(messages) => messages.children(),
            // Without any, all of the channel's.
            None => channel
                .and_then(|it| it.get("messages"))
                .map(|it| it.children())
                .unwrap_or_default(),
        };
        for message in messages {
            self.message(index, &message);
        }
        if let Some(reply) = operation.get("reply").and_then(|it| self.refs.resolve(&it).ok()) {
            let on = reply.get("channel").and_then(|it| reference_name(&it));
            let on = on.map(|name| format!(" on `{name}`")).unwrap_or_default();
            self.statements.accept(index, &format!("is replied to{on}"), reply.line);
        }
        self.security(&operation);
    }

    fn add(&mut self, action: &str, channel: &str, id: Option<&str>, at: &At<'a>) -> Option<usize> {
        let channel = cut(&one_line(channel), WORDS_BYTES_MAX);
        let id =
            id.or_else(|| at.text_of("operationId")).map(|id| cut(&one_line(id), WORDS_BYTES_MAX));
        let key = match &id {
            Some(id) => format!("{action} {channel} {id}"),
            None => format!("{action} {channel}"),
        };
        let id = id.map(|id| format!(" ({id})")).unwrap_or_default();
        let summary = ["summary", "title", "description"].iter().find_map(|key| at.text_of(key));
        let summary = summary.map(|text| format!(": {}", cut(&one_line(text), WORDS_BYTES_MAX)));
        let text = format!("{action} `{channel}`{id}{}", summary.unwrap_or_default());
        self.statements.add_named(&key, &text, Priority::Must, at.place())
    }

    fn parameters(&mut self, index: usize, channel: &At<'a>) {
        for (name, parameter) in channel.get("parameters").iter().flat_map(At::entries) {
            let Ok(parameter) = self.refs.resolve(&parameter) else { continue };
            let subject = format!("parameter `{}`", cut(name, WORDS_BYTES_MAX));
            let mut demands = Demands::new(self.refs, Tell::All);
            demands.of(&subject, &parameter.get("schema").unwrap_or_else(|| parameter.clone()));
            if demands.found.is_empty() {
                demands.found.push((subject, parameter.line));
            }
            for (text, line) in demands.found {
                self.statements.accept(index, &text, line);
            }
        }
    }

    fn message(&mut self, index: usize, written: &At<'a>) {
        let by_reference = reference_name(written);
        let message = match self.refs.resolve(written) {
            Ok(message) => message,
            Err(Lost::Elsewhere | Lost::Missing | Lost::Circle) => return,
        };
        let own = ["name", "title"].iter().find_map(|key| message.text_of(key)).map(one_line);
        let called = own.or(by_reference).unwrap_or_else(|| "message".to_owned());
        let called = cut(&called, WORDS_BYTES_MAX);
        let said = ["summary", "description"].iter().find_map(|key| message.text_of(key));
        let said = said.map(|text| format!(": {}", one_line(text))).unwrap_or_default();
        self.statements.accept(index, &format!("message `{called}`{said}"), written.line);
        let mut demands = Demands::new(self.refs, Tell::All);
        for (key, part) in [("payload", ""), ("headers", " header")] {
            if let Some(schema) = message.get(key) {
                // Schemas of other languages (Avro, Protobuf) come wrapped.
                let schema = schema.get("schema").unwrap_or(schema);
                demands.of(&format!("`{called}`{part}"), &schema);
            }
        }
        for (text, line) in demands.found {
            self.statements.accept(index, &text, line);
        }
    }

    fn security(&mut self, holder: &At<'a>) {
        for choice in holder.get("security").iter().flat_map(At::items) {
            // Version 3 refers to schemes, which is checked like every other reference.
            for (name, scheme) in
                choice.entries().filter(|(name, scheme)| *name != "$ref" && scheme.is_list())
            {
                if !self.schemes.contains(name) {
                    let what = format!(
                        "security scheme `{}` is not defined; define it under components/securitySchemes",
                        cut(name, WORDS_BYTES_MAX)
                    );
                    let (line, pointer) = (scheme.line, scheme.pointer());
                    let rule = "api/undefined-security";
                    self.statements.problem(SpecProblem::Contradiction {
                        line,
                        pointer,
                        rule,
                        what,
                    });
                }
            }
        }
    }
}

fn reference_name(at: &At<'_>) -> Option<String> {
    reference(at).map(name)
}

/// A message, or each that it may be.
fn alternatives<'a>(message: &At<'a>) -> Vec<At<'a>> {
    message.get("oneOf").map_or_else(|| vec![message.clone()], |of| of.children())
}
