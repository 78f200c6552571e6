//! Late charges held to a model that walks the days one by one, in whole numbers.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    clippy::string_slice,
    clippy::type_complexity,
    unreachable_pub
)]

mod model_support;

use chrono::{Datelike, Months, NaiveDate};
use model_support::{Day, MANIFEST, Tables, cell, cents, compile, date, hold, money, value};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use usance::engine::Run;

// ── what is generated ────────────────────────────────────────────────────────────────────────────────────────────

/// A rate in millionths.
type Millionths = i64;

#[derive(Clone, Debug)]
enum Rate {
    Flat(Millionths),
    /// Rates by the number of the day: up to an edge, and the last for all days after.
    Stepped {
        bands: Vec<(i64, Millionths)>,
        after: Millionths,
        whole_period: bool,
    },
}

#[derive(Clone, Debug)]
struct Charge {
    /// Days after due on which it begins.
    from: i64,
    rate: Rate,
    time: Time,
    /// The series is added to the rate, as it stands on this day.
    fixed: Option<FixedOn>,
    round: Round,
    /// On the invoice's amount, as long as anything is open.
    of_amount: bool,
    /// In percent of the base on the first day.
    at_most: Option<i64>,
    at_least: Option<i64>,
    waive_below: Option<i64>,
    cover: Option<[Part; 3]>,
}

/// What a rate is of, and how its time is counted.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Time {
    Daily,
    Year(i64),
    CalendarYear,
    ThirtyDayMonths,
    Thirtieths,
    TwelveOfAYear,
    FullMonths,
    StartedMonths,
}

#[derive(Clone, Copy, Debug)]
enum FixedOn {
    Due,
    Start,
    Floating,
    Issue,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Round {
    Total,
    EachDay,
    EachPayment,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Part {
    Costs,
    Interest,
    Principal,
}

/// Rates in millionths, each from its day on; the first long ago.
type Series = Vec<(Day, Millionths)>;

/// A cent, where parts of cents are paid.
const CENT: i128 = 1_000_000_000_000_000_000;

/// What is paid of a charge's costs and interest, in parts of cents.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Paid {
    interest: i128,
    costs: i128,
}

/// A sum of cents as a fraction.
#[derive(Clone, Copy, Debug)]
struct Sum {
    top: i128,
    bottom: i128,
}

/// What a charge comes to on a day, and what of it is paid.
struct Outcome {
    charge: Sum,
    paid: Paid,
}

/// What the smallest invoices, those from the first bound on, and those from the second bound on pay, in cents.
#[derive(Clone, Debug)]
struct Fixed {
    bounds: [i64; 2],
    sums: [i64; 3],
}

#[derive(Clone, Debug)]
struct Item {
    customer: usize,
    issue: Day,
    due: Day,
    amount: i64,
    money_in: Vec<MoneyIn>,
    disputes: Vec<(Day, Option<Day>, Option<i64>)>,
}

/// A payment or a credit note and the part set against the item.
#[derive(Clone, Debug)]
struct MoneyIn {
    credit_note: bool,
    on: Day,
    amount: i64,
    returned: Option<Day>,
}

// ── the model ────────────────────────────────────────────────────────────────────────────────────────────────────

impl Item {
    /// Open at the end of a day; below zero where more was set against it than its amount.
    fn open(&self, day: Day) -> i64 {
        if day < self.issue {
            return 0;
        }
        let stands = |m: &&MoneyIn| m.on <= day && m.returned.is_none_or(|back| back > day);
        self.amount - self.money_in.iter().filter(stands).map(|m| m.amount).sum::<i64>()
    }

    /// What bears the charge: open and not disputed.
    fn base(&self, day: Day) -> i64 {
        self.undisputed(day).max(0)
    }

    /// Open and not disputed; below zero as far as more was set against it than its amount.
    fn undisputed(&self, day: Day) -> i64 {
        let open = self.open(day);
        let runs = |(opened, closed, _): &&(Day, Option<Day>, Option<i64>)| {
            *opened <= day && closed.is_none_or(|closed| closed > day)
        };
        let disputed: i64 = self.disputes.iter().filter(runs).map(|(.., amount)| amount.unwrap_or(self.amount)).sum();
        open - disputed.min(open).max(0)
    }

    /// The day from which on nothing was open any more, as seen on a day.
    fn settled(&self, as_of: Day) -> Option<Day> {
        let closed = |day: &Day| self.open(*day) <= 0;
        (self.issue..=as_of).rev().take_while(closed).last()
    }
}

/// A sum of cents as a fraction, rounded half to even.
fn rounded(top: i128, bottom: i128) -> i64 {
    let (whole, rest) = (top.div_euclid(bottom), top.rem_euclid(bottom) * 2);
    i64::try_from(whole + i128::from(rest > bottom || rest == bottom && whole % 2 == 1)).unwrap()
}

impl Sum {
    fn rounded(self) -> i64 {
        rounded(self.top, self.bottom)
    }

    /// In parts of cents.
    fn parts(self) -> i128 {
        if self.bottom % CENT == 0 { self.top / (self.bottom / CENT) } else { self.top * CENT / self.bottom }
    }

    fn less(self, parts: i128) -> Self {
        let (top, bottom) =
            if self.bottom % CENT == 0 { (self.top, self.bottom) } else { (self.top * CENT, self.bottom * CENT) };
        Self { top: (top - parts * (bottom / CENT)).max(0), bottom }
    }

    /// Whether this is what it is when rounded. A sum of parts of cents is not known to the last digit: half a cent, or
    /// a hair's breadth from it, may go either way.
    fn becomes(self, got: i64, exact: bool) -> bool {
        let hair = if exact { 0 } else { self.bottom / 1_000_000_000_000 };
        let to = |top: i128| rounded(top, self.bottom);
        (to(self.top - hair)..=to(self.top + hair)).contains(&got)
    }
}

impl Rate {
    fn of_day(&self, number: i64) -> Millionths {
        match self {
            Rate::Flat(rate) => *rate,
            Rate::Stepped { bands, after, .. } => {
                bands.iter().find(|(edge, _)| number <= *edge).map_or(*after, |(_, rate)| *rate)
            }
        }
    }
}

impl Time {
    /// What a day's rate is multiplied by, and what the whole is divided by.
    fn weight(self, day: Day) -> (i128, i128) {
        match self {
            Time::Year(days) => (1, i128::from(days)),
            Time::CalendarYear if date(day).leap_year() => (365, 365 * 366),
            Time::CalendarYear => (366, 365 * 366),
            Time::ThirtyDayMonths => (1, 360),
            Time::Thirtieths => (1, 30),
            Time::TwelveOfAYear => (12, 365),
            Time::Daily | Time::FullMonths | Time::StartedMonths => (1, 1),
        }
    }

    /// How often a day counts.
    fn units(self, first: Day, day: Day) -> i128 {
        let begins =
            |day: Day| (0..).map(|n| months_after(first, n)).find(|month| *month >= date(day)) == Some(date(day));
        let commercial = |day: Day| {
            let date = date(day);
            i128::from(date.year()) * 360 + i128::from(date.month()) * 30 + i128::from(date.day().min(30))
        };
        match self {
            Time::ThirtyDayMonths => commercial(day) - commercial(day - 1),
            Time::StartedMonths => i128::from(begins(day)),
            Time::FullMonths => i128::from(begins(day + 1)),
            _ => 1,
        }
    }
}

/// The same day of a later month, or its last.
fn months_after(first: Day, months: u32) -> NaiveDate {
    date(first) + Months::new(months)
}

impl Item {
    /// Received in payments, less what went back, by the end of a day.
    fn received(&self, day: Day) -> i64 {
        let stands = |m: &&MoneyIn| !m.credit_note && m.on <= day && m.returned.is_none_or(|back| back > day);
        self.money_in.iter().filter(stands).map(|m| m.amount).sum()
    }
}

impl Charge {
    /// The charge, and what is paid of it and of the costs.
    fn model(&self, item: &Item, as_of: Day, series: &Series, costs: &dyn Fn(Day) -> i64) -> Outcome {
        let first = item.due + self.from;
        let last = item.settled(as_of).unwrap_or(as_of);
        let per = self.time.weight(first).1;
        let bottom = per * 1_000_000 * CENT;
        let (mut top, mut paid) = (0, Paid::default());
        // What is charged from its very first day on has the whole as its base.
        let whole = if first <= item.issue { item.amount } else { self.base(item, first - 1).max(0) };
        for day in first..=as_of {
            if day > first {
                let owed = self.bounded(Sum { top, bottom }, whole);
                paid = self.come_in(item, day - 1, paid, owed, costs(day - 1));
                if self.round == Round::EachPayment && item.received(day - 1) > item.received(day - 2) {
                    top = i128::from(rounded(top, bottom)) * bottom;
                }
            }
            let rate = match &self.rate {
                Rate::Stepped { whole_period: true, .. } => self.rate.of_day(last - first + 1),
                rate => rate.of_day(day - first + 1),
            };
            let rate = rate
                + match self.fixed {
                    None => 0,
                    Some(FixedOn::Due) => in_force(series, item.due),
                    Some(FixedOn::Start) => in_force(series, first),
                    Some(FixedOn::Floating) => in_force(series, day),
                    Some(FixedOn::Issue) => in_force(series, item.issue),
                };
            // A day bears the charge on what was open when it began.
            let open = i128::from(self.base(item, day - 1)) * CENT + paid.interest + paid.costs;
            let bears = open.max(0) * i128::from(rate) * self.time.weight(day).0;
            let each_day = self.round == Round::EachDay;
            let bears = if each_day { i128::from(rounded(bears, bottom)) * bottom } else { bears };
            top += bears * self.time.units(first, day);
        }
        let charge = self.bounded(Sum { top, bottom }, whole);
        if first <= as_of {
            paid = self.come_in(item, as_of, paid, charge, costs(as_of));
        }
        Outcome { charge, paid }
    }

    /// What bears it at the end of a day; under a cover, below zero as far as too much was set against the item.
    fn base(&self, item: &Item, day: Day) -> i64 {
        match (self.of_amount, self.cover) {
            (true, _) if item.open(day) > 0 => item.amount,
            (true, _) => 0,
            (false, Some(_)) => item.undisputed(day),
            (false, None) => item.base(day),
        }
    }

    fn bounded(&self, sum: Sum, whole: i64) -> Sum {
        if self.waive_below.is_some_and(|least| sum.rounded() < least) {
            return Sum { top: 0, bottom: 1 };
        }
        let least = self.at_least.map(i128::from).filter(|least| sum.top > 0 && sum.top < least * sum.bottom);
        let sum = least.map_or(sum, |least| Sum { top: least, bottom: 1 });
        match self.at_most.map(|share| i128::from(whole) * i128::from(share)) {
            Some(cap) if sum.top * 100 > cap * sum.bottom => Sum { top: cap, bottom: 100 },
            _ => sum,
        }
    }

    /// What a payment finds owed: the charge, in cents where it is posted, else to its last part.
    fn owed(&self, charge: Sum) -> Sum {
        if self.round == Round::EachPayment { Sum { top: charge.rounded().into(), bottom: 1 } } else { charge }
    }

    /// What is paid after the money of a day came in, or went back.
    fn come_in(&self, item: &Item, day: Day, mut paid: Paid, charge: Sum, costs: i64) -> Paid {
        let Some(order) = self.cover else { return paid };
        let came = i128::from(item.received(day) - item.received(day - 1)) * CENT;
        let principal = i128::from(self.base(item, day)) * CENT + came + paid.interest + paid.costs;
        let owed =
            Paid { interest: self.owed(charge).parts() - paid.interest, costs: i128::from(costs) * CENT - paid.costs };
        let mut left = came.max(0);
        for part in order {
            let open = match part {
                Part::Costs => owed.costs,
                Part::Interest => owed.interest,
                Part::Principal => principal,
            };
            let takes = left.min(open.max(0));
            left -= takes;
            match part {
                Part::Costs => paid.costs += takes,
                Part::Interest => paid.interest += takes,
                Part::Principal => {}
            }
        }
        // What was paid too much goes back first.
        let mut back = (-came - (-principal).max(0)).max(0);
        for open in [&mut paid.interest, &mut paid.costs] {
            let reopened = back.min(*open);
            *open -= reopened;
            back -= reopened;
        }
        paid
    }
}

/// The rate of a series on a day.
fn in_force(series: &Series, day: Day) -> Millionths {
    series.iter().rev().find(|(from, _)| *from <= day).unwrap().1
}

impl Fixed {
    /// Owed once a day was late.
    fn model(&self, item: &Item, as_of: Day) -> i64 {
        let late = (item.due + 1..=as_of).any(|day| item.base(day - 1) > 0);
        let size = self.bounds.iter().filter(|bound| item.amount >= **bound).count();
        if late { self.sums[size] } else { 0 }
    }
}

// ── the engine ───────────────────────────────────────────────────────────────────────────────────────────────────

/// Millionths as they are written in a policy.
fn share(rate: Millionths) -> String {
    format!("{}.{:04}%", rate / 10_000, rate % 10_000)
}

fn policy(charges: &[Charge], fixed: &Fixed, series: &Series) -> String {
    let mut text = format!("{MANIFEST}money: {{ currency: EUR, round_to: 0.01, mode: half_even, others: refuse }}\n");
    text += "reference:\n  S:\n";
    for (from, rate) in series {
        text += &format!("    - {{ from: {}, rate: {} }}\n", date(*from), share(*rate));
    }
    text += "late_charge:\n";
    for (number, charge) in charges.iter().enumerate() {
        let base = if charge.of_amount { "invoice.amount" } else { "item.undisputed_open" };
        text += &format!("  - id: c{number}\n    base: {base}\n    from: item.due_date + {}\n", charge.from);
        let share = |rate: Millionths| match charge.fixed {
            Some(_) => format!("\"reference.S + 0.{rate:06}\""),
            None => share(rate),
        };
        let (mut rates, mut apply) = (String::new(), "");
        match &charge.rate {
            Rate::Flat(rate) => rates = share(*rate),
            Rate::Stepped { bands, after, whole_period } => {
                let mut low = 1;
                for (edge, rate) in bands {
                    let days = if low == *edge { format!("{low}") } else { format!("\"[{low}..{edge}]\"") };
                    rates += &format!("{{ days: {days}, is: {} }}, ", share(*rate));
                    low = edge + 1;
                }
                rates = format!("[{rates}{{ days: \">= {low}\", is: {} }}]", share(*after));
                apply =
                    if *whole_period { ", bands_apply: to_the_whole_period" } else { ", bands_apply: to_their_days" };
            }
        }
        let fixed = match charge.fixed {
            None => "",
            Some(FixedOn::Due) => ", fixed: at_due",
            Some(FixedOn::Start) => ", fixed: at_start",
            Some(FixedOn::Floating) => ", fixed: floating",
            Some(FixedOn::Issue) => ", fixed: invoice.issue_date",
        };
        let (of, count) = match charge.time {
            Time::Daily => ("daily", String::new()),
            Time::Year(days) => ("yearly", format!("actual/{days}")),
            Time::CalendarYear => ("yearly", "actual/actual".into()),
            Time::ThirtyDayMonths => ("yearly", "30/360".into()),
            Time::Thirtieths => ("monthly", "actual/30".into()),
            Time::TwelveOfAYear => ("monthly", "actual/365".into()),
            Time::FullMonths => ("monthly", "full_months".into()),
            Time::StartedMonths => ("monthly", "started_months".into()),
        };
        let count = if count.is_empty() { count } else { format!(", day_count: {count}") };
        text += &format!("    rate: {{ {of}: {rates}{count}{apply}{fixed} }}\n    claimed: {}\n", number == 0);
        for (key, sum) in [("at_least", charge.at_least), ("waive_below", charge.waive_below)] {
            text += &sum.map(|sum| format!("    {key}: {}\n", money(sum))).unwrap_or_default();
        }
        if let Some(order) = charge.cover {
            let order = order.map(|part| format!("{part:?}").to_lowercase()).join(", ");
            text += &format!("    payments_cover: [{order}]\n");
        }
        text += match charge.round {
            Round::Total => "    round: total\n",
            Round::EachDay => "    round: each_day\n",
            Round::EachPayment => "    round: each_payment\n",
        };
        if let Some(percent) = charge.at_most {
            text += &format!("    at_most: {{ share_of_base: {percent}% }}\n");
        }
    }
    let [low, high] = fixed.bounds.map(money);
    let [a, b, c] = fixed.sums.map(money);
    text.push_str(&format!(
        "  - id: fixed\n    fixed:\n      by: invoice.amount\n      rows:\n        - {{ is: \"< {low}\", gives: {a} }}\n        \
         - {{ is: \"[{low}..{high})\", gives: {b} }}\n        - {{ is: \">= {high}\", gives: {c} }}\n"
    ));
    text
}

fn tables(items: &[Item]) -> Tables {
    let mut tables = Tables::default();
    for customer in 0..2 {
        tables.row("customers", &["id", "since"], &[&format!("C{customer}"), "2023-01-01"]);
    }
    for (number, item) in items.iter().enumerate() {
        let (id, customer) = (format!("I{number}"), format!("C{}", item.customer));
        let columns = ["id", "customer", "issue_date", "due_date", "amount"];
        let cells = [&id, &customer, &cell(Some(item.issue)), &cell(Some(item.due)), &money(item.amount)];
        tables.row("invoices", &columns, &cells.map(String::as_str));
        for (part, m) in item.money_in.iter().enumerate() {
            let (source, amount) = (format!("M{number}.{part}"), money(m.amount));
            let cells = [&source, &customer, &cell(Some(m.on)), &amount];
            let cells = cells.map(String::as_str);
            let columns = ["payment", "credit_note", "invoice", "amount"];
            if m.credit_note {
                tables.row("credit_notes", &["id", "customer", "date", "amount"], &cells);
                tables.row("allocations", &columns, &["", &source, &id, &amount]);
            } else {
                let returned = cell(m.returned);
                let cells = [cells[0], cells[1], cells[2], cells[3], &returned];
                tables.row("payments", &["id", "customer", "date", "amount", "returned_on"], &cells);
                tables.row("allocations", &columns, &[&source, "", &id, &amount]);
            }
        }
        for (part, (opened, closed, amount)) in item.disputes.iter().enumerate() {
            let amount = amount.map(money).unwrap_or_default();
            let columns = ["id", "invoice", "opened_on", "closed_on", "amount"];
            let cells = [&format!("D{number}.{part}"), &id, &cell(Some(*opened)), &cell(*closed), &amount];
            tables.row("disputes", &columns, &cells.map(String::as_str));
        }
    }
    tables
}

// ── random cases ─────────────────────────────────────────────────────────────────────────────────────────────────

fn some_charge() -> impl Strategy<Value = Charge> {
    // 5 % a year and 0.05 % a day alike, and rates that come out on half cents.
    let rate = prop_oneof![Just(500i64), Just(800), Just(50_000), 0..3_000i64, 1_000..200_000i64];
    let bands = vec((1..40i64, rate.clone()), 1..4);
    let stepped = (bands, rate.clone(), any::<bool>()).prop_map(|(steps, after, whole_period)| {
        let mut edge = 0;
        let bands = steps.into_iter().map(|(days, rate)| {
            edge += days;
            (edge, rate)
        });
        Rate::Stepped { bands: bands.collect(), after, whole_period }
    });
    let rate = prop_oneof![rate.prop_map(Rate::Flat), stepped];
    let time = prop_oneof![
        3 => Just(Time::Daily),
        2 => prop_oneof![Just(365i64), Just(360)].prop_map(Time::Year),
        1 => Just(Time::CalendarYear),
        1 => Just(Time::ThirtyDayMonths),
        1 => Just(Time::Thirtieths),
        1 => Just(Time::TwelveOfAYear),
        1 => Just(Time::FullMonths),
        1 => Just(Time::StartedMonths),
    ];
    let fixed = prop_oneof![Just(FixedOn::Due), Just(FixedOn::Start), Just(FixedOn::Floating), Just(FixedOn::Issue)];
    let bounds =
        (option::weighted(0.3, 1..60i64), option::weighted(0.2, 1..20_000i64), option::weighted(0.2, 1..5_000i64));
    let order = Just([Part::Costs, Part::Interest, Part::Principal]).prop_shuffle();
    let round = prop_oneof![Just(Round::Total), Just(Round::EachDay), Just(Round::EachPayment)];
    let how = (0..5i64, option::weighted(0.5, fixed), round, any::<bool>(), option::weighted(0.5, order));
    (how, rate, time, bounds).prop_map(
        |((from, fixed, round, of_amount, cover), rate, time, (at_most, at_least, waive_below))| {
            let cover = cover.filter(|_| !matches!(rate, Rate::Stepped { whole_period: true, .. }));
            let of_amount = of_amount && cover.is_none();
            let by_month = matches!(time, Time::FullMonths | Time::StartedMonths);
            let impossible = by_month && round == Round::EachDay || cover.is_none() && round == Round::EachPayment;
            let round = if impossible { Round::Total } else { round };
            // A least above a most is an error; a share of the base is not known before the run.
            Charge { from, rate, time, fixed, round, of_amount, at_most, at_least, waive_below, cover }
        },
    )
}

fn some_series() -> impl Strategy<Value = Series> {
    vec((1..60i64, 0..200_000i64), 1..6).prop_map(|steps| {
        let mut from = -500;
        let mut series = vec![(from, 30_000)];
        for (days, rate) in steps {
            from = from.max(-10) + days;
            series.push((from, rate));
        }
        series
    })
}

fn some_item() -> impl Strategy<Value = Item> {
    let money_in = (any::<bool>(), 0..120i64, 0..70i64, option::weighted(0.4, 1..40i64));
    let disputes = vec((0..90i64, option::of(0..60i64), option::of(1..80i64)), 0..3);
    let amount = prop_oneof![Just(10_000i64), Just(1_000_000), 1..10_000_000i64];
    // Whole payments may be set against an item, for what they pay besides: then they come to more than its amount.
    let besides = prop_oneof![3 => Just(0i64), 2 => 1..40i64];
    (0..2usize, 0..30i64, prop_oneof![0..3i64, 0..40i64], (amount, besides), vec(money_in, 0..5), disputes).prop_map(
        |(customer, issue, days, (amount, besides), money_in, disputes)| {
            let most = amount + amount * besides / 100;
            let mut left = most;
            let money_in = money_in.into_iter().map(|(credit_note, after, percent, back)| {
                let part = (amount * percent / 60).clamp(1, most).min(left.max(1));
                let part = if after % 3 == 0 { left.max(1) } else { part };
                let returned = back.filter(|_| !credit_note).map(|back| issue + after + back);
                left -= part;
                MoneyIn { credit_note, on: issue + after, amount: part, returned }
            });
            let money_in = money_in.collect();
            let disputes = disputes.into_iter().map(|(opened, n, percent)| {
                (opened, n.map(|n| opened + n), percent.map(|percent| (amount * percent / 60).max(1)))
            });
            let disputes = disputes.collect();
            let mut item = Item { customer, issue, due: issue + days, amount, money_in, disputes };
            let mut sum = 0;
            item.money_in.retain(|m| {
                sum += m.amount;
                sum <= most
            });
            item
        },
    )
}

fn some_fixed() -> impl Strategy<Value = Fixed> {
    (1..1_000_000i64, 1..5_000_000i64, [1..10_000i64, 1..10_000i64, 1..10_000i64])
        .prop_map(|(low, more, sums)| Fixed { bounds: [low, low + more], sums })
}

// ── what is held ─────────────────────────────────────────────────────────────────────────────────────────────────

#[test]
fn every_charge_of_every_item_is_the_sum_of_its_days() {
    let case = (vec(some_charge(), 1..5), some_fixed(), some_series(), vec(some_item(), 1..5), vec(0..220i64, 1..4));
    hold(400, &case, |(charges, fixed, series, items, days)| {
        let plan = compile(&policy(&charges, &fixed, &series));
        let book = tables(&items).book(&plan);
        for as_of in days {
            let mut run = Run::new(&plan, &book, date(as_of));
            let (mut of_customer, mut of_all) = ([0; 2], 0);
            for (number, item) in items.iter().enumerate().filter(|(_, item)| item.issue <= as_of) {
                let id = format!("I{number}");
                let costs = |day| fixed.model(item, day);
                let (mut total, mut claim) = (0, item.open(as_of));
                for (c, charge) in charges.iter().enumerate() {
                    let got = cents(&value(&mut run, &format!("late_charge.c{c}"), &id));
                    let Outcome { charge: model, paid } = charge.model(item, as_of, &series, &costs);
                    let exact = charge.cover.is_none() || charge.round == Round::EachPayment;
                    let what = format!("{charge:?} of {item:?} on {as_of} with {fixed:?} {series:?}");
                    assert!(model.becomes(got, exact), "{got}, not {model:?}: {what}");
                    if c == 0 {
                        total = got;
                        claim += if charge.cover.is_none() { got } else { 0 };
                    }
                    if charge.cover.is_none() {
                        continue;
                    }
                    let left = i128::from(item.open(as_of)) * CENT + paid.interest + paid.costs;
                    let owed = Sum { top: costs(as_of).into(), bottom: 1 };
                    let sums = [
                        ("interest_paid", Sum { top: paid.interest, bottom: CENT }),
                        ("costs_paid", Sum { top: paid.costs, bottom: CENT }),
                        ("overpaid", Sum { top: (-left).max(0), bottom: CENT }),
                        ("principal_open", Sum { top: left.max(0), bottom: CENT }),
                        ("interest_open", charge.owed(model).less(paid.interest)),
                        ("costs_open", owed.less(paid.costs)),
                    ];
                    let mut open = 0;
                    for (part, sum) in sums {
                        let got = cents(&value(&mut run, &format!("late_charge.c{c}.{part}"), &id));
                        assert!(sum.becomes(got, exact) && got >= 0, "{part} {got}, not {sum:?}: {what}");
                        open += if part.ends_with("_open") { got } else { 0 };
                    }
                    if c == 0 {
                        // The claim is what is shown of its parts, the costs among them.
                        claim = open - costs(as_of);
                    }
                }
                let got = cents(&value(&mut run, "late_charge.fixed", &id));
                assert_eq!(got, fixed.model(item, as_of), "{fixed:?} of {item:?} on {as_of}");
                total += got;
                assert_eq!(cents(&value(&mut run, "item.late_charges", &id)), total);
                assert_eq!(cents(&value(&mut run, "item.claim", &id)), claim + got);
                of_customer[item.customer] += total;
                of_all += total;
            }
            for (customer, total) in of_customer.into_iter().enumerate() {
                assert_eq!(cents(&value(&mut run, "account.late_charges", &format!("C{customer}"))), total);
            }
            assert_eq!(cents(&value(&mut run, "portfolio.late_charges", "")), of_all);
        }
    });
}

#[test]
fn a_charge_never_falls_while_days_go_by_at_one_rate() {
    hold(150, &(some_charge(), some_fixed(), some_item(), 0..150i64), |(mut charge, fixed, item, from)| {
        charge.rate = Rate::Flat(700);
        charge.fixed = None;
        let plan = compile(&policy(&[charge], &fixed, &vec![(0, 0)]));
        let book = tables(std::slice::from_ref(&item)).book(&plan);
        let mut before = 0;
        for as_of in (from..from + 12).filter(|day| *day >= item.issue) {
            let mut run = Run::new(&plan, &book, date(as_of));
            let now = cents(&value(&mut run, "late_charge.c0", "I0"));
            assert!(now >= before, "{before} then {now} on {as_of}");
            before = now;
        }
    });
}

// ── cases found by the model, kept ───────────────────────────────────────────────────────────────────────────────

/// 0.05 % a day from the day after due.
fn plain() -> Charge {
    let (rate, time) = (Rate::Flat(500), Time::Daily);
    let (at_most, at_least, waive_below) = (None, None, None);
    let round = Round::Total;
    Charge { from: 1, rate, time, fixed: None, round, of_amount: false, at_most, at_least, waive_below, cover: None }
}

#[test]
fn a_yearly_charge_is_divided_once_so_that_half_a_cent_is_half_a_cent() {
    // 28.96 for 7 days, 24.99 for 9, 5.92 for 11, at 10 % a year: 0.1 × 492.75 / 365 = 0.135 exactly, 0.14 half to even.
    let paid = |on, amount| MoneyIn { credit_note: false, on, amount, returned: None };
    let money_in = vec![paid(17, 397), paid(26, 1907), paid(37, 592)];
    let item = Item { customer: 0, issue: 0, due: 10, amount: 2896, money_in, disputes: Vec::new() };
    let rate = Rate::Flat(100_000);
    let charge = Charge { from: 1, rate, time: Time::Year(365), ..plain() };
    let plan =
        compile(&policy(std::slice::from_ref(&charge), &Fixed { bounds: [100, 200], sums: [1, 2, 3] }, &vec![(0, 0)]));
    let book = tables(std::slice::from_ref(&item)).book(&plan);
    let mut run = Run::new(&plan, &book, date(60));
    assert_eq!(cents(&value(&mut run, "late_charge.c0", "I0")), 14);
    assert_eq!(charge.model(&item, 60, &vec![(0, 0)], &|_| 0).charge.rounded(), 14);
}

#[test]
fn nothing_is_charged_for_the_day_of_issue() {
    // Due at once and charged from that day: nothing was open when it began, so one day less is charged.
    let item = Item { customer: 0, issue: 5, due: 5, amount: 100_000, money_in: Vec::new(), disputes: Vec::new() };
    let charge = Charge { from: 0, ..plain() };
    let plan = compile(&policy(&[charge], &Fixed { bounds: [100, 200], sums: [1, 2, 3] }, &vec![(0, 0)]));
    let book = tables(std::slice::from_ref(&item)).book(&plan);
    for (day, charged) in [(5, 0), (6, 50), (7, 100)] {
        let mut run = Run::new(&plan, &book, date(day));
        assert_eq!(cents(&value(&mut run, "late_charge.c0", "I0")), charged, "on {day}");
    }
}

#[test]
fn a_charge_in_error_is_no_circle() {
    let text = format!(
        "{MANIFEST}money: {{ currency: EUR, round_to: 0.01, mode: half_even, others: refuse }}
late_charge: [ {{ id: c, rate: {{ daily: item.nothing }}, round: total }} ]
"
    );
    let mut sink = Vec::new();
    let files = [("policy.yaml".to_owned(), text)].into();
    let folder = usance::policy::folder::Folder::from_memory(files, &mut sink).unwrap();
    assert!(usance::plan::compile(&folder, &mut sink).is_none());
    assert!(!sink.iter().any(|found| found.message.contains("needs itself")), "{sink:?}");
}
