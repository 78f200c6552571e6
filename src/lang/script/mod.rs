//! The functions of a policy's scripts: those inside the subset are typed and lowered, the rest run in sandboxed Rhai.

mod beyond;
mod calls;
mod convert;
mod failure;
mod load;
mod lower;
mod sandbox;

use std::fmt;
use std::sync::Arc;

use rhai::{AST, CallFnOptions, Dynamic, Engine, Scope};

pub use beyond::Beyond;
pub use convert::{from_rhai, to_rhai};
pub use load::{Loaded, Signature, load};
pub use sandbox::vocabulary;

use super::check::counted;
use super::eval::Failure;
use super::types::Type;
use super::value::Value;
use crate::diag::{Place, Span};

/// A function that runs in sandboxed Rhai.
#[derive(Clone)]
pub struct Script {
    engine: Arc<Engine>,
    ast: Arc<AST>,
    name: String,
    takes: usize,
    gives: Type,
    place: Place,
    beyond: Beyond,
}

impl Script {
    /// Where it stands.
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// Why it needs Rhai.
    pub fn beyond(&self) -> &Beyond {
        &self.beyond
    }

    /// Runs the function. Its arguments are values of the declared types; so is its result, or it fails.
    ///
    /// # Errors
    ///
    /// When the script stops, is stopped at a limit, or gives something else than declared. The span lies in the script.
    pub fn call(&self, arguments: &[Value]) -> Result<Value, Failure> {
        if arguments.len() != self.takes {
            return Err(self.fails(format!("`{}` takes {}", self.name, counted(self.takes)), self.place.span));
        }
        let held: Vec<Dynamic> = arguments.iter().map(convert::to_rhai).collect();
        let options = CallFnOptions::new().eval_ast(false);
        let result =
            self.engine.call_fn_with_options::<Dynamic>(options, &mut Scope::new(), &self.ast, &self.name, held);
        match result {
            Ok(given) => convert::from_rhai(&given).and_then(|v| convert::fit(v, &self.gives)).ok_or_else(|| {
                let reason =
                    format!("`{}` gives something else than the `{}` it was declared with", self.name, self.gives);
                self.fails(reason, self.place.span)
            }),
            Err(error) => {
                let (reason, at) = failure::reason(&error);
                let start = failure::offset(&self.place.source.text, at);
                let span = if at.is_none() { self.place.span } else { Span::new(start, start + 1) };
                Err(self.fails(reason, span))
            }
        }
    }

    fn fails(&self, reason: String, span: Span) -> Failure {
        Failure::Here { reason, span }
    }
}

impl fmt::Debug for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Script").field("name", &self.name).field("place", &self.place).finish_non_exhaustive()
    }
}
