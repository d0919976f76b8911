//! Turns what a script wants done into calls of the tools that a client offers.
//!
//! By name first; the arguments are then filled from the tool's own JSON schema, so that one
//! script drives clients whose tools differ.

use serde_json::{Map, Value, json};

use super::script::Op;

const SHELL_NAMES: [&str; 12] = [
    "Bash",
    "mcp__acp__Bash",
    "bash",
    "run_shell_command",
    "exec_command",
    "shell_command",
    "shell",
    "execute_command",
    "run_commands",
    "run_command",
    "run",
    "terminal",
];
const WRITE_NAMES: [&str; 10] = [
    "Write",
    "mcp__acp__Write",
    "write",
    "write_file",
    "write_to_file",
    "create_file",
    "new_file",
    "apply_patch",
    "editor",
    "str_replace_based_edit_tool",
];
const READ_NAMES: [&str; 6] =
    ["Read", "mcp__acp__Read", "read", "read_file", "read_files", "view_file"];
/// Takes a patch instead of a path and content.
const PATCH_NAME: &str = "apply_patch";
/// What a required argument that nothing is known of is filled with.
const FILLER: &str = "scripted step";

/// A tool that a client offers, whatever the protocol.
#[derive(Clone, Debug)]
pub(super) struct OfferedTool {
    pub(super) name: String,
    /// JSON schema of its arguments.
    pub(super) schema: Value,
}

/// The tools that a request offers.
pub(super) fn offered_in(request: &Value) -> Vec<OfferedTool> {
    let tools = request["tools"].as_array().into_iter().flatten();
    let offered = tools.filter_map(|tool| {
        let (tool, schema) = match &tool["function"] {
            // OpenAI Chat Completions wraps them.
            function @ Value::Object(_) => (function, "parameters"),
            _ => (tool, "input_schema"),
        };
        let name = tool["name"].as_str()?.to_owned();
        Some(OfferedTool { name, schema: tool[schema].clone() })
    });
    offered.collect()
}

/// Whether a request with these tools lets a model work.
pub(super) fn lets_work(tools: &[OfferedTool]) -> bool {
    offered(tools, &SHELL_NAMES).or_else(|| offered(tools, &WRITE_NAMES)).is_some()
}

/// Name and arguments of the call that does `op`; nothing when no offered tool can.
pub(super) fn call_for(tools: &[OfferedTool], op: &Op) -> Option<(String, Value)> {
    let names: &[&str] = match op {
        Op::Raw { name, input } => return Some((name.clone(), input.clone())),
        Op::Shell { .. } => &SHELL_NAMES,
        Op::Write { .. } => &WRITE_NAMES,
        Op::Read { .. } => &READ_NAMES,
    };
    if let Some(tool) = offered(tools, names) {
        let input = match op {
            Op::Write { path, content } if tool.name == PATCH_NAME => {
                patch_arguments(tool, path, content)
            }
            _ => fill(&tool.schema, op),
        };
        return Some((tool.name.clone(), input));
    }
    let tool = offered(tools, &SHELL_NAMES)?;
    Some((tool.name.clone(), fill(&tool.schema, &through_shell(op)?)))
}

/// What `ops` do, for a client that reads edits out of the text: SEARCH/REPLACE blocks and fenced
/// commands.
pub(super) fn as_text(ops: &[Op]) -> String {
    let blocks = ops.iter().filter_map(|op| match op {
        Op::Write { path, content } => Some(format!(
            "\n\n{path}\n```\n<<<<<<< SEARCH\n=======\n{content}>>>>>>> REPLACE\n```\n"
        )),
        Op::Shell { command } => Some(format!("\n\n```bash\n{command}\n```\n")),
        Op::Read { .. } | Op::Raw { .. } => None,
    });
    blocks.collect()
}

/// The patch that adds one file, as the only argument.
fn patch_arguments(tool: &OfferedTool, path: &str, content: &str) -> Value {
    let lines: String = content.lines().map(|line| format!("+{line}\n")).collect();
    let patch = format!("*** Begin Patch\n*** Add File: {path}\n{lines}*** End Patch\n");
    let properties = tool.schema["properties"].as_object();
    let key = properties.and_then(|properties| properties.keys().next());
    json!({key.map_or("input", String::as_str): patch})
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

fn offered<'a>(tools: &'a [OfferedTool], names: &[&str]) -> Option<&'a OfferedTool> {
    names.iter().find_map(|&name| tools.iter().find(|tool| tool.name == name))
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
            Some(value) if has_type(property, "array") && key == "command" => {
                json!(["bash", "-lc", value])
            }
            Some(value) if has_type(property, "array") => json!([value]),
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
    let has = |name| has_type(property, name);
    match () {
        () if has("boolean") => json!(false),
        () if has("integer") || has("number") => json!(0),
        () if has("array") => json!([]),
        () if has("object") => json!({}),
        () => json!(FILLER),
    }
}

/// A type is one name, or a list when null will do as well.
fn has_type(property: &Value, name: &str) -> bool {
    match &property["type"] {
        Value::Array(names) => names.iter().any(|found| found == name),
        one => one == name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tool(name: &str, properties: Value, required: Value) -> OfferedTool {
        let schema = json!({"properties": properties, "required": required});
        OfferedTool { name: name.to_owned(), schema }
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
