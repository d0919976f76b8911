//! Spring's annotations, in Java and Kotlin.

use std::sync::LazyLock;

use regex::Regex;

use super::{Route, method, uses};
use crate::syntax::{Role, Source};

/// `@GetMapping("/pets")`, `@PostMapping(value = "/pets")`, `@RequestMapping(path = "/pets", method = RequestMethod.GET)`
static MAPPING: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"^@(Get|Put|Post|Delete|Patch|Request)Mapping\(\s*(?:(?:value|path)\s*=\s*)?[\[{]?\s*"(/?[^"\s]*)""#)
        .ok()
});

static METHOD: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"RequestMethod\.([A-Z]+)").ok());

pub(super) fn routes(source: &Source) -> Vec<Route> {
    if !uses(source, &["org.springframework.web.bind.annotation"]) {
        return Vec::new();
    }
    let tree = source.tree();
    let route = |at| {
        let text = tree.text(at);
        let one = MAPPING.as_ref()?.captures(text)?;
        let (name, path) = (one.get(1)?.as_str(), one.get(2)?.as_str());
        let method = match name {
            // On a class it only says where the others begin.
            "Request" => Some(method(METHOD.as_ref()?.captures(text)?.get(1)?.as_str())?),
            name => method(name),
        };
        let path = format!("/{}", path.trim_start_matches('/'));
        Some(Route { method, path, line: tree.line(at) })
    };
    tree.all(Role::Decorator).filter_map(route).collect()
}
