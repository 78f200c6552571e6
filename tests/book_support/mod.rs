//! A book as text, for tests that compare what was read.
#![allow(dead_code, reason = "each test file uses its part")]

use std::fmt::Write as _;
use std::path::Path;

use chrono::NaiveDate;
use usance::book::{self, Book, Cell, Column};
use usance::plan::{RelationId, Schema};

/// Writes a folder from a text in which `== name` begins a file.
pub(crate) fn folder(files: &str) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for file in files.split("== ").skip(1) {
        let (name, text) = file.split_once('\n').unwrap();
        std::fs::write(dir.path().join(name.trim_end()), text).unwrap();
    }
    dir
}

/// Reads a book in dollars that has nothing to complain of.
pub(crate) fn read(path: &Path) -> Book {
    let mut sink = Vec::new();
    let book = book::read(path, &Schema::standard(), "USD", &mut sink);
    assert_eq!(sink, [], "no findings");
    book.unwrap()
}

/// One line a row, by id: `id < parent: fact=value …`; a cell that cannot be read shows why.
pub(crate) fn rows(book: &Book, name: &str) -> String {
    let schema = Schema::standard();
    let relation = schema.relation(name).unwrap();
    let mut out = String::new();
    let mut rows: Vec<u32> = (0..u32::try_from(book.count(relation)).unwrap()).collect();
    rows.sort_by_key(|row| book.id(relation, *row));
    for row in rows {
        let parent = schema.parent(relation).map(|p| book.id(p, book.parent(relation, row).unwrap()));
        write!(out, "{} < {}:", book.id(relation, row), parent.unwrap_or("-")).unwrap();
        for fact in &schema.get(relation).unwrap().facts {
            if fact.name != "id" {
                out += &shown(book, &schema, relation, &fact.name, row);
            }
        }
        out += "\n";
    }
    out
}

fn shown(book: &Book, schema: &Schema, relation: RelationId, fact: &str, row: u32) -> String {
    let column = schema.fact(relation, fact).unwrap();
    let columns = &book.rows(relation).unwrap().columns;
    if let Some(Column::Dated(dated)) = columns.get(usize::from(column.0)) {
        let history: Vec<_> = dated.of(row).collect();
        if history.iter().all(|(_, cell)| *cell == Cell::Blank) {
            return String::new();
        }
        let one = |(from, cell): &(Option<NaiveDate>, Cell)| {
            format!("{}:{}", from.map(|d| d.to_string()).unwrap_or_default(), text(book, cell))
        };
        return format!(" {fact}=[{}]", history.iter().map(one).collect::<Vec<_>>().join(" "));
    }
    match book.cell(relation, column, row, NaiveDate::MAX) {
        Cell::Blank => String::new(),
        cell => format!(" {fact}={}", text(book, &cell)),
    }
}

fn text(book: &Book, cell: &Cell) -> String {
    match cell {
        Cell::Given(value) => value.to_string(),
        Cell::Blank => String::new(),
        Cell::Unreadable(number) => {
            let reject = &book.rejects[*number as usize];
            format!("!{} `{}`", reject.column, reject.value)
        }
    }
}

/// Every relation, and all that was noted beside it, without the numbers of lines.
pub(crate) fn everything(book: &Book) -> String {
    let schema = Schema::standard();
    let mut out = String::new();
    for relation in &schema.relations {
        writeln!(out, "== {}\n{}", relation.name, rows(book, &relation.name)).unwrap();
    }
    let mut rejects: Vec<String> = book
        .rejects
        .iter()
        .map(|r| {
            let reason = r.reason.split(" in line").next().unwrap();
            format!("{} {} `{}` {reason} {:?}", r.file, r.column, r.value, r.account)
        })
        .collect();
    rejects.sort();
    writeln!(out, "{}\n{:?}\n{:?}", rejects.join("\n"), book.undated, book.unread).unwrap();
    out
}
