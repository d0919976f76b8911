//! Conversations that a later call can go on with: one file each, below loki's own state.

use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::model::Message;

const SCHEMA_VERSION: u32 = 1;
/// Longer conversations are not kept.
const SESSION_BYTES_MAX: u64 = 64 << 20;
/// The oldest beyond these are forgotten.
const SESSIONS_MAX: usize = 50;
const EXTENSION: &str = "json";
const ID_CHARS: std::ops::RangeInclusive<usize> = 4..=64;

/// Where conversations are kept.
#[derive(Clone, Debug)]
pub(super) struct Sessions {
    directory: PathBuf,
}

/// A conversation and its name.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) id: String,
    pub(super) messages: Vec<Message>,
    /// Nothing when there is no place for it.
    path: Option<PathBuf>,
}

#[derive(Serialize)]
struct Written<'a> {
    schema_version: u32,
    messages: &'a [Message],
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    schema_version: u32,
    messages: Vec<Message>,
}

impl Sessions {
    pub(super) fn below(state: &Path) -> Sessions {
        Sessions { directory: state.join("api-sessions") }
    }

    /// A new conversation, empty, under a name that nobody has.
    pub(super) fn begin(&self) -> io::Result<Session> {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(&self.directory)?;
        self.forget_the_oldest();
        let file = tempfile::Builder::new()
            .prefix("")
            .rand_bytes(16)
            .suffix(&format!(".{EXTENSION}"))
            .tempfile_in(&self.directory)?;
        let (_, path) = file.keep().map_err(|err| err.error)?;
        let id = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        Ok(Session { id, messages: Vec::new(), path: Some(path) })
    }

    /// The conversation of that name; nothing when it is not there or can not be read.
    pub(super) fn find(&self, id: &str) -> Option<Session> {
        // It came from an agent's report: nothing in it may lead elsewhere.
        if !ID_CHARS.contains(&id.len()) || !id.bytes().all(|b| b.is_ascii_alphanumeric()) {
            return None;
        }
        let path = self.directory.join(id).with_extension(EXTENSION);
        let found = fs::symlink_metadata(&path).ok()?;
        if !found.is_file() || found.len() > SESSION_BYTES_MAX {
            return None;
        }
        let kept: Kept = serde_json::from_slice(&fs::read(&path).ok()?).ok()?;
        let is_known = kept.schema_version == SCHEMA_VERSION && !kept.messages.is_empty();
        is_known.then(|| Session { id: id.to_owned(), messages: kept.messages, path: Some(path) })
    }

    fn forget_the_oldest(&self) {
        let entries = fs::read_dir(&self.directory).into_iter().flatten().flatten();
        let mut files: Vec<_> = entries
            .filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path())))
            .collect();
        files.sort();
        let excess = files.len().saturating_sub(SESSIONS_MAX - 1);
        for (_, path) in files.into_iter().take(excess) {
            let _ = fs::remove_file(path);
        }
    }
}

impl Session {
    /// A conversation that ends with its call.
    pub(super) fn unkept() -> Session {
        Session { id: String::new(), messages: Vec::new(), path: None }
    }

    /// Keeps what was said so far, all of it or nothing.
    pub(super) fn save(&self) -> io::Result<()> {
        let no_place = || io::Error::other("there is no place for loki's state");
        let path = self.path.as_deref().ok_or_else(no_place)?;
        let written = Written { schema_version: SCHEMA_VERSION, messages: &self.messages };
        let bytes = serde_json::to_vec(&written)?;
        let directory = path.parent().unwrap_or(Path::new("."));
        let mut file = tempfile::NamedTempFile::new_in(directory)?;
        file.as_file().set_permissions(fs::Permissions::from_mode(0o600))?;
        file.write_all(&bytes)?;
        file.persist(path).map_err(|err| err.error)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sessions() -> (tempfile::TempDir, Sessions) {
        let state = tempfile::tempdir().unwrap();
        let sessions = Sessions::below(state.path());
        (state, sessions)
    }

    #[test]
    fn a_conversation_is_found_again_as_it_was() {
        let (_state, sessions) = sessions();
        let mut session = sessions.begin().unwrap();
        session.messages.push(Message::User("do it".to_owned()));
        session.save().unwrap();
        let found = sessions.find(&session.id).unwrap();
        assert_eq!((found.id, found.messages), (session.id, session.messages));
    }

    #[test]
    fn what_is_no_name_or_no_conversation_is_not_found() {
        let (state, sessions) = sessions();
        let empty = sessions.begin().unwrap();
        fs::write(state.path().join("outside.json"), "{}").unwrap();
        let newer = state.path().join("api-sessions/newer.json");
        fs::write(newer, r#"{"schema_version": 2, "messages": [{"user": "x"}]}"#).unwrap();
        for id in [empty.id.as_str(), "newer", "../outside", "", "missing", "a/b", "newer.json"] {
            assert!(sessions.find(id).is_none(), "{id}");
        }
    }

    #[test]
    fn only_so_many_are_kept() {
        let (state, sessions) = sessions();
        for _ in 0..SESSIONS_MAX + 3 {
            sessions.begin().unwrap();
        }
        let count = fs::read_dir(state.path().join("api-sessions")).unwrap().count();
        assert_eq!(count, SESSIONS_MAX);
    }
}
