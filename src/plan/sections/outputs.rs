//! `outputs:` what a run puts out: which decisions make which columns, and what of them the policy lets leave.

mod limits;

use crate::plan::lower::{Lowerer, Subjects};
use crate::plan::schema::RelationId;
use crate::policy::tree::Entry;

/// A column: its header, the name of the node, and whether the rule that made it, its place and its reasons go with it.
type Shown = (&'static str, &'static str, bool);

const DECISIONS: &[Shown] = &[
    ("name", "customer.name", false),
    ("group", "group.id", false),
    ("incomplete", "customer.incomplete", false),
    ("referred", "referred", false),
    ("score", "score", false),
    ("tier", "tier", true),
    ("notches", "notches", true),
    ("limit_state", "limit.state", false),
    ("limit_amount", "limit.amount", false),
    ("limit_start", "limit.start", true),
    ("limit_source", "limit.source", true),
    ("limit_ordinary", "limit.ordinary", false),
    ("limit_ordinary_state", "limit.ordinary.state", false),
    ("limit_withheld", "limit.withheld", false),
    ("limit_left", "limit.left", false),
    ("limit_used_share", "limit.used_share", false),
    ("previous_limit", "previous.limit.amount", false),
    ("exposure", "account.exposure", false),
    ("receivables", "account.receivables", false),
    ("overdue", "account.overdue", false),
    ("oldest_days_past_due", "account.oldest_days_past_due", false),
    ("review_due_on", "review.due_on", false),
    ("terms", "terms", true),
    ("net_days", "terms.net_days", false),
    ("prepay_share", "terms.prepay_share", false),
    ("discount_share", "terms.discount.share", false),
    ("discount_within_days", "terms.discount.within_days", false),
    ("security", "terms.security", false),
    ("warning", "warning.level", true),
    ("warnings", "warnings", true),
    ("approval", "approval", true),
    ("approval_state", "approval.state", true),
    ("approval_next", "approval.next", false),
    ("approval_in_order", "approval.in_order", false),
    ("approval_distinct_people", "approval.distinct_people", false),
    ("late_charges", "account.late_charges", false),
    ("provision", "account.provision", false),
];

const INVOICES: &[Shown] = &[
    ("customer", "customer.id", false),
    ("invoice", "invoice.id", false),
    ("issue_date", "invoice.issue_date", false),
    ("due_date", "item.due_date", false),
    ("amount", "item.amount", false),
    ("open", "item.open", false),
    ("disputed_open", "item.disputed_open", false),
    ("settled_on", "item.settled_on", false),
    ("days_past_due", "item.days_past_due", false),
    ("ageing", "item.ageing", false),
    ("late_charges", "item.late_charges", false),
    ("provision", "provision.amount", false),
];

const ORDERS: &[Shown] = &[
    ("customer", "customer.id", false),
    ("amount", "order.amount", false),
    ("checkpoint", "order.checkpoint", false),
    ("decision", "order.decision", true),
    ("hits", "order.hits", true),
];

/// What tells the document's own currency, where amounts are converted.
const OWN_INVOICES: &[Shown] = &[
    ("currency", "invoice.currency", false),
    ("own_amount", "item.own_amount", false),
    ("own_open", "item.own_open", false),
];

const OWN_ORDERS: &[Shown] = &[("currency", "order.currency", false), ("own_amount", "order.own_amount", false)];

const PORTFOLIO: &[Shown] = &[
    ("receivables", "portfolio.receivables", false),
    ("overdue", "portfolio.overdue", false),
    ("exposure", "portfolio.exposure", false),
    ("late_charges", "portfolio.late_charges", false),
    ("provision", "portfolio.provision", false),
];

/// The section speaks of every decision, so it is read when all of them are made: see [`declare`].
pub(super) fn read(_: &mut Lowerer<'_>, _: &Entry) {}

/// The decision that a column of a table shows, where some policy makes it.
fn shown(table: &str, header: &str) -> Option<&'static str> {
    let columns: &[&[Shown]] = match table {
        "decisions" => &[DECISIONS],
        "invoices" => &[INVOICES, OWN_INVOICES],
        "orders" => &[ORDERS, OWN_ORDERS],
        _ => &[PORTFOLIO],
    };
    columns.iter().copied().flatten().find(|(known, ..)| *known == header).map(|(_, name, _)| *name)
}

/// Adds the output tables; a column whose decision the policy does not make is left out.
pub(crate) fn declare(low: &mut Lowerer<'_>) {
    tabulate(low);
    limits::apply(low);
}

fn tabulate(low: &mut Lowerer<'_>) {
    let Some(place) = low.folder.sections.first().map(|section| section.key_place.clone()) else { return };
    let Some(order) = low.subject_named("order") else { return };
    let tables = [
        ("decisions", Subjects::ACCOUNT, DECISIONS),
        ("invoices", Subjects::ITEM, INVOICES),
        ("orders", order, ORDERS),
        ("portfolio", Subjects::PORTFOLIO, PORTFOLIO),
    ];
    for (table, subject, columns) in tables {
        let own = match table {
            "invoices" if low.plan.money.converts => OWN_INVOICES,
            "orders" if low.plan.money.converts => OWN_ORDERS,
            _ => &[],
        };
        for (header, name, with_rule) in columns.iter().chain(own) {
            if low.knows(name) || name.starts_with("previous.") {
                low.demand(name, &place);
                low.tabulate(table, subject, header, name, *with_rule);
            }
        }
        for (header, name) in series(low, table, subject) {
            low.tabulate(table, subject, &header, &name, false);
        }
        for (of, name, with_rule) in low.results.clone() {
            if of == subject {
                low.tabulate(table, subject, &name, &name, with_rule);
            }
        }
    }
}

/// Columns whose number depends on the policy: points, steps, parts of the exposure, ages, stages, ladder levels.
fn series(low: &Lowerer<'_>, table: &str, subject: RelationId) -> Vec<(String, String)> {
    let own = low.plan.nodes.iter().filter(|node| node.subject == subject);
    let names = own.map(|node| node.name.as_str());
    let level = |name: &str| name.starts_with("ladder.") && name.ends_with(".level");
    let keep = |name: &str| match table {
        "decisions" => {
            name.starts_with("scorecard.") && name.ends_with(".points")
                || ["limit.steps.", "limit.sources.", "limit.then."].iter().any(|of| name.starts_with(of))
                    && name.matches('.').count() == 2
                || name.starts_with("exposure.")
                || name.starts_with("account.ageing.")
                || level(name)
        }
        "invoices" => {
            let open = ["principal_open", "interest_open", "costs_open"];
            let part = name.strip_prefix("late_charge.").map(|charge| charge.split_once('.').map(|(_, part)| part));
            part.is_some_and(|part| part.is_none_or(|part| open.contains(&part))) || level(name)
        }
        "orders" => {
            name.starts_with("order.stage_") && (name.ends_with(".amount") || name.ends_with(".due_on")) || level(name)
        }
        _ => {
            name.starts_with("portfolio.ageing.")
                || name.starts_with("portfolio.provision.") && !name.ends_with(".exact")
        }
    };
    names.filter(|name| keep(name)).map(|name| (header(name), name.to_string())).collect()
}

fn header(name: &str) -> String {
    name.trim_start_matches("portfolio.").trim_start_matches("account.").replace('.', "_")
}
