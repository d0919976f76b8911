//! express, fastify, koa's router, hono.

use super::{Route, address, declared, known_as, made, method, text};
use crate::syntax::call::{Chain, arguments_in, keyword};
use crate::syntax::{At, Source};

const MODULES: &[&str] = &["express", "fastify", "@koa/router", "koa-router", "hono"];

pub(super) fn routes(source: &Source) -> Vec<Route> {
    let known = known_as(source, MODULES);
    let tree = source.tree();
    let is_required = |chain: &Chain| {
        let first = chain.links.first().filter(|link| link.name == "require");
        let given = first.and_then(|link| arguments_in(tree, link.arguments?).first().copied());
        given.and_then(|at| text(tree, at)).is_some_and(|name| MODULES.contains(&name.as_str()))
    };
    let is_router = |chain: &Chain, at: At| {
        made(source, chain, at)
            .is_some_and(|made| known.contains(&made.first_name()) || is_required(&made))
    };
    let mut found = Vec::new();
    for (at, chain) in source.calls() {
        let line = tree.line(at);
        let (Some(first), Some(last)) = (chain.links.get(1), chain.links.last()) else { continue };
        let given = |arguments: Option<At>| {
            let arguments = arguments.map(|at| arguments_in(tree, at)).unwrap_or_default();
            (arguments.first().and_then(|at| address(tree, *at)), arguments.len())
        };
        if chain.root.is_some() || !is_router(&chain, at) {
            continue;
        }
        let declared = declared(&last.name);
        match chain.links.len() {
            // `app.get('setting')` asks for a setting.
            2 => match (declared, given(last.arguments)) {
                (Some(method), (Some(path), 2..)) => found.push(Route { method, path, line }),
                _ if last.name == "route" => {
                    let path = keyword(tree, at, "url").and_then(|at| address(tree, at));
                    let name = keyword(tree, at, "method").and_then(|at| text(tree, at));
                    let method = name.and_then(|name| method(&name));
                    found.extend(path.zip(method).map(|(path, method)| Route {
                        method: Some(method),
                        path,
                        line,
                    }));
                }
                _ => {}
            },
            _ if first.name == "route" => {
                if let (Some(method), (Some(path), _)) = (declared, given(first.arguments)) {
                    found.push(Route { method, path, line });
                }
            }
            _ => {}
        }
    }
    found
}
