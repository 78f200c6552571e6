//! On which day a rate that changes is read: `fixed: at_due | at_start | floating`, or a date.

use super::ITEM;
use super::written::Charge;
use crate::diag::{Code, nearest};
use crate::lang::{Base, Expr, Kind, Type};
use crate::plan::lower::{Home, Lowerer, wrong};
use crate::plan::schema::RelationId;
use crate::policy::tree::Tree;

/// The day whose rate counts.
#[derive(Clone, Copy)]
pub(super) enum FixedOn<'t> {
    /// The due date.
    Due,
    /// The first day of the charge.
    Start,
    /// Each day its own.
    Floating,
    /// A date.
    Date(&'t Tree),
}

const WORDS: [(&str, FixedOn<'static>); 3] =
    [("at_due", FixedOn::Due), ("at_start", FixedOn::Start), ("floating", FixedOn::Floating)];

impl<'t> FixedOn<'t> {
    pub(super) fn read(low: &mut Lowerer<'t>, tree: &'t Tree) -> Option<Self> {
        let written = tree.text().unwrap_or_default();
        if let Some((_, fixed)) = WORDS.iter().find(|(word, _)| *word == written) {
            return Some(*fixed);
        }
        let is_word =
            !written.is_empty() && written.bytes().all(|b| b.is_ascii_alphabetic() || matches!(b, b'_' | b'-' | b' '));
        if is_word && !low.knows(written) {
            let help = match nearest(written, WORDS.iter().map(|(word, _)| *word)) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "write `at_due`, `at_start`, `floating`, or a date such as `invoice.issue_date`".to_owned(),
            };
            low.report(wrong(tree, Code::UnknownValue, format!("`{written}` is no day to fix a rate on")).help(help));
            return None;
        }
        Some(Self::Date(tree))
    }

    /// A rate as it is on that day.
    pub(super) fn rate(self, low: &mut Lowerer<'t>, charge: &Charge<'t>, rate: Expr, of: RelationId) -> Option<Expr> {
        let place = &charge.tree.place;
        let date = Some(Type::of(Base::Date));
        let date = match self {
            Self::Due => low.text("item.due_date", place, ITEM, date)?.expr,
            Self::Start => low.text(&charge.first_day(), place, ITEM, date)?.expr,
            Self::Floating => low.text(&format!("{}.first", charge.pieces()), place, Home::At(of), date)?.expr,
            Self::Date(tree) => low.expr(tree, ITEM, date)?.expr,
        };
        let (ty, span) = (rate.ty.clone(), rate.span);
        Some(Expr { kind: Kind::AsAt(Box::new(rate), Box::new(date)), ty, span })
    }
}
