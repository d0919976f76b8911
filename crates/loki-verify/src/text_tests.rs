//! Tests that stand in the file of the code they test: Rust's `#[cfg(test)] mod tests`.

/// `code` with the test module of `tests` in the place of its own; nothing for languages without
/// such modules, and where neither has one.
///
/// Both are two versions of the same file. A module that `code` lacks goes to its end.
pub(crate) fn splice(path: &str, code: &str, tests: &str) -> Option<String> {
    if !path.ends_with(".rs") {
        return None;
    }
    match (module(code), module(tests)) {
        (None, None) => None,
        (Some((from, to)), Some((start, end))) => {
            Some(format!("{}{}{}", &code[..from], &tests[start..end], &code[to..]))
        }
        (Some((from, to)), None) => Some(format!("{}{}", &code[..from], &code[to..])),
        (None, Some((start, end))) => Some(format!("{code}\n{}\n", &tests[start..end])),
    }
}

/// Bytes of the last `#[cfg(test)] mod … { … }` that stands at the top level: by convention it is the
/// only one, and rustfmt puts its closing brace at the beginning of a line.
fn module(text: &str) -> Option<(usize, usize)> {
    let places = text.match_indices("#[cfg(test)]").map(|(at, _)| at).filter(|at| {
        let is_at_margin = *at == 0 || text[..*at].ends_with('\n');
        is_at_margin && opens_module(&text[*at..])
    });
    let start = places.last()?;
    let end = text[start..].find("\n}").map(|at| start + at + 2)?;
    Some((start, end))
}

/// Whether attributes are followed by a module with a body.
fn opens_module(text: &str) -> bool {
    let item = text.lines().find(|line| !line.trim_start().starts_with("#[")).unwrap_or_default();
    let item = item.trim_start_matches("pub ").trim_start_matches("pub(crate) ");
    item.starts_with("mod ") && item.trim_end().ends_with('{')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const OLD: &str = "fn a() {}\n\n#[cfg(test)]\nmod tests {\n    fn old() {}\n}\n";
    const NEW: &str =
        "fn a() { 1 }\n\n#[cfg(test)]\n#[expect(x)]\nmod tests {\n    fn new() {}\n}\n";

    #[test]
    fn the_tests_of_one_version_are_put_into_the_other() {
        let made = splice("src/a.rs", NEW, OLD).unwrap();
        assert_eq!(made, "fn a() { 1 }\n\n#[cfg(test)]\nmod tests {\n    fn old() {}\n}\n");
        let made = splice("src/a.rs", "fn a() {}\n", OLD).unwrap();
        assert!(made.contains("fn old()"), "{made}");
        let made = splice("src/a.rs", NEW, "fn a() {}\n").unwrap();
        assert_eq!(made, "fn a() { 1 }\n\n\n");
    }

    #[test]
    fn files_without_such_tests_are_left_alone() {
        assert_eq!(splice("src/a.rs", "fn a() {}", "fn b() {}"), None);
        assert_eq!(splice("a.py", OLD, NEW), None);
        assert_eq!(splice("a.rs", "#[cfg(test)]\nuse x;\n", "#[cfg(test)]\nmod tests;\n"), None);
    }

    proptest! {
        #[test]
        fn any_two_texts_are_spliced_without_panic(
            a in "(#\\[cfg\\(test\\)\\]\n|mod tests \\{\n|\\}\n|é|x\n){0,12}",
            b in "(#\\[cfg\\(test\\)\\]\n|mod tests \\{\n|\\}\n|é|x\n){0,12}",
        ) {
            let _ = splice("a.rs", &a, &b);
        }
    }
}
