//! Changing something on a forge, and seeing whether it was changed.
//!
//! Refuses to decide whether and when: who asks keeps an outbox. What is made can be found again, by the
//! branch it is about or by a marker that stands hidden in its text.

use jiff::Timestamp;

use crate::error::{ForgeError, NotDone};
use crate::forges::Forges;
use crate::locate::RepositoryRef;
use crate::{github, gitlab};

/// Most elements that are looked through for a marker.
pub(crate) const LOOKED_THROUGH_MAX: usize = 2_000;

/// What is said or marked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    /// An issue.
    Issue(u64),
    /// A request to merge.
    Request(u64),
}

/// A request to merge a branch of the repository itself.
#[derive(Clone, Debug)]
pub struct NewRequest<'a> {
    /// The branch that is to be merged.
    pub head: &'a str,
    /// The branch that it is merged into.
    pub base: &'a str,
    /// One line.
    pub title: &'a str,
    /// Markdown.
    pub body: &'a str,
}

/// Something that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Posted {
    /// Its page.
    pub url: String,
    /// Its number; nothing for what has none.
    pub number: Option<u64>,
}

/// A request that merges a branch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestSeen {
    /// Which.
    pub posted: Posted,
    /// It can still be merged.
    pub is_open: bool,
    /// Markdown, as it was written last.
    pub body: String,
}

/// One question, put to the forge that has the repository.
macro_rules! on_forge {
    ($self:ident, $place:ident, $no:expr, $call:ident($($argument:expr),*)) => {
        match $place {
            RepositoryRef::GitHub { host, repository } => {
                github::$call(&$self.settings, host, repository $(, $argument)*)
            }
            RepositoryRef::GitLab { host, project } => {
                gitlab::$call(&$self.settings, host, project $(, $argument)*)
            }
            RepositoryRef::AzureDevOps { .. } => Err($no),
        }
    };
}

const NOT_HERE: ForgeError = ForgeError::NotSupported { forge: "Azure DevOps" };
const NOT_DONE_HERE: NotDone = NotDone::Refused(NOT_HERE);

impl Forges {
    /// Every request of the branch `head`, open or not.
    pub fn requests_of(
        &self,
        place: &RepositoryRef,
        head: &str,
    ) -> Result<Vec<RequestSeen>, ForgeError> {
        on_forge!(self, place, NOT_HERE, requests_of(head))
    }

    /// Opens a request.
    pub fn open_request(
        &self,
        place: &RepositoryRef,
        request: &NewRequest<'_>,
    ) -> Result<Posted, NotDone> {
        on_forge!(self, place, NOT_DONE_HERE, open_request(request))
    }

    /// Gives the open request `number` this base, title and text.
    pub fn update_request(
        &self,
        place: &RepositoryRef,
        number: u64,
        request: &NewRequest<'_>,
    ) -> Result<Posted, NotDone> {
        on_forge!(self, place, NOT_DONE_HERE, update_request(number, request))
    }

    /// The comment that has `marker` in it, among those written `since`. An error when there are too many to
    /// be sure.
    pub fn find_comment(
        &self,
        place: &RepositoryRef,
        about: About,
        marker: &str,
        since: Timestamp,
    ) -> Result<Option<Posted>, ForgeError> {
        on_forge!(self, place, NOT_HERE, find_comment(about, marker, since))
    }

    /// Says something.
    pub fn comment(
        &self,
        place: &RepositoryRef,
        about: About,
        body: &str,
    ) -> Result<Posted, NotDone> {
        on_forge!(self, place, NOT_DONE_HERE, comment(about, body))
    }

    /// Whether something has a label.
    pub fn has_label(
        &self,
        place: &RepositoryRef,
        about: About,
        label: &str,
    ) -> Result<Option<Posted>, ForgeError> {
        on_forge!(self, place, NOT_HERE, has_label(about, label))
    }

    /// Gives something a label; others stay.
    pub fn add_label(
        &self,
        place: &RepositoryRef,
        about: About,
        label: &str,
    ) -> Result<Posted, NotDone> {
        on_forge!(self, place, NOT_DONE_HERE, add_label(about, label))
    }

    /// The issue, once it is closed.
    pub fn closed(&self, place: &RepositoryRef, number: u64) -> Result<Option<Posted>, ForgeError> {
        on_forge!(self, place, NOT_HERE, closed(number))
    }

    /// Closes an issue.
    pub fn close(&self, place: &RepositoryRef, number: u64) -> Result<Posted, NotDone> {
        on_forge!(self, place, NOT_DONE_HERE, close(number))
    }
}
