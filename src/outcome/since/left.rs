//! Rows of a former run that are left behind, read once more to take them out of what was counted.

use std::collections::HashMap;
use std::io;
use std::sync::Arc;

use arrow_array::RecordBatch;
use rust_decimal::Decimal;
use serde_json::Value as Json;

use crate::lang::{Base, Type, Value};
use crate::outcome::Format;
use crate::outcome::build::{Cell, Rows as Building};
use crate::outcome::files::{Rows, Stored};
use crate::outcome::schema::{Head, Shape, TableSchema};
use crate::plan::MoneyRule;

/// Rows of a table as text.
pub(super) struct Left {
    /// The table's columns: decimals are decimals, and everything else is text, which is all that counting asks for.
    schema: Arc<TableSchema>,
    format: Format,
    bytes: Vec<u8>,
    /// How many rows there were with those that were not put out.
    all: usize,
}

impl Left {
    pub(super) fn new(schema: &TableSchema, format: Format) -> Self {
        let head = |head: &Head| {
            let shape = if is_decimal(head) { head.shape.clone() } else { Shape::Text };
            Head { shape, ..head.clone() }
        };
        let heads = schema.heads.iter().map(head).collect();
        Self { schema: Arc::new(TableSchema { table: schema.table.clone(), heads }), format, bytes: Vec::new(), all: 0 }
    }

    pub(super) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Adds so many rows with those that were not put out.
    pub(super) fn count_all(&mut self, all: usize) {
        self.all += all;
    }

    /// How many these are; there are none then.
    pub(super) fn take_all(&mut self) -> usize {
        std::mem::take(&mut self.all)
    }

    /// Adds rows; those in columns as CSV has them.
    pub(super) fn add(&mut self, rows: &Rows, stored: Option<&Stored>) -> io::Result<()> {
        match (rows, stored) {
            (Rows::Text(bytes), _) => self.bytes.extend_from_slice(bytes),
            (Rows::Batch(batch), Some(stored)) => stored.encode(batch, &mut self.bytes)?,
            (Rows::Batch(_), None) => return Err(io::Error::other("rows in columns came out of a text")),
        }
        Ok(())
    }

    /// The rows so far; there are none then.
    pub(super) fn batch(&mut self, money: &MoneyRule) -> io::Result<RecordBatch> {
        let bytes = std::mem::take(&mut self.bytes);
        let mut building = Building::new(Arc::clone(&self.schema));
        match self.format {
            Format::Jsonl => {
                for line in bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
                    let row: HashMap<String, Json> = serde_json::from_slice(line)?;
                    let texts = self.schema.heads.iter().map(|head| row.get(&head.name).map_or_else(String::new, text));
                    self.push(&texts.collect::<Vec<_>>(), money, &mut building)?;
                }
            }
            _ => {
                let mut rows = csv::ReaderBuilder::new().has_headers(false).from_reader(bytes.as_slice());
                for row in rows.records() {
                    let row = row.map_err(io::Error::other)?;
                    self.push(&row.iter().collect::<Vec<_>>(), money, &mut building)?;
                }
            }
        }
        Ok(building.batch()?)
    }

    fn push(&self, texts: &[impl AsRef<str>], money: &MoneyRule, to: &mut Building) -> io::Result<()> {
        static AMOUNT: Type = Type { base: Base::Number, optional: true };
        let mut values: Vec<Option<Value>> = Vec::with_capacity(texts.len());
        for (head, text) in self.schema.heads.iter().zip(texts) {
            let text = text.as_ref();
            values.push(match is_decimal(head) && !text.is_empty() {
                true => Some(Value::Dec(Decimal::from_str_exact(text).map_err(io::Error::other)?)),
                false => None,
            });
        }
        to.push(values.iter().zip(texts).map(|(value, text)| match (value, text.as_ref()) {
            (Some(value), _) => Cell::Value(value, &AMOUNT, money),
            (None, "") => Cell::Blank,
            (None, text) => Cell::Text(text),
        }));
        Ok(())
    }
}

fn is_decimal(head: &Head) -> bool {
    matches!(head.shape, Shape::Decimal { .. })
}

/// A value of JSON Lines as text; empty where there is none.
fn text(value: &Json) -> String {
    match value {
        Json::Null => String::new(),
        Json::String(text) => text.clone(),
        Json::Array(items) if items.is_empty() => String::new(),
        other => other.to_string(),
    }
}
