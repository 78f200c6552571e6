//! Which column of a file is which column of the book.

use super::manifest::{TableEntry, Written};
use super::sheet::{Sheet, one_line};
use super::tables::Table;
use crate::diag::{Code, Diagnostic, nearest};
use crate::plan::Schema;

/// What the header of a file came to.
pub(crate) struct Headers {
    /// Name in the book, header in the file, number in the file.
    pub(crate) columns: Vec<(String, String, usize)>,
    /// Headers that nothing reads, in the order of the file.
    pub(crate) unread: Vec<String>,
}

/// Finds the columns of a table in a file's header. What is missing, doubled or misspelt goes to `sink`; `used` are the
/// columns that something else reads.
pub(crate) fn resolve(
    table: &Table,
    file: &Sheet<'_>,
    entry: Option<&TableEntry>,
    used: &[usize],
    schema: &Schema,
    sink: &mut Vec<Diagnostic>,
) -> Headers {
    let known = table.columns(schema);
    let mapped: &[(String, Written)] = entry.map_or(&[], |e| &e.columns);
    let ignored: &[Written] = entry.map_or(&[], |e| &e.ignore);
    let is_ignored = |header: &str| ignored.iter().any(|(name, _)| one_line(name) == header);
    let mut columns: Vec<(String, String, usize)> = Vec::new();
    for (name, (header, place)) in mapped {
        columns
            .extend(file.find(&(header.clone(), place.clone()), sink).map(|at| (name.clone(), one_line(header), at)));
    }
    for (header, place) in ignored {
        if !file.header().contains(&one_line(header)) {
            let finding =
                Diagnostic::error(Code::UnknownName, format!("the file has no column `{header}`"), place.clone());
            sink.push(finding.as_warning().help("leave it out of `ignore`"));
        }
    }
    for (at, header) in file.header().iter().enumerate() {
        let taken = columns.iter().any(|(_, _, column)| *column == at) || is_ignored(header);
        let is_mapped = mapped.iter().any(|(name, _)| name == header);
        if !taken && !is_mapped && known.iter().any(|(name, _)| name == header) {
            columns.push((header.clone(), header.clone(), at));
        }
    }
    doubled(file, &columns, sink);
    let filled = |name: &str| entry.is_some_and(|e| e.fills.iter().any(|(column, _)| column == name));
    let here = |name: &str| mapped.iter().any(|(n, _)| n == name) || columns.iter().any(|(n, ..)| n == name);
    let missing = |name: &str| table.required.contains(&name) && name != "currency" && !filled(name);
    let other_mark = file.header().len() == 1 && file.header().iter().any(|h| h.contains([';', '\t', '|']));
    let mut unread = Vec::new();
    let mut misspelt: Vec<(&str, usize)> = Vec::new();
    for (at, header) in file.header().iter().enumerate() {
        if columns.iter().any(|(_, _, column)| *column == at) || is_ignored(header) || used.contains(&at) {
            continue;
        }
        unread.push(header.clone());
        let open = known.iter().map(|(name, _)| name.as_str()).filter(|name| !here(name));
        match nearest(header, open) {
            Some(near) if missing(near) => misspelt.push((near, at)),
            Some(near) if !other_mark => {
                let message = format!("nothing reads the column `{header}`");
                let finding = Diagnostic::error(Code::UnknownName, message, file.place(at)).as_warning();
                let ignore = format!("put it under `ignore` of the table `{}` in book.yaml", table.name);
                sink.push(finding.help(format!("did you mean `{near}`? if not, {ignore}")));
            }
            _ => {}
        }
    }
    for name in table.required.iter().filter(|name| missing(name) && !here(name)) {
        let message = format!("`{}` needs the column `{name}`", table.name);
        let map = format!("if it has another name, say so in book.yaml: `columns: {{ {name}: … }}`");
        sink.push(match misspelt.iter().find(|(near, _)| near == name) {
            _ if other_mark => Diagnostic::error(Code::MissingKey, message, file.header_place())
                .help("the cells are separated by another mark than `,`: declare `delimiter: \";\"` in book.yaml"),
            Some((_, at)) => Diagnostic::error(Code::MissingKey, message, file.place(*at))
                .label("this looks like it")
                .help(format!("write `{name}`; {map}")),
            None => Diagnostic::error(Code::MissingKey, message, file.header_place()).help(map),
        });
    }
    Headers { columns, unread }
}

/// Two columns of the file that would both be one column of the book.
fn doubled(file: &Sheet<'_>, columns: &[(String, String, usize)], sink: &mut Vec<Diagnostic>) {
    for (name, header, at) in columns {
        for other in file.header().iter().enumerate().skip(at + 1).filter(|(_, h)| *h == header).map(|(other, _)| other)
        {
            let message = format!("the column `{header}` stands twice, and `{name}` is read from it");
            let finding = Diagnostic::error(Code::DuplicateKey, message, file.place(other));
            sink.push(finding.also(file.place(*at), "the first").help("give one of them another name"));
        }
    }
}
