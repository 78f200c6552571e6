//! Counts and sums, taken while the rows go by.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use crate::engine::Outcome;
use crate::lang::sum::ExactSum;
use crate::lang::{Base, Value};
use crate::plan::{Output, Plan};

/// Rows that have something in common.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// What they have in common, as it is printed.
    pub key: Vec<String>,
    /// How many they are.
    pub rows: usize,
    /// Sums over them, in money of the policy's currency; `None` where one is too large to hold.
    pub sums: Vec<Option<Decimal>>,
}

/// Counts and sums of the output tables: over all rows, and by the values of each column that has few of them.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    tables: Vec<TableTally>,
}

#[derive(Clone, Debug, Default)]
struct TableTally {
    table: String,
    rows: usize,
    /// Position and header of each money column, with its sum.
    money: Vec<(usize, String, ExactSum)>,
    /// Position and header of each other column, and how many rows have something in it.
    filled: Vec<(usize, String, usize)>,
    /// Position and header of each column with a fixed list of values, and the rows of each value.
    by: Vec<(usize, String, Vec<String>, Groups)>,
}

/// For each value, by its number, its rows.
type Groups = BTreeMap<usize, Rows>;

#[derive(Clone, Debug, Default)]
struct Rows {
    count: usize,
    /// For each money column, its sum and how many rows have something in it.
    money: Vec<(ExactSum, usize)>,
}

impl Tally {
    /// Nothing counted yet.
    pub fn new(plan: &Plan) -> Self {
        let table = |output: &Output| {
            let mut tally = TableTally { table: output.table.clone(), ..TableTally::default() };
            for (at, column) in output.columns.iter().enumerate() {
                match plan.node(column.node).map(|n| &n.ty.base) {
                    Some(Base::Money) => tally.money.push((at, column.header.clone(), ExactSum::default())),
                    Some(Base::OneOf(values)) => {
                        let values = values.iter().map(ToString::to_string).collect();
                        tally.by.push((at, column.header.clone(), values, BTreeMap::new()));
                    }
                    _ => tally.filled.push((at, column.header.clone(), 0)),
                }
            }
            tally
        };
        Self { tables: plan.outputs.iter().map(table).collect() }
    }

    /// Counts a row.
    pub(super) fn add(&mut self, output: &Output, outcomes: &[Outcome]) {
        let Some(table) = self.tables.iter_mut().find(|t| t.table == output.table) else { return };
        table.rows += 1;
        let value = |at: usize| outcomes.get(at).and_then(|o| o.value.as_ref().ok());
        for (at, _, count) in &mut table.filled {
            *count += usize::from(value(*at).is_some_and(is_something));
        }
        let amounts: Vec<Option<Decimal>> = table
            .money
            .iter_mut()
            .map(|(at, _, sum)| match value(*at) {
                Some(Value::Dec(amount)) => {
                    sum.add(*amount);
                    Some(*amount)
                }
                _ => None,
            })
            .collect();
        for (at, _, values, groups) in &mut table.by {
            // Past the values: no value, and no decision.
            let key = match value(*at) {
                Some(Value::Text(text)) => values.iter().position(|v| **v == **text).unwrap_or(values.len()),
                Some(_) => values.len(),
                None => values.len() + 1,
            };
            let rows = groups.entry(key).or_default();
            rows.count += 1;
            rows.money.resize_with(amounts.len(), Default::default);
            for ((sum, filled), amount) in rows.money.iter_mut().zip(&amounts) {
                if let Some(amount) = amount {
                    sum.add(*amount);
                    *filled += usize::from(!amount.is_zero());
                }
            }
        }
    }

    /// The sum of every money column of a table.
    pub fn totals(&self, table: &str) -> Vec<(&str, Option<Decimal>)> {
        let found = self.tables.iter().find(|t| t.table == table);
        found
            .map(|t| t.money.iter().map(|(_, header, sum)| (header.as_str(), sum.total())).collect())
            .unwrap_or_default()
    }

    /// The rows of a table by the values of one column, in the order of its values, with sums of others. Rows without a
    /// value stand under `""`, rows whose decision failed under `failed`. `None` where the table has no such column.
    /// With `only`, a row is counted when that money column has something in it.
    pub fn by(&self, table: &str, column: &str, sums: &[&str], only: Option<&str>) -> Option<Vec<Group>> {
        let table = self.tables.iter().find(|t| t.table == table)?;
        let (_, _, values, groups) = table.by.iter().find(|(_, header, ..)| header == column)?;
        let position = |wanted: &str| table.money.iter().position(|(_, header, _)| header == wanted);
        let group = |(key, of): (&usize, &Rows)| {
            let name = match values.get(*key) {
                Some(value) => value.as_str(),
                None if *key == values.len() => "",
                None => "failed",
            };
            let sum = |wanted: &&str| of.money.get(position(wanted)?)?.0.total();
            let filled = only.and_then(|wanted| of.money.get(position(wanted)?)).map(|(_, filled)| *filled);
            let rows = filled.unwrap_or(of.count);
            Group { key: vec![name.into()], rows, sums: sums.iter().map(sum).collect() }
        };
        Some(groups.iter().map(group).collect())
    }

    /// How many rows of a table have something in a column that is neither money nor one of a list: a value, and not an
    /// empty list.
    pub fn filled(&self, table: &str, column: &str) -> usize {
        let found = self.tables.iter().find(|t| t.table == table);
        let columns = found.map(|t| t.filled.as_slice()).unwrap_or_default();
        columns.iter().find(|(_, header, _)| header == column).map_or(0, |(.., count)| *count)
    }

    /// Whether a table has a money column of this name.
    pub fn has(&self, table: &str, column: &str) -> bool {
        self.totals(table).iter().any(|(header, _)| *header == column)
    }
}

fn is_something(value: &Value) -> bool {
    match value {
        Value::Missing => false,
        Value::List(items) => !items.is_empty(),
        _ => true,
    }
}
