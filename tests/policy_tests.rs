//! What a policy's own tests may say, and what is said when they fail or cannot be run.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::type_complexity,
    missing_docs,
    unreachable_pub
)]

use usance::check::tests::{self, Report};
use usance::diag::{Style, render_all};
use usance::plan;
use usance::policy::folder::Folder;

const POLICY: &str = r#"usance: 1
policy: p
version: "1"
title: { en: P }
effective: { from: 2026-01-01 }
money: { currency: CNY, round_to: 0.01, mode: half_even, others: refuse }
ageing: [0, 30]
facts:
  customer.region: { type: one_of, values: [north, south] }
  customer.lawsuits: { type: int, optional: true }
params:
  cap: { value: 1000, type: money }
measures:
  account.owed: { of: item, take: sum, value: item.open }
limit:
  start:
    - { id: north, when: customer.region == "north", amount: 500 }
    - { id: rest, amount: params.cap }
decide:
  - { id: desk, for: account, type: text, hit: first, rows: [ { id: big, when: account.owed > 100, gives: senior }, { id: small, gives: pool } ] }
  - { id: insured, for: account, type: bool, hit: first, rows: [ { id: r, gives: customer.insured } ] }
  - { id: share, for: account, type: number, hit: first, rows: [ { id: r, gives: account.owed / limit_or_zero } ] }
  - { id: limit_or_zero, for: account, type: money, hit: first, rows: [ { id: r, gives: "account.owed - account.owed" } ] }
ladders:
  - id: dunning
    for: item
    anchor: item.due_date
    catch_up: highest
    rungs: [ { id: ring, from_day: 7, action: call, owner: desk_1 } ]
invariants:
  - { id: never_huge, never: account.owed > 100000 }
"#;

fn run(text: &str) -> Report {
    let texts = [("policy.yaml", POLICY), ("tests/t.yaml", text)].map(|(a, b)| (a.to_owned(), b.to_owned()));
    let mut sink = Vec::new();
    let folder = Folder::from_memory(texts.into(), &mut sink).unwrap();
    let plan = plan::compile(&folder, &mut sink);
    assert!(sink.is_empty(), "{}", render_all(&sink, Style::Plain));
    tests::run(&folder, &plan.unwrap())
}

const CASE: &str = "- name: one
  as_of: 2026-06-08
  customer: { id: C1, since: 2024-01-01, region: south }
  invoices: [ { id: I1, amount: 120, issue_date: 2026-04-02, due_date: 2026-06-01 }, { id: I2, amount: 80, issue_date: 2026-04-02, due_date: 2026-07-01 } ]
";

/// What `expect` comes to in a test of two invoices: what the report says, and what was found.
fn expecting(expect: &str) -> (String, String) {
    let report = run(&format!("{CASE}  expect: {{ {expect} }}\n"));
    (report.to_string(), render_all(&report.findings, Style::Plain))
}

#[test]
fn values_of_every_kind_are_compared() {
    let (report, found) = expecting(
        "account.owed: 200, desk: senior, desk.rule: big, insured: false, limit.amount: 1000.00, share: failed, \
         items: { I1: { item.ageing: d1_30, desk: senior }, I2: { item.ageing: current } }, \
         invoices: { I1: { item.ageing: d1_30 } }, customers: { C1: { desk: senior } }, \
         actions: [ { rung: ring, items: [I1], amount: 120, owner: desk_1, customer: C1 } ], invariants: []",
    );
    assert_eq!((report.as_str(), found.as_str()), ("1 passed, 0 failed\n", ""));
}

#[test]
fn a_failure_says_what_was_expected_what_came_out_and_what_made_it() {
    let (report, _) = expecting("desk: pool");
    assert_eq!(
        report,
        "failed: one
  tests/t.yaml:5:13: desk
    expected  pool
    got       senior
    made by   `big` (policy.yaml:20:63)

0 passed, 1 failed
"
    );
}

#[test]
fn money_is_shown_as_money_and_a_missing_value_as_null() {
    assert!(expecting("account.owed: 200.01").0.contains("expected  200.01\n    got       200.00\n"));
    assert!(expecting("limit.amount: null").0.contains("expected  null\n    got       1000.00\n"));
}

#[test]
fn a_decision_that_fails_says_why() {
    let (report, _) = expecting("share: 3");
    assert!(report.contains("got       failed: "), "{report}");
    assert!(report.contains("made by   what failed (policy.yaml:22:"), "{report}");
    assert!(expecting("desk: failed").0.contains("expected  failed\n    got       senior\n"));
}

#[test]
fn actions_are_listed_completely() {
    let (report, _) = expecting("actions: []");
    assert!(report.contains("expected  []\n    got       [{ rung: ring, items: [I1] }]\n"), "{report}");
    let (report, _) = expecting("actions: [ { rung: ring, items: [I1, I2] } ]");
    assert!(report.contains("expected  [{ rung: ring, items: [I1, I2] }]"), "{report}");
    let (report, _) = expecting("actions: [ ring ]");
    assert_eq!(report, "1 passed, 0 failed\n");
}

#[test]
fn an_invariant_that_is_broken_fails_the_test_that_does_not_expect_it() {
    let case = CASE.replace("amount: 120,", "amount: 120000,");
    let report = run(&format!("{case}  expect: {{ desk: senior }}\n"));
    assert!(
        report
            .to_string()
            .contains("one\n  tests/t.yaml:1:9: invariants\n    expected  []\n    got       [never_huge]\n")
    );
    assert_eq!(run(&format!("{case}  expect: {{ invariants: [never_huge] }}\n")).passed(), 1);
}

#[test]
fn what_is_given_is_taken_as_made() {
    let report =
        run(&format!("{CASE}  given: {{ params.cap: 7, desk: pool }}\n  expect: {{ limit.amount: 7, desk: pool }}\n"));
    assert!(report.is_green(), "{report}");
    let computed = CASE.replace("region: south", "region: south, insured: true, owed: 1");
    let report = run(&format!("{computed}  expect: {{ insured: true, desk: pool }}\n"));
    assert!(report.is_green(), "{report}{}", render_all(&report.findings, Style::Plain));
}

/// Tests that cannot be run as written: what is said, and the help.
#[test]
fn tests_that_cannot_be_run_say_why() {
    let cases = [
        ("dest: pool", "the policy has nothing called `dest`", "did you mean `desk`?"),
        (
            "item.ageing: current",
            "`item.ageing` is about each item, and the test has 2",
            "say which: `items: { I1: { item.ageing: … } }`; there are I1, I2",
        ),
        ("items: { I3: { item.ageing: current } }", "the test has no item `I3`", "there are I1, I2"),
        (
            "account.on_time_share: 1",
            "`account.on_time_share` is a fact this policy never reads",
            "only what the policy reads is computed",
        ),
        ("customer.region: nort", "`nort` cannot come out here", "did you mean `north`?"),
        ("account.owed: many", "`many` is not a number", "write digits"),
        ("actions: [ { rong: ring } ]", "nothing proposed has a `rong`", "did you mean `rung`?"),
        ("desk.rule: bigg", "`bigg` is not one of the words this place knows", "did you mean `big`?"),
        ("order_lines: { O1: { desk: pool } }", "the test has no order_line `O1`", "write its row into the test"),
    ];
    for (expect, message, help) in cases {
        let (report, found) = expecting(expect);
        assert!(found.contains(message) && found.contains(help), "{expect}: {found}");
        assert_eq!(report, "0 passed, 0 failed, 1 cannot be run\n", "{expect}");
    }
}

#[test]
fn rows_that_cannot_be_read_are_shown_where_they_stand() {
    let report =
        run(&format!("{}  expect: {{ desk: pool }}\n", CASE.replace("due_date: 2026-06-01", "due_date: 2026-06-31")));
    let found = render_all(&report.findings, Style::Plain);
    assert!(found.contains("`due_date: 2026-06-31` cannot be read: "), "{found}");
    assert!(found.contains("--> tests/t.yaml:4:"), "{found}");
    let report = run(&format!("{}  expect: {{ desk: pool }}\n", CASE.replace("invoices:", "invoyces:")));
    let found = render_all(&report.findings, Style::Plain);
    assert!(
        found.contains("a test does not know the key `invoyces`") && found.contains("did you mean `invoices`?"),
        "{found}"
    );
}

#[test]
fn a_test_needs_a_name_of_its_own_a_customer_and_something_to_expect() {
    let found = |text: &str| render_all(&run(text).findings, Style::Plain);
    assert!(
        found("- { as_of: 2026-06-08, customer: { id: C1 }, expect: { desk: pool } }")
            .contains("a test needs the key `name`")
    );
    assert!(
        found("- { name: a, as_of: 2026-06-08, expect: { desk: pool } }")
            .contains("a test needs a `customer:`, or `customers:`")
    );
    assert!(
        found("- { name: a, as_of: 2026-06-08, customer: { id: C1 }, expect: { } }")
            .contains("the test expects nothing")
    );
    let two = format!("{CASE}  expect: {{ desk: senior }}\n{CASE}  expect: {{ desk: pool }}\n");
    assert!(found(&two).contains("two tests are called `one`"));
}

#[test]
fn no_tests_are_no_success() {
    let report = run("");
    assert!(!report.is_green());
    assert!(render_all(&report.findings, Style::Plain).contains("the policy has no tests"));
}
