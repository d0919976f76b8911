//! What the user said while the run was under way.

use loki_model::Run;

/// Stands in every prompt from then on: a later call, in a new conversation, would not know it otherwise.
pub(super) fn fragment(run: &Run) -> String {
    if run.steers.is_empty() {
        return String::new();
    }
    let mut text = "# What the user said since\n\nThe user watches this run and said the following, the newest \
                    last. It holds unless the contract or the spec says otherwise.\n\n"
        .to_owned();
    for steer in &run.steers {
        let new = if steer.heard { "" } else { "(new) " };
        text.push_str(&format!("- {new}{}\n", steer.text.replace('\n', "\n  ")));
    }
    text
}
