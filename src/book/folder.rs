//! A book on disk: a folder of CSV files, with or without a `book.yaml`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use encoding_rs::Encoding;

use super::assemble::assemble;
use super::columnar::Stop;
use super::columnar::{Columnar, is_columnar};
use super::delimited::{Delimited, line_begin};
use super::encodings;
use super::files::{self, Loaded, expand, is_json_lines, is_tabs, load, names, stem};
use super::json_lines::{JsonLines, Keys};
use super::manifest::{self, Manifest, Written};
use super::pieces::{Pieces, Rows};
use super::rows::TableRows;
use super::sheet::Sheet;
use super::source::{OnDisk, Put, Source, Taker};
use super::tables::TABLES;
use super::unpack;
use super::{Book, Input};
use crate::diag::{Code, Diagnostic, Place, Severity, Source as Text, nearest};
use crate::plan::Schema;
use crate::policy::encoding;

/// Reads a book: a folder with a `book.yaml` or the standard file names, or a `book.yaml` itself.
///
/// `currency` is the policy's; rows in another are rejected. Rows that cannot be used are in the book's rejects; what
/// keeps the whole book from being used goes to `sink`, and then there is no book.
pub fn read(path: &Path, schema: &Schema, currency: &str, sink: &mut Vec<Diagnostic>) -> Option<Book> {
    read_telling(path, schema, currency, &mut |_| {}, sink)
}

/// The same; `on_file` is told the name of each file before it is read, and once an empty name when all are read and their
/// rows are put together.
pub fn read_telling(
    path: &Path,
    schema: &Schema,
    currency: &str,
    on_file: &mut dyn FnMut(&str),
    sink: &mut Vec<Diagnostic>,
) -> Option<Book> {
    let before = sink.len();
    let folder = Folder::open(path, sink)?;
    let (manifest, input) = folder.manifest(schema, sink)?;
    let sources = folder.sources(&manifest, sink);
    if !schema.has_own_currencies() {
        one_currency(&manifest, currency, sink);
    }
    let mut inputs: Vec<Input> = input.into_iter().collect();
    let (mut tables, mut unread) = (Vec::new(), Vec::new());
    for mut source in sources {
        let mut silent = vec![None; source.takers.len()];
        for file in std::mem::take(&mut source.files) {
            on_file(&file);
            let number = u32::try_from(inputs.len()).unwrap_or(u32::MAX);
            let taken = folder.file(&mut source, &file, number, &mut silent, schema, &mut Put::Tables, sink);
            if let Some((input, of_no_use)) = taken {
                if !of_no_use.is_empty() {
                    unread.push((input.file.clone(), of_no_use));
                }
                inputs.push(input);
            }
        }
        for (taker, silent) in source.takers.into_iter().zip(silent) {
            if let Some(mut rows) = taker.rows {
                in_currency(&mut rows, silent, &manifest, currency, sink);
                tables.push(rows);
            }
        }
    }
    if sink.iter().skip(before).any(|d| d.severity == Severity::Error) {
        return None;
    }
    on_file("");
    let mut book = assemble(tables, inputs, schema, currency, manifest.derive);
    book.as_of = manifest.as_of;
    book.unread = unread;
    Some(book)
}

/// The currency a book's own `book.yaml` says its rows are in; what is wrong with that file is not said here.
pub fn currency(path: &Path, schema: &Schema) -> Option<String> {
    let mut sink = Vec::new();
    let (manifest, _) = Folder::open(path, &mut sink)?.manifest(schema, &mut sink)?;
    manifest.currency.map(|(currency, _)| currency)
}

/// Rows that name no currency take the book's; a file that names none at all, as `silent` says, is warned of.
pub(super) fn in_currency(
    rows: &mut TableRows,
    silent: Option<Place>,
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
    } else if let Some(place) = silent {
        let file = &place.source.name;
        let message = format!("`{file}` does not say its currency; its amounts are taken as `{currency}`");
        let finding = Diagnostic::error(Code::Book, message, place).as_warning();
        sink.push(finding.help(format!("add a column `currency`, or write `currency: {currency}` in `book.yaml`")));
        rows.fill("currency", currency);
    }
}

pub(super) fn one_currency(manifest: &Manifest, currency: &str, sink: &mut Vec<Diagnostic>) {
    if let Some((written, place)) = manifest.currency.as_ref().filter(|(written, _)| written != currency) {
        let message = format!("the book is in `{written}` and the policy in `{currency}`");
        let finding = Diagnostic::error(Code::Book, message, place.clone());
        sink.push(finding.help(
            "use a policy in the currency of the book, or one that says `others: convert`; other currencies are refused",
        ));
    }
}

pub(super) struct Folder {
    pub(super) dir: PathBuf,
    /// The name of its `book.yaml`, where it has one.
    manifest: Option<String>,
    /// The names of its files, sorted.
    names: Vec<String>,
}

impl Folder {
    pub(super) fn open(path: &Path, sink: &mut Vec<Diagnostic>) -> Option<Self> {
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
    pub(super) fn manifest(&self, schema: &Schema, sink: &mut Vec<Diagnostic>) -> Option<(Manifest, Option<Input>)> {
        let Some(name) = &self.manifest else { return Some((Manifest::default(), None)) };
        let bytes = files::bytes(&self.dir, name).map_err(|finding| sink.push(finding)).ok()?;
        let sha256 = files::sha256(&bytes);
        let text = self.decode(name, bytes, sink)?;
        let manifest = manifest::read(&Text::new(name.as_str(), text), schema, sink)?;
        Some((manifest, Some(Input { file: name.clone(), sha256, ..Input::default() })))
    }

    /// The files there are, each with the tables whose rows stand in it, in the order of the tables.
    pub(super) fn sources<'m>(&self, manifest: &'m Manifest, sink: &mut Vec<Diagnostic>) -> Vec<Source<'m>> {
        let derive = &manifest.derive;
        let mut sources: Vec<Source<'m>> = Vec::new();
        let mut shared = Vec::new();
        for table in TABLES {
            let entry = manifest.tables.iter().find(|e| e.table.name == table.name);
            let standard: Vec<&String> = self.names.iter().filter(|name| stem(name) == Some(table.name)).collect();
            let of_customers: &[_] = if derive.from.contains(&table.name) { &derive.columns } else { &[] };
            let taker = Taker { table, entry, of_customers, rows: None };
            if let Some((of, place)) = entry.and_then(|e| e.same_file_as.as_ref()) {
                shared.push((of, place, taker));
                continue;
            }
            let files = match entry.map(|e| e.files.as_slice()) {
                Some(files @ [_, ..]) => self.named(files, sink),
                _ if table.name == "customers" && derive.customers() && standard.is_empty() => continue,
                _ => match (standard.as_slice(), entry) {
                    ([one], _) => vec![(*one).clone()],
                    ([one, other, ..], _) => {
                        let message = format!("`{one}` and `{other}` are both `{}`", table.name);
                        let finding = Diagnostic::placeless(Code::Overlap, message);
                        sink.push(finding.help("remove one, or name both in `book.yaml`: `files: […]`"));
                        continue;
                    }
                    ([], Some(entry)) => {
                        let message = format!("the table `{}` has no file", table.name);
                        let finding = Diagnostic::error(Code::MissingKey, message, entry.place.clone());
                        let file = table.standard_file();
                        sink.push(finding.help(format!("write `file: …`, or put `{file}` into the folder")));
                        continue;
                    }
                    ([], None) => continue,
                },
            };
            let layout = entry.map(|e| e.layout.clone()).unwrap_or_default();
            sources.push(Source { layout, files, takers: vec![taker] });
        }
        for (of, place, taker) in shared {
            let is_first = |source: &&mut Source<'_>| source.takers.first().is_some_and(|t| t.table.name == of.name);
            match sources.iter_mut().find(is_first) {
                Some(source) => source.takers.push(taker),
                None => {
                    let message = format!("`{}` names no file of its own", of.name);
                    let finding = Diagnostic::error(Code::MissingKey, message, place.clone());
                    sink.push(finding.help("name the table that has `file`"));
                }
            }
        }
        self.others(&sources, sink);
        self.complete(manifest, &sources, sink);
        sources
    }

    /// The files that are named, each once and where it is named first; a pattern stands for the files it fits.
    fn named(&self, files: &[Written], sink: &mut Vec<Diagnostic>) -> Vec<String> {
        let mut all: Vec<String> = Vec::new();
        for (written, place) in files {
            match expand(&self.dir, written) {
                Ok(found) => {
                    for name in found {
                        if all.contains(&name) {
                            let message = format!("`{name}` is named twice");
                            let finding = Diagnostic::error(Code::DuplicateKey, message, place.clone());
                            sink.push(finding.help("name it once, or in a pattern that leaves it out"));
                        } else {
                            all.push(name);
                        }
                    }
                }
                Err(finding) => sink.push(Diagnostic { place: Some(place.clone()), ..finding }),
            }
        }
        all
    }

    /// Whether the tables make a book.
    fn complete(&self, manifest: &Manifest, sources: &[Source<'_>], sink: &mut Vec<Diagnostic>) {
        let derived = manifest.derive.customers();
        let has = |name: &str| sources.iter().flat_map(|s| &s.takers).any(|taker| taker.table.name == name);
        if sources.is_empty() {
            let message = format!("no table of a book was found in `{}`", self.dir.display());
            let looked = TABLES.iter().map(|t| format!("`{}`", t.standard_file())).collect::<Vec<_>>().join(", ");
            let help = format!("the files looked for are {looked}; other names are declared in `book.yaml`");
            sink.push(Diagnostic::placeless(Code::Nothing, message).help(help));
        } else if has("customers") && derived {
            let message = "customers are both read from `customers.csv` and derived";
            sink.push(Diagnostic::placeless(Code::Overlap, message).help("leave out the file or `derive_from`"));
        } else if !has("customers") && !derived {
            let finding = Diagnostic::placeless(Code::Book, "the book has no customers");
            sink.push(finding.help(
                "add `customers.csv`, or write `tables: { customers: { derive_from: invoices } }` in `book.yaml`",
            ));
        } else if derived && !has("invoices") {
            let finding = Diagnostic::placeless(Code::Book, "customers are derived from invoices, and there are none");
            sink.push(finding.help("add `invoices.csv`"));
        }
    }

    /// Warns of files in the folder that look like tables and that nobody reads.
    fn others(&self, sources: &[Source<'_>], sink: &mut Vec<Diagnostic>) {
        let plain = |name: &str| name.strip_prefix("./").unwrap_or(name).to_owned();
        let read: Vec<String> = sources.iter().flat_map(|s| &s.files).map(|name| plain(name)).collect();
        for (name, stem) in self.names.iter().filter_map(|name| Some((name, stem(name)?))) {
            if read.iter().any(|file| file == name || file.starts_with(&format!("{name}/"))) {
                continue;
            }
            let finding = Diagnostic::placeless(Code::Book, format!("`{name}` is not read")).as_warning();
            sink.push(match nearest(stem, TABLES.iter().map(|t| t.name)) {
                Some(near) if near != stem => finding.help(format!("did you mean `{near}.csv`?")),
                Some(_) => finding.help("say so in `book.yaml` if it is a table of its own"),
                None => finding.help("no table has this name; say which it is in `book.yaml`, or move it elsewhere"),
            });
        }
    }

    /// Takes the rows of one file, an input of this number; gives it, and its headers that nothing reads.
    #[expect(clippy::too_many_arguments, reason = "one file of one book, with all that it adds to")]
    pub(super) fn file(
        &self,
        source: &mut Source<'_>,
        file: &str,
        number: u32,
        silent: &mut [Option<Place>],
        schema: &Schema,
        put: &mut Put<'_>,
        sink: &mut Vec<Diagnostic>,
    ) -> Option<(Input, Vec<String>)> {
        let named = source.takers.first().and_then(|t| t.entry).into_iter().flat_map(|e| &e.files);
        let place = named.into_iter().find(|(written, _)| written == file).map(|(_, place)| place.clone());
        let opened = match put.on_disk() {
            Some(on_disk) => files::unpack_into(&self.dir, file, unpack::MOST, on_disk.aside),
            None => load(&self.dir, file, unpack::MOST),
        };
        let mut loaded = match opened {
            Ok(loaded) => loaded,
            Err(finding) => {
                sink.push(Diagnostic { place, ..finding });
                return None;
            }
        };
        let is_columnar = is_columnar(&loaded.bytes) || files::is_columnar(&loaded.name);
        let read = match is_columnar {
            true => Ok((Arc::default(), None)),
            false => text(source, &mut loaded, put.on_disk()),
        };
        let (text, mut further) = read.map_err(|finding| sink.push(finding)).ok()?;
        let sheet = match (is_columnar, loaded.file.take()) {
            (true, Some(on_disk)) => Columnar::on_disk(&loaded.name, on_disk, &loaded.bytes).map(Sheet::Columnar),
            (true, None) => Columnar::open(&loaded.name, std::mem::take(&mut loaded.bytes)).map(Sheet::Columnar),
            (false, _) => {
                let keys = further.as_mut().and_then(|further| further.keys.take());
                sheet(source, &loaded.name, &text, keys).ok_or_else(|| no_header(file, &text, source.layout.header_row))
            }
        };
        let sheet = sheet.map_err(|finding| sink.push(finding)).ok()?;
        let mut more = || further.as_mut().map_or(Ok(None), |further| further.pieces.next(further.rows));
        let mut sha256 = loaded.sha256.take();
        let mut taken = rayon::in_place_scope(|scope| {
            if sha256.is_none() {
                scope.spawn(|_| sha256 = Some(files::sha256(sheet.bytes().unwrap_or(text.as_bytes()))));
            }
            source.take(&loaded, (&sheet, &text), &mut more, number, schema, put, sink)
        })?;
        taken.0.sha256 = sha256.unwrap_or_default();
        for (taker, silent) in source.takers.iter().zip(silent) {
            if taker.rows.as_ref().is_some_and(|rows| rows.column("currency").is_none()) {
                silent.get_or_insert(sheet.header_place());
            }
        }
        Some(taken)
    }

    fn decode(&self, file: &str, bytes: Vec<u8>, sink: &mut Vec<Diagnostic>) -> Option<String> {
        encoding::decode(file, bytes)
            .map_err(|(message, help)| sink.push(Diagnostic::placeless(Code::UnreadableFile, message).help(help)))
            .ok()
    }
}

fn no_header(file: &str, text: &str, header_row: usize) -> Diagnostic {
    let what = if text.trim().is_empty() { "is empty" } else { "has no header" };
    let finding = Diagnostic::placeless(Code::Nothing, format!("`{file}` {what}"));
    finding.help(match header_row {
        1 => "its first line names its columns".to_owned(),
        row => format!("line {row} is to name its columns: `header_row: {row}`"),
    })
}

/// What follows the first piece of a text.
struct Further {
    pieces: Pieces,
    rows: Rows,
    /// The keys of the whole text, where it has one object a line.
    keys: Option<Keys>,
}

/// The text of a file: the whole, or the first piece of one that is read piece by piece, and what follows it.
fn text(
    source: &Source<'_>,
    loaded: &mut Loaded,
    on_disk: Option<OnDisk<'_>>,
) -> Result<(Arc<String>, Option<Further>), Diagnostic> {
    let told = |(message, help): (String, String)| Diagnostic::placeless(Code::UnreadableFile, message).help(help);
    let declared = source.layout.encoding;
    let (Some(file), Some(OnDisk { piece, .. })) = (loaded.file.take(), on_disk) else {
        if declared.is_some() || Encoding::for_bom(&loaded.bytes).is_some() {
            loaded.hash();
        }
        let bytes = std::mem::take(&mut loaded.bytes);
        return Ok((Arc::new(encodings::decode(&loaded.name, bytes, declared).map_err(told)?), None));
    };
    let broken = |stop: Stop| stop.told(&loaded.name);
    let begin = || -> Result<Pieces, Diagnostic> {
        let file = file.try_clone().map_err(|error| broken(Stop::Unreadable(error.to_string())))?;
        Pieces::new(&loaded.name, file, declared, piece).map_err(told)
    };
    let (rows, mut keys) = match is_json_lines(&loaded.name) {
        true => (Rows::Lines, Some(Keys::default())),
        false => (Rows::Delimited(delimiter(source, &loaded.name)), None),
    };
    if let Some(keys) = &mut keys {
        let mut all = begin()?;
        while let Some(piece) = all.next(rows).map_err(broken)? {
            keys.add(&piece.text, decimal_mark(source));
        }
    }
    let mut pieces = begin()?;
    let header_row = source.layout.header_row;
    let first = match rows {
        Rows::Lines => pieces.first(rows, |_| Some(0)),
        Rows::Delimited(_) => pieces.first(rows, |text| {
            let from = line_begin(text, header_row)?;
            let header = text.get(from..)?.trim_start_matches(['\r', '\n']);
            header.contains('\n').then_some(from)
        }),
    };
    let first = first.map_err(broken)?;
    Ok((Arc::new(first.text), Some(Further { pieces, rows, keys })))
}

fn delimiter(source: &Source<'_>, name: &str) -> u8 {
    source.layout.delimiter.unwrap_or(if is_tabs(name) { b'\t' } else { b',' })
}

fn decimal_mark(source: &Source<'_>) -> char {
    let entry = source.takers.first().and_then(|taker| taker.entry);
    entry.map_or('.', |entry| entry.format.numbers.decimal)
}

/// A text as rows, in the form that its name says; `keys` are those of the whole, where this is its beginning.
fn sheet<'t>(source: &Source<'_>, name: &str, text: &'t str, keys: Option<Keys>) -> Option<Sheet<'t>> {
    if is_json_lines(name) {
        let decimal = decimal_mark(source);
        let opened = match keys {
            Some(keys) => JsonLines::with(name, text, decimal, keys),
            None => JsonLines::open(name, text, decimal),
        };
        return opened.map(Sheet::JsonLines);
    }
    Delimited::open(name, text, delimiter(source, name), source.layout.header_row).map(Sheet::Delimited)
}
