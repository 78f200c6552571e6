//! `terms:` a decision table over net days, discounts, stages and security.

use rust_decimal::Decimal;

use super::share;
use super::table::{self, HITS, Row};
use crate::diag::{Code, Place};
use crate::lang::{Base, NodeRef, Type};
use crate::plan::lower::{Home, Lowerer, Subjects, wrong};
use crate::plan::node::Hit;
use crate::plan::schema::STAGE_EVENTS;
use crate::policy::fields::Fields;
use crate::policy::read;
use crate::policy::tree::{Entry, Tree, TreeKind};

const OUTPUTS: [&str; 5] = ["net_days", "prepay_share", "discount", "stages", "security"];

pub(super) fn read<'t>(low: &mut Lowerer<'t>, section: &'t Entry) {
    let Some(mut fields) = Fields::of(&section.value, "`terms`", &mut low.sink) else { return };
    let hit = fields.take("hit", &mut low.sink);
    let complete = fields.take("complete", &mut low.sink);
    let rows = fields.need("rows", &mut low.sink);
    fields.finish(&mut low.sink);
    let hit = hit.and_then(|t| read::one_of(t, &HITS[..2], &mut low.sink)).unwrap_or(Hit::First);
    let complete = complete.and_then(|t| read::boolean(t, &mut low.sink)).unwrap_or(false);
    let Some(rows) = rows else { return };
    for (name, base) in PLAIN {
        low.head(name, Type::maybe(base));
    }
    let mut names: Vec<String> = vec!["terms".into()];
    names.extend(PLAIN.iter().map(|(name, _)| (*name).to_string()));
    names.extend(["terms.security", "terms.prepay_share"].map(String::from));
    low.head("terms.prepay_share", Type::of(Base::Number));
    let most = most_stages(rows);
    for n in 1..=most {
        names.extend(["share", "at", "plus_days"].map(|part| format!("terms.stage_{n}.{part}")));
        names.push(format!("order.stage_{n}.amount"));
    }
    low.define(names, &section.key_place, move |low| {
        lower(low, section, rows, hit, complete);
    });
}

const PLAIN: [(&str, Base); 3] = [
    ("terms.net_days", Base::Days),
    ("terms.discount.share", Base::Number),
    ("terms.discount.within_days", Base::Days),
];

/// How many stages the longest row may have: known before the rows are read, so that their names can be declared.
fn most_stages(rows: &Tree) -> usize {
    let TreeKind::List(rows) = &rows.kind else { return 0 };
    let count = |row: &Tree| match row.get("stages").map(|entry| &entry.value.kind) {
        Some(TreeKind::List(stages)) => stages.len(),
        _ => 0,
    };
    rows.iter().map(count).max().unwrap_or(0)
}

fn lower<'t>(low: &mut Lowerer<'t>, section: &'t Entry, tree: &'t Tree, hit: Hit, complete: bool) -> Option<()> {
    let place = &section.key_place;
    let rows = table::rows(low, tree, &OUTPUTS, Home::Free);
    let subject = table::subject(low, &rows, Subjects::ACCOUNT);
    let terms = table::choice_of_row(low, "terms", place, subject, &rows, hit, complete);
    let table = Table { terms, place, subject, rows: &rows };
    let mut sound = true;
    for (name, base) in PLAIN {
        let path: Vec<&str> = name.split('.').skip(1).collect();
        sound &= table.output(low, name, base, |row| inside(row, &path)).is_some();
    }
    let texts = Base::List(Box::new(Base::Text));
    sound &= table.output(low, "terms.security", texts, |row| row.output("security").cloned()).is_some();
    for row in &rows {
        check_shares(low, row);
        sound &= check_stages(low, row).is_some();
    }
    if !sound {
        return None;
    }
    stages(low, &table)?;
    prepay_share(low, &table)
}

/// What is to be paid before delivery: as the row says, or what its stages ask for with the order; else nothing.
fn prepay_share(low: &mut Lowerer<'_>, table: &Table<'_>) -> Option<()> {
    let written = "terms.written_prepay_share";
    table.output(low, written, Base::Number, |row| row.output("prepay_share").cloned())?;
    let most = table.rows.iter().map(|row| stage_list(row).len()).max().unwrap_or(0);
    let staged = (1..=most).map(|n| {
        format!("(if (terms.stage_{n}.at ?? \"\") == \"order\" {{ terms.stage_{n}.share ?? 0.0 }} else {{ 0.0 }})")
    });
    let text = staged.fold("0.0".to_string(), |sum, stage| format!("{sum} + {stage}"));
    let text = format!("{written} ?? ({text})");
    low.derive("terms.prepay_share", Home::At(table.subject), Some(Type::of(Base::Number)), table.place, &text)?;
    Some(())
}

struct Table<'r> {
    terms: NodeRef,
    place: &'r Place,
    subject: crate::plan::RelationId,
    rows: &'r [Row],
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
}

/// `discount: { share }` → the tree under `["discount", "share"]`.
fn inside(row: &Row, path: &[&str]) -> Option<Tree> {
    let (first, rest) = path.split_first()?;
    let mut at = row.output(first)?;
    for key in rest {
        at = &at.get(key)?.value;
    }
    Some(at.clone())
}

fn check_shares(low: &mut Lowerer<'_>, row: &Row) {
    if let Some(tree) = row.output("discount")
        && let Some(mut fields) = Fields::of(tree, "a discount", &mut low.sink)
    {
        let share = fields.need("share", &mut low.sink);
        fields.need("within_days", &mut low.sink);
        fields.finish(&mut low.sink);
        share.into_iter().for_each(|share| share::check(low, share));
    }
    if let Some(share) = row.output("prepay_share") {
        share::check(low, share);
    }
}

fn stage_list(row: &Row) -> &[Tree] {
    match row.output("stages").map(|tree| &tree.kind) {
        Some(TreeKind::List(stages)) => stages,
        _ => &[],
    }
}

/// Each stage is `{ share, at, plus_days }` or `{ rest: true, at, plus_days }`; constant shares make up the whole.
fn check_stages(low: &mut Lowerer<'_>, row: &Row) -> Option<()> {
    let stages = match row.output("stages") {
        Some(tree) => read::list(tree, &mut low.sink)?,
        None => return Some(()),
    };
    let mut sum = Some(Decimal::ZERO);
    let mut rest = false;
    for (number, stage) in stages.iter().enumerate() {
        let mut fields = Fields::of(stage, "a stage", &mut low.sink)?;
        let share = fields.take("share", &mut low.sink);
        let takes_rest = fields.take("rest", &mut low.sink).and_then(|t| read::boolean(t, &mut low.sink));
        let at = fields.need("at", &mut low.sink)?;
        fields.take("plus_days", &mut low.sink);
        fields.finish(&mut low.sink);
        let events: Vec<(&str, ())> = STAGE_EVENTS.iter().map(|event| (*event, ())).collect();
        read::one_of(at, &events, &mut low.sink)?;
        match (share, takes_rest) {
            (Some(share), None) => {
                let part = share.text().and_then(|text| read::parse_decimal(text).ok());
                sum = sum.zip(part).and_then(|(sum, part)| sum.checked_add(part));
            }
            (None, Some(true)) if number + 1 == stages.len() => rest = true,
            _ => {
                low.report(
                    wrong(stage, Code::MissingKey, "a stage takes a `share`, and only the last may take the `rest`")
                        .help("write `{ share: 30%, at: order }`, and `{ rest: true, at: delivery }` last"),
                );
                return None;
            }
        }
    }
    if let (false, Some(sum)) = (rest, sum)
        && sum != Decimal::ONE
        && let Some(tree) = row.output("stages")
    {
        let message = format!("the shares make {} %, not 100 %", (sum * Decimal::ONE_HUNDRED).normalize());
        low.report(wrong(tree, Code::Gap, message).help("let the last stage be `{ rest: true, … }`"));
        return None;
    }
    Some(())
}

/// What each stage asks for, and of each order the amount of each stage: the last takes what rounding leaves.
fn stages(low: &mut Lowerer<'_>, table: &Table<'_>) -> Option<()> {
    let most = table.rows.iter().map(|row| stage_list(row).len()).max().unwrap_or(0);
    if most == 0 {
        return Some(());
    }
    let part = |key: &'static str, n: usize| {
        move |row: &Row| stage_list(row).get(n - 1).and_then(|stage| stage.get(key)).map(|entry| entry.value.clone())
    };
    for n in 1..=most {
        table.output(low, &format!("terms.stage_{n}.share"), Base::Number, part("share", n))?;
        table.output(low, &format!("terms.stage_{n}.at"), Base::Text, part("at", n))?;
        table.output(low, &format!("terms.stage_{n}.plus_days"), Base::Days, part("plus_days", n))?;
    }
    let order = low.subject_named("order")?;
    let mut before: Vec<String> = Vec::new();
    for n in 1..=most {
        let name = format!("order.stage_{n}.amount");
        let left = before.iter().fold("order.amount".to_string(), |left, name| format!("{left} - ({name} ?? 0)"));
        let next = if n < most { format!("is_given(terms.stage_{}.at)", n + 1) } else { "false".into() };
        // The last stage of the row takes what is left, so the parts always make the whole.
        let text =
            format!("if {next} {{ round_money(order.amount * (terms.stage_{n}.share ?? 0.0)) }} else {{ {left} }}");
        low.derive_where(&name, order, Base::Money, table.place, &format!("is_given(terms.stage_{n}.at)"), &text)?;
        before.push(name);
    }
    Some(())
}
