//! What a manager wants to read when a run is over: tiers, exposure against limit, ages, actions, what failed.

use std::fmt::Write as _;

use rust_decimal::Decimal;

use super::grid::{Grid, thousands};
use super::labels::{label, label_of_ladder, label_of_rung};
use super::views::{self, VIEWS, View};
use super::{Group, Report};
use crate::engine::{Setting, print_value};
use crate::lang::plain;
use crate::lang::{Base, Type, Value};
use crate::plan::{MoneyRule, Plan};

/// How many kinds of failures and rejects are listed.
const LISTED: usize = 8;

/// The summary, in a language (`en`, `zh`), in a terminal so many columns wide.
pub fn summary(of: Setting<'_>, report: &Report, language: &str, width: u16) -> String {
    let page = Page { language, grid: Grid { width }, money: &of.plan.money };
    let header = &of.plan.header;
    let mut out = format!(
        "{} ({} {}), {} {}, {}\n",
        plain(&header.title, language, &header.policy),
        header.policy,
        header.version,
        page.label("as_of"),
        of.as_of,
        page.money.currency,
    );
    for view in VIEWS {
        if let Some(groups) = report.tally.by(view.table, view.by, view.sums, view.only) {
            page.view(&mut out, view, report, &groups);
        }
    }
    page.actions(&mut out, of.plan, report);
    page.failures(&mut out, report);
    page.rejects(&mut out, of, report);
    page.notes(&mut out, of, report);
    out
}

struct Page<'p> {
    language: &'p str,
    grid: Grid,
    money: &'p MoneyRule,
}

impl Page<'_> {
    fn label(&self, text: &str) -> String {
        label(text, self.language)
    }

    fn view(&self, out: &mut String, view: &View, report: &Report, groups: &[Group]) {
        let sums: Vec<usize> = (0..view.sums.len())
            .filter(|at| view.sums.get(*at).is_some_and(|sum| report.tally.has(view.table, sum)))
            .collect();
        let used = view.used.filter(|(a, b)| sums.contains(a) && sums.contains(b));
        let mut heads = vec![self.label(view.by), self.label(view.count)];
        heads.extend(sums.iter().filter_map(|at| view.sums.get(*at)).map(|sum| self.label(sum)));
        heads.extend(used.map(|_| self.label("used")));
        let whole = is_large(groups);
        let line = |name: String, group: &Group| {
            let sum = |at: usize| group.sums.get(at).copied().flatten();
            let mut cells = vec![name, thousands(&group.rows.to_string())];
            cells.extend(sums.iter().map(|at| self.amount(sum(*at), whole)));
            cells.extend(used.map(|(a, b)| share(sum(a), sum(b))));
            cells
        };
        let mut rows: Vec<Vec<String>> = groups.iter().map(|group| line(self.key(group), group)).collect();
        if groups.len() > 1 {
            rows.push(line(self.label("total"), &total(groups)));
        }
        self.heading(out, view.heading);
        self.grid.draw(out, &heads, &rows, 1, groups.len() > 1);
    }

    fn actions(&self, out: &mut String, plan: &Plan, report: &Report) {
        if !plan.actions.is_put_out {
            return;
        }
        self.heading(out, "by_rung");
        if report.by_rung.is_empty() {
            let _ = writeln!(out, " {}", self.label("nothing_proposed"));
            return;
        }
        let heads = ["ladder", "rung", "actions_count", "amount"].map(|h| self.label(h));
        let whole = is_large(&report.by_rung);
        let row = |group: &Group| {
            let [ladder, rung] = [0, 1].map(|at| group.key.get(at).map(String::as_str).unwrap_or_default());
            let language = self.language;
            let mut cells = vec![label_of_ladder(plan, ladder, language), label_of_rung(plan, ladder, rung, language)];
            let amount = group.sums.first().copied().flatten().filter(|sum| !sum.is_zero());
            cells.push(thousands(&group.rows.to_string()));
            cells.push(self.amount(amount, whole));
            cells
        };
        let mut rows: Vec<Vec<String>> = report.by_rung.iter().map(row).collect();
        let mut all = total(&report.by_rung);
        all.key = vec![self.label("total"), String::new()];
        rows.push(row(&all));
        self.grid.draw(out, &heads, &rows, 2, true);
    }

    fn failures(&self, out: &mut String, report: &Report) {
        if report.failures.is_empty() {
            return;
        }
        let rows = views::kinds_of_failures(&report.failures)
            .into_iter()
            .map(|k| (k.times, vec![self.label(k.table), k.root.into(), k.reason.into()]))
            .collect();
        let heads = ["times", "table", "decision_name", "reason"].map(|h| self.label(h));
        self.heading(out, "by_failure");
        self.most(out, &heads, rows, &format!("failures.{}", report.format.name()));
    }

    fn rejects(&self, out: &mut String, of: Setting<'_>, report: &Report) {
        let rejects = &of.book.rejects;
        if rejects.is_empty() {
            return;
        }
        let rows = views::kinds_of_rejects(rejects)
            .into_iter()
            .map(|k| (k.times, vec![k.file.into(), k.column.into(), k.reason.into()]))
            .collect();
        let heads = ["rows", "file", "column", "reason"].map(|h| self.label(h));
        self.heading(out, "by_reject");
        self.most(out, &heads, rows, &format!("rejects.{}", report.format.name()));
    }

    /// The most frequent kinds of something, with how often each came.
    fn most(&self, out: &mut String, heads: &[String], mut kinds: Vec<(usize, Vec<String>)>, file: &str) {
        kinds.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
        let more = kinds.len() > LISTED;
        let rows: Vec<Vec<String>> = kinds
            .into_iter()
            .take(LISTED)
            .map(|(times, texts)| [thousands(&times.to_string())].into_iter().chain(texts).collect())
            .collect();
        self.grid.draw(out, heads, &rows, 0, false);
        if more {
            let _ = writeln!(out, " {} {file}", self.label("more"));
        }
    }

    fn notes(&self, out: &mut String, of: Setting<'_>, report: &Report) {
        let mut notes: Vec<String> = super::hindsight(of)
            .iter()
            .map(|(column, rows)| format!("{column}: {} ({rows})", self.label("hindsight")))
            .collect();
        let referred = report.tally.filled("decisions", "referred");
        if referred > 0 {
            let file = format!("decisions.{}", report.format.name());
            notes.insert(
                0,
                format!("{}: {} ({file})", self.label("customers_referred"), thousands(&referred.to_string())),
            );
        }
        notes.extend(super::limited::notes(of.plan, report, self.language));
        for (file, columns) in &of.book.unread {
            notes.push(format!("{file}: {}: {}", self.label("unread"), columns.join(", ")));
        }
        for (file, aside) in of.book.inputs.iter().flat_map(|i| i.set_aside.iter().map(move |a| (&i.file, a))) {
            let sums: String = aside.sums.iter().map(|(currency, sum)| format!(", {sum} {currency}")).collect();
            notes.push(format!("{file}: {} {}: {}{sums}", aside.rows, self.label("set_aside"), aside.why));
        }
        if !notes.is_empty() {
            let _ = writeln!(out);
        }
        for note in notes {
            let _ = writeln!(out, " {note}");
        }
    }

    fn heading(&self, out: &mut String, heading: &str) {
        let _ = writeln!(out, "\n{}", self.label(heading));
    }

    fn key(&self, group: &Group) -> String {
        match group.key.first().map(String::as_str) {
            Some("") | None => self.label("no_value"),
            Some(key) => self.label(key),
        }
    }

    fn amount(&self, amount: Option<Decimal>, whole: bool) -> String {
        let money = Type::of(Base::Money);
        let print = |amount: Decimal| match self.money.rounding.round(amount) {
            _ if whole => amount.round().to_string(),
            // Parts that are rounded only as a whole have more places than anybody wants to read.
            rounded => print_value(&Value::Dec(rounded.unwrap_or(amount)), &money, self.money),
        };
        amount.map(|amount| thousands(&print(amount))).unwrap_or_default()
    }
}

/// Whether a table holds millions, of which nobody reads the cents.
fn is_large(groups: &[Group]) -> bool {
    let million = Decimal::from(1_000_000);
    groups.iter().flat_map(|g| &g.sums).flatten().any(|sum| sum.abs() >= million)
}

fn total(groups: &[Group]) -> Group {
    let columns = groups.iter().map(|g| g.sums.len()).max().unwrap_or(0);
    let sum = |at: usize| {
        groups.iter().map(|g| g.sums.get(at).copied().flatten()).try_fold(Decimal::ZERO, |sum, a| sum.checked_add(a?))
    };
    Group { key: Vec::new(), rows: groups.iter().map(|g| g.rows).sum(), sums: (0..columns).map(sum).collect() }
}

/// `83 %`; nothing where there is nothing to set it against.
fn share(part: Option<Decimal>, whole: Option<Decimal>) -> String {
    let share = || part?.checked_mul(Decimal::ONE_HUNDRED)?.checked_div(whole?).map(|s| s.round());
    share().map(|s| format!("{} %", thousands(&s.to_string()))).unwrap_or_default()
}
