//! Test scripts of `package.json` that call node's own runner.

/// Characters by which a shell does more than run one program.
const SHELL_SIGNS: &[char] = &[';', '|', '&', '<', '>', '$', '`', '\n', '(', ')', '#'];

/// Call of `node --test` in a script, in three pieces.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct NodeTest {
    /// Commands to run first, such as a compiler; empty for none.
    before: String,
    /// Variables set for node, as written.
    variables: String,
    /// Arguments of node besides `--test` and reporters, as written.
    arguments: String,
}

/// Bytes of arguments that fit into one word of a command with room to spare.
const ARGUMENTS_BYTES_MAX: usize = 100_000;

impl NodeTest {
    /// A call that names `files`; one that lets node search when there are too many to name.
    pub(super) fn over(files: &[String]) -> NodeTest {
        let quoted = |file: &String| format!("'./{}'", file.replace('\'', r"'\''"));
        let arguments = files.iter().map(quoted).collect::<Vec<_>>().join(" ");
        let fits = arguments.len() <= ARGUMENTS_BYTES_MAX;
        NodeTest { arguments: if fits { arguments } else { String::new() }, ..NodeTest::default() }
    }

    /// The same call with one more command before all others.
    pub(super) fn after(mut self, first: &str) -> NodeTest {
        let rest = if self.before.is_empty() { "" } else { " && " };
        self.before = format!("({first}){rest}{}", self.before);
        self
    }

    /// The same call with a JUnit report written to the shell's first argument.
    pub(super) fn shell_line(&self) -> String {
        let before =
            if self.before.is_empty() { String::new() } else { format!("{} && ", self.before) };
        let call = format!(
            "{} node --test --test-reporter=junit --test-reporter-destination=\"$1\" {}",
            self.variables, self.arguments
        );
        format!("PATH=\"$PWD/node_modules/.bin:$PATH\"; {before}{}", call.trim())
    }
}

/// Reads a script whose last command is `node --test …`, possibly after others joined with `&&`.
///
/// Nothing for a script that does more, such as hiding the exit code: `node --test || true`.
pub(super) fn node_test(script: &str) -> Option<NodeTest> {
    let mut steps: Vec<&str> = script.split("&&").map(str::trim).collect();
    let last = steps.pop()?;
    if last.contains(SHELL_SIGNS)
        || steps.iter().any(|step| step.is_empty() || step.contains(SHELL_SIGNS))
    {
        return None;
    }
    let mut words = last.split_whitespace().peekable();
    let mut variables = Vec::new();
    while let Some(word) = words.next_if(|word| is_assignment(word)) {
        variables.push(word);
    }
    if words.next()? != "node" {
        return None;
    }
    let mut is_test = false;
    let mut arguments = Vec::new();
    while let Some(word) = words.next() {
        match word {
            "--test" => is_test = true,
            "--test-reporter" | "--test-reporter-destination" => _ = words.next(),
            other if other.starts_with("--test-reporter") => {}
            other => arguments.push(other),
        }
    }
    is_test.then(|| NodeTest {
        before: steps.join(" && "),
        variables: variables.join(" "),
        arguments: arguments.join(" "),
    })
}

/// Whether a script does no more than to call the scripts of its workspaces: `npm test --workspaces`.
pub(super) fn delegates(script: &str) -> bool {
    const CALLS: &[&[&str]] = &[&["test"], &["t"], &["run", "test"], &["run-script", "test"]];
    const ALL: &[&str] = &["--workspaces", "-ws"];
    const HARMLESS: &[&str] = &["--if-present", "--silent", "-s"];
    let words: Vec<&str> = script.split_whitespace().collect();
    let Some(("npm", words)) = words.split_first().map(|(first, rest)| (*first, rest)) else {
        return false;
    };
    let (options, call): (Vec<&str>, Vec<&str>) =
        words.iter().partition(|word| ALL.contains(word) || HARMLESS.contains(word));
    CALLS.contains(&call.as_slice()) && options.iter().any(|option| ALL.contains(option))
}

fn is_assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| {
        name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn calls_of_nodes_runner_are_read_with_their_arguments() {
        let read =
            |script| node_test(script).map(|test| (test.before, test.variables, test.arguments));
        let some = |a: &str, b: &str, c: &str| Some((a.to_owned(), b.to_owned(), c.to_owned()));
        assert_eq!(read("node --test"), some("", "", ""));
        assert_eq!(
            read("A=1 node --import tsx --test --test-reporter spec 'test/**/*.js'"),
            some("", "A=1", "--import tsx 'test/**/*.js'")
        );
        assert_eq!(read("tsc -p . && node --test dist/"), some("tsc -p .", "", "dist/"));
    }

    #[test]
    fn scripts_that_do_more_are_not_taken_for_nodes_runner() {
        for script in [
            "",
            "jest",
            "node test.js",
            "node --test || true",
            "node --test; exit 0",
            "node --test | cat",
            "&& node --test",
            "node --test $(cat list)",
            "true # node --test",
        ] {
            assert_eq!(node_test(script), None, "{script}");
        }
    }

    #[test]
    fn scripts_that_only_call_those_of_their_workspaces_are_told_from_others() {
        for script in ["npm test --workspaces", "npm run test -ws --if-present"] {
            assert!(delegates(script), "{script}");
        }
        for script in ["npm test", "npm test -ws || true", "npm test -w a", "npm run lint -ws", ""]
        {
            assert!(!delegates(script), "{script}");
        }
    }

    proptest! {
        #[test]
        fn any_script_is_read_without_panic(script in "(node|--test|&&|=|\\PC| ){0,12}") {
            let _ = (node_test(&script).map(|test| test.shell_line()), delegates(&script));
        }
    }
}
