//! Where amounts are in the currency of their document, a letter is in one of them: what it comes to is the sum of its own
//! lines, not of all the customer's.

use super::super::Ladder;
use super::super::emits::amount_of;
use super::Letter;
use crate::diag::Place;
use crate::lang::{Base, Type};
use crate::plan::lower::{Lowerer, OverText, WalkText};
use crate::plan::node::Form;
use crate::plan::schema::RelationId;

const CURRENCY: &str = "invoice.currency";

impl<'t> Letter<'t> {
    /// Adds, of each line, what its letter comes to in the letter's currency: its lines, their late charges, its fee.
    pub(super) fn sums_by_currency(&self, low: &mut Lowerer<'t>, ladder: &Ladder<'t>, joined: &str) -> Option<()> {
        let (place, whose, home) = (ladder.place, self.addressee(low)?, ladder.home());
        let own = low.plan.schema.amount(ladder.subject);
        let ty = || Type::of(own.clone());
        let name = |part: &str| ladder.name(&format!("letter_{part}"));
        let amount = amount_of(low, ladder)?;
        let lines = Lines { about: &ladder.about, subject: ladder.subject, whose, joined, place };
        lines.total(low, &name("amount"), &amount, &own)?;
        let mut total = format!("({} ?? 0)", name("amount"));
        if let Some(charges) = charges_of(low, ladder) {
            lines.total(low, &name("charges"), &charges, &own)?;
            total = format!("{total} + ({} ?? 0)", name("charges"));
        }
        if let Some(tree) = self.fee {
            let expr = low.expr(tree, home, Some(ty()))?.expr;
            low.add(&name("fee"), ladder.subject, ty(), &tree.place, Form::Expr(expr));
            total = format!("{total} + {}", name("fee"));
        }
        if self.total_is_known(low, ladder) {
            low.derive(&name("total"), home, Some(ty()), place, &total)?;
        }
        let enough = match self.at_least {
            Some(tree) => {
                let expr = low.expr(tree, home, Some(ty()))?.expr;
                low.add(&name("at_least"), ladder.subject, ty(), &tree.place, Form::Expr(expr));
                format!("is_given({0}) && {0} >= {1}", name("amount"), name("at_least"))
            }
            None => "true".into(),
        };
        low.derive(&name("is_enough"), home, Some(Type::of(Base::Bool)), place, &enough)?;
        Some(())
    }
}

impl Letter<'_> {
    /// Whether everything a letter asks for is in its currency: a fixed charge is in the policy's.
    pub(super) fn total_is_known(&self, low: &Lowerer<'_>, ladder: &Ladder<'_>) -> bool {
        charges_of(low, ladder).is_some() || !low.knows(&format!("{}.late_charges", ladder.about))
    }
}

/// The late charges of a line in its own currency, where all of them are in it.
fn charges_of(low: &Lowerer<'_>, ladder: &Ladder<'_>) -> Option<String> {
    Some(format!("{}.own_late_charges", ladder.about)).filter(|name| low.knows(name))
}

/// The lines of an addressee that join a letter.
struct Lines<'l> {
    about: &'l str,
    subject: RelationId,
    whose: RelationId,
    joined: &'l str,
    place: &'l Place,
}

impl Lines<'_> {
    /// Adds, of each line, the sum of a value over the lines in its currency: summed up to each line in one order, and
    /// carried back to the others in the reverse one.
    fn total(&self, low: &mut Lowerer<'_>, name: &str, value: &str, base: &Base) -> Option<()> {
        let (so_far, id) = (format!("{name}_so_far"), format!("{}.id", self.about));
        let add = format!("if seen == {CURRENCY} {{ sum + ({value}) }} else {{ {value} }}");
        let carry = format!("if seen == {CURRENCY} {{ sum }} else {{ {so_far} ?? 0 }}");
        for (name, step, last_first) in [(so_far.as_str(), add.as_str(), false), (name, carry.as_str(), true)] {
            let order = [(CURRENCY, false), (id.as_str(), last_first)];
            let over = OverText::Rows { of: self.subject, order: &order, filter: Some(self.joined) };
            let running = [("seen", Base::Text, "\"\"", CURRENCY), ("sum", base.clone(), "0", step)];
            let gives = ("sum", Type::of(base.clone()));
            low.walk(name, self.subject, self.place, WalkText { under: self.whose, over, running: &running, gives })?;
        }
        Some(())
    }
}
