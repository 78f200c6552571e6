//! The expression language: a strict, typed subset of Rhai.
//!
//! Text → [`syntax`] tree → [`check`] (types and units) → typed [`Expr`] → [`eval`].
//! This folder knows neither files nor policies: names are resolved through [`Names`], values come through [`Env`].

pub mod calendar;
pub mod check;
mod day;
pub mod digits;
pub mod eval;
pub mod expr;
pub mod functions;
pub mod script;
pub mod sum;
pub mod syntax;
mod template;
pub mod types;
pub mod value;
mod visit;
mod words;

pub use check::{Expected, Found, Names, cell, expression, plain_cell, plain_expression, template};
pub use day::{day_number, day_of};
pub use eval::{Env, Failure, Stop, evaluate};
pub use expr::{Expr, Function, FunctionRef, Kind, NodeRef, Template, Words};
pub use types::{Base, Type, is_currency};
pub use value::Value;
pub use words::{plain, spoken};
