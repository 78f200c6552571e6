//! The sections of a policy, each with formulas of every kind in its places.

use super::policies::{Draft, any_type};
use super::world::{Level, Name, Ty};

use Level::{Account, Group, Invoice, Item, Order, OrderLine, Payment, Portfolio};

const CONTACTS: [&str; 3] = ["", ", days_between_contacts: 5", ", days_between_contacts: 14"];

/// `exposure knockouts scorecard tiers notches limit limits`
pub(crate) fn scoring(draft: &mut Draft<'_>) {
    if draft.dice.chance(50) {
        for _ in 0..1 + draft.dice.pick(2) {
            exposure(draft);
        }
        for (name, level) in
            [("account.exposure", Account), ("group.exposure", Group), ("portfolio.exposure", Portfolio)]
        {
            draft.know(name, Ty::Money, false, level);
        }
    }
    if draft.dice.chance(50) {
        tiers(draft);
        if draft.dice.chance(50) {
            draft.show("tier", Ty::Kind, false, Account);
        }
        draft.know("tier", Ty::Kind, false, Account);
    }
    if draft.dice.chance(45) {
        let text = limit(draft, Account);
        draft.add_whole("limit", format!("{{ {text} }}"));
        draft.know("limit.amount", Ty::Money, true, Account);
        draft.know("limit.exceeded_by(account.receivables)", Ty::Money, false, Account);
    }
    if draft.dice.chance(25) {
        let level = [Account, Group, Order][draft.dice.pick(3)];
        let text = limit(draft, level);
        let id = draft.id("more");
        draft.add("limits", "limits", format!("- {{ id: {id}, for: {}, {text} }}", level.name()));
        draft.show(&format!("limits.{id}.amount"), Ty::Money, true, level);
    }
}

fn exposure(draft: &mut Draft<'_>) {
    let level = [Item, OrderLine, Payment, Invoice][draft.dice.pick(4)];
    let (id, amount) = (draft.id("part"), draft.formula(level, Ty::Money));
    let filter = match draft.dice.chance(40) {
        true => format!(", where: {}", draft.formula(level, Ty::Bool)),
        false => String::new(),
    };
    draft.add("exposure", "exposure", format!("- {{ id: {id}, for: {}, amount: {amount}{filter} }}", level.name()));
}

fn tiers(draft: &mut Draft<'_>) {
    if draft.dice.chance(60) {
        let first = draft.formula(Account, Ty::Number);
        let second = draft.maybe(Account, Ty::Days);
        let missing = draft.dice.one(&["worst", "{ neutral: 8 }", "exclude"]);
        let (heavy, light) = (1 + draft.dice.pick(3), 1 + draft.dice.pick(2));
        let factors = match draft.dice.chance(40) {
            true => format!(
                ", factors: [ {{ id: cyclical, when: {}, multiply_by: 0.9 }} ]",
                draft.formula(Account, Ty::Bool)
            ),
            false => String::new(),
        };
        draft.add_whole(
            "scorecard",
            format!(
                "{{ missing: {missing}, characteristics: [ \
                 {{ id: one, weight: {heavy}, value: {first}, bins: [ {{ is: '<= 0', points: 60 }}, {{ is: '(0..15.5]', points: 20 }}, {{ is: '> 15.5', points: 0 }} ] }}, \
                 {{ id: two, weight: {light}, value: {second}, bins: [ {{ is: '< 5', points: 25 }}, {{ is: '>= 5', points: 10.5 }} ] }} ]{factors} }}"
            ),
        );
        for (id, cell) in [("A", ">= 60"), ("B", "[20..60)"), ("C", "< 20")] {
            draft.add("tiers", "tiers", format!("- {{ id: {id}, score: '{cell}' }}"));
        }
        draft.know("score", Ty::Number, false, Account);
    } else {
        for id in ["A", "B"] {
            let when = draft.formula(Account, Ty::Bool);
            draft.add("tiers", "tiers", format!("- {{ id: {id}, when: {when} }}"));
        }
        draft.add("tiers", "tiers", "- { id: C, when: 'true' }".to_owned());
    }
    for _ in 0..draft.dice.pick(3) {
        let (id, rule, tier) = (draft.id("out"), draft.rule(Account), draft.dice.one(&["B", "C"]));
        draft.add(
            "knockouts",
            "knockouts",
            format!("- {{ id: {id}, {rule}, tier: {tier}, reason: 'it is {{customer.since}}' }}"),
        );
    }
    for _ in 0..draft.dice.pick(3) {
        let (id, rule, way) = (draft.id("notch"), draft.rule(Account), draft.dice.one(&["down", "up"]));
        draft.add("notches", "notches", format!("- {{ id: {id}, {rule}, {way}: 1 }}"));
    }
}

/// `start`, `steps`, and at times `sources` and what follows them.
fn limit(draft: &mut Draft<'_>, level: Level) -> String {
    let mut rows = Vec::new();
    for _ in 0..draft.dice.pick(3) {
        let (id, when) = (draft.id("start"), draft.when(level, 80));
        let says = match draft.dice.pick(4) {
            0 => "none: true".to_owned(),
            1 => "unlimited: true".to_owned(),
            _ => format!("amount: {}", draft.formula(level, Ty::Money)),
        };
        rows.push(format!("{{ id: {id}, {when}{says} }}"));
    }
    rows.push(format!("{{ id: start_rest, amount: {} }}", draft.formula(level, Ty::Money)));
    let mut text = format!("start: [ {} ]", rows.join(", "));
    if draft.dice.chance(70) {
        text += &format!(", steps: [ {} ]", steps(draft, level));
    }
    if draft.dice.chance(35) && level != Order {
        let take = draft.dice.one(&["least", "greatest", "sum", "first"]);
        let own = draft.formula(level, Ty::Money);
        let maybe = if level == Account { "customer.limit" } else { "group.limit" };
        let blank = draft.dice.one(&["silent", "none"]);
        let when = draft.when(level, 50);
        let until = draft.maybe(level, Ty::Date);
        let replaces = draft.dice.one(&["", ", replaces: all", ", replaces: [own]"]);
        text += &format!(
            ", sources: {{ take: {take}, own: {{ {when}amount: {own} }}, book: {{ amount: {maybe}, blank: {blank}, until: {until}{replaces} }} }}"
        );
        if draft.dice.chance(40) {
            text += &format!(", then: [ {} ]", steps(draft, level));
        }
    }
    if level == Account && draft.dice.chance(20) {
        text += ", rises: at_review";
    }
    text
}

/// Steps of an amount.
fn steps(draft: &mut Draft<'_>, level: Level) -> String {
    let mut steps = Vec::new();
    for _ in 0..1 + draft.dice.pick(3) {
        let (id, when) = (draft.id("step"), draft.when(level, 50));
        let does = match draft.dice.pick(9) {
            0 => format!("add: {}", draft.formula(level, Ty::Money)),
            1 => format!("subtract: {}", draft.formula(level, Ty::Money)),
            2 => format!("at_most: {}", draft.formula(level, Ty::Money)),
            3 => format!("at_least: {}", draft.formula(level, Ty::Money)),
            4 => format!("replace_with: {}", draft.formula(level, Ty::Money)),
            5 => {
                let way = draft.dice.one(&["down_", "up_", ""]);
                format!("round_{way}to_multiple_of: {}", draft.dice.one(&["1000", "0.05", "7"]))
            }
            6 if Account.is_above(level) => {
                "multiply_by: { customer.a_kind: { A: 1.5, B: 1.0, C: 0.3333333333 } }".to_owned()
            }
            _ => format!("multiply_by: {}", draft.formula(level, Ty::Number)),
        };
        steps.push(format!("{{ id: {id}, {when}{does} }}"));
    }
    steps.join(", ")
}

/// `amounts`: stepped, and split.
pub(crate) fn amounts(draft: &mut Draft<'_>) {
    if draft.dice.chance(40) {
        let level = [Account, Item, Order][draft.dice.pick(3)];
        let (id, start) = (draft.id("sum"), draft.formula(level, Ty::Money));
        let steps = steps(draft, level);
        let text = format!("- {{ id: {id}, for: {}, start: {start}, steps: [ {steps} ] }}", level.name());
        draft.add("amounts", "amounts", text);
        draft.know(&id, Ty::Money, false, level);
    }
    if draft.dice.chance(35) {
        let (level, among) =
            [(Item, Account), (Account, Group), (Account, Portfolio), (Order, Account)][draft.dice.pick(4)];
        let (id, of) = (draft.id("share"), draft.formula(among, Ty::Money));
        let filter = match draft.dice.chance(50) {
            true => format!("where: {}, ", draft.formula(level, Ty::Bool)),
            false => String::new(),
        };
        let (sort, how) = if draft.dice.chance(50) {
            ("split pro rata", format!("pro_rata: {}", draft.formula(level, Ty::Money)))
        } else {
            let (by, most) = (draft.maybe(level, Ty::Date), draft.formula(level, Ty::Money));
            let by = if draft.dice.chance(40) { format!("{{ by: {by}, descending: true }}") } else { by };
            ("split in order", format!("in_order: [ {by} ], at_most: {most}"))
        };
        let head = format!("id: {id}, for: {}, among: {}, {filter}", level.name(), among.name());
        draft.add("amounts", sort, format!("- {{ {head}split: {{ of: {of}, {how} }} }}"));
        draft.show(&format!("{id}.rest"), Ty::Money, false, among);
        draft.know(&id, Ty::Money, false, level);
    }
}

/// `decide`: tables of every kind of hit, and single formulas.
pub(crate) fn decisions(draft: &mut Draft<'_>, count: usize) {
    for _ in 0..count {
        let level = [Account, Item, Order, Portfolio, Group, Invoice][draft.dice.pick(6)];
        let ty = any_type(draft.dice);
        let id = draft.id("d");
        let head = format!("id: {id}, for: {}, {}", level.name(), ty.declared());
        if draft.dice.chance(30) {
            let gives = draft.maybe(level, ty);
            draft.add("decide", "decide one", format!("- {{ {head}, gives: {gives} }}"));
            draft.know(&id, ty, true, level);
            continue;
        }
        let (sort, hit) = match draft.dice.pick(6) {
            0 => ("decide unique", ", hit: unique".to_owned()),
            1 if ty.is_summed() => {
                let collect = draft.dice.one(&["sum", "max", "min"]);
                ("decide collect", format!(", hit: collect, collect: {collect}"))
            }
            2 => ("decide list", ", hit: collect".to_owned()),
            _ => ("decide first", String::new()),
        };
        let complete = if draft.dice.chance(25) { ", complete: true" } else { "" };
        let mut rows = Vec::new();
        for _ in 0..1 + draft.dice.pick(6) {
            let row = draft.id("row");
            let when = draft.when(level, 50);
            let cells = cells(draft, level);
            let gives = gives(draft, level, ty);
            let reason = if draft.dice.chance(30) { ", reason: { en: 'at {as_of}', zh: '理由' }" } else { "" };
            rows.push(format!("{{ id: {row}, {when}{cells}gives: {gives}{reason} }}"));
        }
        if draft.dice.chance(50) {
            rows.push(format!("{{ id: row_rest, gives: {} }}", gives(draft, level, ty)));
        }
        draft.add("decide", sort, format!("- {{ {head}{hit}{complete}, rows: [ {} ] }}", rows.join(", ")));
        if !sort.ends_with("list") {
            draft.know(&id, ty, !sort.ends_with("collect"), level);
            draft.show(&id, ty, true, level);
        }
    }
}

fn gives(draft: &mut Draft<'_>, level: Level, ty: Ty) -> String {
    match ty {
        Ty::Text | Ty::Kind => draft.dice.one(&["A", "B", "C"]).to_owned(),
        _ => draft.formula(level, ty),
    }
}

/// Keys of a row with their cells.
fn cells(draft: &mut Draft<'_>, level: Level) -> String {
    let mut text = String::new();
    for _ in 0..draft.dice.pick(3) {
        let asked =
            |n: &&Name| n.level.is_above(level) && !n.text.contains('(') && n.text != "as_of" && n.ty != Ty::Bool;
        let asked: Vec<Name> = draft.names.iter().filter(asked).cloned().collect();
        let Name { text: name, ty, optional, .. } = asked[draft.dice.pick(asked.len().min(256))].clone();
        let cell = if optional && draft.dice.chance(20) {
            "missing"
        } else {
            draft.dice.one(match ty {
                Ty::Kind => &["A", "[A, B]", "'not(A)'", "any"],
                Ty::Text => &["A", "[retail, B]", "'not(retail)'", "any"],
                Ty::Date => &["'<= 2026-06-30'", "'> 2026-01-31'", "'[2026-01-01..2026-06-30)'"],
                Ty::Money | Ty::Number => &["'> 30'", "'<= 0'", "'[0..100.5)'", "'!= 5'", "'>= 92233720368547758.07'"],
                _ => &["'> 30'", "'<= 0'", "'[1..30]'", "45", "'not([0..5])'"],
            })
        };
        if !text.contains(&format!("{name}: ")) {
            text += &format!("{name}: {cell}, ");
        }
    }
    text
}

/// `terms order_checks warnings approvals ladders late_charge`
pub(crate) fn documents(draft: &mut Draft<'_>) {
    if draft.dice.chance(35) {
        terms(draft);
    }
    if draft.dice.chance(35) {
        order_checks(draft);
    }
    if draft.dice.chance(30) {
        warnings(draft);
    }
    if draft.dice.chance(25) {
        let first = draft.formula(Account, Ty::Bool);
        let text = format!(
            "[ {{ id: refused, when: {first}, reject: true }}, {{ id: large, in_order: [sales, finance], distinct_people: true }} ]"
        );
        let cell = format!("{{ write_off: {{ amount: account.overdue, action: sign, rows: {text} }} }}");
        draft.add_whole("approvals", cell);
    }
    if draft.dice.chance(45) {
        for _ in 0..1 + draft.dice.pick(2) {
            charge(draft);
        }
        draft.know("item.late_charges", Ty::Money, false, Item);
    }
    for _ in 0..draft.dice.pick(3) {
        ladder(draft);
    }
}

fn terms(draft: &mut Draft<'_>) {
    let hit = draft.dice.one(&["first", "unique"]);
    let (one, two, three) =
        (draft.formula(Account, Ty::Bool), draft.formula(Account, Ty::Bool), draft.formula(Account, Ty::Bool));
    let late = draft.formula(Invoice, Ty::Date);
    draft.add_whole(
        "terms",
        format!(
            "{{ hit: {hit}, rows: [ \
             {{ id: long, when: {one}, net_days: 60, discount: {{ share: 2%, within_days: 10, partial: pro_rata }} }}, \
             {{ id: dated, when: {two}, due: {late}, on_holiday: next_business_day }}, \
             {{ id: staged, when: {three}, stages: [ {{ share: 30%, at: order }}, {{ rest: true, at: delivery, plus_days: 60 }} ], security: [title] }}, \
             {{ id: cash, customer.a_kind: C, prepay_share: 1 }} ] }}"
        ),
    );
    draft.know("terms.net_days", Ty::Days, true, Account);
    draft.know("terms.prepay_share", Ty::Number, false, Account);
    draft.know("order.prepay_amount", Ty::Money, false, Order);
}

fn order_checks(draft: &mut Draft<'_>) {
    let (one, two, three) = (draft.rule(Order), draft.rule(Order), draft.rule(Order));
    draft.add_whole(
        "order_checks",
        format!(
            "{{ strictest_first: [reject, hold, prepay, refer, pass], at: [confirmation, shipment], rules: [ \
             {{ id: over, {one}, decision: hold, reason: 'of {{order.amount}}' }}, {{ id: not_this, {two}, decision: reject }} ], \
             exceptions: [ {{ id: friend, lifts: [over], {three} }} ] }}"
        ),
    );
}

fn warnings(draft: &mut Draft<'_>) {
    let (one, two, until) = (draft.rule(Account), draft.rule(Account), draft.formula(Account, Ty::Bool));
    draft.add_whole(
        "warnings",
        format!(
            "{{ levels: [yellow, red], rules: [ {{ id: slips, level: yellow, {one} }}, {{ id: late, level: red, {two}, until: {until} }} ] }}"
        ),
    );
}

/// A late charge of one of its kinds.
fn charge(draft: &mut Draft<'_>) {
    let id = draft.id("charge");
    let base = match draft.dice.pick(4) {
        0 => "base: invoice.amount, ".to_owned(),
        1 => format!("base: {}, ", draft.formula(Item, Ty::Money)),
        _ => String::new(),
    };
    let when = draft.when(Item, 30);
    let from = draft.dice.one(&[
        "",
        "from: item.due_date + 1, ",
        "from: 'item.due_date + params.late', ",
        "from: invoice.issue_date, ",
    ]);
    let round = draft.dice.one(&["total", "each_day"]);
    let bounds = match draft.dice.pick(5) {
        0 => ", at_most: { share_of_base: 10% }".to_owned(),
        1 => ", at_least: 5, waive_below: 1".to_owned(),
        2 => format!(", at_most: {}", draft.formula(Item, Ty::Money)),
        _ => String::new(),
    };
    let claimed = if draft.dice.chance(30) { ", claimed: false" } else { "" };
    let apply = draft.dice.one(&["to_their_days", "to_the_whole_period"]);
    let (sort, rate) = match draft.dice.pick(7) {
        0 => {
            let rows = "{ is: '< 10000', gives: 50 }, { is: '>= 10000', gives: 200.005 }";
            let text = format!("- {{ id: {id}, {when}fixed: {{ by: invoice.amount, rows: [ {rows} ] }}{claimed} }}");
            draft.add("late_charge", "fixed charge", text);
            return;
        }
        1 | 2 => {
            let bands = "[ { days: '[1..30]', is: 0.05% }, { days: '> 30', is: 0.08% } ]";
            ("banded charge", format!("{{ daily: {bands}, bands_apply: {apply} }}"))
        }
        3 => {
            let count = draft.dice.one(&["actual/365", "actual/360", "actual/actual", "30/360"]);
            ("yearly charge", format!("{{ yearly: 0.0873, day_count: {count} }}"))
        }
        4 => {
            let count = draft.dice.one(&["started_months", "full_months", "actual/30", "actual/365"]);
            ("monthly charge", format!("{{ monthly: 1.5%, day_count: {count} }}"))
        }
        5 => {
            let fixed = draft.dice.one(&["at_due", "at_start", "floating", "invoice.issue_date"]);
            ("reference charge", format!("{{ yearly: reference.BASE + 0.09, day_count: actual/365, fixed: {fixed} }}"))
        }
        _ => {
            let text = format!(
                "- {{ id: {id}, {when}rate: {{ daily: 0.1% }}, round: {}, payments_cover: [costs, interest, principal]{claimed} }}",
                draft.dice.one(&["total", "each_payment"])
            );
            draft.add("late_charge", "charge that payments cover", text);
            return;
        }
    };
    if sort == "reference charge" && !draft.pieces.iter().any(|piece| piece.section == "reference") {
        let rows =
            "[ { from: 2024-07-01, rate: 3.37% }, { from: 2025-07-01, rate: 1.27% }, { from: 2026-01-01, rate: 2% } ]";
        draft.add("reference", "reference", format!("BASE: {rows}"));
    }
    let text = format!("- {{ id: {id}, {base}{when}{from}rate: {rate}, round: {round}{bounds}{claimed} }}");
    draft.add("late_charge", sort, text);
}

fn ladder(draft: &mut Draft<'_>) {
    let id = draft.id("ladder");
    let level = [Item, Item, Item, Level::Promise, Order, Account][draft.dice.pick(6)];
    let anchor = match (level, draft.dice.pick(4)) {
        (_, 0) => draft.maybe(level, Ty::Date),
        (Item, _) => "item.due_date".to_owned(),
        (Level::Promise, _) => "promise.last_day".to_owned(),
        (Order, _) => "order.ordered_on ?? as_of".to_owned(),
        _ => "customer.since".to_owned(),
    };
    let anchor = anchor.trim_matches('\'').replace("''", "'");
    let counts = if draft.dice.chance(20) { "deadline" } else { "anchor" };
    let mut head = format!("id: {id}, for: {}, {counts}: {}", level.name(), super::formulas::quoted(&anchor));
    head += match draft.dice.pick(3) {
        0 => ", catch_up: every",
        1 => ", catch_up: one_per_run",
        _ => ", catch_up: highest",
    };
    if draft.dice.chance(40) {
        head += &format!(", applies: {}", draft.formula(level, Ty::Bool));
    }
    if draft.dice.chance(30) {
        head += &format!(", hold_while: [ {{ id: held, when: {} }} ]", draft.formula(level, Ty::Bool));
    }
    if level == Item && draft.dice.chance(30) {
        head += draft.dice.one(&[", stop_clock_while: [plan_kept]", ", stop_clock_while: [disputed, plan_kept]"]);
    }
    head += draft.dice.one(&["", "", ", on_holiday: next_business_day", ", on_holiday: previous_business_day"]);
    head += draft.dice.one(&CONTACTS);
    if level == Account && draft.dice.chance(60) {
        head += ", every: { months: 3 }";
    }
    let letter = level == Item && draft.dice.chance(45);
    if letter {
        let per = draft.dice.one(&["customer", "group"]);
        head += &format!(", letter: {{ per: [{per}, currency], level: highest_of_lines");
        head += draft.dice.one(&["", ", at_least: 75", ", fee: 10", ", unapplied: show"]);
        if per == "customer" && draft.dice.chance(30) {
            head += ", shows: [unapplied_credit]";
        }
        head += " }";
    }
    let sort = match (letter, level) {
        (true, _) => "ladder with letters",
        (_, Item) => "ladder of items",
        _ => "ladder of others",
    };
    let mut rungs = Vec::new();
    let mut day = -3;
    for (rank, name) in ["first", "second", "third", "fourth"].into_iter().take(1 + draft.dice.pick(4)).enumerate() {
        let when = draft.when(level, 25);
        let reached = match draft.dice.pick(5) {
            0 if rank > 0 => format!("from: {{ rung: first, event: done, plus_days: {} }}", 3 + draft.dice.pick(20)),
            1 => format!("from_day: {day}, until_day: {}", day + 40),
            _ => format!("from_day: {day}"),
        };
        let more = match draft.dice.pick(6) {
            0 if level == Item => ", needs_evidence: [contract]",
            1 => ", approval: [finance], owner: desk",
            2 => ", channel: [ { by: email, when: is_given(customer.segment) }, letter ]",
            3 => ", reason: { en: 'since {as_of}' }",
            _ => "",
        };
        rungs.push(format!("{{ id: {name}, {when}{reached}, action: do_{name}{more} }}"));
        day += 5 + i64::try_from(draft.dice.pick(30)).unwrap();
    }
    draft.add("ladders", sort, format!("- {{ {head}, rungs: [ {} ] }}", rungs.join(", ")));
}

/// `states review invariants`
pub(crate) fn over_time(draft: &mut Draft<'_>) {
    if draft.dice.chance(25) {
        let (id, stop, ease) = (draft.id("state"), draft.formula(Account, Ty::Bool), draft.formula(Account, Ty::Bool));
        let apply = draft.dice.one(&["now", "at_review"]);
        let moves = format!(
            "{{ id: stop, from: [normal, watch], to: stopped, when: {stop}, apply: now }}, {{ id: ease, to: normal, when: {ease}, apply: {apply} }}, \
             {{ id: worsen, from: normal, to: watch, when: account.overdue > 0, apply: now }}"
        );
        draft.add("states", "states", format!("- {{ id: {id}, first: normal, moves: [ {moves} ] }}"));
    }
    if draft.dice.chance(25) {
        draft.add_whole("review", "{ every: { months: 3 } }".to_owned());
    }
    if draft.dice.chance(25) {
        let level = [Account, Item, Order, Group][draft.dice.pick(4)];
        let (id, holds) = (draft.id("must"), draft.formula(level, Ty::Bool));
        let way = draft.dice.one(&["never", "always"]);
        let text = format!("- {{ id: {id}, for: {}, {way}: {holds}, reason: 'on {{as_of}}' }}", level.name());
        draft.add("invariants", "invariants", text);
    }
}
