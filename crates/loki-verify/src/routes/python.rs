//! Flask, FastAPI, Django.

use super::{Route, address, known_as, made, method, text};
use crate::layout::file_name;
use crate::syntax::call::{Chain, arguments, chain, keyword, positional};
use crate::syntax::{At, Role, Source, Tree};

/// What operations are declared on.
const MAKERS: &[&str] = &["Flask", "Blueprint", "FastAPI", "APIRouter"];

pub(super) fn routes(source: &Source, path: &str) -> Vec<Route> {
    let tree = source.tree();
    let known = known_as(source, &["flask", "fastapi"]);
    let django = known_as(source, &["django.urls"]);
    let is_urls = file_name(path) == "urls.py" && django.contains(&"path");
    let mut found = Vec::new();
    for (at, called) in source.calls() {
        let is_decorator = tree.around(at).is_some_and(|at| tree.role(at) == Role::Decorator);
        if is_urls {
            found.extend(django_path(tree, at, &called));
        }
        if !is_decorator || called.links.len() != 2 || called.root.is_some() {
            continue;
        }
        let is_app = made(source, &called, at).is_some_and(|made| {
            known.contains(&made.first_name()) && MAKERS.contains(&made.last_name())
        });
        let given = positional(tree, at).first().copied().or_else(|| keyword(tree, at, "path"));
        let Some(path) = given.and_then(|at| address(tree, at)).filter(|_| is_app) else {
            continue;
        };
        let line = tree.line(at);
        let of = |method| Route { method: Some(method), path: path.clone(), line };
        match called.last_name() {
            "route" | "api_route" => found.extend(methods(tree, at).into_iter().map(of)),
            name => found.extend(method(name).map(of)),
        }
    }
    found
}

/// `methods=["GET", "POST"]`; GET where nothing is said.
fn methods(tree: &Tree, call: At) -> Vec<&'static str> {
    let Some(list) = keyword(tree, call, "methods") else { return vec!["GET"] };
    let texts = tree.inside(list).filter_map(|at| text(tree, at));
    let mut methods: Vec<&'static str> = texts.filter_map(|name| method(&name)).collect();
    methods.dedup();
    methods
}

/// `path("pets/<int:id>", views.pet)`; what is included has a prefix of its own.
fn django_path(tree: &Tree, at: At, called: &Chain) -> Option<Route> {
    let given = arguments(tree, at);
    let [first, second, ..] = given.as_slice() else { return None };
    if called.path() != "path" || chain(tree, *second).path().starts_with("include") {
        return None;
    }
    let path = text(tree, *first)?;
    let is_address = !path.contains(char::is_whitespace);
    is_address.then(|| Route { method: None, path: format!("/{path}"), line: tree.line(at) })
}
