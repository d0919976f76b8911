//! The roles that agents can be given: charters as data.
//!
//! Agents with helpers of their own get them as definitions of these. Elsewhere a run can be given one.

use loki_agent::SubAgent;
use loki_model::Tier;
use serde::Deserialize;

/// One a file, in `roles/`.
const FILES: [&str; 3] = [
    include_str!("../roles/implementer.toml"),
    include_str!("../roles/tester.toml"),
    include_str!("../roles/reviewer.toml"),
];

/// What somebody is there for.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Role {
    /// Small letters and hyphens.
    pub name: String,
    /// One line: when it is the right one.
    pub summary: String,
    /// What its calls are for.
    pub tier: Tier,
    /// Whether it does its work in files, or only tells what it saw.
    pub changes_files: bool,
    /// What it is told.
    pub charter: String,
}

/// All of them.
pub fn roles() -> Vec<Role> {
    // A test reads each; one that could not be read would be missing, not wrong.
    FILES.iter().filter_map(|text| toml::from_str(text).ok()).collect()
}

/// The role that is called so.
pub fn role(name: &str) -> Option<Role> {
    roles().into_iter().find(|role| role.name == name)
}

/// The roles as helpers of an agent that has such.
pub(crate) fn helpers() -> Vec<SubAgent> {
    let helper = |role: Role| SubAgent {
        name: role.name,
        description: role.summary,
        prompt: role.charter.trim().to_owned(),
    };
    roles().into_iter().map(helper).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_charter_reads_and_has_a_name_of_its_own() {
        let roles = roles();
        assert_eq!(roles.len(), FILES.len());
        for role in &roles {
            assert_eq!(roles.iter().filter(|other| other.name == role.name).count(), 1);
            let plain = role.name.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
            assert!(plain && !role.name.is_empty(), "{}", role.name);
            assert!(role.charter.len() > 200 && role.summary.len() < 100, "{}", role.name);
        }
    }
}
