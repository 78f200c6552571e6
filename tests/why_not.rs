//! What `explain` says of what did not happen: the clause that failed, the values it saw, and how far it was from holding.
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

use std::fmt::Write as _;
use std::path::Path;

use chrono::NaiveDate;
use model_support::{MANIFEST, Tables, compile, hold};
use proptest::collection::vec;
use rust_decimal::Decimal;
use serde_json::Value;
use usance::book::{self, Book};
use usance::engine::{Run, Verdict};
use usance::outcome::{Focus, Misses, explain, explain_json};
use usance::plan::{self, Form, Plan, on_a_deep_stack};
use usance::policy::folder::Folder;

const FACTS: &str = "\
money: { currency: CNY, round_to: 0.01, mode: half_even, others: refuse }
facts:
  customer.n:      { type: int }
  customer.days:   { type: days }
  customer.months: { type: months }
  customer.m:      { type: money }
  customer.share:  { type: number }
  customer.day:    { type: date }
  customer.kind:   { type: one_of, values: [A, B, C] }
  customer.flag:   { type: bool }
  customer.opt:    { type: money, optional: true }
params:
  floor: { value: 20%, min: 0, max: 1 }
";
const COLUMNS: [&str; 11] = ["id", "since", "n", "days", "months", "m", "share", "day", "kind", "flag", "opt"];
const CELLS: [&str; 11] = ["K", "2020-01-01", "2", "18", "63", "90.00", "0.165", "2026-07-12", "B", "false", ""];

fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 6, 30).unwrap()
}

fn one_customer(plan: &Plan, cells: &[&str]) -> Book {
    let mut tables = Tables::default();
    tables.row("customers", &COLUMNS, cells);
    tables.book(plan)
}

/// The decision `d` of the one customer, as JSON; `rows` are its rows.
fn decided(more: &str, rows: &str, language: &str) -> Value {
    let plan = compile(&format!(
        "{MANIFEST}{FACTS}decide:\n{more}  - id: d\n    for: account\n    type: text\n    hit: first\n    rows:\n{rows}      - {{ id: rest, gives: rest }}\n"
    ));
    let book = one_customer(&plan, &CELLS);
    let told = document(&plan, &book, language);
    decision(&told, "d")
}

fn document(plan: &Plan, book: &Book, language: &str) -> Value {
    let account = plan.schema.relation("account").unwrap();
    on_a_deep_stack(|| explain_json(&mut Run::new(plan, book, today()), (account, 0), Focus::Account, language))
}

fn decision(document: &Value, name: &str) -> Value {
    let rows = document["rows"].as_array().unwrap();
    let decisions = rows.iter().flat_map(|row| row["decisions"].as_array().unwrap());
    decisions.clone().find(|d| d["name"] == name).unwrap_or_else(|| panic!("no decision `{name}`")).clone()
}

/// The clauses in the way of the one row with this condition.
fn in_the_way(condition: &str, language: &str) -> Vec<Value> {
    let row = format!("      - {{ id: r, when: '{condition}', gives: r }}\n");
    let missed = decided("", &row, language)["why_not"]["missed"].clone();
    assert_eq!(missed[0]["rule"], "r", "{condition}: {missed}");
    let clauses: Vec<Value> = missed[0]["clauses"].as_array().unwrap().clone();
    let counting: Vec<Value> = clauses.into_iter().filter(|c| c["counts"] == true).collect();
    assert_eq!(missed[0]["failing"], counting.len());
    counting
}

#[test]
fn each_comparison_says_how_far_it_is_in_its_own_unit() {
    for (condition, says, distance, unit, direction) in [
        ("customer.days >= 30", "is 18, 12 days short of 30", "12", "days", "up"),
        ("30 <= customer.days", "is 18, 12 days short of 30", "12", "days", "up"),
        ("customer.days > 18", "is 18, needs more than 18: 1 day short", "1", "days", "up"),
        ("customer.days <= 13", "is 18, 5 days over 13", "5", "days", "down"),
        ("customer.days < 18", "is 18, needs less than 18: 1 day over", "1", "days", "down"),
        ("!(customer.days >= 10)", "is 18, needs less than 10: 9 days over", "9", "days", "down"),
        ("customer.n >= 4", "is 2, 2 short of 4", "2", "count", "up"),
        ("customer.n == 5", "is 2, needs 5: 3 away", "3", "count", "up"),
        ("!(customer.n != 1)", "is 2, needs 1: 1 away", "1", "count", "down"),
        ("customer.months < 12", "is 63, needs less than 12: 52 months over", "52", "months", "down"),
        ("customer.m >= 1590", "is 90.00, 1,500.00 CNY short of 1,590.00", "1500", "CNY", "up"),
        ("customer.m > 90", "is 90.00, needs more than 90.00: 0.01 CNY short", "0.01", "CNY", "up"),
        ("customer.m - 100 > 0", "is 90.00, needs more than 100.00: 10.01 CNY short", "10.01", "CNY", "up"),
        ("customer.share >= params.floor", "is 16.5%, 3.5 points short of 20%", "3.5", "percentage points", "up"),
        ("customer.share >= 0.2", "is 0.165, 0.035 short of 0.2", "0.035", "number", "up"),
        ("customer.share > 0.165", "is 0.165, needs more than 0.165", "0", "number", "up"),
        ("customer.day <= as_of", "from 2026-07-12, 12 days away", "12", "days", "down"),
        ("as_of >= customer.day", "from 2026-07-12, 12 days away", "12", "days", "down"),
        ("customer.day < as_of", "until 2026-07-12, over in 13 days", "13", "days", "down"),
        ("customer.since >= as_of - 1", "is 2020-01-01, 2371 days before 2026-06-29", "2371", "days", "up"),
    ] {
        let clauses = in_the_way(condition, "en");
        assert_eq!(clauses.len(), 1, "{condition}");
        assert_eq!(clauses[0]["says"], says, "{condition}");
        assert_eq!(clauses[0]["distance"], distance, "{condition}");
        assert_eq!(clauses[0]["unit"], unit, "{condition}");
        assert_eq!(clauses[0]["direction"], direction, "{condition}");
        assert_eq!(clauses[0]["text"], condition, "as written");
        assert_eq!(clauses[0]["holds"], false, "{condition}");
    }
}

#[test]
fn what_has_no_distance_says_what_it_is_and_what_it_needs() {
    for (condition, says) in [
        ("customer.kind == \"A\"", "is B, needs A"),
        ("customer.kind != \"B\"", "is B, and must not be"),
        ("customer.kind in [\"A\", \"C\"]", "is B, needs one of A, C"),
        ("!(customer.kind in [\"A\", \"B\"])", "is B, needs none of A, B"),
        ("customer.kind == \"A\" || customer.kind == \"C\"", "is B, needs one of A, C"),
        ("customer.flag", "is no, needs yes"),
        ("customer.n != 2", "is 2, and must not be"),
        ("is_given(customer.opt)", "missing: enter `customer.opt` at customers.csv:2"),
        // What is asked only where it is there is not a second thing in the way.
        ("is_given(customer.opt) && customer.opt > 5", "missing: enter `customer.opt` at customers.csv:2"),
    ] {
        let clauses = in_the_way(condition, "en");
        assert_eq!(clauses.len(), 1, "{condition}");
        assert_eq!(clauses[0]["says"], says, "{condition}");
        assert_eq!(clauses[0]["distance"], Value::Null, "{condition}");
    }
}

#[test]
fn it_is_said_in_chinese() {
    for (condition, says) in [
        ("customer.days >= 30", "现为 18，距 30 还差 12 天"),
        ("customer.days > 18", "现为 18，须大于 18，差 1 天"),
        ("customer.m <= 50", "现为 90.00，比 50.00 多 40.00 元"),
        ("customer.share >= params.floor", "现为 16.5%，距 20% 还差 3.5 个百分点"),
        ("customer.day <= as_of", "自 2026-07-12 起，还差 12 天"),
        ("customer.kind in [\"A\", \"C\"]", "现为 B，须为 A, C 之一"),
        ("customer.flag", "现为 否，须为 是"),
        ("is_given(customer.opt)", "缺少：请在 customers.csv:2 填写 `customer.opt`"),
    ] {
        let clauses = in_the_way(condition, "zh");
        assert_eq!(clauses[0]["says"], says, "{condition}");
    }
}

#[test]
fn of_alternatives_the_nearest_is_told_and_negation_goes_inwards() {
    let texts = |condition: &str| -> Vec<String> {
        in_the_way(condition, "en").iter().map(|c| c["text"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(texts("(customer.days >= 30 && customer.flag) || customer.n >= 5"), ["customer.n >= 5"]);
    assert_eq!(texts("customer.days >= 30 || customer.n >= 5"), ["customer.days >= 30"]);
    assert_eq!(texts("!(customer.days < 30 || customer.n < 3)"), ["customer.days < 30", "customer.n < 3"]);
    assert_eq!(texts("!(customer.days < 30 && customer.n < 3)"), ["customer.days < 30"]);
    assert_eq!(texts("customer.n == 2 && (customer.flag || customer.days > 30)"), ["customer.flag"]);
    assert_eq!(texts("if customer.flag { customer.n > 9 } else { customer.n > 5 }"), ["customer.n > 5"]);
    // Nobody is asked to take a value away where another way leads there.
    assert_eq!(texts("!(is_given(customer.m) && customer.m >= 10)"), ["customer.m >= 10"]);
}

#[test]
fn the_nearest_rule_has_the_fewest_clauses_in_its_way_then_the_order_decides() {
    let rows = "      - { id: two,   when: 'customer.flag && customer.n > 5', gives: a }
      - { id: one,   when: 'customer.n == 2 && customer.days > 30', gives: b }
      - { id: also,  when: 'customer.n > 5', gives: c }
      - { id: wins,  when: 'customer.n == 2', gives: z }
      - { id: below, when: 'customer.n == 3', gives: e }
";
    let told = decided("", rows, "en");
    let why_not = &told["why_not"];
    assert_eq!(told["value"], "z");
    assert_eq!(why_not["nearest"], "one");
    let order: Vec<&str> = why_not["missed"].as_array().unwrap().iter().map(|m| m["rule"].as_str().unwrap()).collect();
    assert_eq!(order, ["one", "also", "two"]);
    assert_eq!(why_not["not_reached"], serde_json::json!(["below", "rest"]));
    assert_eq!(why_not["missed"][0]["gives"], "b");
}

#[test]
fn a_row_of_a_table_is_told_by_its_cells() {
    let rows = "      - { id: r, kind: [A, C], days: '[20..40)', m: '> 100', n: 2, day: '>= 2026-08-01', share: '<= 15.5%', gives: r }\n";
    let missed = decided("", rows, "en")["why_not"]["missed"][0].clone();
    let told: Vec<String> =
        missed["clauses"].as_array().unwrap().iter().filter(|c| c["counts"] == true).fold(Vec::new(), |mut all, c| {
            all.push(format!("{} — {}", c["text"].as_str().unwrap(), c["says"].as_str().unwrap()));
            all
        });
    assert_eq!(
        told,
        [
            "customer.kind: [A, C] — is B, needs one of A, C",
            "customer.days: [20..40) — is 18, 2 days short of 20",
            "customer.m: > 100 — is 90.00, needs more than 100.00: 10.01 CNY short",
            "customer.day: >= 2026-08-01 — is 2026-07-12, 20 days before 2026-08-01",
            "customer.share: <= 15.5% — is 16.5%, 1 point over 15.5%",
        ]
    );
}

#[test]
fn a_condition_that_has_a_name_says_below_why_it_is_as_it_is() {
    let good = "  - id: good
    for: account
    type: bool
    hit: first
    rows:
      - { id: yes_it_is, when: customer.days >= 30, gives: true }
      - { id: no_it_is_not, gives: false }
";
    let told = decided(good, "      - { id: r, when: good && customer.n == 2, gives: r }\n", "en");
    let clauses = told["why_not"]["missed"][0]["clauses"].as_array().unwrap().clone();
    let good: Vec<&Value> = clauses.iter().filter(|c| c["counts"] == true).collect();
    assert_eq!(good.len(), 1);
    assert_eq!((&good[0]["text"], &good[0]["says"]), (&"good".into(), &"is no, needs yes".into()));
    assert_eq!(good[0]["because"][0]["says"], "is 18, 12 days short of 30");
}

#[test]
fn a_tier_that_was_missed_is_told_by_its_score_and_one_that_was_lost_by_its_notch() {
    let policy = |hit: &str| {
        format!(
            "{MANIFEST}{FACTS}scorecard:
  base: 0
  characteristics:
    - {{ id: days, value: customer.days, bins: [ {{ is: '< 20', points: 66 }}, {{ is: '>= 20', points: 10 }} ] }}
tiers:
  - {{ id: A, score: '>= 75' }}
  - {{ id: B, score: '[60..75)' }}
  - {{ id: C, score: '< 60' }}
notches:
  - {{ id: slow, down: 1, when: customer.n == {hit} }}
"
        )
    };
    let tier = |hit: &str| {
        let plan = compile(&policy(hit));
        let book = one_customer(&plan, &CELLS);
        decision(&document(&plan, &book, "en"), "tier")
    };
    let missed = tier("9");
    assert_eq!(missed["value"], "B");
    assert_eq!(missed["why_not"]["nearest"], "A");
    let clause = missed["why_not"]["missed"][0]["clauses"][0].clone();
    assert_eq!((&clause["text"], &clause["says"]), (&"score: >= 75".into(), &"is 66, 9 short of 75".into()));
    let lost = tier("2");
    assert_eq!(lost["value"], "C");
    let b = lost["why_not"]["missed"].as_array().unwrap().iter().find(|m| m["rule"] == "B").unwrap().clone();
    assert_eq!(b["clauses"][0]["because"][0]["text"], "!(notches.slow)", "{b:#}");
}

// ── whatever the condition ───────────────────────────────────────────────────────────────────────────────────────

const ATOMS: [&str; 12] = [
    "customer.n > 2",
    "customer.n <= 3",
    "customer.days >= 30",
    "customer.days < 18",
    "customer.m != 90",
    "customer.kind == \"B\"",
    "customer.kind in [\"A\", \"C\"]",
    "customer.flag",
    "is_given(customer.opt)",
    "(customer.opt ?? 7) > 5",
    "(is_given(customer.opt) && customer.opt > 5)",
    "true",
];

/// A condition from codes, as a stack machine reads them: what lacks its operands is an atom instead.
fn condition(codes: &[usize]) -> String {
    let mut stack: Vec<String> = Vec::new();
    for code in codes {
        let needs = [0, 0, 0, 1, 2, 2, 2, 3][code % 8];
        if stack.len() < needs || needs == 0 {
            stack.push(ATOMS[code / 8 % ATOMS.len()].to_owned());
            continue;
        }
        let taken = stack.split_off(stack.len() - needs);
        stack.push(match (code % 8, taken.as_slice()) {
            (3, [a]) => format!("!({a})"),
            (4 | 5, [a, b]) => format!("({a} && {b})"),
            (6, [a, b]) => format!("({a} || {b})"),
            (_, [c, a, b]) => format!("(if {c} {{ {a} }} else {{ {b} }})"),
            _ => unreachable!("each operator takes what it needs"),
        });
    }
    stack.join(" || ")
}

#[test]
fn a_condition_holds_exactly_where_its_clauses_do() {
    hold(40, &vec(vec(0..960_usize, 1..14), 6), |codes| {
        let conditions: Vec<String> = codes.iter().map(|codes| condition(codes)).collect();
        let mut text = format!("{MANIFEST}{FACTS}decide:\n");
        for (number, condition) in conditions.iter().enumerate() {
            let _ = writeln!(
                text,
                "  - {{ id: d{number}, for: account, type: bool, hit: first, rows: [ {{ id: r, when: '{condition}', gives: true }}, {{ id: o, gives: false }} ] }}"
            );
        }
        let plan = compile(&text);
        let mut tables = Tables::default();
        for (number, (n, days, flag, kind, opt)) in
            [("2", "18", "false", "B", ""), ("3", "30", "true", "A", "6"), ("4", "17", "true", "C", "5")]
                .iter()
                .enumerate()
        {
            let id = format!("K{number}");
            let cells = [id.as_str(), "2020-01-01", n, days, "1", "90", "0.1", "2026-07-12", kind, flag, opt];
            tables.row("customers", &COLUMNS, &cells);
        }
        let book = tables.book(&plan);
        let mut run = Run::new(&plan, &book, today());
        for (number, condition) in conditions.iter().enumerate() {
            let node = plan.find(&format!("d{number}")).unwrap();
            let found = plan.node(node).unwrap();
            let Form::Choice(choice) = &found.form else { panic!("no table") };
            let row = &choice.rows[0];
            for at in 0..3 {
                let is = run.outcome(node, at).value.unwrap() == usance::lang::Value::Bool(true);
                let when = row.when.as_ref().unwrap();
                for wanted in [true, false] {
                    let clauses = plan.split(when, wanted, &row.place.source);
                    let finding = run.judge(&clauses, found.subject, at);
                    assert_eq!(finding.verdict == Verdict::Holds, is == wanted, "{condition}");
                    assert_eq!(finding.failing() == 0, is == wanted, "{condition}");
                }
            }
        }
    });
}

#[test]
fn after_the_distance_a_clause_holds_and_one_smallest_unit_before_it_does_not() {
    let case = (0..6_usize, 0..3_usize, -500..500_i64, -500..500_i64);
    hold(60, &case, |(op, unit, seen, bound)| {
        let op = ["<", "<=", ">", ">=", "==", "=="][op];
        let (fact, at, cents) = [("customer.n", 2, false), ("customer.days", 3, false), ("customer.m", 5, true)][unit];
        let print = |n: i64| if cents { model_support::money(n) } else { n.to_string() };
        let plan = compile(&format!(
            "{MANIFEST}{FACTS}  bound: {{ value: {}, type: {} }}\ndecide:\n  - {{ id: d, for: account, type: text, hit: first, rows: [ {{ id: r, when: '{fact} {op} params.bound', gives: r }}, {{ id: o, gives: o }} ] }}\n",
            print(bound),
            ["int", "days", "money"][unit],
        ));
        let at_value = |n: i64| {
            let mut cells = CELLS;
            let text = print(n);
            cells[at] = &text;
            decision(&document(&plan, &one_customer(&plan, &cells), "en"), "d")
        };
        let before = at_value(seen);
        if before["value"] == "r" {
            return;
        }
        let clause = &before["why_not"]["missed"][0]["clauses"][0];
        let distance: Decimal = clause["distance"].as_str().unwrap().parse().unwrap();
        let units = i64::try_from(if cents { distance * Decimal::ONE_HUNDRED } else { distance }).unwrap();
        let towards = |units: i64| if clause["direction"] == "up" { seen + units } else { seen - units };
        assert_eq!(at_value(towards(units))["value"], "r", "{fact} {op} {bound} at {seen}: {clause}");
        assert_eq!(at_value(towards(units - 1))["value"], "o", "{fact} {op} {bound} at {seen}: {clause}");
    });
}

// ── the example book ─────────────────────────────────────────────────────────────────────────────────────────────

fn example() -> (Plan, Book, NaiveDate) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut sink = Vec::new();
    let folder = Folder::load(&root.join("policies/sme-trade"), &mut sink).unwrap();
    let plan = plan::compile(&folder, &mut sink).unwrap();
    let book = book::read(&root.join("examples/book"), &plan.schema, &plan.money.currency, &mut sink).unwrap();
    (plan, book, today())
}

/// Every rule that did not hit names something in its way, in words.
fn all_are_told(told: &Value) -> usize {
    let mut count = 0;
    for row in told["rows"].as_array().unwrap() {
        let decisions = row["decisions"].as_array().unwrap().iter();
        let missed = decisions.flat_map(|d| d["why_not"]["missed"].as_array().cloned().unwrap_or_default());
        let ladders = row["ladders"].as_array().unwrap().iter();
        let rungs = ladders.flat_map(|l| l["rungs"].as_array().unwrap().clone()).filter(|r| r["goes_out"] == false);
        for missed in missed.chain(rungs.map(|rung| rung["why_not"].clone())) {
            let clauses = missed["clauses"].as_array().unwrap();
            let counting = clauses.iter().filter(|c| c["counts"] == true);
            assert!(counting.clone().count() > 0, "{}: {missed:#}", row["id"]);
            for clause in counting {
                assert_ne!(clause["says"], "", "{}: {missed:#}", row["id"]);
                assert_ne!(clause["text"], "", "{}: {missed:#}", row["id"]);
            }
            count += 1;
        }
    }
    count
}

#[test]
fn whatever_did_not_happen_in_the_example_book_has_a_reason() {
    on_a_deep_stack(|| {
        let (plan, book, date) = example();
        let mut run = Run::new(&plan, &book, date);
        let account = plan.schema.relation("account").unwrap();
        let (order, item) = (plan.schema.relation("order").unwrap(), plan.schema.relation("item").unwrap());
        let mut told = 0;
        for row in run.rows(account) {
            let of = |run: &Run<'_>, relation| -> Vec<u32> {
                run.rows(relation).into_iter().filter(|r| run.above(relation, *r, account) == Some(row)).collect()
            };
            let (orders, items) = (of(&run, order), of(&run, item));
            told += all_are_told(&explain_json(&mut run, (account, row), Focus::Account, "en"));
            told += all_are_told(&explain_json(&mut run, (account, row), Focus::Rows(order, &orders), "zh"));
            let last = items.len().saturating_sub(2);
            told += all_are_told(&explain_json(&mut run, (account, row), Focus::Rows(item, &items[last..]), "en"));
            for misses in [Misses::Nearest, Misses::All] {
                let page = explain(&mut run, (account, row), Focus::Account, "zh", 80, misses);
                assert!(!page.is_empty());
            }
        }
        assert!(told > 5000, "{told}");
    });
}

#[test]
fn the_program_prints_the_nearest_rule_all_rules_or_json() {
    let said = |more: &[&str]| {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_usance"))
            .args([&["explain", "C000003"], more].concat())
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .output()
            .unwrap();
        assert!(output.status.success());
        String::from_utf8(output.stdout).unwrap()
    };
    // Both lead to D: the first of them is told.
    let nearest = said(&[]);
    assert!(nearest.contains("why not dishonest_debtor") && !nearest.contains("why not long_overdue"), "{nearest}");
    assert!(said(&["--why-not"]).contains("why not long_overdue"));
    let json: Value = serde_json::from_str(&said(&["--format", "json"])).unwrap();
    assert_eq!(json["customer"], "C000003");
    assert_eq!(decision(&json, "tier")["why_not"]["not_reached"], serde_json::json!(["C", "D"]));
    assert_eq!(said(&["--format", "json"]), said(&["--format", "json", "--why-not"]));
}

/// The blocks of the page that begin with `explain …` are what the program says.
#[test]
fn the_examples_of_the_page_are_what_is_said() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = std::fs::read_to_string(root.join("docs/explain.md")).unwrap();
    let mut checked = 0;
    for block in page.split("```").skip(1).step_by(2) {
        let Some((head, body)) = block.split_once('\n') else { continue };
        let Some(arguments) = head.strip_prefix("text explain ") else { continue };
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_usance"))
            .arg("explain")
            .args(arguments.split(' '))
            .current_dir(root)
            .env_remove("COLUMNS")
            .output()
            .unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        assert!(said.contains(body), "`explain {arguments}` does not say\n{body}but\n{said}");
        checked += 1;
    }
    assert!(checked >= 3, "{checked}");
}
