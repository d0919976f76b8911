//! The roles that agents can be given: charters as data.
//!
//! A plan gives each task a role, and the prompt has its charter. Agents with helpers of their own get those
//! of the tasks, and the general ones, as definitions. A run can also be given one role for all of it.

mod files;

use std::sync::LazyLock;

use loki_agent::SubAgent;
use loki_model::{Task, Tier};
use serde::Deserialize;

use files::FILES;

/// The domain of roles that fit every spec.
pub const GENERAL: &str = "general";

/// What somebody is there for.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Role {
    /// Small letters and hyphens.
    pub name: String,
    /// The field that it belongs to.
    pub domain: String,
    /// One line: when it is the right one.
    pub summary: String,
    /// What its calls are for.
    pub tier: Tier,
    /// Whether it does its work in files, or only tells what it saw.
    pub changes_files: bool,
    /// What it is about, most important first.
    pub focus: Vec<String>,
    /// What it works with.
    pub tools: Vec<String>,
    /// What it looks for in work of others.
    pub review: Vec<String>,
    /// Words of a spec that speak of it; nothing for roles that are not chosen by words.
    #[serde(default)]
    pub wanted_by: Vec<String>,
    /// What it is told.
    pub charter: String,
}

/// All of them.
pub fn roles() -> &'static [Role] {
    // A test reads each; one that could not be read would be missing, not wrong.
    static ROLES: LazyLock<Vec<Role>> =
        LazyLock::new(|| FILES.iter().filter_map(|text| toml::from_str(text).ok()).collect());
    &ROLES
}

/// The role that is called so.
pub fn role(name: &str) -> Option<Role> {
    roles().iter().find(|role| role.name == name).cloned()
}

/// The general roles, and those of `tasks`, as helpers of an agent that has such. Not all: each costs
/// tokens in every call.
pub(crate) fn helpers(tasks: &[Task]) -> Vec<SubAgent> {
    let is_wanted =
        |role: &&Role| role.domain == GENERAL || tasks.iter().any(|task| task.role == role.name);
    let helper = |role: &Role| SubAgent {
        name: role.name.clone(),
        description: role.summary.clone(),
        prompt: role.charter.trim().to_owned(),
    };
    roles().iter().filter(is_wanted).map(helper).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_charter_reads_and_has_a_name_of_its_own() {
        let roles = roles();
        assert_eq!(roles.len(), FILES.len());
        for role in roles {
            assert_eq!(roles.iter().filter(|other| other.name == role.name).count(), 1);
            let plain = role.name.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
            assert!(plain && !role.name.is_empty(), "{}", role.name);
            assert!(role.charter.len() > 200 && role.summary.len() < 100, "{}", role.name);
            assert!(!role.focus.is_empty() && !role.tools.is_empty(), "{}", role.name);
            assert!(!role.review.is_empty(), "{}", role.name);
        }
    }

    #[test]
    fn there_are_41_roles_in_8_domains_beside_the_general_ones() {
        let roles = roles();
        let count = |domain: &str| roles.iter().filter(|role| role.domain == domain).count();
        let domains = [
            ("engineering", 8),
            ("operations", 8),
            ("business", 8),
            ("data", 3),
            ("product", 3),
            ("growth", 4),
            ("review", 3),
            ("orchestration", 4),
        ];
        for (domain, expected) in domains {
            assert_eq!(count(domain), expected, "{domain}");
        }
        assert_eq!(roles.len(), 41 + count(GENERAL));
    }

    #[test]
    fn no_two_charters_say_the_same_and_words_are_written_as_they_are_looked_for() {
        let roles = roles();
        for role in roles {
            let lines = |role: &Role| -> Vec<String> {
                role.charter.lines().filter(|l| l.starts_with("- ")).map(str::to_owned).collect()
            };
            let own = lines(role);
            assert!(own.len() >= 3, "{}", role.name);
            for other in roles.iter().filter(|other| other.name != role.name) {
                assert!(!lines(other).iter().any(|line| own.contains(line)), "{}", role.name);
            }
            assert!(
                role.wanted_by.iter().all(|word| *word == word.to_lowercase()),
                "{}",
                role.name
            );
        }
    }

    #[test]
    fn helpers_are_the_general_roles_and_those_of_the_tasks() {
        let task = Task {
            id: "T1".to_owned(),
            title: "Tables".to_owned(),
            role: "eng-database".to_owned(),
            requirements: Vec::new(),
            after: Vec::new(),
            scope: Vec::new(),
            detail: String::new(),
            serves_none: false,
        };
        let names = |tasks: &[Task]| -> Vec<String> {
            helpers(tasks).into_iter().map(|helper| helper.name).collect()
        };
        assert_eq!(names(&[]), ["implementer", "tester", "reviewer"]);
        assert_eq!(names(&[task]), ["implementer", "tester", "reviewer", "eng-database"]);
    }
}
