//! Runs the machine: record, then do.
