//! What nothing could show to hold.

pub(crate) mod absolute;
pub(crate) mod quality;
