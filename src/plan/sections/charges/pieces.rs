//! The pieces of an item's life within which nothing changes.

use super::cover::Cover;
use super::rate::Rate;
use super::written::Charge;
use super::{ITEM, own};
use crate::lang::{Base, Type};
use crate::plan::lower::{Home, Lowerer, Subjects};
use crate::plan::node::{Form, PIECE_FACTS, Segments};
use crate::plan::schema::{Fact, Relation, RelationId};

/// Adds the relation of pieces and the node that cuts them.
pub(super) fn cut<'t>(
    low: &mut Lowerer<'t>,
    charge: &Charge<'t>,
    rate: Option<&Rate<'t>>,
    cover: Option<&Cover>,
) -> Option<RelationId> {
    let place = &charge.tree.place;
    let own = own(low);
    let facts = PIECE_FACTS.map(|(name, base)| {
        let ty = if base == Base::Money { own.clone() } else { Type::of(base) };
        Fact { name: name.into(), ty, declared: false, pii: false }
    });
    let relation = RelationId(u16::try_from(low.plan.schema.relations.len()).ok()?);
    low.plan.schema.relations.push(Relation {
        name: charge.pieces(),
        parent: Some(Subjects::ITEM),
        exists_from: None,
        facts: facts.to_vec(),
    });
    for fact in ["first", "last"] {
        low.text(&format!("{}.{fact}", charge.pieces()), place, Home::At(relation), None)?;
    }
    let on_the_day = match rate {
        Some(rate) => rate.steady(low)?,
        None => Vec::new(),
    };
    let when_begun = match cover {
        Some(cover) => cover.steady(low, charge)?,
        None => Vec::new(),
    };
    // What payments cover is reckoned from what was set against the item, even where that is more than the item.
    let balance = charge.name(if cover.is_some() { "written_base" } else { "base" });
    let segments = Segments {
        relation,
        from: low.text(&charge.name("from"), place, ITEM, None)?.expr,
        until: low.text("as_of", place, ITEM, None)?.expr,
        balance: low.text(&balance, place, ITEM, None)?.expr,
        after_days: rate.map(|rate| rate.edges.clone()).unwrap_or_default(),
        when_begun,
        on_the_day,
        keep_empty: cover.is_some(),
    };
    let int = Type::of(Base::Int);
    low.add(&charge.name("pieces"), Subjects::ITEM, int, place, Form::Segments(segments));
    Some(relation)
}
