//! The expression language, as a policy's author meets it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    clippy::string_slice,
    clippy::type_complexity,
    unreachable_pub
)]

mod cells;
mod depth;
mod fuzz;
mod scripts;
mod spans;
mod support;
mod templates;
mod traps;
mod types;
mod values;
