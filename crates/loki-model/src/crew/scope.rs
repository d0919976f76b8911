//! Which files a task may change.

/// A longer pattern is not understood.
const PATTERN_BYTES_MAX: usize = 500;

/// A pattern that means nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{pattern}` is no pattern of paths below the repository")]
pub struct ScopeProblem {
    /// Which.
    pub pattern: String,
}

/// Whether a task with this scope may change the file at `path`, which is relative to the root of the
/// repository, with `/` between its parts. Without a scope it may change all.
///
/// In a pattern `*` stands for anything but `/`, `?` for one character but `/`, and a part that is `**` for
/// any number of parts. What is below a match matches, too.
pub fn within(scope: &[String], path: &str) -> bool {
    let path: Vec<&str> = path.split('/').collect();
    scope.is_empty() || scope.iter().any(|pattern| matches(&parts(pattern), &path))
}

/// Refuses what can not match: an empty pattern, an absolute one, one that leaves the repository.
pub(super) fn check(pattern: &str) -> Result<(), ScopeProblem> {
    let parts = parts(pattern);
    let is_wrong = pattern.starts_with('/')
        || pattern.len() > PATTERN_BYTES_MAX
        || parts.is_empty()
        || parts.iter().any(|part| part.is_empty() || *part == "..");
    if is_wrong { Err(ScopeProblem { pattern: pattern.to_owned() }) } else { Ok(()) }
}

fn parts(pattern: &str) -> Vec<&str> {
    let pattern = pattern.trim_start_matches("./").trim_end_matches('/');
    if pattern.is_empty() { Vec::new() } else { pattern.split('/').collect() }
}

fn matches(pattern: &[&str], path: &[&str]) -> bool {
    // Which parts of the path may come next, for each part of the pattern in turn: no pattern takes long.
    let mut at: Vec<bool> = vec![false; path.len() + 1];
    at[0] = true;
    for part in pattern {
        let mut after = vec![false; path.len() + 1];
        for from in (0..=path.len()).filter(|from| at[*from]) {
            if *part == "**" {
                after[from..].fill(true);
            } else if path.get(from).is_some_and(|name| matches_part(part, name)) {
                after[from + 1] = true;
            }
        }
        at = after;
    }
    // What is left over is below the match.
    at.contains(&true)
}

fn matches_part(pattern: &str, name: &str) -> bool {
    let name: Vec<char> = name.chars().collect();
    let mut at: Vec<bool> = vec![false; name.len() + 1];
    at[0] = true;
    for c in pattern.chars() {
        let mut after = vec![false; name.len() + 1];
        for from in (0..=name.len()).filter(|from| at[*from]) {
            match c {
                '*' => after[from..].fill(true),
                _ if name.get(from).is_some_and(|n| c == '?' || *n == c) => after[from + 1] = true,
                _ => {}
            }
        }
        at = after;
    }
    at[name.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_within(pattern: &str, path: &str) -> bool {
        within(&[pattern.to_owned()], path)
    }

    #[test]
    fn a_directory_means_everything_below_it() {
        for pattern in ["src", "src/", "./src", "src/**"] {
            assert!(is_within(pattern, "src/a/b.py"), "{pattern}");
            assert!(!is_within(pattern, "source/a.py"), "{pattern}");
            assert!(!is_within(pattern, "lib/src/a.py"), "{pattern}");
        }
    }

    #[test]
    fn stars_and_question_marks_stay_within_a_part() {
        assert!(is_within("src/*.py", "src/a.py"));
        assert!(!is_within("src/*.py", "src/a/b.py"));
        assert!(is_within("src/?.py", "src/a.py"));
        assert!(!is_within("src/?.py", "src/ab.py"));
        assert!(is_within("**/test_*.py", "test_a.py"));
        assert!(is_within("**/test_*.py", "a/b/test_a.py"));
        assert!(!is_within("**/test_*.py", "a/b/a_test.py"));
        assert!(is_within("a/**/z", "a/z") && is_within("a/**/z", "a/b/c/z"));
    }

    #[test]
    fn no_scope_is_everything_and_an_empty_name_is_no_pattern() {
        assert!(within(&[], "anything"));
        for pattern in ["", "/", "./", "/etc", "../a", "a/../b", "a//b"] {
            assert!(check(pattern).is_err(), "{pattern}");
        }
        for pattern in ["a", "a/", "./a", "**", "*", ".github/**"] {
            assert!(check(pattern).is_ok(), "{pattern}");
        }
    }

    #[test]
    fn a_long_row_of_stars_is_decided_at_once() {
        let pattern = "*a".repeat(200);
        assert!(!is_within(&pattern, &"a".repeat(199)));
    }
}
