#![no_main]

// A lock that reads is written as it was read; one that does not says a line that is there.
libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    let _ = loki_spec::Delta::parse(&text);
    match loki_spec::Lock::parse(&text) {
        Ok(lock) => assert_eq!(loki_spec::Lock::parse(&lock.to_text()), Ok(lock)),
        Err(error) => assert!(error.line().is_none_or(|line| line >= 1)),
    }
});
