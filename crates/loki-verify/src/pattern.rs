//! Patterns of paths, as runners and git write them, turned into regular expressions.

use regex::Regex;

/// A longer pattern is not understood.
const PATTERN_BYTES_MAX: usize = 500;

/// A pattern of paths as shells and JavaScript runners write it: `*`, `**`, `?`, `[ab]`, `{a,b}`,
/// `?(a|b)`, `+(a|b)`, `*(a|b)`, `@(a|b)`. It has to match a whole path. Nothing for what is not
/// understood.
pub(crate) fn glob(pattern: &str) -> Option<Regex> {
    if pattern.len() > PATTERN_BYTES_MAX || pattern.contains("!(") {
        return None;
    }
    let pattern = pattern.trim_start_matches("./");
    let mut out = String::from("^(?s:");
    let mut closers: Vec<&str> = Vec::new();
    let chars: Vec<char> = pattern.chars().collect();
    let mut at = 0;
    while let Some(&c) = chars.get(at) {
        let next = chars.get(at + 1).copied();
        match c {
            '?' | '+' | '*' | '@' if next == Some('(') => {
                out.push_str("(?:");
                closers.push(match c {
                    '?' => ")?",
                    '+' => ")+",
                    '*' => ")*",
                    _ => ")",
                });
                at += 1;
            }
            ')' if closers.last().is_some_and(|closer| closer.starts_with(')')) => {
                out.push_str(closers.pop().unwrap_or(")"));
            }
            '|' if !closers.is_empty() => out.push('|'),
            '{' => {
                out.push_str("(?:");
                closers.push("})");
            }
            '}' if closers.last() == Some(&"})") => {
                closers.pop();
                out.push(')');
            }
            ',' if closers.last() == Some(&"})") => out.push('|'),
            '*' if next == Some('*') => {
                let is_dir = chars.get(at + 2) == Some(&'/');
                out.push_str(if is_dir { "(?:.*/)?" } else { ".*" });
                at += if is_dir { 2 } else { 1 };
            }
            '*' => out.push_str("[^/]*"),
            '?' => out.push_str("[^/]"),
            '[' => {
                let end = chars.get(at + 1..)?.iter().position(|c| *c == ']')? + at + 1;
                let inside: String = chars.get(at + 1..end)?.iter().collect();
                let (not, inside) = match inside.strip_prefix(['!', '^']) {
                    Some(rest) => ("^", rest.to_owned()),
                    None => ("", inside),
                };
                let inside = inside.replace('\\', "\\\\").replace('[', "\\[").replace("&&", "&");
                out.push_str(&format!("[{not}{inside}]"));
                at = end;
            }
            '\\' => {
                out.push_str(&regex::escape(&next?.to_string()));
                at += 1;
            }
            c => out.push_str(&regex::escape(&c.to_string())),
        }
        at += 1;
    }
    if !closers.is_empty() {
        return None;
    }
    out.push_str(")$");
    Regex::new(&out).ok()
}

/// A pattern of `.gitignore` or `.gitattributes` in the directory `dir`: without a slash in its
/// middle it matches at any depth, and what is below a match is matched too.
pub(crate) fn git(dir: &str, pattern: &str) -> Option<Regex> {
    let pattern = pattern.trim_end_matches('/');
    let is_anchored = pattern.contains('/');
    let pattern = pattern.trim_start_matches('/');
    if pattern.is_empty() {
        return None;
    }
    let dir = if dir.is_empty() { String::new() } else { format!("{}/", regex::escape(dir)) };
    let deep = if is_anchored { "" } else { "(?:.*/)?" };
    let middle = glob(pattern)?;
    let middle = middle.as_str().strip_prefix('^')?.strip_suffix('$')?;
    Regex::new(&format!("^{dir}{deep}{middle}(?:/.*)?$")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn globs_match_as_runners_read_them() {
        for (pattern, path, expected) in [
            ("**/?(*.)+(spec|test).[jt]s?(x)", "src/a.test.tsx", true),
            ("**/?(*.)+(spec|test).[jt]s?(x)", "src/test.js", true),
            ("**/?(*.)+(spec|test).[jt]s?(x)", "src/a.js", false),
            ("test/**/*.{js,mjs}", "test/a/b.mjs", true),
            ("test/*.js", "test/a/b.js", false),
            ("./test/unit.test.js", "test/unit.test.js", true),
            ("a.js", "aXjs", false),
        ] {
            assert_eq!(glob(pattern).unwrap().is_match(path), expected, "{pattern} {path}");
        }
        assert!(glob("!(a).js").is_none());
        assert!(glob("{a").is_none());
    }

    #[test]
    fn patterns_of_git_match_at_any_depth_unless_they_have_a_slash() {
        for (dir, pattern, path, expected) in [
            ("", "*.py", "a/b.py", true),
            ("", "/b.py", "a/b.py", false),
            ("", "build/", "a/build/x.js", true),
            ("a", "x", "b/x", false),
            ("a", "x", "a/c/x", true),
        ] {
            assert_eq!(git(dir, pattern).unwrap().is_match(path), expected, "{pattern} {path}");
        }
    }

    proptest! {
        #[test]
        fn any_pattern_is_read_without_panic(pattern in "([*?+@!(){}|,\\[\\]\\\\/.]|a|\\PC){0,40}") {
            let _ = (glob(&pattern), git("d", &pattern));
        }
    }
}
