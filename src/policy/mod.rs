//! Reading a policy folder: YAML, CSV tables and scripts, every value with its place.
pub mod encoding;
pub mod extends;
pub mod fields;
pub mod files;
pub mod folder;
pub mod read;
pub mod table;
pub mod tree;
pub mod yaml;
