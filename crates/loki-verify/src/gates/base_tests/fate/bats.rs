//! Tests of bats. Its files have no tree: words and quoted texts stand for literals.

use std::collections::BTreeSet;

use loki_model::Digest;

use super::Old;

/// Words with which bats or its libraries ask.
const ASKS: &[&str] = &["[", "[[", "((", "assert", "refute", "test"];

/// The tests of one file, in order.
pub(super) fn tests(text: &str) -> Vec<Old> {
    let mut found: Vec<Old> = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let Some(name) = name(line) else { continue };
        let body: Vec<&str> = lines.by_ref().take_while(|line| *line != "}").collect();
        found.push(test(name, &body));
    }
    found
}

/// `@test "name" {`
fn name(line: &str) -> Option<&str> {
    let rest = line.trim_start().strip_prefix("@test ")?.trim_end();
    let rest = rest.strip_suffix('{')?.trim();
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    rest.strip_prefix(quote)?.strip_suffix(quote)
}

fn test(name: &str, body: &[&str]) -> Old {
    let (mut calls, mut literals, mut assertions) = (BTreeSet::new(), BTreeSet::new(), 0);
    let lines = body.iter().map(|line| line.trim());
    let lines: Vec<&str> =
        lines.filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
    for line in &lines {
        let first = line.split_whitespace().next().unwrap_or_default();
        let own = first.split('_').next().unwrap_or_default();
        assertions += usize::from(ASKS.contains(&first) || ASKS.contains(&own));
        calls.insert(first.to_owned());
        literals.extend(words(line));
    }
    Old {
        name: name.to_owned(),
        digest: Digest::of(lines.join("\n").as_bytes()),
        calls,
        literals,
        assertions,
    }
}

/// The words of a line after its first one, quoted texts whole and without their quotes.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut open) = (Vec::new(), String::new(), None);
    for c in line.chars() {
        match open {
            Some(quote) if c == quote => open = None,
            None if matches!(c, '"' | '\'') => open = Some(c),
            None if c.is_whitespace() || c == ';' => words.push(std::mem::take(&mut word)),
            _ => word.push(c),
        }
    }
    words.push(word);
    let is_telling = |word: &String| !word.is_empty() && !word.starts_with('$');
    words.into_iter().skip(1).filter(is_telling).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "setup() {\n  cd \"$BATS_TEST_TMPDIR\"\n}\n\n@test \"keeps at least one\" {\n  # why\n  for count in 0 -1 two \"\"; do\n    run \"$logcut\" rotate \"$count\" app.log\n    [ \"$status\" -eq 64 ]\n  done\n}\n\n@test 'b' {\n  assert_output \"a b\"\n}\n";

    #[test]
    fn a_test_is_from_its_name_to_the_brace_that_closes_it() {
        let found = tests(FILE);
        let names: Vec<&str> = found.iter().map(|test| test.name.as_str()).collect();
        assert_eq!(names, ["keeps at least one", "b"]);
        let literals = |index: usize| found[index].literals.iter().cloned().collect::<Vec<_>>();
        assert_eq!(
            literals(0),
            ["-1", "-eq", "0", "64", "]", "app.log", "count", "do", "in", "rotate", "two"]
        );
        assert_eq!(literals(1), ["a b"]);
        assert_eq!((found[0].assertions, found[1].assertions), (1, 1));
    }

    #[test]
    fn layout_and_comments_are_no_difference() {
        let other = FILE.replace("  # why\n", "").replace("    run", "        run");
        assert_eq!(tests(FILE)[0].digest, tests(&other)[0].digest);
        assert_ne!(tests(FILE)[0].digest, tests(&FILE.replace("two", "2"))[0].digest);
    }
}
