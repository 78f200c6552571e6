//! Nodes that a section makes of its own, written in the policy's language like everything else: a ladder, a limit or a
//! charge is a way to write formulas and measures.

use super::{Home, Lowerer};
use crate::diag::Place;
use crate::lang::{Base, Expr, NodeRef, Type};
use crate::plan::node::{Aggregate, Choice, ChoiceRow, Form, Hit, Take};
use crate::plan::schema::RelationId;

/// A measure of a section's own.
pub(crate) struct Tally<'m> {
    pub(crate) of: RelationId,
    pub(crate) take: Take,
    pub(crate) value: Option<&'m str>,
    pub(crate) filter: Option<&'m str>,
}

impl Lowerer<'_> {
    /// A formula under a name; about the finest subject it reads, or the one given.
    pub(crate) fn derive(
        &mut self,
        name: &str,
        home: Home,
        ty: Option<Type>,
        place: &Place,
        text: &str,
    ) -> Option<NodeRef> {
        let lowered = self.text(text, place, home, ty)?;
        let ty = lowered.expr.ty.clone();
        Some(self.add(name, lowered.subject, ty, place, Form::Expr(lowered.expr)))
    }

    /// A formula that is missing where a condition does not hold.
    pub(crate) fn derive_where(
        &mut self,
        name: &str,
        subject: RelationId,
        base: Base,
        place: &Place,
        condition: &str,
        text: &str,
    ) -> Option<NodeRef> {
        let home = Home::At(subject);
        let when = self.text(condition, place, home, Some(Type::of(Base::Bool)))?.expr;
        let gives = self.text_given(text, place, home, Some(Type::of(base.clone())), std::slice::from_ref(&when))?.expr;
        let (id, reason) = ("given".into(), crate::lang::Words::new());
        let row = ChoiceRow { id, place: place.clone(), when: Some(when), gives, reason };
        Some(self.choose(name, subject, Type::maybe(base), place, Hit::First, vec![row]))
    }

    /// A measure under a name.
    pub(crate) fn tally(
        &mut self,
        name: &str,
        subject: RelationId,
        place: &Place,
        tally: Tally<'_>,
    ) -> Option<NodeRef> {
        let row = Home::At(tally.of);
        let filter = match tally.filter {
            Some(text) => Some(self.text(text, place, row, Some(Type::of(Base::Bool)))?.expr),
            None => None,
        };
        let value = match tally.value {
            Some(text) => Some(self.text_given(text, place, row, None, filter.as_slice())?.expr),
            None => None,
        };
        let base = value.as_ref().map_or(Base::Int, |v| v.ty.base.clone());
        let ty = tally.take.gives(&base);
        let aggregate =
            Aggregate { of: tally.of, take: tally.take, value, filter, weight: None, window: None, as_at: None };
        Some(self.add(name, subject, ty, place, Form::Aggregate(Box::new(aggregate))))
    }

    /// A decision table under a name. No hit fails it, unless its value may be missing, or be nothing: an empty list, a
    /// sum of 0.
    pub(crate) fn choose(
        &mut self,
        name: &str,
        subject: RelationId,
        ty: Type,
        place: &Place,
        hit: Hit,
        rows: Vec<ChoiceRow>,
    ) -> NodeRef {
        let complete = !matches!(hit, Hit::List | Hit::Sum) && !ty.optional;
        self.add(name, subject, ty, place, Form::Choice(Choice { hit, complete, rows }))
    }

    /// A node read as an expression.
    pub(crate) fn read(&self, node: NodeRef, place: &Place) -> Expr {
        let ty = self.node(node).map_or(Type::of(Base::Bool), |n| n.ty.clone());
        Expr { kind: crate::lang::Kind::Node(node), ty, span: place.span }
    }

    /// A constant text as an expression of a type that has it.
    pub(crate) fn literal(&self, text: &str, base: Base, place: &Place) -> Expr {
        let kind = crate::lang::Kind::Lit(crate::lang::Value::text(text));
        Expr { kind, ty: Type::of(base), span: place.span }
    }
}
