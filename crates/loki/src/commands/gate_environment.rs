//! `LOKI_GATE_<NAME>=false`: the way to leave a gate out that scripts for other versions use.

use std::ffi::OsString;

use loki_model::GateId;
use loki_verify::Config;

/// What the names of these variables begin with.
const PREFIX: &str = "LOKI_GATE_";

/// Names that other versions have for gates of ours.
const ALIASES: &[(&str, &str)] = &[("doc-coverage", "docs")];

/// Leaves out the gates that `variables` turn off. Gives back what is to be said about them: what is left
/// out, and each variable that means nothing here.
pub(super) fn apply(
    config: &mut Config,
    variables: impl Iterator<Item = (OsString, OsString)>,
) -> Vec<String> {
    let mut named: Vec<(String, String)> = variables
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .filter(|(name, _)| name.starts_with(PREFIX))
        .collect();
    named.sort();
    named.iter().filter_map(|(name, value)| one(config, name, value)).collect()
}

fn one(config: &mut Config, name: &str, value: &str) -> Option<String> {
    let wanted = name.strip_prefix(PREFIX)?.to_ascii_lowercase().replace('_', "-");
    let alias = ALIASES.iter().find(|(alias, _)| *alias == wanted);
    let gate = alias.map_or(wanted.as_str(), |(_, gate)| *gate).to_owned();
    if !config.gate_names().contains(&gate.as_str()) {
        return Some(format!("{name} means nothing here: there is no such gate"));
    }
    match value.to_ascii_lowercase().as_str() {
        "" | "true" | "1" | "on" | "yes" => None,
        "false" | "0" | "off" | "no" => {
            let why = format!("{name}={value}");
            let counted = config.leave_out(GateId::from(gate.as_str()), why.as_str());
            counted.then(|| format!("gate {gate} is left out: {why}"))
        }
        _ => Some(format!("{name} is neither true nor false, and means nothing")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn applied(variables: &[(&str, &str)]) -> (Config, Vec<String>) {
        let mut config = Config::default();
        let variables = variables.iter().map(|(name, value)| (name.into(), value.into()));
        let said = apply(&mut config, variables);
        (config, said)
    }

    #[test]
    fn a_gate_is_left_out_by_its_name_or_by_the_one_that_others_have_for_it() {
        let (config, said) = applied(&[
            ("LOKI_GATE_NEW_TESTS", "FALSE"),
            ("LOKI_GATE_DOC_COVERAGE", "0"),
            ("LOKI_GATE_TESTS", "true"),
            ("OTHER", "false"),
        ]);
        assert_eq!(said.len(), 2, "{said:?}");
        for (gate, counts) in [("new-tests", false), ("docs", false), ("tests", true)] {
            assert_eq!(config.policy.roles.contains_key(&GateId::from(gate)), counts, "{gate}");
        }
    }

    #[test]
    fn a_variable_that_means_nothing_is_said_and_changes_nothing() {
        let (config, said) =
            applied(&[("LOKI_GATE_TIMEOUT", "300"), ("LOKI_GATE_TESTS", "perhaps")]);
        assert_eq!(config, Config::default());
        assert_eq!(said.len(), 2, "{said:?}");
    }
}
