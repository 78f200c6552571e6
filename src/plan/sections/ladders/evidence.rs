//! The evidence a rung needs: papers of the invoice, or of the customer as a whole.

use super::Ladder;
use super::rung::{Needed, Rung};
use crate::diag::Place;
use crate::lang::{Base, Type, Words};
use crate::plan::lower::{Lowerer, Subjects, Tally};
use crate::plan::node::{ChoiceRow, Hit, Take};

/// Adds `evidence_complete` and, where evidence is needed, the list of what is missing.
pub(super) fn lower<'t>(low: &mut Lowerer<'t>, ladder: &Ladder<'t>, rung: &Rung<'t>) -> Option<()> {
    let name = |part: &str| rung.name(ladder, part);
    let bool = || Some(Type::of(Base::Bool));
    let mut all = vec!["true".to_string()];
    let mut missing = Vec::new();
    for needed in &rung.needs_evidence {
        let has = held(low, ladder, rung.place, needed)?;
        let when = Some(low.text(&format!("!({has})"), rung.place, ladder.home(), bool())?.expr);
        let gives = low.literal(needed.kind, Base::Text, rung.place);
        let (id, place) = (needed.kind.to_string(), rung.place.clone());
        missing.push(ChoiceRow { id, place, when, gives, reason: Words::new() });
        all.push(format!("({has})"));
    }
    low.derive(&name("evidence_complete"), ladder.home(), bool(), rung.place, &all.join(" && "))?;
    if !rung.needs_evidence.is_empty() {
        let ty = Type::of(Base::List(Box::new(Base::Text)));
        low.choose(&name("evidence_missing"), ladder.subject, ty, rung.place, Hit::List, missing);
    }
    Some(())
}

/// The condition that a paper is there: with the invoice, where the ladder is about one, or in the customer's file.
fn held(low: &mut Lowerer<'_>, ladder: &Ladder<'_>, place: &Place, needed: &Needed<'_>) -> Option<String> {
    let mut holders = vec![(Subjects::ACCOUNT, "account", "document", "issued_on", "document.valid && ")];
    if low.plan.schema.is_at_or_above(Subjects::INVOICE, ladder.subject) {
        holders.push((Subjects::INVOICE, "invoice", "evidence", "on", ""));
    }
    let mut found = Vec::new();
    for (subject, holder, paper, dated, valid) in holders {
        let (kind, mut name) = (needed.kind, format!("{holder}.has_evidence.{}", needed.kind));
        let mut filter = format!("{valid}{paper}.kind == \"{kind}\"");
        if let Some(months) = needed.within_months {
            name = format!("{name}_within_{months}");
            filter = format!("{filter} && is_given({paper}.{dated}) && add_months({paper}.{dated}, {months}) >= as_of");
        }
        if low.demand_known(&name).is_none() {
            let of = low.plan.schema.relation(paper)?;
            low.tally(&name, subject, place, Tally { of, take: Take::Any, value: None, filter: Some(&filter) })?;
        }
        found.push(name);
    }
    Some(found.join(" || "))
}
