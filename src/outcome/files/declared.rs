//! Rows of blocks as the schema of their table declares them: decimals at one scale, words of one list.

use std::collections::HashMap;
use std::io;
use std::sync::Arc;

use arrow_array::builder::{
    BooleanBuilder, Date32Builder, Decimal128Builder, Int32Builder, Int64Builder, ListBuilder, StringBuilder,
};
use arrow_array::cast::AsArray as _;
use arrow_array::types::{Date32Type, Decimal128Type, Decimal256Type, Int32Type, Int64Type};
use arrow_array::{Array, ArrayRef, DictionaryArray, RecordBatch, StringArray};
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef};

use super::Unfit;
use crate::lang::digits::push_decimal;
use crate::outcome::schema::{Head, Shape, TableSchema};
use crate::outcome::wide::without_zeros;

/// The most digits of a decimal column, and the greatest number of units it holds.
const PRECISION: u8 = 38;
const GREATEST: u128 = 10u128.pow(PRECISION as u32) - 1;

/// Rows on their way into a file.
pub(super) struct Declared {
    table: Arc<TableSchema>,
    schema: SchemaRef,
    columns: Vec<Filling>,
    rows: usize,
}

enum Filling {
    Bool(BooleanBuilder),
    Whole(Int64Builder),
    Date(Date32Builder),
    Decimal {
        to: Decimal128Builder,
        scale: u8,
        least: u32,
    },
    Text(StringBuilder),
    Word {
        keys: Int32Builder,
        words: Arc<StringArray>,
        known: HashMap<Arc<str>, i32>,
    },
    List(ListBuilder<StringBuilder>),
    /// Whatever it is, as text.
    Mixed(StringBuilder),
}

/// Why a column cannot take a batch's.
enum Trouble {
    Misshapen,
    /// The row of the batch and its number.
    Unfit(usize, String),
    /// A text that is none of the column's words.
    Unknown(String),
}

impl Declared {
    /// No rows yet.
    pub(super) fn new(table: Arc<TableSchema>) -> Self {
        let fields: Vec<Field> = table.heads.iter().map(field).collect();
        let columns = table.heads.iter().map(|head| Filling::new(&head.shape)).collect();
        Self { table, schema: Arc::new(Schema::new(fields)), columns, rows: 0 }
    }

    /// The schema of the file.
    pub(super) fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    /// How many rows there are.
    pub(super) fn len(&self) -> usize {
        self.rows
    }

    /// Takes the rows of a batch.
    pub(super) fn append(&mut self, batch: &RecordBatch) -> io::Result<()> {
        for ((head, column), array) in self.table.heads.iter().zip(&mut self.columns).zip(batch.columns()) {
            column.append(array).map_err(|trouble| match trouble {
                Trouble::Unfit(row, value) => io::Error::other(Unfit {
                    table: self.table.table.clone(),
                    column: head.name.clone(),
                    id: id(batch, row).unwrap_or_default(),
                    value,
                    places: column.places(),
                }),
                Trouble::Misshapen => {
                    self.table.misshapen(format!("`{}` cannot be {}", head.name, array.data_type())).into()
                }
                Trouble::Unknown(word) => self.table.misshapen(format!("`{}` has no value `{word}`", head.name)).into(),
            })?;
        }
        self.rows += batch.num_rows();
        Ok(())
    }

    /// The rows so far; there are none then.
    pub(super) fn batch(&mut self) -> io::Result<RecordBatch> {
        self.rows = 0;
        let columns = self.columns.iter_mut().map(Filling::finish).collect::<Result<_, _>>();
        let batch = columns.and_then(|columns| RecordBatch::try_new(self.schema(), columns));
        batch.map_err(io::Error::other)
    }
}

/// What a file says of a decimal column: with how many places at least its numbers are printed.
pub(super) const LEAST: &str = "usance.places";

fn field(head: &Head) -> Field {
    let field = Field::new(&head.name, declared(&head.shape), true);
    match head.shape {
        Shape::Decimal { least, .. } => field.with_metadata([(LEAST.to_owned(), least.to_string())]),
        _ => field,
    }
}

/// The Arrow type of a shape in a file.
fn declared(shape: &Shape) -> DataType {
    match shape {
        Shape::Bool => DataType::Boolean,
        Shape::Whole => DataType::Int64,
        Shape::Date => DataType::Date32,
        Shape::Decimal { scale, .. } => DataType::Decimal128(PRECISION, signed(*scale)),
        Shape::Text | Shape::Mixed => DataType::Utf8,
        Shape::Word(_) => DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8)),
        Shape::List => DataType::List(Arc::new(Field::new_list_field(DataType::Utf8, true))),
    }
}

fn signed(scale: u8) -> i8 {
    i8::try_from(scale).unwrap_or(i8::MAX)
}

/// What stands in the first column of a row.
fn id(batch: &RecordBatch, row: usize) -> Option<String> {
    let ids = batch.columns().first()?.as_string_opt::<i32>()?;
    (row < ids.len()).then(|| ids.value(row).to_owned())
}

impl Filling {
    fn new(shape: &Shape) -> Self {
        match shape {
            Shape::Bool => Filling::Bool(BooleanBuilder::new()),
            Shape::Whole => Filling::Whole(Int64Builder::new()),
            Shape::Date => Filling::Date(Date32Builder::new()),
            Shape::Decimal { scale, least } => {
                let to = Decimal128Builder::new().with_data_type(declared(shape));
                Filling::Decimal { to, scale: *scale, least: *least }
            }
            Shape::Text => Filling::Text(StringBuilder::new()),
            Shape::Mixed => Filling::Mixed(StringBuilder::new()),
            Shape::Word(words) => Filling::Word {
                keys: Int32Builder::new(),
                words: Arc::new(words.iter().map(|word| Some(&**word)).collect()),
                known: words.iter().cloned().zip(0..).collect(),
            },
            Shape::List => Filling::List(ListBuilder::new(StringBuilder::new())),
        }
    }

    fn places(&self) -> u8 {
        match self {
            Filling::Decimal { scale, .. } => *scale,
            _ => 0,
        }
    }

    fn append(&mut self, array: &ArrayRef) -> Result<(), Trouble> {
        self.take(array).ok_or(Trouble::Misshapen)?
    }

    /// `None` where the array is of another type.
    fn take(&mut self, array: &ArrayRef) -> Option<Result<(), Trouble>> {
        match self {
            // What stands where there is no value differs from block to block, and an Arrow file would hold it.
            Filling::Bool(to) if array.null_count() > 0 => to.extend(array.as_boolean_opt()?),
            Filling::Whole(to) if array.null_count() > 0 => to.extend(array.as_primitive_opt::<Int64Type>()?),
            Filling::Date(to) if array.null_count() > 0 => to.extend(array.as_primitive_opt::<Date32Type>()?),
            Filling::Bool(to) => to.append_array(array.as_boolean_opt()?),
            Filling::Whole(to) => to.append_array(array.as_primitive_opt::<Int64Type>()?),
            Filling::Date(to) => to.append_array(array.as_primitive_opt::<Date32Type>()?),
            Filling::Decimal { to, scale, least } => return decimals(to, array, u32::from(*scale), *least),
            Filling::Text(to) => texts(array)?.for_each(|text| to.append_option(text)),
            Filling::Word { keys, known, .. } => {
                for word in texts(array)? {
                    match word.map(|word| known.get(word).ok_or(word)) {
                        None => keys.append_null(),
                        Some(Ok(key)) => keys.append_value(*key),
                        Some(Err(word)) => return Some(Err(Trouble::Unknown(word.to_owned()))),
                    }
                }
            }
            Filling::List(to) => {
                let lists = array.as_list_opt::<i32>()?;
                let items = lists.values().as_string_opt::<i32>()?;
                for (row, range) in lists.value_offsets().windows(2).enumerate() {
                    let [first, end] = range else { continue };
                    for at in *first..*end {
                        to.values().append_value(items.value(usize::try_from(at).ok()?));
                    }
                    to.append(lists.is_valid(row));
                }
            }
            // As a file has them.
            Filling::Mixed(to) if array.as_struct_opt().is_none() => {
                texts(array)?.for_each(|text| to.append_option(text));
            }
            Filling::Mixed(to) => {
                let [bare, text] = array.as_struct_opt()?.columns() else { return None };
                let (bare, text) = (texts(bare)?, texts(text)?);
                bare.zip(text).for_each(|(bare, text)| to.append_option(bare.or(text)));
            }
        }
        Some(Ok(()))
    }

    fn finish(&mut self) -> Result<ArrayRef, ArrowError> {
        Ok(match self {
            Filling::Bool(to) => Arc::new(to.finish()),
            Filling::Whole(to) => Arc::new(to.finish()),
            Filling::Date(to) => Arc::new(to.finish()),
            Filling::Decimal { to, .. } => Arc::new(to.finish()),
            Filling::Text(to) | Filling::Mixed(to) => Arc::new(to.finish()),
            Filling::Word { keys, words, .. } => {
                Arc::new(DictionaryArray::<Int32Type>::try_new(keys.finish(), Arc::clone(words) as ArrayRef)?)
            }
            Filling::List(to) => Arc::new(to.finish()),
        })
    }
}

/// The texts of an array, in whichever form; none where there is none or it is empty.
fn texts(array: &ArrayRef) -> Option<Box<dyn Iterator<Item = Option<&str>> + '_>> {
    if let Some(dictionary) = array.as_dictionary_opt::<Int32Type>() {
        let words = dictionary.values().as_string_opt::<i32>()?;
        let word = move |key: Option<i32>| {
            let key = usize::try_from(key?).ok().filter(|key| *key < words.len() && words.is_valid(*key))?;
            Some(words.value(key)).filter(|word| !word.is_empty())
        };
        return Some(Box::new(dictionary.keys().iter().map(word)));
    }
    let plain = array.as_string_opt::<i32>()?;
    Some(Box::new(plain.iter().map(|text| text.filter(|text| !text.is_empty()))))
}

/// Decimals of a batch at the scale of the file.
fn decimals(to: &mut Decimal128Builder, array: &ArrayRef, scale: u32, least: u32) -> Option<Result<(), Trouble>> {
    let (DataType::Decimal128(_, own) | DataType::Decimal256(_, own)) = array.data_type() else { return None };
    let own = u32::try_from(*own).ok()?;
    if let Some(narrow) = array.as_primitive_opt::<Decimal128Type>() {
        for (row, units) in narrow.iter().enumerate() {
            match units.map(|units| rescaled(units, own, scale).ok_or(units)) {
                None => to.append_null(),
                Some(Ok(units)) => to.append_value(units),
                Some(Err(units)) => return Some(Err(Trouble::Unfit(row, printed(units, own, least)))),
            }
        }
        return Some(Ok(()));
    }
    for (row, units) in array.as_primitive_opt::<Decimal256Type>()?.iter().enumerate() {
        let Some((units, own)) = units.map(|units| without_zeros(units, own)) else {
            to.append_null();
            continue;
        };
        match units.to_i128().map(|units| rescaled(units, own, scale).ok_or(units)) {
            Some(Ok(units)) => to.append_value(units),
            Some(Err(units)) => return Some(Err(Trouble::Unfit(row, printed(units, own, least)))),
            None => return Some(Err(Trouble::Unfit(row, format!("{units}e-{own}")))),
        }
    }
    Some(Ok(()))
}

/// The same number at another scale; none where it has more places or digits than there is room for.
fn rescaled(units: i128, from: u32, to: u32) -> Option<i128> {
    let units = match from.checked_sub(to) {
        Some(0) => units,
        None => units.checked_mul(10i128.checked_pow(to - from)?)?,
        Some(fewer) => {
            let unit = 10i128.checked_pow(fewer)?;
            (units % unit == 0).then(|| units / unit)?
        }
    };
    (units.unsigned_abs() <= GREATEST).then_some(units)
}

fn printed(units: i128, scale: u32, least: u32) -> String {
    let mut out = Vec::new();
    push_decimal(&mut out, units, scale, least);
    String::from_utf8_lossy(&out).into_owned()
}
