//! Random policies over random books, evaluated in several ways that must write the same bytes.

mod books;
mod changes;
mod dice;
mod folders;
mod formulas;
mod measures;
mod policies;
mod sections;
mod smallest;
mod values;
mod world;

pub(crate) use books::{Tables, tables};
pub(crate) use dice::{Dice, Stream};
pub(crate) use folders::{Files, columns, difference, rows};
pub(crate) use policies::{Compiled, Piece, compile, draft};
pub(crate) use smallest::smallest;
pub(crate) use values::differing;

/// What every policy begins with.
pub(crate) const MANIFEST: &str = crate::model_support::MANIFEST;
