//! The way a step goes: one, or a list of which the first that is possible is taken.

use super::Ladder;
use super::rung::Rung;
use crate::diag::Code;
use crate::lang::{Base, Expr, Type, Words};
use crate::plan::lower::{Lowerer, wrong};
use crate::plan::node::{ChoiceRow, Hit};
use crate::policy::fields::Fields;
use crate::policy::read;
use crate::policy::tree::{Tree, TreeKind};

/// `channel: [ { by: email, when: is_given(customer.email) }, letter ]` as a choice; nothing for a plain value.
#[expect(clippy::option_option, reason = "an error, no list, or a choice")]
pub(super) fn lower<'t>(
    low: &mut Lowerer<'t>,
    ladder: &Ladder<'t>,
    rung: &Rung<'t>,
    tree: &'t Tree,
) -> Option<Option<Expr>> {
    let TreeKind::List(ways) = &tree.kind else { return Some(None) };
    let mut rows = Vec::with_capacity(ways.len());
    for (number, way) in ways.iter().enumerate() {
        let (by, when) = match &way.kind {
            TreeKind::Map(_) => {
                let mut fields = Fields::of(way, "a way to go", &mut low.sink)?;
                let by = fields.need("by", &mut low.sink);
                let when = fields.need("when", &mut low.sink);
                fields.finish(&mut low.sink);
                (by?, Some(when?))
            }
            _ => (way, None),
        };
        if when.is_none() && number + 1 < ways.len() {
            let message = "this way is always possible, so those behind it are never taken";
            let help = "say when it is: `{ by: email, when: is_given(customer.email) }`";
            low.report(wrong(way, Code::Unreachable, message).help(help));
            return None;
        }
        let when = match when {
            Some(tree) => Some(low.condition(tree, ladder.home())?.expr),
            None => None,
        };
        let id = read::text(by, &mut low.sink)?.text.clone();
        let gives = low.literal(&id, Base::Text, &by.place);
        rows.push(ChoiceRow { id, place: way.place.clone(), when, gives, reason: Words::new() });
    }
    let name = ladder.name(&format!("{}.channel", rung.id));
    let node = low.choose(&name, ladder.subject, Type::maybe(Base::Text), &tree.place, Hit::First, rows);
    Some(Some(low.read(node, &tree.place)))
}
