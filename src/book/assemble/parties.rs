//! Customers and their groups.

use std::collections::HashSet;

use arrow_array::{Array, Date32Array, StringArray};
use arrow_buffer::ScalarBuffer;
use chrono::NaiveDate;
use rayon::prelude::*;

use super::Assembly;
use crate::book::ids::{Index, NONE, some};
use crate::book::order::{self, Order, after};
use crate::book::rejects::{Ledger, Sift};
use crate::book::rows::TableRows;
use crate::book::tables::Table;
use crate::book::texts::{self, Texts, take_texts};
use crate::book::typed::Typed;
use crate::book::{Cell, Column, Data, Dated, Origins, Rows, Series};
use crate::plan::{Fact, Relation};

/// What one row says of a customer or group.
struct Statement {
    /// The customer or group, by its place among the sorted ids.
    of: u32,
    /// Since when it holds.
    from: Option<NaiveDate>,
    /// The reject, when the row was refused: then every fact it should have said cannot be read.
    refused: Option<u32>,
    row: u32,
}

impl Assembly<'_> {
    /// The portfolio, the groups and the accounts.
    pub(super) fn parties(&mut self, invoices: Option<&Typed>) -> Option<()> {
        let portfolio = self.relation("portfolio")?;
        let columns = self.schema.get(portfolio)?.facts.iter().map(|_| Column::Absent).collect();
        let (ids, nothing) = (StringArray::from_iter_values(["portfolio"]), ScalarBuffer::from(vec![0]));
        let rows = Rows::new(ids, nothing, columns, [(0, 0)].into_iter().collect(), ScalarBuffer::default());
        self.set(portfolio, rows);
        let mut groups = self.table("groups");
        let customers = match (invoices.filter(|_| self.derive.customers()), self.table("customers")) {
            (Some(invoices), _) => self.derived(invoices)?,
            (None, Some(customers)) => customers,
            (None, None) => {
                let nobody = TableRows::new(Table::named("customers")?, "", ["id"]);
                Typed::read(nobody, self.schema)
            }
        };
        self.listed(customers, groups.as_mut())
    }

    fn listed(&mut self, mut table: Typed, groups: Option<&mut Typed>) -> Option<()> {
        let texts = table.strings("id");
        let ids = sorted(&texts);
        self.ledger.open(ids.clone(), vec![false; ids.len()]);
        let of = self.ledger.accounts_of(&texts);
        let mut sift = Sift::lenient(&mut table, &mut self.ledger, of.clone());
        let of = |row: u32| of.get(row as usize).copied().and_then(some);
        let dated = table.has("valid_from");
        if dated {
            let from = table.values("valid_from");
            sift.unique(&mut self.ledger, &table, Some("id"), |row| Some((of(row)?, from.day(row))));
        } else {
            sift.unique_texts(&mut self.ledger, &table, "id", &texts);
        }
        self.in_currencies(&table, &mut sift);
        let statements = statements(&table, &sift, &self.ledger, of);
        let groups_of = self.groups_of(&table, &ids, groups.as_deref(), &statements);
        let parents = self.groups(groups_of, groups)?;
        let (account, group) = (self.relation("account")?, self.relation("group")?);
        if !self.derive.customers() {
            let undated = statements.iter().filter(|s| s.from.is_none()).map(|s| s.row);
            self.undated("customers", &table, undated);
        }
        // From here on accounts are known by their rows.
        let Order { starts, rows: order } = Order::of(&parents, self.book.count(group), &ids);
        let stated = Stated::new(&statements, ids.len(), order.as_deref(), dated);
        let (ids, parents) = match &order {
            Some(order) => {
                let incomplete = order.iter().map(|at| self.ledger.incomplete.get(*at as usize) == Some(&true));
                let (incomplete, ids) = (incomplete.collect(), take_texts(&ids, order));
                self.ledger.open(ids.clone(), incomplete);
                (ids, after(&parents, Some(order)))
            }
            None => (ids, parents),
        };
        let columns = stated.columns(self.schema.get(account)?, &table);
        let rows = Rows::new(ids, ScalarBuffer::from(parents), columns, stated.origins(&table), starts);
        self.set(account, rows);
        Some(())
    }

    /// The group each account says it is in; its own where it says none, or one that cannot be. None where every account
    /// is a group of its own.
    fn groups_of(
        &mut self,
        table: &Typed,
        ids: &StringArray,
        groups: Option<&Typed>,
        statements: &[Statement],
    ) -> Option<StringArray> {
        let texts = table.strings("group");
        if texts.null_count() == texts.len() {
            return None;
        }
        let known = groups.map(|groups| groups.strings("id"));
        let index = known.as_ref().map(|known| Index::new(Texts::of(known)));
        let is_known = |group: &str| match (&known, &index) {
            (Some(known), Some(index)) => index.find(Texts::of(known), group.as_bytes()).is_some(),
            _ => true,
        };
        let mut said = statements.chunk_by(|a, b| a.of == b.of).peekable();
        let group = |statement: &Statement| texts::text(&texts, statement.row);
        let mut groups_of = Vec::with_capacity(ids.len());
        for (account, own) in (0u32..).zip(ids.iter().flatten()) {
            let said = said.next_if(|said| said.first().is_some_and(|s| s.of == account)).unwrap_or_default();
            let first = said.iter().find_map(group);
            let refuse = |ledger: &mut Ledger, why: &str| {
                for statement in said.iter().filter(|statement| group(statement).is_some()) {
                    ledger.reject(&table.rows, statement.row, Some("group"), why.to_owned(), Some(account));
                }
            };
            groups_of.push(match first {
                None => own,
                Some(first) if said.iter().filter_map(group).any(|g| g != first) => {
                    refuse(&mut self.ledger, "another row of this customer names another group");
                    own
                }
                Some(first) if !is_known(first) => {
                    refuse(&mut self.ledger, "no group has this id");
                    own
                }
                Some(first) => first,
            });
        }
        Some(StringArray::from_iter_values(groups_of))
    }

    /// Makes the groups: those listed and those the accounts form; gives the group row of each account. Without
    /// `groups_of` every account forms its own.
    fn groups(&mut self, groups_of: Option<StringArray>, table: Option<&mut Typed>) -> Option<Vec<u32>> {
        let group = self.relation("group")?;
        let accounts = self.ledger.accounts().clone();
        let listed = table.as_deref().map(|table| table.strings("id"));
        let (ids, parents) = match (&groups_of, &listed) {
            (None, None) => {
                let own = (0u32..).take(accounts.len()).collect();
                (accounts, own)
            }
            (groups_of, listed) => {
                let groups_of = groups_of.as_ref().unwrap_or(&accounts);
                let all = groups_of.iter().chain(listed.iter().flat_map(|listed| listed.iter()));
                let ids = sorted(&all.collect::<StringArray>());
                let index = Index::new(Texts::of(&ids));
                let parents = index.find_all(Texts::of(&ids), groups_of);
                (ids, parents)
            }
        };
        let starts = ScalarBuffer::from(vec![0, u32::try_from(ids.len()).unwrap_or(u32::MAX)]);
        let in_portfolio = ScalarBuffer::from(vec![0; ids.len()]);
        let rows = match (table, &listed) {
            (Some(table), Some(listed)) => {
                let of = Index::new(Texts::of(&ids)).find_all(Texts::of(&ids), listed);
                let of = |row: u32| of.get(row as usize).copied().and_then(some);
                let before = self.ledger.rejects.len();
                // A group is no account: the reject names none, its members are told below.
                let mut sift = Sift::lenient(table, &mut self.ledger, vec![NONE; table.len() as usize]);
                sift.unique_texts(&mut self.ledger, table, "id", listed);
                self.in_currencies(table, &mut sift);
                let statements = statements(table, &sift, &self.ledger, of);
                if self.ledger.rejects.len() > before {
                    self.tell_members(table, &statements, &parents);
                }
                self.undated("groups", table, statements.iter().map(|s| s.row));
                let stated = Stated::new(&statements, ids.len(), None, false);
                let columns = stated.columns(self.schema.get(group)?, table);
                Rows::new(ids, in_portfolio, columns, stated.origins(table), starts)
            }
            _ => {
                let facts = self.schema.get(group)?.facts.iter();
                let columns = facts.map(|fact| if fact.name == "id" { Column::Ids } else { Column::Absent }).collect();
                let places = ids.iter().map(|_| (0, 0)).collect();
                Rows::new(ids, in_portfolio, columns, places, starts)
            }
        };
        self.set(group, rows);
        Some(parents)
    }

    /// The members of a group with something unreadable are incomplete.
    fn tell_members(&mut self, table: &Typed, statements: &[Statement], parents: &[u32]) {
        let columns: Vec<&Series> = table.rows.columns.iter().filter_map(|(name, _)| table.series(name)).collect();
        let unreadable = |s: &&Statement| {
            s.refused.is_some() || columns.iter().any(|column| matches!(column.cell(s.row), Cell::Unreadable(_)))
        };
        let groups: HashSet<u32> = statements.iter().filter(unreadable).map(|s| s.of).collect();
        for (account, group) in (0u32..).zip(parents) {
            if groups.contains(group) {
                self.ledger.touch(account);
            }
        }
    }

    /// Sets the customers' `since` to the issue date of their first invoice.
    pub(super) fn since_first_invoice(&mut self) -> Option<()> {
        let (account, invoice) = (self.relation("account")?, self.relation("invoice")?);
        let issued = self.fact(invoice, "issue_date");
        let first = |account| self.book.children(invoice, account).filter_map(|row| issued.day(row)).min();
        let count = u32::try_from(self.book.count(account)).unwrap_or(u32::MAX);
        let days: Date32Array = (0..count).map(first).collect();
        self.set_account_fact("since", Series::new(Data::Date(days)))
    }
}

/// What is stated of customers or groups, in the order of their rows.
struct Stated {
    /// For each of them where its statements begin, and where the last one's end; without dates each has one.
    starts: Vec<u32>,
    /// Since when each holds.
    from: Vec<i32>,
    /// The rows of the table; [`NONE`] where nothing is stated.
    rows: Vec<u32>,
    /// The statements that were refused, with their rejects.
    refused: Vec<(u32, u32)>,
    dated: bool,
}

impl Stated {
    /// Of `count` customers or groups, put in an order. Of one date the first statement counts.
    fn new(statements: &[Statement], count: usize, order: Option<&[u32]>, dated: bool) -> Self {
        let mut of_each: Vec<&[Statement]> = vec![&[]; count];
        for said in statements.chunk_by(|a, b| a.of == b.of) {
            if let Some(slot) = said.first().and_then(|first| of_each.get_mut(first.of as usize)) {
                *slot = said;
            }
        }
        let mut stated = Self { starts: vec![0], from: Vec::new(), rows: Vec::new(), refused: Vec::new(), dated };
        let mut add = |said: &[Statement]| {
            for of_date in said.chunk_by(|a, b| a.from == b.from) {
                let Some(first) = of_date.first() else { continue };
                let at = u32::try_from(stated.rows.len()).unwrap_or(u32::MAX);
                stated.refused.extend(first.refused.map(|reject| (at, reject)));
                stated.rows.push(first.row);
                stated.from.push(Dated::number(first.from));
            }
            if said.is_empty() && !dated {
                stated.rows.push(NONE);
                stated.from.push(Dated::ALWAYS);
            }
            stated.starts.push(u32::try_from(stated.rows.len()).unwrap_or(u32::MAX));
        };
        match order {
            Some(order) => order.iter().filter_map(|at| of_each.get(*at as usize)).for_each(|said| add(said)),
            None => of_each.iter().for_each(|said| add(said)),
        }
        stated
    }

    /// The columns of a relation.
    fn columns(&self, relation: &Relation, table: &Typed) -> Vec<Column> {
        let (starts, from) = (ScalarBuffer::from(self.starts.clone()), ScalarBuffer::from(self.from.clone()));
        let column = |fact: &Fact| {
            if fact.name == "id" {
                return Column::Ids;
            }
            let Some(series) = table.series(&fact.name) else { return Column::Absent };
            let values = series.take(&self.rows).refused(self.refused.clone());
            if self.dated {
                return Column::Dated(Dated { starts: starts.clone(), from: from.clone(), values });
            }
            Column::Plain(values)
        };
        relation.facts.par_iter().map(column).collect()
    }

    /// Where each of them is stated first.
    fn origins(&self, table: &Typed) -> Origins {
        let nowhere = (table.rows.files.first().and_then(|file| file.input).unwrap_or(0), 0);
        let place = |(start, end): (&u32, &u32)| match self.rows.get(*start as usize) {
            Some(row) if start < end && *row != NONE => table.place(*row),
            _ => nowhere,
        };
        self.starts.iter().zip(self.starts.iter().skip(1)).map(place).collect()
    }
}

/// What the rows of a table state, by subject and date; of one date what was refused comes first, so that it counts,
/// and of several refused the one whose reject reads first.
fn statements(table: &Typed, sift: &Sift, ledger: &Ledger, of: impl Fn(u32) -> Option<u32>) -> Vec<Statement> {
    let from = table.values("valid_from");
    let one = |row| Some(Statement { of: of(row)?, from: from.date(row), refused: sift.refusal(row), row });
    let mut all: Vec<Statement> = (0..table.len()).filter_map(one).collect();
    if sift.refused().next().is_none() {
        all.par_sort_by_key(|s| (s.of, s.from));
        return all;
    }
    all.sort_by_cached_key(|s| {
        let reject = s.refused.and_then(|number| ledger.rejects.get(number as usize));
        (s.of, s.from, reject.is_none(), reject.map(|r| (r.column.clone(), r.value.clone())))
    });
    all
}

/// The texts in order, each once.
fn sorted(texts: &StringArray) -> StringArray {
    let all = Texts::of(texts);
    if all.ascend() {
        return texts.clone();
    }
    let mut rows = order::by_text(all);
    rows.retain(|row| all.get(*row).is_some());
    rows.dedup_by_key(|row| all.get(*row));
    take_texts(texts, &rows)
}
