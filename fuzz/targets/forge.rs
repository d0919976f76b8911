#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| loki_forge::fuzzing::forge(data));
