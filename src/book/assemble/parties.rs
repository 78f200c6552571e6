//! Customers and their groups.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::NaiveDate;

use super::Assembly;
use crate::book::rejects::{Ledger, Sift};
use crate::book::rows::TableRows;
use crate::book::tables::Table;
use crate::book::typed::Typed;
use crate::book::{Cell, Column, Rows, Series};
use crate::lang::Value;
use crate::plan::RelationId;

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
        let mut rows = Rows { ids: vec!["portfolio".into()], parents: vec![0], lines: vec![(0, 0)], ..Rows::default() };
        rows.columns = self.schema.get(portfolio)?.facts.iter().map(|_| Column::Absent).collect();
        self.set(portfolio, rows);
        let mut groups = self.table("groups");
        let customers = match (invoices.filter(|_| self.derive.customers()), self.table("customers")) {
            (Some(invoices), _) => self.derived(invoices)?,
            (None, Some(customers)) => customers,
            (None, None) => {
                let nobody = TableRows::new(Table::named("customers")?, "", ["id"]);
                Typed::read(nobody, self.schema, &mut self.texts)
            }
        };
        self.listed(customers, groups.as_mut())
    }

    fn listed(&mut self, mut table: Typed, groups: Option<&mut Typed>) -> Option<()> {
        let ids = sorted_ids(&table, "id");
        self.ledger.open(ids.clone());
        let of: Vec<Option<u32>> = (0..table.len()).map(|row| self.ledger.account(table.text("id", row)?)).collect();
        let of = |row: u32| of.get(row as usize).copied().flatten();
        let mut sift = Sift::lenient(&mut table, &mut self.ledger, of);
        let dated = table.has("valid_from");
        sift.unique(&mut self.ledger, &table, Some("id"), |row| Some((of(row)?, table.date("valid_from", row))));
        self.in_currencies(&table, &mut sift);
        let statements = statements(&table, &sift, &self.ledger, of);
        let groups_of = self.groups_of(&table, &ids, groups.as_deref(), &statements);
        let parents = self.groups(groups_of, groups)?;
        let account = self.relation("account")?;
        let rows = self.stated(account, &table, &ids, &statements, dated, parents)?;
        self.set(account, rows);
        if !self.derive.customers() {
            let undated = statements.iter().filter(|s| s.from.is_none()).count();
            self.undated("customers", undated);
        }
        Some(())
    }

    /// Refuses the rows whose amounts are in a currency that is refused.
    fn in_currencies(&mut self, table: &Typed, sift: &mut Sift) {
        let currencies = table.texts("currency");
        for row in (0..table.len()).filter(|row| !table.is_broken(*row)) {
            if let Some(why) = currencies.get(row).and_then(|currency| self.refuses(currency)) {
                sift.reject(&mut self.ledger, table, row, Some("currency"), why);
            }
        }
    }

    /// The group each account says it is in; its own where it says none, or one that cannot be.
    fn groups_of(
        &mut self,
        table: &Typed,
        ids: &[Arc<str>],
        groups: Option<&Typed>,
        statements: &[Statement],
    ) -> Vec<Arc<str>> {
        let known = groups.map(|groups| sorted_ids(groups, "id"));
        let mut said: Vec<Vec<u32>> = vec![Vec::new(); ids.len()];
        for statement in statements {
            if let (Some(rows), Some(_)) = (said.get_mut(statement.of as usize), table.text("group", statement.row)) {
                rows.push(statement.row);
            }
        }
        let group = |row: &u32| table.text("group", *row);
        let mut groups_of = Vec::with_capacity(ids.len());
        for ((account, own), rows) in (0u32..).zip(ids).zip(said) {
            let first = rows.first().and_then(group);
            let mut refuse = |why: &str| {
                for row in &rows {
                    self.ledger.reject(&table.rows, *row, Some("group"), why.to_owned(), Some(account));
                }
            };
            groups_of.push(match first {
                None => Arc::clone(own),
                Some(first) if rows.iter().filter_map(group).any(|g| g != first) => {
                    refuse("another row of this customer names another group");
                    Arc::clone(own)
                }
                Some(first) if known.as_ref().is_some_and(|known| known.binary_search(first).is_err()) => {
                    refuse("no group has this id");
                    Arc::clone(own)
                }
                Some(first) => Arc::clone(first),
            });
        }
        groups_of
    }

    /// Makes the groups: those listed and those the accounts form; gives the group row of each account.
    fn groups(&mut self, groups_of: Vec<Arc<str>>, table: Option<&mut Typed>) -> Option<Vec<u32>> {
        let group = self.relation("group")?;
        let mut ids = groups_of.clone();
        if let Some(table) = table.as_deref() {
            ids.extend(sorted_ids(table, "id"));
        }
        ids.sort();
        ids.dedup();
        let number = |id: &Arc<str>| ids.binary_search(id).ok().and_then(|at| u32::try_from(at).ok());
        let parents: Vec<u32> = groups_of.iter().filter_map(number).collect();
        let in_portfolio = vec![0; ids.len()];
        let rows = match table {
            None => {
                let mut rows = Rows { lines: vec![(0, 0); ids.len()], parents: in_portfolio, ..Rows::default() };
                rows.columns = self.schema.get(group)?.facts.iter().map(|_| Column::Absent).collect();
                if let Some(column) = rows.columns.first_mut() {
                    *column = ids_as_facts(&ids);
                }
                rows.ids = ids;
                rows.index_children(1);
                rows
            }
            Some(table) => {
                let of: Vec<Option<u32>> = (0..table.len()).map(|row| number(table.text("id", row)?)).collect();
                let of = |row: u32| of.get(row as usize).copied().flatten();
                let before = self.ledger.rejects.len();
                // A group is no account: the reject names none, its members are told below.
                let mut sift = Sift::lenient(table, &mut self.ledger, |_| None);
                sift.unique(&mut self.ledger, table, Some("id"), of);
                self.in_currencies(table, &mut sift);
                let statements = statements(table, &sift, &self.ledger, of);
                if self.ledger.rejects.len() > before {
                    self.tell_members(table, &statements, &parents);
                }
                self.undated("groups", statements.len());
                self.stated(group, table, &ids, &statements, false, in_portfolio)?
            }
        };
        self.set(group, rows);
        Some(parents)
    }

    /// The members of a group with something unreadable are incomplete.
    fn tell_members(&mut self, table: &Typed, statements: &[Statement], parents: &[u32]) {
        let unreadable = |s: &&Statement| {
            s.refused.is_some()
                || table.rows.columns.iter().any(|(name, _)| {
                    let cell = table.column(name).and_then(|cells| cells.get(s.row as usize));
                    matches!(cell, Some(Cell::Unreadable(_)))
                })
        };
        let groups: Vec<u32> = statements.iter().filter(unreadable).map(|s| s.of).collect();
        for (account, group) in (0u32..).zip(parents) {
            if groups.contains(group) {
                self.ledger.touch(account);
            }
        }
    }

    /// A relation from statements: plain columns, or dated ones.
    fn stated(
        &self,
        relation: RelationId,
        table: &Typed,
        ids: &[Arc<str>],
        statements: &[Statement],
        dated: bool,
        parents: Vec<u32>,
    ) -> Option<Rows> {
        let mut lines = vec![(table.rows.files.first().and_then(|file| file.input).unwrap_or(0), 0); ids.len()];
        for statement in statements.iter().rev() {
            if let Some(line) = lines.get_mut(statement.of as usize) {
                *line = table.place(statement.row);
            }
        }
        let column = |fact: &crate::plan::Fact| {
            let Some(cells) = table.column(&fact.name) else { return Column::Absent };
            let cell = |s: &Statement| match s.refused {
                Some(reject) => Cell::Unreadable(reject),
                None => cells.get(s.row as usize).cloned().unwrap_or(Cell::Blank),
            };
            if fact.name == "id" {
                return ids_as_facts(ids);
            }
            let mut histories: Vec<Vec<(Option<NaiveDate>, Cell)>> = vec![Vec::new(); ids.len()];
            for statement in statements {
                if let Some(history) = histories.get_mut(statement.of as usize)
                    && history.last().is_none_or(|(from, _)| *from != statement.from)
                {
                    history.push((statement.from, cell(statement)));
                }
            }
            if dated {
                return Column::Dated(histories);
            }
            let cells: Vec<Cell> =
                histories.into_iter().map(|mut h| h.pop().map_or(Cell::Blank, |(_, cell)| cell)).collect();
            Column::Plain(Series::from_cells(&cells))
        };
        let columns = self.schema.get(relation)?.facts.iter().map(column).collect();
        let mut rows = Rows { ids: ids.to_vec(), parents, lines, columns, ..Rows::default() };
        rows.index_children(self.book.count(self.schema.parent(relation)?));
        Some(rows)
    }

    fn set(&mut self, relation: RelationId, rows: Rows) {
        if let Some(slot) = self.book.relations.get_mut(usize::from(relation.0)) {
            *slot = rows;
        }
    }

    /// Sets the customers' `since` to the issue date of their first invoice.
    pub(super) fn since_first_invoice(&mut self) -> Option<()> {
        let (account, invoice) = (self.relation("account")?, self.relation("invoice")?);
        let issue_date = self.schema.fact(invoice, "issue_date")?;
        let mut first: BTreeMap<u32, NaiveDate> = BTreeMap::new();
        for row in (0u32..).take(self.book.count(invoice)) {
            if let (Some(of), Cell::Given(Value::Date(day))) =
                (self.book.parent(invoice, row), self.book.cell(invoice, issue_date, row, NaiveDate::MAX))
            {
                first.entry(of).and_modify(|known| *known = (*known).min(day)).or_insert(day);
            }
        }
        let cell = |row| first.get(&row).map_or(Cell::Blank, |day| Cell::Given(Value::Date(*day)));
        let cells = (0u32..).take(self.book.count(account)).map(cell).collect();
        self.set_account_fact("since", cells)
    }
}

/// What the rows of a table state, by subject and date; of one date what was refused comes first, so that it counts,
/// and of several refused the one whose reject reads first.
fn statements(table: &Typed, sift: &Sift, ledger: &Ledger, of: impl Fn(u32) -> Option<u32>) -> Vec<Statement> {
    let one =
        |row| Some(Statement { of: of(row)?, from: table.date("valid_from", row), refused: sift.refusal(row), row });
    let mut all: Vec<Statement> = (0..table.len()).filter_map(one).collect();
    all.sort_by_cached_key(|s| {
        let reject = s.refused.and_then(|number| ledger.rejects.get(number as usize));
        (s.of, s.from, reject.is_none(), reject.map(|r| (r.column.clone(), r.value.clone())))
    });
    all
}

fn sorted_ids(table: &Typed, column: &str) -> Vec<Arc<str>> {
    let texts = table.texts(column);
    let mut ids: Vec<Arc<str>> = (0..table.len()).filter_map(|row| texts.get(row).cloned()).collect();
    ids.sort();
    ids.dedup();
    ids
}

fn ids_as_facts(ids: &[Arc<str>]) -> Column {
    let cells: Vec<Cell> = ids.iter().map(|id| Cell::Given(Value::Text(Arc::clone(id)))).collect();
    Column::Plain(Series::from_cells(&cells))
}
