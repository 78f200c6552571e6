//! Reading a policy folder: YAML, CSV tables and scripts, every value with its place.
pub mod tree;
