//! The value a characteristic looks at: the first of its sources that is known and not too old, and which one that was.

use super::ACCOUNT;
use crate::diag::{Code, Place};
use crate::lang::{Base, Expr, Kind, Type, Words};
use crate::plan::lower::{Lowerer, Subjects, wrong};
use crate::plan::node::{ChoiceRow, Form, Hit};
use crate::policy::fields::Fields;
use crate::policy::read;
use crate::policy::tree::{Tree, TreeKind};

/// What `scorecard.<id>.source` says where no source can be used.
const MISSING: &str = "missing";
const TOO_OLD: &str = "too_old";

struct Source<'t> {
    value: &'t Tree,
    max_age: Option<&'t Tree>,
}

/// Declares `scorecard.<id>.value` and, where there is more than one source or an age to keep to, `.source`.
pub(super) fn declare<'t>(low: &mut Lowerer<'t>, id: &'t str, value: &'t Tree, max_age: Option<&'t Tree>) {
    let of = format!("scorecard.{id}.value");
    let written = match &value.kind {
        TreeKind::List(written) => written.as_slice(),
        _ => std::slice::from_ref(value),
    };
    if written.is_empty() {
        low.report(
            wrong(value, Code::Nothing, "no value to look at").help("name a fact: `value: customer.current_ratio`"),
        );
        return;
    }
    let is_plain = max_age.is_none() && matches!(value.kind, TreeKind::Scalar(_));
    if is_plain {
        low.define(vec![of.clone()], &value.place, move |low| {
            let Some(found) = low.expr(value, ACCOUNT, None) else { return };
            let ty = found.expr.ty.clone();
            low.add(&of, Subjects::ACCOUNT, ty, &value.place, Form::Expr(found.expr));
        });
        return;
    }
    let sources: Option<Vec<Source<'t>>> = written.iter().map(|tree| source(low, tree, max_age)).collect();
    let Some(sources) = sources else { return };
    let name = format!("scorecard.{id}.source");
    let names = vec![of.clone(), name.clone()];
    low.define(names, &value.place, move |low| {
        lower(low, &of, &name, value, &sources);
    });
}

/// An expression, or `{ of, max_age }`.
fn source<'t>(low: &mut Lowerer<'t>, tree: &'t Tree, common: Option<&'t Tree>) -> Option<Source<'t>> {
    let TreeKind::Map(_) = tree.kind else { return Some(Source { value: tree, max_age: common }) };
    let mut fields = Fields::of(tree, "a source", &mut low.sink)?;
    let value = fields.need("of", &mut low.sink);
    let max_age = fields.take("max_age", &mut low.sink).or(common);
    fields.finish(&mut low.sink);
    Some(Source { value: value?, max_age })
}

fn lower<'t>(low: &mut Lowerer<'t>, of: &str, source: &str, value: &Tree, sources: &[Source<'t>]) -> Option<()> {
    let (mut values, mut used, mut old) = (Vec::new(), Vec::new(), Vec::new());
    let mut base: Option<Base> = None;
    for (number, each) in sources.iter().enumerate() {
        let place = &each.value.place;
        let expected = base.clone().map(Type::maybe);
        let found = low.expr(each.value, ACCOUNT, expected)?.expr;
        base.get_or_insert_with(|| found.ty.base.clone());
        let fresh = match each.max_age {
            Some(tree) => Some(fresh(low, of, number, tree)?),
            None => None,
        };
        let given = found.ty.optional.then(|| boolean(Kind::IsGiven(Box::new(found.clone())), place));
        let when = match (given, fresh) {
            (Some(given), Some(fresh)) => {
                let too_old = boolean(Kind::Not(Box::new(fresh.clone())), place);
                old.push(boolean(Kind::And(Box::new(given.clone()), Box::new(too_old)), place));
                Some(boolean(Kind::And(Box::new(given), Box::new(fresh)), place))
            }
            (None, Some(fresh)) => {
                old.push(boolean(Kind::Not(Box::new(fresh.clone())), place));
                Some(fresh)
            }
            (given, None) => given,
        };
        let id = each.value.text().unwrap_or_default().to_owned();
        let row =
            |gives| ChoiceRow { id: id.clone(), place: place.clone(), when: when.clone(), gives, reason: Words::new() };
        used.push(row(low.literal(&id, Base::Text, place)));
        values.push(row(found));
    }
    for (id, when) in old.into_iter().map(|when| (TOO_OLD, Some(when))).chain([(MISSING, None)]) {
        let gives = low.literal(id, Base::Text, &value.place);
        used.push(ChoiceRow { id: id.into(), place: value.place.clone(), when, gives, reason: Words::new() });
    }
    low.choose(of, Subjects::ACCOUNT, Type::maybe(base?), &value.place, Hit::First, values);
    low.choose(source, Subjects::ACCOUNT, Type::of(Base::Text), &value.place, Hit::First, used);
    low.result(Subjects::ACCOUNT, source, false);
    Some(())
}

/// How an age is written.
const AGE: &str = "{ months: 12, on: customer.audited_on }";

/// `{ months: 12, on: customer.audited_on }`: true where the date is known and no older. Its day is a node of its own.
fn fresh<'t>(low: &mut Lowerer<'t>, of: &str, number: usize, tree: &'t Tree) -> Option<Expr> {
    let mut fields = Fields::like(tree, "`max_age`", AGE, &mut low.sink)?;
    let on = fields.need("on", &mut low.sink);
    let months = fields.take("months", &mut low.sink);
    let days = fields.take("days", &mut low.sink);
    fields.finish(&mut low.sink);
    let on = on?;
    let (count, how) = match (months, days) {
        (Some(months), None) => (read::whole(months, &mut low.sink)?, "add_months"),
        (None, Some(days)) => (read::whole(days, &mut low.sink)?, "add_days"),
        _ => {
            let finding = wrong(tree, Code::MissingKey, "`max_age` says `months:` or `days:`, one of the two");
            low.report(finding.help(format!("as in `max_age: {AGE}`")));
            return None;
        }
    };
    let dated = format!("{of}.dated_{}", number + 1);
    let found = low.expr(on, ACCOUNT, Some(Type::maybe(Base::Date)))?.expr;
    let optional = found.ty.optional;
    low.add(&dated, Subjects::ACCOUNT, found.ty.clone(), &on.place, Form::Expr(found));
    let young = format!("{how}({dated}, {count}) >= as_of");
    let text = if optional { format!("is_given({dated}) && {young}") } else { young };
    Some(low.text(&text, &tree.place, ACCOUNT, Some(Type::of(Base::Bool)))?.expr)
}

fn boolean(kind: Kind, place: &Place) -> Expr {
    Expr { kind, ty: Type::of(Base::Bool), span: place.span }
}
