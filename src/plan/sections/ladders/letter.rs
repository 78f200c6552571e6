//! A letter: one action that lists what several rungs ask of one customer, or of one group.

mod by_currency;

use super::Ladder;
use super::emits::{amount_of, constant};
use crate::diag::Code;
use crate::lang::{Base, Expr, Type};
use crate::plan::lower::{Home, Lowerer, Subjects, Tally, wrong};
use crate::plan::node::{Form, Take};
use crate::plan::schema::RelationId;
use crate::policy::fields::Fields;
use crate::policy::read;
use crate::policy::tree::Tree;

/// `letter: { per: [customer, currency], level: highest_of_lines, rungs: [reminder, demand], unapplied: net, fee: 10, at_least: 75 }`
pub(super) struct Letter<'t> {
    per: Vec<&'static str>,
    /// The rungs that join it; all where nothing is said.
    rungs: Option<Vec<&'t str>>,
    shows: Vec<(&'static str, &'static str)>,
    unapplied: Unapplied,
    fee: Option<&'t Tree>,
    at_least: Option<&'t Tree>,
}

/// What becomes of money and credit notes that nobody has set against an invoice yet.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Unapplied {
    /// The letter does not speak of them.
    None,
    /// It shows them beside its lines.
    Show,
    /// It asks for so much less.
    Net,
}

const UNAPPLIED: [(&str, Unapplied); 3] =
    [("none", Unapplied::None), ("show", Unapplied::Show), ("net", Unapplied::Net)];

/// What one letter may be for, and the name to read.
const PER: [(&str, &str); 3] = [("customer", "customer.id"), ("currency", "invoice.currency"), ("group", "group.id")];

/// Those of them that a letter can be addressed to.
const ADDRESSEES: [&str; 2] = ["customer.id", "group.id"];

/// What a letter may show beside its lines.
const SHOWS: [(&str, &str); 2] =
    [("unapplied_credit", "account.unapplied_credit"), ("unapplied_cash", "account.unapplied_cash")];

impl<'t> Letter<'t> {
    pub(super) fn read(low: &mut Lowerer<'t>, ladder: &Ladder<'t>, tree: &'t Tree) -> Option<Self> {
        if ladder.about != "item" && ladder.about != "invoice" {
            let message = format!("a letter lists items or invoices, and this ladder is for the {}", ladder.about);
            low.report(wrong(tree, Code::WrongShape, message).help("take `letter:` out"));
            return None;
        }
        let sink = &mut low.sink;
        let mut fields = Fields::of(tree, "a letter", sink)?;
        let per = fields.need("per", sink);
        if let Some(level) = fields.take("level", sink) {
            read::one_of(level, &[("highest_of_lines", ())], sink);
        }
        let rungs = fields.take("rungs", sink);
        let shows = fields.take("shows", sink);
        let unapplied = fields.take("unapplied", sink);
        let fee = fields.take("fee", sink);
        let at_least = fields.take("at_least", sink);
        fields.finish(sink);
        let per_tree = per?;
        let per =
            read::list_or_one(per_tree).iter().map(|t| read::one_of(t, &PER, sink)).collect::<Option<Vec<_>>>()?;
        if !per.iter().any(|name| ADDRESSEES.contains(name)) {
            let message = "a letter goes to one customer or one group";
            sink.push(wrong(per_tree, Code::MissingKey, message).help("write `per: [customer, currency]`"));
            return None;
        }
        if low.plan.money.converts && !per.contains(&"invoice.currency") {
            let message = "a letter is in one currency, and this one may list several";
            sink.push(wrong(per_tree, Code::MissingKey, message).help("write `per: [customer, currency]`"));
            return None;
        }
        let known: Vec<(&str, &'t str)> = ladder.rungs.iter().map(|rung| (rung.id, rung.id)).collect();
        let rungs = match rungs {
            Some(tree) => {
                let ids: Vec<Option<&'t str>> =
                    read::list_or_one(tree).iter().map(|t| read::one_of(t, &known, sink)).collect();
                Some(ids.into_iter().collect::<Option<Vec<_>>>())
            }
            None => None,
        };
        let named: Vec<(&str, (&str, &str))> = SHOWS.iter().map(|pair| (pair.0, *pair)).collect();
        let listed = shows.map(read::list_or_one).unwrap_or(&[]).iter();
        let mut shown = listed.map(|t| read::one_of(t, &named, sink)).collect::<Option<Vec<_>>>()?;
        let unapplied = match unapplied {
            Some(tree) => {
                let chosen = read::one_of(tree, &UNAPPLIED, sink)?;
                if chosen == Unapplied::Net && low.plan.money.converts {
                    let message =
                        "where amounts are converted, a letter of one currency cannot be set off against money of all";
                    sink.push(wrong(tree, Code::WrongShape, message).help("write `unapplied: show`"));
                    return None;
                }
                chosen
            }
            None => Unapplied::None,
        };
        let rungs = match rungs {
            Some(ids) => Some(ids?),
            None => None,
        };
        if unapplied != Unapplied::None {
            shown = SHOWS.to_vec();
        }
        Some(Self { per, rungs, shows: shown, unapplied, fee, at_least })
    }

    /// Whether a rung joins the letter; others stand alone.
    pub(super) fn takes(&self, rung: &str) -> bool {
        self.rungs.as_ref().is_none_or(|rungs| rungs.contains(&rung))
    }

    /// The customer, or the group, whose letter it is.
    fn addressee(&self, low: &Lowerer<'t>) -> Option<RelationId> {
        if self.per.contains(&"customer.id") { Some(Subjects::ACCOUNT) } else { low.plan.schema.relation("group") }
    }

    /// Adds what the letter comes to: its lines, their late charges, its fee, what is set against it, and the total.
    pub(super) fn sums(&self, low: &mut Lowerer<'t>, ladder: &Ladder<'t>, ready: &[String]) -> Option<()> {
        let (place, whose) = (ladder.place, self.addressee(low)?);
        let home = Home::At(whose);
        let money = || Type::of(Base::Money);
        let name = |part: &str| ladder.name(&format!("letter_{part}"));
        let joined = ladder.rungs.iter().zip(ready).filter(|(rung, _)| self.takes(rung.id)).map(|(_, ready)| ready);
        let any = joined.cloned().collect::<Vec<_>>().join(" || ");
        if low.plan.money.converts {
            return self.sums_by_currency(low, ladder, &any);
        }
        let of = ladder.subject;
        let sum = |value| Tally { of, take: Take::Sum, value, filter: Some(&any) };
        let amount = amount_of(low, ladder).map(|name| format!("convert({name})"));
        low.tally(&name("amount"), whose, place, sum(amount.as_deref()))?;
        let charges = format!("{}.late_charges", ladder.about);
        if low.knows(&charges) {
            low.tally(&name("charges"), whose, place, sum(Some(charges.as_str())))?;
        } else {
            low.derive(&name("charges"), home, Some(money()), place, "0")?;
        }
        match self.fee {
            Some(tree) => {
                let expr = low.expr(tree, home, Some(money()))?.expr;
                low.add(&name("fee"), whose, money(), &tree.place, Form::Expr(expr));
            }
            None => {
                low.derive(&name("fee"), home, Some(money()), place, "0")?;
            }
        }
        let of_addressee = if whose == Subjects::ACCOUNT {
            "account.unapplied_credit + account.unapplied_cash".to_string()
        } else {
            self.unapplied_of_group(low, ladder)?
        };
        let set_off = if self.unapplied == Unapplied::Net { of_addressee.as_str() } else { "0" };
        low.derive(&name("set_off"), home, Some(money()), place, set_off)?;
        let lines = format!("max(0, {} - {})", name("amount"), name("set_off"));
        low.derive(&name("lines"), home, Some(money()), place, &lines)?;
        let total = format!("{} + {} + {}", name("lines"), name("charges"), name("fee"));
        low.derive(&name("total"), home, Some(money()), place, &total)?;
        let enough = match self.at_least {
            Some(tree) => {
                let expr = low.expr(tree, home, Some(money()))?.expr;
                low.add(&name("at_least"), whose, money(), &tree.place, Form::Expr(expr));
                format!("{} >= {}", name("lines"), name("at_least"))
            }
            None if self.unapplied == Unapplied::Net => format!("{} > 0", name("lines")),
            None => "true".into(),
        };
        low.derive(&name("is_enough"), home, Some(Type::of(Base::Bool)), place, &enough)?;
        Some(())
    }

    fn unapplied_of_group(&self, low: &mut Lowerer<'t>, ladder: &Ladder<'t>) -> Option<String> {
        let (group, name) = (low.plan.schema.relation("group")?, ladder.name("letter_unapplied"));
        let value = Some("account.unapplied_credit + account.unapplied_cash");
        let tally = Tally { of: Subjects::ACCOUNT, take: Take::Sum, value, filter: None };
        low.tally(&name, group, ladder.place, tally)?;
        Some(name)
    }

    /// The condition under which the letter is worth sending.
    pub(super) fn enough(&self, ladder: &Ladder<'t>) -> String {
        format!(" && {}", ladder.name("letter_is_enough"))
    }

    /// Lines of equal groups are one letter.
    pub(super) fn group(&self, low: &mut Lowerer<'t>, ladder: &Ladder<'t>) -> Option<Vec<Expr>> {
        let mut group = vec![constant(ladder.id, ladder.place)];
        for name in &self.per {
            group.push(low.text(name, ladder.place, ladder.home(), None)?.expr);
        }
        Some(group)
    }

    /// What each line says of the whole letter, and of its own late charges.
    pub(super) fn shown(&self, low: &mut Lowerer<'t>, ladder: &Ladder<'t>) -> Option<Vec<(String, Expr)>> {
        let mut shown: Vec<(String, String)> =
            self.shows.iter().map(|(key, name)| ((*key).to_string(), (*name).to_string())).collect();
        let charges = format!("{}.late_charges", ladder.about);
        if low.knows(&charges) {
            shown.push(("late_charges".into(), charges));
        }
        if self.fee.is_some() {
            shown.push(("letter_fee".into(), ladder.name("letter_fee")));
        }
        let converts = low.plan.money.converts;
        if converts {
            shown.push(("letter_amount".into(), ladder.name("letter_amount")));
        }
        if !converts || self.total_is_known(low, ladder) {
            shown.push(("letter_total".into(), ladder.name("letter_total")));
        }
        let read =
            |(key, name): (String, String)| Some((key, low.text(&name, ladder.place, ladder.home(), None)?.expr));
        shown.into_iter().map(read).collect()
    }
}
