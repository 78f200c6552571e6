//! `split:` a sum shared among rows: in proportion, or in an order. The parts and the rest make the whole, to the smallest
//! unit of money.

use crate::diag::{Code, Place};
use crate::lang::{Base, Expr, Type};
use crate::plan::lower::{Home, Key, Lowerer, OverText, Tally, WalkText, wrong};
use crate::plan::node::{Form, Take};
use crate::plan::schema::RelationId;
use crate::policy::fields::Fields;
use crate::policy::read;
use crate::policy::tree::Tree;

/// A split as read.
struct Split<'t> {
    id: &'t str,
    place: &'t Place,
    of: &'t Tree,
    filter: Option<&'t Tree>,
    how: How<'t>,
    label: Option<&'t Tree>,
}

enum How<'t> {
    /// In proportion to this.
    ProRata(&'t Tree),
    /// In the order of these, each at most so much.
    InOrder(Vec<Key<'t>>, &'t Tree),
}

impl Split<'_> {
    fn part(&self, part: &str) -> String {
        format!("{}.{part}", self.id)
    }
}

/// Declares the parts under the id, and `<id>.rest`, what nobody takes.
pub(super) fn declare<'t>(
    low: &mut Lowerer<'t>,
    tree: &'t Tree,
    mut fields: Fields<'t>,
    id: Option<&'t str>,
    rows: Option<&'t Tree>,
) -> Option<()> {
    let among = fields.need("among", &mut low.sink);
    let filter = fields.take("where", &mut low.sink);
    let split = fields.take("split", &mut low.sink);
    let label = fields.take("label", &mut low.sink);
    fields.finish(&mut low.sink);
    let (of, how) = written(low, split?)?;
    let (id, among) = (id?, among?);
    let Some(rows) = rows else {
        low.report(wrong(tree, Code::MissingKey, "a split says who gets the parts").help("add `for: item`"));
        return None;
    };
    let split = Split { id, place: &tree.place, of, filter, how, label };
    let among = low.subject_written(among)?;
    let subject = low.relation_below(rows, Some(among))?;
    low.head(id, Type::of(Base::Money));
    low.result(subject, id, false);
    low.result(among, &split.part("rest"), false);
    low.define(vec![id.to_string(), split.part("rest")], &tree.place, move |low| {
        lower(low, &split, among, subject);
        low.label(low.demand_known(split.id), split.label);
    });
    Some(())
}

/// `{ of, pro_rata }` or `{ of, in_order, at_most }`
fn written<'t>(low: &mut Lowerer<'t>, tree: &'t Tree) -> Option<(&'t Tree, How<'t>)> {
    let sink = &mut low.sink;
    let mut fields = Fields::of(tree, "a split", sink)?;
    let of = fields.need("of", sink);
    let pro_rata = fields.take("pro_rata", sink);
    let in_order = fields.take("in_order", sink);
    let at_most = fields.take("at_most", sink);
    fields.finish(sink);
    let how = match (pro_rata, in_order, at_most) {
        (Some(by), None, None) => How::ProRata(by),
        (None, Some(order), Some(at_most)) => {
            let keys: Option<Vec<Key<'t>>> = read::list_or_one(order).iter().map(|key| low.sort_key(key)).collect();
            How::InOrder(keys?, at_most)
        }
        (None, Some(order), None) => {
            let message = "a split in order says how much each takes at most";
            sink.push(wrong(order, Code::MissingKey, message).help("add `at_most: item.open`"));
            return None;
        }
        _ => {
            let message = "a sum is split `pro_rata:`, or `in_order:` with `at_most:`";
            let help = "as in `split: { of: group.limit, pro_rata: account.exposure }`";
            sink.push(wrong(tree, Code::MissingKey, message).help(help));
            return None;
        }
    };
    Some((of?, how))
}

fn lower<'t>(low: &mut Lowerer<'t>, split: &Split<'t>, among: RelationId, rows: RelationId) -> Option<()> {
    let (home, row, place) = (Home::At(among), Home::At(rows), split.place);
    let money = || Some(Type::of(Base::Money));
    let (written, whole, unit) = (split.part("of"), split.part("whole"), split.part("unit"));
    let of = low.expr(split.of, home, money())?.expr;
    low.add(&written, among, Type::of(Base::Money), &split.of.place, Form::Expr(of));
    low.derive(&whole, home, money(), place, &format!("round_money({written})"))?;
    let smallest = low.plan.money.rounding.unit.to_string();
    low.derive(&unit, Home::At(crate::plan::PORTFOLIO), money(), place, &smallest)?;
    let shares = split.part("shares");
    let given: Vec<Expr> = match split.filter {
        Some(tree) => {
            let when = low.condition(tree, row)?.expr;
            low.add(&shares, rows, Type::of(Base::Bool), &tree.place, Form::Expr(when.clone()));
            vec![when]
        }
        None => {
            low.derive(&shares, row, Some(Type::of(Base::Bool)), place, "true")?;
            Vec::new()
        }
    };
    match &split.how {
        How::ProRata(by) => in_proportion(low, split, among, rows, by, &given)?,
        How::InOrder(keys, at_most) => in_order(low, split, among, rows, (keys, at_most), &given)?,
    }
    low.derive(split.id, row, money(), place, &format!("{} ?? 0", split.part("part")))?;
    let taken = split.part("taken");
    low.tally(&taken, among, place, Tally { of: rows, take: Take::Sum, value: Some(split.id), filter: None })?;
    low.derive(&split.part("rest"), home, money(), place, &format!("{whole} - {taken}"))?;
    Some(())
}

/// A value of the rows that share; the others have none.
fn of_sharing<'t>(
    low: &mut Lowerer<'t>,
    split: &Split<'t>,
    rows: RelationId,
    tree: &'t Tree,
    name: &str,
    gives: Expr,
) -> Option<()> {
    let when = low.text(&split.part("shares"), &tree.place, Home::At(rows), None)?.expr;
    let ty = Type::maybe(gives.ty.base.clone());
    let (id, place, reason) = ("shares".into(), tree.place.clone(), crate::lang::Words::new());
    let row = crate::plan::node::ChoiceRow { id, place, when: Some(when), gives, reason };
    low.choose(name, rows, ty, &tree.place, crate::plan::node::Hit::First, vec![row]);
    Some(())
}

/// Each takes its proportion down to the unit; the units left over go to the largest remainders, ties by id.
fn in_proportion<'t>(
    low: &mut Lowerer<'t>,
    split: &Split<'t>,
    among: RelationId,
    rows: RelationId,
    by: &'t Tree,
    given: &[Expr],
) -> Option<()> {
    let (home, row, place) = (Home::At(among), Home::At(rows), split.place);
    let (money, number) = (|| Some(Type::of(Base::Money)), || Some(Type::of(Base::Number)));
    let expr = low.expr_given(by, row, None, given)?.expr;
    let by_base = expr.ty.base.clone();
    if expr.ty.optional {
        let message = "what a part is in proportion to may be missing, and nothing says what then";
        low.report(
            wrong(by, Code::MissingNotHandled, message).help("write `… ?? 0`, or leave such rows out with `where:`"),
        );
        return None;
    }
    let (written, weight, one) = (split.part("by"), split.part("weight"), split.part("one"));
    let as_number = match by_base {
        Base::Number => written.clone(),
        Base::Money => format!("{written} / {one}"),
        Base::Int | Base::Days | Base::Months => format!("to_number({written})"),
        other => {
            let message = format!("parts cannot be in proportion to values of type `{other}`");
            low.report(wrong(by, Code::WrongType, message).help("write an amount, a number or a count"));
            return None;
        }
    };
    low.derive(&one, Home::At(crate::plan::PORTFOLIO), money(), place, "1")?;
    of_sharing(low, split, rows, by, &written, expr)?;
    let text = format!("if is_given({written}) {{ max(0, {as_number}) }} else {{ 0 }}");
    low.derive(&weight, row, number(), place, &text)?;
    let (whole, unit) = (split.part("whole"), split.part("unit"));
    let (weights, exact, down) = (split.part("weights"), split.part("exact"), split.part("down"));
    let (downs, over, remainder) = (split.part("downs"), split.part("left_over"), split.part("remainder"));
    low.tally(&weights, among, place, Tally { of: rows, take: Take::Sum, value: Some(&weight), filter: None })?;
    let text = format!("if {weights} > 0 {{ {whole} * {weight} / {weights} }} else {{ 0 }}");
    low.derive(&exact, row, money(), place, &text)?;
    low.derive(&down, row, money(), place, &format!("floor({exact} / {unit}) * {unit}"))?;
    low.tally(&downs, among, place, Tally { of: rows, take: Take::Sum, value: Some(&down), filter: None })?;
    low.derive(&over, home, money(), place, &format!("if {weights} > 0 {{ {whole} - {downs} }} else {{ 0 }}"))?;
    low.derive(&remainder, row, money(), place, &format!("{exact} - {down}"))?;
    let filter = format!("{weight} > 0");
    let walk = WalkText {
        under: among,
        over: OverText::Rows { of: rows, order: &[(&remainder, true)], filter: Some(&filter) },
        running: &[("left", Base::Money, &over, &format!("if left > 0 {{ left - {unit} }} else {{ left }}"))],
        gives: (&format!("{down} + (left_before - left)"), Type::of(Base::Money)),
    };
    low.walk(&split.part("part"), rows, place, walk)?;
    Some(())
}

/// One after another takes what it may, as long as something is left.
fn in_order<'t>(
    low: &mut Lowerer<'t>,
    split: &Split<'t>,
    among: RelationId,
    rows: RelationId,
    (keys, at_most): (&[Key<'t>], &'t Tree),
    given: &[Expr],
) -> Option<()> {
    let (row, place) = (Home::At(rows), split.place);
    let mut order: Vec<(String, bool)> = Vec::new();
    for (number, (tree, descending)) in keys.iter().enumerate() {
        let expr = low.expr_given(tree, row, None, given)?.expr;
        low.has_an_order(&expr, tree)?;
        let name = split.part(&format!("order_{}", number + 1));
        of_sharing(low, split, rows, tree, &name, expr)?;
        order.push((name, *descending));
    }
    let (written, most) = (split.part("at_most"), split.part("most"));
    let expr = low.expr_given(at_most, row, Some(Type::of(Base::Money)), given)?.expr;
    of_sharing(low, split, rows, at_most, &written, expr)?;
    let (whole, unit, shares) = (split.part("whole"), split.part("unit"), split.part("shares"));
    let text = format!("if is_given({written}) {{ floor(max(0, {written}) / {unit}) * {unit} }} else {{ 0 }}");
    low.derive(&most, row, Some(Type::of(Base::Money)), place, &text)?;
    let order: Vec<(&str, bool)> = order.iter().map(|(name, descending)| (name.as_str(), *descending)).collect();
    let walk = WalkText {
        under: among,
        over: OverText::Rows { of: rows, order: &order, filter: Some(&shares) },
        running: &[("left", Base::Money, &format!("max(0, {whole})"), &format!("left - min(left, {most})"))],
        gives: ("left_before - left", Type::of(Base::Money)),
    };
    low.walk(&split.part("part"), rows, place, walk)?;
    Some(())
}
