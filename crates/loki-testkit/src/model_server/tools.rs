//! Turns what a script wants done into calls of the tools that a client offers.
//!
//! By name first; the arguments are then filled from the tool's own JSON schema, so that one
//! script drives clients whose tools differ.

use serde_json::{Map, Value, json};

use super::script::Op;

const SHELL_NAMES: [&str; 8] = [
    "Bash",
    "mcp__acp__Bash",
    "bash",
    "run_shell_command",
    "exec_command",
    "shell_command",
    "shell",
    "execute_command",
];
const WRITE_NAMES: [&str; 8] = [
    "Write",
    "mcp__acp__Write",
    "write",
    "write_file",
    "write_to_file",
    "create_file",
    "new_file",
    "str_replace_based_edit_tool",
];
const READ_NAMES: [&str; 6] =
    ["Read", "mcp__acp__Read", "read", "read_file", "read_files", "view_file"];
/// What a required argument that nothing is known of is filled with.
const FILLER: &str = "scripted step";

/// Whether a request with these tools lets a model work.
pub(super) fn lets_work(tools: &[Value]) -> bool {
    offered(tools, &SHELL_NAMES).or_else(|| offered(tools, &WRITE_NAMES)).is_some()
}

/// Name and arguments of the call that does `op`; nothing when no offered tool can.
pub(super) fn call_for(tools: &[Value], op: &Op) -> Option<(String, Value)> {
    let names: &[&str] = match op {
        Op::Raw { name, input } => return Some((name.clone(), input.clone())),
        Op::Shell { .. } => &SHELL_NAMES,
        Op::Write { .. } => &WRITE_NAMES,
        Op::Read { .. } => &READ_NAMES,
    };
    if let Some((name, schema)) = offered(tools, names) {
        return Some((name, fill(schema, op)));
    }
    let (name, schema) = offered(tools, &SHELL_NAMES)?;
    Some((name, fill(schema, &through_shell(op)?)))
}

/// The same with a shell only.
fn through_shell(op: &Op) -> Option<Op> {
    let quoted = |path: &str| format!("'{}'", path.replace('\'', r"'\''"));
    let command = match op {
        Op::Read { path } => format!("cat {}", quoted(path)),
        Op::Write { path, content } => {
            format!("cat > {} <<'SCRIPTED_EOF'\n{content}SCRIPTED_EOF\n", quoted(path))
        }
        Op::Shell { .. } | Op::Raw { .. } => return None,
    };
    Some(Op::Shell { command })
}

fn offered<'a>(tools: &'a [Value], names: &[&str]) -> Option<(String, &'a Value)> {
    let named = |name: &str| tools.iter().find(|tool| tool["name"] == name);
    names.iter().find_map(|&name| named(name).map(|tool| (name.to_owned(), &tool["input_schema"])))
}

fn fill(schema: &Value, op: &Op) -> Value {
    let mut arguments = Map::new();
    let no_properties = Map::new();
    let properties = schema["properties"].as_object().unwrap_or(&no_properties);
    for (key, property) in properties {
        let required = schema["required"]
            .as_array()
            .is_none_or(|required| required.iter().any(|name| name == key.as_str()));
        let value = match value_for(key, property, op) {
            Some(value) if property["type"] == "array" => json!([value]),
            Some(value) => json!(value),
            None if required => filler(property),
            None => continue,
        };
        arguments.insert(key.clone(), value);
    }
    Value::Object(arguments)
}

/// What of `op` belongs into the argument `key`.
fn value_for<'a>(key: &str, property: &Value, op: &'a Op) -> Option<&'a str> {
    let key = key.to_ascii_lowercase();
    let is_path = key.contains("path") || matches!(key.as_str(), "file" | "filename" | "files");
    match op {
        Op::Write { .. } if offers(property, "create") => Some("create"),
        Op::Write { path, .. } | Op::Read { path } if is_path => Some(path),
        Op::Write { content, .. }
            if key.contains("content")
                || matches!(key.as_str(), "file_text" | "text" | "new_text" | "new_str") =>
        {
            Some(content)
        }
        Op::Shell { command }
            if matches!(key.as_str(), "command" | "commands" | "cmd" | "script") =>
        {
            Some(command)
        }
        _ => None,
    }
}

fn offers(property: &Value, choice: &str) -> bool {
    property["enum"].as_array().is_some_and(|choices| choices.iter().any(|value| value == choice))
}

fn filler(property: &Value) -> Value {
    if let Some(first) = property["enum"].get(0) {
        return first.clone();
    }
    match property["type"].as_str() {
        Some("boolean") => json!(false),
        Some("integer" | "number") => json!(0),
        Some("array") => json!([]),
        Some("object") => json!({}),
        _ => json!(FILLER),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tool(name: &str, properties: Value, required: Value) -> Value {
        json!({"name": name, "input_schema": {"properties": properties, "required": required}})
    }

    #[test]
    fn a_write_fills_path_and_content_and_leaves_options_out() {
        let properties = json!({"file_path": {"type": "string"}, "content": {"type": "string"},
            "overwrite": {"type": "boolean"}});
        let tools = [tool("Write", properties, json!(["file_path", "content"]))];
        let op = Op::Write { path: "/w/a".into(), content: "x\n".into() };
        let arguments = json!({"file_path": "/w/a", "content": "x\n"});
        assert_eq!(call_for(&tools, &op), Some(("Write".into(), arguments)));
    }

    #[test]
    fn a_required_argument_that_nothing_fills_gets_a_filler() {
        let properties = json!({"command": {"type": "string"}, "description": {"type": "string"}});
        let tools = [tool("Bash", properties, json!(["command", "description"]))];
        let call = call_for(&tools, &Op::Shell { command: "ls".into() });
        assert_eq!(
            call,
            Some(("Bash".into(), json!({"command": "ls", "description": "scripted step"})))
        );
    }

    #[test]
    fn a_write_falls_back_on_the_shell() {
        let tools = [tool("Bash", json!({"command": {"type": "string"}}), json!(["command"]))];
        let op = Op::Write { path: "a'b".into(), content: "x\n".into() };
        let (_, arguments) = call_for(&tools, &op).unwrap();
        assert_eq!(arguments["command"], "cat > 'a'\\''b' <<'SCRIPTED_EOF'\nx\nSCRIPTED_EOF\n");
    }

    #[test]
    fn without_a_fitting_tool_there_is_no_call() {
        assert_eq!(call_for(&[], &Op::Shell { command: "ls".into() }), None);
    }
}
