//! net/http, gin, gorilla/mux, chi, echo.

use std::collections::BTreeMap;

use super::{METHODS, Route, address, method, text, uses};
use crate::syntax::call::arguments_in;
use crate::syntax::{At, Source};

const CAPITALS: &[&str] = &["github.com/gin-gonic/gin", "github.com/labstack/echo"];
const CHI: &[&str] = &["github.com/go-chi/chi"];
const HANDLERS: &[&str] = &["net/http", "github.com/gorilla/mux", "github.com/go-chi/chi"];

pub(super) fn routes(source: &Source) -> Vec<Route> {
    let tree = source.tree();
    let (capitals, chi) = (uses(source, CAPITALS), uses(source, CHI));
    let handlers = uses(source, HANDLERS);
    let given =
        |arguments: Option<At>| arguments.map(|at| arguments_in(tree, at)).unwrap_or_default();
    // `r.HandleFunc("/pets", f).Methods("GET")`
    let mut restricted: BTreeMap<At, Vec<&'static str>> = BTreeMap::new();
    for (_, chain) in source.calls() {
        let [.., handler, last] = chain.links.as_slice() else { continue };
        if last.name == "Methods" {
            let names = given(last.arguments).into_iter().filter_map(|at| {
                let name = text(tree, at).unwrap_or_else(|| tree.text(at).to_owned());
                method(name.trim_start_matches("http.Method"))
            });
            restricted.insert(handler.at, names.collect());
        }
    }
    let mut found = Vec::new();
    for (at, chain) in source.calls() {
        let Some(last) = chain.links.last().filter(|_| chain.links.len() >= 2) else { continue };
        let arguments = given(last.arguments);
        let [first, _, ..] = arguments.as_slice() else { continue };
        let line = tree.line(at);
        let is_method = capitals && METHODS.contains(&last.name.as_str())
            || chi && method(&last.name).is_some() && last.name.starts_with(char::is_uppercase);
        if is_method {
            let path = address(tree, *first);
            found.extend(path.map(|path| Route { method: method(&last.name), path, line }));
        } else if handlers && matches!(last.name.as_str(), "HandleFunc" | "Handle") {
            let Some((own, path)) = text(tree, *first).and_then(|text| pattern(&text)) else {
                continue;
            };
            let methods = restricted.get(&last.at).cloned().unwrap_or_default();
            let of = |method| Route { method, path: path.clone(), line };
            match (own, methods.as_slice()) {
                (None, []) => found.push(of(None)),
                (None, methods) => found.extend(methods.iter().map(|one| of(Some(*one)))),
                (own, _) => found.push(of(own)),
            }
        }
    }
    found
}

/// `GET /pets` or `/pets`; what ends in a slash is a whole tree of addresses.
fn pattern(text: &str) -> Option<(Option<&'static str>, String)> {
    let (own, path) = match text.split_once(' ') {
        Some((name, path)) => (Some(method(name)?), path.trim()),
        None => (None, text),
    };
    let is_one = path.starts_with('/') && !path.ends_with('/');
    is_one.then(|| (own, path.to_owned()))
}
