//! Walking over an expression.

use super::expr::{Expr, Kind, NodeRef};

impl Expr {
    /// Every direct part, in the order written.
    pub fn for_each_child(&self, visit: &mut dyn FnMut(&Expr)) {
        match &self.kind {
            Kind::Lit(_) | Kind::Node(_) | Kind::Local(_) | Kind::AsOf => {}
            Kind::Part(_, a) | Kind::Not(a) | Kind::Negate(a) | Kind::ToDecimal(a) | Kind::IsGiven(a) => visit(a),
            Kind::Arith(_, a, b)
            | Kind::Compare(_, a, b)
            | Kind::And(a, b)
            | Kind::Or(a, b)
            | Kind::Coalesce(a, b)
            | Kind::In(a, b)
            | Kind::OnMissing(a, b)
            | Kind::AsAt(a, b) => [a, b].into_iter().for_each(|part| visit(part)),
            Kind::List(parts) | Kind::Call(_, parts) | Kind::Function(_, parts) => parts.iter().for_each(visit),
            Kind::If(a, b, c) => [a, b, c].into_iter().for_each(|part| visit(part)),
            Kind::Switch { subject, cases, default } => {
                visit(subject);
                cases.iter().for_each(|(_, gives)| visit(gives));
                default.iter().for_each(|part| visit(part));
            }
            Kind::Let { value, body, .. } => [value, body].into_iter().for_each(|part| visit(part)),
        }
    }

    /// Every node it reads, in the order written; one that is read twice comes twice.
    pub fn for_each_node(&self, visit: &mut dyn FnMut(NodeRef)) {
        if let Kind::Node(node) = self.kind {
            visit(node);
        }
        self.for_each_child(&mut |part| part.for_each_node(visit));
    }
}
