//! Ladders held to a small model of their own, over random books and random sequences of runs.
//!
//! The model is written from the words of the design ("What a ladder means, exactly"), a day at a time, and shares no
//! code with the engine.
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

use std::collections::BTreeSet;

use model_support::{Day, MANIFEST, Tables, cell, cents, compile, date, hold, money, value};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use usance::engine::Run;
use usance::lang::Value;
use usance::plan::Plan;

// ── what is generated ────────────────────────────────────────────────────────────────────────────────────────────

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum CatchUp {
    Highest,
    Every,
    OnePerRun,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shift {
    None,
    Next,
    Previous,
}

/// How a rung's day is given.
#[derive(Clone, Copy, Debug)]
enum From {
    /// So many days after the anchor.
    Day(i64),
    /// The end of the month in which the thirtieth day after the anchor lies.
    MonthEnd,
    /// So many days after an earlier rung was done.
    Done { rung: usize, plus: i64 },
}

#[derive(Clone, Debug)]
struct Ladder {
    catch_up: CatchUp,
    shift: Shift,
    weekend: bool,
    holidays: Vec<Day>,
    stop_plans: bool,
    stop_disputes: bool,
    hold_promises: bool,
    rest: Option<i64>,
    rungs: Vec<From>,
}

#[derive(Clone, Debug)]
struct Item {
    customer: usize,
    issue: Day,
    due: Day,
    amount: i64,
    payments: Vec<Payment>,
    plans: Vec<PaymentPlan>,
    disputes: Vec<Dispute>,
    promises: Vec<Promise>,
}

#[derive(Clone, Debug)]
struct Payment {
    on: Day,
    amount: i64,
    returned: Option<Day>,
}

#[derive(Clone, Debug)]
struct PaymentPlan {
    start: Day,
    ends: Option<Day>,
    broken: Option<Day>,
}

#[derive(Clone, Debug)]
struct Dispute {
    opened: Day,
    closed: Option<Day>,
    amount: Option<i64>,
}

#[derive(Clone, Debug)]
struct Promise {
    made: Day,
    due: Day,
    tolerance: i64,
    withdrawn: Option<Day>,
}

/// An action in the book.
#[derive(Clone, Debug)]
struct Action {
    item: usize,
    rung: usize,
    episode: i64,
    on: Day,
    status: &'static str,
}

impl Action {
    fn counts(&self) -> bool {
        self.status == "done" || self.status == "sent"
    }
}

/// What may not be proposed twice: item, rung, episode.
type Key = (usize, usize, i64);

// ── the model ────────────────────────────────────────────────────────────────────────────────────────────────────

struct Model<'c> {
    ladder: &'c Ladder,
    items: &'c [Item],
    actions: &'c [Action],
    as_of: Day,
}

impl Model<'_> {
    fn open(&self, item: &Item) -> i64 {
        let stands = |p: &&Payment| p.on <= self.as_of && p.returned.is_none_or(|back| back > self.as_of);
        item.amount - item.payments.iter().filter(stands).map(|p| p.amount).sum::<i64>()
    }

    fn undisputed_open(&self, item: &Item) -> i64 {
        let runs = |d: &&Dispute| d.opened <= self.as_of && d.closed.is_none_or(|closed| closed > self.as_of);
        let disputed: i64 = item.disputes.iter().filter(runs).map(|d| d.amount.unwrap_or(item.amount)).sum();
        self.open(item) - self.open(item).min(item.amount).min(disputed).max(0)
    }

    fn applies(&self, item: &Item) -> bool {
        item.issue <= self.as_of && self.open(item) > 0 && self.undisputed_open(item) > 5000
    }

    /// How often the item came back: a broken plan, a returned payment.
    fn episode(&self, item: &Item) -> i64 {
        let broken = item.plans.iter().filter(|p| p.start <= self.as_of && p.broken.is_some_and(|b| b <= self.as_of));
        let back = item.payments.iter().filter(|p| p.on <= self.as_of && p.returned.is_some_and(|b| b <= self.as_of));
        i64::try_from(broken.count() + back.count()).unwrap()
    }

    /// The last day on which a rung was done in the item's present episode.
    fn done_on(&self, item: usize, rung: usize) -> Option<Day> {
        let episode = self.episode(&self.items[item]);
        let own = |a: &&Action| a.item == item && a.rung == rung && a.episode == episode;
        self.known().filter(own).filter(|a| a.counts()).map(|a| a.on).max()
    }

    fn known(&self) -> impl Iterator<Item = &Action> {
        self.actions.iter().filter(|a| a.on <= self.as_of)
    }

    /// Whether the clock of an item stands still on a day, as far as is known on the as-of date.
    fn stands_still(&self, item: &Item, day: Day) -> bool {
        let known = |date: Option<Day>| date.filter(|date| *date <= self.as_of);
        let plan = |p: &PaymentPlan| {
            p.start <= day && known(p.broken).is_none_or(|broken| day < broken) && p.ends.is_none_or(|end| day <= end)
        };
        let dispute = |d: &Dispute| d.opened <= day && known(d.closed).is_none_or(|closed| day < closed);
        day <= self.as_of
            && (self.ladder.stop_plans && item.plans.iter().any(plan)
                || self.ladder.stop_disputes && item.disputes.iter().any(dispute))
    }

    /// Whether a rung is reached: its days are counted one by one, those on which the clock stands still left out.
    fn is_reached(&self, item: usize, rung: usize) -> bool {
        let number = item;
        let item = &self.items[item];
        let (origin, days) = match self.ladder.rungs[rung] {
            From::Day(days) => (item.due, days),
            From::MonthEnd => (item.due, month_end(item.due + 30) - item.due),
            From::Done { rung, plus } => match self.done_on(number, rung) {
                Some(done) => (done, plus),
                None => return false,
            },
        };
        let mut day = origin + days.min(0);
        let mut left = days.max(0);
        while left > 0 {
            day += 1;
            if !self.stands_still(item, day) {
                left -= 1;
            }
        }
        let event = matches!(self.ladder.rungs[rung], From::Done { .. });
        // What is counted from an event comes after its day: the same run again proposes nothing.
        if event && origin >= self.as_of {
            return false;
        }
        // While the clock stands still nobody knows the day, so no holiday brings it forward.
        if day > self.as_of && self.as_of > origin && days > 0 && self.stands_still(item, self.as_of) {
            return false;
        }
        self.applies(item) && self.shifted(day) <= self.as_of
    }

    fn shifted(&self, mut day: Day) -> Day {
        let off = |day: Day| self.ladder.weekend && day.rem_euclid(7) >= 5 || self.ladder.holidays.contains(&day);
        while self.ladder.shift != Shift::None && off(day) {
            day += if self.ladder.shift == Shift::Next { 1 } else { -1 };
        }
        day
    }

    fn is_held(&self, item: &Item) -> bool {
        let stands = |p: &&Promise| p.made <= self.as_of && p.withdrawn.is_none_or(|day| day > self.as_of);
        self.ladder.hold_promises
            && item.promises.iter().filter(stands).any(|promise| promise.due + promise.tolerance >= self.as_of)
    }

    /// Whether the customer was left alone long enough.
    fn is_rested(&self, customer: usize) -> bool {
        let of = |a: &&Action| self.items[a.item].customer == customer && a.counts() && a.on < self.as_of;
        let last = self.known().filter(of).map(|a| a.on).max();
        self.ladder.rest.is_none_or(|rest| last.is_none_or(|last| self.as_of - last >= rest))
    }

    fn proposed(&self) -> BTreeSet<Key> {
        let mut proposed = BTreeSet::new();
        for (number, item) in self.items.iter().enumerate() {
            if self.is_held(item) || !self.is_rested(item.customer) {
                continue;
            }
            let all = 0..self.ladder.rungs.len();
            let reached: Vec<usize> = all.clone().filter(|rung| self.is_reached(number, *rung)).collect();
            let done = |rung: &usize| self.done_on(number, *rung).is_some();
            let undone = reached.iter().copied().filter(|rung| !done(rung));
            let rungs: Vec<usize> = match self.ladder.catch_up {
                CatchUp::Every => undone.collect(),
                CatchUp::Highest => {
                    let highest = reached.last().copied();
                    highest.filter(|highest| !all.clone().skip(*highest).any(|rung| done(&rung))).into_iter().collect()
                }
                CatchUp::OnePerRun => {
                    let today = self.known().any(|a| a.item == number && a.on == self.as_of && a.counts());
                    undone.take(if today { 0 } else { 1 }).collect()
                }
            };
            proposed.extend(rungs.into_iter().map(|rung| (number, rung, self.episode(item))));
        }
        proposed
    }
}

fn month_end(day: Day) -> Day {
    let month = |day| date(day).format("%Y-%m").to_string();
    (day..).find(|next| month(*next + 1) != month(day)).unwrap()
}

// ── the engine ───────────────────────────────────────────────────────────────────────────────────────────────────

fn policy(ladder: &Ladder) -> String {
    let mut text = format!("{MANIFEST}money: {{ currency: CNY, round_to: 0.01, mode: half_even, others: refuse }}\n");
    let weekend = if ladder.weekend { "weekend: [sat, sun], " } else { "" };
    let holidays: BTreeSet<String> = ladder.holidays.iter().map(|day| date(*day).to_string()).collect();
    let holidays: Vec<String> = holidays.into_iter().collect();
    text += &format!("calendar: {{ {weekend}holidays: [{}] }}\n", holidays.join(", "));
    text += "ladders:\n  - id: l\n    for: item\n    applies: item.undisputed_open > 50\n    anchor: item.due_date\n";
    if ladder.hold_promises {
        text += "    hold_while:\n      - { id: promised, when: is_given(item.promised_until) && item.promised_until >= as_of }\n";
    }
    let stops = [(ladder.stop_plans, "plan_kept"), (ladder.stop_disputes, "disputed")];
    let stops: Vec<&str> = stops.into_iter().filter_map(|(on, name)| on.then_some(name)).collect();
    text += &format!("    stop_clock_while: [{}]\n", stops.join(", "));
    let mode = match ladder.catch_up {
        CatchUp::Highest => "highest",
        CatchUp::Every => "every",
        CatchUp::OnePerRun => "one_per_run",
    };
    let shift = match ladder.shift {
        Shift::None => "none",
        Shift::Next => "next_business_day",
        Shift::Previous => "previous_business_day",
    };
    text += &format!("    catch_up: {mode}\n    on_holiday: {shift}\n");
    if let Some(rest) = ladder.rest {
        text += &format!("    days_between_contacts: {rest}\n");
    }
    text += "    rungs:\n";
    for (number, from) in ladder.rungs.iter().enumerate() {
        let from = match from {
            From::Day(day) => format!("from_day: {day}"),
            From::MonthEnd => "from: end_of_month(item.due_date + 30)".into(),
            From::Done { rung, plus } => format!("from: {{ rung: r{rung}, event: done, plus_days: {plus} }}"),
        };
        text += &format!("      - {{ id: r{number}, {from}, action: remind }}\n");
    }
    text
}

fn tables(items: &[Item], actions: &[Action]) -> Tables {
    let mut tables = Tables::default();
    for customer in 0..3 {
        tables.row("customers", &["id", "since"], &[&format!("C{customer}"), "2023-01-01"]);
    }
    for (number, item) in items.iter().enumerate() {
        let (id, customer) = (format!("I{number}"), format!("C{}", item.customer));
        let columns = ["id", "customer", "issue_date", "due_date", "amount"];
        let cells = [&id, &customer, &cell(Some(item.issue)), &cell(Some(item.due)), &money(item.amount)];
        tables.row("invoices", &columns, &cells.map(String::as_str));
        for (part, p) in item.payments.iter().enumerate() {
            let payment = format!("P{number}.{part}");
            let columns = ["id", "customer", "date", "amount", "returned_on"];
            let cells = [&payment, &customer, &cell(Some(p.on)), &money(p.amount), &cell(p.returned)];
            tables.row("payments", &columns, &cells.map(String::as_str));
            let cells = [&payment, &id, &money(p.amount)];
            tables.row("allocations", &["payment", "invoice", "amount"], &cells.map(String::as_str));
        }
        for (part, p) in item.plans.iter().enumerate() {
            let columns = ["id", "invoice", "started_on", "ends_on", "broken_on"];
            let cells = [&format!("L{number}.{part}"), &id, &cell(Some(p.start)), &cell(p.ends), &cell(p.broken)];
            tables.row("payment_plans", &columns, &cells.map(String::as_str));
        }
        for (part, d) in item.disputes.iter().enumerate() {
            let amount = d.amount.map(money).unwrap_or_default();
            let columns = ["id", "invoice", "opened_on", "closed_on", "amount"];
            let cells = [&format!("D{number}.{part}"), &id, &cell(Some(d.opened)), &cell(d.closed), &amount];
            tables.row("disputes", &columns, &cells.map(String::as_str));
        }
        for (part, p) in item.promises.iter().enumerate() {
            let columns = ["id", "invoice", "created_on", "due_on", "tolerance", "withdrawn_on"];
            let (id_of, tolerance) = (format!("M{number}.{part}"), p.tolerance.to_string());
            let cells = [&id_of, &id, &cell(Some(p.made)), &cell(Some(p.due)), &tolerance, &cell(p.withdrawn)];
            tables.row("promises", &columns, &cells.map(String::as_str));
        }
    }
    for (number, a) in actions.iter().enumerate() {
        let columns = ["id", "ladder", "rung", "subject", "subject_id", "episode", "status", "done_on"];
        let (rung, item, episode) = (format!("r{}", a.rung), format!("I{}", a.item), a.episode.to_string());
        let id = format!("A{number}");
        let cells = [&id, "l", &rung, "item", &item, &episode, a.status, &cell(Some(a.on))];
        tables.row("actions", &columns, &cells);
    }
    tables
}

/// What the engine proposes, its keys read back.
fn engine(plan: &Plan, items: &[Item], actions: &[Action], as_of: Day) -> BTreeSet<Key> {
    let book = tables(items, actions).book(plan);
    let mut run = Run::new(plan, &book, date(as_of));
    let (lines, faults) = run.emitted("actions");
    assert!(faults.is_empty(), "nothing fails: {faults:?}");
    let mut proposed = BTreeSet::new();
    for line in lines {
        let [Value::Text(_), Value::Text(rung), Value::Int(episode)] = &line.key[..] else { panic!("{:?}", line.key) };
        let item = book.id(line.subject, line.row)[1..].parse().unwrap();
        assert!(proposed.insert((item, rung[1..].parse().unwrap(), *episode)), "no line twice");
    }
    proposed
}

// ── random cases ─────────────────────────────────────────────────────────────────────────────────────────────────

fn some_ladder() -> impl Strategy<Value = Ladder> {
    let mode = prop_oneof![Just(CatchUp::Highest), Just(CatchUp::Every), Just(CatchUp::OnePerRun)];
    let shift = prop_oneof![Just(Shift::None), Just(Shift::Next), Just(Shift::Previous)];
    let rung = (0..10u8, prop_oneof![-10..15i64, -10..60i64], prop_oneof![0..3i64, 0..20i64], 0..3usize);
    let flags = (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>());
    let rest = option::of(0..8i64);
    (mode, shift, vec(0..120i64, 0..6), flags, rest, vec(rung, 1..5)).prop_map(
        |(catch_up, shift, holidays, (weekend, stop_plans, stop_disputes, hold_promises), rest, rungs)| {
            let rungs = rungs.into_iter().enumerate().map(|(number, (kind, day, plus, before))| match kind {
                0 => From::MonthEnd,
                1..=4 if number > 0 => From::Done { rung: before % number, plus },
                _ => From::Day(day),
            });
            let rungs = rungs.collect();
            Ladder { catch_up, shift, weekend, holidays, stop_plans, stop_disputes, hold_promises, rest, rungs }
        },
    )
}

fn some_item() -> impl Strategy<Value = Item> {
    let amount = prop_oneof![1 => Just(5000i64), 9 => 1..40_000i64];
    let payment = (0..110i64, 1..16_000i64, option::weighted(0.4, 0..20i64));
    let payment = payment.prop_map(|(on, amount, back)| Payment { on, amount, returned: back.map(|n| on + n) });
    let plan = (0..60i64, option::of(0..40i64), option::of(0..40i64));
    let plan = plan.prop_map(|(start, ends, broken)| PaymentPlan {
        start,
        ends: ends.map(|n| start + n),
        broken: broken.map(|n| start + n),
    });
    let dispute = (0..60i64, option::of(0..40i64), option::weighted(0.9, 1..9_000i64));
    let dispute = dispute.prop_map(|(opened, n, amount)| Dispute { opened, closed: n.map(|n| opened + n), amount });
    let promise = (0..90i64, 0..20i64, 0..4i64, option::weighted(0.2, 0..20i64));
    let promise = promise.prop_map(|(made, after, tolerance, withdrawn)| Promise {
        made,
        due: made + after,
        tolerance,
        withdrawn: withdrawn.map(|n| made + n),
    });
    let life = (vec(payment, 0..3), vec(plan, 0..3), vec(dispute, 0..3), vec(promise, 0..3));
    (0..3usize, 0..20i64, prop_oneof![0..10i64, 0..35i64], amount, life).prop_map(
        |(customer, issue, days, amount, (payments, plans, disputes, promises))| {
            // A payment is on or after the issue date, as what is paid before it is no allocation yet.
            Item { customer, issue, due: issue + days, amount, payments, plans, disputes, promises }
        },
    )
}

/// What becomes of a proposal, by a number.
fn outcome(choice: u8) -> Option<&'static str> {
    ["done", "sent", "done", "failed", "skipped", "cancelled", "proposed"].get(usize::from(choice % 8)).copied()
}

/// One run after another: days since the last, and what becomes of the proposals.
fn some_runs() -> impl Strategy<Value = Vec<(Day, Vec<u8>)>> {
    vec((0..14i64, vec(any::<u8>(), 6)), 1..9)
}

fn case() -> impl Strategy<Value = (Ladder, Vec<Item>, Vec<(Day, Vec<u8>)>)> {
    (some_ladder(), vec(some_item(), 1..5), some_runs())
}

/// Makes the runs one after the other and shows each to `look`: the book's actions before it, and what was proposed.
fn sequence(
    plan: &Plan,
    items: &[Item],
    runs: &[(Day, Vec<u8>)],
    mut look: impl FnMut(&[Action], Day, &BTreeSet<Key>),
) {
    let mut actions: Vec<Action> = Vec::new();
    let mut as_of = 0;
    for (number, (gap, choices)) in runs.iter().enumerate() {
        as_of += gap;
        let proposed = engine(plan, items, &actions, as_of);
        look(&actions, as_of, &proposed);
        let until_next = runs.get(number + 1).map_or(0, |(gap, _)| *gap);
        for ((item, rung, episode), choice) in proposed.iter().zip(choices.iter().cycle()) {
            // Done the same day or a little later, but before the next run.
            let later = i64::from(choice / 64).min(until_next);
            if let Some(status) = outcome(*choice) {
                actions.push(Action { item: *item, rung: *rung, episode: *episode, on: as_of + later, status });
            }
        }
    }
}

fn done_keys(actions: &[Action]) -> BTreeSet<Key> {
    actions.iter().filter(|a| a.counts()).map(|a| (a.item, a.rung, a.episode)).collect()
}

fn recorded(actions: &[Action], proposed: &BTreeSet<Key>, on: Day) -> Vec<Action> {
    let new = proposed.iter().map(|(item, rung, episode)| Action {
        item: *item,
        rung: *rung,
        episode: *episode,
        on,
        status: "done",
    });
    actions.iter().cloned().chain(new).collect()
}

// ── what is held ─────────────────────────────────────────────────────────────────────────────────────────────────

#[test]
fn every_run_of_a_random_sequence_proposes_what_the_model_proposes() {
    hold(500, &case(), |(ladder, items, runs)| {
        let plan = compile(&policy(&ladder));
        sequence(&plan, &items, &runs, |actions, as_of, proposed| {
            let model = Model { ladder: &ladder, items: &items, actions, as_of };
            assert_eq!(*proposed, model.proposed(), "on {} with {actions:?}\n{}", date(as_of), policy(&ladder));
        });
    });
}

#[test]
fn nothing_done_is_proposed_again_and_nothing_paid_at_all() {
    hold(250, &case(), |(ladder, items, runs)| {
        let plan = compile(&policy(&ladder));
        sequence(&plan, &items, &runs, |actions, as_of, proposed| {
            let known: Vec<Action> = actions.iter().filter(|a| a.on <= as_of).cloned().collect();
            assert!(done_keys(&known).is_disjoint(proposed), "{proposed:?} after {known:?}");
            let model = Model { ladder: &ladder, items: &items, actions, as_of };
            for (item, ..) in proposed {
                let item = &items[*item];
                assert!(item.issue <= as_of && model.open(item) > 0 && model.undisputed_open(item) > 0, "{item:?}");
            }
        });
    });
}

#[test]
fn the_same_run_again_with_its_proposals_done_proposes_nothing() {
    hold(250, &case(), |(ladder, items, runs)| {
        let plan = compile(&policy(&ladder));
        sequence(&plan, &items, &runs, |actions, as_of, proposed| {
            let after = recorded(actions, proposed, as_of);
            assert_eq!(engine(&plan, &items, &after, as_of), BTreeSet::new(), "after {proposed:?}");
        });
    });
}

#[test]
fn nothing_is_skipped_that_the_mode_does_not_skip() {
    hold(250, &case(), |(ladder, items, runs)| {
        let plan = compile(&policy(&ladder));
        // Everything is done the day it is proposed; then a run a day until nothing moves any more.
        let mut actions: Vec<Action> = Vec::new();
        let first = runs.iter().map(|(gap, _)| gap).sum::<Day>();
        for as_of in first..first + 12 {
            let proposed = engine(&plan, &items, &actions, as_of);
            let model = Model { ladder: &ladder, items: &items, actions: &actions, as_of };
            for (number, item) in items.iter().enumerate() {
                let rungs = 0..ladder.rungs.len();
                let waiting = rungs.filter(|r| model.is_reached(number, *r) && model.done_on(number, *r).is_none());
                let waiting: Vec<usize> = waiting.collect();
                let own = proposed.iter().filter(|key| key.0 == number).map(|key| key.1).collect::<Vec<_>>();
                if model.is_held(item) || !model.is_rested(item.customer) {
                    assert!(own.is_empty(), "held: {own:?}");
                    continue;
                }
                match ladder.catch_up {
                    CatchUp::Every => assert_eq!(own, waiting),
                    CatchUp::OnePerRun => assert_eq!(own, waiting.into_iter().take(1).collect::<Vec<_>>()),
                    // What lies under a rung that is done or proposed is skipped; nothing else is.
                    CatchUp::Highest => {
                        let covers = |low: &usize| {
                            let above = *low..ladder.rungs.len();
                            above.into_iter().any(|r| own.contains(&r) || model.done_on(number, r).is_some())
                        };
                        assert!(waiting.iter().all(covers) && own.len() <= 1, "{waiting:?} {own:?}");
                    }
                }
            }
            actions = recorded(&actions, &proposed, as_of);
        }
    });
}

#[test]
fn moving_the_anchor_changes_nothing_that_was_done() {
    let moves = vec(-30..60i64, 5);
    hold(200, &(case(), moves), |((ladder, items, runs), moves)| {
        let plan = compile(&policy(&ladder));
        let mut last = (Vec::new(), 0);
        sequence(&plan, &items, &runs, |actions, as_of, proposed| last = (recorded(actions, proposed, as_of), as_of));
        let (actions, as_of) = last;
        let mut moved = items.clone();
        for (item, days) in moved.iter_mut().zip(moves) {
            item.due = (item.due + days).max(item.issue);
        }
        let done = done_keys(&actions.iter().filter(|a| a.on <= as_of).cloned().collect::<Vec<_>>());
        let proposed = engine(&plan, &moved, &actions, as_of);
        assert!(done.is_disjoint(&proposed), "{proposed:?} after {actions:?}");
        let (before, after) = (tables(&items, &actions).book(&plan), tables(&moved, &actions).book(&plan));
        let (mut before, mut after) = (Run::new(&plan, &before, date(as_of)), Run::new(&plan, &after, date(as_of)));
        for item in 0..items.len() {
            for part in (0..ladder.rungs.len()).map(|r| format!("r{r}.done")).chain(["level".into(), "episode".into()])
            {
                let (name, id) = (format!("ladder.l.{part}"), format!("I{item}"));
                assert_eq!(value(&mut before, &name, &id), value(&mut after, &name, &id), "{name} of {id}");
            }
        }
    });
}

#[test]
fn the_amount_of_an_action_is_what_is_open_and_undisputed() {
    hold(100, &case(), |(ladder, items, runs)| {
        let plan = compile(&policy(&ladder));
        let as_of = runs.iter().map(|(gap, _)| gap).sum();
        let book = tables(&items, &[]).book(&plan);
        let mut run = Run::new(&plan, &book, date(as_of));
        let model = Model { ladder: &ladder, items: &items, actions: &[], as_of };
        for line in run.emitted("actions").0 {
            let item: usize = book.id(line.subject, line.row)[1..].parse().unwrap();
            let amount = &line.payload.iter().find(|(name, _)| name == "amount").unwrap().1;
            assert_eq!(cents(amount), model.undisputed_open(&items[item]));
        }
    });
}

// ── cases found by the model, kept ───────────────────────────────────────────────────────────────────────────────

/// An item of 100.00 of one customer, issued on the first day.
fn item_due(due: Day) -> Item {
    let (payments, plans, disputes, promises) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    Item { customer: 0, issue: 0, due, amount: 10_000, payments, plans, disputes, promises }
}

fn ladder_of(rungs: Vec<From>) -> Ladder {
    Ladder {
        catch_up: CatchUp::Every,
        shift: Shift::None,
        weekend: false,
        holidays: Vec::new(),
        stop_plans: true,
        stop_disputes: true,
        hold_promises: false,
        rest: None,
        rungs,
    }
}

/// The days, of a hundred, on which a rung is proposed.
fn days_proposed(ladder: &Ladder, item: &Item, actions: &[Action], rung: usize) -> Vec<Day> {
    let plan = compile(&policy(ladder));
    let items = std::slice::from_ref(item);
    usance::plan::on_a_deep_stack(|| {
        (0..100).filter(|day| engine(&plan, items, actions, *day).iter().any(|key| key.1 == rung)).collect()
    })
}

#[test]
fn what_is_counted_from_a_rung_done_today_waits_for_tomorrow() {
    // Otherwise the same run again, with what it proposed recorded as done, would propose more.
    let ladder = ladder_of(vec![From::Day(7), From::Done { rung: 0, plus: 0 }]);
    let done = [Action { item: 0, rung: 0, episode: 0, on: 20, status: "done" }];
    assert_eq!(days_proposed(&ladder, &item_due(10), &done, 1), (21..100).collect::<Vec<_>>());
    // Nor does a shift off a Saturday bring the next day's rung back to today: day 18 is a Friday.
    let mut ladder = ladder_of(vec![From::Day(7), From::Done { rung: 0, plus: 1 }]);
    (ladder.shift, ladder.weekend) = (Shift::Previous, true);
    let done = [Action { item: 0, rung: 0, episode: 0, on: 18, status: "done" }];
    assert_eq!(days_proposed(&ladder, &item_due(10), &done, 1), (19..100).collect::<Vec<_>>());
}

#[test]
fn days_on_which_the_clock_stood_before_the_event_do_not_move_what_is_counted_from_it() {
    let ladder = ladder_of(vec![From::Day(7), From::Done { rung: 0, plus: 10 }]);
    let mut item = item_due(10);
    item.disputes = vec![Dispute { opened: 12, closed: Some(20), amount: Some(100) }];
    let done = [Action { item: 0, rung: 0, episode: 0, on: 30, status: "done" }];
    assert_eq!(days_proposed(&ladder, &item, &done, 1), (40..100).collect::<Vec<_>>());
}

#[test]
fn a_day_on_which_the_clock_stands_still_twice_is_one_day() {
    // Disputed on days 12 to 21, a plan kept on days 17 to 26: fifteen days, so the seventh day after due is day 32.
    let mut item = item_due(10);
    item.disputes = vec![Dispute { opened: 12, closed: Some(22), amount: Some(100) }];
    item.plans = vec![PaymentPlan { start: 17, ends: Some(26), broken: None }];
    assert_eq!(days_proposed(&ladder_of(vec![From::Day(7)]), &item, &[], 0), (32..100).collect::<Vec<_>>());
    // A plan that begins after a dispute and before the moved day moves it on: day 15 becomes 25, and 25 becomes 30.
    item.disputes = vec![Dispute { opened: 14, closed: Some(24), amount: Some(100) }];
    item.plans = vec![PaymentPlan { start: 25, ends: Some(29), broken: None }];
    assert_eq!(days_proposed(&ladder_of(vec![From::Day(5)]), &item, &[], 0), (30..100).collect::<Vec<_>>());
}

#[test]
fn a_plan_that_ended_before_it_was_called_broken_stops_the_clock_to_its_end() {
    let mut item = item_due(10);
    item.plans = vec![PaymentPlan { start: 12, ends: Some(16), broken: Some(40) }];
    assert_eq!(days_proposed(&ladder_of(vec![From::Day(7)]), &item, &[], 0), (22..100).collect::<Vec<_>>());
}

#[test]
fn while_the_clock_stands_still_no_weekend_brings_a_rung_forward() {
    // The rung's day is day 14, the first of the plan, and becomes day 41, a Sunday after a plan that still runs on Friday.
    let mut ladder = ladder_of(vec![From::Day(4)]);
    (ladder.shift, ladder.weekend) = (Shift::Previous, true);
    let mut item = item_due(10);
    item.plans = vec![PaymentPlan { start: 14, ends: Some(40), broken: None }];
    assert_eq!(days_proposed(&ladder, &item, &[], 0), (41..100).collect::<Vec<_>>());
}
