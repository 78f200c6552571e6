//! What a source says by its own words: silent, `none`, an amount or `unlimited`.

use super::{Source, said_type};
use crate::diag::{Code, Place};
use crate::lang::{Base, Expr, Type, Words};
use crate::plan::lower::{Home, Lowerer, wrong};
use crate::plan::node::{ChoiceRow, Form, Hit};
use crate::plan::sections::limit::Limit;
use crate::plan::sections::steps::Amount;
use crate::policy::tree::Tree;

/// Adds `<source>.says`: what it says by its own words; and `<source>.amount`.
pub(super) fn says<'t>(low: &mut Lowerer<'t>, limit: &Limit<'t>, source: &Source<'t>, name: &str) -> Option<()> {
    let home = limit.home();
    let place = &source.tree.place;
    let mut rows = Vec::new();
    let mut asked = Vec::new();
    if let Some(text) = in_dates(low, limit, source, name)? {
        rows.push(row(low, "outside_its_dates", place, home, Some(&format!("!({text})")), "silent")?);
        asked.push(text);
    }
    if let Some(tree) = source.unlimited {
        let own = format!("{name}.unlimited");
        condition(low, limit, &own, tree)?;
        rows.push(row(low, "unlimited", &tree.place, home, Some(&own), "unlimited")?);
        asked.push(format!("!{own}"));
    }
    let mut given: Vec<Expr> = Vec::new();
    if let Some(tree) = source.when {
        let own = format!("{name}.when");
        given.push(condition(low, limit, &own, tree)?);
        rows.push(row(low, "does_not_apply", &tree.place, home, Some(&format!("!{own}")), "silent")?);
        asked.push(own);
    }
    let Some(tree) = source.amount else {
        if let Some(blank) = source.blank {
            let message = format!("`blank: {blank}` says what a missing amount means, and there is no `amount`");
            low.report(wrong(source.tree, Code::UnknownKey, message).help("take `blank:` out"));
            return None;
        }
        rows.push(row(low, "otherwise", place, home, None, "silent")?);
        low.choose(&format!("{name}.says"), limit.subject, Type::of(said_type()), place, Hit::First, rows);
        return Some(());
    };
    let amount = low.expr_given(tree, home, Some(Type::maybe(Base::Money)), &given)?.expr;
    let own = format!("{name}.amount");
    match (amount.ty.optional, source.blank) {
        (true, None) => {
            let message = format!("the amount of `{}` may be missing, and nothing says what that means", source.id);
            let help = "add `blank: silent` (as if it were not there) or `blank: none` (no credit)";
            low.report(wrong(tree, Code::MissingNotHandled, message).help(help));
            return None;
        }
        (true, Some(blank)) => {
            let missing = format!("!is_given({own})");
            add_amount(low, limit, &own, tree, amount, &asked)?;
            rows.push(row(low, "blank", &tree.place, home, Some(&missing), blank)?);
        }
        (false, _) => {
            add_amount(low, limit, &own, tree, amount, &asked)?;
        }
    }
    rows.push(row(low, "amount", &tree.place, home, None, "amount")?);
    low.choose(&format!("{name}.says"), limit.subject, Type::of(said_type()), place, Hit::First, rows);
    Some(())
}

/// The amount, looked at only where the source is asked for it.
fn add_amount<'t>(
    low: &mut Lowerer<'t>,
    limit: &Limit<'t>,
    name: &str,
    tree: &'t Tree,
    gives: Expr,
    asked: &[String],
) -> Option<()> {
    let when = match asked {
        [] => None,
        asked => Some(low.text(&asked.join(" && "), &tree.place, limit.home(), None)?.expr),
    };
    let row = ChoiceRow { id: "given".into(), place: tree.place.clone(), when, gives, reason: Words::new() };
    low.choose(name, limit.subject, Type::maybe(Base::Money), &tree.place, Hit::First, vec![row]);
    Some(())
}

fn condition<'t>(low: &mut Lowerer<'t>, limit: &Limit<'t>, name: &str, tree: &'t Tree) -> Option<Expr> {
    let expr = low.condition(tree, limit.home())?.expr;
    low.add(name, limit.subject, Type::of(Base::Bool), &tree.place, Form::Expr(expr.clone()));
    Some(expr)
}

/// The text that is true within the dates of a source, both counted; a date that is missing is no bound.
fn in_dates<'t>(low: &mut Lowerer<'t>, limit: &Limit<'t>, source: &Source<'t>, name: &str) -> Option<Option<String>> {
    let mut parts = Vec::new();
    for (key, tree, bound) in [("first_day", source.from, "<= as_of"), ("last_day", source.until, ">= as_of")] {
        let Some(tree) = tree else { continue };
        let own = format!("{name}.{key}");
        let expr = low.expr(tree, limit.home(), Some(Type::maybe(Base::Date)))?.expr;
        let ty = expr.ty.clone();
        low.add(&own, limit.subject, ty.clone(), &tree.place, Form::Expr(expr));
        parts.push(if ty.optional { format!("({own} ?? as_of) {bound}") } else { format!("{own} {bound}") });
    }
    Some((!parts.is_empty()).then(|| parts.join(" && ")))
}

fn row(
    low: &mut Lowerer<'_>,
    id: &str,
    place: &Place,
    home: Home,
    when: Option<&str>,
    gives: &str,
) -> Option<ChoiceRow> {
    let when = match when {
        Some(text) => Some(low.text(text, place, home, Some(Type::of(Base::Bool)))?.expr),
        None => None,
    };
    let gives = low.literal(gives, said_type(), place);
    Some(ChoiceRow { id: id.into(), place: place.clone(), when, gives, reason: Words::new() })
}

/// What the steps came to, said as a source says it.
pub(super) fn said_by_steps(
    low: &mut Lowerer<'_>,
    limit: &Limit<'_>,
    place: &Place,
    computed: &Amount,
    name: &str,
) -> Option<()> {
    let state = computed.state.as_ref()?;
    let text = format!(
        "if {state} == \"none\" {{ \"none\" }} else if {state} == \"amount\" {{ \"amount\" }} else {{ \"unlimited\" }}"
    );
    low.derive(&format!("{name}.says"), limit.home(), Some(Type::of(said_type())), place, &text)?;
    let ty = Some(Type::maybe(Base::Money));
    low.derive(&format!("{name}.amount"), limit.home(), ty, place, &computed.value)?;
    Some(())
}
