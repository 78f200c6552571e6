//! What a formula may name: the standard facts, facts of every type, and what was declared so far.

/// The types of values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ty {
    Bool,
    Int,
    Number,
    Money,
    Days,
    Months,
    Date,
    Text,
    /// One of `A`, `B`, `C`.
    Kind,
}

pub(crate) const TYPES: [Ty; 9] =
    [Ty::Bool, Ty::Int, Ty::Number, Ty::Money, Ty::Days, Ty::Months, Ty::Date, Ty::Text, Ty::Kind];

impl Ty {
    /// As `type:` says it.
    pub(crate) fn declared(self) -> &'static str {
        match self {
            Ty::Bool => "type: bool",
            Ty::Int => "type: int",
            Ty::Number => "type: number",
            Ty::Money => "type: money",
            Ty::Days => "type: days",
            Ty::Months => "type: months",
            Ty::Date => "type: date",
            Ty::Text => "type: text",
            Ty::Kind => "type: one_of, values: [A, B, C]",
        }
    }

    pub(crate) fn word(self) -> &'static str {
        match self {
            Ty::Bool => "bool",
            Ty::Int => "int",
            Ty::Number => "number",
            Ty::Money => "money",
            Ty::Days => "days",
            Ty::Months => "months",
            Ty::Date => "date",
            Ty::Text => "text",
            Ty::Kind => "kind",
        }
    }

    /// Whether one value of it can be less than another.
    pub(crate) fn is_ordered(self) -> bool {
        !matches!(self, Ty::Bool | Ty::Text | Ty::Kind)
    }

    /// Whether values of it are summed.
    pub(crate) fn is_summed(self) -> bool {
        matches!(self, Ty::Int | Ty::Number | Ty::Money | Ty::Days)
    }
}

/// The subjects that formulas are written about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Level {
    Portfolio,
    Group,
    Account,
    Invoice,
    Item,
    Dispute,
    Promise,
    Allocation,
    Order,
    OrderLine,
    Payment,
    Signal,
}

use Level::{
    Account, Allocation, Dispute, Group, Invoice, Item, Order, OrderLine, Payment, Portfolio, Promise, Signal,
};

/// Those that lie under something.
pub(crate) const BELOW: [Level; 11] =
    [Group, Account, Invoice, Item, Dispute, Promise, Allocation, Order, OrderLine, Payment, Signal];

impl Level {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Portfolio => "portfolio",
            Group => "group",
            Account => "account",
            Invoice => "invoice",
            Item => "item",
            Dispute => "dispute",
            Promise => "promise",
            Allocation => "allocation",
            Order => "order",
            OrderLine => "order_line",
            Payment => "payment",
            Signal => "signal",
        }
    }

    pub(crate) fn parent(self) -> Option<Level> {
        match self {
            Portfolio => None,
            Group => Some(Portfolio),
            Account => Some(Group),
            Invoice | Order | Payment | Signal => Some(Account),
            Item => Some(Invoice),
            Dispute | Promise | Allocation => Some(Item),
            OrderLine => Some(Order),
        }
    }

    /// Whether `other` is this or lies under it.
    pub(crate) fn is_above(self, other: Level) -> bool {
        self == other || other.parent().is_some_and(|parent| self.is_above(parent))
    }

    /// What lies under it.
    pub(crate) fn below(self) -> Vec<Level> {
        BELOW.into_iter().filter(|level| *level != self && self.is_above(*level)).collect()
    }
}

/// Something that can be read.
#[derive(Clone, Debug)]
pub(crate) struct Name {
    pub(crate) text: String,
    pub(crate) ty: Ty,
    pub(crate) optional: bool,
    pub(crate) level: Level,
}

/// The facts that every policy of the test declares, with the prefix of their subject: `customer.a_money`, `item.a_maybe_date`.
pub(crate) const OWNERS: [(&str, Level); 5] =
    [("customer", Account), ("item", Item), ("invoice", Invoice), ("order", Order), ("group", Group)];

/// The facts of one owner: name, type, and whether it may be missing. Of a group that stands in no table nothing is known.
pub(crate) fn declared_facts(owner: Level) -> Vec<(String, Ty, bool)> {
    let plain = TYPES.into_iter().filter(|_| owner != Group).map(|ty| (format!("a_{}", ty.word()), ty, false));
    let maybe = TYPES.into_iter().map(|ty| (format!("a_maybe_{}", ty.word()), ty, true));
    plain.chain(maybe).collect()
}

/// Everything that is there before anything is declared.
pub(crate) fn standard() -> Vec<Name> {
    let mut names = Vec::new();
    let mut add = |text: &str, ty, optional, level| names.push(Name { text: text.to_owned(), ty, optional, level });
    for (prefix, level) in OWNERS {
        for (fact, ty, optional) in declared_facts(level) {
            add(&format!("{prefix}.{fact}"), ty, optional, level);
        }
    }
    let given = |text, ty, level| (text, ty, false, level);
    let maybe = |text, ty, level| (text, ty, true, level);
    for (text, ty, optional, level) in [
        given("as_of", Ty::Date, Portfolio),
        given("params.rate", Ty::Number, Portfolio),
        given("params.edge", Ty::Money, Portfolio),
        given("params.late", Ty::Days, Portfolio),
        given("portfolio.receivables", Ty::Money, Portfolio),
        maybe("group.limit", Ty::Money, Group),
        given("group.receivables", Ty::Money, Group),
        given("customer.since", Ty::Date, Account),
        given("customer.incomplete", Ty::Bool, Account),
        maybe("customer.limit", Ty::Money, Account),
        maybe("customer.segment", Ty::Text, Account),
        given("account.receivables", Ty::Money, Account),
        given("account.overdue", Ty::Money, Account),
        given("account.sales(90)", Ty::Money, Account),
        given("account.unapplied_cash", Ty::Money, Account),
        given("account.oldest_days_past_due", Ty::Days, Account),
        given("account.months_trading", Ty::Months, Account),
        maybe("account.days_late", Ty::Number, Account),
        given("invoice.issue_date", Ty::Date, Invoice),
        given("invoice.amount", Ty::Money, Invoice),
        given("invoice.currency", Ty::Text, Invoice),
        maybe("invoice.delivery_date", Ty::Date, Invoice),
        given("invoice.open", Ty::Money, Invoice),
        given("item.due_date", Ty::Date, Item),
        given("item.no", Ty::Int, Item),
        given("item.amount", Ty::Money, Item),
        given("item.open", Ty::Money, Item),
        given("item.is_open", Ty::Bool, Item),
        given("item.days_past_due", Ty::Days, Item),
        given("item.disputed_open", Ty::Money, Item),
        maybe("item.settled_on", Ty::Date, Item),
        maybe("item.days_late", Ty::Days, Item),
        maybe("item.promised_until", Ty::Date, Item),
        maybe("dispute.opened_on", Ty::Date, Dispute),
        maybe("dispute.closed_on", Ty::Date, Dispute),
        maybe("dispute.amount", Ty::Money, Dispute),
        given("promise.due_on", Ty::Date, Promise),
        given("promise.state", Ty::Text, Promise),
        maybe("promise.amount", Ty::Money, Promise),
        maybe("allocation.on", Ty::Date, Allocation),
        given("allocation.amount", Ty::Money, Allocation),
        given("allocation.counts", Ty::Bool, Allocation),
        given("order.amount", Ty::Money, Order),
        maybe("order.ordered_on", Ty::Date, Order),
        given("order.confirmed", Ty::Bool, Order),
        given("order.asked_before", Ty::Money, Order),
        given("order_line.amount", Ty::Money, OrderLine),
        given("order_line.remaining", Ty::Money, OrderLine),
        given("payment.date", Ty::Date, Payment),
        given("payment.amount", Ty::Money, Payment),
        given("payment.unapplied", Ty::Money, Payment),
        given("signal.kind", Ty::Text, Signal),
        maybe("signal.value", Ty::Number, Signal),
        maybe("signal.observed_on", Ty::Date, Signal),
    ] {
        add(text, ty, optional, level);
    }
    names
}
