//! axum, actix-web.

use std::sync::LazyLock;

use regex::Regex;

use super::{Route, address, declared, method, uses};
use crate::syntax::call::{arguments_in, chain};
use crate::syntax::{Role, Source};

/// `#[get("/pets")]`
static ATTRIBUTE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r#"^#\[\s*(?:\w+::)?(get|put|post|delete|options|head|patch|trace)\(\s*"(/[^"\s]*)""#,
    )
    .ok()
});

pub(super) fn routes(source: &Source) -> Vec<Route> {
    let tree = source.tree();
    let mut found = Vec::new();
    if uses(source, &["axum"]) {
        for (at, called) in source.calls() {
            let Some(last) = called.links.last().filter(|last| last.name == "route") else {
                continue;
            };
            let given = last.arguments.map(|at| arguments_in(tree, at)).unwrap_or_default();
            let [path, handlers] = given.as_slice() else { continue };
            let Some(path) = address(tree, *path) else { continue };
            // `get(list).post(create)`
            let handlers = chain(tree, *handlers);
            let methods = handlers.links.iter().filter(|link| link.arguments.is_some());
            found.extend(methods.filter_map(|link| declared(&link.name)).map(|method| Route {
                method,
                path: path.clone(),
                line: tree.line(last.arguments.unwrap_or(at)),
            }));
        }
    }
    if uses(source, &["actix_web"]) {
        for at in tree.all(Role::Decorator) {
            let found_in = ATTRIBUTE.as_ref().and_then(|form| form.captures(tree.text(at)));
            found.extend(found_in.and_then(|one| {
                let path = one.get(2)?.as_str().to_owned();
                Some(Route { method: method(one.get(1)?.as_str()), path, line: tree.line(at) })
            }));
        }
    }
    found
}
