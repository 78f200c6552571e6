//! Functions outside the subset, run in sandboxed Rhai.

use super::eval::Failure;
use super::value::Value;
use crate::diag::Span;

/// A compiled script.
#[derive(Debug)]
pub struct Script {
    span: Span,
}

impl Script {
    /// Runs the function.
    pub fn call(&self, arguments: &[Value]) -> Result<Value, Failure> {
        let _ = arguments;
        Err(Failure::Here { reason: "scripts do not run yet".to_owned(), span: self.span })
    }
}
