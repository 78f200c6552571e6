//! One cell: from the text in the file to a typed value.

use std::collections::HashSet;
use std::sync::Arc;

use super::Cell;
use super::dates::DateFormat;
use super::numbers::{self, NumberFormat};
use crate::diag::nearest;
use crate::lang::{Base, Value};

/// How a table writes its values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Format {
    /// Its dates.
    pub(crate) dates: DateFormat,
    /// The dates of columns that are written otherwise.
    pub(crate) dates_of: Vec<(String, DateFormat)>,
    /// Its numbers.
    pub(crate) numbers: NumberFormat,
    /// For a column, what its texts stand for: `Yes` for `true`.
    pub(crate) values: Vec<(String, Vec<(String, String)>)>,
}

impl Format {
    /// How a column writes its dates.
    pub(crate) fn dates_of(&self, column: &str) -> &DateFormat {
        self.dates_of.iter().find(|(name, _)| name == column).map_or(&self.dates, |(_, dates)| dates)
    }

    /// What the texts of a column stand for.
    pub(crate) fn values_of(&self, column: &str) -> &[(String, String)] {
        self.values.iter().find(|(name, _)| name == column).map_or(&[], |(_, values)| values)
    }
}

/// Texts that stand many times in a book, each held once.
#[derive(Default)]
pub(crate) struct Texts(HashSet<Arc<str>>);

impl Texts {
    /// The shared text.
    pub(crate) fn share(&mut self, text: &str) -> Arc<str> {
        if let Some(known) = self.0.get(text) {
            return Arc::clone(known);
        }
        let shared: Arc<str> = Arc::from(text);
        self.0.insert(Arc::clone(&shared));
        shared
    }
}

/// Reads the cells of one column.
pub(crate) struct CellReader<'a> {
    /// What the column holds.
    pub(crate) base: &'a Base,
    /// Its name in the book.
    pub(crate) column: &'a str,
    /// How its table writes.
    pub(crate) format: &'a Format,
    /// What its texts stand for.
    pub(crate) values: &'a [(String, String)],
    /// Whether a number may not be less than 0.
    pub(crate) not_negative: bool,
}

impl CellReader<'_> {
    /// The value a text stands for, a blank for no text, or why it cannot be read.
    pub(crate) fn read(&self, text: &str, texts: &mut Texts) -> Result<Cell, String> {
        let text = self.values.iter().find(|(from, _)| from == text).map_or(text, |(_, to)| to);
        if text.is_empty() {
            return Ok(Cell::Blank);
        }
        self.value(self.base, text, texts).map(Cell::Given)
    }

    fn value(&self, base: &Base, text: &str, texts: &mut Texts) -> Result<Value, String> {
        Ok(match base {
            Base::Bool => match text {
                "true" => Value::Bool(true),
                "false" => Value::Bool(false),
                _ => {
                    let column = self.column;
                    return Err(format!(
                        "is neither `true` nor `false`; declare `values: {{ {column}: {{ \"{text}\": true }} }}` for its table in book.yaml"
                    ));
                }
            },
            Base::Int | Base::Days | Base::Months => Value::Int(numbers::read_whole(text, &self.format.numbers)?),
            Base::Money | Base::OwnMoney(_) => Value::Dec(self.sign(numbers::read(text, &self.format.numbers)?)?),
            Base::Number => match text.strip_suffix('%') {
                Some(share) => {
                    let share = numbers::read(share.trim_end(), &self.format.numbers)?;
                    let hundredth = rust_decimal::Decimal::new(1, 2);
                    Value::Dec(self.sign(share.checked_mul(hundredth).ok_or("is too large")?)?)
                }
                None => Value::Dec(self.sign(numbers::read(text, &self.format.numbers)?)?),
            },
            Base::Date => Value::Date(self.format.dates_of(self.column).read(text)?),
            Base::Text if self.column == "id" => Value::text(text),
            Base::Text => Value::Text(texts.share(text)),
            Base::OneOf(known) => match known.iter().find(|k| k.as_ref() == text) {
                Some(value) => Value::Text(Arc::clone(value)),
                None => return Err(not_one_of(text, known)),
            },
            Base::List(of) => {
                let parts = text.split(';').map(str::trim).filter(|part| !part.is_empty());
                Value::List(parts.map(|part| self.value(of, part, texts)).collect::<Result<_, _>>()?)
            }
        })
    }

    /// An amount made of two cells, or of one that counts the other way round: what `plus` says less what `minus`
    /// says, negated where `negated`.
    pub(crate) fn read_signed(
        &self,
        plus: &str,
        minus: Option<(&str, &str)>,
        negated: bool,
        texts: &mut Texts,
    ) -> Result<Cell, String> {
        let either = CellReader { not_negative: false, ..*self };
        let amount = |cell| match cell {
            Cell::Given(Value::Dec(amount)) => Some(amount),
            _ => None,
        };
        let plus = amount(either.read(plus, texts)?);
        let minus = match minus {
            Some((header, text)) => {
                amount(either.read(text, texts).map_err(|why| format!("`{text}` in `{header}` {why}"))?)
            }
            None => None,
        };
        let total = match (plus, minus) {
            (None, None) => return Ok(Cell::Blank),
            (plus, minus) => plus.unwrap_or_default().checked_sub(minus.unwrap_or_default()).ok_or("is too large")?,
        };
        let total = if negated && !total.is_zero() { -total } else { total };
        self.sign(total).map(|amount| Cell::Given(Value::Dec(amount)))
    }

    fn sign(&self, number: rust_decimal::Decimal) -> Result<rust_decimal::Decimal, String> {
        if self.not_negative && number.is_sign_negative() { Err("is less than 0".into()) } else { Ok(number) }
    }
}

fn not_one_of(text: &str, known: &[Arc<str>]) -> String {
    match nearest(text, known.iter().map(AsRef::as_ref)) {
        Some(near) => format!("is not one of the values known here; did you mean `{near}`"),
        None => format!("is not one of {}", known.iter().map(|k| format!("`{k}`")).collect::<Vec<_>>().join(", ")),
    }
}
