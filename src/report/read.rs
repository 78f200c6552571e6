//! The tables of a run, row by row, in whichever format it wrote them.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead as _, BufReader, Cursor};
use std::path::Path;

use csv::StringRecord;
use rust_decimal::Decimal;
use serde_json::{Map, Value as Json};

use super::manifest::Manifest;
use super::trouble::Trouble;
use crate::outcome::{Format, Stored};

/// A table being read.
pub(super) struct Table {
    /// Its file, for messages.
    pub(super) file: String,
    columns: BTreeMap<String, usize>,
    rows: Rows,
    record: StringRecord,
    line: u64,
}

enum Rows {
    Csv(csv::Reader<BufReader<File>>),
    JsonLines {
        lines: BufReader<File>,
        text: String,
        first: Option<Map<String, Json>>,
    },
    /// Typed columns, some rows at a time as CSV.
    Typed {
        stored: Stored,
        some: csv::Reader<Cursor<Vec<u8>>>,
    },
}

/// A row; a value that is missing is an empty text.
#[derive(Clone, Copy)]
pub(super) struct Row<'t> {
    table: &'t Table,
}

impl Table {
    /// Opens a table.
    pub(super) fn open(dir: &Path, manifest: &Manifest, name: &str) -> Result<Self, Trouble> {
        let file = format!("{name}.{}", manifest.format);
        let path = dir.join(&file);
        let unreadable = |error: std::io::Error| match error.kind() {
            std::io::ErrorKind::NotFound => Trouble::Changed(file.clone(), "it is no longer there".into()),
            _ => Trouble::Unreadable(file.clone(), error),
        };
        let format = Format::named(&manifest.format).unwrap_or_default();
        let rows = match Stored::open(&path, name, format).map_err(unreadable)? {
            Some(stored) => Rows::Typed { stored, some: some(Vec::new()) },
            None => {
                let input = BufReader::new(File::open(&path).map_err(unreadable)?);
                match format {
                    Format::Jsonl => Rows::JsonLines { lines: input, text: String::new(), first: None },
                    _ => Rows::Csv(csv::Reader::from_reader(input)),
                }
            }
        };
        let mut table = Self { file, columns: BTreeMap::new(), rows, record: StringRecord::new(), line: 0 };
        table.heads()?;
        Ok(table)
    }

    fn heads(&mut self) -> Result<(), Trouble> {
        let names: Vec<String> = match &mut self.rows {
            Rows::Csv(reader) => {
                let heads = reader.headers().map_err(|error| of_csv(&self.file, &error))?;
                heads.iter().map(Into::into).collect()
            }
            Rows::Typed { stored, .. } => stored.headers().to_vec(),
            Rows::JsonLines { .. } => {
                let first = self.object()?;
                let names = first.iter().flat_map(|object| object.keys().cloned()).collect();
                if let Rows::JsonLines { first: kept, .. } = &mut self.rows {
                    *kept = first;
                }
                names
            }
        };
        self.columns = names.into_iter().enumerate().map(|(at, name)| (name, at)).collect();
        Ok(())
    }

    /// The next row; `None` after the last.
    pub(super) fn next(&mut self) -> Result<Option<Row<'_>>, Trouble> {
        let kept = match &mut self.rows {
            Rows::Csv(reader) => {
                let more = reader.read_record(&mut self.record).map_err(|error| of_csv(&self.file, &error))?;
                self.line = self.record.position().map_or(0, csv::Position::line);
                return Ok(more.then_some(Row { table: self }));
            }
            Rows::Typed { .. } => return Ok(self.typed()?.then_some(Row { table: self })),
            Rows::JsonLines { first, .. } => first.take(),
        };
        let Some(object) = (match kept {
            Some(object) => Some(object),
            None => self.object()?,
        }) else {
            return Ok(None);
        };
        let mut fields = vec![String::new(); self.columns.len()];
        for (name, value) in &object {
            match self.columns.get(name).and_then(|at| fields.get_mut(*at)) {
                Some(field) => *field = text(value),
                None => return Err(self.malformed(format!("the row has a column `{name}` that the first has not"))),
            }
        }
        self.record = StringRecord::from(fields);
        Ok(Some(Row { table: self }))
    }

    /// Reads the next row of typed columns; `false` after the last.
    fn typed(&mut self) -> Result<bool, Trouble> {
        let Rows::Typed { stored, some: rows } = &mut self.rows else { return Ok(false) };
        self.line += 1;
        while !rows.read_record(&mut self.record).map_err(|error| of_csv(&self.file, &error))? {
            match stored.next_rows().map_err(|error| Trouble::Unreadable(self.file.clone(), error))? {
                Some(more) => *rows = some(more),
                None => return Ok(false),
            }
        }
        Ok(true)
    }

    /// The next object of a file of JSON lines.
    fn object(&mut self) -> Result<Option<Map<String, Json>>, Trouble> {
        let Rows::JsonLines { lines, text, .. } = &mut self.rows else { return Ok(None) };
        text.clear();
        let read = lines.read_line(text).map_err(|error| Trouble::Unreadable(self.file.clone(), error))?;
        self.line += 1;
        if read == 0 {
            return Ok(None);
        }
        match serde_json::from_str(text) {
            Ok(Json::Object(object)) => Ok(Some(object)),
            _ => Err(self.malformed("it is no JSON object".into())),
        }
    }

    fn malformed(&self, what: String) -> Trouble {
        Trouble::Malformed(self.file.clone(), self.line, what)
    }
}

impl<'t> Row<'t> {
    /// Whether the table has a column.
    pub(super) fn has(self, column: &str) -> bool {
        self.table.columns.contains_key(column)
    }

    /// The value in a column; empty where it is missing or there is no such column.
    pub(super) fn text(self, column: &str) -> &'t str {
        self.table.columns.get(column).and_then(|at| self.table.record.get(*at)).unwrap_or_default()
    }

    /// The number in a column; `None` where it is missing.
    pub(super) fn number(self, column: &str) -> Result<Option<Decimal>, Trouble> {
        let text = self.text(column);
        if text.is_empty() {
            return Ok(None);
        }
        match Decimal::from_str_exact(text) {
            Ok(number) => Ok(Some(number)),
            Err(_) => Err(self.table.malformed(format!("`{text}` in column `{column}` is no number"))),
        }
    }
}

/// Rows without a header.
fn some(rows: Vec<u8>) -> csv::Reader<Cursor<Vec<u8>>> {
    csv::ReaderBuilder::new().has_headers(false).from_reader(Cursor::new(rows))
}

/// A JSON value as the CSV of the same table has it.
fn text(value: &Json) -> String {
    match value {
        Json::Null => String::new(),
        Json::String(text) => text.clone(),
        Json::Array(items) => items.iter().map(text).collect::<Vec<_>>().join("; "),
        other => other.to_string(),
    }
}

fn of_csv(file: &str, error: &csv::Error) -> Trouble {
    let line = error.position().map_or(0, csv::Position::line);
    Trouble::Malformed(file.into(), line, "the row has more or fewer values than the first, or is not UTF-8".into())
}
