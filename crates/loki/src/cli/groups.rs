//! The commands in groups, as `loki --help` shows them.

use clap::{Command, CommandFactory as _, FromArgMatches as _};

use super::Cli;

/// What people come for, in the order in which they come for it. A command that is named nowhere stands
/// in the last one.
const GROUPS: &[(&str, &[&str])] = &[
    ("Begin", &["quickstart", "init", "import", "grill", "plan", "start", "resume"]),
    ("Judge", &["verify", "gates", "advisories", "spec"]),
    ("Look", &["status", "runs", "show", "why", "logs", "spend"]),
    ("Steer", &["pause", "steer", "model", "budget", "retry", "stop"]),
    (
        "Take, or take back",
        &["diff", "apply", "ship", "outbox", "discard", "rollback", "checkpoint"],
    ),
    ("Agents", &["provider", "failover", "agent", "record"]),
    (REST, &["demo", "doctor", "selftest", "version"]),
];

const REST: &str = "This machine";

/// Columns of a command's name.
const NAME_COLUMNS: usize = 12;

/// Reads the command line.
pub(crate) fn parse() -> Result<Cli, clap::Error> {
    let mut matches = grouped().try_get_matches()?;
    Cli::from_arg_matches_mut(&mut matches)
}

fn grouped() -> Command {
    let command = Cli::command();
    let groups = rendered(&command);
    let template = format!(
        "{{about-with-newline}}\n{{usage-heading}} {{usage}}\n\n{groups}\n{}\n{{options}}{{after-help}}",
        heading(&command, "Options")
    );
    command.help_template(template)
}

fn rendered(command: &Command) -> String {
    let mut text = String::new();
    for (title, names) in GROUPS {
        let mut named: Vec<&Command> =
            names.iter().filter_map(|name| command.find_subcommand(name)).collect();
        if *title == REST {
            let is_named = |it: &&Command| GROUPS.iter().any(|(_, of)| of.contains(&it.get_name()));
            named.extend(command.get_subcommands().filter(|it| !is_named(it) && !it.is_hide_set()));
        }
        text.push_str(&heading(command, title));
        text.push('\n');
        let literal = command.get_styles().get_literal();
        for one in named {
            let (name, about) = (one.get_name(), one.get_about().cloned().unwrap_or_default());
            let gap = " ".repeat(NAME_COLUMNS.saturating_sub(name.len()));
            text.push_str(&format!("  {literal}{name}{literal:#}{gap}{about}\n"));
        }
        text.push('\n');
    }
    text.pop();
    text
}

fn heading(command: &Command, title: &str) -> String {
    let style = command.get_styles().get_header();
    format!("{style}{title}:{style:#}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_is_shown_once_and_every_name_is_one_of_a_command() {
        let command = Cli::command();
        let help = grouped().render_help().to_string();
        for one in command.get_subcommands().filter(|it| !it.is_hide_set()) {
            let line = format!("\n  {} ", one.get_name());
            assert_eq!(help.matches(&line).count(), 1, "{}", one.get_name());
        }
        for name in GROUPS.iter().flat_map(|(_, names)| *names) {
            assert!(command.find_subcommand(name).is_some(), "{name}");
        }
    }
}
