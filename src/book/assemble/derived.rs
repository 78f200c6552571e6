//! Customers that exist because an invoice, a credit note or a payment names them.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDate;

use super::{Assembly, Derive};
use crate::book::Differing;
use crate::book::rows::TableRows;
use crate::book::tables::Table;
use crate::book::typed::Typed;

/// What the rows of one customer say in one column: what the latest says, and everything.
#[derive(Clone, Default)]
struct Said<'t> {
    latest: Option<(Option<NaiveDate>, Cow<'t, str>)>,
    all: BTreeSet<Cow<'t, str>>,
}

impl Assembly<'_> {
    /// The customers' table. A customer stands where it is named first; of what its rows say of it counts what the
    /// invoice issued last says, and of one day what is last in the alphabet, so that no order of rows matters.
    pub(super) fn derived(&mut self, invoices: &Typed) -> Option<Typed> {
        let others = self.tables.iter().filter(|rows| self.derive.from.contains(&rows.table.name));
        let sources: Vec<&TableRows> = std::iter::once(&invoices.rows).chain(others).collect();
        let mut numbers: HashMap<Cow<'_, str>, usize> = HashMap::new();
        let mut number = |(row, id)| {
            let next = numbers.len();
            (row, *numbers.entry(id).or_insert(next))
        };
        let named: Vec<Vec<(u32, usize)>> =
            sources.iter().map(|rows| customers(rows).map(&mut number).collect()).collect();
        let mut ids: Vec<(Cow<'_, str>, usize)> = numbers.into_iter().collect();
        ids.sort_unstable();
        let mut at_of_number = vec![0; ids.len()];
        for (at, (_, number)) in ids.iter().enumerate() {
            if let Some(slot) = at_of_number.get_mut(*number) {
                *slot = at;
            }
        }
        let columns: Vec<&str> = self.derive.columns.iter().map(|(name, _)| name.as_str()).collect();
        let mut places = vec![None; ids.len()];
        let mut guests = BTreeSet::new();
        let mut said = vec![vec![Said::default(); columns.len()]; ids.len()];
        let mut files = Vec::new();
        for (rows, named) in sources.iter().zip(named) {
            let is_invoices = rows.table.name == "invoices";
            let at_of: Vec<_> = columns.iter().map(|name| rows.column(&Derive::column(name))).collect();
            for (row, number) in named {
                let Some(at) = at_of_number.get(number).copied() else { continue };
                let (file, line) = rows.place(row);
                if let Some(place @ None) = places.get_mut(at) {
                    *place = Some((u32::try_from(files.len()).ok()? + file, line));
                    if rows.is_guest(row) {
                        guests.insert(u32::try_from(at).ok()?);
                    }
                }
                let on = if is_invoices { invoices.date("issue_date", row) } else { None };
                for (said, column) in said.get_mut(at).into_iter().flatten().zip(&at_of) {
                    let text = column.map(|column| rows.cell(row, column)).unwrap_or_default();
                    if !text.is_empty() {
                        said.latest = said.latest.take().max(Some((on, text.clone())));
                        said.all.insert(text);
                    }
                }
            }
            files.extend(rows.files.iter().cloned());
        }
        let mut rows =
            TableRows::new(Table::named("customers")?, "", std::iter::once("id").chain(columns.iter().copied()));
        for (column, (_, (header, _))) in rows.columns.iter_mut().skip(1).zip(&self.derive.columns) {
            column.1.clone_from(header);
        }
        rows.files = files;
        rows.guests = guests;
        rows.fills.clone_from(&self.derive.fills);
        rows.format = self.derive.format.clone();
        let mut differing = Vec::new();
        for (((id, _), place), said) in ids.iter().zip(places).zip(&said) {
            let latest = |said: &Said<'_>| said.latest.as_ref().map(|(_, text)| text.to_string()).unwrap_or_default();
            let texts: Vec<String> = said.iter().map(latest).collect();
            rows.push_at(place?, std::iter::once(id.as_ref()).chain(texts.iter().map(String::as_str))).ok()?;
            for ((column, said), taken) in
                columns.iter().zip(said).zip(texts).filter(|((_, said), _)| said.all.len() > 1)
            {
                let others = said.all.iter().filter(|text| **text != taken).map(ToString::to_string).collect();
                differing.push(Differing { customer: id.to_string(), column: (*column).to_owned(), taken, others });
            }
        }
        self.book.differing = differing;
        Some(Typed::read(rows, self.schema))
    }
}

/// The rows of a table that name a customer, and whom.
fn customers(rows: &TableRows) -> impl Iterator<Item = (u32, Cow<'_, str>)> {
    let column = rows.column("customer");
    let fill = rows.fills.iter().find(|(name, _)| name == "customer").map_or("", |(_, text)| text.as_str());
    let values = rows.format.values_of("customer");
    let one = move |row| {
        let text = column.map(|at| rows.cell(row, at)).unwrap_or_default();
        let text = if text.is_empty() { Cow::Borrowed(fill) } else { text };
        let text = values.iter().find(|(from, _)| *from == text).map_or(text, |(_, to)| Cow::Borrowed(to.as_str()));
        (!text.is_empty()).then_some((row, text))
    };
    (0u32..).take(rows.len()).filter_map(one)
}
