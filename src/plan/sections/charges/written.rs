//! A charge as it is written.

use crate::diag::Code;
use crate::lang::Base;
use crate::plan::lower::{Lowerer, wrong};
use crate::policy::fields::Fields;
use crate::policy::read;
use crate::policy::tree::Tree;

/// Where a charge is rounded.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum RoundAt {
    Total,
    EachDay,
    /// Whenever a payment comes in, as interest is posted in a ledger.
    EachPayment,
}

const ROUND: [(&str, RoundAt); 3] =
    [("total", RoundAt::Total), ("each_day", RoundAt::EachDay), ("each_payment", RoundAt::EachPayment)];

/// A late charge, its keys as they stand.
pub(super) struct Charge<'t> {
    pub(super) id: &'t str,
    pub(super) tree: &'t Tree,
    pub(super) base: Option<&'t Tree>,
    pub(super) rate: Option<&'t Tree>,
    pub(super) fixed: Option<&'t Tree>,
    pub(super) from: Option<&'t Tree>,
    pub(super) when: Option<&'t Tree>,
    pub(super) round: RoundAt,
    pub(super) at_most: Option<&'t Tree>,
    pub(super) at_least: Option<&'t Tree>,
    pub(super) waive_below: Option<&'t Tree>,
    pub(super) payments_cover: Option<&'t Tree>,
    /// Whether it counts among what is owed, or is only worked out.
    pub(super) claimed: bool,
    pub(super) label: Option<&'t Tree>,
}

impl Charge<'_> {
    pub(super) fn name(&self, part: &str) -> String {
        format!("late_charge.{}.{part}", self.id)
    }

    /// What it comes to.
    pub(super) fn whole(&self) -> String {
        format!("late_charge.{}", self.id)
    }

    /// What a rate gives is in the currency of the invoice, as its base is; a fixed sum is in the policy's.
    pub(super) fn due(&self, low: &Lowerer<'_>) -> Base {
        if self.fixed.is_some() { Base::Money } else { super::own(low).base }
    }

    /// Its first day, as a formula.
    pub(super) fn first_day(&self) -> String {
        format!("({} ?? as_of)", self.name("from"))
    }

    /// The relation of its pieces.
    pub(super) fn pieces(&self) -> String {
        format!("piece_{}", self.id)
    }
}

pub(super) fn read_charge<'t>(low: &mut Lowerer<'t>, tree: &'t Tree) -> Option<Charge<'t>> {
    let sink = &mut low.sink;
    let mut fields = Fields::of(tree, "a late charge", sink)?;
    let id = fields.need("id", sink).and_then(|t| read::id(t, sink));
    let base = fields.take("base", sink);
    let rate = fields.take("rate", sink);
    let fixed = fields.take("fixed", sink);
    let from = fields.take("from", sink);
    let when = fields.take("when", sink);
    let at_most = fields.take("at_most", sink);
    let at_least = fields.take("at_least", sink);
    let waive_below = fields.take("waive_below", sink);
    let claimed = fields.take("claimed", sink);
    let payments_cover = fields.take("payments_cover", sink);
    let round = fields.take("round", sink);
    let label = fields.take("label", sink);
    fields.finish(sink);
    let claimed = match claimed {
        Some(tree) => read::boolean(tree, sink)?,
        None => true,
    };
    if let (Some(tree), None) = (round.filter(|tree| tree.text() == Some("each_payment")), payments_cover) {
        let message = "`round: each_payment` rounds the interest that a payment covers, and payments cover none here";
        let help = "write `round: total`, or add `payments_cover: [costs, interest, principal]`";
        sink.push(wrong(tree, Code::UnknownValue, message).help(help));
        return None;
    }
    let round = match (round, rate) {
        (Some(tree), _) => read::one_of(tree, &ROUND, sink)?,
        (None, None) => RoundAt::Total,
        (None, Some(_)) => {
            sink.push(
                wrong(tree, Code::MissingKey, "the charge does not say where it is rounded")
                    .help("add `round: total`, or `round: each_day`"),
            );
            return None;
        }
    };
    if rate.is_some() == fixed.is_some() {
        let message = "a late charge has a `rate:`, or a `fixed:` sum";
        sink.push(wrong(tree, Code::MissingKey, message).help("as in `rate: { daily: 0.05% }`"));
        return None;
    }
    if let (Some(cover), None) = (payments_cover, rate) {
        let message = "`payments_cover` goes with a `rate:`: it says what a payment pays before the principal";
        sink.push(wrong(cover, Code::UnknownKey, message).help("write it at the interest, or take it out"));
        return None;
    }
    Some(Charge {
        id: id?,
        tree,
        base,
        rate,
        fixed,
        from,
        when,
        round,
        at_most,
        at_least,
        waive_below,
        payments_cover,
        claimed,
        label,
    })
}
