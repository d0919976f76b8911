//! Readers of what git says, for the fuzz targets in `fuzz/`: there only with `--cfg fuzzing`, and in
//! tests, which read what was found before. No part of the interface.

use super::fetch::{default_branch, has_ref};
use super::patch::{Line, Patch};

/// Reads a patch, whole and in pieces of which the first byte says how long they are: both are the same.
pub fn diff(data: &[u8]) {
    let Some((size, rest)) = data.split_first() else { return };
    let whole = read(rest.chunks(rest.len().max(1)));
    let pieces = read(rest.chunks(usize::from(*size).max(1)));
    assert_eq!(whole, pieces);
}

fn read<'d>(chunks: impl Iterator<Item = &'d [u8]>) -> (Vec<String>, String) {
    let mut patch = Patch::default();
    let mut seen = Vec::new();
    for chunk in chunks {
        patch.push(chunk, &mut |index, entry, line| {
            assert!(!matches!(line, Line::Added(0, _)), "lines are counted from 1");
            seen.push(format!("{index} {entry:?} {line:?}"));
        });
    }
    (seen, format!("{:?}", patch.finish()))
}

/// Reads the refs of a remote.
pub fn refs(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let branch = default_branch(&text);
    let _ = has_ref(&text, &branch);
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;

    /// Seeds, and what was found before.
    #[test]
    fn every_seed_is_read_as_promised() {
        let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/seeds");
        for (name, target) in [("diff", diff as fn(&[u8])), ("refs", refs)] {
            let files: Vec<_> = fs::read_dir(seeds.join(name)).unwrap().flatten().collect();
            assert!(!files.is_empty(), "no seeds of {name}");
            files.iter().for_each(|file| target(&fs::read(file.path()).unwrap()));
        }
    }
}
