//! OpenAPI 3.0, 3.1 and Swagger 2: each operation is a requirement, what it documents its criteria.
//!
//! Source: OpenAPI Specification 3.0.4 and 3.1.1, Swagger 2.0.

use std::collections::{HashMap, HashSet};

use loki_model::Priority;

use super::refs::Refs;
use super::schema::{Demands, Tell, called};
use super::tree::At;
use super::{check, context};
use crate::SpecProblem;
use crate::statements::{NoteKind, Statements, cut, one_line};

const METHODS: [&str; 9] =
    ["get", "put", "post", "delete", "options", "head", "patch", "trace", "query"];

/// Longest summary of an operation in its statement, in bytes.
const SUMMARY_BYTES_MAX: usize = 300;

/// Whether `root` calls itself an API description.
pub(super) fn is(root: &At<'_>) -> bool {
    root.get("openapi").is_some() || root.get("swagger").is_some()
}

/// Reads `root` into `statements`; gives back its title.
pub(super) fn read(root: &At<'_>, statements: &mut Statements) -> Option<String> {
    let refs = Refs::new(root);
    context::info(root, statements);
    let mut reader = Reader { root, refs: &refs, statements, schemes: schemes(root) };
    reader.servers();
    for (key, role) in [("paths", Role::Path), ("webhooks", Role::Webhook)] {
        if let Some(paths) = root.get(key) {
            reader.paths(&paths, role);
        }
    }
    if let Some(security) = root.get("security") {
        reader.check_security(&security);
    }
    let known = [
        "openapi",
        "swagger",
        "info",
        "servers",
        "host",
        "basePath",
        "schemes",
        "paths",
        "webhooks",
        "components",
        "definitions",
        "parameters",
        "responses",
        "securityDefinitions",
        "security",
        "tags",
        "externalDocs",
        "consumes",
        "produces",
        "jsonSchemaDialect",
    ];
    context::unknown(root, &known, statements);
    check::check(root, &refs, statements);
    root.get("info")?.text_of("title").map(str::to_owned)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Path,
    Webhook,
}

struct Reader<'r, 'a> {
    root: &'r At<'a>,
    refs: &'r Refs<'a>,
    statements: &'r mut Statements,
    schemes: HashSet<&'a str>,
}

/// Names of the security schemes that are defined.
fn schemes<'a>(root: &At<'a>) -> HashSet<&'a str> {
    let modern = root.get("components").and_then(|it| it.get("securitySchemes"));
    let schemes = modern.or_else(|| root.get("securityDefinitions"));
    schemes.map(|it| it.entries().map(|(name, _)| name).collect()).unwrap_or_default()
}

impl<'a> Reader<'_, 'a> {
    fn servers(&mut self) {
        let urls = self.root.get("servers").map(|it| it.children()).unwrap_or_default();
        for url in urls.iter().filter_map(|server| server.get("url")) {
            let text = format!("server: {}", url.text().unwrap_or_default());
            self.statements.note(NoteKind::Context, &text, url.place());
        }
        for key in ["host", "basePath"] {
            if let Some(value) = self.root.get(key) {
                let text = format!("{key}: {}", value.scalar().unwrap_or_default());
                self.statements.note(NoteKind::Context, &text, value.place());
            }
        }
    }

    fn paths(&mut self, paths: &At<'a>, role: Role) {
        let mut templates: HashMap<String, u32> = HashMap::new();
        for (path, item) in paths.entries() {
            if path.starts_with("x-") {
                continue;
            }
            let template = template(path);
            if let Some(first) = templates.get(&template).copied() {
                let what = format!(
                    "`{}` is the same path as that of line {first}; keep one of them",
                    cut(path, SUMMARY_BYTES_MAX)
                );
                self.tell(&item, "openapi/same-path", what);
            } else {
                templates.insert(template, item.line);
            }
            let Ok(target) = self.refs.resolve(&item) else { continue };
            let shared: Vec<At<'a>> =
                target.get("parameters").map(|it| it.children()).unwrap_or_default();
            for method in METHODS {
                if let Some(operation) = target.get(method).filter(At::is_map) {
                    self.operation(method, path, role, &operation, &shared);
                }
            }
        }
    }

    fn operation(
        &mut self,
        method: &str,
        path: &str,
        role: Role,
        operation: &At<'a>,
        shared: &[At<'a>],
    ) {
        let key = match role {
            Role::Path => format!("{} {path}", method.to_uppercase()),
            Role::Webhook => format!("webhook {path} {}", method.to_uppercase()),
        };
        let id = operation.text_of("operationId").map(|id| format!(" ({})", one_line(id)));
        let summary = ["summary", "description"].iter().find_map(|key| operation.text_of(key));
        let summary = summary.map(|text| format!(": {}", cut(&one_line(text), SUMMARY_BYTES_MAX)));
        let text = format!("{key}{}{}", id.unwrap_or_default(), summary.unwrap_or_default());
        let is_deprecated = operation.get("deprecated").and_then(|it| it.bool()) == Some(true);
        let priority = if is_deprecated { Priority::Could } else { Priority::Must };
        let Some(index) = self.statements.add_named(&key, &text, priority, operation.place())
        else {
            return;
        };
        self.responses(index, operation);
        self.security(index, operation);
        self.parameters(index, path, role, operation, shared);
        if let Some(body) = operation.get("requestBody") {
            self.body(index, &body);
        }
        for (name, callback) in operation.get("callbacks").iter().flat_map(At::entries) {
            let text = format!("calls back for `{}`", cut(name, SUMMARY_BYTES_MAX));
            self.statements.accept(index, &text, callback.line);
        }
        self.answers(index, operation);
    }

    /// What each status means.
    fn responses(&mut self, index: usize, operation: &At<'a>) {
        let responses = operation.get("responses").map(|it| it.entries().collect::<Vec<_>>());
        let responses = responses.unwrap_or_default();
        let mut is_any = false;
        for (status, written) in &responses {
            if status.starts_with("x-") {
                continue;
            }
            is_any = true;
            let line = written.line;
            let response = self.refs.resolve(written).unwrap_or_else(|_| written.clone());
            let schema = media(&response).find_map(|media| media.get("schema"));
            let schema = schema.or_else(|| response.get("schema"));
            let called = schema.and_then(|schema| called(&schema));
            let called = called.map(|called| format!(" with {called}")).unwrap_or_default();
            let said = response.text_of("description").map(one_line).unwrap_or_default();
            let said = if said.is_empty() { said } else { format!(": {said}") };
            let status = match *status {
                "default" => "otherwise answers".to_owned(),
                status => format!("answers {}", cut(&one_line(status), SUMMARY_BYTES_MAX)),
            };
            self.statements.accept(index, &format!("{status}{called}{said}"), line);
        }
        if !is_any {
            self.statements.problem(SpecProblem::Lint {
                line: operation.line,
                rule: "openapi/no-response",
                what: "documents no response; say what it answers, and what when it fails"
                    .to_owned(),
            });
        }
    }

    /// What is in each answer, as far as it demands more than a type.
    fn answers(&mut self, index: usize, operation: &At<'a>) {
        for (status, response) in operation.get("responses").iter().flat_map(At::entries) {
            let Ok(response) = self.refs.resolve(&response) else { continue };
            let mut demands = Demands::new(self.refs, Tell::Demanding);
            let subject = format!("answer {}", cut(&one_line(status), SUMMARY_BYTES_MAX));
            for media in media(&response).take(1) {
                if let Some(schema) = media.get("schema") {
                    demands.of(&subject, &schema);
                }
            }
            if let Some(schema) = response.get("schema") {
                demands.of(&subject, &schema);
            }
            for (name, header) in response.get("headers").iter().flat_map(At::entries) {
                let Ok(header) = self.refs.resolve(&header) else { continue };
                let schema = header.get("schema").unwrap_or(header);
                let subject = format!("{subject} header `{}`", cut(name, SUMMARY_BYTES_MAX));
                let before = demands.found.len();
                demands.of(&subject, &schema);
                if demands.found.len() == before {
                    demands.found.push((subject, schema.line));
                }
            }
            let found = demands.found;
            self.accept_all(index, found);
        }
    }

    fn accept_all(&mut self, index: usize, demands: Vec<(String, u32)>) {
        for (text, line) in demands {
            self.statements.accept(index, &text, line);
        }
    }

    fn security(&mut self, index: usize, operation: &At<'a>) {
        let own = operation.get("security");
        if let Some(own) = &own {
            self.check_security(own);
        }
        let Some(security) = own.or_else(|| self.root.get("security")) else { return };
        let one = |choice: &At<'a>| -> String {
            let schemes = choice.entries().map(|(name, scopes)| {
                let scopes: Vec<&str> = scopes.items().filter_map(|it| it.text()).collect();
                let scopes = if scopes.is_empty() {
                    String::new()
                } else {
                    format!(" ({})", scopes.join(", "))
                };
                format!("`{name}`{scopes}")
            });
            schemes.collect::<Vec<_>>().join(" and ")
        };
        let choices: Vec<String> = security.items().map(|it| one(&it)).collect();
        let text = if choices.iter().all(String::is_empty) {
            "needs no authentication".to_owned()
        } else if choices.iter().any(String::is_empty) {
            let named: Vec<_> = choices.into_iter().filter(|it| !it.is_empty()).collect();
            format!("takes {} and works without", named.join(" or "))
        } else {
            format!("requires {}", choices.join(" or "))
        };
        self.statements.accept(index, &text, security.line);
    }

    fn check_security(&mut self, security: &At<'a>) {
        for (name, scheme) in security.items().flat_map(|choice| choice.entries()) {
            if !self.schemes.contains(name) {
                let what = format!(
                    "security scheme `{}` is not defined; define it under {}",
                    cut(name, SUMMARY_BYTES_MAX),
                    if self.root.get("swagger").is_some() {
                        "securityDefinitions"
                    } else {
                        "components/securitySchemes"
                    }
                );
                self.tell(&scheme, "api/undefined-security", what);
            }
        }
    }

    fn parameters(
        &mut self,
        index: usize,
        path: &str,
        role: Role,
        operation: &At<'a>,
        shared: &[At<'a>],
    ) {
        let own = operation.get("parameters").map(|it| it.children()).unwrap_or_default();
        let mut seen: HashMap<(String, String), u32> = HashMap::new();
        let mut in_path: HashSet<String> = HashSet::new();
        let mut is_whole = true;
        for (parameter, is_own) in
            own.iter().map(|it| (it, true)).chain(shared.iter().map(|it| (it, false)))
        {
            let line = parameter.line;
            let Ok(resolved) = self.refs.resolve(parameter) else {
                is_whole = false;
                continue;
            };
            let text = |key: &str| resolved.text_of(key).map(one_line);
            let (Some(name), Some(place)) = (text("name"), text("in")) else { continue };
            let key = (name.clone(), place.clone());
            if let Some(first) = seen.get(&key).copied() {
                // Those of the operation stand for those of the path.
                if is_own {
                    let what = format!(
                        "parameter `{}` in {place} is already there in line {first}; remove one",
                        cut(&name, SUMMARY_BYTES_MAX)
                    );
                    self.tell(parameter, "openapi/duplicate-parameter", what);
                }
                continue;
            }
            seen.insert(key, line);
            let required = resolved.get("required").and_then(|it| it.bool()) == Some(true);
            if place == "path" {
                in_path.insert(name.clone());
                self.path_parameter(path, role, &name, required, parameter);
            }
            if place == "body" {
                self.body_schema(index, required, &resolved, line);
                continue;
            }
            let mut demands = Demands::new(self.refs, Tell::All);
            let schema = resolved.get("schema").unwrap_or_else(|| resolved.clone());
            let subject = format!("{place} `{}`", cut(&name, SUMMARY_BYTES_MAX));
            demands.of(&subject, &schema);
            let mut found = demands.found;
            if found.is_empty() {
                found.push((subject.clone(), line));
            }
            if let Some((first, _)) = found.first_mut()
                && required
            {
                let rest = first.strip_prefix(&subject).unwrap_or_default();
                let rest = rest.strip_prefix(": ").map(|it| format!(", {it}")).unwrap_or_default();
                *first = format!("{subject}: required{rest}");
            }
            self.accept_all(index, found);
        }
        for name in placeholders(path) {
            if is_whole && role == Role::Path && !in_path.contains(name) {
                let what = format!(
                    "`{{{}}}` is in the path and no parameter describes it; add one with `in: path`",
                    cut(name, SUMMARY_BYTES_MAX)
                );
                self.tell(operation, "openapi/path-parameter", what);
            }
        }
    }

    fn path_parameter(&mut self, path: &str, role: Role, name: &str, required: bool, at: &At<'a>) {
        let shown = cut(name, SUMMARY_BYTES_MAX);
        if role == Role::Path && !placeholders(path).any(|it| it == name) {
            let what = format!(
                "path parameter `{shown}` is not in the path; add `{{{shown}}}` or remove it"
            );
            self.tell(at, "openapi/path-parameter", what);
        } else if !required {
            let what = format!("path parameter `{shown}` has to be required; say `required: true`");
            self.tell(at, "openapi/path-parameter", what);
        }
    }

    fn body(&mut self, index: usize, body: &At<'a>) {
        let Ok(body) = self.refs.resolve(body) else { return };
        let required = body.get("required").and_then(|it| it.bool()) == Some(true);
        let first = media(&body).next().unwrap_or_else(|| body.clone());
        self.body_schema(index, required, &first, body.line);
    }

    fn body_schema(&mut self, index: usize, required: bool, holder: &At<'a>, line: u32) {
        let Some(schema) = holder.get("schema") else { return };
        if required {
            let called = called(&schema).map(|it| format!(", {it}")).unwrap_or_default();
            self.statements.accept(index, &format!("body: required{called}"), line);
        }
        let mut demands = Demands::new(self.refs, Tell::All);
        demands.of("body", &schema);
        let found = demands.found;
        self.accept_all(index, found);
    }

    fn tell(&mut self, at: &At<'a>, rule: &'static str, what: String) {
        let (line, pointer) = (at.line, at.pointer());
        self.statements.problem(SpecProblem::Contradiction { line, pointer, rule, what });
    }
}

/// The media types of a body or an answer.
fn media<'a>(holder: &At<'a>) -> impl Iterator<Item = At<'a>> + use<'a> {
    holder.get("content").into_iter().flat_map(|content| content.entries()).map(|(_, media)| media)
}

/// `/pets/{}` of `/pets/{id}`: paths that differ only in names are the same.
fn template(path: &str) -> String {
    let mut template = String::with_capacity(path.len());
    let mut is_inside = false;
    for letter in path.chars() {
        match letter {
            '{' => is_inside = true,
            '}' => is_inside = false,
            _ if is_inside => continue,
            _ => {}
        }
        template.push(letter);
    }
    template
}

fn placeholders(path: &str) -> impl Iterator<Item = &str> {
    path.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name)
}
