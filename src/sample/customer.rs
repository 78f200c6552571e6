//! One customer: what the book says of a firm, drawn from its own stream of numbers.

use std::io;

use chrono::{Datelike, Months, NaiveDate};

use super::names::company;
use super::random::{Random, add};
use super::tables::{Cents, Maybe, Tables};

/// What the rest of a customer's rows is drawn from.
pub(super) struct Customer {
    /// Its number, from 1.
    pub(super) number: u64,
    /// Its id.
    pub(super) id: String,
    /// Since when it buys from us.
    pub(super) since: NaiveDate,
    /// What it turns over in a month.
    pub(super) turnover: Cents,
    /// How good a payer it is, 0 to 99: never written, but its figures and its payments follow from it.
    pub(super) quality: i64,
    /// Days from invoice to due date.
    pub(super) net_days: i64,
    /// It has never bought.
    pub(super) never_bought: bool,
    /// The one thing out of the ordinary that happens to one of its invoices.
    pub(super) event: Option<u64>,
    /// An open invoice that fell due so many days ago (falls due, when negative).
    pub(super) edge: Option<i64>,
}

/// Days past due at which something changes: on the edge of an ageing band, a rung's day, just before and after.
const EDGES: [i64; 12] = [-30, -3, -2, -1, 0, 1, 30, 31, 60, 61, 90, 91];

/// How many things out of the ordinary can happen to an invoice.
pub(super) const EVENTS: u64 = 24;

impl Customer {
    /// Draws a customer and writes its row, its group's, its covers and its decisions in force.
    ///
    /// One trait in 25 comes to each customer by its number, so a book of 200 holds every one of them.
    pub(super) fn write(
        number: u64,
        seed: u64,
        as_of: NaiveDate,
        random: &mut Random,
        out: &mut Tables,
    ) -> io::Result<Self> {
        let trait_no = number % 25;
        // Two customers in three are busy: something out of the ordinary happens to one of their invoices.
        let busy = (!number.is_multiple_of(3)).then(|| number / 3 * 2 + number % 3 - 1);
        let event = busy.map(|b| b % EVENTS);
        let edge = busy.and_then(|b| usize::try_from(b % 21).ok()).and_then(|at| EDGES.get(at)).copied();

        // The better of two draws: most customers pay, or there would be no trade.
        let mut quality = random.between(10, 99).max(random.between(10, 99));
        if edge.is_some_and(|days| days >= 30) || event.is_some_and(|e| e >= 18) {
            quality = random.between(15, 70);
        }
        if number.is_multiple_of(6) {
            quality = random.between(80, 99);
        }
        let industry = random.pick(&[
            "manufacturing",
            "manufacturing",
            "wholesale",
            "wholesale",
            "retail",
            "construction",
            "services",
        ]);
        let english = random.percent(15);
        let name = company(random, industry, english);
        // 50,000 to 20 million a month; every doubling about as likely as the next, the middle likeliest.
        let doublings = random.between(0, 4) + random.between(0, 4);
        let turnover = (50_000i64 << doublings) * random.between(1000, 1999) / 1000 / 1000 * 1000;
        let turnover = Cents(turnover.min(20_000_000) * 100);

        let since = match trait_no {
            4 => last_31st(as_of, random.between(1, 5)),
            5 => add(as_of, -random.between(20, 170)),
            24 => last_31st(as_of, random.between(60, 120)),
            _ => add(as_of, -random.between(200, 3600)),
        };
        let assessed = trait_no != 5;
        let assessed_on = assessed.then(|| since.max(add(as_of, -random.between(100, 700))));
        let last_review = assessed_on.map(|first| first.max(add(as_of, -random.between(1, 170))));

        let dishonest = match trait_no {
            0 => "true",
            1 => "",
            _ => "false",
        };
        let lawsuits = match trait_no {
            2 => Some(random.between(5, 9)),
            3 => None,
            _ if quality < 40 => Some(random.between(0, 4)),
            _ => Some(if random.percent(90) { 0 } else { 1 }),
        };
        let cyclical = random.percent(if industry == "construction" { 70 } else { 12 });
        let audited =
            random.percent(60).then(|| if quality >= 50 { random.between(1, 3) } else { random.between(0, 2) });
        let statements = match (audited, random.percent(70)) {
            (Some(2..), _) => "",
            (_, true) => "true",
            (_, false) => "false",
        };
        let debt_to_assets = random.percent(80).then(|| Cents((105 - quality + random.between(-25, 12)).clamp(5, 120)));
        let current_ratio = random.percent(80).then(|| Cents((70 + quality * 3 / 2 + random.between(-30, 40)).max(20)));
        let reputation = if random.percent(20) {
            ""
        } else if quality >= 60 {
            random.pick(&["good", "good", "mixed"])
        } else {
            random.pick(&["good", "mixed", "mixed", "poor"])
        };
        let net_days = match industry {
            "manufacturing" => 60,
            "wholesale" | "retail" => 45,
            _ => 30,
        };
        let id = format!("C{number:06}");

        let block = number / 50;
        let group = match (trait_no, number % 50) {
            (10 | 11, place) => {
                let group = format!("G{block:05}");
                if place == 10 {
                    let mut drawn = Random::new(seed, u64::MAX - block);
                    let limit = Cents(drawn.between(2, 60) * 5_000_000);
                    out.groups.row(format_args!(
                        "{group},{}控股集团,{limit}",
                        drawn.pick(&["东海", "华南", "江淮", "长风"])
                    ))?;
                }
                group
            }
            (12, place) => {
                let group = format!("G{block:05}N");
                if place == 12 {
                    out.groups.row(format_args!("{group},联营体,"))?;
                }
                group
            }
            _ => String::new(),
        };
        let limit = match trait_no {
            15 | 16 | 18 => Some(Cents(0)),
            17 => Some(turnover.percent(random.between(5, 40))),
            _ => None,
        };
        let (temporary, temporary_until) = match trait_no {
            13 => (Some(turnover.percent(60)), Some(add(as_of, random.between(0, 60)))),
            14 => (Some(turnover.percent(60)), Some(add(as_of, -random.between(1, 60)))),
            _ => (None, None),
        };
        let blocked = match trait_no {
            19 => Some(add(as_of, random.between(0, 21))),
            20 => Some(add(as_of, -random.between(1, 40))),
            _ => None,
        };
        out.customers.row(format_args!(
            "{id},{name},{group},{since},{},{},{},{industry},{},{dishonest},{},{cyclical},{},{statements},{},{},{reputation},{},{},{},{},{},{},{},{},{}",
            random.pick(&["private", "private", "private", "private", "private", "public"]),
            if english { random.pick(&["SG", "DE", "GB", "AE"]) } else { "CN" },
            if english { "en" } else { "zh" },
            Maybe((trait_no != 21).then_some(turnover)),
            Maybe(lawsuits),
            Maybe(audited),
            Maybe(debt_to_assets),
            Maybe(current_ratio),
            Maybe(limit),
            trait_no == 16,
            trait_no == 15,
            Maybe(temporary),
            Maybe(temporary_until),
            Maybe(assessed_on),
            Maybe(last_review),
            Maybe(blocked),
            if blocked.is_some() { "account being reconciled" } else { "" },
        ))?;

        if let Some((status, from, until)) = match trait_no {
            6 => Some(("approved", -200, 165)),
            7 => Some(("reduced", -90, 120)),
            8 => Some(("cancelled", -90, 200)),
            9 => Some(("approved", -400, -36)),
            _ => None,
        } {
            let insured = turnover.percent(if status == "reduced" { 10 } else { 30 });
            let share = random.pick(&["0.85", "0.90"]);
            let insurer = random.pick(&["Sinosure", "Dadi", "PICC"]);
            let (from, until) = (add(as_of, from), add(as_of, until));
            out.covers.row(format_args!("V{number:06},{id},{insurer},{insured},{share},{from},{until},{status}"))?;
        }

        let before = match trait_no {
            15 => Some(("unlimited", None)),
            22 => Some(("amount", Some(turnover))),
            23 => Some(("amount", Some(turnover.percent(5)))),
            21 => Some(("none", None)),
            _ if random.percent(50) => Some(("amount", Some(Cents(turnover.0 / 5 / 100_000 * 100_000)))),
            _ => None,
        };
        if let (Some(decided_on), Some((state, amount))) = (last_review, before) {
            let tier = match quality {
                75.. => "A",
                50..75 => "B",
                30..50 => "C",
                _ => "D",
            };
            out.decisions.row(format_args!("{id},{decided_on},{tier},{state},{}", Maybe(amount)))?;
        }
        let never_bought = number % 50 == 49;
        Ok(Customer { number, id, since, turnover, quality, net_days, never_bought, event, edge })
    }
}

/// The 31st of the last month that has one, counted from so many months ago.
fn last_31st(as_of: NaiveDate, months_ago: i64) -> NaiveDate {
    let months = u32::try_from(months_ago).unwrap_or(1);
    let start = as_of.checked_sub_months(Months::new(months)).unwrap_or(as_of);
    // The month itself may lack a 31st, or its 31st may lie ahead: two neighbours never both lack one, but for none is the first sure.
    (0..4)
        .filter_map(|back| start.checked_sub_months(Months::new(back)))
        .filter_map(|d| NaiveDate::from_ymd_opt(d.year(), d.month(), 31))
        .find(|d| *d < as_of)
        .unwrap_or(start)
}
