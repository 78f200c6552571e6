//! Rows put together value by value: how the row engine fills a batch.

use std::sync::Arc;

use arrow_array::builder::{BooleanBuilder, Date32Builder, Int64Builder, ListBuilder, StringBuilder};
use arrow_array::{ArrayRef, Decimal128Array, Decimal256Array, RecordBatch, StructArray};
use arrow_buffer::i256;
use arrow_schema::ArrowError;
use rust_decimal::Decimal;

use super::schema::{Misshapen, Shape, TableSchema, mixed_fields};
use crate::engine::print_value;
use crate::lang::{Base, Type, Value, day_number};
use crate::plan::MoneyRule;

/// The most digits of a `Decimal128`.
const PRECISION: u8 = 38;
/// And of a `Decimal256`.
const WIDE_PRECISION: u8 = 76;

/// One value of a row.
#[derive(Clone, Copy, Debug)]
pub(super) enum Cell<'v> {
    /// None.
    Blank,
    /// A text; none when it is empty.
    Text(&'v str),
    /// A whole number.
    Whole(i64),
    /// A value, its type, and how money is printed.
    Value(&'v Value, &'v Type, &'v MoneyRule),
}

/// The rows of a table on their way into a batch.
pub(super) struct Rows {
    schema: Arc<TableSchema>,
    columns: Vec<Filling>,
    count: usize,
    /// The first value that its column could not take.
    misfit: Option<String>,
}

impl Rows {
    /// None yet.
    pub(super) fn new(schema: Arc<TableSchema>) -> Self {
        let columns = schema.heads.iter().map(|head| Filling::new(&head.shape)).collect();
        Self { schema, columns, count: 0, misfit: None }
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.count
    }

    /// Adds a row, a cell a column.
    pub(super) fn push<'v>(&mut self, cells: impl IntoIterator<Item = Cell<'v>>) {
        let mut cells = cells.into_iter();
        for (head, column) in self.schema.heads.iter().zip(&mut self.columns) {
            let cell = cells.next().unwrap_or(Cell::Blank);
            if !column.push(cell) && self.misfit.is_none() {
                self.misfit = Some(format!("`{}` cannot be {cell:?}", head.name));
            }
        }
        self.count += 1;
    }

    /// The rows so far; there are none then.
    pub(super) fn batch(&mut self) -> Result<RecordBatch, Misshapen> {
        if let Some(what) = self.misfit.take() {
            return Err(self.schema.misshapen(what));
        }
        let columns = self.columns.iter_mut().map(Filling::finish).collect::<Result<_, _>>();
        let columns = columns.map_err(|error| self.schema.misshapen(error.to_string()))?;
        self.schema.batch(columns, std::mem::take(&mut self.count))
    }
}

/// A column on its way into an array.
pub(super) enum Filling {
    Bool(BooleanBuilder),
    Whole(Int64Builder),
    Date(Date32Builder),
    Decimal(Vec<Option<Decimal>>),
    Text(StringBuilder),
    List(ListBuilder<StringBuilder>),
    Mixed { bare: StringBuilder, text: StringBuilder },
}

impl Filling {
    pub(super) fn new(shape: &Shape) -> Self {
        match shape {
            Shape::Bool => Filling::Bool(BooleanBuilder::new()),
            Shape::Whole => Filling::Whole(Int64Builder::new()),
            Shape::Date => Filling::Date(Date32Builder::new()),
            Shape::Decimal { .. } => Filling::Decimal(Vec::new()),
            Shape::Text | Shape::Word(_) => Filling::Text(StringBuilder::new()),
            Shape::List => Filling::List(ListBuilder::new(StringBuilder::new())),
            Shape::Mixed => Filling::Mixed { bare: StringBuilder::new(), text: StringBuilder::new() },
        }
    }

    /// Takes a cell; `false` when the column has no such values.
    pub(super) fn push(&mut self, cell: Cell<'_>) -> bool {
        match (self, cell) {
            (column, Cell::Blank | Cell::Value(Value::Missing, ..)) => column.blank(),
            (Filling::Bool(to), Cell::Value(Value::Bool(value), ..)) => to.append_value(*value),
            (Filling::Whole(to), Cell::Value(Value::Int(number), ..)) => to.append_value(*number),
            (Filling::Whole(to), Cell::Whole(number)) => to.append_value(number),
            (Filling::Date(to), Cell::Value(Value::Date(day), ..)) => to.append_value(day_number(*day)),
            (Filling::Decimal(to), Cell::Value(Value::Dec(number), ..)) => to.push(Some(*number)),
            (Filling::Text(to), Cell::Text(text)) => append(to, text),
            (Filling::Text(to), Cell::Value(Value::Text(text), ..)) => append(to, text),
            (Filling::Text(to), Cell::Value(value, ty, money)) => append(to, &print_value(value, ty, money)),
            (Filling::List(to), Cell::Value(Value::List(items), ty, money)) => {
                let Base::List(of) = &ty.base else { return false };
                let of = Type::of((**of).clone());
                items.iter().for_each(|item| to.values().append_value(print_value(item, &of, money)));
                to.append(true);
            }
            (Filling::Mixed { bare, text }, Cell::Value(value @ (Value::Int(_) | Value::Bool(_)), ..)) => {
                bare.append_value(value.to_string());
                text.append_null();
            }
            (Filling::Mixed { bare, text }, cell) => {
                bare.append_null();
                match cell {
                    Cell::Text(given) => append(text, given),
                    Cell::Value(value, ty, money) => append(text, &print_value(value, ty, money)),
                    Cell::Blank | Cell::Whole(_) => return false,
                }
            }
            _ => return false,
        }
        true
    }

    fn blank(&mut self) {
        match self {
            Filling::Bool(to) => to.append_null(),
            Filling::Whole(to) => to.append_null(),
            Filling::Date(to) => to.append_null(),
            Filling::Decimal(to) => to.push(None),
            Filling::Text(to) => to.append_null(),
            Filling::List(to) => to.append(false),
            Filling::Mixed { bare, text } => {
                bare.append_null();
                text.append_null();
            }
        }
    }

    pub(super) fn finish(&mut self) -> Result<ArrayRef, ArrowError> {
        Ok(match self {
            Filling::Bool(to) => Arc::new(to.finish()),
            Filling::Whole(to) => Arc::new(to.finish()),
            Filling::Date(to) => Arc::new(to.finish()),
            Filling::Decimal(to) => decimals(&std::mem::take(to))?,
            Filling::Text(to) => Arc::new(to.finish()),
            Filling::List(to) => Arc::new(to.finish()),
            Filling::Mixed { bare, text } => {
                let parts: Vec<ArrayRef> = vec![Arc::new(bare.finish()), Arc::new(text.finish())];
                Arc::new(StructArray::try_new(mixed_fields(), parts, None)?)
            }
        })
    }
}

fn append(to: &mut StringBuilder, text: &str) {
    if text.is_empty() { to.append_null() } else { to.append_value(text) }
}

/// Decimals at the least scale that holds them all.
fn decimals(values: &[Option<Decimal>]) -> Result<ArrayRef, ArrowError> {
    let values: Vec<Option<Decimal>> = values.iter().map(|value| value.map(|number| number.normalize())).collect();
    let scale = values.iter().flatten().map(Decimal::scale).max().unwrap_or(0);
    // No scale of a decimal is beyond 28.
    let signed = i8::try_from(scale).unwrap_or(i8::MAX);
    let narrow = |number: &Decimal| {
        let units = number.mantissa().checked_mul(10i128.checked_pow(scale - number.scale())?)?;
        (units.unsigned_abs() < 10u128.pow(u32::from(PRECISION))).then_some(units)
    };
    if values.iter().flatten().all(|number| narrow(number).is_some()) {
        let units = values.iter().map(|value| value.as_ref().and_then(narrow));
        let array: Decimal128Array = units.collect();
        return Ok(Arc::new(array.with_precision_and_scale(PRECISION, signed)?));
    }
    let ten = i256::from_i128(10);
    let wide =
        |number: &Decimal| i256::from_i128(number.mantissa()).wrapping_mul(ten.wrapping_pow(scale - number.scale()));
    let array: Decimal256Array = values.iter().map(|value| value.as_ref().map(wide)).collect();
    Ok(Arc::new(array.with_precision_and_scale(WIDE_PRECISION, signed)?))
}
