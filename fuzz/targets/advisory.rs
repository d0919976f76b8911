#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| loki_verify::fuzzing::advisory(data));
