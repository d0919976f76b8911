//! Turns a brief into a Spec and findings about it.
