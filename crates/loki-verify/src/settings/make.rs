//! Makefiles and justfiles: which target runs which commands. No expansion, no includes.

use std::collections::BTreeMap;

/// Recipes that are kept of one file.
const RECIPES_MAX: usize = 2_000;

/// What a file of recipes says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Recipes {
    /// The commands of each target, with their 1-based lines, continued lines joined.
    pub(crate) commands: BTreeMap<String, Vec<(u32, String)>>,
    /// What each target waits for.
    pub(crate) needs: BTreeMap<String, Vec<String>>,
    /// Assignments outside of recipes, name and value, with their 1-based lines.
    pub(crate) variables: Vec<(u32, String, String)>,
}

/// Reads a Makefile or a justfile.
pub(crate) fn recipes(text: &str) -> Recipes {
    let mut read = Recipes::default();
    let mut targets: Vec<String> = Vec::new();
    let mut lines = (1_u32..).zip(text.lines());
    while let Some((number, line)) = lines.next() {
        let mut line = line.to_owned();
        while line.ends_with('\\') {
            line.pop();
            let Some((_, more)) = lines.next() else { break };
            line.push_str(more.trim_start());
        }
        let bare = line.trim();
        if line.starts_with(['\t', ' ']) {
            if !bare.is_empty() && !bare.starts_with('#') {
                for target in &targets {
                    let commands = read.commands.entry(target.clone()).or_default();
                    commands.push((number, bare.to_owned()));
                }
            }
            continue;
        }
        if bare.is_empty() || bare.starts_with('#') {
            continue;
        }
        targets.clear();
        if let Some((name, value)) = assignment(bare) {
            read.variables.push((number, name.to_owned(), value.to_owned()));
        } else if let Some((names, rest)) = bare.split_once(':') {
            let (needs, first) = rest.split_once(';').map_or((rest, None), |(n, c)| (n, Some(c)));
            // A recipe of just may take arguments after its name.
            let is_list = names.starts_with('.') || !names.contains(['=', '*', '"', '\'']);
            targets = names
                .split_whitespace()
                .take(if is_list { usize::MAX } else { 1 })
                .map(|name| name.trim_start_matches('@').to_owned())
                .collect();
            if read.commands.len() + targets.len() > RECIPES_MAX {
                break;
            }
            for target in &targets {
                let known = read.needs.entry(target.clone()).or_default();
                known.extend(needs.trim_start_matches(':').split_whitespace().map(str::to_owned));
                let commands = read.commands.entry(target.clone()).or_default();
                commands.extend(first.map(|command| (number, command.trim().to_owned())));
            }
        }
    }
    read
}

/// `NAME = value`, `NAME := value`, `NAME += value`, `export NAME = value`.
fn assignment(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.split_once('=')?;
    let name = name.trim_end().trim_end_matches([':', '+', '?', '!']).trim_end();
    let name = name.strip_prefix("export ").unwrap_or(name).trim();
    let is_name = name.chars().all(|c| c.is_ascii_alphanumeric() || "_.-".contains(c));
    (is_name && !name.is_empty()).then_some((name, value.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn targets_commands_and_variables_are_told_apart() {
        let text = ".PHONY: test lint\nSHELL := /bin/sh\ntest: build ; echo one\n\t-@sh a \\\n\t  b\n\t# no\nlint check:\n\tx\n";
        let read = recipes(text);
        assert_eq!(read.commands["test"], [(3, "echo one".to_owned()), (4, "-@sh a b".to_owned())]);
        assert_eq!(read.commands["check"], [(8, "x".to_owned())]);
        assert_eq!(read.needs[".PHONY"], ["test", "lint"]);
        assert_eq!(read.needs["test"], ["build"]);
        assert_eq!(read.variables, [(2, "SHELL".to_owned(), "/bin/sh".to_owned())]);
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_panic(text in "([:=;#\\\\\t\n @-]|[a-c]|\\PC){0,80}") {
            let _ = recipes(&text);
        }
    }
}
