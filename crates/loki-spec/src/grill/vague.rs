//! Words that everybody reads differently.

pub(crate) mod comparison;
pub(crate) mod no_limit;
pub(crate) mod undecided;
pub(crate) mod weasel_word;
