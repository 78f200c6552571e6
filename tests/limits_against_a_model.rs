//! Sources of a limit, sums shared among rows and decisions with a memory, held to small models of their own.
//!
//! The models are written from the words of the reference and share no code with the engine.
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

use model_support::{Day, MANIFEST, Tables, cents, compile, date, hold, money, value};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use usance::engine::Run;
use usance::lang::Value;

// ── sources ──────────────────────────────────────────────────────────────────────────────────────────────────────

/// What a source says. The order is that of strictness: no limit is less than any amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Says {
    None,
    Amount(i64),
    Unlimited,
}

/// A source as the policy and the book have it.
#[derive(Clone, Debug)]
struct Source {
    amount: Option<i64>,
    asked: bool,
    unlimited: bool,
    until: Option<Day>,
    blank_is_none: bool,
    /// Bits of the sources behind it that it replaces; so no two replace one another.
    replaces: u8,
}

const TODAY: Day = 100;

fn says(source: &Source) -> Option<Says> {
    if source.until.is_some_and(|last| last < TODAY) {
        return None;
    }
    if source.unlimited {
        return Some(Says::Unlimited);
    }
    if !source.asked {
        return None;
    }
    match source.amount {
        Some(amount) => Some(Says::Amount(amount)),
        None => source.blank_is_none.then_some(Says::None),
    }
}

/// What the sources say once those that are replaced are silent.
fn heard(sources: &[Source]) -> Vec<Option<Says>> {
    let mut heard: Vec<Option<Says>> = sources.iter().map(says).collect();
    for at in 0..sources.len() {
        if heard[at].is_some() {
            for (later, said) in heard.iter_mut().enumerate().skip(at + 1) {
                if sources[at].replaces & (1 << later) != 0 {
                    *said = None;
                }
            }
        }
    }
    heard
}

fn taken(take: &str, heard: &[Option<Says>]) -> Says {
    let spoken = || heard.iter().flatten().copied();
    match take {
        "least" => spoken().min().unwrap_or(Says::None),
        "greatest" => spoken().max().unwrap_or(Says::None),
        "first" => spoken().next().unwrap_or(Says::None),
        _ => spoken().fold(Says::None, |sum, next| match (sum, next) {
            (Says::Unlimited, _) | (_, Says::Unlimited) => Says::Unlimited,
            (Says::Amount(a), Says::Amount(b)) => Says::Amount(a + b),
            (Says::None, other) | (other, Says::None) => other,
        }),
    }
}

fn source() -> impl Strategy<Value = Source> {
    let amount = option::weighted(0.7, prop_oneof![Just(0), Just(10_000), 0..3_000_000i64]);
    let until = option::weighted(0.5, TODAY - 1..TODAY + 2);
    (amount, any::<bool>(), proptest::bool::weighted(0.2), until, any::<bool>(), 0..8u8).prop_map(
        |(amount, asked, unlimited, until, blank_is_none, replaces)| Source {
            amount,
            asked,
            unlimited,
            until,
            blank_is_none,
            replaces,
        },
    )
}

#[test]
fn a_limit_is_what_its_sources_say() {
    for take in ["least", "greatest", "sum", "first"] {
        hold(60, &vec(source(), 1..4), |sources| {
            let mut policy = format!("{MANIFEST}money: {{ currency: CNY, round_to: 0.01, mode: half_even }}\nfacts:\n");
            for n in 0..sources.len() {
                policy.push_str(&format!(
                    "  customer.amount_{n}: {{ type: money, optional: true }}\n  customer.asked_{n}: {{ type: bool }}\n  customer.unlimited_{n}: {{ type: bool }}\n  customer.until_{n}: {{ type: date, optional: true }}\n"
                ));
            }
            policy.push_str(&format!("limit:\n  sources:\n    take: {take}\n"));
            for (n, source) in sources.iter().enumerate() {
                let blank = if source.blank_is_none { "none" } else { "silent" };
                let replaced: Vec<String> = (n + 1..sources.len())
                    .filter(|m| source.replaces & (1 << m) != 0)
                    .map(|m| format!("s{m}"))
                    .collect();
                let replaces =
                    if replaced.is_empty() { String::new() } else { format!(", replaces: [{}]", replaced.join(", ")) };
                policy.push_str(&format!(
                    "    s{n}: {{ amount: customer.amount_{n}, when: customer.asked_{n}, unlimited: customer.unlimited_{n}, until: customer.until_{n}, blank: {blank}{replaces} }}\n"
                ));
            }
            let plan = compile(&policy);
            let mut columns: Vec<&'static str> = vec!["id", "since"];
            let names: Vec<String> = (0..sources.len())
                .flat_map(|n| ["amount", "asked", "unlimited", "until"].map(|part| format!("{part}_{n}")))
                .collect();
            columns.extend(names.iter().map(|name| &*name.clone().leak()));
            let mut cells = vec!["C1".to_string(), date(0).to_string()];
            for source in &sources {
                cells.push(source.amount.map(money).unwrap_or_default());
                cells.push(source.asked.to_string());
                cells.push(source.unlimited.to_string());
                cells.push(source.until.map(|day| date(day).to_string()).unwrap_or_default());
            }
            let mut tables = Tables::default();
            tables.row("customers", &columns, &cells.iter().map(String::as_str).collect::<Vec<_>>());
            let book = tables.book(&plan);
            let mut run = Run::new(&plan, &book, date(TODAY));
            let heard = heard(&sources);
            let state = |says: Option<Says>| match says {
                None => "silent",
                Some(Says::None) => "none",
                Some(Says::Amount(_)) => "amount",
                Some(Says::Unlimited) => "unlimited",
            };
            for (n, says) in heard.iter().enumerate() {
                let own = value(&mut run, &format!("limit.sources.s{n}.state"), "C1");
                assert_eq!(own, Value::text(state(*says)), "s{n} of {sources:?}");
            }
            let expected = taken(take, &heard);
            assert_eq!(value(&mut run, "limit.state", "C1"), Value::text(state(Some(expected))), "{take} {sources:?}");
            let amount = value(&mut run, "limit.amount", "C1");
            match expected {
                Says::Amount(expected) => assert_eq!(cents(&amount), expected, "{take} {sources:?}"),
                Says::None | Says::Unlimited => assert_eq!(amount, Value::Missing, "{take} {sources:?}"),
            }
            if take != "sum" {
                let first = heard.iter().position(|says| *says == Some(expected));
                let named = first.map_or(Value::Missing, |n| Value::text(format!("s{n}")));
                assert_eq!(value(&mut run, "limit.source", "C1"), named, "{take} {sources:?}");
            }
        });
    }
}

// ── sums shared among rows ───────────────────────────────────────────────────────────────────────────────────────

#[test]
fn the_parts_of_a_sum_and_its_rest_make_it() {
    let policy = format!(
        "{MANIFEST}money: {{ currency: CNY, round_to: 0.01, mode: half_even }}\n\
         amounts:\n  \
         - {{ id: by_share, for: item, among: account, split: {{ of: account.unapplied_cash, pro_rata: item.amount }} }}\n  \
         - {{ id: by_turn, for: item, among: account, split: {{ of: account.unapplied_cash, in_order: item.due_date, at_most: item.amount }} }}\n"
    );
    let plan = compile(&policy);
    let items = vec((1..200_000i64, 0..5i64), 0..7);
    hold(150, &(items, 0..400_000i64), |(items, whole)| {
        let mut tables = Tables::default();
        tables.row("customers", &["id", "since"], &["C1", &date(0).to_string()]);
        tables.row(
            "payments",
            &["id", "customer", "date", "amount", "currency"],
            &["P1", "C1", &date(1).to_string(), &money(whole), "CNY"],
        );
        for (n, (amount, due)) in items.iter().enumerate() {
            tables.row(
                "invoices",
                &["id", "customer", "issue_date", "due_date", "amount", "currency"],
                &[&format!("I{n}"), "C1", &date(1).to_string(), &date(10 + due).to_string(), &money(*amount), "CNY"],
            );
        }
        let book = tables.book(&plan);
        let mut run = Run::new(&plan, &book, date(20));
        let parts = |run: &mut Run<'_>, name: &str| -> Vec<i64> {
            (0..items.len()).map(|n| cents(&value(run, name, &format!("I{n}")))).collect()
        };
        let shares = parts(&mut run, "by_share");
        let total: i64 = items.iter().map(|(amount, _)| amount).sum();
        let rest = cents(&value(&mut run, "by_share.rest", "C1"));
        assert_eq!(shares.iter().sum::<i64>() + rest, whole);
        assert_eq!(rest, if items.is_empty() { whole } else { 0 });
        // Down to the cent, and the cents left over to the largest remainders, the first id of equals.
        let exact = |n: usize| i128::from(whole) * i128::from(items[n].0);
        let down = |n: usize| i64::try_from(exact(n) / i128::from(total)).unwrap();
        let mut order: Vec<usize> = (0..items.len()).collect();
        order.sort_by_key(|n| (std::cmp::Reverse(exact(*n) % i128::from(total.max(1))), *n));
        let over = whole - (0..items.len()).map(down).sum::<i64>();
        for (place, n) in order.into_iter().enumerate() {
            let cent = i64::from(i64::try_from(place).unwrap() < over);
            assert_eq!(shares[n], down(n) + cent, "I{n} of {items:?} and {whole}");
        }

        let turns = parts(&mut run, "by_turn");
        let mut left = whole;
        let mut order: Vec<usize> = (0..items.len()).collect();
        order.sort_by_key(|n| (items[*n].1, *n));
        for n in order {
            let takes = left.min(items[n].0);
            assert_eq!(turns[n], takes, "I{n} of {items:?} and {whole}");
            left -= takes;
        }
        assert_eq!(cents(&value(&mut run, "by_turn.rest", "C1")), left);
    });
}

// ── decisions with a memory ──────────────────────────────────────────────────────────────────────────────────────

/// What the book says from a day on: how bad it is, and the last review.
#[derive(Clone, Debug)]
struct News {
    on: Day,
    level: i64,
    reviewed: bool,
}

const LAST: Day = 14;

/// One step a day, the first rule that fits.
fn step(state: &str, level: i64, reviewed_today: bool) -> &'static str {
    match state {
        "calm" | "wary" if level > 7 => "closed",
        "calm" if level > 3 => "wary",
        "closed" if level < 2 && reviewed_today => "wary",
        "wary" if level < 2 => "calm",
        "calm" => "calm",
        "wary" => "wary",
        _ => "closed",
    }
}

#[test]
fn a_run_after_days_without_one_comes_to_what_daily_runs_come_to() {
    let policy = format!(
        "{MANIFEST}money: {{ currency: CNY, round_to: 0.01, mode: half_even }}\n\
         facts: {{ customer.level: {{ type: int }} }}\n\
         states:\n  - id: mood\n    first: calm\n    moves:\n      \
         - {{ id: shut, from: [calm, wary], to: closed, when: customer.level > 7, apply: now }}\n      \
         - {{ id: frown, from: calm, to: wary, when: customer.level > 3, apply: now }}\n      \
         - {{ id: reopen, from: closed, to: wary, when: customer.level < 2, apply: at_review }}\n      \
         - {{ id: smile, from: wary, to: calm, when: customer.level < 2, apply: now }}\n"
    );
    let plan = compile(&policy);
    let news =
        vec((1..LAST, 0..10i64, any::<bool>()).prop_map(|(on, level, reviewed)| News { on, level, reviewed }), 0..8);
    hold(40, &(0..10i64, news), |(first_level, mut news)| {
        news.sort_by_key(|n| n.on);
        news.dedup_by_key(|n| n.on);
        let level_on = |day: Day| news.iter().rev().find(|n| n.on <= day).map_or(first_level, |n| n.level);
        let reviewed_on = |day: Day| news.iter().any(|n| n.on == day && n.reviewed);
        let customers = || {
            let mut tables = Tables::default();
            let columns = ["id", "since", "valid_from", "level", "last_review"];
            let since = date(-1).to_string();
            tables.row("customers", &columns, &["C1", &since, &since, &first_level.to_string(), ""]);
            let mut review = String::new();
            for n in &news {
                if n.reviewed {
                    review = date(n.on).to_string();
                }
                let cells = ["C1", &since, &date(n.on).to_string(), &n.level.to_string(), &review];
                tables.row("customers", &columns, &cells);
            }
            tables
        };
        let on_day = |day: Day, decisions: &[(Day, String)]| {
            let mut tables = customers();
            for (on, mood) in decisions {
                tables.row("decisions", &["customer", "decided_on", "mood"], &["C1", &date(*on).to_string(), mood]);
            }
            let book = tables.book(&plan);
            let mut run = Run::new(&plan, &book, date(day));
            let Value::Text(mood) = value(&mut run, "mood", "C1") else { panic!("no mood") };
            mood.to_string()
        };
        let mut decisions: Vec<(Day, String)> = Vec::new();
        let mut model = "calm";
        for day in 0..=LAST {
            model = step(model, level_on(day), reviewed_on(day));
            let mood = on_day(day, &decisions);
            assert_eq!(mood, model, "on day {day} of {first_level}, {news:?}");
            decisions.push((day, mood));
        }
        // The same with only the first decision, only every third, and every one fed back.
        let thirds: Vec<(Day, String)> =
            decisions.iter().filter(|(day, _)| day % 3 == 0 && *day < LAST).cloned().collect();
        for known in [&decisions[..1], &thirds, &decisions] {
            assert_eq!(on_day(LAST, known), model, "with {known:?} of {first_level}, {news:?}");
        }
    });
}
