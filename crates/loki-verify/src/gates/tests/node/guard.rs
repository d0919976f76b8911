//! A script that node loads before the tests: it tells when assertions were replaced meanwhile.
//!
//! Code under test runs in the same process and could restore what it replaced, or forge what the
//! script says. Silence proves nothing.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use serde::Deserialize;

use crate::gates::Cx;

/// What is loaded.
const SCRIPT: &str = include_str!("guard.cjs");

/// What it says is not read beyond this.
const REPORT_BYTES_MAX: u64 = 8 << 20;

/// The script on disk.
pub(super) struct Guard {
    /// Where it is; it need not exist when the disk is full, and node then says so.
    pub(super) path: PathBuf,
}

/// What one process said.
#[derive(Deserialize)]
struct Said {
    patched: Vec<String>,
}

impl Guard {
    /// Writes the script outside of the copy.
    pub(super) fn write(cx: &Cx<'_>) -> Guard {
        let path = cx.bench().results_file("cjs");
        // Without it node says what is missing.
        let _ = fs::write(&path, SCRIPT);
        Guard { path }
    }

    /// What was not the same at the end as at the beginning.
    pub(super) fn patched(&self, cx: &Cx<'_>) -> BTreeSet<String> {
        let mut path = self.path.clone().into_os_string();
        path.push(".jsonl");
        let said = cx.bench().read_results(&PathBuf::from(path), REPORT_BYTES_MAX);
        let said = said.unwrap_or_default();
        said.lines()
            .filter_map(|line| serde_json::from_str::<Said>(line).ok())
            .flat_map(|said| said.patched)
            .collect()
    }
}
