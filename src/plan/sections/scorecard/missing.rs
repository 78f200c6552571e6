//! What a characteristic gives that nobody knows: points stated for it, the worst there are, or nothing at all.

use rust_decimal::Decimal;

use super::fixed;
use crate::diag::{Code, Place};
use crate::lang::{Base, Expr, Kind, Type};
use crate::plan::lower::{Lowerer, wrong};
use crate::plan::node::ChoiceRow;
use crate::plan::sections::bands;
use crate::policy::fields::Fields;
use crate::policy::read;
use crate::policy::tree::{Tree, TreeKind};

/// What is done about a missing value.
#[derive(Clone, Copy)]
pub(super) enum Rule<'t> {
    /// These points.
    Neutral(Decimal, &'t Tree),
    /// The least points of any bin.
    Worst(&'t Tree),
    /// No points, and the others bear its weight.
    Exclude(&'t Tree),
}

impl<'t> Rule<'t> {
    /// `worst`, `exclude` or `{ neutral: 10 }`
    pub(super) fn read(low: &mut Lowerer<'t>, tree: &'t Tree) -> Option<Self> {
        if let TreeKind::Map(_) = tree.kind {
            let mut fields = Fields::of(tree, "`missing`", &mut low.sink)?;
            let points = fields.need("neutral", &mut low.sink).and_then(|t| read::decimal(t, &mut low.sink));
            fields.finish(&mut low.sink);
            return Some(Self::Neutral(points?, tree));
        }
        if tree.text() == Some("neutral") {
            let finding = wrong(tree, Code::MissingKey, "`neutral` does not say how many points");
            low.report(finding.help("write `missing: { neutral: 10 }`"));
            return None;
        }
        match read::text(tree, &mut low.sink)?.text.as_str() {
            "worst" => Some(Self::Worst(tree)),
            "exclude" => Some(Self::Exclude(tree)),
            written => {
                let finding = wrong(tree, Code::UnknownValue, format!("`{written}` is no rule for what is missing"));
                low.report(finding.help("write `worst`, `exclude` or `{ neutral: 10 }`"));
                None
            }
        }
    }

    /// The row that hits where the value is missing.
    pub(super) fn row(self, low: &mut Lowerer<'t>, of: &Expr, bins: &[ChoiceRow], place: &Place) -> Option<ChoiceRow> {
        let bool_of = |kind| Expr { kind, ty: Type::of(Base::Bool), span: place.span };
        let given = bool_of(Kind::IsGiven(Box::new(of.clone())));
        let when = bool_of(Kind::Not(Box::new(given)));
        let (points, tree) = match self {
            Self::Neutral(points, tree) => (points, tree),
            Self::Exclude(tree) => (Decimal::ZERO, tree),
            Self::Worst(tree) => {
                let known: Option<Vec<Decimal>> = bins.iter().map(|bin| bands::constant(&bin.gives)).collect();
                let Some(least) = known.and_then(|known| known.into_iter().min()) else {
                    let finding = wrong(tree, Code::WrongType, "the worst of points that are worked out is not known");
                    low.report(finding.help("write `missing: { neutral: 0 }` with the points you mean"));
                    return None;
                };
                (least, tree)
            }
        };
        Some(fixed("missing", when, points, &tree.place))
    }
}
