#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    if let Ok(document) = serde_json::from_slice(data) {
        let markdown = loki_spec::adf_to_markdown(&document);
        // An empty item in the deepest list is indented as often as it is deep.
        assert!(markdown.len() <= data.len() * 130 + 100);
        loki_spec::read("issue", &markdown);
    }
});
