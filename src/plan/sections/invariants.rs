//! `invariants:` what must hold; evaluated in every run.

use crate::diag::Code;
use crate::lang::{Base, Expr, Kind, Type};
use crate::plan::lower::{Home, Lowerer, wrong};
use crate::plan::node::{Emit, Form};
use crate::policy::fields::Fields;
use crate::policy::read;
use crate::policy::tree::{Entry, Tree};

/// The stream that violations go out on.
const STREAM: &str = "invariants";

pub(super) fn read<'t>(low: &mut Lowerer<'t>, section: &'t Entry) {
    for tree in read::list(&section.value, &mut low.sink).unwrap_or(&[]) {
        declare(low, tree);
    }
}

fn declare<'t>(low: &mut Lowerer<'t>, tree: &'t Tree) -> Option<()> {
    let mut fields = Fields::of(tree, "an invariant", &mut low.sink)?;
    let id = fields.need("id", &mut low.sink).and_then(|t| read::id(t, &mut low.sink));
    let never = fields.take("never", &mut low.sink);
    let always = fields.take("always", &mut low.sink);
    let subject = fields.take("for", &mut low.sink);
    let reason = fields.take("reason", &mut low.sink);
    fields.finish(&mut low.sink);
    let id = id?;
    let home = match subject {
        Some(tree) => Home::At(low.subject_written(tree)?),
        None => Home::Free,
    };
    let (condition, negate) = match (never, always) {
        (Some(never), None) => (never, false),
        (None, Some(always)) => (always, true),
        _ => {
            low.report(
                wrong(tree, Code::MissingKey, "an invariant says what is `never:` or `always:` so")
                    .help("as in `never: 'tier == \"D\" && limit.state == \"unlimited\"'`"),
            );
            return None;
        }
    };
    let name = format!("invariants.{id}");
    low.define(vec![name.clone()], &tree.place, move |low| {
        let Some(found) = low.condition(condition, home) else { return };
        let span = found.expr.span;
        let when = if negate {
            Expr { kind: Kind::Not(Box::new(found.expr)), ty: Type::of(Base::Bool), span }
        } else {
            found.expr
        };
        let reason = reason.and_then(|t| low.words(t, Home::At(found.subject))).unwrap_or_default();
        let emit =
            Emit { stream: STREAM.into(), when, key: Vec::new(), group: None, rank: 0, payload: Vec::new(), reason };
        low.add(&name, found.subject, Type::of(Base::Bool), &tree.place, Form::Emit(emit));
    });
    Some(())
}
