//! `book.yaml`: which files a book is in and how they are written.

use std::sync::Arc;

use chrono::NaiveDate;

use super::assemble::Derive;
use super::cells::{CellReader, Format, Texts};
use super::dates::DateFormat;
use super::tables::{TABLES, Table};
use crate::diag::{Code, Diagnostic, Place, Source, nearest};
use crate::lang::Base;
use crate::plan::Schema;
use crate::policy::fields::Fields;
use crate::policy::tree::{Entry, Tree, TreeKind};
use crate::policy::{read, yaml};

/// A text and where it was written.
pub(crate) type Written = (String, Place);

/// What `book.yaml` says.
#[derive(Debug, Default)]
pub(crate) struct Manifest {
    /// The date of the book.
    pub(crate) as_of: Option<NaiveDate>,
    /// The currency of rows that name none.
    pub(crate) currency: Option<Written>,
    /// The tables it speaks of, each once.
    pub(crate) tables: Vec<TableEntry>,
    /// How customers are found where there is no table of them.
    pub(crate) derive: Derive,
}

/// What it says of one table.
#[derive(Debug)]
pub(crate) struct TableEntry {
    /// The table.
    pub(crate) table: &'static Table,
    /// Its key.
    pub(crate) place: Place,
    /// The file, relative to `book.yaml`.
    pub(crate) file: Option<Written>,
    /// Names in the book and headers in the file.
    pub(crate) columns: Vec<(String, Written)>,
    /// How it writes dates, numbers and other values.
    pub(crate) format: Format,
    /// What separates its cells.
    pub(crate) delimiter: u8,
    /// Headers known to be of no use.
    pub(crate) ignore: Vec<Written>,
    /// What stands where the file says nothing.
    pub(crate) fills: Vec<(String, String)>,
}

/// Reads `book.yaml`; what is wrong with it goes to `sink`.
pub(crate) fn read(source: &Arc<Source>, schema: &Schema, sink: &mut Vec<Diagnostic>) -> Option<Manifest> {
    let before = sink.len();
    let Some(tree) = yaml::read(source, sink) else {
        if sink.len() == before {
            let finding = Diagnostic::placeless(Code::Nothing, format!("`{}` is empty", source.name));
            sink.push(
                finding.help("write `usance_book: 1` and `tables:`, or delete it to read the standard file names"),
            );
        }
        return None;
    };
    let mut fields = Fields::of(&tree, "a book", sink)?;
    if let Some(version) = fields.need("usance_book", sink)
        && read::whole(version, sink).is_some_and(|v| v != 1)
    {
        let finding = Diagnostic::error(
            Code::UnknownValue,
            "this version of the book's form is not known",
            version.place.clone(),
        );
        sink.push(finding.help("write `usance_book: 1`"));
    }
    let mut manifest = Manifest {
        as_of: fields.take("as_of", sink).and_then(|tree| read::date(tree, sink)),
        currency: fields.take("currency", sink).and_then(|tree| written(tree, sink)),
        ..Manifest::default()
    };
    if let Some(tables) = fields.take("tables", sink) {
        for entry in entries(tables, "`tables`", sink)? {
            if let Some(table) = named(entry, sink) {
                let derive = &mut manifest.derive;
                manifest.tables.extend(one_table(table, entry, derive, schema, sink));
            }
        }
    }
    fields.finish(sink);
    Some(manifest)
}

fn one_table(
    table: &'static Table,
    entry: &Entry,
    derive: &mut Derive,
    schema: &Schema,
    sink: &mut Vec<Diagnostic>,
) -> Option<TableEntry> {
    let mut fields = Fields::of(&entry.value, &format!("the table `{}`", table.name), sink)?;
    let mut read = TableEntry {
        table,
        place: entry.key_place.clone(),
        file: fields.take("file", sink).and_then(|tree| written(tree, sink)),
        columns: Vec::new(),
        format: Format::default(),
        delimiter: b',',
        ignore: Vec::new(),
        fills: Vec::new(),
    };
    let known = table.columns(schema);
    if let Some(tree) = fields.take("columns", sink) {
        for (column, tree) in columns(tree, "`columns`", &known, sink) {
            read.columns.extend(written(tree, sink).map(|header| (column.to_owned(), header)));
        }
    }
    if let Some(tree) = fields.take("dates", sink) {
        let (pattern, place) = written(tree, sink)?;
        match DateFormat::parse(&pattern) {
            Ok(format) => read.format.dates = format,
            Err(why) => sink.push(
                Diagnostic::error(Code::UnknownValue, format!("`{pattern}` is no date pattern: {why}"), place)
                    .help("write `iso`, or a pattern such as `M/D/YYYY` or `DD.MM.YYYY`"),
            ),
        }
    }
    if let Some(mark) = mark(&mut fields, "decimal", sink) {
        read.format.numbers.decimal = mark;
    }
    read.format.numbers.thousands = mark(&mut fields, "thousands", sink);
    if read.format.numbers.thousands == Some(read.format.numbers.decimal) {
        let finding =
            Diagnostic::error(Code::Overlap, "`decimal` and `thousands` are the same mark", fields.place().clone());
        sink.push(finding.help("a file that writes 1.234,50 has `thousands: \".\"` and `decimal: \",\"`"));
    }
    if let Some(mark) = mark(&mut fields, "delimiter", sink).and_then(|mark| u8::try_from(mark).ok()) {
        read.delimiter = mark;
    }
    if let Some(tree) = fields.take("values", sink) {
        for (column, tree) in columns(tree, "`values`", &known, sink) {
            let mut pairs = Vec::new();
            for entry in entries(tree, "the values of a column", sink).unwrap_or_default() {
                pairs.extend(meant(column, &entry.value, &read.format, &known, sink).map(|to| (entry.key.clone(), to)));
            }
            read.format.values.push((column.to_owned(), pairs));
        }
    }
    if let Some(tree) = fields.take("set", sink) {
        for (column, tree) in columns(tree, "`set`", &known, sink) {
            let text = meant(column, tree, &read.format, &known, sink);
            read.fills.extend(text.map(|text| (column.to_owned(), text)));
        }
    }
    if let Some(tree) = fields.take("ignore", sink) {
        read.ignore = read::list_or_one(tree).iter().filter_map(|tree| written(tree, sink)).collect();
    }
    if table.name == "customers" {
        derived(&mut fields, &read, derive, sink);
    }
    fields.finish(sink);
    Some(read)
}

/// A text that stands for a value of a column, and can.
fn meant(
    column: &str,
    tree: &Tree,
    format: &Format,
    known: &[(String, Base)],
    sink: &mut Vec<Diagnostic>,
) -> Option<String> {
    let (text, place) = written(tree, sink)?;
    let base = known.iter().find(|(name, _)| name == column).map(|(_, base)| base)?;
    let reader = CellReader { base, column, format, values: &[], not_negative: false };
    match reader.read(&text, &mut Texts::default()) {
        Ok(_) => Some(text),
        Err(why) => {
            let message = format!("`{text}` is no value of the column `{column}`");
            let finding = Diagnostic::error(Code::UnknownValue, message, place);
            sink.push(finding.help(match base {
                Base::Bool => "write `true` or `false`".to_owned(),
                _ => format!("it {why}"),
            }));
            None
        }
    }
}

fn derived(fields: &mut Fields<'_>, read: &TableEntry, derive: &mut Derive, sink: &mut Vec<Diagnostic>) {
    let from = fields.take("derive_from", sink);
    if let Some(tree) = from {
        derive.customers = read::one_of(tree, &[("invoices", true)], sink).unwrap_or(false);
        derive.fills.clone_from(&read.fills);
        let columns = read.columns.iter().map(|(_, header)| header);
        for (_, place) in read.file.iter().chain(columns).chain(&read.ignore) {
            let finding = Diagnostic::error(Code::Overlap, "customers are both read and derived", place.clone());
            sink.push(finding.help("leave out `derive_from`, or `file`, `columns` and `ignore`; `set` works for both"));
        }
    }
    if let Some(tree) = fields.take("since", sink) {
        derive.since_first_invoice = read::one_of(tree, &[("first_invoice", true)], sink).unwrap_or(false);
        if from.is_none() {
            let finding = Diagnostic::error(
                Code::WrongShape,
                "`since` is only for customers that are derived",
                tree.place.clone(),
            );
            sink.push(finding.help("map a column to it: `columns: { since: … }`"));
        }
    }
}

/// One character that separates something.
fn mark(fields: &mut Fields<'_>, key: &'static str, sink: &mut Vec<Diagnostic>) -> Option<char> {
    let (text, place) = fields.take(key, sink).and_then(|tree| written(tree, sink))?;
    let mut characters = text.chars();
    match (characters.next(), characters.next()) {
        (Some(mark), None) if !mark.is_ascii_alphanumeric() && mark != '-' && mark != '"' => Some(mark),
        _ => {
            let finding = Diagnostic::error(Code::UnknownValue, format!("`{key}` needs one mark"), place);
            sink.push(finding.help(format!("write one character in quotes: `{key}: \",\"`")));
            None
        }
    }
}

fn named(entry: &Entry, sink: &mut Vec<Diagnostic>) -> Option<&'static Table> {
    let table = Table::named(&entry.key);
    if table.is_none() {
        let finding =
            Diagnostic::error(Code::UnknownName, format!("there is no table `{}`", entry.key), entry.key_place.clone());
        let names = || TABLES.iter().map(|t| t.name);
        sink.push(finding.help(match nearest(&entry.key, names()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("the tables are: {}", names().map(|n| format!("`{n}`")).collect::<Vec<_>>().join(", ")),
        }));
    }
    table
}

/// The entries of a mapping whose keys are columns of the table.
fn columns<'t>(
    tree: &'t Tree,
    what: &str,
    known: &[(String, Base)],
    sink: &mut Vec<Diagnostic>,
) -> Vec<(&'t str, &'t Tree)> {
    let mut found = Vec::new();
    for entry in entries(tree, what, sink).unwrap_or_default() {
        if known.iter().any(|(name, _)| *name == entry.key) {
            found.push((entry.key.as_str(), &entry.value));
        } else {
            sink.push(unknown_column(&entry.key, &entry.key_place, known));
        }
    }
    found
}

/// A name that is no column of the table.
pub(crate) fn unknown_column(name: &str, place: &Place, known: &[(String, Base)]) -> Diagnostic {
    let names = || known.iter().map(|(name, _)| name.as_str());
    let finding = Diagnostic::error(Code::UnknownName, format!("this table has no column `{name}`"), place.clone());
    finding.help(match nearest(name, names()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => {
            format!(
                "it has: {}; a fact of your own is declared in the policy",
                names().map(|n| format!("`{n}`")).collect::<Vec<_>>().join(", ")
            )
        }
    })
}

fn entries<'t>(tree: &'t Tree, what: &str, sink: &mut Vec<Diagnostic>) -> Option<&'t [Entry]> {
    match &tree.kind {
        TreeKind::Map(entries) => Some(entries),
        _ => {
            let finding =
                Diagnostic::error(Code::WrongShape, format!("{what} needs a mapping here"), tree.place.clone());
            sink.push(finding.help("write `{ name: value, … }`"));
            None
        }
    }
}

fn written(tree: &Tree, sink: &mut Vec<Diagnostic>) -> Option<Written> {
    read::text(tree, sink).map(|text| (text.text.clone(), tree.place.clone()))
}
