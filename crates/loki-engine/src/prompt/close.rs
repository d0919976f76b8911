//! Close: how to end a call.

pub(super) fn fragment() -> String {
    "\
# How to end

End your last message with a short summary of what you did and what you decided, followed by one \
line of its own: `LOKI: DONE` when everything is fulfilled, or `LOKI: CONTINUE` when you had to \
stop with work left to do.
"
    .to_owned()
}
