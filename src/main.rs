//! The `usance` program.
fn main() {}
