#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    if let Ok(text) = std::str::from_utf8(data) {
        let markdown = loki_spec::html_to_markdown(text);
        assert!(markdown.len() <= text.len() * 60 + 100);
        loki_spec::read("issue", &markdown);
    }
});
