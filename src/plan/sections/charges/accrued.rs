//! What has come together: balance × rate × time, over all pieces.

use super::fixed_on::FixedOn;
use super::rate::Rate;
use super::written::{Charge, RoundAt};
use super::{ITEM, own};
use crate::lang::{Base, Type, Words};
use crate::plan::lower::{Home, Lowerer, Subjects, Tally};
use crate::plan::node::{ChoiceRow, Hit, Take};
use crate::plan::schema::RelationId;

/// Adds the rate and the time of each piece.
pub(super) fn rate_and_time<'t>(
    low: &mut Lowerer<'t>,
    charge: &Charge<'t>,
    rate: &Rate<'t>,
    of: RelationId,
) -> Option<()> {
    rate_of_a_piece(low, charge, rate, of)?;
    let units = rate.count.units(&charge.pieces(), &charge.first_day());
    low.derive(&charge.name("units"), Home::At(of), Some(Type::of(Base::Number)), &charge.tree.place, &units)?;
    Some(())
}

/// Adds the charge of each piece and their sum; gives the name of the sum.
pub(super) fn accrued<'t>(
    low: &mut Lowerer<'t>,
    charge: &Charge<'t>,
    rate: &Rate<'t>,
    of: RelationId,
) -> Option<String> {
    let place = &charge.tree.place;
    let piece = charge.pieces();
    let (rate_name, units) = (charge.name("rate"), charge.name("units"));
    let weight = rate.count.weight(&piece).map(|weight| format!(" * {weight}")).unwrap_or_default();
    let per = rate.count.per().map(|per| format!(" / {per}")).unwrap_or_default();
    let bears = format!("{piece}.own_balance * {rate_name}{weight}");
    let own = own(low);
    let amount = || Some(own.clone());
    let accrued = charge.name("accrued");
    // The quotient of a year may have no end: what is rounded once is divided once, after the exact sum.
    let (each, text, sum) = match (charge.round, per.is_empty()) {
        (RoundAt::Total | RoundAt::EachPayment, false) => {
            ("piece_before_division", format!("{bears} * {units}"), charge.name("accrued_before_division"))
        }
        (RoundAt::Total | RoundAt::EachPayment, true) => {
            ("piece_charge", format!("{bears} * {units}"), accrued.clone())
        }
        (RoundAt::EachDay, _) => ("piece_charge", format!("round_money({bears}{per}) * {units}"), accrued.clone()),
    };
    let each = charge.name(each);
    low.derive(&each, Home::At(of), amount(), place, &text)?;
    let outside = if charge.round == RoundAt::EachDay { "" } else { per.as_str() };
    low.derive(&charge.name("comes_to"), Home::At(of), amount(), place, &format!("{each}{outside}"))?;
    low.tally(&sum, Subjects::ITEM, place, Tally { of, take: Take::Sum, value: Some(&each), filter: None })?;
    if sum != accrued {
        low.derive(&accrued, ITEM, amount(), place, &format!("{sum}{per}"))?;
    }
    Some(accrued)
}

/// Adds the rate: of each piece, or of the whole where one band applies to all and it does not float.
fn rate_of_a_piece<'t>(low: &mut Lowerer<'t>, charge: &Charge<'t>, rate: &Rate<'t>, of: RelationId) -> Option<()> {
    let place = &charge.tree.place;
    let piece = charge.pieces();
    let floats = matches!(rate.fixed, Some(FixedOn::Floating));
    let (subject, day) = if rate.to_whole_period {
        let days = charge.name("days");
        let from = charge.name("from");
        let text = format!("(item.settled_on ?? as_of) - {from} + 1");
        low.derive_where(&days, Subjects::ITEM, Base::Days, place, &format!("is_given({from})"), &text)?;
        (if floats { of } else { Subjects::ITEM }, format!("({days} ?? 1)"))
    } else {
        (of, format!("{piece}.first_number"))
    };
    let home = Home::At(subject);
    let day_name = charge.name("day_number");
    low.derive(&day_name, home, Some(Type::of(Base::Days)), place, &day)?;
    let day = low.text(&day_name, place, home, None)?.expr;
    let mut rows = Vec::new();
    for (cell, expr, is) in &rate.rows {
        let when = match cell {
            Some(cell) => Some(low.cell(cell, &day, home)?.expr),
            None => None,
        };
        let gives = match rate.fixed {
            Some(fixed) => fixed.rate(low, charge, expr.clone(), of)?,
            None => expr.clone(),
        };
        let id = cell.and_then(|c| c.text()).unwrap_or("every_day").to_string();
        rows.push(ChoiceRow { id, place: is.place.clone(), when, gives, reason: Words::new() });
    }
    low.choose(&charge.name("rate"), subject, Type::of(Base::Number), rate.place, Hit::First, rows);
    Some(())
}
