//! What is not said and has to be.

pub(crate) mod actor;
pub(crate) mod failure;
