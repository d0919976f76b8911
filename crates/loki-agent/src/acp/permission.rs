//! Which answer a request for permission gets.

use agent_client_protocol::v1::schema::{
    PermissionOption, PermissionOptionKind, RequestPermissionOutcome, SelectedPermissionOutcome,
};

/// What an agent that asks is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Permission {
    /// Yes: what it may reach is the sandbox's matter, and the change is judged anyway.
    #[default]
    Allow,
    /// No.
    Deny,
}

/// Whether agents that ask may do what they ask for: `allow`, or anything else for no.
const VARIABLE: &str = "LOKI_AGENT_PERMISSION";

impl Permission {
    /// What `LOKI_AGENT_PERMISSION` says; to allow when it says nothing.
    pub(crate) fn from_env() -> Permission {
        match std::env::var_os(VARIABLE) {
            Some(value) if !value.is_empty() && value != "allow" => Permission::Deny,
            _ => Permission::Allow,
        }
    }
}

/// The option to choose, told by its kind alone: names and ids are the agent's own words. A choice
/// for this time is better than one for ever. Without a fitting option the request is cancelled.
pub(super) fn answer(policy: Permission, options: &[PermissionOption]) -> RequestPermissionOutcome {
    use PermissionOptionKind::{AllowAlways, AllowOnce, RejectAlways, RejectOnce};
    let kinds = match policy {
        Permission::Allow => [AllowOnce, AllowAlways],
        Permission::Deny => [RejectOnce, RejectAlways],
    };
    let chosen = kinds.iter().find_map(|kind| options.iter().find(|option| option.kind == *kind));
    match chosen {
        Some(option) => RequestPermissionOutcome::Selected(SelectedPermissionOutcome::new(
            option.option_id.clone(),
        )),
        None => RequestPermissionOutcome::Cancelled,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(policy: Permission, kinds: &[PermissionOptionKind]) -> Option<String> {
        let option = |kind: &PermissionOptionKind| {
            PermissionOption::new(format!("{kind:?}"), "Allow", *kind)
        };
        let options: Vec<_> = kinds.iter().map(option).collect();
        match answer(policy, &options) {
            RequestPermissionOutcome::Selected(selected) => Some(selected.option_id.to_string()),
            _ => None,
        }
    }

    #[test]
    fn an_answer_is_chosen_by_kind_and_for_this_time_where_that_is_offered() {
        use PermissionOptionKind::{AllowAlways, AllowOnce, RejectAlways, RejectOnce};
        let all = [RejectAlways, AllowAlways, RejectOnce, AllowOnce];
        assert_eq!(chosen(Permission::Allow, &all).as_deref(), Some("AllowOnce"));
        assert_eq!(chosen(Permission::Deny, &all).as_deref(), Some("RejectOnce"));
        assert_eq!(chosen(Permission::Allow, &all[..2]).as_deref(), Some("AllowAlways"));
        assert_eq!(chosen(Permission::Deny, &all[..2]).as_deref(), Some("RejectAlways"));
    }

    #[test]
    fn no_is_never_answered_with_yes_nor_yes_with_no() {
        use PermissionOptionKind::{AllowOnce, RejectOnce};
        assert_eq!(chosen(Permission::Deny, &[AllowOnce]), None);
        assert_eq!(chosen(Permission::Allow, &[RejectOnce]), None);
        assert_eq!(chosen(Permission::Allow, &[]), None);
    }
}
