//! Functions outside the subset, run in sandboxed Rhai.

/// A compiled script.
#[derive(Debug)]
pub struct Script {}
