//! What has come together: balance × rate × days, over all pieces.

use super::ITEM;
use super::rate::Bands;
use super::written::{Charge, RoundAt};
use crate::lang::{Base, Type, Words};
use crate::plan::lower::{Home, Lowerer, Subjects, Tally};
use crate::plan::node::{ChoiceRow, Hit, Take};
use crate::plan::schema::RelationId;

/// Adds the charge of each piece and their sum; gives the name of the sum.
pub(super) fn accrued<'t>(
    low: &mut Lowerer<'t>,
    charge: &Charge<'t>,
    bands: &Bands<'t>,
    of: RelationId,
) -> Option<String> {
    let place = &charge.tree.place;
    let piece = charge.pieces();
    let (subject, home, day) = if bands.to_whole_period {
        let days = charge.name("days");
        let text = format!("(item.settled_on ?? as_of) - {} + 1", charge.name("from"));
        low.derive_where(
            &days,
            Subjects::ITEM,
            Base::Days,
            place,
            &format!("is_given({})", charge.name("from")),
            &text,
        )?;
        (Subjects::ITEM, ITEM, format!("({days} ?? 1)"))
    } else {
        (of, Home::At(of), format!("{piece}.first_number"))
    };
    let day_name = charge.name("day_number");
    low.derive(&day_name, home, Some(Type::of(Base::Days)), place, &day)?;
    let day = low.text(&day_name, place, home, None)?.expr;
    let mut rows = Vec::new();
    for (cell, is) in &bands.rows {
        let when = match cell {
            Some(cell) => Some(low.cell(cell, &day, home)?.expr),
            None => None,
        };
        let gives = low.expr(is, home, Some(Type::of(Base::Number)))?.expr;
        let id = cell.and_then(|c| c.text()).unwrap_or("every_day").to_string();
        rows.push(ChoiceRow { id, place: is.place.clone(), when, gives, reason: Words::new() });
    }
    let rate = charge.name("rate");
    low.choose(&rate, subject, Type::of(Base::Number), bands.place, Hit::First, rows);
    let (over, days) =
        (bands.year.map(|n| format!(" / {n}.0")).unwrap_or_default(), format!("to_number({piece}.days)"));
    let money = || Some(Type::of(Base::Money));
    let accrued = charge.name("accrued");
    // The quotient of a year may have no end: what is rounded once is divided once, after the exact sum.
    let (each, text, sum) = match (charge.round, bands.year) {
        (RoundAt::Total, Some(_)) => {
            ("piece_of_a_year", format!("{piece}.balance * {rate} * {days}"), charge.name("accrued_of_a_year"))
        }
        (RoundAt::Total, None) => ("piece_charge", format!("{piece}.balance * {rate} * {days}"), accrued.clone()),
        (RoundAt::EachDay, _) => {
            ("piece_charge", format!("round_money({piece}.balance * {rate}{over}) * {days}"), accrued.clone())
        }
    };
    let each = charge.name(each);
    low.derive(&each, Home::At(of), money(), place, &text)?;
    low.tally(&sum, Subjects::ITEM, place, Tally { of, take: Take::Sum, value: Some(&each), filter: None })?;
    if sum != accrued {
        low.derive(&accrued, ITEM, money(), place, &format!("{sum}{over}"))?;
    }
    Some(accrued)
}
