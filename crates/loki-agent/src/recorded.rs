//! What real agents printed once, for tests of those who read it: as it was, and cut, doubled and mixed
//! with garbage.

use std::path::{Path, PathBuf};

use proptest::prelude::*;

/// The recordings whose names begin with `prefix`, in order.
pub(crate) fn recordings(prefix: &str) -> Vec<PathBuf> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let entries = directory.read_dir().unwrap().map(|entry| entry.unwrap().path());
    let is_wanted =
        |path: &PathBuf| path.file_name().unwrap().to_str().unwrap().starts_with(prefix);
    let mut paths: Vec<PathBuf> = entries.filter(is_wanted).collect();
    paths.sort();
    paths
}

/// The lines of `texts`, with their ends.
pub(crate) fn lines_of(texts: impl IntoIterator<Item = Vec<u8>>) -> Vec<Vec<u8>> {
    let lines = |text: Vec<u8>| -> Vec<Vec<u8>> {
        text.split_inclusive(|&byte| byte == b'\n').map(<[u8]>::to_vec).collect()
    };
    texts.into_iter().flat_map(lines).collect()
}

/// Output of a few of `lines`, some of them cut, with garbage between them.
pub(crate) fn mangled(lines: Vec<Vec<u8>>) -> impl Strategy<Value = Vec<u8>> {
    let line = proptest::sample::select(lines);
    let cut = (line.clone(), any::<proptest::sample::Index>())
        .prop_map(|(line, at)| line[..at.index(line.len())].to_vec());
    let garbage = proptest::collection::vec(any::<u8>(), 0..80);
    let part = prop_oneof![4 => line, 2 => cut, 1 => garbage];
    proptest::collection::vec(part, 0..12).prop_map(|parts| parts.concat())
}
