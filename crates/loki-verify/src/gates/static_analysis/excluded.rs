//! Files that a project keeps from its linter by naming a directory around them.
//!
//! Some tools look at such settings only on the way down into directories, and not at all where a file is named.
//! Here files are named one by one, so that what nobody ever looks at would be looked at for the first time.

use crate::layout::file_name;
use crate::pattern;

/// Keys of settings that say what is passed over, by tool.
const KEYS: &[(&str, &[&str])] =
    &[("flake8", &["exclude", "extend-exclude", "extend_exclude"]), ("pylint", &["ignore"])];

/// Whether the settings of a tool exclude a file, which is seen from where they are.
pub(super) fn is_excluded(tool: &str, settings: &str, file: &str) -> bool {
    let Some((_, keys)) = KEYS.iter().find(|(name, _)| *name == tool) else { return false };
    let file = file.trim_start_matches("./");
    let around = file.match_indices('/').map(|(at, _)| &file[..at]);
    let places: Vec<&str> = around.chain([file]).collect();
    keys.iter().flat_map(|key| values(settings, key)).any(|value| {
        places.iter().any(|place| {
            let place = if value.contains('/') { place } else { file_name(place) };
            let is_like = || pattern::glob(&value).is_some_and(|glob| glob.is_match(place));
            place == value || value.contains(['*', '?', '[']) && is_like()
        })
    })
}

/// The values of a key that lists some, over several lines too.
fn values(settings: &str, key: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut is_inside = false;
    for line in settings.lines() {
        let line = line.split(['#', ';']).next().unwrap_or_default();
        let goes_on = line.starts_with([' ', '\t', ']']) || line.trim().is_empty();
        let words = if is_inside && goes_on {
            line
        } else {
            let named = line.split_once(['=', ':']).filter(|(name, _)| name.trim() == key);
            is_inside = named.is_some();
            named.map_or("", |(_, rest)| rest)
        };
        let words = words.split(|c: char| c == ',' || c.is_whitespace());
        let bare = words.map(|word| word.trim_matches(['[', ']', '"', '\'']));
        let bare = bare.map(|word| word.trim_start_matches("./").trim_end_matches('/'));
        found.extend(bare.filter(|word| !word.is_empty()).map(str::to_owned));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_that_is_excluded_takes_its_files_along() {
        for (tool, settings) in [
            ("flake8", "[flake8]\nexclude = tests\n"),
            (
                "flake8",
                "[flake8]\nextend-exclude =\n    docs,\n    ./tests/ # old\nmax-line-length = 9\n",
            ),
            ("flake8", "[flake8]\nexclude = .git,te*ts\n"),
            ("flake8", "[flake8]\nexclude: tests/unit\n"),
            ("pylint", "[MAIN]\nignore=CVS,tests\n"),
            ("pylint", "[tool.pylint.main]\nignore = [\n  \"tests\",\n]\n"),
        ] {
            assert!(is_excluded(tool, settings, "./tests/unit/test_a.py"), "{settings}");
            assert!(!is_excluded(tool, settings, "./shop/test.py"), "{settings}");
        }
    }

    #[test]
    fn everything_else_is_looked_at() {
        for (tool, settings) in [
            ("flake8", "[flake8]\nmax-line-length = tests\n"),
            ("flake8", "[flake8]\nexclude = docs\nselect = tests\n"),
            ("flake8", "[flake8]\n# exclude = tests\n"),
            ("flake8", "[flake8]\nper-file-ignores = tests/*: E501\n"),
            ("ruff", "exclude = [\"tests\"]\n"),
            ("flake8", ""),
        ] {
            assert!(!is_excluded(tool, settings, "./tests/test_a.py"), "{settings}");
        }
    }
}
