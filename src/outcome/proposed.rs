//! What a run proposes, counted: things to do and their amounts, by ladder and rung.

use std::collections::BTreeMap;

use arrow_array::cast::AsArray as _;
use arrow_array::types::Int32Type;
use arrow_array::{Array, ArrayRef, Decimal128Array, Decimal256Array, RecordBatch};
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
        let amounts = [column("converted_amount"), column("amount")].map(|array| array.and_then(Amounts::of));
        let (mut groups, mut at): (Vec<Counting<'_>>, usize) = (Vec::new(), 0);
        let mut last = None;
        for row in 0..batch.num_rows() {
            let id = ids.and_then(|ids| text(ids, row));
            let is_new = row == 0 || last != id;
            last = id;
            if is_new {
                let key = [ladders, levels].map(|part| part.and_then(|part| text(part, row)).unwrap_or_default());
                at = groups.iter().position(|group| group.key == key).unwrap_or(groups.len());
                if at == groups.len() {
                    groups.push(Counting { key, count: 0, sum: ExactSum::default(), parts: [0; 2] });
                }
            }
            let Some(group) = groups.get_mut(at) else { continue };
            group.count += usize::from(is_new);
            group.add(&amounts, row);
        }
        for group in groups {
            let [ladder, level] = group.key.map(str::to_owned);
            let place = self.place(&ladder, &level);
            let (count, sum) = self.groups.entry((place, ladder, level)).or_default();
            *count += group.count;
            self.count += group.count;
            sum.merge(group.sum);
            for (amounts, part) in amounts.iter().zip(group.parts) {
                sum.add_units(part, amounts.as_ref().map_or(0, |amounts| amounts.scale));
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

    /// Takes away what was counted before, of the same plan.
    pub(super) fn less(&mut self, other: Self) {
        self.count = self.count.saturating_sub(other.count);
        self.lines = self.lines.saturating_sub(other.lines);
        for (key, (count, gone)) in other.groups {
            if let Some((all, sum)) = self.groups.get_mut(&key) {
                *all = all.saturating_sub(count);
                sum.less(gone);
            }
        }
        self.groups.retain(|_, (count, _)| *count > 0);
    }

    /// Everything counted, in digits: ladder, rung, how many things and their amount.
    pub(super) fn digits(&self) -> Vec<(String, String, usize, String)> {
        let digits = |((_, ladder, rung), (count, sum)): (&(usize, String, String), &(usize, ExactSum))| {
            (ladder.clone(), rung.clone(), *count, sum.exact())
        };
        self.groups.iter().map(digits).collect()
    }

    /// Takes over what was counted, in digits, of the same plan, with so many lines; `None` where they are none.
    pub(super) fn set_digits(&mut self, lines: usize, digits: &[(String, String, usize, String)]) -> Option<()> {
        self.lines = lines;
        for (ladder, rung, count, sum) in digits {
            self.count += count;
            let key = (self.place(ladder, rung), ladder.clone(), rung.clone());
            self.groups.insert(key, (*count, ExactSum::from_exact(sum)?));
        }
        Some(())
    }

    /// Where a ladder's rung stands in the plan.
    fn place(&self, ladder: &str, rung: &str) -> usize {
        let place = self.order.iter().position(|known| known.0 == ladder && known.1 == rung);
        place.unwrap_or(usize::MAX)
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

/// Things of one ladder and rung in a batch.
struct Counting<'b> {
    key: [&'b str; 2],
    count: usize,
    sum: ExactSum,
    /// What is not in the sum yet, at the scale of each column of amounts.
    parts: [i128; 2],
}

impl Counting<'_> {
    /// Adds the amount of a line: the first that it has.
    fn add(&mut self, amounts: &[Option<Amounts<'_>>; 2], row: usize) {
        for (amounts, part) in amounts.iter().zip(&mut self.parts) {
            let Some(amounts) = amounts.as_ref().filter(|amounts| amounts.array.is_valid(row)) else { continue };
            if let Some(narrow) = amounts.narrow {
                let units = narrow.value(row);
                *part = part.checked_add(units).unwrap_or_else(|| {
                    self.sum.add_units(*part, amounts.scale);
                    units
                });
            } else if let Some(wide) = amounts.wide {
                self.sum.add_units(BigInt::from_signed_bytes_le(&wide.value(row).to_le_bytes()), amounts.scale);
            }
            return;
        }
    }
}

/// A column of amounts.
struct Amounts<'b> {
    array: &'b ArrayRef,
    narrow: Option<&'b Decimal128Array>,
    wide: Option<&'b Decimal256Array>,
    scale: u32,
}

impl<'b> Amounts<'b> {
    fn of(array: &'b ArrayRef) -> Option<Self> {
        let (DataType::Decimal128(_, scale) | DataType::Decimal256(_, scale)) = array.data_type() else { return None };
        let scale = u32::try_from(*scale).ok()?;
        Some(Self { array, narrow: array.as_primitive_opt(), wide: array.as_primitive_opt(), scale })
    }
}

/// The text in a row.
fn text(array: &ArrayRef, row: usize) -> Option<&str> {
    match array.as_dictionary_opt::<Int32Type>() {
        Some(words) => value(words.values(), words.key(row)?),
        None => value(array, row),
    }
}

fn value(texts: &ArrayRef, at: usize) -> Option<&str> {
    let texts = texts.as_string_opt::<i32>()?;
    (at < texts.len() && texts.is_valid(at)).then(|| texts.value(at))
}
