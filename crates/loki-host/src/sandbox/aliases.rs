//! Other paths to the same place: a file system may be mounted in more than one, and a place that is
//! hidden under one of its paths has to be hidden under all.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

/// What is mounted, as far as it can be told.
pub(super) struct Mounts {
    /// In the order in which they were mounted.
    all: Vec<Mount>,
}

struct Mount {
    device: String,
    /// What of the file system is mounted.
    root: PathBuf,
    at: PathBuf,
}

impl Mounts {
    /// Of this process.
    pub(super) fn here() -> Mounts {
        Mounts::read(&fs::read_to_string("/proc/self/mountinfo").unwrap_or_default())
    }

    /// Source: proc_pid_mountinfo(5).
    fn read(text: &str) -> Mounts {
        let mount = |line: &str| {
            let mut columns = line.split(' ').skip(2);
            let device = columns.next()?.to_owned();
            let root = PathBuf::from(unescaped(columns.next()?));
            Some(Mount { device, root, at: PathBuf::from(unescaped(columns.next()?)) })
        };
        Mounts { all: text.lines().filter_map(mount).collect() }
    }

    /// Every other path that leads to what is at `path`, which is resolved.
    pub(super) fn aliases(&self, path: &Path) -> Vec<PathBuf> {
        let is_same = |other: &PathBuf| match (fs::metadata(path), fs::metadata(other)) {
            (Ok(one), Ok(other)) => (one.dev(), one.ino()) == (other.dev(), other.ino()),
            _ => false,
        };
        self.candidates(path).into_iter().filter(is_same).collect()
    }

    fn candidates(&self, path: &Path) -> Vec<PathBuf> {
        let around = self.all.iter().filter(|mount| path.starts_with(&mount.at));
        // Of two at one place the later one is seen.
        let Some(mount) = around.max_by_key(|mount| mount.at.components().count()) else {
            return Vec::new();
        };
        let Ok(below) = path.strip_prefix(&mount.at) else { return Vec::new() };
        let inside = mount.root.join(below);
        self.all
            .iter()
            .filter(|other| other.device == mount.device)
            .filter_map(|other| Some(other.at.join(inside.strip_prefix(&other.root).ok()?)))
            .filter(|alias| alias != path)
            .collect()
    }
}

/// Whether `dir` is, by whatever path, what `path` is in.
pub(super) fn is_around(dir: &Path, path: &Path) -> bool {
    let Ok(dir) = fs::metadata(dir) else { return false };
    path.ancestors()
        .filter_map(|above| fs::metadata(above).ok())
        .any(|above| (above.dev(), above.ino()) == (dir.dev(), dir.ino()))
}

/// Blanks and the like are written as three octal digits.
fn unescaped(text: &str) -> String {
    let mut parts = text.split('\\');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match part.get(..3).and_then(|digits| u8::from_str_radix(digits, 8).ok()) {
            Some(byte) if byte.is_ascii() => {
                out.push(char::from(byte));
                out.push_str(part.get(3..).unwrap_or_default());
            }
            _ => {
                out.push('\\');
                out.push_str(part);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_known_by_every_mount_of_its_file_system() {
        let mounts = Mounts::read(
            "1 0 8:1 / / rw - ext4 /dev/a rw\n\
             2 1 8:1 /home /mnt/my\\040homes rw - ext4 /dev/a rw\n\
             3 1 8:1 /other /srv rw - ext4 /dev/a rw\n\
             4 1 8:2 /deploy/var /var rw - xfs /dev/b rw\n\
             5 1 8:2 / /sysroot rw - xfs /dev/b rw\n",
        );
        let of = |path: &str| mounts.candidates(Path::new(path));
        assert_eq!(of("/home/u/.ssh"), [PathBuf::from("/mnt/my homes/u/.ssh")]);
        assert_eq!(of("/var/home/u/.ssh"), [PathBuf::from("/sysroot/deploy/var/home/u/.ssh")]);
        assert_eq!(of("/etc/shadow"), Vec::<PathBuf>::new());
    }

    #[test]
    fn a_directory_is_around_what_is_below_it_by_another_path_too() {
        let dir = tempfile::tempdir().unwrap();
        let (real, link) = (dir.path().join("real"), dir.path().join("link"));
        fs::create_dir_all(real.join("below")).unwrap();
        std::os::unix::fs::symlink("real", &link).unwrap();
        assert!(is_around(&link, &real.join("below")));
        assert!(!is_around(&real.join("below"), &real));
    }
}
