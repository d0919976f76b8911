//! The judge: gates over a clean copy, evidence and verdict.
