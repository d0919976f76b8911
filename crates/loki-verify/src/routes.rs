//! Operations of HTTP APIs that code declares, and those that no spec names.
//!
//! Owns how frameworks declare them. Only what is surely one counts: the framework is imported in the very
//! file, the address is written out, and what it is declared on was made by the framework where the language
//! lets that be seen. Addresses that are put together while the program runs, and prefixes of mounted
//! routers, are not followed: an address is named when a spec has one that ends like it.

use std::collections::BTreeSet;

use crate::kind::{Kind, kind};
use crate::layout::parent;
use crate::syntax::call::{Chain, unquoted};
use crate::syntax::{At, Import, Language, Role, Source, Tree};

mod annotated;
mod go;
mod python;
mod ruby;
mod rust;
mod script;

/// One operation that code declares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// In capitals; nothing where any method is answered.
    pub method: Option<&'static str>,
    /// As written, from `/`.
    pub path: String,
    /// 1-based line of the declaration.
    pub line: u32,
}

impl std::fmt::Display for Route {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.method.unwrap_or("any method of"), self.path)
    }
}

/// A file of code, and what it declares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Routes {
    /// From the root of the repository.
    pub path: String,
    /// In the order of the text.
    pub routes: Vec<Route>,
}

const METHODS: &[&str] = &["GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE"];

/// Some word that every file with operations has; others are not worth a tree.
const FRAMEWORKS: &[&str] = &[
    "express",
    "fastify",
    "koa",
    "hono",
    "flask",
    "fastapi",
    "django",
    "axum",
    "actix_web",
    "net/http",
    "gin-gonic",
    "gorilla/mux",
    "go-chi",
    "labstack/echo",
    "springframework",
    "sinatra",
    "Rails",
];

/// Whether a file can declare operations, as far as its path tells.
pub fn may_hold_routes(path: &str) -> bool {
    kind(path) == Kind::Source && Language::of(path).is_some()
}

/// The operations that the text of a file declares; nothing in tests, and where it can not be parsed.
pub fn routes(path: &str, text: &str) -> Routes {
    let is_worth_it = || FRAMEWORKS.iter().any(|word| text.contains(word));
    let source = (may_hold_routes(path) && is_worth_it()).then(|| Source::parse(path, text));
    let routes = source.flatten().map_or_else(Vec::new, |source| match source.language() {
        Language::JavaScript | Language::TypeScript | Language::Tsx => script::routes(&source),
        Language::Python => python::routes(&source, path),
        Language::Go => go::routes(&source),
        Language::Rust => rust::routes(&source),
        Language::Java | Language::Kotlin => annotated::routes(&source),
        Language::Ruby => ruby::routes(&source, path),
        _ => Vec::new(),
    });
    Routes { path: path.to_owned(), routes }
}

/// What runs beside every API and is seldom part of what it promises.
const OPERATIONAL: &[&str] = &[
    "health",
    "healthz",
    "healthcheck",
    "livez",
    "readyz",
    "ready",
    "live",
    "ping",
    "metrics",
    "status",
    "version",
    "docs",
    "redoc",
    "swagger",
    "api-docs",
    "openapi.json",
    "openapi.yaml",
    "swagger.json",
    "favicon.ico",
    "robots.txt",
];

/// What of `files` is declared and in none of `operations`, each a method in capitals and a path.
///
/// Only of folders in which something is declared that the operations name: other folders may belong to
/// another program, of which the spec does not speak.
pub fn unnamed<'a>(
    files: &'a [Routes],
    operations: &[(String, String)],
) -> Vec<(&'a str, &'a Route)> {
    let is_named = |route: &Route| operations.iter().any(|one| names(one, route));
    let has_named = |file: &&Routes| file.routes.iter().any(is_named);
    let spoken_of: BTreeSet<&str> =
        files.iter().filter(has_named).map(|file| parent(&file.path)).collect();
    let files = files.iter().filter(|file| spoken_of.contains(parent(&file.path)));
    let all = files.flat_map(|file| file.routes.iter().map(|route| (file.path.as_str(), route)));
    all.filter(|(_, route)| !is_named(route) && !is_operational(&route.path)).collect()
}

/// Whether the operation, a method in capitals and a path, may be what `route` declares.
pub fn names(operation: &(String, String), route: &Route) -> bool {
    let (method, path) = operation;
    let is_method = route.method.is_none_or(|own| own == method);
    let (mut own, mut other) = (parts(&route.path), parts(path));
    let shorter = own.len().min(other.len());
    // Nothing is known of what comes before: a mounted router here, the address of a server there.
    let (own, other) = (own.split_off(own.len() - shorter), other.split_off(other.len() - shorter));
    is_method && own.iter().zip(&other).all(|(a, b)| a == b || is_open(a) || is_open(b))
}

fn is_operational(path: &str) -> bool {
    let parts = parts(path);
    let is_known = |part: &&str| OPERATIONAL.contains(part);
    parts.is_empty() || parts.iter().any(|part| part.contains('*')) || parts.iter().any(is_known)
}

fn parts(path: &str) -> Vec<&str> {
    path.split('/').filter(|part| !part.is_empty()).collect()
}

/// Whether any text may stand in place of this part of an address.
fn is_open(part: &str) -> bool {
    part.starts_with([':', '<', '*', '(']) || part.contains(['{', '*'])
}

/// The method that is called so, in any case.
fn method(name: &str) -> Option<&'static str> {
    METHODS.iter().find(|method| method.eq_ignore_ascii_case(name)).copied()
}

/// The methods of a declaration by the name of what declares it: one, any for `all`; nothing for another.
fn declared(name: &str) -> Option<Option<&'static str>> {
    if name == "all" || name == "any" { Some(None) } else { method(name).map(Some) }
}

/// A text that is written out whole.
fn text(tree: &Tree, at: At) -> Option<String> {
    let at = tree.bare(at);
    let is_whole = tree.inside(at).all(|inner| tree.role(inner) != Role::Filled);
    (tree.role(at) == Role::Text && is_whole).then(|| unquoted(tree.text(at)).to_owned())
}

/// An address that is written out whole.
fn address(tree: &Tree, at: At) -> Option<String> {
    text(tree, at).filter(|path| path.starts_with('/') && !path.contains(char::is_whitespace))
}

/// Names by which the file calls what it takes from one of `modules`, or from what is inside of one.
fn known_as<'a>(source: &'a Source, modules: &[&str]) -> Vec<&'a str> {
    taken(source, modules).flat_map(|import| &import.known_as).map(String::as_str).collect()
}

/// Whether the file takes anything from one of `modules`.
fn uses(source: &Source, modules: &[&str]) -> bool {
    taken(source, modules).next().is_some()
}

fn taken<'a>(source: &'a Source, modules: &[&str]) -> impl Iterator<Item = &'a Import> {
    let is_inside = |rest: &str| rest.is_empty() || rest.starts_with(['/', '.', ':']);
    source.imports().iter().filter(move |import| {
        modules.iter().filter_map(|one| import.module.strip_prefix(*one)).any(is_inside)
    })
}

/// What the name that a chain begins with was given, where that is one thing.
fn made(source: &Source, chain: &Chain, at: At) -> Option<Chain> {
    let reading = source.reading();
    let value = reading.names.value(reading.tree, chain.first_name(), at)?;
    Some(crate::syntax::call::chain(reading.tree, value))
}

#[cfg(test)]
mod tests;
