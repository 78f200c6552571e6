//! Why: the decisions of one customer, rule by rule, with the values each rule saw.
//!
//! What belongs together is found in the plan: columns whose names differ in one part are a series, a rule's values are
//! the nodes its condition reads, a ladder is the emits that share a name.

mod document;
mod entry;
mod ladder;
mod page;
mod pieces;
mod reads;
mod series;
mod why_not;

use crate::engine::{Run, print_value};
use crate::lang::plain;
use crate::lang::{Base, NodeRef, Type, Value};
use crate::plan::{Output, RelationId};

use super::grid::thousands;
use super::labels::{label, label_of};
pub use document::explain_json;
use page::Page;
pub use why_not::Misses;

/// What of a customer is explained.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Focus<'f> {
    /// The customer's own decisions, and lists of what lies under it.
    Account,
    /// The rows of this relation: items of an invoice, an order.
    Rows(RelationId, &'f [u32]),
}

/// A table that is listed under a customer, and which of its rows: those with something in one column.
struct Listed {
    table: &'static str,
    keep: &'static str,
    columns: &'static [&'static str],
}

const LISTED: &[Listed] = &[
    Listed {
        table: "invoices",
        keep: "open",
        columns: &["due_date", "open", "disputed_open", "days_past_due", "ageing"],
    },
    Listed { table: "orders", keep: "checkpoint", columns: &["amount", "checkpoint", "decision", "hits"] },
];

/// Explains a customer, in a language (`en`, `zh`), in a terminal so many columns wide.
pub fn explain(
    run: &mut Run<'_>,
    account: (RelationId, u32),
    focus: Focus<'_>,
    language: &str,
    width: u16,
    misses: Misses,
) -> String {
    let mut why = Why { page: Page::new(usize::from(width)), language, misses, printed: Vec::new() };
    why.head(run, account);
    let plan = run.plan();
    match focus {
        Focus::Account => {
            for output in plan.tables.iter().filter(|o| o.subject == account.0) {
                why.page.heading(&label(&output.table, language));
                why.decisions(run, output, account.1);
            }
            why.ladders(run, account.0, account.1);
            for output in plan.tables.iter().filter(|o| o.subject != account.0) {
                why.listed(run, output, account);
            }
        }
        Focus::Rows(subject, rows) => {
            for row in rows {
                for output in plan.tables.iter().filter(|o| o.subject == subject) {
                    why.page.heading(&format!("{} {}", label(&output.table, language), run.book().id(subject, *row)));
                    why.decisions(run, output, *row);
                }
                why.pieces(run, subject, *row);
                why.ladders(run, subject, *row);
                why.printed.clear();
            }
        }
    }
    why.page.text()
}

/// An explanation under way.
struct Why<'w> {
    page: Page,
    language: &'w str,
    misses: Misses,
    /// What was explained already, and is only named when it is met again.
    printed: Vec<(NodeRef, u32)>,
}

impl Why<'_> {
    fn head(&mut self, run: &Run<'_>, (account, row): (RelationId, u32)) {
        let (plan, book) = (run.plan(), run.book());
        let name = plan.schema.fact(account, "name").map(|fact| book.cell(account, fact, row, run.as_of()));
        let name = match name {
            Some(crate::book::Cell::Given(name)) => name.to_string(),
            _ => String::new(),
        };
        self.page.line(format!("{} {name}", book.id(account, row)).trim());
        self.page.line(&format!(
            "{} ({} {}), {} {}, {}",
            plain(&plan.header.title, self.language, &plan.header.policy),
            plan.header.policy,
            plan.header.version,
            label("as_of", self.language),
            run.as_of(),
            plan.money.currency,
        ));
    }

    /// The rows of another table that lie under the customer.
    fn listed(&mut self, run: &mut Run<'_>, output: &Output, (account, account_row): (RelationId, u32)) {
        let plan = run.plan();
        let Some(listed) = LISTED.iter().find(|l| l.table == output.table) else { return };
        let column = |header: &str| output.columns.iter().find(|c| c.header == header);
        let Some(keep) = column(listed.keep) else { return };
        let columns: Vec<_> = listed.columns.iter().filter_map(|h| column(h)).collect();
        let mut rows = vec![
            [label("id", self.language)]
                .into_iter()
                .chain(columns.iter().map(|c| label(&c.header, self.language)))
                .collect(),
        ];
        for row in run.rows(output.subject) {
            if run.above(output.subject, row, account) != Some(account_row) {
                continue;
            }
            let kept = match run.above(output.subject, row, plan.node(keep.node).map_or(output.subject, |n| n.subject))
            {
                Some(at) => run.outcome(keep.node, at).value,
                None => continue,
            };
            if matches!(&kept, Ok(Value::Missing)) || matches!(&kept, Ok(Value::Dec(d)) if d.is_zero()) {
                continue;
            }
            let mut cells = vec![run.book().id(output.subject, row).to_string()];
            cells.extend(columns.iter().map(|c| self.value_of(run, c.node, output.subject, row)));
            rows.push(cells);
        }
        if rows.len() > 1 {
            self.page.heading(&label(&output.table, self.language));
            self.page.table(&rows);
        }
    }

    /// A node's value for a row at or below its subject, printed.
    fn value_of(&self, run: &mut Run<'_>, node: NodeRef, subject: RelationId, row: u32) -> String {
        let plan = run.plan();
        let Some(found) = plan.node(node) else { return String::new() };
        let Some(at) = run.above(subject, row, found.subject) else { return String::new() };
        match run.outcome(node, at).value {
            Ok(Value::Missing) => {
                let instead = found.shown_when_missing.and_then(|n| run.outcome(n, at).value.ok());
                instead.map_or_else(|| label("no_value", self.language), |value| value.to_string())
            }
            Ok(value) => self.printed_value(run, &value, &found.ty),
            Err(fault) => format!("{}: {}", label("failed", self.language), fault.reason),
        }
    }

    fn printed_value(&self, run: &Run<'_>, value: &Value, ty: &Type) -> String {
        let text = print_value(value, ty, &run.plan().money);
        match (&ty.base, value) {
            // What is rounded only at its end, and a mean or a ratio, has more digits than anybody reads.
            (base, Value::Dec(d)) if base.is_amount() && d.normalize().scale() > 4 => {
                thousands(&d.round_dp(4).normalize().to_string())
            }
            (base, Value::Dec(_)) if base.is_amount() => thousands(&text),
            (Base::Text | Base::List(_), _) if text.is_empty() => label("no_value", self.language),
            (_, Value::Bool(yes)) => label(if *yes { "yes" } else { "no" }, self.language),
            (Base::Number, Value::Dec(d)) => d.round_dp(4).normalize().to_string(),
            _ => text,
        }
    }

    fn label_of(&self, run: &Run<'_>, node: NodeRef, header: &str) -> String {
        run.plan()
            .node(node)
            .map_or_else(|| label(header, self.language), |n| label_of(&n.label, header, self.language))
    }
}
