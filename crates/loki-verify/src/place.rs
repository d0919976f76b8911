//! Where in the repository something happened, as told by the output of a tool.

use std::sync::LazyLock;

use loki_model::Location;
use regex::Regex;

/// Bytes of an output in which a place is looked for.
const TEXT_BYTES_MAX: usize = 64 * 1024;

/// Which of several places in one text is the telling one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Which {
    /// Compilers, panics and node stacks begin with it.
    First,
    /// Python ends with it.
    Last,
}

/// Finds `path:line`, a shell's `path: line N` or Python's `File "path", line N` in `text`.
///
/// `known` resolves a path as printed to one from the root of the repository, or refuses it, so that
/// places in libraries and invented files are passed over.
pub(crate) fn find(
    text: &str,
    which: Which,
    known: &dyn Fn(&str) -> Option<String>,
) -> Option<Location> {
    let text = &text[..text.floor_char_boundary(TEXT_BYTES_MAX)];
    let mut places = PLACE.as_ref()?.captures_iter(text).filter_map(|found| {
        let group = |names: [&str; 3]| names.into_iter().find_map(|name| found.name(name));
        let path = known(group(["file", "script", "path"])?.as_str())?;
        let line = group(["at", "on", "line"])?.as_str().parse().ok()?;
        (line > 0).then_some(Location { path, line: Some(line) })
    });
    match which {
        Which::First => places.next(),
        Which::Last => places.last(),
    }
}

static PLACE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r#"(?x)
        File \s "(?P<file>[^"\n]+)", \s line \s (?P<at>[0-9]{1,7})
        | (?P<script>[A-Za-z0-9_.@+\-/$]+ \.[a-z]{2,4}) [:,] \s line \s (?P<on>[0-9]{1,7})
        | (?P<path>[A-Za-z0-9_.@+\-/$\[\]]+ \.[A-Za-z]{1,4}) [:(] \[? (?P<line>[0-9]{1,7})"#,
    )
    .ok()
});

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn place(text: &str, which: Which) -> String {
        let known = |path: &str| {
            let path = path.strip_prefix("/copy/").unwrap_or(path).trim_start_matches("./");
            (!path.starts_with('/')).then(|| path.to_owned())
        };
        find(text, which, &known).map(|place| place.to_string()).unwrap_or_default()
    }

    #[test]
    fn the_place_of_every_tool_is_found() {
        let first = |text| place(text, Which::First);
        assert_eq!(first("thread 'x' panicked at src/lib.rs:7:37:\nboo"), "src/lib.rs:7");
        assert_eq!(
            first("   at T (/copy/test/a.test.js:3:24)\n at /usr/x.js:1:1"),
            "test/a.test.js:3"
        );
        assert_eq!(first("    a_test.go:4: boo"), "a_test.go:4");
        assert_eq!(first("./b.go:2:13: cannot use"), "b.go:2");
        assert_eq!(first("[ERROR] /copy/src/x/A.java:[3,7] not a statement"), "src/x/A.java:3");
        assert_eq!(first("tests/run.sh: line 7: x: not found"), "tests/run.sh:7");
        assert_eq!(first("# (in test file test/a.bats, line 5)"), "test/a.bats:5");
        let last = |text| place(text, Which::Last);
        assert_eq!(last("test_a.py:3: in t\ntest_b.py:9: RuntimeError"), "test_b.py:9");
        assert_eq!(
            last(
                "  File \"/usr/lib/unittest/case.py\", line 5, in r\n  File \"/copy/tests/t.py\", line 12"
            ),
            "tests/t.py:12"
        );
    }

    #[test]
    fn a_place_outside_of_the_repository_is_passed_over() {
        assert_eq!(place("at /rustc/library/std/src/panicking.rs:689:5", Which::First), "");
    }

    proptest! {
        #[test]
        fn any_text_is_searched_without_panic(text in "\\PC{0,200}") {
            let _ = place(&text, Which::Last);
        }
    }
}
