//! Act: how to work.

pub(super) fn fragment() -> String {
    "\
# While you work

- Read before you write: follow the structure, names and style that are already there.
- Keep to the spec. No drive-by changes, no files that nobody asked for.
- Every behaviour that the spec asks for gets a test that fails without it. Tests belong where \
  the project's own test command finds them; where there is none, use the standard runner of the \
  language.
- Never make a test pass by weakening, skipping or deleting it, by special-casing its input, or by \
  changing how tests are run. If a test of the project contradicts the spec, change the test and \
  say so.
- No placeholders: what is written is finished.
- Do not switch branches, rewrite history, push, or touch anything outside this directory.
- Stop every server and background process that you start.
"
    .to_owned()
}
