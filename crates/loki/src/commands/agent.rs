//! `loki agent`

use loki_engine::roles::{Role, role, roles};
use serde_json::{Value, json};

use super::{Done, start};
use crate::cli::{AgentCommand, AgentRolesArgs};
use crate::context::Context;
use crate::error::CommandError;
use crate::output;

pub(super) fn agent(args: &AgentRolesArgs, cx: &Context) -> Done {
    match &args.what {
        None | Some(AgentCommand::List) => list(cx),
        Some(AgentCommand::Info { role }) => info(role, cx),
        Some(AgentCommand::Run { role, start: args }) => {
            let role = find(role)?;
            if !role.changes_files {
                let message =
                    format!("`{}` changes nothing: it is a helper of other agents", role.name);
                return Err(CommandError::user(message).hint("loki agent list"));
            }
            start::start_as(args, Some(&role), cx)
        }
    }
}

fn find(name: &str) -> Result<Role, CommandError> {
    role(name).ok_or_else(|| {
        let names: Vec<String> = roles().iter().map(|role| role.name.clone()).collect();
        CommandError::user(format!("there is no role `{name}`; there are {}", names.join(", ")))
            .hint("loki agent list")
    })
}

fn list(cx: &Context) -> Done {
    let roles = roles();
    if cx.json {
        let roles: Vec<Value> = roles.iter().map(document).collect();
        output::json(&json!({ "schema_version": 1, "roles": roles }));
        return Ok(0);
    }
    let mut domain = "";
    for role in roles {
        if role.domain != domain {
            domain = &role.domain;
            output::data(domain);
        }
        let tier = role.tier.label();
        output::data(&format!("  {:<20} {tier:<12} {}", role.name, role.summary));
    }
    Ok(0)
}

fn info(name: &str, cx: &Context) -> Done {
    let role = find(name)?;
    if cx.json {
        let mut value = document(&role);
        value["schema_version"] = json!(1);
        value["charter"] = json!(role.charter);
        output::json(&value);
        return Ok(0);
    }
    output::data(&format!("{}: {}", role.name, role.summary));
    let works = if role.changes_files { "works in files" } else { "changes nothing" };
    output::data(&format!("{}, tier {}, {works}", role.domain, role.tier.label()));
    for (name, items) in [("focus", &role.focus), ("tools", &role.tools), ("review", &role.review)]
    {
        output::data(&format!("{name:<7} {}", items.join("; ")));
    }
    if !role.wanted_by.is_empty() {
        output::data(&format!("chosen by a spec that says {}", role.wanted_by.join(", ")));
    }
    output::data("");
    output::data(role.charter.trim());
    Ok(0)
}

fn document(role: &Role) -> Value {
    json!({
        "name": role.name,
        "domain": role.domain,
        "focus": role.focus,
        "tools": role.tools,
        "review": role.review,
        "wanted_by": role.wanted_by,
        "summary": role.summary,
        "tier": role.tier,
        "changes_files": role.changes_files,
    })
}
