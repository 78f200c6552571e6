//! What the book says, for every lane.

use arrow_array::{Array as _, StringArray};
use arrow_buffer::{BooleanBuffer, NullBuffer, ScalarBuffer};

use super::block::Local;
use super::frames::{Days, FrameId, Places};
use super::marks::{FAILED, GIVEN, MISSING, Mark, Marks};
use super::names::Names;
use super::nodes::Evaluation;
use super::units::Units;
use super::vector::{Data, Vector, take};
use crate::book::{Cell, Column, Data as Held, Series};
use crate::lang::{Value, day_of};
use crate::plan::{FactId, Node};

impl Evaluation<'_, '_> {
    pub(super) fn fact(&mut self, frame: FrameId, node: &Node, fact: FactId) -> Vector {
        if let Some(vector) = self.frames.piece_fact(frame, fact) {
            return vector;
        }
        let len = self.len(frame);
        // A blank is a value where the fact may be missing; otherwise it fails what reads it.
        let blank = if node.ty.optional { MISSING } else { FAILED };
        let local = self.block.local(node.subject);
        let places = self.frames.places(frame);
        let column = self.book.rows(node.subject).and_then(|rows| rows.columns.get(usize::from(fact.0)));
        match column {
            None | Some(Column::Absent) => Vector::none(blank, len),
            Some(Column::Plain(series)) => self.of_series(series, &Which::of_places(&places, &local, len), blank),
            Some(Column::Ids) => match self.book.rows(node.subject) {
                Some(rows) => {
                    let ids = Which::of_places(&places, &local, len).names(&rows.ids);
                    Vector::new(Data::Utf8(ids), Marks::Given, len)
                }
                None => Vector::none(blank, len),
            },
            Some(Column::Dated(_)) => {
                let days = self.frames.days(frame);
                let book = self.book;
                let values = (0u32..).take(len).map(|lane| {
                    let row = local.row(places.of(lane));
                    let day = match &days {
                        Days::One(day) => *day,
                        Days::Each(_) => days.of(lane),
                    };
                    match day_of(day).map(|day| book.cell(node.subject, fact, row, day)) {
                        Some(Cell::Given(value)) => Ok(value),
                        Some(Cell::Unreadable(_)) => Err(FAILED),
                        Some(Cell::Blank) | None => Err(blank),
                    }
                });
                let values: Vec<Result<Value, Mark>> = values.collect();
                Vector::of_values(values, self.texts)
            }
        }
    }

    fn of_series(&mut self, series: &Series, rows: &Which, blank: Mark) -> Vector {
        let len = rows.len();
        let (data, nulls) = match series.data() {
            Held::Bool(array) => {
                let bits = array.values();
                let bit = |row: usize| u8::from(row < bits.len() && bits.value(row));
                let values: ScalarBuffer<u8> = match rows {
                    Which::Range(first, len) => bytes(&bits.slice(*first, *len)).into(),
                    Which::Rows(rows) => rows.iter().map(|row| bit(*row as usize)).collect(),
                };
                (Data::Bool(values), array.nulls())
            }
            Held::Int(array) => (Data::Int(rows.of(array.values())), array.nulls()),
            Held::Date(array) => (Data::Date(rows.of(array.values())), array.nulls()),
            Held::Dec(array, scale) => (Data::Dec(Units::small(rows.of(array.values()), *scale)), array.nulls()),
            Held::Text(array, words) => {
                // Of a long list few words may stand in these rows.
                let mut known: Vec<Option<u32>> = vec![None; words.len()];
                let mut code = |word: &u32| {
                    let (Some(known), Some(word)) = (known.get_mut(*word as usize), words.get(*word as usize)) else {
                        return 0;
                    };
                    *known.get_or_insert_with(|| self.texts.code(word))
                };
                (Data::Text(rows.of(array.values()).iter().map(&mut code).collect()), array.nulls())
            }
            Held::Utf8(array) => (Data::Utf8(rows.names(array)), array.nulls()),
            Held::Other(values) => {
                let value = |row: u32| values.get(row as usize).cloned().unwrap_or(Value::Missing);
                let results = rows.all().map(|row| match value(row) {
                    Value::Missing if is_unreadable(series, row) => Err(FAILED),
                    Value::Missing => Err(blank),
                    value => Ok(value),
                });
                return Vector::of_values(results.collect(), self.texts);
            }
        };
        let Some(nulls) = nulls else { return Vector::new(data, Marks::Given, len) };
        Vector::new(data, marks(series, nulls, rows, blank), len)
    }
}

/// A byte a bit, 0 or 1.
fn bytes(bits: &BooleanBuffer) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(bits.len() + 64);
    for word in bits.bit_chunks().iter_padded() {
        bytes.extend((0..64).map(|bit| (word >> bit & 1) as u8));
    }
    bytes.truncate(bits.len());
    bytes
}

/// Which rows of the book stand in the lanes.
enum Which {
    Range(usize, usize),
    Rows(Vec<u32>),
}

impl Which {
    fn of_places(places: &Places, local: &Local, len: usize) -> Self {
        match places {
            Places::Same => Which::Range(local.rows.start as usize, len),
            Places::At(at) => Which::Rows(at.iter().map(|place| local.row(*place)).collect()),
        }
    }

    fn len(&self) -> usize {
        match self {
            Which::Range(_, len) => *len,
            Which::Rows(rows) => rows.len(),
        }
    }

    fn of<T: arrow_buffer::ArrowNativeType>(&self, values: &ScalarBuffer<T>) -> ScalarBuffer<T> {
        match self {
            Which::Range(first, len) => values.slice(*first, *len),
            Which::Rows(rows) => take(values, rows),
        }
    }

    fn names(&self, texts: &StringArray) -> Names {
        match self {
            Which::Range(first, len) if first + len <= texts.len() => Names::new(texts.slice(*first, *len)),
            _ => Names::new(texts.clone()).take(&self.all().collect::<Vec<u32>>()),
        }
    }

    fn all(&self) -> Box<dyn Iterator<Item = u32> + '_> {
        match self {
            Which::Range(first, len) => Box::new((u32::try_from(*first).unwrap_or(u32::MAX)..).take(*len)),
            Which::Rows(rows) => Box::new(rows.iter().copied()),
        }
    }
}

fn is_unreadable(series: &Series, row: u32) -> bool {
    series.unreadable().binary_search_by_key(&row, |(at, _)| *at).is_ok()
}

fn marks(series: &Series, nulls: &NullBuffer, rows: &Which, blank: Mark) -> Marks {
    let some_unreadable = !series.unreadable().is_empty();
    let mark = |row: u32| match (row as usize) < nulls.len() && nulls.is_valid(row as usize) {
        true => GIVEN,
        false if some_unreadable && is_unreadable(series, row) => FAILED,
        false => blank,
    };
    if let Which::Range(first, len) = rows
        && nulls.slice(*first, *len).null_count() == 0
    {
        return Marks::Given;
    }
    Marks::each(rows.all().map(mark).collect())
}
