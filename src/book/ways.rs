//! Which ways the rows of a file go: what each table takes, and what is left out.

use std::collections::BTreeMap;

use arrow_schema::DataType;
use rayon::prelude::*;

use super::cells::Format;
use super::columnar::{RowGroup, Stop};
use super::conditions::Bound;
use super::feed::Feed;
use super::reading::FileText;
use super::rows::Signed;
use super::sheet::Sheet;
use super::tables::Table;
use super::threads::shares;
use crate::lang::Base;

/// Where a cell of a table comes from in one file.
pub(crate) enum From<'c> {
    Column(usize),
    /// A text where one of these holds.
    Where(Vec<Bound<'c>>),
}

impl From<'_> {
    pub(crate) fn column(&self) -> Option<usize> {
        if let Self::Column(at) = self { Some(*at) } else { None }
    }
}

/// What one table takes of one file.
pub(crate) struct Cut<'c> {
    pub(crate) table: &'static Table,
    pub(crate) only: Vec<Bound<'c>>,
    pub(crate) cells: Vec<From<'c>>,
    /// The columns it reads itself, by name and type.
    pub(crate) types: Vec<Option<(String, Base)>>,
    pub(crate) format: Format,
    pub(crate) signed: Vec<Signed>,
    /// The place of the file among those of the table.
    pub(crate) file: u32,
    /// Columns that every row needs.
    pub(crate) needed: Vec<usize>,
    pub(crate) amount: Option<usize>,
    pub(crate) currency: Option<usize>,
}

/// Which ways the rows of one file go.
pub(crate) struct Ways<'f, 'c> {
    pub(crate) header: &'f [String],
    /// The types of its columns, where they have any.
    pub(crate) types: &'f [DataType],
    /// Its text, where cells are places in it.
    pub(crate) text: Option<FileText>,
    pub(crate) fill_down: Vec<usize>,
    pub(crate) totals: Vec<Bound<'c>>,
    pub(crate) aside: Vec<Bound<'c>>,
    pub(crate) why_aside: Vec<String>,
    pub(crate) cuts: Vec<Cut<'c>>,
    /// Whether cells are kept as they stand, and not read.
    pub(crate) unread: bool,
}

impl Ways<'_, '_> {
    /// Sends every row its way: stretches of a file by themselves, handed over in their order. `above` is what stands above
    /// in the columns that are filled down.
    pub(crate) fn feed(
        &self,
        sheet: &Sheet<'_>,
        above: &mut BTreeMap<usize, String>,
        take: &mut dyn FnMut(Feed<'_, '_>) -> Result<(), Stop>,
    ) -> Result<(), Stop> {
        // What is filled down comes from the rows above.
        let alone = !self.fill_down.is_empty();
        let (threads, shares) = if alone { (1, 1) } else { (rayon::current_num_threads(), shares()) };
        match sheet {
            Sheet::JsonLines(text) => {
                let mut feed = Feed::below(self, above, 0);
                feed.blank += text.each(&mut |record| feed.record(&record))?;
                *above = std::mem::take(&mut feed.above);
                take(feed)
            }
            Sheet::Delimited(text) => {
                let mut first = Feed::new(self, 0);
                first.above_header(text.above());
                take(first)?;
                let fed = each_of(&text.stretches(shares)?, |stretch| {
                    let mut feed = Feed::below(self, above, stretch.lines);
                    feed.blank += text.each(*stretch, &mut |record| feed.record(&record))?;
                    Ok(feed)
                })?;
                fed.into_iter().try_for_each(|mut feed| {
                    *above = std::mem::take(&mut feed.above);
                    take(feed)
                })
            }
            Sheet::Columnar(file) if self.unread => {
                let (asked, read) = (self.asked(), self.read());
                file.groups().into_iter().try_for_each(|group| {
                    let mut first = group.first;
                    file.each(group, &read, &mut |batch| {
                        let mut feed = Feed::new(self, 0);
                        feed.batch(batch, &read, &asked, first)?;
                        first += batch.num_rows();
                        take(feed)
                    })
                })
            }
            Sheet::Columnar(file) => {
                if let Some(at) = self.columns_of_all()
                    && let Some(rows) = file.rows_apart(&at)
                {
                    let mut feed = Feed::new(self, rows);
                    feed.columns(file, &at, rows)?;
                    return take(feed);
                }
                let groups = file.groups();
                let shares: Vec<&[RowGroup]> = groups.chunks(groups.len().div_ceil(threads).max(1)).collect();
                let (asked, read) = (self.asked(), self.read());
                let fed = each_of(&shares, |share| {
                    let mut feed = Feed::new(self, share.iter().map(|group| group.rows).sum());
                    for group in *share {
                        let mut first = group.first;
                        file.each(*group, &read, &mut |batch| {
                            feed.batch(batch, &read, &asked, first)?;
                            first += batch.num_rows();
                            Ok(())
                        })?;
                    }
                    Ok(feed)
                })?;
                fed.into_iter().try_for_each(take)
            }
        }
    }

    /// The columns whose texts decide where a row goes.
    pub(crate) fn asked(&self) -> Vec<usize> {
        let conditions = self.totals.iter().chain(&self.aside).chain(self.cuts.iter().flat_map(|cut| &cut.only));
        let mut asked: Vec<usize> = conditions.flat_map(Bound::columns).collect();
        for cut in &self.cuts {
            let holds = |from: &From<'_>| match from {
                From::Where(any) => any.iter().flat_map(Bound::columns).collect(),
                From::Column(_) => Vec::new(),
            };
            asked.extend(cut.cells.iter().flat_map(holds));
            if !self.aside.is_empty() {
                let amounts = cut.signed.iter().filter_map(|signed| signed.minus).chain(cut.amount);
                asked.extend(amounts.filter_map(|at| cut.cells.get(at)?.column()));
                asked.extend(cut.currency);
            }
        }
        asked.sort_unstable();
        asked.dedup();
        asked
    }

    /// Whether every row that says anything goes to the only table; `asked` are the columns that decide where rows go.
    pub(crate) fn all_to_one(&self, asked: &[usize]) -> bool {
        let is_open = self.totals.is_empty() && self.aside.is_empty();
        is_open && asked.is_empty() && matches!(self.cuts.as_slice(), [cut] if cut.only.is_empty())
    }

    /// The columns of the only table, where it takes every row and each of its cells stands in one column.
    fn columns_of_all(&self) -> Option<Vec<usize>> {
        let [cut] = self.cuts.as_slice() else { return None };
        let is_plain = self.fill_down.is_empty() && cut.signed.is_empty() && self.all_to_one(&self.asked());
        is_plain.then(|| cut.cells.iter().map(From::column).collect())?
    }

    /// The columns that are read at all.
    pub(crate) fn read(&self) -> Vec<usize> {
        let cells = self.cuts.iter().flat_map(|cut| &cut.cells).filter_map(From::column);
        let mut read: Vec<usize> = cells.chain(self.asked()).collect();
        read.sort_unstable();
        read.dedup();
        read
    }
}

/// Does the same for each, on several threads where there are several; what comes out is in their order.
fn each_of<T: Sync, R: Send>(all: &[T], one: impl Fn(&T) -> Result<R, Stop> + Send + Sync) -> Result<Vec<R>, Stop> {
    match all {
        [only] => one(only).map(|done| vec![done]),
        several => several.par_iter().map(one).collect(),
    }
}

/// The text of a cell of a table.
pub(crate) fn text<'r>(from: &From<'_>, cell: &impl Fn(usize) -> &'r str) -> &'r str {
    match from {
        From::Column(at) => cell(*at),
        From::Where(any) => {
            if any.iter().any(|bound| bound.holds(cell)) {
                "-"
            } else {
                ""
            }
        }
    }
}

/// Why no table takes a row.
pub(crate) fn nobodys<'r>(cuts: &[Cut<'_>], header: &[String], cell: &impl Fn(usize) -> &'r str) -> String {
    let mut asked: Vec<usize> = cuts.iter().flat_map(|cut| &cut.only).flat_map(Bound::columns).collect();
    asked.sort_unstable();
    asked.dedup();
    let name = |at: usize| header.get(at).map_or("", String::as_str);
    let shown: Vec<String> = asked.iter().map(|at| format!("`{}` is `{}`", name(*at), cell(*at).trim())).collect();
    let shown = shown.join(" and ");
    format!(
        "no table takes a row of which {shown}; declare it under `set_aside`, or in the `where` of a table in book.yaml"
    )
}
