//! `terms:` a decision table over net days, due dates, discounts, stages and security.

mod discounts;
mod due;
mod stages;

use super::share;
use super::table::{self, HITS, Row};
use crate::diag::Place;
use crate::lang::{Base, Expr, NodeRef, Type};
use crate::plan::lower::{Home, Lowerer, Subjects};
use crate::plan::node::Hit;
use crate::plan::schema::RelationId;
use crate::policy::fields::Fields;
use crate::policy::read;
use crate::policy::tree::{Entry, Tree, TreeKind};

const OUTPUTS: [&str; 8] =
    ["net_days", "due", "counts_from", "on_holiday", "prepay_share", "discount", "stages", "security"];

pub(super) fn read<'t>(low: &mut Lowerer<'t>, section: &'t Entry) {
    let Some(mut fields) = Fields::of(&section.value, "`terms`", &mut low.sink) else { return };
    let hit = fields.take("hit", &mut low.sink);
    let complete = fields.take("complete", &mut low.sink);
    let rows = fields.need("rows", &mut low.sink);
    fields.finish(&mut low.sink);
    let hit = hit.and_then(|t| read::one_of(t, &HITS[..2], &mut low.sink)).unwrap_or(Hit::First);
    let complete = complete.and_then(|t| read::boolean(t, &mut low.sink)).unwrap_or(false);
    let Some(rows) = rows else { return };
    low.head("terms.net_days", Type::maybe(Base::Days));
    low.head("terms.discount.share", Type::maybe(Base::Number));
    low.head("terms.discount.within_days", Type::maybe(Base::Days));
    low.head("terms.prepay_share", Type::of(Base::Number));
    let mut names = ["terms", "terms.net_days", "terms.security", "terms.prepay_share"].map(String::from).to_vec();
    names.extend(["order.prepay_amount", "order.prepay_missing"].map(String::from));
    names.extend(due::NAMES.map(String::from));
    names.extend(discounts::names(longest(rows, "discount")));
    names.extend(stages::names(longest(rows, "stages")));
    low.define(names, &section.key_place, move |low| {
        lower(low, section, rows, hit, complete);
    });
}

/// How many entries the longest list under a key may have: known before the rows are read, so that their names can be
/// declared. One that stands without a list counts as one.
fn longest(rows: &Tree, key: &str) -> usize {
    let TreeKind::List(rows) = &rows.kind else { return 1 };
    rows.iter().filter_map(|row| row.get(key)).map(|entry| read::list_or_one(&entry.value).len()).max().unwrap_or(0)
}

fn lower<'t>(low: &mut Lowerer<'t>, section: &'t Entry, tree: &'t Tree, hit: Hit, complete: bool) -> Option<()> {
    let place = &section.key_place;
    let rows = table::rows(low, tree, &OUTPUTS, Home::Free);
    let subject = table::subject(low, &rows, Subjects::ACCOUNT);
    let terms = table::choice_of_row(low, "terms", place, subject, &rows, hit, complete);
    let table = Table { terms, place, subject, rows: &rows };
    let days = table.output(low, "terms.net_days", Base::Days, |row| row.output("net_days").cloned());
    let texts = Base::List(Box::new(Base::Text));
    let security = table.output(low, "terms.security", texts, |row| row.output("security").cloned());
    let mut sound = days.is_some() && security.is_some();
    for row in &rows {
        row.output("prepay_share").into_iter().for_each(|share| share::check(low, share));
        sound &= discounts::check(low, row).is_some();
        sound &= stages::check(low, row).is_some();
        sound &= due::check(low, row).is_some();
    }
    if !sound {
        return None;
    }
    due::lower(low, &table)?;
    discounts::lower(low, &table)?;
    stages::lower(low, &table)?;
    prepayment(low, &table)
}

/// What is to be paid before delivery: as the row says, or what its stages ask for with the order; else nothing.
fn prepayment(low: &mut Lowerer<'_>, table: &Table<'_>) -> Option<()> {
    let written = "terms.written_prepay_share";
    table.output(low, written, Base::Number, |row| row.output("prepay_share").cloned())?;
    let most = table.most("stages");
    let at_order = |n: usize, part: &str, nothing: &str| {
        format!("(if (terms.stage_{n}.at ?? \"\") == \"order\" {{ {part} ?? {nothing} }} else {{ {nothing} }})")
    };
    let shares = (1..=most).map(|n| at_order(n, &format!("terms.stage_{n}.share"), "0.0"));
    let text = shares.fold("0.0".to_string(), |sum, stage| format!("{sum} + {stage}"));
    let (home, number) = (Home::At(table.subject), Type::of(Base::Number));
    low.derive("terms.prepay_share", home, Some(number), table.place, &format!("{written} ?? ({text})"))?;
    let order = low.subject_named("order")?;
    if !table.is_seen_from(low, order) {
        return Some(());
    }
    let parts = (1..=most).map(|n| at_order(n, &format!("order.stage_{n}.amount"), "0"));
    let parts = parts.fold(String::new(), |sum, part| if sum.is_empty() { part } else { format!("{sum} + {part}") });
    let by_share = "round_money(order.own_amount * terms.prepay_share)";
    let amount = match parts.as_str() {
        "" => by_share.to_string(),
        parts => format!("if is_given({written}) {{ {by_share} }} else {{ {parts} }}"),
    };
    // In the order's own currency, as its stages are.
    let (home, amount_of) = (Home::At(order), Type::of(low.plan.schema.amount(order)));
    low.derive("order.prepay_amount", home, Some(amount_of.clone()), table.place, &amount)?;
    let missing = "max(0, order.prepay_amount - (order.own_prepaid ?? 0))";
    low.derive("order.prepay_missing", home, Some(amount_of), table.place, missing)?;
    Some(())
}

struct Table<'r> {
    terms: NodeRef,
    place: &'r Place,
    subject: RelationId,
    rows: &'r [Row<'r>],
}

impl Table<'_> {
    fn output(
        &self,
        low: &mut Lowerer<'_>,
        name: &str,
        base: Base,
        find: impl Fn(&Row) -> Option<Tree>,
    ) -> Option<NodeRef> {
        table::output_of_row(low, name, self.terms, self.place, self.subject, base, self.rows, find)
    }

    /// How many entries the longest list under a key has.
    fn most(&self, key: &str) -> usize {
        self.rows.iter().map(|row| entries(row, key).len()).max().unwrap_or(0)
    }

    /// One key of the nth entry under another, of each row.
    fn part(
        &self,
        low: &mut Lowerer<'_>,
        name: &str,
        base: Base,
        (of, n, key): (&str, usize, &str),
    ) -> Option<NodeRef> {
        self.output(low, name, base, |row| Some(entries(row, of).get(n - 1)?.get(key)?.value.clone()))
    }

    /// Whether the terms of a subject are those of a row.
    fn is_row(&self, low: &mut Lowerer<'_>, row: &Row, subject: RelationId) -> Option<Expr> {
        table::is_row(low, "terms", row.id, &row.tree.place, Home::At(subject))
    }

    /// Whether a subject may read the table.
    fn is_seen_from(&self, low: &Lowerer<'_>, subject: RelationId) -> bool {
        low.plan.schema.is_at_or_above(self.subject, subject)
    }
}

/// The entries under a key of a row: a list, or one that stands alone.
fn entries<'r>(row: &'r Row, key: &str) -> &'r [Tree] {
    row.output(key).map(read::list_or_one).unwrap_or(&[])
}
