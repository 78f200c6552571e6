//! All that the book says of a credit group, in one number: groups of which it says the same come to the same.

use std::ops::Range;

use arrow_array::Array as _;
use rayon::prelude::*;
use twox_hash::XxHash3_128;

use crate::book::{Book, Column, Data, Rows, Series};
use crate::plan::{PORTFOLIO, RelationId, Schema};

/// The places at which decimals are compared, where they have no more: one amount of three places changes no other group.
const PLACES: u32 = 4;

/// What a book says, group by group.
pub(super) struct Digests<'a> {
    schema: &'a Schema,
    book: &'a Book,
    /// For each relation those directly under it.
    below: Vec<Vec<RelationId>>,
}

/// What is said, as bytes that differ where it does.
struct Said {
    bytes: Vec<u8>,
    /// Whether lines of files are part of it.
    with_lines: bool,
}

impl<'a> Digests<'a> {
    pub(super) fn new(schema: &'a Schema, book: &'a Book) -> Self {
        let relations = || (0u16..).map(RelationId).zip(&schema.relations);
        let under =
            |of: RelationId| relations().filter(|(_, r)| r.parent == Some(of)).map(|(below, _)| below).collect();
        Self { schema, book, below: relations().map(|(of, _)| under(of)).collect() }
    }

    /// Of every row of a relation with all that lies under it.
    pub(super) fn of_each(&self, relation: RelationId) -> Vec<u128> {
        let count = u32::try_from(self.book.count(relation)).unwrap_or(u32::MAX);
        let one = |said: &mut Said, row: u32| {
            said.bytes.clear();
            self.rows(relation, row..row.saturating_add(1), said);
            XxHash3_128::oneshot(&said.bytes)
        };
        let none = || Said { bytes: Vec::new(), with_lines: false };
        (0..count).into_par_iter().map_init(none, one).collect()
    }

    /// Of what lies in no credit group, and may be read by all: the exchange rates.
    pub(super) fn of_the_rest(&self) -> u128 {
        // What is said of a rate that could not be read names its line.
        let mut said = Said { bytes: Vec::new(), with_lines: true };
        let group = self.schema.relation("group");
        let whole = self.below.first().into_iter().flatten().filter(|relation| Some(**relation) != group);
        for relation in whole {
            let count = u32::try_from(self.book.count(*relation)).unwrap_or(u32::MAX);
            self.rows(*relation, 0..count, &mut said);
        }
        if let Some(rows) = self.book.rows(PORTFOLIO) {
            self.columns(rows, 0..u32::try_from(rows.len()).unwrap_or(u32::MAX), &mut said);
        }
        XxHash3_128::oneshot(&said.bytes)
    }

    /// Rows that follow one another, and all that lies under them.
    fn rows(&self, relation: RelationId, range: Range<u32>, said: &mut Said) {
        let Some(rows) = self.book.rows(relation).filter(|_| !range.is_empty()) else { return };
        let first_parent = rows.parents.get(range.start as usize).copied().unwrap_or(0);
        said.bytes.push(b'r');
        said.number(relation.0.into());
        said.number((range.end - range.start).into());
        for row in range.clone() {
            said.text(self.book.id(relation, row));
            let parent = rows.parents.get(row as usize).copied().unwrap_or(0);
            said.number(parent.saturating_sub(first_parent).into());
        }
        self.columns(rows, range.clone(), said);
        for below in self.below.get(usize::from(relation.0)).into_iter().flatten() {
            let under = self.book.rows(*below).map_or(0..0, |rows| rows.under(range.clone()));
            self.rows(*below, under, said);
        }
        said.bytes.push(b'.');
    }

    fn columns(&self, rows: &Rows, range: Range<u32>, said: &mut Said) {
        for (number, column) in (0u64..).zip(&rows.columns) {
            match column {
                Column::Absent | Column::Ids => {}
                Column::Plain(series) => self.series(number, series, range.clone(), said),
                Column::Dated(dated) => {
                    let starts = dated.starts.get(range.start as usize..=range.end as usize).unwrap_or(&[]);
                    let (Some(first), Some(end)) = (starts.first(), starts.last()) else { continue };
                    said.bytes.push(b'd');
                    said.number(number);
                    starts.iter().for_each(|start| said.number((start - first).into()));
                    let from = dated.from.get(*first as usize..*end as usize).unwrap_or(&[]);
                    from.iter().for_each(|day| said.whole(i64::from(*day)));
                    self.series(number, &dated.values, *first..*end, said);
                }
            }
        }
    }

    /// A column of which nothing is said is as good as none.
    fn series(&self, number: u64, series: &Series, range: Range<u32>, said: &mut Said) {
        let unreadable = within(series.unreadable(), &range);
        let len = range.len();
        let (first, end) = (range.start as usize, range.end as usize);
        if end > series.len() || len == 0 {
            return;
        }
        let nulls = series.data().nulls().filter(|nulls| (first..end).any(|row| nulls.is_null(row)));
        if unreadable.is_empty() && nulls.is_some_and(|nulls| (first..end).all(|row| nulls.is_null(row))) {
            return;
        }
        said.bytes.push(b'c');
        said.number(number);
        said.bytes.push(u8::from(nulls.is_some()));
        let given = Given(nulls.map(|nulls| (first..end).map(|row| nulls.is_valid(row))));
        given.0.iter().cloned().flatten().for_each(|given| said.bytes.push(u8::from(given)));
        match series.data() {
            Data::Bool(array) => {
                said.bytes.push(1);
                given.each((first..end).map(|row| array.value(row)), false, |bit| said.bytes.push(u8::from(bit)));
            }
            Data::Int(array) => {
                said.bytes.push(2);
                let values = array.values().get(first..end).unwrap_or(&[]);
                given.each(values.iter().copied(), 0, |value| said.whole(value));
            }
            Data::Date(array) => {
                said.bytes.push(3);
                let values = array.values().get(first..end).unwrap_or(&[]);
                given.each(values.iter().copied(), 0, |value| said.whole(i64::from(value)));
            }
            Data::Dec(array, scale) => {
                said.bytes.push(4);
                said.number(u64::from((*scale).max(PLACES)));
                let unit = 10i128.pow(PLACES.saturating_sub(*scale));
                let values = array.values().get(first..end).unwrap_or(&[]);
                // 64 bits and four digits fit 128.
                given.each(values.iter().map(|value| i128::from(*value) * unit), 0, |value| {
                    said.bytes.extend_from_slice(&value.to_le_bytes());
                });
            }
            // Whether texts are held as a list of words shows how they were read, and is no part of what is said.
            Data::Text(codes, words) => {
                said.bytes.push(5);
                let word = |row: usize| words.get(codes.value(row) as usize).map_or("", |word| word);
                (first..end).for_each(|row| said.text(if codes.is_valid(row) { word(row) } else { "" }));
            }
            Data::Utf8(array) => {
                said.bytes.push(5);
                (first..end).for_each(|row| said.text(if array.is_valid(row) { array.value(row) } else { "" }));
            }
            Data::Other(values) => {
                said.bytes.push(7);
                let values = values.get(first..end).unwrap_or(&[]);
                values.iter().for_each(|value| said.text(&format!("{value:?}")));
            }
        }
        for (row, reject) in unreadable {
            said.bytes.push(b'!');
            said.number(u64::from(row - range.start));
            // The number of the reject says nothing: others come and go.
            if let Some(reject) = self.book.rejects.get(*reject as usize) {
                [&reject.value, &reject.file, &reject.reason].into_iter().for_each(|text| said.text(text));
                if said.with_lines {
                    said.number(reject.line as u64);
                }
            }
        }
        said.bytes.push(b'.');
    }
}

/// Which rows of a slice have a value.
struct Given<I>(Option<I>);

impl<I: Iterator<Item = bool>> Given<I> {
    /// Every row's value, or another where there is none: what lies there means nothing.
    fn each<T: Copy>(self, values: impl Iterator<Item = T>, none: T, mut take: impl FnMut(T)) {
        match self.0 {
            None => values.for_each(take),
            Some(given) => values.zip(given).for_each(|(value, given)| take(if given { value } else { none })),
        }
    }
}

impl Said {
    fn number(&mut self, number: u64) {
        self.bytes.extend_from_slice(&number.to_le_bytes());
    }

    fn whole(&mut self, number: i64) {
        self.bytes.extend_from_slice(&number.to_le_bytes());
    }

    fn text(&mut self, text: &str) {
        // Lengths keep one text from running into the next.
        self.number(text.len() as u64);
        self.bytes.extend_from_slice(text.as_bytes());
    }
}

/// The rejects of rows that follow one another.
fn within<'u>(unreadable: &'u [(u32, u32)], range: &Range<u32>) -> &'u [(u32, u32)] {
    let at = |row: u32| unreadable.partition_point(|(known, _)| *known < row);
    unreadable.get(at(range.start)..at(range.end)).unwrap_or(&[])
}
