//! The columns of a run's tables: known from the plan, before anything is decided.

mod actions;
mod places;

use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, RecordBatchOptions};
use arrow_schema::{DataType, Field, Schema};

use crate::lang::{Base, NodeRef, Type};
use crate::plan::{MoneyRule, Output, Plan};
use places::Places;

pub(super) use actions::Payloads;

/// The languages in which reasons are written.
pub const LANGUAGES: [&str; 2] = ["en", "zh"];
/// How a row went, in the words of `status`: decided, read only in part, or a decision failed.
pub const STATUS: [&str; 3] = ["ok", "incomplete", "failed"];

/// The columns of a table.
#[derive(Clone, Debug, PartialEq)]
pub struct TableSchema {
    /// Its name, and that of its file without the ending.
    pub table: String,
    /// In order.
    pub heads: Vec<Head>,
}

/// A column of a table.
#[derive(Clone, Debug, PartialEq)]
pub struct Head {
    /// Its header.
    pub name: String,
    /// What stands in it.
    pub of: Part,
    /// What its values are.
    pub shape: Shape,
}

/// What stands in a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The subject's id, in an output table.
    Id,
    /// One of [`STATUS`], in an output table.
    Status,
    /// The value of an output column, by its number in the output.
    Value(usize),
    /// The rules that made the value, `; ` between several.
    Rule(usize),
    /// Where those rules stand, `; ` between several.
    Place(usize),
    /// Why they hit, in one of [`LANGUAGES`], `; ` between several.
    Reason(usize, usize),
    /// What its header says: in a table that is no output.
    Own,
}

/// What the values of a column are, and the Arrow array that holds them in a block; what has no value is null.
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    /// `Boolean`
    Bool,
    /// `Int64`
    Whole,
    /// `Date32`
    Date,
    /// `Decimal128` at whatever scale holds the block's values, or `Decimal256` where none of 38 digits does.
    Decimal {
        /// With so many places at least it is printed.
        least: u32,
        /// The scale in a file that has one.
        scale: u8,
    },
    /// `Utf8`, or `Dictionary(Int32, Utf8)`.
    Text,
    /// The same; each value is one of these.
    Word(Arc<[Arc<str>]>),
    /// `List(Utf8)`
    List,
    /// Whole numbers or conditions beside texts, as policies say: `Struct` of `bare` and `text`, both `Utf8`, of which one
    /// is null.
    Mixed,
}

/// The columns of every table a run writes.
#[derive(Clone, Debug, PartialEq)]
pub struct Schemas {
    /// The output tables, in the order of the plan.
    pub outputs: Vec<Arc<TableSchema>>,
    /// The action list.
    pub actions: Arc<TableSchema>,
}

impl Schemas {
    /// Those of a plan.
    pub fn of(plan: &Plan) -> Self {
        let places = Places::of(plan);
        Self {
            outputs: plan.outputs.iter().map(|output| Arc::new(of_output(plan, &places, output))).collect(),
            actions: Arc::new(actions::of_actions(plan, &places)),
        }
    }

    /// The tables that a run of the plan writes, the action list last.
    pub(super) fn put_out(&self, plan: &Plan) -> impl Iterator<Item = &Arc<TableSchema>> {
        let actions = plan.actions.is_put_out.then_some(&self.actions);
        self.outputs.iter().chain(actions)
    }

    /// Every table, the output tables first.
    pub fn tables(&self) -> impl Iterator<Item = &Arc<TableSchema>> {
        self.outputs.iter().chain([&self.actions])
    }
}

impl TableSchema {
    /// A table of texts, except for some columns.
    pub(super) fn of_texts<'h>(table: &str, headers: impl IntoIterator<Item = &'h str>, whole: &[&str]) -> Self {
        let head = |name: &str| {
            let shape = if whole.contains(&name) { Shape::Whole } else { Shape::Text };
            Head { name: name.into(), of: Part::Own, shape }
        };
        Self { table: table.into(), heads: headers.into_iter().map(head).collect() }
    }

    /// The number of the column with this header.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.heads.iter().position(|head| head.name == name)
    }

    /// The number of the column that shows an output column's value.
    pub fn value(&self, column: usize) -> Option<usize> {
        self.heads.iter().position(|head| head.of == Part::Value(column))
    }

    /// A batch of columns in the order of the schema, each an array that its shape allows.
    ///
    /// # Errors
    ///
    /// When there are more or fewer columns, or one has another type or length than the table asks for.
    pub fn batch(&self, columns: Vec<ArrayRef>, rows: usize) -> Result<RecordBatch, Misshapen> {
        let wrong = |what: String| self.misshapen(what);
        if columns.len() != self.heads.len() {
            return Err(wrong(format!("it has {} columns and not {}", self.heads.len(), columns.len())));
        }
        let mut fields = Vec::with_capacity(columns.len());
        for (head, column) in self.heads.iter().zip(&columns) {
            if !head.shape.allows(column.data_type()) {
                return Err(wrong(format!("`{}` cannot be {}", head.name, column.data_type())));
            }
            fields.push(Field::new(&head.name, column.data_type().clone(), true));
        }
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        RecordBatch::try_new_with_options(Arc::new(Schema::new(fields)), columns, &options)
            .map_err(|error| wrong(error.to_string()))
    }

    /// What is wrong with columns that should be the table's.
    pub(super) fn misshapen(&self, what: String) -> Misshapen {
        Misshapen { table: self.table.clone(), what }
    }
}

/// Columns that are not those of their table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misshapen {
    table: String,
    what: String,
}

impl std::fmt::Display for Misshapen {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "the columns of `{}` are not those of its schema: {}", self.table, self.what)
    }
}

impl std::error::Error for Misshapen {}

impl From<Misshapen> for std::io::Error {
    fn from(misshapen: Misshapen) -> Self {
        std::io::Error::other(misshapen)
    }
}

impl Shape {
    /// What values of a type make, at a bound of their places.
    fn of(ty: &Base, places: places::Bound, money: &MoneyRule) -> Self {
        let unit = money.rounding.places();
        match ty {
            Base::Bool => Shape::Bool,
            Base::Int | Base::Days | Base::Months => Shape::Whole,
            Base::Date => Shape::Date,
            Base::Money | Base::OwnMoney(_) => Shape::Decimal { least: unit, scale: places::scale(places, unit) },
            Base::Number => Shape::Decimal { least: 0, scale: places::scale(places, 0) },
            Base::Text => Shape::Text,
            Base::OneOf(values) => Shape::Word(Arc::clone(values)),
            Base::List(_) => Shape::List,
        }
    }

    /// One of a list of words.
    pub(super) fn word(words: &[&str]) -> Self {
        Shape::Word(words.iter().map(|word| Arc::from(*word)).collect())
    }

    fn allows(&self, ty: &DataType) -> bool {
        match self {
            Shape::Bool => *ty == DataType::Boolean,
            Shape::Whole => *ty == DataType::Int64,
            Shape::Date => *ty == DataType::Date32,
            Shape::Decimal { .. } => match ty {
                DataType::Decimal128(_, scale) | DataType::Decimal256(_, scale) => *scale >= 0,
                _ => false,
            },
            Shape::Text | Shape::Word(_) => is_text(ty),
            Shape::List => matches!(ty, DataType::List(item) if *item.data_type() == DataType::Utf8),
            Shape::Mixed => *ty == DataType::Struct(mixed_fields()),
        }
    }
}

fn is_text(ty: &DataType) -> bool {
    match ty {
        DataType::Utf8 => true,
        DataType::Dictionary(key, value) => **key == DataType::Int32 && **value == DataType::Utf8,
        _ => false,
    }
}

/// The parts of a column of several types.
pub(super) fn mixed_fields() -> arrow_schema::Fields {
    ["bare", "text"].map(|name| Field::new(name, DataType::Utf8, true)).into_iter().collect()
}

fn of_output(plan: &Plan, places: &Places, output: &Output) -> TableSchema {
    let mut heads = vec![
        Head { name: "id".into(), of: Part::Id, shape: Shape::Text },
        Head { name: "status".into(), of: Part::Status, shape: Shape::word(&STATUS) },
    ];
    for (at, column) in output.columns.iter().enumerate() {
        let mut add = |suffix: &str, of, shape| {
            heads.push(Head { name: format!("{}{suffix}", column.header), of, shape });
        };
        add("", Part::Value(at), shape_of(plan, places, column.node));
        if column.with_rule {
            add("_rule", Part::Rule(at), Shape::Text);
            add("_place", Part::Place(at), Shape::Text);
            for (number, language) in LANGUAGES.iter().enumerate().filter(|_| column.with_reasons) {
                add(&format!("_reason_{language}"), Part::Reason(at, number), Shape::Text);
            }
        }
    }
    TableSchema { table: output.table.clone(), heads }
}

fn shape_of(plan: &Plan, places: &Places, node: NodeRef) -> Shape {
    static NOTHING: Type = Type { base: Base::Text, optional: true };
    let ty = plan.node(node).map_or(&NOTHING, |node| &node.ty);
    Shape::of(&ty.base, places.of_node(node), &plan.money)
}
