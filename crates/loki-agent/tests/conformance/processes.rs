//! Which processes belong to a test: those that have its `HOME` or work in its repository.

use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use loki_testkit::TestRepo;

/// Command lines of what is still running; none where that is not shown.
pub(crate) fn left_of(repo: &TestRepo) -> Vec<String> {
    ids_of(repo).into_iter().map(command_line).collect()
}

/// Process ids, oldest first.
pub(crate) fn ids_of(repo: &TestRepo) -> Vec<i32> {
    let home = [b"HOME=", repo.home().as_os_str().as_bytes()].concat();
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let mut ids: Vec<i32> = entries
        .filter(|entry| belongs(&entry.path(), &home, repo.root()))
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .collect();
    // Numbers of processes begin anew some day, the time since the system began does not.
    ids.sort_by_key(|id| (started(*id), *id));
    ids
}

/// When a process began, in ticks since the system did; the name before it may hold anything.
fn started(id: i32) -> u64 {
    const PLACE: usize = 19;
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
    let after_name = stat.rsplit_once(") ").map_or("", |(_, rest)| rest);
    after_name.split(' ').nth(PLACE).and_then(|ticks| ticks.parse().ok()).unwrap_or(u64::MAX)
}

fn belongs(process: &Path, home: &[u8], root: &Path) -> bool {
    let environment = fs::read(process.join("environ")).unwrap_or_default();
    let marked = environment.split(|&byte| byte == 0).any(|variable| variable == home);
    marked || fs::read_link(process.join("cwd")).is_ok_and(|cwd| cwd.starts_with(root))
}

fn command_line(id: i32) -> String {
    let line = fs::read(format!("/proc/{id}/cmdline")).unwrap_or_default();
    format!("{id} {}", String::from_utf8_lossy(&line).replace('\0', " "))
}
