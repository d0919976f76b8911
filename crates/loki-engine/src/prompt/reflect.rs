//! Reflect: what to check before asking to be judged.

pub(super) fn fragment() -> String {
    "\
# Before you finish

Go through the requirements one by one and name for each the code that fulfils it and the test \
that shows it. Run the build and the whole test suite yourself and read their output. Look at your \
own change as its reviewer would: leftovers, debugging output, secrets, missing error handling.
"
    .to_owned()
}
