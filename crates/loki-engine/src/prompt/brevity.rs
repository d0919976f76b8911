//! How few words the agent is asked to spend on people. Output is the dearest kind of token.
//!
//! Only in prompts of calls that build: who asks, reviews or judges gives reasons, and is asked for them.

use loki_model::{Brevity, Run};

pub(super) fn fragment(run: &Run) -> String {
    let how = match run.brevity() {
        Brevity::Off => return String::new(),
        Brevity::Brief => {
            "Nobody reads along. Do not announce what you are about to do, and do not retell code that you \
             wrote. Say in a sentence what is not plain from the files."
        }
        Brevity::Terse => {
            "Nobody reads along. Between tool calls write nothing, or a few words without grammar. Think as \
             much as you need, but keep it to yourself."
        }
    };
    format!(
        "# How to talk\n\n{how} None of this is about files: code, tests, comments and documentation are as \
         complete as ever, and so is the summary at the end, in at most ten lines.\n"
    )
}
