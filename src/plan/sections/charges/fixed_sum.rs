//! A sum owed once the item is late.

use super::super::bands;
use super::ITEM;
use super::written::Charge;
use crate::lang::{Base, Type, Words};
use crate::plan::lower::{Lowerer, Subjects};
use crate::plan::node::{ChoiceRow, Form, Hit};
use crate::policy::fields::Fields;
use crate::policy::read;
use crate::policy::tree::Tree;

/// `fixed: { by: invoice.amount, rows: [ { is, gives } ] }`: owed once the item is late.
pub(super) fn fixed_sum<'t>(low: &mut Lowerer<'t>, charge: &Charge<'t>, tree: &'t Tree) -> Option<String> {
    let place = &charge.tree.place;
    let sum = charge.name("sum");
    if tree.scalar().is_some() {
        let expr = low.expr(tree, ITEM, Some(Type::of(Base::Money)))?.expr;
        low.add(&sum, Subjects::ITEM, Type::of(Base::Money), &tree.place, Form::Expr(expr));
    } else {
        let mut fields = Fields::of(tree, "a fixed sum", &mut low.sink)?;
        let by = fields.need("by", &mut low.sink);
        let list = fields.need("rows", &mut low.sink);
        fields.finish(&mut low.sink);
        let (by, list) = (by?, list?);
        let of = low.expr(by, ITEM, None)?.expr;
        let of_name = charge.name("by");
        low.add(&of_name, Subjects::ITEM, of.ty.clone(), &by.place, Form::Expr(of));
        let of = low.text(&of_name, &by.place, ITEM, None)?.expr;
        let (mut rows, mut cells) = (Vec::new(), Vec::new());
        for row in read::list(list, &mut low.sink)? {
            let mut fields = Fields::of(row, "a row", &mut low.sink)?;
            let is = fields.need("is", &mut low.sink)?;
            let gives = fields.need("gives", &mut low.sink)?;
            fields.finish(&mut low.sink);
            let cell = low.cell(is, &of, ITEM)?.expr;
            cells.push((cell.clone(), is.place.clone()));
            let gives = low.expr(gives, ITEM, Some(Type::of(Base::Money)))?.expr;
            let (id, place) = (is.text().unwrap_or("row").to_string(), row.place.clone());
            rows.push(ChoiceRow { id, place, when: Some(cell), gives, reason: Words::new() });
        }
        bands::check(low, &cells, "rows", Some(&list.place));
        low.choose(&sum, Subjects::ITEM, Type::of(Base::Money), &tree.place, Hit::First, rows);
    }
    let owed = charge.name("owed");
    let text = format!("if {} > 0 {{ {sum} }} else {{ 0 }}", charge.name("pieces"));
    low.derive(&owed, ITEM, Some(Type::of(Base::Money)), place, &text)?;
    Some(owed)
}
