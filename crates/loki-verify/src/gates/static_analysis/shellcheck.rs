//! `shellcheck`.

use loki_model::Severity;

use super::tool::{Call, Root, Tool, items, json, line, text, zero_or_one};
use crate::bench::Command;
use crate::reported::Reported;

pub(super) const TOOL: Tool = Tool {
    name: "shellcheck",
    program: "shellcheck",
    endings: &[".sh", ".bash", ".bats"],
    settings: &[".shellcheckrc", "shellcheckrc"],
    settings_beginnings: &[],
    sections: &[],
    mentions: &["shellcheck"],
    denies: &[],
    root: Root::Topmost,
    command,
    did_work: zero_or_one,
    read,
    // A file that is sourced and not given.
    of_machine: &["SC1091"],
    install: "apt-get install shellcheck",
};

/// What is not wrong in a file of bats, which is no script of the shell: bats sets variables
/// (`status`, `output`, what a helper brings), runs each test in a shell of its own, and calls
/// functions that nothing in the file calls.
const MOOT_IN_BATS: &[&str] = &["SC2030", "SC2031", "SC2034", "SC2154", "SC2317", "SC2329"];

/// Flags that decide what is wrong, with a value each; without one: [`ALONE`].
const FLAGS: &[&str] =
    &["-s", "--shell", "-e", "--exclude", "-i", "--include", "-o", "--enable", "-S", "--severity"];

/// Flags that decide what is wrong by themselves.
const ALONE: &[&str] = &["-x", "--external-sources", "-a", "--check-sourced"];

fn command(call: &Call<'_>) -> Command {
    let flags = flags(call.automation);
    let args: Vec<&str> = flags.iter().map(String::as_str).chain(["--format=json1"]).collect();
    call.run_on_files(&args)
}

/// How the project calls it: of its first call in the automation, the flags that decide what is wrong.
fn flags(automation: &str) -> Vec<String> {
    let calls = automation.lines().flat_map(|line| line.split(['|', ';', '&']));
    let words = calls.map(|call| call.split_whitespace().collect::<Vec<_>>());
    let is_program = |word: &&str| *word == "shellcheck" || word.ends_with("/shellcheck");
    let mut found = words.filter_map(|words| {
        let at = words.iter().position(is_program)?;
        // It is only installed there.
        if words.iter().take(at).any(|word| *word == "install") {
            return None;
        }
        let rest =
            words.into_iter().skip(at + 1).map(|word| word.trim_matches(['"', '\'']).to_owned());
        let mut rest = rest.collect::<Vec<_>>().into_iter();
        let mut flags = Vec::new();
        while let Some(word) = rest.next() {
            let name = word.split_once('=').map_or(word.as_str(), |(name, _)| name);
            // `-eSC1090` is one word.
            let short = word.get(..2).unwrap_or_default();
            let is_short = !word.starts_with("--") && FLAGS.contains(&short);
            let is_alone = FLAGS.contains(&name) || ALONE.contains(&word.as_str()) || is_short;
            if FLAGS.contains(&word.as_str()) {
                flags.push(word);
                flags.extend(rest.next());
            } else if is_alone {
                flags.push(word);
            }
        }
        Some(flags)
    });
    found.next().unwrap_or_default()
}

/// Source: shellcheck(1), formats, `json1`.
fn read(answer: &str) -> Result<Vec<Reported>, String> {
    let answer = json(answer)?;
    if answer.get("comments").is_none() {
        return Err("its answer has no comments".to_owned());
    }
    let one = |found| {
        let rule = line(found, "/code").map(|code| format!("SC{code}"));
        let is_bats = text(found, "/file").is_some_and(|path| path.ends_with(".bats"));
        let is_moot = is_bats && rule.as_deref().is_some_and(|rule| MOOT_IN_BATS.contains(&rule));
        let severity = match text(found, "/level") {
            Some("error" | "warning") if !is_moot => Severity::Error,
            _ => Severity::Note,
        };
        Reported::new(
            rule.as_deref().unwrap_or_default(),
            Some(severity),
            text(found, "/file"),
            line(found, "/line"),
            text(found, "/message").unwrap_or_default(),
        )
    };
    Ok(items(&answer, "/comments").map(one).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_called_as_the_project_calls_it() {
        let make =
            "lint:\n\tshellcheck -s sh -S warning -e SC1090,SC2154 bin/x lib/*.sh && echo fine\n";
        assert_eq!(flags(make), ["-s", "sh", "-S", "warning", "-e", "SC1090,SC2154"]);
        let ci = "      - run: \"/usr/bin/shellcheck --exclude=SC2034 -x -f gcc -eSC1091 scripts/*.sh\"\n";
        assert_eq!(flags(ci), ["--exclude=SC2034", "-x", "-eSC1091"]);
        let installed = "apt-get install -y shellcheck\nshellcheck -x *.sh\n";
        assert_eq!(flags(installed), ["-x"]);
        assert!(flags("").is_empty());
    }
}
