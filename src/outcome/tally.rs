//! Counts and sums, taken from the rows of blocks; those of several blocks come to the same in whatever groups they are
//! put together.

use std::sync::Arc;

use arrow_array::cast::AsArray as _;
use arrow_array::types::{Decimal128Type, Decimal256Type, Int32Type};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_buffer::BooleanBuffer;
use arrow_schema::DataType;
use num_bigint::BigInt;
use rust_decimal::Decimal;

use super::schema::TableSchema;
use super::views::VIEWS;
use crate::lang::Base;
use crate::lang::sum::ExactSum;
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

/// Counts and sums of the output tables: over all rows, and by the columns that the summary groups them by.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    tables: Vec<TableTally>,
}

#[derive(Clone, Debug, Default)]
struct TableTally {
    table: String,
    rows: usize,
    /// With those that are left out.
    all: usize,
    money: Vec<Money>,
    filled: Vec<Filled>,
    by: Vec<By>,
}

/// A column of the output and of the batch.
#[derive(Clone, Debug)]
struct Column {
    header: String,
    /// Its number in the output.
    number: usize,
    /// Its number in the batch.
    at: usize,
}

#[derive(Clone, Debug)]
struct Money {
    column: Column,
    sum: ExactSum,
}

/// A column that is neither money nor one of a list, and how many rows have something in it.
#[derive(Clone, Debug)]
struct Filled {
    column: Column,
    count: usize,
}

/// A column with a fixed list of values.
#[derive(Clone, Debug)]
struct By {
    column: Column,
    values: Arc<[Arc<str>]>,
    /// The money that is summed, by its place in the table's list.
    money: Vec<usize>,
    /// For each value its rows; then those without a value, and those whose decision failed.
    groups: Vec<Rows>,
}

#[derive(Clone, Debug, Default)]
struct Rows {
    count: usize,
    /// For each money column, its sum and how many rows have something in it.
    money: Vec<(ExactSum, usize)>,
}

impl Tally {
    /// Nothing counted yet.
    pub(super) fn new(plan: &Plan, schemas: &[Arc<TableSchema>]) -> Self {
        let tables = plan.outputs.iter().zip(schemas);
        Self { tables: tables.map(|(output, schema)| TableTally::new(plan, output, schema)).collect() }
    }

    /// Counts the rows of a batch of an output table, by its number; `failed` says for each column of the output, by its
    /// number, which rows' decisions failed; none where none did. `all` is the number of rows with those that were left out.
    pub(super) fn add(&mut self, table: usize, batch: &RecordBatch, failed: &[Option<BooleanBuffer>], all: usize) {
        if let Some(table) = self.tables.get_mut(table) {
            table.all += all;
            table.add(batch, failed);
        }
    }

    /// Adds what was counted elsewhere, of the same plan.
    pub fn merge(&mut self, other: Self) {
        for (table, other) in self.tables.iter_mut().zip(other.tables) {
            table.rows += other.rows;
            table.all += other.all;
            for (money, other) in table.money.iter_mut().zip(other.money) {
                money.sum.merge(other.sum);
            }
            for (filled, other) in table.filled.iter_mut().zip(other.filled) {
                filled.count += other.count;
            }
            for (by, other) in table.by.iter_mut().zip(other.by) {
                for (rows, other) in by.groups.iter_mut().zip(other.groups) {
                    rows.merge(other);
                }
            }
        }
    }

    /// How many rows a table has.
    pub fn rows(&self, table: &str) -> usize {
        self.table(table).map_or(0, |table| table.rows)
    }

    /// How many rows a table would have if none were left out.
    pub fn all_rows(&self, table: &str) -> usize {
        self.table(table).map_or(0, |table| table.all)
    }

    /// The sum of every money column of a table.
    pub fn totals(&self, table: &str) -> Vec<(&str, Option<Decimal>)> {
        let money = self.table(table).map(|table| table.money.as_slice()).unwrap_or_default();
        money.iter().map(|money| (money.column.header.as_str(), money.sum.total())).collect()
    }

    /// The rows of a table by the values of one of the columns that it is grouped by, in the order of its values, with
    /// sums of others. Rows without a value stand under `""`, rows whose decision failed under `failed`. `None` where the
    /// table is not grouped by such a column. With `only`, a row is counted when that money column has something in it.
    pub fn by(&self, table: &str, column: &str, sums: &[&str], only: Option<&str>) -> Option<Vec<Group>> {
        let table = self.table(table)?;
        let by = table.by.iter().find(|by| by.column.header == column)?;
        let position = |wanted: &str| {
            let is = |at: &usize| table.money.get(*at).is_some_and(|money| money.column.header == wanted);
            by.money.iter().position(is)
        };
        let group = |(key, of): (usize, &Rows)| {
            let name = match by.values.get(key) {
                Some(value) => value,
                None if key == by.values.len() => "",
                None => "failed",
            };
            let sum = |wanted: &&str| of.money.get(position(wanted)?)?.0.total();
            let filled = only.and_then(|wanted| of.money.get(position(wanted)?)).map(|(_, filled)| *filled);
            let rows = filled.unwrap_or(of.count);
            Group { key: vec![name.into()], rows, sums: sums.iter().map(sum).collect() }
        };
        Some(by.groups.iter().enumerate().filter(|(_, rows)| rows.count > 0).map(group).collect())
    }

    /// How many rows of a table have something in a column that is neither money nor one of a list: a value, and not an
    /// empty list.
    pub fn filled(&self, table: &str, column: &str) -> usize {
        let columns = self.table(table).map(|table| table.filled.as_slice()).unwrap_or_default();
        columns.iter().find(|filled| filled.column.header == column).map_or(0, |filled| filled.count)
    }

    /// Whether a table has a money column of this name.
    pub fn has(&self, table: &str, column: &str) -> bool {
        self.table(table).is_some_and(|table| table.money.iter().any(|money| money.column.header == column))
    }

    fn table(&self, table: &str) -> Option<&TableTally> {
        self.tables.iter().find(|of| of.table == table)
    }
}

impl TableTally {
    fn new(plan: &Plan, output: &Output, schema: &TableSchema) -> Self {
        let mut tally = Self { table: output.table.clone(), ..Self::default() };
        let mut lists = Vec::new();
        for (number, column) in output.columns.iter().enumerate() {
            let Some(at) = schema.value(number) else { continue };
            let of = Column { header: column.header.clone(), number, at };
            match plan.node(column.node).map(|node| &node.ty.base) {
                Some(Base::Money) => tally.money.push(Money { column: of, sum: ExactSum::default() }),
                Some(Base::OneOf(values)) => lists.push((of, Arc::clone(values))),
                _ => tally.filled.push(Filled { column: of, count: 0 }),
            }
        }
        for (column, values) in lists {
            let views = || VIEWS.iter().filter(|view| view.table == output.table && view.by == column.header);
            if views().next().is_none() {
                continue;
            }
            let is_summed = |header: &str| views().any(|view| view.sums.contains(&header) || view.only == Some(header));
            let summed = tally.money.iter().enumerate().filter(|(_, money)| is_summed(&money.column.header));
            let money: Vec<usize> = summed.map(|(at, _)| at).collect();
            let rows = Rows { count: 0, money: vec![Default::default(); money.len()] };
            let groups = vec![rows; values.len() + 2];
            tally.by.push(By { column, values, money, groups });
        }
        tally
    }

    fn add(&mut self, batch: &RecordBatch, failed: &[Option<BooleanBuffer>]) {
        self.rows += batch.num_rows();
        let array = |column: &Column| batch.columns().get(column.at);
        for filled in &mut self.filled {
            filled.count += array(&filled.column).map_or(0, count_filled);
        }
        let everything = vec![0; batch.num_rows()];
        for money in &mut self.money {
            if let Some(array) = array(&money.column) {
                let mut all = [(std::mem::take(&mut money.sum), 0)];
                sum_up(array, &everything, all.iter_mut().collect());
                let [(sum, _)] = all;
                money.sum = sum;
            }
        }
        for by in &mut self.by {
            let Some(values) = array(&by.column) else { continue };
            let groups = groups_of(values, &by.values, failed.get(by.column.number).and_then(Option::as_ref));
            for group in &groups {
                if let Some(rows) = by.groups.get_mut(*group) {
                    rows.count += 1;
                }
            }
            for (number, at) in by.money.iter().enumerate() {
                if let Some(array) = self.money.get(*at).and_then(|money| array(&money.column)) {
                    let sums = by.groups.iter_mut().filter_map(|rows| rows.money.get_mut(number)).collect();
                    sum_up(array, &groups, sums);
                }
            }
        }
    }
}

impl Rows {
    fn merge(&mut self, other: Self) {
        self.count += other.count;
        for ((sum, filled), (other, more)) in self.money.iter_mut().zip(other.money) {
            sum.merge(other);
            *filled += more;
        }
    }
}

/// How many rows have something: a value, and not an empty list.
fn count_filled(array: &ArrayRef) -> usize {
    match array.as_list_opt::<i32>() {
        Some(lists) => lists.value_offsets().windows(2).filter(|of| matches!(of, [first, end] if first < end)).count(),
        None => array.len() - array.null_count(),
    }
}

/// The group of each row: the number of its value, then that of no value, and of a decision that failed.
fn groups_of(array: &ArrayRef, values: &[Arc<str>], failed: Option<&BooleanBuffer>) -> Vec<usize> {
    let none = values.len();
    let group = |word: &str| values.iter().position(|value| **value == *word).unwrap_or(none);
    let mut groups: Vec<usize> = match array.as_dictionary_opt::<Int32Type>() {
        Some(words) => {
            let known: Vec<usize> = match words.values().as_string_opt::<i32>() {
                Some(texts) => texts.iter().map(|word| word.map_or(none, group)).collect(),
                None => Vec::new(),
            };
            let of = |key: Option<i32>| known.get(usize::try_from(key?).ok()?).copied();
            words.keys().iter().map(|key| of(key).unwrap_or(none)).collect()
        }
        None => match array.as_string_opt::<i32>() {
            Some(texts) => texts.iter().map(|word| word.map_or(none, group)).collect(),
            None => vec![none; array.len()],
        },
    };
    if let Some(failed) = failed {
        for (group, _) in groups.iter_mut().zip(failed).filter(|(_, failed)| *failed) {
            *group = none + 1;
        }
    }
    groups
}

/// Adds the amounts of a column to the sums of their rows' groups, and counts those that are not zero.
fn sum_up(array: &ArrayRef, groups: &[usize], mut sums: Vec<&mut (ExactSum, usize)>) {
    let (DataType::Decimal128(_, scale) | DataType::Decimal256(_, scale)) = array.data_type() else { return };
    let scale = u32::try_from(*scale).unwrap_or(0);
    if let Some(amounts) = array.as_primitive_opt::<Decimal128Type>() {
        let mut parts = vec![(0i128, 0usize); sums.len()];
        for (units, group) in amounts.iter().zip(groups) {
            let (Some(units), Some((part, filled))) = (units, parts.get_mut(*group)) else { continue };
            *filled += usize::from(units != 0);
            *part = match part.checked_add(units) {
                Some(part) => part,
                None => {
                    if let Some((sum, _)) = sums.get_mut(*group) {
                        sum.add_units(*part, scale);
                    }
                    units
                }
            };
        }
        for ((sum, count), (part, filled)) in sums.into_iter().zip(parts) {
            sum.add_units(part, scale);
            *count += filled;
        }
    } else if let Some(amounts) = array.as_primitive_opt::<Decimal256Type>() {
        for (units, group) in amounts.iter().zip(groups) {
            let (Some(units), Some((sum, count))) = (units, sums.get_mut(*group)) else { continue };
            sum.add_units(BigInt::from_signed_bytes_le(&units.to_le_bytes()), scale);
            *count += usize::from(units != arrow_buffer::i256::ZERO);
        }
    }
}
