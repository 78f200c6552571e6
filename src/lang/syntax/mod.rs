//! Text → tokens → syntax tree.

pub(crate) mod ast;
mod foreign;
pub(crate) mod number;
pub(crate) mod parse;
pub(crate) mod token;
pub(crate) mod words;

pub use words::{is_identifier, is_reserved};

/// How high a syntax tree may grow: nested parentheses, chained operators and `else if`s all count. Everything
/// that walks a tree recurses at most this deep, which a stack of 2 MB holds in every build.
pub const MAX_DEPTH: usize = 200;
