//! A clause as it is told: as written, whether it holds, the values it saw, and how far it is from holding.

use std::cmp::Ordering;

use serde::Serialize;

use crate::engine::{Judged, Run, Verdict};
use crate::lang::expr::CompareOp;
use crate::lang::{Base, Expr, Kind, NodeRef, Type, Value, functions};
use crate::plan::{Form, RelationId};

use super::super::super::labels::label;
use super::super::super::tables::place;
use super::super::{Why, reads};
use super::gap::{self, Gap, Unit};
use super::words::say;
use crate::diag::Place;

/// A clause and how it stands.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Told {
    /// As written in the policy.
    pub(super) text: String,
    /// `file:line`
    place: String,
    /// Unknown where it needs something that is missing, or cannot be computed.
    holds: Option<bool>,
    /// Whether it stands in the way on its own, and not only because another clause does.
    pub(super) counts: bool,
    /// What it read.
    values: Vec<Seen>,
    /// What was compared, exact.
    is: Option<String>,
    /// What it would have to be, exact.
    needs: Option<String>,
    /// The least change after which it holds, exact; what has no smallest unit must go beyond it where equal is not enough.
    distance: Option<String>,
    /// `days`, `months`, `count`, `number`, `percentage points`, or the currency.
    unit: Option<String>,
    /// `up`, `down`
    direction: Option<&'static str>,
    /// What is not known, and where to enter it.
    missing: Vec<Absent>,
    /// In words.
    pub(super) says: String,
    /// For a condition that has a name: what stands in its way.
    pub(super) because: Vec<Told>,
    /// The distance as a value, where there is one.
    #[serde(skip)]
    by: Option<(Value, Unit)>,
}

/// Of two alternatives with as many clauses in the way: what can be measured before what is so or not, and of two
/// distances in one unit the smaller.
pub(super) fn nearer(a: &[Told], b: &[Told]) -> Ordering {
    match (measured(a), measured(b)) {
        (Some((a, unit)), Some((b, other))) if unit == other => functions::compare(a, b).unwrap_or(Ordering::Equal),
        (a, b) => b.is_some().cmp(&a.is_some()),
    }
}

/// How far the only clause in the way is from holding.
fn measured(clauses: &[Told]) -> Option<(&Value, Unit)> {
    let mut open = clauses.iter().filter(|clause| clause.counts);
    match (open.next(), open.next()) {
        (Some(Told { by: Some((by, unit)), .. }), None) => Some((by, *unit)),
        _ => None,
    }
}

/// A value that a clause read.
#[derive(Clone, Debug, Serialize)]
struct Seen {
    name: String,
    value: String,
}

/// A value that is missing.
#[derive(Clone, Debug, Serialize)]
struct Absent {
    name: String,
    /// The row of the book in which it is to be entered; none for what is computed.
    place: Option<String>,
}

impl Why<'_> {
    pub(super) fn told_all(&self, run: &mut Run<'_>, all: &[Judged<'_>], at: (RelationId, u32)) -> Vec<Told> {
        all.iter().map(|judged| self.told(run, judged, at)).collect()
    }

    fn told(&self, run: &mut Run<'_>, judged: &Judged<'_>, at: (RelationId, u32)) -> Told {
        let plan = run.plan();
        let clause = judged.clause;
        let names = reads::read(&clause.expr);
        let values = names
            .into_iter()
            .map(|node| Seen { name: plan.name(node), value: self.value_of(run, node, at.0, at.1) })
            .collect();
        let missing: Vec<Absent> = judged.missing.iter().map(|node| absent(run, *node, at)).collect();
        let gap = gap::of(run, &clause.expr, at, &clause.source.text);
        let says = match &judged.verdict {
            _ if judged.follows => say("follows", self.language, &[]),
            Verdict::Holds => String::new(),
            Verdict::Missing => say("not_known", self.language, &[("missing", &self.enter(&missing))]),
            Verdict::Failed(reason) => say("failed", self.language, &[("reason", reason)]),
            Verdict::Fails => match &gap {
                Some(gap) => self.gap(run, gap),
                None => self.plainly(run, &clause.expr, clause.wanted, &missing, at),
            },
        };
        let holds = match judged.verdict {
            Verdict::Holds => Some(true),
            Verdict::Fails => Some(false),
            Verdict::Missing | Verdict::Failed(_) => None,
        };
        let open = gap.as_ref().filter(|_| judged.verdict == Verdict::Fails);
        Told {
            text: clause.text.clone(),
            place: place(&Place::new(&clause.source, clause.span)),
            holds,
            counts: judged.counts(),
            values,
            is: gap.as_ref().map(|gap| gap.seen.to_string()),
            needs: gap.as_ref().map(|gap| format!("{} {}", sign(gap.op), gap.bound)),
            distance: open.and_then(exact),
            unit: open.filter(|gap| gap.by.is_some()).map(|gap| unit_name(run, gap.unit)),
            direction: open.and_then(direction),
            missing,
            says,
            because: self.told_all(run, &judged.because, at),
            by: open.and_then(|gap| Some((gap.by.clone()?, gap.unit))),
        }
    }

    /// A clause that is no comparison of two values.
    fn plainly(
        &self,
        run: &mut Run<'_>,
        expr: &Expr,
        wanted: bool,
        missing: &[Absent],
        (subject, row): (RelationId, u32),
    ) -> String {
        let mut value = |of: &Expr| match run.value_of(of, subject, row) {
            Some(value) => self.printed_value(run, &value, &of.ty),
            None => label("no_value", self.language),
        };
        match &expr.kind {
            Kind::Lit(_) => say("never", self.language, &[]),
            Kind::OnMissing(..) => say("all_known", self.language, &[]),
            Kind::IsGiven(_) if wanted => say("not_given", self.language, &[("missing", &self.enter(missing))]),
            Kind::IsGiven(of) => say("blank", self.language, &[("seen", &value(of))]),
            Kind::In(item, list) => {
                let name = if wanted { "one_of" } else { "none_of" };
                let bound = match &list.kind {
                    Kind::List(items) => items.iter().map(&mut value).collect::<Vec<_>>().join(", "),
                    _ => value(list),
                };
                say(name, self.language, &[("seen", &value(item)), ("bound", &bound)])
            }
            _ => {
                let [no, yes] = ["no", "yes"].map(|word| label(word, self.language));
                let (seen, bound) = if wanted { (no, yes) } else { (yes, no) };
                say("equal", self.language, &[("seen", &seen), ("bound", &bound)])
            }
        }
    }

    fn enter(&self, missing: &[Absent]) -> String {
        let one = |absent: &Absent| match &absent.place {
            Some(place) => say("enter", self.language, &[("name", &absent.name), ("place", place)]),
            None => say("has_none", self.language, &[("name", &absent.name)]),
        };
        let separator = if self.language == "zh" { "；" } else { "; " };
        missing.iter().map(one).collect::<Vec<_>>().join(separator)
    }

    fn gap(&self, run: &Run<'_>, gap: &Gap) -> String {
        let of = |value: &Value| self.compared(run, value, gap);
        let (seen, bound) = (of(&gap.seen), of(&gap.bound));
        let by = gap.by.as_ref().map(|by| self.distance(run, by, gap.unit));
        let kind = match (gap.base == Base::Date, gap.today) {
            (true, true) => "today_",
            (true, false) => "date_",
            _ => "",
        };
        let nothing = matches!(&gap.by, Some(Value::Dec(d)) if d.is_zero());
        let name = match (gap.op, &by) {
            (CompareOp::GreaterOrEqual, Some(_)) => format!("{kind}at_least"),
            (CompareOp::LessOrEqual, Some(_)) => format!("{kind}at_most"),
            (CompareOp::Greater, Some(_)) if nothing => "more_than_number".into(),
            (CompareOp::Less, Some(_)) if nothing => "less_than_number".into(),
            (CompareOp::Greater, Some(_)) => format!("{kind}more_than"),
            (CompareOp::Less, Some(_)) => format!("{kind}less_than"),
            (CompareOp::Equal, Some(_)) => "equal_by".into(),
            (CompareOp::NotEqual, _) => "not_equal".into(),
            _ => "equal".into(),
        };
        let by = by.unwrap_or_default();
        say(&name, self.language, &[("seen", &seen), ("bound", &bound), ("by", &by)])
    }

    /// A compared value: a share as the policy writes it.
    fn compared(&self, run: &Run<'_>, value: &Value, gap: &Gap) -> String {
        match (gap.unit, value) {
            (Unit::Points, Value::Dec(share)) => {
                let percent = share.checked_mul(rust_decimal::Decimal::ONE_HUNDRED).unwrap_or(*share);
                format!("{}%", percent.round_dp(4).normalize())
            }
            _ => self.printed_value(run, value, &Type::of(gap.base.clone())),
        }
    }

    /// A distance with its unit: `12 days`, `1,500.00 CNY`.
    pub(super) fn distance(&self, run: &Run<'_>, by: &Value, unit: Unit) -> String {
        let one = *by == Value::Int(1);
        let currency = run.plan().money.currency.as_str();
        let (name, count) = match (unit, by) {
            (Unit::Days, _) => (if one { "day" } else { "days" }, by.to_string()),
            (Unit::Months, _) => (if one { "month" } else { "months" }, by.to_string()),
            (Unit::Points, Value::Dec(share)) => {
                let points = share.checked_mul(rust_decimal::Decimal::ONE_HUNDRED).unwrap_or(*share).round_dp(4);
                let points = points.normalize();
                (if points == rust_decimal::Decimal::ONE { "point" } else { "points" }, points.to_string())
            }
            (Unit::Money, _) => (
                if currency == "CNY" { "money_cny" } else { "money" },
                self.printed_value(run, by, &Type::of(Base::Money)),
            ),
            _ => ("number", self.printed_value(run, by, &Type::of(Base::Number))),
        };
        say(name, self.language, &[("count", &count), ("currency", currency)])
    }
}

fn absent(run: &Run<'_>, node: NodeRef, (subject, row): (RelationId, u32)) -> Absent {
    let plan = run.plan();
    let node = plan.source(node);
    let place = match plan.node(node) {
        Some(found) if matches!(found.form, Form::Fact(_)) => {
            run.above(subject, row, found.subject).and_then(|at| run.book().place(found.subject, at))
        }
        _ => None,
    };
    Absent { name: plan.name(node), place }
}

/// A distance, exact, in its unit.
fn exact(gap: &Gap) -> Option<String> {
    match (gap.unit, gap.by.as_ref()?) {
        (Unit::Points, Value::Dec(share)) => {
            share.checked_mul(rust_decimal::Decimal::ONE_HUNDRED).map(|points| points.normalize().to_string())
        }
        (_, by) => Some(by.to_string()),
    }
}

/// A unit as machines read it.
pub(super) fn unit_name(run: &Run<'_>, unit: Unit) -> String {
    match unit {
        Unit::Count => "count",
        Unit::Number => "number",
        Unit::Points => "percentage points",
        Unit::Money => run.plan().money.currency.as_str(),
        Unit::Days => "days",
        Unit::Months => "months",
    }
    .into()
}

fn direction(gap: &Gap) -> Option<&'static str> {
    gap.by.as_ref()?;
    match gap.op {
        CompareOp::GreaterOrEqual | CompareOp::Greater => Some("up"),
        CompareOp::LessOrEqual | CompareOp::Less => Some("down"),
        CompareOp::Equal => match crate::lang::eval::compare(CompareOp::Less, &gap.seen, &gap.bound) {
            Some(true) => Some("up"),
            Some(false) => Some("down"),
            None => None,
        },
        CompareOp::NotEqual => None,
    }
}

fn sign(op: CompareOp) -> &'static str {
    match op {
        CompareOp::Equal => "==",
        CompareOp::NotEqual => "!=",
        CompareOp::Less => "<",
        CompareOp::LessOrEqual => "<=",
        CompareOp::Greater => ">",
        CompareOp::GreaterOrEqual => ">=",
    }
}
