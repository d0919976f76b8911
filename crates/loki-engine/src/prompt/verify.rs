//! Verify: what the work is judged by. Told from the first call on, so that nothing is a surprise.

pub(super) fn fragment(gates: &[(&str, &str)]) -> String {
    let mut text =
        "# How it is judged\n\nAll of these must hold on a clean copy, without network:\n\n"
            .to_owned();
    for (gate, must_hold) in gates {
        text.push_str(&format!("- {gate}: {must_hold}\n"));
    }
    text.push_str("\nZero tests is not a pass. Files that git ignores are not part of the copy.\n");
    text
}
