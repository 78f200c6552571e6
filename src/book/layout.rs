//! How a file is written: its encoding, where its header stands, which of its rows are none of a table.

use encoding_rs::Encoding;

use super::conditions::{Condition, any_of};
use super::encodings;
use super::manifest::{Written, mark, written};
use crate::diag::{Code, Diagnostic, nearest};
use crate::policy::fields::Fields;
use crate::policy::read;

/// What `book.yaml` says of the form of a table's files.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    /// The encoding, where it does not show in the bytes.
    pub(crate) encoding: Option<&'static Encoding>,
    /// What separates the cells; by the file's name where it is not said.
    pub(crate) delimiter: Option<u8>,
    /// The line of the header, from 1.
    pub(crate) header_row: usize,
    /// Rows that sum up others.
    pub(crate) totals: Vec<Condition>,
    /// Rows that are left out on purpose.
    pub(crate) set_aside: Vec<Condition>,
    /// Columns in which a blank cell means what stands above it.
    pub(crate) fill_down: Vec<Written>,
}

impl Default for Layout {
    fn default() -> Self {
        let none = Vec::new;
        Self {
            encoding: None,
            delimiter: None,
            header_row: 1,
            totals: none(),
            set_aside: none(),
            fill_down: Vec::new(),
        }
    }
}

/// The keys of a table that speak of the form of its files.
pub(crate) const KEYS: &[&str] = &["encoding", "delimiter", "header_row", "totals", "set_aside", "fill_down"];

impl Layout {
    /// Reads those keys.
    pub(crate) fn read(fields: &mut Fields<'_>, sink: &mut Vec<Diagnostic>) -> Self {
        let mut layout = Self::default();
        if let Some((name, place)) = fields.take("encoding", sink).and_then(|tree| written(tree, sink)) {
            layout.encoding = encodings::named(&name);
            if layout.encoding.is_none() {
                let finding = Diagnostic::error(Code::UnknownValue, format!("there is no encoding `{name}`"), place);
                let known = ["utf-8", "utf-16le", "utf-16be", "gb18030", "windows-1252", "big5", "shift_jis"];
                sink.push(match nearest(&name, known) {
                    Some(near) => finding.help(format!("did you mean `{near}`?")),
                    None => finding
                        .help("write `utf-8`, `utf-16le`, `gb18030`, `windows-1252` or another of the web's names"),
                });
            }
        }
        layout.delimiter = mark(fields, "delimiter", sink).and_then(|mark| {
            let one = u8::try_from(mark).ok().filter(u8::is_ascii);
            if one.is_none() {
                let message = format!("`{mark}` is no mark between cells");
                let finding = Diagnostic::error(Code::UnknownValue, message, fields.place().clone());
                sink.push(finding.help("write a comma, a semicolon, a bar or `tab`"));
            }
            one
        });
        if let Some(tree) = fields.take("header_row", sink) {
            match read::whole(tree, sink).map(usize::try_from) {
                Some(Ok(row @ 1..)) => layout.header_row = row,
                Some(_) => {
                    let message = "`header_row` is the line of the header, counted from 1";
                    let finding = Diagnostic::error(Code::OutOfBounds, message, tree.place.clone());
                    sink.push(finding.help("write `header_row: 5` where four lines stand above it"));
                }
                None => {}
            }
        }
        layout.totals = fields.take("totals", sink).map(|tree| any_of(tree, sink)).unwrap_or_default();
        layout.set_aside = fields.take("set_aside", sink).map(|tree| any_of(tree, sink)).unwrap_or_default();
        if let Some(tree) = fields.take("fill_down", sink) {
            layout.fill_down = read::list_or_one(tree).iter().filter_map(|tree| written(tree, sink)).collect();
        }
        layout
    }
}
