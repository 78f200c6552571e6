//! What a run proposes, counted: things to do and their amounts, by ladder and rung.

use std::collections::BTreeMap;

use arrow_array::cast::AsArray as _;
use arrow_array::types::{Decimal128Type, Decimal256Type, Int32Type};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::DataType;
use num_bigint::BigInt;

use super::actions::{constant, emits};
use super::schema::TableSchema;
use super::tally::Group;
use crate::lang::sum::ExactSum;
use crate::plan::Plan;

/// Things to do and their amounts. Those of several blocks come to the same in whatever groups they are put together.
#[derive(Clone, Debug, Default)]
pub struct Proposed {
    /// Ladder and rung, in the order of the plan.
    order: Vec<(String, String)>,
    /// How many things there are to do, and their amount, by place in the order, ladder and rung of the whole.
    groups: BTreeMap<(usize, String, String), (usize, ExactSum)>,
    /// How many things there are to do.
    pub count: usize,
    /// How many lines they have together.
    pub lines: usize,
}

impl Proposed {
    /// Nothing yet.
    pub(super) fn new(plan: &Plan) -> Self {
        let order = emits(plan).map(|emit| (constant(emit, "ladder"), constant(emit, "rung"))).collect();
        Self { order, ..Self::default() }
    }

    /// Counts the lines of a batch of the action list, in which those of one thing stand together.
    pub(super) fn add(&mut self, schema: &TableSchema, batch: &RecordBatch) {
        let column = |name: &str| schema.position(name).and_then(|at| batch.columns().get(at));
        let (ids, ladders, levels) = (column("id"), column("ladder"), column("level"));
        let (converted, own) = (column("converted_amount"), column("amount"));
        let mut last: Option<&str> = None;
        let mut key = (0, String::new(), String::new());
        for row in 0..batch.num_rows() {
            let id = ids.map(|ids| text(ids, row));
            if last.is_none() || last != id {
                last = id;
                let part = |column: Option<&ArrayRef>| column.map_or("", |column| text(column, row)).to_owned();
                let (ladder, level) = (part(ladders), part(levels));
                let at = self.order.iter().position(|known| known.0 == ladder && known.1 == level);
                key = (at.unwrap_or(usize::MAX), ladder, level);
                self.count += 1;
                self.groups.entry(key.clone()).or_default().0 += 1;
            }
            let amount = converted.and_then(|array| amount(array, row)).or_else(|| amount(own?, row));
            if let (Some((units, scale)), Some((_, sum))) = (amount, self.groups.get_mut(&key)) {
                sum.add_units(units, scale);
            }
        }
        self.lines += batch.num_rows();
    }

    /// Adds what was counted elsewhere, of the same plan.
    pub fn merge(&mut self, other: Self) {
        self.count += other.count;
        self.lines += other.lines;
        for (key, (count, more)) in other.groups {
            let (all, sum) = self.groups.entry(key).or_default();
            *all += count;
            sum.merge(more);
        }
    }

    /// Things to do and their amounts, by ladder and rung of the whole, in the order of the plan.
    pub(super) fn by_rung(&self) -> Vec<Group> {
        let group = |((_, ladder, rung), (count, sum)): (&(usize, String, String), &(usize, ExactSum))| Group {
            key: vec![ladder.clone(), rung.clone()],
            rows: *count,
            sums: vec![sum.total()],
        };
        self.groups.iter().map(group).collect()
    }
}

/// The text in a row; empty where there is none.
fn text(array: &ArrayRef, row: usize) -> &str {
    let found = || match array.as_dictionary_opt::<Int32Type>() {
        Some(words) => value(words.values(), words.key(row)?),
        None => value(array, row),
    };
    found().unwrap_or_default()
}

fn value(texts: &ArrayRef, at: usize) -> Option<&str> {
    let texts = texts.as_string_opt::<i32>()?;
    (at < texts.len() && texts.is_valid(at)).then(|| texts.value(at))
}

/// The units of the amount in a row, and their scale.
fn amount(array: &ArrayRef, row: usize) -> Option<(BigInt, u32)> {
    let (DataType::Decimal128(_, scale) | DataType::Decimal256(_, scale)) = array.data_type() else { return None };
    let scale = u32::try_from(*scale).ok().filter(|_| array.is_valid(row))?;
    let narrow = || array.as_primitive_opt::<Decimal128Type>().map(|amounts| BigInt::from(amounts.value(row)));
    let wide = || {
        let amounts = array.as_primitive_opt::<Decimal256Type>()?;
        Some(BigInt::from_signed_bytes_le(&amounts.value(row).to_le_bytes()))
    };
    Some((narrow().or_else(wide)?, scale))
}
