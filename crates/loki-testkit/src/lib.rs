//! Scripted agents, a scripted model server and fixtures, for tests only.
