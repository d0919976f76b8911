//! Turns what a script wants done into calls of the tools that a client offers.
//!
//! By name first; the arguments are then filled from the tool's own JSON schema, so that one
//! script drives clients whose tools differ.

use serde_json::{Map, Value, json};

use super::script::Op;

/// A tool that a client offers.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Tool {
    pub(super) name: String,
    /// Of its arguments; null when there is none.
    pub(super) schema: Value,
    /// Takes one text instead of arguments.
    pub(super) is_free_form: bool,
}

/// What a call hands to a tool.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Input {
    /// Named ones.
    Arguments(Value),
    /// One text, for a free-form tool.
    Text(String),
}

impl Input {
    /// As JSON, for protocols that know arguments only.
    pub(super) fn to_json(&self) -> Value {
        match self {
            Input::Arguments(arguments) => arguments.clone(),
            Input::Text(text) => json!({"input": text}),
        }
    }
}

/// Its calls are patches in an envelope of their own.
const APPLY_PATCH: &str = "apply_patch";
/// Codex's tool that takes a program which calls the other tools.
const CODE_MODE: &str = "exec";
const SHELL_NAMES: [&str; 13] = [
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
    CODE_MODE,
];
const WRITE_NAMES: [&str; 10] = [
    "Write",
    "mcp__acp__Write",
    "write",
    "write_file",
    "write_to_file",
    "create_file",
    "new_file",
    APPLY_PATCH,
    "editor",
    "str_replace_based_edit_tool",
];
const READ_NAMES: [&str; 6] =
    ["Read", "mcp__acp__Read", "read", "read_file", "read_files", "view_file"];
/// What a required argument that nothing is known of is filled with.
const FILLER: &str = "scripted step";

/// Whether a request with these tools lets a model work.
pub(super) fn lets_work(tools: &[Tool]) -> bool {
    offered(tools, &SHELL_NAMES).or_else(|| offered(tools, &WRITE_NAMES)).is_some()
}

/// Name and input of the call that does `op`; nothing when no offered tool can.
pub(super) fn call_for(tools: &[Tool], op: &Op) -> Option<(String, Input)> {
    let names: &[&str] = match op {
        Op::Raw { name, input } => {
            // What is a text in the script is meant for a free-form tool.
            let input = match input {
                Value::String(text) => Input::Text(text.clone()),
                arguments => Input::Arguments(arguments.clone()),
            };
            return Some((name.clone(), input));
        }
        Op::Shell { .. } => &SHELL_NAMES,
        Op::Write { .. } => &WRITE_NAMES,
        Op::Read { .. } => &READ_NAMES,
    };
    if let Some(tool) = offered(tools, names) {
        return Some((tool.name.clone(), input_for(tool, op)));
    }
    let tool = offered(tools, &SHELL_NAMES)?;
    Some((tool.name.clone(), input_for(tool, &through_shell(op)?)))
}

fn input_for(tool: &Tool, op: &Op) -> Input {
    match (tool.name.as_str(), op) {
        (CODE_MODE, Op::Shell { command }) if tool.is_free_form => {
            let arguments = json!({ "cmd": command });
            Input::Text(format!("text(await tools.exec_command({arguments}));"))
        }
        (APPLY_PATCH, Op::Write { path, content }) => {
            let added: String = content.lines().map(|line| format!("+{line}\n")).collect();
            let patch = format!("*** Begin Patch\n*** Add File: {path}\n{added}*** End Patch\n");
            let argument = tool.schema["properties"].as_object().and_then(|all| all.keys().next());
            match argument {
                Some(name) if !tool.is_free_form => Input::Arguments(json!({name: patch})),
                _ => Input::Text(patch),
            }
        }
        _ => Input::Arguments(fill(&tool.schema, op)),
    }
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

fn offered<'a>(tools: &'a [Tool], names: &[&str]) -> Option<&'a Tool> {
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
            // A command in words is what a shell is started with.
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

    fn tool(name: &str, properties: Value, required: Value) -> Tool {
        let schema = json!({"properties": properties, "required": required});
        Tool { name: name.to_owned(), schema, is_free_form: false }
    }

    fn write(path: &str, content: &str) -> Op {
        Op::Write { path: path.to_owned(), content: content.to_owned() }
    }

    fn arguments_of(tool: Tool, op: &Op) -> Value {
        match call_for(&[tool], op) {
            Some((_, Input::Arguments(arguments))) => arguments,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_write_fills_path_and_content_and_leaves_options_out() {
        let properties = json!({"file_path": {"type": "string"}, "content": {"type": "string"},
            "overwrite": {"type": "boolean"}});
        let tool = tool("Write", properties, json!(["file_path", "content"]));
        let arguments = arguments_of(tool, &write("/w/a", "x\n"));
        assert_eq!(arguments, json!({"file_path": "/w/a", "content": "x\n"}));
    }

    #[test]
    fn a_required_argument_that_nothing_fills_gets_a_filler() {
        let properties = json!({"command": {"type": "string"}, "description": {"type": "string"}});
        let tool = tool("Bash", properties, json!(["command", "description"]));
        let arguments = arguments_of(tool, &Op::Shell { command: "ls".into() });
        assert_eq!(arguments, json!({"command": "ls", "description": "scripted step"}));
    }

    #[test]
    fn a_command_in_words_is_what_a_shell_is_started_with() {
        let tool = tool("shell", json!({"command": {"type": "array"}}), json!(["command"]));
        let arguments = arguments_of(tool, &Op::Shell { command: "ls -l".into() });
        assert_eq!(arguments, json!({"command": ["bash", "-lc", "ls -l"]}));
    }

    #[test]
    fn a_write_falls_back_on_the_shell() {
        let tool = tool("Bash", json!({"command": {"type": "string"}}), json!(["command"]));
        let arguments = arguments_of(tool, &write("a'b", "x\n"));
        assert_eq!(arguments["command"], "cat > 'a'\\''b' <<'SCRIPTED_EOF'\nx\nSCRIPTED_EOF\n");
    }

    #[test]
    fn a_patch_is_the_text_of_a_free_form_tool() {
        let tool = Tool { is_free_form: true, ..tool("apply_patch", json!({}), json!([])) };
        let call = call_for(&[tool], &write("a", "x\ny\n"));
        let patch = "*** Begin Patch\n*** Add File: a\n+x\n+y\n*** End Patch\n";
        assert_eq!(call, Some(("apply_patch".into(), Input::Text(patch.into()))));
    }

    #[test]
    fn without_a_fitting_tool_there_is_no_call() {
        assert_eq!(call_for(&[], &Op::Shell { command: "ls".into() }), None);
    }
}
