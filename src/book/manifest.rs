//! `book.yaml`: which files a book is in and how they are written.

use std::sync::Arc;

use chrono::NaiveDate;

use super::assemble::Derive;
use super::cells::{CellReader, Format, Texts};
use super::conditions::{Condition, any_of};
use super::dates::DateFormat;
use super::layout::{self, Layout};
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
    /// Its files, relative to `book.yaml`; the last part may be a pattern.
    pub(crate) files: Vec<Written>,
    /// The table whose files these rows stand in too.
    pub(crate) same_file_as: Option<(&'static Table, Place)>,
    /// How the files are written.
    pub(crate) layout: Layout,
    /// Which of their rows are of this table; all where nothing is said.
    pub(crate) only: Vec<Condition>,
    /// Names in the book and headers in the file.
    pub(crate) columns: Vec<(String, Written)>,
    /// Columns whose amounts are not simply what their cells say.
    pub(crate) signs: Vec<(String, Sign)>,
    /// How it writes dates, numbers and other values.
    pub(crate) format: Format,
    /// Headers known to be of no use.
    pub(crate) ignore: Vec<Written>,
    /// What stands where the file says nothing.
    pub(crate) fills: Vec<(String, String)>,
}

/// How an amount counts.
#[derive(Debug, Default)]
pub(crate) struct Sign {
    /// The column whose amount is taken off.
    pub(crate) minus: Option<Written>,
    /// Whether the amount counts the other way round.
    pub(crate) negated: bool,
    /// Rows in which it counts the other way round than in the others.
    pub(crate) minus_where: Vec<Condition>,
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
        files: Vec::new(),
        same_file_as: None,
        layout: Layout::default(),
        only: Vec::new(),
        columns: Vec::new(),
        signs: Vec::new(),
        format: Format::default(),
        ignore: Vec::new(),
        fills: Vec::new(),
    };
    let known = table.columns(schema);
    files(&mut fields, &mut read, sink);
    if let Some(tree) = fields.take("columns", sink) {
        for (column, tree) in columns(tree, "`columns`", &known, sink) {
            match tree.kind {
                TreeKind::Map(_) => signed(column, tree, &known, &mut read, sink),
                _ => read.columns.extend(written(tree, sink).map(|header| (column.to_owned(), header))),
            }
        }
    }
    if let Some(tree) = fields.take("dates", sink) {
        match tree.kind {
            TreeKind::Map(_) => {
                for (column, tree) in columns(tree, "`dates`", &known, sink) {
                    read.format.dates_of.extend(dates(tree, sink).map(|dates| (column.to_owned(), dates)));
                }
            }
            _ => read.format.dates = dates(tree, sink).unwrap_or_default(),
        }
    }
    if let Some(tree) = fields.take("currency_sign", sink) {
        let signs = &mut read.format.numbers.signs;
        signs.extend(read::list_or_one(tree).iter().filter_map(|tree| Some(written(tree, sink)?.0)));
        signs.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
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

/// Where the rows of a table stand: in files of its own, or in those of another table.
fn files(fields: &mut Fields<'_>, read: &mut TableEntry, sink: &mut Vec<Diagnostic>) {
    let (file, files) = (fields.take("file", sink), fields.take("files", sink));
    if let (Some(_), Some(files)) = (file, files) {
        let finding = Diagnostic::error(Code::Overlap, "`file` and `files` both stand here", files.place.clone());
        sink.push(finding.help("write one of them"));
    }
    let trees = file.or(files).map(read::list_or_one).unwrap_or_default();
    read.files = trees.iter().filter_map(|tree| written(tree, sink)).collect();
    if let Some((name, place)) = fields.take("same_file_as", sink).and_then(|tree| written(tree, sink)) {
        read.same_file_as = match Table::named(&name).filter(|table| table.name != read.table.name) {
            Some(table) => Some((table, place)),
            None => {
                let finding = Diagnostic::error(Code::UnknownName, format!("`{name}` is no other table"), place);
                sink.push(finding.help("name the table whose rows stand in the same file: `same_file_as: invoices`"));
                None
            }
        };
        let own = layout::KEYS.iter().filter(|key| fields.has(key)).map(|key| format!("`{key}`"));
        let own: Vec<String> = own.chain((!read.files.is_empty()).then(|| "`file`".to_owned())).collect();
        if !own.is_empty() {
            let message = format!("{} and `same_file_as` both stand here", own.join(", "));
            let finding = Diagnostic::error(Code::Overlap, message, read.place.clone());
            sink.push(finding.help(format!("say it at `{name}`; it holds for every table of the file")));
        }
    }
    read.layout = Layout::read(fields, sink);
    read.only = fields.take("where", sink).map(|tree| any_of(tree, sink)).unwrap_or_default();
}

/// `{ plus: Debit, minus: Credit }`, `{ minus: Amount }`, `{ plus: Amount, minus_where: { S/H: H } }`
fn signed(column: &str, tree: &Tree, known: &[(String, Base)], read: &mut TableEntry, sink: &mut Vec<Diagnostic>) {
    if known.iter().any(|(name, base)| name == column && !base.is_amount()) {
        let finding = Diagnostic::error(Code::WrongShape, format!("`{column}` is no amount"), tree.place.clone());
        sink.push(finding.help("write the header it is read from"));
        return;
    }
    let Some(mut fields) = Fields::of(tree, "an amount of several columns", sink) else { return };
    let plus = fields.take("plus", sink).and_then(|tree| written(tree, sink));
    let minus = fields.take("minus", sink).and_then(|tree| written(tree, sink));
    let minus_where = fields.take("minus_where", sink).map(|tree| any_of(tree, sink)).unwrap_or_default();
    fields.finish(sink);
    let (header, sign) = match (plus, minus) {
        (Some(plus), minus) => (plus, Sign { minus, negated: false, minus_where }),
        (None, Some(minus)) => (minus, Sign { minus: None, negated: true, minus_where }),
        (None, None) => {
            let finding =
                Diagnostic::error(Code::MissingKey, "neither `plus` nor `minus` stands here", tree.place.clone());
            sink.push(finding.help("write `{ plus: Debit, minus: Credit }`, or `{ minus: Amount }`"));
            return;
        }
    };
    read.columns.push((column.to_owned(), header));
    read.signs.push((column.to_owned(), sign));
}

/// A pattern of dates, or several.
fn dates(tree: &Tree, sink: &mut Vec<Diagnostic>) -> Option<DateFormat> {
    let mut all: Option<DateFormat> = None;
    for tree in read::list_or_one(tree) {
        let (pattern, place) = written(tree, sink)?;
        match (DateFormat::parse(&pattern), &mut all) {
            (Ok(format), Some(all)) => all.or(format),
            (Ok(format), None) => all = Some(format),
            (Err(why), _) => sink.push(
                Diagnostic::error(Code::UnknownValue, format!("`{pattern}` is no date pattern: {why}"), place)
                    .help("write `iso`, or a pattern such as `M/D/YYYY` or `DD.MM.YYYY`"),
            ),
        }
    }
    all
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
        let tables = [("invoices", "invoices"), ("credit_notes", "credit_notes"), ("payments", "payments")];
        derive.from = read::list_or_one(tree).iter().filter_map(|tree| read::one_of(tree, &tables, sink)).collect();
        if !derive.from.is_empty() && !derive.from.contains(&"invoices") {
            derive.from.push("invoices");
        }
        derive.fills.clone_from(&read.fills);
        derive.columns.clone_from(&read.columns);
        derive.format = read.format.clone();
        for (_, place) in read.files.iter().chain(&read.layout.fill_down).chain(&read.ignore) {
            let finding = Diagnostic::error(Code::Overlap, "customers are both read and derived", place.clone());
            sink.push(
                finding.help("leave out `derive_from`, or `file` and `ignore`; `columns` are headers of the invoices"),
            );
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
pub(crate) fn mark(fields: &mut Fields<'_>, key: &'static str, sink: &mut Vec<Diagnostic>) -> Option<char> {
    let (text, place) = fields.take(key, sink).and_then(|tree| written(tree, sink))?;
    let text = if text == "tab" { "\t" } else { text.as_str() };
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

/// A text and where it stands.
pub(crate) fn written(tree: &Tree, sink: &mut Vec<Diagnostic>) -> Option<Written> {
    read::text(tree, sink).map(|text| (text.text.clone(), tree.place.clone()))
}
