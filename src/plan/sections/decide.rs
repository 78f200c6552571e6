//! `decide:` a decision of the manager's own, typed and explained like every other.

use super::facts::read_type;
use rayon::prelude::*;

use super::table::{self, COLLECTS, HITS, Row};
use crate::diag::Code;
use crate::lang::functions::Builtin;
use crate::lang::{self, Base, Expected, Expr, Kind, Type};
use crate::plan::lower::{Home, Lowered, Lowerer, Subjects, wrong};
use crate::plan::node::{ChoiceRow, Form, Hit};
use crate::plan::schema::RelationId;
use crate::policy::fields::Fields;
use crate::policy::read;
use crate::policy::tree::{Entry, Tree};

pub(super) fn read<'t>(low: &mut Lowerer<'t>, section: &'t Entry) {
    for tree in read::list(&section.value, &mut low.sink).unwrap_or(&[]) {
        declare(low, tree);
    }
}

struct Decision<'t> {
    name: String,
    tree: &'t Tree,
    home: Home,
    least: RelationId,
    base: Base,
    hit: Hit,
    complete: bool,
}

fn declare<'t>(low: &mut Lowerer<'t>, tree: &'t Tree) -> Option<()> {
    let mut fields = Fields::of(tree, "a decision", &mut low.sink)?;
    let id = fields.need("id", &mut low.sink).and_then(|t| read::id(t, &mut low.sink));
    let subject = fields.take("for", &mut low.sink);
    let base = read_type(low, &mut fields);
    let hit = fields.take("hit", &mut low.sink);
    let collect = fields.take("collect", &mut low.sink);
    let complete = fields.take("complete", &mut low.sink);
    let rows = fields.take("rows", &mut low.sink);
    let gives = fields.take("gives", &mut low.sink);
    let label = fields.take("label", &mut low.sink);
    fields.finish(&mut low.sink);
    let (id, base) = (id?, base?);
    let hit = match hit {
        Some(tree) => read::one_of(tree, &HITS, &mut low.sink)?,
        None => Hit::First,
    };
    let hit = match (hit, collect) {
        (Hit::List, Some(tree)) => read::one_of(tree, &COLLECTS, &mut low.sink)?,
        (_, Some(tree)) => {
            low.report(
                wrong(tree, Code::UnknownKey, "`collect` goes with `hit: collect`")
                    .help("add `hit: collect`, or take it out"),
            );
            return None;
        }
        (hit, None) => hit,
    };
    let complete = complete.and_then(|t| read::boolean(t, &mut low.sink)).unwrap_or(false);
    let home = match subject {
        Some(tree) => Home::At(low.subject_written(tree)?),
        None => Home::Free,
    };
    let base = match base {
        Base::OwnMoney(_) => own_money(low, tree, home)?,
        base => base,
    };
    let least = if let Home::At(subject) = home { subject } else { Subjects::PORTFOLIO };
    let decision = Decision { name: id.to_string(), tree, home, least, base: base.clone(), hit, complete };
    low.head(id, Type::maybe(base));
    low.define(vec![id.to_string()], &tree.place, move |low| {
        match (rows, gives) {
            (Some(rows), None) => lower_rows(low, &decision, rows),
            (None, Some(gives)) => lower_one(low, &decision, gives),
            _ => {
                low.report(
                    wrong(decision.tree, Code::MissingKey, "a decision has `rows:`, or one value under `gives:`")
                        .help("as in `rows: [ { id: rest, gives: pool } ]`"),
                );
                None
            }
        };
        low.label(low.demand_known(&decision.name), label);
    });
    Some(())
}

/// An amount in the currency of the document that the decision is about.
fn own_money(low: &mut Lowerer<'_>, tree: &Tree, home: Home) -> Option<Base> {
    if let Home::At(subject) = home
        && low.plan.schema.currency_of(subject).is_some()
    {
        return Some(low.plan.schema.amount(subject));
    }
    let message = "an own amount is of a document that has a currency, and this decision is about none";
    low.report(
        wrong(tree, Code::WrongType, message).help("add `for: item`, `invoice` or `order`, or write `type: money`"),
    );
    None
}

fn lower_one<'t>(low: &mut Lowerer<'t>, decision: &Decision<'t>, gives: &'t Tree) -> Option<()> {
    let ty = Type::maybe(decision.base.clone());
    let plain = matches!(decision.base, Base::Text | Base::OneOf(_));
    let (expr, subject) = if plain {
        (low.value(gives, decision.home, &decision.base, &[])?.expr, decision.least)
    } else {
        let found = low.expr(gives, decision.home, Some(ty))?;
        (found.expr, found.subject)
    };
    let expr = rounded(expr);
    let ty = expr.ty.clone();
    low.add(&decision.name, subject, ty, &decision.tree.place, Form::Expr(expr));
    low.result(subject, &decision.name, false);
    Some(())
}

/// An amount in whole units of money; what is missing stays so.
fn rounded(expr: Expr) -> Expr {
    if !expr.ty.base.is_amount() {
        return expr;
    }
    let (ty, span) = (expr.ty.clone(), expr.span);
    let there = Expr { ty: Type::of(ty.base.clone()), ..expr.clone() };
    let kind = Kind::Call(Builtin::RoundMoney, vec![there]);
    let round = Expr { kind, ty: Type::of(ty.base.clone()), span };
    if !ty.optional {
        return round;
    }
    let given = Expr { kind: Kind::IsGiven(Box::new(expr)), ty: Type::of(Base::Bool), span };
    let nothing = Expr::missing(ty.base.clone(), span);
    Expr { kind: Kind::If(Box::new(given), Box::new(round), Box::new(nothing)), ty, span }
}

/// What the rows of a file give, as far as it needs nobody to ask.
fn plain_values(low: &Lowerer<'_>, written: &Tree, rows: &[Row<'_>], base: &Base) -> Vec<Option<Expr>> {
    if written.scalar().is_none() || base.is_text() {
        return vec![None; rows.len()];
    }
    let no_thousandths = low.has_no_thousandths();
    let plain = |row: &Row<'_>| {
        let scalar = row.output("gives")?.scalar().filter(|scalar| !scalar.elsewhere)?;
        let expected = Expected { given: row.given(), ..Expected::of(Some(Type::of(base.clone()))) };
        lang::plain_expression(&scalar.text, &expected, no_thousandths)
    };
    rows.par_iter().with_min_len(table::WORTH_A_THREAD).map(plain).collect()
}

fn lower_rows<'t>(low: &mut Lowerer<'t>, decision: &Decision<'t>, rows_tree: &'t Tree) -> Option<()> {
    let rows = table::rows(low, rows_tree, &["gives"], decision.home);
    let mut subject = table::subject(low, &rows, decision.least);
    let mut choices = Vec::new();
    let mut sound = true;
    let always = rows.last().is_some_and(|row| row.when.is_none());
    let plain = plain_values(low, rows_tree, &rows, &decision.base);
    for (row, plain) in rows.into_iter().zip(plain) {
        let Some(tree) = row.output("gives") else {
            low.report(wrong(row.tree, Code::MissingKey, "the row gives nothing").help("add `gives: …`"));
            continue;
        };
        let plain = plain.map(|expr| Lowered { expr, subject: decision.home.or(Subjects::PORTFOLIO) });
        let Some(gives) = plain.or_else(|| low.value(tree, decision.home, &decision.base, row.given())) else {
            sound = false;
            continue;
        };
        if !matches!(decision.base, Base::Text | Base::OneOf(_)) {
            subject = low.finer(subject, gives.subject);
        }
        let reason = super::referred::reason(low, row.tree, decision.home);
        let gives = rounded(gives.expr);
        let (id, place) = (row.id.to_owned(), row.tree.place.clone());
        choices.push(ChoiceRow { id, place, when: row.when, gives, reason });
    }
    if !sound {
        return None;
    }
    let ty = match decision.hit {
        Hit::First | Hit::Unique => Type { base: decision.base.clone(), optional: !decision.complete && !always },
        Hit::List => Type::of(Base::List(Box::new(decision.base.clone()))),
        Hit::Sum => Type::of(decision.base.clone()),
        Hit::Max | Hit::Min => Type { base: decision.base.clone(), optional: !decision.complete },
    };
    let made = low.choose(&decision.name, subject, ty, &decision.tree.place, decision.hit, choices);
    if let Some(Form::Choice(choice)) = low.node_mut(made).map(|node| &mut node.form) {
        choice.complete |= decision.complete;
    }
    low.result(subject, &decision.name, true);
    Some(())
}
