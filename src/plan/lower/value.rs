//! What a table gives: a constant or an expression of a type.

use super::{Home, Lowered, Lowerer, Subjects};
use crate::diag::Code;
use crate::lang::{Base, Expr, Kind, Type, Value};
use crate::policy::read;
use crate::policy::tree::{Tree, TreeKind};

impl Lowerer<'_> {
    /// A value of a type: a text is taken as written (or as an expression, when it names something that can be read or
    /// is an `if` or `switch`), a list as a list of such, everything else is an expression. `given` holds there.
    pub(crate) fn value(&mut self, tree: &Tree, home: Home, base: &Base, given: &[Expr]) -> Option<Lowered> {
        let constant = match base {
            Base::List(of) => Some(self.list(tree, of)?),
            Base::Text | Base::OneOf(_) => {
                self.plain_text(tree, base)?.map(|text| self.literal(text, base.clone(), &tree.place))
            }
            _ => None,
        };
        match constant {
            Some(expr) => Some(Lowered { expr, subject: Subjects::PORTFOLIO }),
            None => self.expr_given(tree, home, Some(Type::of(base.clone())), given),
        }
    }

    /// The text, when it stands for itself; `Some(None)` when it is an expression.
    fn plain_text<'x>(&mut self, tree: &'x Tree, base: &Base) -> Option<Option<&'x str>> {
        let text = read::text(tree, &mut self.sink)?.text.as_str();
        let is_expression = text.starts_with("if ") || text.starts_with("switch ") || self.knows(text);
        let Base::OneOf(values) = base else { return Some((!is_expression).then_some(text)) };
        if values.iter().any(|value| &**value == text) {
            return Some(Some(text));
        }
        if is_expression {
            return Some(None);
        }
        let near = crate::diag::nearest(text, values.iter().map(AsRef::as_ref));
        let help = match near {
            Some(near) => format!("did you mean `{near}`?"),
            None => {
                let values: Vec<String> = values.iter().map(|value| format!("`{value}`")).collect();
                format!("write one of {}", values.join(", "))
            }
        };
        let message = format!("`{text}` is not one of the values allowed here");
        self.report(super::wrong(tree, Code::UnknownValue, message).help(help));
        None
    }

    /// A list of texts as one constant.
    fn list(&mut self, tree: &Tree, of: &Base) -> Option<Expr> {
        let items = match &tree.kind {
            TreeKind::Map(_) => read::list(tree, &mut self.sink)?,
            _ => read::list_or_one(tree),
        };
        let mut values = Vec::new();
        for item in items {
            values.push(Value::text(&read::text(item, &mut self.sink)?.text));
        }
        let ty = Type::of(Base::List(Box::new(of.clone())));
        Some(Expr { kind: Kind::Lit(Value::List(values.into())), ty, span: tree.place.span })
    }
}
