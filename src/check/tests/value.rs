//! Values as tests write them, read by the type of what they are for.

use crate::diag::{Code, Diagnostic, nearest};
use crate::lang::{Base, Value};
use crate::policy::read;
use crate::policy::tree::Tree;

/// A value of a type; `null` is a missing one.
pub(super) fn value(tree: &Tree, base: &Base, sink: &mut Vec<Diagnostic>) -> Option<Value> {
    if tree.is_null() {
        return Some(Value::Missing);
    }
    Some(match base {
        Base::Bool => Value::Bool(read::boolean(tree, sink)?),
        Base::Int | Base::Days | Base::Months => Value::Int(read::whole(tree, sink)?),
        Base::Number | Base::Money | Base::OwnMoney(_) => Value::Dec(read::decimal(tree, sink)?),
        Base::Date => Value::Date(read::date(tree, sink)?),
        Base::Text => Value::text(&read::text(tree, sink)?.text),
        Base::OneOf(known) => {
            let text = &read::text(tree, sink)?.text;
            if !known.iter().any(|known| **known == **text) {
                let names = || known.iter().map(AsRef::as_ref);
                let finding =
                    Diagnostic::error(Code::Test, format!("`{text}` cannot come out here"), tree.place.clone());
                sink.push(finding.help(match nearest(text, names()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("write one of `{}`", names().collect::<Vec<_>>().join("`, `")),
                }));
                return None;
            }
            Value::text(text)
        }
        Base::List(of) => {
            let items = read::list(tree, sink)?;
            Value::List(items.iter().map(|item| value(item, of, sink)).collect::<Option<Vec<_>>>()?.into())
        }
    })
}
