//! The files of a run: a header and records, as CSV or as JSON Lines.

use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::path::Path;

/// How the tables of a run are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// Comma-separated values, UTF-8, one header line.
    #[default]
    Csv,
    /// JSON Lines: one object a record, its keys the headers in their order.
    Jsonl,
}

impl Format {
    /// `csv`, `jsonl`: what names it and ends its files.
    pub fn name(self) -> &'static str {
        match self {
            Format::Csv => "csv",
            Format::Jsonl => "jsonl",
        }
    }
}

/// One value of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Field {
    /// Blank; `null`.
    Nothing,
    /// Text, a date, or a decimal: in JSON a string, so that no reader rounds it.
    Text(String),
    /// A whole number, `true` or `false`: in JSON as it is.
    Bare(String),
    /// Several: `a; b`, or an array of strings.
    List(Vec<String>),
}

impl Field {
    /// A text; blank when it is empty.
    pub(super) fn text(text: impl Into<String>) -> Self {
        let text = text.into();
        if text.is_empty() { Field::Nothing } else { Field::Text(text) }
    }

    fn csv(&self) -> std::borrow::Cow<'_, str> {
        match self {
            Field::Nothing => "".into(),
            Field::Text(text) | Field::Bare(text) => text.into(),
            Field::List(items) => items.join("; ").into(),
        }
    }

    fn json(&self, out: &mut Vec<u8>) -> io::Result<()> {
        match self {
            Field::Nothing => out.extend_from_slice(b"null"),
            Field::Text(text) => serde_json::to_writer(out, text)?,
            Field::Bare(text) => out.extend_from_slice(text.as_bytes()),
            Field::List(items) => serde_json::to_writer(out, items)?,
        }
        Ok(())
    }
}

/// A table on its way into its file.
pub(super) struct Records {
    headers: Vec<String>,
    to: To,
}

enum To {
    Csv(Box<csv::Writer<File>>),
    /// With the line at hand.
    Jsonl(BufWriter<File>, Vec<u8>),
}

impl Records {
    /// Begins the file `NAME.csv` or `NAME.jsonl`.
    pub(super) fn create(dir: &Path, name: &str, format: Format, headers: Vec<String>) -> io::Result<Self> {
        let file = File::create(dir.join(format!("{name}.{}", format.name())))?;
        let to = match format {
            Format::Csv => {
                let mut out = csv::WriterBuilder::new().buffer_capacity(1 << 16).from_writer(file);
                out.write_record(&headers)?;
                To::Csv(Box::new(out))
            }
            Format::Jsonl => To::Jsonl(BufWriter::with_capacity(1 << 16, file), Vec::new()),
        };
        Ok(Self { headers, to })
    }

    /// Writes one record, a field a header.
    pub(super) fn write<'f>(&mut self, fields: impl IntoIterator<Item = &'f Field>) -> io::Result<()> {
        match &mut self.to {
            To::Csv(out) => {
                for field in fields {
                    out.write_field(field.csv().as_bytes())?;
                }
                out.write_record(None::<&[u8]>)?;
            }
            To::Jsonl(out, line) => {
                line.clear();
                for (header, field) in self.headers.iter().zip(fields) {
                    line.push(if line.is_empty() { b'{' } else { b',' });
                    serde_json::to_writer(&mut *line, header)?;
                    line.push(b':');
                    field.json(line)?;
                }
                line.extend_from_slice(b"}\n");
                out.write_all(line)?;
            }
        }
        Ok(())
    }

    /// Ends the file; it is on the disk then.
    pub(super) fn finish(self) -> io::Result<()> {
        let file = match self.to {
            To::Csv(out) => out.into_inner().map_err(|error| io::Error::other(error.error().to_string()))?,
            To::Jsonl(out, _) => out.into_inner().map_err(|error| io::Error::other(error.error().to_string()))?,
        };
        file.sync_all()
    }
}
