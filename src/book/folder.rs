//! A book on disk: a folder of CSV files, with or without a `book.yaml`.

use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::assemble::assemble;
use super::delimited::Delimited;
use super::headers;
use super::manifest::{self, Manifest, TableEntry};
use super::rows::TableRows;
use super::tables::{TABLES, Table};
use super::{Book, Input};
use crate::diag::{Code, Diagnostic, Severity, Source, nearest};
use crate::plan::Schema;
use crate::policy::encoding;

/// Reads a book: a folder with a `book.yaml` or the standard file names, or a `book.yaml` itself.
///
/// `currency` is the policy's; rows in another are rejected. Rows that cannot be used are in the book's rejects; what
/// keeps the whole book from being used goes to `sink`, and then there is no book.
pub fn read(path: &Path, schema: &Schema, currency: &str, sink: &mut Vec<Diagnostic>) -> Option<Book> {
    let before = sink.len();
    let folder = Folder::open(path, sink)?;
    let (manifest, input) = folder.manifest(schema, sink)?;
    let files = folder.files(&manifest, sink);
    one_currency(&manifest, currency, sink);
    let (mut tables, mut unread) = (Vec::new(), Vec::new());
    for (table, file) in files {
        let entry = manifest.tables.iter().find(|e| e.table.name == table.name);
        if let Some((rows, of_no_use)) = folder.table(table, &file, entry, &manifest, currency, schema, sink) {
            tables.push(rows);
            if !of_no_use.is_empty() {
                unread.push((file, of_no_use));
            }
        }
    }
    if sink.iter().skip(before).any(|d| d.severity == Severity::Error) {
        return None;
    }
    let mut book = assemble(tables, input.into_iter().collect(), schema, currency, manifest.derive);
    book.as_of = manifest.as_of;
    book.unread = unread;
    Some(book)
}

fn one_currency(manifest: &Manifest, currency: &str, sink: &mut Vec<Diagnostic>) {
    if let Some((written, place)) = manifest.currency.as_ref().filter(|(written, _)| written != currency) {
        let message = format!("the book is in `{written}` and the policy in `{currency}`");
        let finding = Diagnostic::error(Code::Book, message, place.clone());
        sink.push(finding.help("use a policy in the currency of the book; other currencies are refused"));
    }
}

struct Folder {
    dir: PathBuf,
    /// The name of its `book.yaml`, where it has one.
    manifest: Option<String>,
    /// The names of its files, sorted.
    names: Vec<String>,
}

impl Folder {
    fn open(path: &Path, sink: &mut Vec<Diagnostic>) -> Option<Self> {
        let shown = path.display();
        let (dir, manifest) = if path.is_dir() {
            (path.to_owned(), None)
        } else if path.is_file() && path.extension().is_some_and(|e| e == "yaml" || e == "yml") {
            let name = path.file_name().map(|n| n.to_string_lossy().into_owned());
            (path.parent().unwrap_or(Path::new("")).to_owned(), name)
        } else {
            let (message, help) = if path.exists() {
                (format!("`{shown}` is no folder and no `book.yaml`"), "name the folder its tables are in")
            } else {
                (format!("there is no folder or file `{shown}`"), "name a folder of CSV files, or a `book.yaml`")
            };
            sink.push(Diagnostic::placeless(Code::UnreadableFile, message).help(help));
            return None;
        };
        let names = names(&dir);
        let manifest = manifest.or_else(|| names.iter().find(|n| *n == "book.yaml").cloned());
        Some(Self { dir, manifest, names })
    }

    /// What `book.yaml` says, and the file itself; nothing where there is none.
    fn manifest(&self, schema: &Schema, sink: &mut Vec<Diagnostic>) -> Option<(Manifest, Option<Input>)> {
        let Some(name) = &self.manifest else { return Some((Manifest::default(), None)) };
        let bytes = self.bytes(name, None, sink)?;
        let sha256 = sha256(&bytes);
        let text = self.decode(name, bytes, sink)?;
        let manifest = manifest::read(&Source::new(name.as_str(), text), schema, sink)?;
        Some((manifest, Some(Input { file: name.clone(), sha256, rows: 0 })))
    }

    /// The tables there are, with their files.
    fn files(&self, manifest: &Manifest, sink: &mut Vec<Diagnostic>) -> Vec<(&'static Table, String)> {
        let mut files = Vec::new();
        for table in TABLES {
            let entry = manifest.tables.iter().find(|e| e.table.name == table.name);
            let standard = table.standard_file();
            if let Some((file, _)) = entry.and_then(|e| e.file.as_ref()) {
                files.push((table, file.clone()));
            } else if self.names.contains(&standard) {
                files.push((table, standard));
            } else if let Some(entry) = entry
                && !(table.name == "customers" && manifest.derive.customers)
            {
                let message = format!("the table `{}` has no file", table.name);
                let finding = Diagnostic::error(Code::MissingKey, message, entry.place.clone());
                sink.push(finding.help(format!("write `file: …`, or put `{standard}` into the folder")));
            }
        }
        self.others(&files, sink);
        let has = |name: &str| files.iter().any(|(table, _)| table.name == name);
        if files.is_empty() {
            let message = format!("no table of a book was found in `{}`", self.dir.display());
            let looked = TABLES.iter().map(|t| format!("`{}`", t.standard_file())).collect::<Vec<_>>().join(", ");
            let help = format!("the files looked for are {looked}; other names are declared in `book.yaml`");
            sink.push(Diagnostic::placeless(Code::Nothing, message).help(help));
        } else if has("customers") && manifest.derive.customers {
            let message = "customers are both read from `customers.csv` and derived";
            sink.push(Diagnostic::placeless(Code::Overlap, message).help("leave out the file or `derive_from`"));
        } else if !has("customers") && !manifest.derive.customers {
            let finding = Diagnostic::placeless(Code::Book, "the book has no customers");
            sink.push(finding.help(
                "add `customers.csv`, or write `tables: { customers: { derive_from: invoices } }` in `book.yaml`",
            ));
        } else if manifest.derive.customers && !has("invoices") {
            let finding = Diagnostic::placeless(Code::Book, "customers are derived from invoices, and there are none");
            sink.push(finding.help("add `invoices.csv`"));
        }
        files
    }

    /// Warns of CSV files in the folder that nobody reads.
    fn others(&self, files: &[(&Table, String)], sink: &mut Vec<Diagnostic>) {
        let plain = |name: &str| name.strip_prefix("./").unwrap_or(name).to_owned();
        for name in self.names.iter().filter(|n| n.to_ascii_lowercase().ends_with(".csv")) {
            if files.iter().any(|(_, file)| plain(file) == *name) {
                continue;
            }
            let finding = Diagnostic::placeless(Code::Book, format!("`{name}` is not read")).as_warning();
            let stem = name.rsplit_once('.').map_or(name.as_str(), |(stem, _)| stem);
            sink.push(match nearest(stem, TABLES.iter().map(|t| t.name)) {
                Some(near) => finding.help(format!("did you mean `{near}.csv`?")),
                None => finding.help("no table has this name; say which it is in `book.yaml`, or move it elsewhere"),
            });
        }
    }

    #[expect(clippy::too_many_arguments, reason = "one file of one book, with all that bears on it")]
    fn table(
        &self,
        table: &'static Table,
        file: &str,
        entry: Option<&TableEntry>,
        manifest: &Manifest,
        currency: &str,
        schema: &Schema,
        sink: &mut Vec<Diagnostic>,
    ) -> Option<(TableRows, Vec<String>)> {
        let bytes = self.bytes(file, entry, sink)?;
        let sha256 = sha256(&bytes);
        let text = self.decode(file, bytes, sink)?;
        let Some(csv) = Delimited::open(file, &text, entry.map_or(b',', |e| e.delimiter)) else {
            let what = if text.trim().is_empty() { "is empty" } else { "has no header" };
            let finding = Diagnostic::placeless(Code::Nothing, format!("`{file}` {what}"));
            sink.push(finding.help("its first line names its columns"));
            return None;
        };
        let before = sink.len();
        let headers = headers::resolve(table, &csv, entry, schema, sink);
        if sink.iter().skip(before).any(|d| d.severity == Severity::Error) {
            return None;
        }
        let mut rows = TableRows::new(table, file, headers.columns.iter().map(|(name, ..)| name));
        for (column, (_, header, _)) in rows.columns.iter_mut().zip(&headers.columns) {
            column.1.clone_from(header);
        }
        rows.sha256 = sha256;
        if let Some(entry) = entry {
            rows.format = entry.format.clone();
            rows.fills.clone_from(&entry.fills);
        }
        let numbers: Vec<usize> = headers.columns.iter().map(|(.., at)| *at).collect();
        if csv.rows(&numbers, &mut rows).is_err() {
            let finding = Diagnostic::placeless(Code::TooLarge, format!("`{file}` is larger than 4 GiB"));
            sink.push(finding.help("split the book by credit groups"));
            return None;
        }
        if rows.is_empty() {
            let finding =
                Diagnostic::error(Code::Nothing, format!("`{file}` has a header and no rows"), csv.header_place());
            sink.push(finding.as_warning().help("remove the file if there is nothing to say"));
        }
        self.currency(&csv, &mut rows, manifest, currency, sink);
        Some((rows, headers.unread))
    }

    /// Rows that name no currency take the book's; a file that names none at all is warned of.
    fn currency(
        &self,
        csv: &Delimited<'_>,
        rows: &mut TableRows,
        manifest: &Manifest,
        currency: &str,
        sink: &mut Vec<Diagnostic>,
    ) {
        let filled = rows.fills.iter().any(|(column, _)| column == "currency");
        if !rows.table.in_currency() || filled {
            return;
        }
        if let Some((declared, _)) = &manifest.currency {
            rows.fill("currency", declared);
        } else if !rows.columns.iter().any(|(name, _)| name == "currency") {
            let message = format!("`{}` does not say its currency; its amounts are taken as `{currency}`", rows.file);
            let finding = Diagnostic::error(Code::Book, message, csv.header_place()).as_warning();
            sink.push(finding.help(format!("add a column `currency`, or write `currency: {currency}` in `book.yaml`")));
            rows.fill("currency", currency);
        }
    }

    fn bytes(&self, file: &str, entry: Option<&TableEntry>, sink: &mut Vec<Diagnostic>) -> Option<Vec<u8>> {
        let path = self.dir.join(file);
        match std::fs::read(&path) {
            Ok(bytes) => Some(bytes),
            Err(error) => {
                let missing = error.kind() == std::io::ErrorKind::NotFound;
                let message = if missing {
                    format!("there is no file `{file}`")
                } else {
                    format!("`{file}` cannot be read: {error}")
                };
                let place = entry.and_then(|e| e.file.as_ref()).map(|(_, place)| place.clone());
                let finding = match place {
                    Some(place) => Diagnostic::error(Code::UnreadableFile, message, place),
                    None => Diagnostic::placeless(Code::UnreadableFile, message),
                };
                let beside = path.parent().map(names).unwrap_or_default();
                let last = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
                sink.push(match nearest(&last, beside.iter().map(String::as_str)) {
                    Some(near) if missing => finding.help(format!("did you mean `{}`?", with_last(file, near))),
                    _ => finding.help("paths are relative to `book.yaml`"),
                });
                None
            }
        }
    }

    fn decode(&self, file: &str, bytes: Vec<u8>, sink: &mut Vec<Diagnostic>) -> Option<String> {
        encoding::decode(file, bytes)
            .map_err(|(message, help)| sink.push(Diagnostic::placeless(Code::UnreadableFile, message).help(help)))
            .ok()
    }
}

/// The path with another last part.
fn with_last(path: &str, last: &str) -> String {
    path.rsplit_once('/').map_or_else(|| last.to_owned(), |(dir, _)| format!("{dir}/{last}"))
}

/// The names of the files in a folder, sorted.
fn names(dir: &Path) -> Vec<String> {
    let dir = if dir.as_os_str().is_empty() { Path::new(".") } else { dir };
    let entries = std::fs::read_dir(dir).into_iter().flatten().filter_map(Result::ok);
    let files = entries.filter(|entry| entry.path().is_file());
    let mut names: Vec<String> = files.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
