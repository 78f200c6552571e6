//! Checking what a policy means: its own tests.

pub mod tests;
