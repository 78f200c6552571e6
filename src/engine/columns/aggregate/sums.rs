//! Sums and means.

use rust_decimal::Decimal;

use super::{Rows, change, fail_owners};
use crate::engine::columns::marks::{FAILED, Mark, Marks};
use crate::engine::columns::nodes::Evaluation;
use crate::engine::columns::source::units_of;
use crate::engine::columns::units::{Digits, Units};
use crate::engine::columns::vector::{Data, Vector};
use crate::engine::gather;
use crate::lang::Value;
use crate::lang::sum::ExactSum;
use crate::plan::{Aggregate, Node};

impl<'a> Evaluation<'_, 'a> {
    pub(super) fn sum(&mut self, node: &Node, rows: &Rows, value: &Vector, len: usize) -> Vector {
        let whole = node.ty.base.is_whole();
        if let (Some(units), false) = (units_of(value), whole)
            && let Some(units) = summed(&units, rows, len)
        {
            return Vector::new(Data::Dec(units), Marks::Given, len);
        }
        if let (Data::Int(values), true) = (value.data(), whole) {
            let mut sums = vec![0i128; len];
            let pairs = rows.owners.iter().zip(values.iter());
            pairs.for_each(|(owner, value)| change(&mut sums, *owner, |sum| *sum += i128::from(*value)));
            if let Ok(sums) = sums.iter().map(|sum| i64::try_from(*sum)).collect::<Result<Vec<i64>, _>>() {
                return Vector::new(Data::Int(sums.into()), Marks::Given, len);
            }
        }
        let mut sums = vec![ExactSum::default(); len];
        for (lane, owner) in rows.owners.iter().enumerate() {
            if let Ok(value) = value.get(lane, self.texts) {
                change(&mut sums, *owner, |sum| gather::add(sum, &value));
            }
        }
        let total = |sum: &ExactSum| gather::total(sum, whole).ok_or(FAILED);
        Vector::of_values(sums.iter().map(total).collect(), self.texts)
    }

    /// For each lane the sum of its rows' values by their weights, and of these.
    pub(super) fn weighed(
        &mut self,
        aggregate: &'a Aggregate,
        rows: &Rows,
        value: &Vector,
        marks: &mut [Mark],
    ) -> Vec<(ExactSum, ExactSum)> {
        let weight = self.weights_of(aggregate, rows, marks);
        self.weighed_by(&weight, rows, value, marks.len())
    }

    /// What each of the rows weighs.
    fn weights_of(&mut self, aggregate: &'a Aggregate, rows: &Rows, marks: &mut [Mark]) -> Vector {
        let Some(weight) = &aggregate.weight else { return Vector::one(Value::Dec(Decimal::ONE), rows.count()) };
        let weight = self.at_rows(rows, weight);
        fail_owners(&weight, rows, marks);
        weight
    }

    fn weighed_by(&mut self, weight: &Vector, rows: &Rows, value: &Vector, len: usize) -> Vec<(ExactSum, ExactSum)> {
        let mut sums = vec![(ExactSum::default(), ExactSum::default()); len];
        for (lane, owner) in rows.owners.iter().enumerate() {
            let decimal = |of: &Vector| of.get(lane, self.texts).ok().and_then(|value| gather::decimal(&value));
            if let (Some(weight), Some(value)) = (decimal(weight), decimal(value)) {
                change(&mut sums, *owner, |(top, bottom)| {
                    top.add_product(value, weight);
                    bottom.add(weight);
                });
            }
        }
        sums
    }

    pub(super) fn mean(&mut self, aggregate: &'a Aggregate, rows: &Rows, value: &Vector, marks: &mut [Mark]) -> Vector {
        let weight = self.weights_of(aggregate, rows, marks);
        let value = self.as_decimals(value.clone());
        let means = match weighed_in_units(&self.as_decimals(weight.clone()), rows, &value, marks.len()) {
            Some((top, bottom)) => (0..marks.len())
                .map(|lane| match (top.get(lane), bottom.get(lane)) {
                    (Some(top), Some(bottom)) => gather::quotient(top, bottom).map_err(|_| FAILED),
                    _ => Err(FAILED),
                })
                .collect(),
            None => {
                let sums = self.weighed_by(&weight, rows, &value, marks.len());
                sums.iter().map(|(top, bottom)| gather::mean(top, bottom).map_err(|_| FAILED)).collect()
            }
        };
        Vector::of_values(means, self.texts)
    }
}

/// The sums of values by their weights, and of these; `None` where one may not fit, or has no weight.
fn weighed_in_units(weight: &Vector, rows: &Rows, value: &Vector, len: usize) -> Option<(Units, Units)> {
    if !weight.marks().is_given() {
        return None;
    }
    let (weight, value) = (units_of(weight)?, units_of(value)?);
    Some((summed(&value.multiply(&weight)?, rows, len)?, summed(&weight, rows, len)?))
}

/// Exact sums of decimals; `None` where one may not fit a decimal.
pub(super) fn summed(units: &Units, rows: &Rows, len: usize) -> Option<Units> {
    let reach = units.bound().checked_mul(u128::try_from(rows.count()).ok()?)?;
    let fits_small = reach <= i64::MAX as u128;
    Some(match units.digits() {
        Digits::Small(values) if fits_small => {
            let mut sums = vec![0i64; len];
            let pairs = rows.owners.iter().zip(values.iter());
            pairs.for_each(|(owner, value)| change(&mut sums, *owner, |sum| *sum = sum.wrapping_add(*value)));
            Units::small(sums.into(), units.scale())
        }
        digits if reach < 1 << 96 => {
            let mut sums = vec![0i128; len];
            match digits {
                Digits::One(one) => rows.owners.iter().for_each(|owner| change(&mut sums, *owner, |sum| *sum += one)),
                Digits::Small(values) => {
                    let pairs = rows.owners.iter().zip(values.iter());
                    pairs.for_each(|(owner, value)| change(&mut sums, *owner, |sum| *sum += i128::from(*value)));
                }
                Digits::Wide(values) => {
                    let pairs = rows.owners.iter().zip(values.iter());
                    pairs.for_each(|(owner, value)| change(&mut sums, *owner, |sum| *sum += value));
                }
            }
            Units::narrow(sums, units.scale())
        }
        _ => return None,
    })
}
