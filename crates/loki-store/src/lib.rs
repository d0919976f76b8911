//! Durable truth: the hash-chained journal, content-addressed blobs, run locks.
