//! A difference for people.

use std::fmt::Write as _;
use std::sync::Arc;

use rust_decimal::Decimal;

use super::difference::{ColumnChange, Difference, Move, Sums, TableChange};
use crate::engine::print_value;
use crate::lang::{Base, Type, Value};
use crate::outcome::{Grid, label, label_of, label_of_ladder, label_of_rung, thousands};
use crate::plan::Plan;

/// How many ids are named beside a move, and how many steps.
const NAMED: usize = 3;

/// What differs, in a language (`en`, `zh`), in a terminal so many columns wide; `after` is the plan of the second record.
pub fn text(difference: &Difference, after: &Plan, language: &str, width: u16) -> String {
    let page = Page { plan: after, language, grid: Grid { width } };
    if difference.is_empty() {
        return format!("{}\n", page.label("no_decision_changed"));
    }
    let mut out = String::new();
    if let Some((was, is)) = &difference.currencies {
        let _ = writeln!(out, "{} {was} → {is}", page.label("currency_changed"));
    }
    page.shape(&mut out, difference);
    page.moves(&mut out, difference);
    page.amounts(&mut out, difference);
    page.actions(&mut out, difference);
    page.failures(&mut out, difference);
    out
}

struct Page<'p> {
    plan: &'p Plan,
    language: &'p str,
    grid: Grid,
}

impl Page<'_> {
    fn label(&self, text: &str) -> String {
        label(text, self.language)
    }

    fn column(&self, change: &ColumnChange) -> String {
        label_of(&change.label, &change.header, self.language)
    }

    fn value(&self, value: &str) -> String {
        self.label(if value.is_empty() { "no_value" } else { value })
    }

    fn heading(&self, out: &mut String, text: &str) {
        let gap = if out.is_empty() { "" } else { "\n" };
        let _ = writeln!(out, "{gap}{text}");
    }

    /// Tables that have other rows or columns.
    fn shape(&self, out: &mut String, difference: &Difference) {
        for table in &difference.tables {
            let rows =
                [("rows_new", table.rows.0), ("rows_gone", table.rows.1)].map(|(key, n)| (key, n.to_string(), n));
            let columns = [("columns_new", &table.columns.0), ("columns_gone", &table.columns.1)]
                .map(|(key, names)| (key, names.join(", "), names.len()));
            for (key, what, _) in rows.into_iter().chain(columns).filter(|(_, _, n)| *n > 0) {
                let _ = writeln!(out, "{}: {}: {what}", self.label(&table.table), self.label(key));
            }
        }
    }

    /// Who moved from one value to another.
    fn moves(&self, out: &mut String, difference: &Difference) {
        for table in &difference.tables {
            let changed = || table.changed.iter().filter(|change| change.main);
            let line = |change: &ColumnChange, to: &Move| {
                let way = format!("{} → {}", self.value(&to.from), self.value(&to.to));
                vec![self.column(change), way, self.named(&to.ids), thousands(&to.ids.len().to_string())]
            };
            let rows: Vec<Vec<String>> =
                changed().flat_map(|change| change.moves.iter().map(move |to| line(change, to))).collect();
            if !rows.is_empty() {
                let heads = ["decision_name", "moved", "who", count_of(table)].map(|head| self.label(head));
                self.heading(out, &format!("{}: {}", self.label(&table.table), self.label("who_moved")));
                self.grid.draw(out, &heads, &rows, 3, false);
            }
        }
    }

    fn named(&self, ids: &[Arc<str>]) -> String {
        let first: Vec<&str> = ids.iter().take(NAMED).map(|id| &**id).collect();
        let more = if ids.len() > NAMED { ", …" } else { "" };
        format!("{}{more}", first.join(", "))
    }

    /// What became of money, a line a column; steps on the way to it only where nothing else changed.
    fn amounts(&self, out: &mut String, difference: &Difference) {
        let mut known: Vec<(&str, Sums)> = Vec::new();
        for table in &difference.tables {
            let money: Vec<_> =
                table.changed.iter().filter_map(|change| Some((change, change.money.as_ref()?))).collect();
            let mut rows = Vec::new();
            for (change, moved) in money.iter().filter(|(change, _)| change.main) {
                // The sums of the portfolio repeat those of its customers.
                if known.contains(&(change.header.as_str(), moved.sums)) {
                    continue;
                }
                known.push((&change.header, moved.sums));
                let count = |n: usize| if n == 0 { String::new() } else { thousands(&n.to_string()) };
                let by = |(n, sum): (usize, Option<Decimal>)| if n == 0 { String::new() } else { self.amount(sum) };
                rows.push(vec![
                    self.column(change),
                    count(moved.up.0),
                    by(moved.up),
                    count(moved.down.0),
                    by(moved.down),
                    count(moved.given_and_taken.0),
                    count(moved.given_and_taken.1),
                    self.amount(moved.sums.0),
                    self.amount(moved.sums.1),
                ]);
            }
            let steps: Vec<&str> =
                money.iter().filter(|(change, _)| !change.main).map(|(change, _)| change.header.as_str()).collect();
            if rows.is_empty() && steps.is_empty() {
                continue;
            }
            self.heading(out, &format!("{}: {}", self.label(&table.table), self.label("amounts")));
            if !rows.is_empty() {
                let heads =
                    ["decision_name", "up", "by_amount", "down", "by_amount", "given", "taken", "before", "after"];
                self.draw_filled(out, &heads, &rows);
            }
            if !steps.is_empty() {
                let first: Vec<&str> = steps.iter().take(NAMED).copied().collect();
                let more = if steps.len() > NAMED { ", …" } else { "" };
                let (count, what) = (steps.len(), self.label("steps_moved"));
                let _ = writeln!(out, " {what} ({count}): {}{more}", first.join(", "));
            }
            self.largest(out, table);
        }
    }

    /// Without the columns that say nothing.
    fn draw_filled(&self, out: &mut String, heads: &[&str], rows: &[Vec<String>]) {
        let filled = |at: usize| rows.iter().any(|row| row.get(at).is_some_and(|text| !text.is_empty()));
        let keep = |at: &usize| *at == 0 || filled(*at);
        let kept: Vec<usize> = (0..heads.len()).filter(keep).collect();
        let heads: Vec<String> = kept.iter().filter_map(|at| heads.get(*at)).map(|head| self.label(head)).collect();
        let rows: Vec<Vec<String>> =
            rows.iter().map(|row| kept.iter().filter_map(|at| row.get(*at)).cloned().collect()).collect();
        self.grid.draw(out, &heads, &rows, 1, false);
    }

    /// The rows that moved most in the first of the money columns.
    fn largest(&self, out: &mut String, table: &TableChange) {
        let first = table.changed.iter().filter(|change| change.main).find_map(|c| Some((c, c.money.as_ref()?)));
        let Some((change, moved)) = first.filter(|_| table.subject != "portfolio") else { return };
        let rows: Vec<Vec<String>> = moved
            .largest
            .iter()
            .map(|(id, was, is)| {
                let by = is.unwrap_or_default().checked_sub(was.unwrap_or_default());
                vec![id.to_string(), self.amount(*was), self.amount(*is), self.amount(by)]
            })
            .collect();
        let head = format!("{} ({})", self.label("largest"), self.column(change));
        let heads = [head, self.label("before"), self.label("after"), self.label("difference")];
        out.push('\n');
        self.grid.draw(out, &heads, &rows, 1, false);
    }

    fn actions(&self, out: &mut String, difference: &Difference) {
        if difference.actions.is_empty() {
            return;
        }
        let rows: Vec<Vec<String>> = difference
            .actions
            .iter()
            .map(|change| {
                let ladder = label_of_ladder(self.plan, &change.ladder, self.language);
                let count = |n: usize| if n == 0 { String::new() } else { thousands(&n.to_string()) };
                let by = |(n, sum): (usize, Option<Decimal>)| if n == 0 { String::new() } else { self.amount(sum) };
                vec![
                    ladder,
                    label_of_rung(self.plan, &change.ladder, &change.rung, self.language),
                    count(change.added.0),
                    by(change.added),
                    count(change.gone.0),
                    by(change.gone),
                    thousands(&change.now.to_string()),
                ]
            })
            .collect();
        let heads = ["ladder", "rung", "added", "amount", "gone", "amount", "now"].map(|head| self.label(head));
        self.heading(out, &self.label("actions"));
        self.grid.draw(out, &heads, &rows, 2, false);
    }

    fn failures(&self, out: &mut String, difference: &Difference) {
        if difference.failures.is_empty() {
            return;
        }
        let rows: Vec<Vec<String>> = difference
            .failures
            .iter()
            .map(|(table, decision, was, is)| {
                vec![self.label(table), decision.clone(), thousands(&was.to_string()), thousands(&is.to_string())]
            })
            .collect();
        let heads = ["table", "decision_name", "before", "after"].map(|head| self.label(head));
        self.heading(out, &self.label("by_failure"));
        self.grid.draw(out, &heads, &rows, 2, false);
    }

    fn amount(&self, amount: Option<Decimal>) -> String {
        let money = &self.plan.money;
        let print = |amount: Decimal| {
            let rounded = money.rounding.round(amount).unwrap_or(amount);
            print_value(&Value::Dec(rounded), &Type::of(Base::Money), money)
        };
        amount.map(|amount| thousands(&print(amount))).unwrap_or_default()
    }
}

fn count_of(table: &TableChange) -> &'static str {
    match table.subject.as_str() {
        "account" => "customers",
        "item" => "items",
        "order" => "orders_count",
        _ => "rows",
    }
}
