//! What an agent is told that questions a spec before anything is built.

use loki_model::Spec;

use super::{joined, spec};

/// Where the agent leaves its answer, in the directory that it works in.
pub const ANSWER_FILE: &str = "questions.json";

/// `schema` is the form of the answer; `asked` are questions that are there already.
pub fn interrogate(of: &Spec, schema: &str, asked: &[String]) -> String {
    let known = if asked.is_empty() {
        String::new()
    } else {
        let list: String = asked.iter().map(|ask| format!("- {ask}\n")).collect();
        format!("# Already asked\n\nDo not repeat these.\n\n{list}")
    };
    joined([
        TASK.to_owned(),
        format!(
            "# Form\n\nWrite one JSON document of this schema into the file `{ANSWER_FILE}` in the current \
             directory, and print the same document as your last words. Nothing else is read.\n\n\
             ```json\n{schema}\n```\n"
        ),
        spec(of),
        known,
    ])
}

const TASK: &str = "\
# Task

Somebody is about to spend money on building what the spec below asks for. Be the devil's advocate: find what \
is not said and would have to be guessed, before it is built wrongly. You build nothing and change no other file.

- Ask only what changes what is built: who may, how much, what when it fails, which of two readings, what is \
kept and for how long, what happens to what is there already.
- Look for statements that can not both hold, and for what the whole leaves out that each part takes for granted.
- One question each, about one requirement where there is one. A question without a consequence is none.
- Say what you would build without an answer. At most 30 questions, the dearest first; none is an answer too.
";
