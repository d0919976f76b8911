#![no_main]

use loki_spec::{Argument, FileKind, classify};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Ok(Argument::Issue(issue)) = classify(text, |_| FileKind::Missing) {
        assert!(!issue.to_string().contains(char::is_control));
    }
});
