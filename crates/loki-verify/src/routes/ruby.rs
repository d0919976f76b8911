//! Sinatra, and what Rails' routes say word by word.

use super::{Route, method, text, uses};
use crate::syntax::Source;
use crate::syntax::call::{function_argument, positional};

pub(super) fn routes(source: &Source, path: &str) -> Vec<Route> {
    let tree = source.tree();
    let is_sinatra = uses(source, &["sinatra"]);
    let is_rails = path.ends_with("config/routes.rb");
    if !is_sinatra && !is_rails {
        return Vec::new();
    }
    let mut found = Vec::new();
    for (at, called) in source.calls() {
        let is_lower = called.path().chars().all(|c| c.is_ascii_lowercase());
        let Some(method) = method(&called.path()).filter(|_| is_lower) else { continue };
        let first = positional(tree, at).first().copied();
        let Some(path) = first.and_then(|at| text(tree, at)) else { continue };
        let is_whole = !path.contains(char::is_whitespace);
        let is_route = is_rails || path.starts_with('/') && function_argument(tree, at).is_some();
        if is_whole && is_route {
            let path = format!("/{}", path.trim_start_matches('/'));
            found.push(Route { method: Some(method), path, line: tree.line(at) });
        }
    }
    found
}
