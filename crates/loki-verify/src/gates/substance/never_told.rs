//! Events that are waited for and that nothing tells.

use std::sync::LazyLock;

use loki_model::Severity;
use regex::Regex;

use super::{Code, each_code_in};
use crate::gates::rule::{Found, Rule};
use crate::kind::Kind;
use crate::sides::Sides;
use crate::suite::Trees;
use crate::syntax::Role;
use crate::syntax::call::{positional, unquoted};

/// A listener that is never called.
pub(super) const RULE: Rule = Rule {
    id: "substance/never-told",
    severity: Severity::Warning,
    what: "Code waits for an event of the project's own by a name that stands nowhere else in the product's code.",
    why: "What waits for it never runs, however well it is tested by itself.",
    example: "+    session.on(\"drift\", alert)        # sessions tell \"reading\" and \"segment_end\"",
    fix: "Wait for an event that is told, or tell this one.",
    look: |cx, delta, found| look_in(&Sides::of(cx, delta), cx.trees(delta), found),
};

/// Calls that say what to do at an event.
const LISTENS: &[&str] = &[
    "on",
    "once",
    "subscribe",
    "add_listener",
    "addListener",
    "listen",
    "On",
    "Subscribe",
    "register_handler",
];

/// Files that are searched for the other side.
const FILES_MAX: usize = 2_000;

fn look_in(sides: &Sides<'_>, trees: &Trees, found: &mut Found) {
    each_code_in(sides.delta, trees, found, &mut |code, found| {
        for (name, listens, line) in listeners(code) {
            if let Some(false) = is_told(sides, code, &name, listens) {
                let message =
                    format!("waits for `{name}`, which nothing in the product's code tells");
                found.add(RULE.at(&code.file.path, line, message));
            }
        }
    });
}

/// Events that added lines wait for, by which call, and where.
fn listeners(code: &Code<'_>) -> Vec<(String, &'static str, u32)> {
    let tree = code.after.tree();
    let mut all = Vec::new();
    for (at, called) in code.after.calls() {
        let line = tree.line(at);
        let listens = LISTENS.iter().find(|name| **name == called.last_name());
        let Some(listens) = listens.filter(|_| code.file.is_added(line) && !code.is_in_tests(at))
        else {
            continue;
        };
        let given = called.links.last().map(|link| positional(tree, link.at)).unwrap_or_default();
        if let [event, _, ..] = given.as_slice()
            && tree.role(*event) == Role::Text
            && called.links.len() > 1
        {
            all.push((unquoted(tree.text(*event)).to_owned(), *listens, line));
        }
    }
    all
}

/// Whether another place of the product's code knows the event; nothing where events are somebody else's.
fn is_told(sides: &Sides<'_>, code: &Code<'_>, name: &str, listens: &str) -> Option<bool> {
    static MAKERS: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r"(?m)^\s*(?:pub\s+|async\s+|export\s+|static\s+)*(?:def|fn|function|func(?:\s*\([^)]*\))?)?\s*(\w+)\s*(?:<[^>]*>)?\([^()]*\b\w+\s*(?::[^,()]*)?,\s*\w+[^()]*\)[^;\n]*[{:]\s*$").ok()
    });
    if name.is_empty() || name.contains(char::is_whitespace) {
        return None;
    }
    let ending = code.file.path.rsplit('.').next().unwrap_or_default();
    let files =
        sides.files("", Kind::Source).filter(|path| path.rsplit('.').next() == Some(ending));
    let quoted = [format!("\"{name}\""), format!("'{name}'"), format!("`{name}`")];
    let (mut is_own, mut times) = (false, 0);
    for text in files.take(FILES_MAX).filter_map(|path| sides.after(path)) {
        times += quoted.iter().map(|quoted| text.matches(quoted.as_str()).count()).sum::<usize>();
        is_own |= MAKERS.as_ref().is_some_and(|makers| {
            makers
                .captures_iter(&text)
                .any(|made| made.get(1).is_some_and(|made| made.as_str() == listens))
        });
    }
    is_own.then_some(times > 1)
}

#[cfg(test)]
mod tests {
    use crate::gates::rule::Found;
    use crate::sides::Sides;
    use crate::suite::testing::expect;

    /// The rule over files that a change brings.
    fn look(sides: &Sides<'_>, found: &mut Found) {
        super::look_in(sides, &crate::suite::Trees::of(sides.delta), found);
    }

    const SESSION: &str = "class Session:\n    def on(self, event, hear):\n        self.hear[event] = hear\n\n    def read(self, value):\n        self.tell(\"reading\", value)\n";

    #[test]
    fn an_event_that_nothing_tells_is_a_warning() {
        let watch = "def watch(session, alert):\n    session.on(\"drift\", alert)\n";
        expect(
            look,
            &[],
            &[("pkg/session.py", SESSION), ("pkg/watch.py", watch)],
            "warning never-told pkg/watch.py:2",
        );
        let right = watch.replace("drift", "reading");
        expect(look, &[], &[("pkg/session.py", SESSION), ("pkg/watch.py", &right)], "");
    }

    #[test]
    fn events_of_others_are_theirs() {
        let text = "def watch(page, alert):\n    page.on(\"dialog\", alert)\n";
        expect(look, &[], &[("pkg/watch.py", text)], "");
    }
}
