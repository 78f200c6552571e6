//! `payments_cover: [costs, interest, principal]`: what a payment pays first.
//!
//! The book sets a payment against the item as a whole. As far as it covers costs or interest, the principal stays open by
//! as much, and goes on bearing interest. What was covered when is known only by going through the payments in order: a
//! walk over the pieces, which end where money comes in. A payment that comes back takes what was paid beyond all that was
//! owed first, then reopens interest, then costs.
//!
//! What is open falls below zero as far as more was set against the item than its amount: what paid costs and interest,
//! and what was paid too much. So nothing here is cut off at zero before the end.

use super::bounds::Bounds;
use super::rate::Rate;
use super::written::{Charge, RoundAt};
use super::{ITEM, own};
use crate::diag::Code;
use crate::lang::{Base, Expr, Kind, Type};
use crate::plan::lower::{Home, Lowerer, OverText, Subjects, Tally, WalkText, wrong};
use crate::plan::node::{Form, Take};
use crate::plan::schema::RelationId;
use crate::policy::read;
use crate::policy::tree::Tree;

/// What a payment may pay.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Costs,
    Interest,
    Principal,
}

const PARTS: [(&str, Part); 3] = [("costs", Part::Costs), ("interest", Part::Interest), ("principal", Part::Principal)];

/// What can be read of a charge that payments cover.
pub(super) const MADE: [&str; 6] =
    ["interest_open", "interest_paid", "costs_open", "costs_paid", "principal_open", "overpaid"];

/// The bases that a payment makes smaller by as much as it pays.
const PRINCIPAL: [&str; 4] = ["item.undisputed_open", "item.own_undisputed_open", "item.open", "item.own_open"];

/// The order in which payments cover what is owed.
pub(super) struct Cover {
    order: Vec<Part>,
}

/// What is known when a payment comes in, as formulas.
struct Owed {
    received: String,
    interest: String,
    costs: String,
    principal: String,
    interest_paid: String,
    costs_paid: String,
}

impl Cover {
    /// Reads the order, and adds what was received in payments and what is owed in costs, the fixed sums claimed.
    pub(super) fn read<'t>(
        low: &mut Lowerer<'t>,
        charge: &Charge<'t>,
        rate: &Rate<'t>,
        tree: &'t Tree,
        costs: &[String],
    ) -> Option<Self> {
        let mut order = Vec::new();
        for part in read::list(tree, &mut low.sink)? {
            order.push(read::one_of(part, &PARTS, &mut low.sink)?);
        }
        if PARTS.iter().any(|(_, part)| order.iter().filter(|other| *other == part).count() != 1) {
            let message =
                "`payments_cover` names costs, interest and principal, each once, what is paid first in front";
            low.report(wrong(tree, Code::WrongShape, message).help("as in `[costs, interest, principal]`"));
            return None;
        }
        if rate.to_whole_period {
            let message = "a rate of the whole period is known at its end, and payments cover interest before";
            low.report(wrong(tree, Code::UnknownValue, message).help("write `bands_apply: to_their_days`"));
            return None;
        }
        if let Some(base) = charge.base.filter(|base| !base.text().is_some_and(|text| PRINCIPAL.contains(&text.trim())))
        {
            let message = "with `payments_cover` the base is the principal: what payments make smaller";
            low.report(wrong(base, Code::UnknownValue, message).help("write `item.undisputed_open`, or `item.open`"));
            return None;
        }
        let place = &charge.tree.place;
        let of = low.subject_named("allocation")?;
        let filter = Some("allocation.counts && allocation.kind == \"payment\"");
        let tally = Tally { of, take: Take::Sum, value: Some("allocation.own_amount"), filter };
        low.tally(&charge.name("received"), Subjects::ITEM, place, tally)?;
        if low.plan.money.converts && !costs.is_empty() {
            let message = "payments in the invoice's currency cannot cover fixed sums in the policy's";
            low.report(wrong(tree, Code::UnknownValue, message).help("write `claimed: false` at the fixed sums"));
            return None;
        }
        let costs = if costs.is_empty() { "0".to_owned() } else { costs.join(" + ") };
        low.derive(&charge.name("costs"), ITEM, Some(own(low)), place, &costs)?;
        Some(Self { order })
    }

    /// What must be the same when each day of a piece began.
    pub(super) fn steady<'t>(&self, low: &mut Lowerer<'t>, charge: &Charge<'t>) -> Option<Vec<Expr>> {
        Some(vec![low.text(&charge.name("received"), &charge.tree.place, ITEM, None)?.expr])
    }

    /// Adds what has come together and what was paid of it; gives the name of what has come together.
    pub(super) fn accrued<'t>(
        &self,
        low: &mut Lowerer<'t>,
        charge: &Charge<'t>,
        rate: &Rate<'t>,
        of: RelationId,
        bounds: &Bounds,
    ) -> Option<String> {
        let place = &charge.tree.place;
        when_begun(low, charge, of, "received")?;
        when_begun(low, charge, of, "costs")?;
        let piece = charge.pieces();
        let per = rate.count.per().map(|per| format!(" / {per}")).unwrap_or_default();
        let weight = rate.count.weight(&piece).map(|weight| format!(" * {weight}")).unwrap_or_default();
        // The quotient of a year may have no end: it is taken of the whole sum.
        let (inside, outside) = match charge.round {
            RoundAt::Total | RoundAt::EachPayment => (String::new(), per),
            RoundAt::EachDay => (per, String::new()),
        };
        let (rate_name, units) = (charge.name("rate"), charge.name("units"));
        let comes_to = |bears: &str| {
            let each = format!("{bears} * {rate_name}{weight}{inside}");
            let each = if charge.round == RoundAt::EachDay { format!("round_money({each})") } else { each };
            format!("if {bears} > 0 {{ {each} * {units} }} else {{ 0 }}")
        };
        let received = charge.name("received_when_begun");
        let owed = Owed {
            received: format!("if {piece}.first > {} {{ {received} - received }} else {{ 0 }}", charge.first_day()),
            interest: format!("{} - interest_paid", covered(charge, bounds, &format!("(posted + run_up{outside})"))),
            costs: format!("{} - costs_paid", charge.name("costs_when_begun")),
            principal: format!("{piece}.own_balance + come_in + interest_paid + costs_paid"),
            interest_paid: "interest_paid".into(),
            costs_paid: "costs_paid".into(),
        };
        let lets = self.lets(&owed);
        let posts = if charge.round == RoundAt::EachPayment { "come_in > 0" } else { "false" };
        let posted = format!("{lets} if {posts} {{ round_money(posted + run_up{outside}) }} else {{ posted }}");
        let run_up = format!(
            "{lets} let still = {piece}.own_balance + interest_now + costs_now; \
             (if {posts} {{ 0 }} else {{ run_up }}) + ({})",
            comes_to("still")
        );
        let (interest, costs) = (format!("{lets} interest_now"), format!("{lets} costs_now"));
        let own = own(low);
        let running = [
            ("run_up", own.base.clone(), "0", run_up.as_str()),
            ("posted", own.base.clone(), "0", posted.as_str()),
            ("interest_paid", own.base.clone(), "0", interest.as_str()),
            ("costs_paid", own.base.clone(), "0", costs.as_str()),
            ("received", own.base.clone(), "0", received.as_str()),
        ];
        let first = format!("{piece}.first");
        for (name, ..) in &running {
            let over = OverText::Rows { of, order: &[(first.as_str(), false)], filter: None };
            let gives = (*name, own.clone());
            let walk = WalkText { under: Subjects::ITEM, over, running: &running, gives };
            low.walk(&walked(charge, name), Subjects::ITEM, place, walk)?;
        }
        let bears = charge.name("bears");
        let text = format!("max(0, {piece}.own_balance + interest_paid + costs_paid)");
        let over = OverText::Rows { of, order: &[(first.as_str(), false)], filter: None };
        let walk = WalkText { under: Subjects::ITEM, over, running: &running, gives: (text.as_str(), own.clone()) };
        low.walk(&bears, of, place, walk)?;
        let text = format!("({}){outside}", comes_to(&format!("({bears} ?? 0)")));
        low.derive(&charge.name("comes_to"), Home::At(of), Some(own.clone()), place, &text)?;
        let accrued = charge.name("accrued");
        let text = format!("{} + {}{outside}", walked(charge, "posted"), walked(charge, "run_up"));
        low.derive(&accrued, ITEM, Some(own), place, &text)?;
        Some(accrued)
    }

    /// Adds what is open of costs, interest and principal, each rounded once. What came in on the as-of date itself is in
    /// no piece yet.
    pub(super) fn open<'t>(&self, low: &mut Lowerer<'t>, charge: &Charge<'t>, bounds: &Bounds) -> Option<()> {
        let place = &charge.tree.place;
        let walked = |name: &str| walked(charge, name);
        let interest = charge.name("interest_owed");
        low.derive(&interest, ITEM, Some(own(low)), place, &covered(charge, bounds, &charge.name("accrued")))?;
        let costs = charge.name("costs");
        let owed = Owed {
            received: format!(
                "if {} > 0 {{ {} - {} }} else {{ 0 }}",
                charge.name("pieces"),
                charge.name("received"),
                walked("received")
            ),
            interest: format!("{interest} - {}", walked("interest_paid")),
            costs: format!("{costs} - {}", walked("costs_paid")),
            principal: format!(
                "{} + come_in + {} + {}",
                charge.name("written_base"),
                walked("interest_paid"),
                walked("costs_paid")
            ),
            interest_paid: walked("interest_paid"),
            costs_paid: walked("costs_paid"),
        };
        let lets = self.lets(&owed);
        let (interest_paid, costs_paid) = (charge.name("interest_covered"), charge.name("costs_covered"));
        let left = charge.name("principal_left");
        let shown = |part: &str| charge.name(part);
        for (name, text) in [
            (&interest_paid, format!("{lets} interest_now")),
            (&costs_paid, format!("{lets} costs_now")),
            (&left, format!("item.own_open + {interest_paid} + {costs_paid}")),
            (&shown("interest_paid"), format!("round_money({interest_paid})")),
            (&shown("costs_paid"), format!("round_money({costs_paid})")),
            (&shown("interest_open"), format!("round_money(max(0, {interest} - {interest_paid}))")),
            (&shown("costs_open"), format!("round_money(max(0, {costs} - {costs_paid}))")),
            (&shown("principal_open"), format!("round_money(max(0, {left}))")),
            (&shown("overpaid"), format!("round_money(max(0, -{left}))")),
        ] {
            low.derive(name, ITEM, Some(own(low)), place, &text)?;
        }
        Some(())
    }

    /// `interest_now` and `costs_now`: what is paid of each after a payment came in, or went back.
    fn lets(&self, owed: &Owed) -> String {
        let Owed { received, interest, costs, principal, interest_paid, costs_paid } = owed;
        let mut text = format!("let come_in = {received}; let left_0 = max(0, come_in);");
        for (number, part) in self.order.iter().enumerate() {
            let (name, open) = match part {
                Part::Costs => ("to_costs", costs),
                Part::Interest => ("to_interest", interest),
                Part::Principal => ("to_principal", principal),
            };
            let next = number + 1;
            text +=
                &format!(" let {name} = min(left_{number}, max(0, {open})); let left_{next} = left_{number} - {name};");
        }
        text += &format!(
            " let over = max(0, -({principal})); \
             let back = max(0, -come_in - over); let interest_back = min(back, {interest_paid}); \
             let costs_back = min(back - interest_back, {costs_paid}); \
             let interest_now = {interest_paid} + to_interest - interest_back; \
             let costs_now = {costs_paid} + to_costs - costs_back;"
        );
        text
    }
}

/// What is open of principal, interest and costs, as shown. Of charges for different items the one that runs counts.
pub(super) fn claim(charges: &[String]) -> String {
    let mut text = String::new();
    for (number, charge) in charges.iter().enumerate().rev() {
        let parts = ["principal_open", "interest_open", "costs_open"];
        let open = parts.map(|part| format!("convert({charge}.{part})")).join(" + ");
        let is_last = number + 1 == charges.len();
        text = if is_last { open } else { format!("if {charge}.pieces > 0 {{ {open} }} else {{ {text} }}") };
    }
    format!("({text})")
}

/// What is owed of interest when a payment covers it: posted in whole cents where each payment rounds, else exact.
fn covered(charge: &Charge<'_>, bounds: &Bounds, accrued: &str) -> String {
    if charge.round == RoundAt::EachPayment { bounds.applied(accrued) } else { bounds.bounded(accrued) }
}

/// The name of a running value at the end of the last piece.
fn walked(charge: &Charge<'_>, name: &str) -> String {
    match name {
        "run_up" => charge.name("accrued_before_division"),
        name => charge.name(&format!("{name}_before_today")),
    }
}

/// Adds a value of the item as it was when a piece began.
fn when_begun<'t>(low: &mut Lowerer<'t>, charge: &Charge<'t>, of: RelationId, part: &str) -> Option<()> {
    let place = &charge.tree.place;
    let home = Home::At(of);
    let value = low.text(&charge.name(part), place, home, None)?.expr;
    let text = format!("{}.first + (-1)", charge.pieces());
    let date = low.text(&text, place, home, Some(Type::of(Base::Date)))?.expr;
    let (ty, span) = (value.ty.clone(), value.span);
    let expr = Expr { kind: Kind::AsAt(Box::new(value), Box::new(date)), ty: ty.clone(), span };
    low.add(&charge.name(&format!("{part}_when_begun")), of, ty, place, Form::Expr(expr));
    Some(())
}
