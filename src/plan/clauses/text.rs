//! A clause as it stands in the policy.

use super::open::is_written;
use crate::diag::{Source, Span};
use crate::lang::{Expr, Kind};
use crate::plan::node::{Form, Plan};

/// As written; a cell of a table with the column it stands in; what nobody wrote, printed.
pub(super) fn of(plan: &Plan, expr: &Expr, wanted: bool, span: Span, source: &Source) -> String {
    let written = source.text.get(span.start as usize..span.end as usize).filter(|_| is_written(span));
    let Some(written) = written else { return shown(plan, expr, wanted) };
    // A condition that is named by its whole rule.
    if let Kind::Node(node) = expr.kind
        && plan.node(node).is_some_and(|n| n.place.span == span && matches!(n.form, Form::Expr(_)))
    {
        return shown(plan, expr, wanted);
    }
    let line = written.split_whitespace().collect::<Vec<_>>().join(" ");
    let line = match asked_of(expr).map(|of| plan.show(of)) {
        Some(name) if !line.contains(name.split('(').next().unwrap_or(&name)) => format!("{name}: {line}"),
        _ => line,
    };
    match expr.kind {
        // A negation in the text is in its span; a comparison has it in its operator.
        Kind::Compare(..) => line,
        _ if wanted || span != expr.span => line,
        _ => format!("!({line})"),
    }
}

fn shown(plan: &Plan, expr: &Expr, wanted: bool) -> String {
    if wanted { plan.show(expr) } else { format!("!({})", plan.show(expr)) }
}

/// What a clause asks something of, which a cell of a table leaves to the head of its column.
fn asked_of(expr: &Expr) -> Option<&Expr> {
    match &expr.kind {
        Kind::Compare(_, of, _) | Kind::In(of, _) | Kind::IsGiven(of) => match &of.kind {
            Kind::ToDecimal(of) => Some(of),
            Kind::Node(_) => Some(of),
            _ => None,
        },
        _ => None,
    }
}
