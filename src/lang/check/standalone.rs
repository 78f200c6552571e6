//! A number standing alone may be written `5%`.

use super::{Checker, Expected, Names};
use crate::diag::{Code, SourceText};
use crate::lang::expr::{Expr, Kind};
use crate::lang::syntax::ast::At;
use crate::lang::syntax::number;
use crate::lang::types::{Base, Type};
use crate::lang::value::Value;

/// The share, when the text is nothing but one; the inner option is empty when an error was reported.
pub(crate) fn percent(text: &SourceText, expected: &Expected<'_>, names: &mut dyn Names) -> Option<Option<Expr>> {
    let written = text.text.trim();
    let digits = written.strip_suffix('%')?.trim_end();
    let (sign, plain) = digits.strip_prefix('-').map_or((1, digits), |rest| (-1, rest));
    let mut parts = plain.split('.');
    let run = |part: Option<&str>| part.is_some_and(|p| !p.is_empty() && p.bytes().all(|b| b.is_ascii_digit()));
    if !run(parts.next()) || plain.contains('.') && !run(parts.next()) || parts.next().is_some() {
        return None;
    }
    let start = text.text.len() - text.text.trim_start().len();
    let at = At { start, end: start + written.len() };
    let mut checker = Checker::new(text, names, expected.missing, Vec::new());
    if let Some(ty) = &expected.ty
        && ty.base != Base::Number
    {
        let message = format!("`{written}` is a share, and {} is asked for here", super::checker::article(&ty.base));
        checker.error(Code::WrongType, at, message, "write the value without `%`");
        return Some(checker.finish(None));
    }
    let Ok(share) = number::percent(plain) else {
        let message = format!("`{written}` has more than 28 digits and would be rounded silently");
        checker.error(Code::BadNumber, at, message, "write at most 28 digits");
        return Some(checker.finish(None));
    };
    let share = if sign < 0 { -share } else { share };
    let expr = checker.expr(Kind::Lit(Value::Dec(share)), Type::of(Base::Number), at);
    Some(checker.finish(Some(expr)))
}
