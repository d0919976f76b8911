//! Coding agents behind one trait.
