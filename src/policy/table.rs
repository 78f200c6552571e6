//! A CSV table as a list of mappings, every cell with its place.

mod cells;
mod mangled;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::folder::Folder;
use super::read;
use super::tree::{Entry, Tree, TreeKind};
use crate::diag::{Code, Diagnostic, Place, Source, Span};

pub use mangled::mangled;

/// The most rows a table may have.
const MAX_ROWS: usize = 100_000;

/// The rows of a section: a list of mappings, or the path of a CSV file in the folder.
///
/// ```
/// use usance::policy::{folder::Folder, table};
/// let texts = [("policy.yaml", "terms: t.csv"), ("t.csv", "id,tier\nprime,A\n")].map(|(a, b)| (a.to_owned(), b.to_owned()));
/// let mut sink = Vec::new();
/// let folder = Folder::from_memory(texts.into(), &mut sink).unwrap();
/// let rows = table::rows_or_table(&folder.section("terms").unwrap().value, &folder, &mut sink).unwrap();
/// let tier = &rows[0].get("tier").unwrap().value;
/// assert_eq!((tier.text(), tier.place.to_string()), (Some("A"), "t.csv:2:7".to_owned()));
/// ```
pub fn rows_or_table<'t>(tree: &'t Tree, folder: &'t Folder, sink: &mut Vec<Diagnostic>) -> Option<&'t [Tree]> {
    if tree.scalar().is_none() || tree.is_null() {
        return read::list(tree, sink);
    }
    if tree.text().is_some_and(|path| !path.contains('.')) {
        let message = "a list of rows or the path of a table is needed here";
        let help = "write `[ … ]`, one `- …` a line, or a path such as `tables/terms.csv`";
        sink.push(Diagnostic::error(Code::WrongShape, message, tree.place.clone()).help(help));
        return None;
    }
    folder.rows(tree, sink)
}

/// A file, read as a table.
#[derive(Debug)]
pub(super) struct Table {
    /// Its rows; nothing when they cannot be used.
    pub(super) rows: Option<Vec<Tree>>,
    /// What is wrong with it.
    pub(super) found: Vec<Diagnostic>,
}

impl Table {
    pub(super) fn read(source: &Arc<Source>) -> Self {
        let mut found = Vec::new();
        let rows = read_csv(source, &mut found).and_then(|table| match table.kind {
            TreeKind::List(rows) => Some(rows),
            TreeKind::Scalar(_) | TreeKind::Map(_) => None,
        });
        Self { rows, found }
    }
}

/// A CSV file as a list of mappings: the first line gives the keys, blank cells and blank lines are left out, spaces around
/// an unquoted cell do not count. Commas, semicolons or tabs separate, whichever the first line holds most of. `None` when
/// the header cannot be used.
pub fn read_csv(source: &Arc<Source>, sink: &mut Vec<Diagnostic>) -> Option<Tree> {
    let mut lines =
        cells::lines(source, sink)?.into_iter().filter(|line| line.iter().any(|cell| !cells::is_blank(cell)));
    let Some(header) = lines.next() else {
        let place = Place::new(source, Span::new(0, 0));
        let finding = Diagnostic::error(Code::WrongShape, format!("the table `{}` is empty", source.name), place);
        sink.push(finding.help("write the names of its columns on the first line"));
        return None;
    };
    let keys = header_keys(header, sink)?;
    let mut rows = Vec::new();
    for line in lines {
        if rows.len() == MAX_ROWS {
            let place = line.first().map_or_else(|| Place::new(source, Span::new(0, 0)), |cell| cell.place.clone());
            let finding = Diagnostic::error(Code::TooLarge, "the table has more than 100000 rows", place);
            sink.push(finding.help("a policy table is meant to be read by people: keep data in the book"));
            return None;
        }
        rows.push(row(source, &keys, line, sink));
    }
    let place = Place::new(source, Span::new(0, source.text.len()));
    Some(Tree { kind: TreeKind::List(rows), place })
}

fn header_keys(header: Vec<Tree>, sink: &mut Vec<Diagnostic>) -> Option<Vec<Tree>> {
    let mut header = header;
    while header.last().is_some_and(cells::is_blank) {
        header.pop();
    }
    let before = sink.len();
    let mut first_of: BTreeMap<&str, &Place> = BTreeMap::new();
    for cell in &header {
        let key = cell.text().unwrap_or("");
        let finding = |code, message: String| Diagnostic::error(code, message, cell.place.clone());
        if key.is_empty() {
            let finding = finding(Code::MissingKey, "a column has no name".to_owned());
            sink.push(finding.help("write what the column holds in the first line of the table"));
        } else if let Some(first) = first_of.insert(key, &cell.place) {
            let finding = finding(Code::DuplicateKey, format!("two columns are called `{key}`"));
            sink.push(finding.also(first.clone(), "first here").help("keep one of the two, or name them apart"));
        }
    }
    (sink.len() == before).then_some(header)
}

fn row(source: &Arc<Source>, keys: &[Tree], cells: Vec<Tree>, sink: &mut Vec<Diagnostic>) -> Tree {
    let whole = cells.iter().filter(|cell| !cells::is_blank(cell)).map(|cell| cell.place.span).reduce(Span::to);
    let mut entries = Vec::with_capacity(cells.len());
    for (index, cell) in cells.into_iter().enumerate() {
        if cells::is_blank(&cell) {
            continue;
        }
        match keys.get(index) {
            Some(key) => entries.push(Entry {
                key: key.text().unwrap_or("").to_owned(),
                key_place: key.place.clone(),
                value: cell,
            }),
            None => {
                let message = format!("this cell stands beyond the {} columns of the table", keys.len());
                let help =
                    "a cell that holds a comma needs quotes around it; otherwise name the column in the first line";
                sink.push(Diagnostic::error(Code::WrongShape, message, cell.place.clone()).help(help));
            }
        }
    }
    Tree { kind: TreeKind::Map(entries), place: Place::new(source, whole.unwrap_or_default()) }
}
