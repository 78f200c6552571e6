//! Two records side by side.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rust_decimal::Decimal;

use super::record::{Action, Cell, ColumnRecord, Record, TableRecord};
use crate::lang::sum::ExactSum;

/// How two records differ. Amounts are money of the policy's currency.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Difference {
    /// Both currencies, where they differ; then no amounts are compared.
    pub currencies: Option<(String, String)>,
    /// The output tables in which something differs.
    pub tables: Vec<TableChange>,
    /// Actions by ladder and rung, where any came or went, in the order of the plan.
    pub actions: Vec<ActionChange>,
    /// What could not be decided, where it differs: table, decision, how often before and after.
    pub failures: Vec<(String, String, usize, usize)>,
}

/// What differs in an output table.
#[derive(Clone, Debug, PartialEq)]
pub struct TableChange {
    /// Its name.
    pub table: String,
    /// What a row is about: `account`, `item`.
    pub subject: String,
    /// Columns that are new, and columns that are gone.
    pub columns: (Vec<String>, Vec<String>),
    /// How many rows came, and how many went.
    pub rows: (usize, usize),
    /// The columns in which a row that is in both says something else.
    pub changed: Vec<ColumnChange>,
}

/// A column in which rows differ.
#[derive(Clone, Debug, PartialEq)]
pub struct ColumnChange {
    /// Its header.
    pub header: String,
    /// What the policy calls it, by language.
    pub label: BTreeMap<String, String>,
    /// One of the decisions themselves, not a step on the way to one.
    pub main: bool,
    /// How rows moved from value to value, for a column with few values; else empty.
    pub moves: Vec<Move>,
    /// What became of the amounts, for a column of money.
    pub money: Option<Moved>,
}

/// Rows that had one value and now have another; `""` is no value, `failed` no decision.
#[derive(Clone, Debug, PartialEq)]
pub struct Move {
    /// Before.
    pub from: String,
    /// After.
    pub to: String,
    /// Their ids, sorted.
    pub ids: Vec<Arc<str>>,
}

/// What became of the amounts of a column.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Moved {
    /// How many rose, and by how much together.
    pub up: (usize, Option<Decimal>),
    /// How many fell, and by how much together.
    pub down: (usize, Option<Decimal>),
    /// How many have an amount now that had none, and the other way round.
    pub given_and_taken: (usize, usize),
    /// The sums over all rows before and after.
    pub sums: Sums,
    /// The rows that moved most, the largest first: id, before, after.
    pub largest: Vec<(Arc<str>, Option<Decimal>, Option<Decimal>)>,
}

/// A sum before and one after; `None` where it is too large to hold.
pub type Sums = (Option<Decimal>, Option<Decimal>);

/// Actions of one rung of a ladder.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ActionChange {
    /// The ladder.
    pub ladder: String,
    /// The rung.
    pub rung: String,
    /// How many came, and their amount.
    pub added: (usize, Option<Decimal>),
    /// How many went, and their amount.
    pub gone: (usize, Option<Decimal>),
    /// How many there are after.
    pub now: usize,
}

/// How many of the rows that moved most are named.
const NAMED: usize = 5;

impl Difference {
    /// How the second differs from the first.
    pub fn between(before: &Record, after: &Record) -> Self {
        let (was, is) = (&before.money.currency, &after.money.currency);
        Self {
            currencies: (was != is).then(|| (was.clone(), is.clone())),
            tables: tables(before, after, was == is),
            actions: actions(before, after),
            failures: failures(before, after),
        }
    }

    /// Whether every decision is the same.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

fn tables(before: &Record, after: &Record, same_money: bool) -> Vec<TableChange> {
    let mut changes = Vec::new();
    for now in &after.tables {
        let Some(then) = before.tables.iter().find(|then| then.table == now.table) else { continue };
        let new = |a: &TableRecord, b: &TableRecord| -> Vec<String> {
            a.columns.iter().map(|c| &c.header).filter(|h| b.position(h).is_none()).cloned().collect()
        };
        let shared: Vec<_> = now
            .columns
            .iter()
            .enumerate()
            .filter_map(|(at, column)| Some((then.position(&column.header)?, at, column)))
            .filter(|(was, _, column)| {
                let same_kind = then.columns.get(*was).is_some_and(|c| c.values.is_some() == column.values.is_some());
                same_kind && (column.values.is_some() || same_money)
            })
            .collect();
        let came = now.rows.keys().filter(|id| !then.rows.contains_key(*id)).count();
        let change = TableChange {
            table: now.table.clone(),
            subject: now.subject.clone(),
            columns: (new(now, then), new(then, now)),
            rows: (came, (then.rows.len() + came).saturating_sub(now.rows.len())),
            changed: shared.into_iter().filter_map(|(was, is, column)| changed(then, now, was, is, column)).collect(),
        };
        let is_nothing = change.columns.0.is_empty() && change.columns.1.is_empty() && change.rows == (0, 0);
        if !is_nothing || !change.changed.is_empty() {
            changes.push(change);
        }
    }
    changes
}

fn changed(
    then: &TableRecord,
    now: &TableRecord,
    was: usize,
    is: usize,
    column: &ColumnRecord,
) -> Option<ColumnChange> {
    let before = then.columns.get(was)?;
    let cell = |table: &TableRecord, id: &Arc<str>, at: usize| table.rows.get(id).and_then(|row| row.get(at)).copied();
    let mut moves: BTreeMap<(u32, u32), Move> = BTreeMap::new();
    let mut moved = Vec::new();
    for id in now.rows.keys() {
        let (Some(a), Some(b)) = (cell(then, id, was), cell(now, id, is)) else { continue };
        if column.values.is_none() {
            if a != b {
                moved.push((Arc::clone(id), amount(a), amount(b)));
            }
        } else if before.printed(a) != column.printed(b) {
            let texts = || (before.printed(a).to_owned(), column.printed(b).to_owned());
            let new = |(from, to)| Move { from, to, ids: Vec::new() };
            moves.entry((rank(a), rank(b))).or_insert_with(|| new(texts())).ids.push(Arc::clone(id));
        }
    }
    if moves.is_empty() && moved.is_empty() {
        return None;
    }
    let sum = |table: &TableRecord, at: usize| {
        let mut sum = ExactSum::default();
        let cells = table.rows.values().filter_map(|row| row.get(at));
        cells.filter_map(|cell| amount(*cell)).for_each(|amount| sum.add(amount));
        sum.total()
    };
    Some(ColumnChange {
        header: column.header.clone(),
        label: column.label.clone(),
        main: column.main,
        moves: moves.into_values().collect(),
        money: (!moved.is_empty()).then(|| Moved::of(moved, (sum(then, was), sum(now, is)))),
    })
}

/// Values in the order of the policy, then none, then what failed.
fn rank(cell: Cell) -> u32 {
    match cell {
        Cell::Choice(at) => u32::from(at),
        Cell::Money(_) | Cell::Missing => u32::MAX - 1,
        Cell::Failed => u32::MAX,
    }
}

fn amount(cell: Cell) -> Option<Decimal> {
    match cell {
        Cell::Money(amount) => Some(amount),
        _ => None,
    }
}

type Amounts = (Arc<str>, Option<Decimal>, Option<Decimal>);

impl Moved {
    fn of(mut moved: Vec<Amounts>, sums: Sums) -> Self {
        let (mut up, mut down) = (Total::default(), Total::default());
        let mut given_and_taken = (0, 0);
        for (_, before, after) in &moved {
            match (before, after) {
                (Some(before), Some(after)) if after > before => up.add(Some(*after), Some(*before)),
                (Some(before), Some(after)) => down.add(Some(*before), Some(*after)),
                (None, Some(_)) => given_and_taken.0 += 1,
                (Some(_), None) => given_and_taken.1 += 1,
                // From failed to missing, or back: the failures tell.
                (None, None) => {}
            }
        }
        let size = |(_, before, after): &Amounts| {
            let (before, after) = (before.unwrap_or_default(), after.unwrap_or_default());
            after.checked_sub(before).unwrap_or(Decimal::MAX).abs()
        };
        moved.sort_by_key(|row| Reverse(size(row)));
        moved.truncate(NAMED);
        Self { up: up.total(), down: down.total(), given_and_taken, sums, largest: moved }
    }
}

/// How many, and how much.
#[derive(Default)]
struct Total {
    count: usize,
    sum: ExactSum,
}

impl Total {
    fn add(&mut self, plus: Option<Decimal>, minus: Option<Decimal>) {
        self.count += 1;
        plus.into_iter().for_each(|amount| self.sum.add(amount));
        minus.into_iter().for_each(|amount| self.sum.add(-amount));
    }

    fn total(&self) -> (usize, Option<Decimal>) {
        (self.count, self.sum.total())
    }
}

fn actions(before: &Record, after: &Record) -> Vec<ActionChange> {
    #[derive(Default)]
    struct Rung {
        added: Total,
        gone: Total,
        now: usize,
    }
    let order = |action: &Action| {
        let is = |(ladder, rung): &(String, String)| *ladder == action.ladder && *rung == action.rung;
        after.rungs.iter().position(is).unwrap_or(usize::MAX)
    };
    let key = |action: &Action| (order(action), action.ladder.clone(), action.rung.clone());
    let mut rungs: BTreeMap<(usize, String, String), Rung> = BTreeMap::new();
    for (id, action) in &after.actions {
        let rung = rungs.entry(key(action)).or_default();
        rung.now += 1;
        if !before.actions.contains_key(id) {
            rung.added.add(action.amount, None);
        }
    }
    for (_, action) in before.actions.iter().filter(|(id, _)| !after.actions.contains_key(*id)) {
        rungs.entry(key(action)).or_default().gone.add(action.amount, None);
    }
    rungs
        .into_iter()
        .filter(|(_, rung)| rung.added.count + rung.gone.count > 0)
        .map(|((_, ladder, rung), of)| ActionChange {
            ladder,
            rung,
            added: of.added.total(),
            gone: of.gone.total(),
            now: of.now,
        })
        .collect()
}

fn failures(before: &Record, after: &Record) -> Vec<(String, String, usize, usize)> {
    let keys: BTreeSet<_> = before.failures.keys().chain(after.failures.keys()).collect();
    let times = |record: &Record, key| record.failures.get(key).copied().unwrap_or(0);
    keys.into_iter()
        .map(|key| (key.0.clone(), key.1.clone(), times(before, key), times(after, key)))
        .filter(|(_, _, was, is)| was != is)
        .collect()
}
