//! A first look at the files of a book: what they are, what their columns look like, and a first `book.yaml`.

mod aliases;
mod column;
mod guess;
mod look;
mod show;
mod write;

use std::path::Path;

use super::files;
use super::sheet::one_line;
use crate::diag::{Code, Diagnostic};
use crate::plan::Schema;

pub use column::{Column, Looks};
pub use show::{inspection_json, show};

/// How many rows of a file are looked at.
const MOST_ROWS: usize = 50_000;

/// Files looked at, and the first `book.yaml`.
#[derive(Clone, Debug)]
pub struct Inspection {
    /// The files, by name.
    pub files: Vec<FileLook>,
    /// A `book.yaml` in which every guess is marked.
    pub yaml: String,
}

/// What a file looks like.
#[derive(Clone, Debug)]
pub struct FileLook {
    /// Its name.
    pub file: String,
    /// `Parquet` or `Arrow`, where its columns are typed.
    pub columnar: Option<&'static str>,
    /// Its encoding.
    pub encoding: String,
    /// Whether the encoding shows in the file, so that `book.yaml` need not say it.
    pub encoding_shows: bool,
    /// What separates its cells; `None` for JSON Lines.
    pub delimiter: Option<char>,
    /// The line of its header, from 1.
    pub header_row: usize,
    /// How many rows were looked at.
    pub rows: usize,
    /// Its columns.
    pub columns: Vec<Column>,
    /// The table it is taken for.
    pub table: Option<&'static str>,
    /// Rows that seem to be totals: column, and what its cell starts with.
    pub(crate) totals: Vec<(usize, String)>,
    /// The column that has headings of groups.
    pub(crate) headings: Option<usize>,
    /// The column that says what kind of document a row is.
    pub(crate) kind: Option<usize>,
}

/// Looks at a file, or at the files of a folder. What cannot be read goes to `sink`.
pub fn inspect(path: &Path, schema: &Schema, sink: &mut Vec<Diagnostic>) -> Option<Inspection> {
    let (dir, names) = if path.is_dir() {
        let is_table = |name: &String| files::stem(name).is_some() || name.to_ascii_lowercase().ends_with(".txt");
        (path.to_owned(), files::names(path).into_iter().filter(is_table).collect::<Vec<_>>())
    } else if path.is_file() {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        (path.parent().unwrap_or(Path::new("")).to_owned(), name.into_iter().collect())
    } else {
        let finding =
            Diagnostic::placeless(Code::UnreadableFile, format!("there is no folder or file `{}`", path.display()));
        sink.push(finding.help("name a folder of exports, or one file"));
        return None;
    };
    let mut looks: Vec<FileLook> = names.iter().filter_map(|name| look::look(&dir, name, sink)).collect();
    if looks.is_empty() {
        let finding = Diagnostic::placeless(Code::Nothing, format!("nothing to look at in `{}`", path.display()));
        sink.push(
            finding.help(
                "exports are files that end in `.csv`, `.tsv`, `.txt`, `.jsonl` or `.parquet`, compressed or not",
            ),
        );
        return None;
    }
    for look in &mut looks {
        guess::table(look, schema);
    }
    let yaml = write::yaml(&looks, schema);
    Some(Inspection { files: looks, yaml })
}
