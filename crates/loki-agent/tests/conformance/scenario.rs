//! What the suite must know of a situation.

use crate::stage::{Seen, Stage};

/// One situation: an entry of the table.
pub(crate) struct Scenario {
    /// Part of the names of tests.
    pub(crate) id: &'static str,
    /// For the page.
    pub(crate) what: &'static str,
    /// How the call is to end, as [`crate::stage::class_of`] calls it.
    pub(crate) ends: &'static str,
    /// Brings it about, looks at everything but the end, and gives back the call that counts.
    pub(crate) play: fn(&Stage<'_>) -> Seen,
}
