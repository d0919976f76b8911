#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    if let Ok(text) = loki_spec::decode(data) {
        let (spec, problems) = loki_spec::read("prd.md", &text);
        assert!(spec.requirements.len() <= loki_spec::REQUIREMENTS_MAX);
        assert!(problems.len() <= loki_spec::PROBLEMS_MAX);
    }
});
