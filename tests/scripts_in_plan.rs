//! `usance check --plan`: which functions need Rhai, why, what to write instead, and what rests on them.
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

use std::fs;
use std::process::Command;

use tempfile::TempDir;

const POLICY: &str = "\
usance: 1
policy: own
version: \"1\"
money: { currency: CNY, round_to: 0.01, mode: half_even }
functions:
  plain:    { script: all.rhai, takes: [int], gives: number }
  looped:   { script: all.rhai, takes: [int, number], gives: number }
  through:  { script: all.rhai, takes: [int], gives: number }
  helped:   { script: all.rhai, takes: [int], gives: int }
  again:    { script: all.rhai, takes: [int], gives: int }
  changed:  { script: all.rhai, takes: [int], gives: int }
decide:
  - { id: one, for: item, type: number, gives: 'looped(item.no, 1.5)' }
  - { id: two, for: account, type: number, gives: through(account.overdue_items) }
  - { id: three, for: account, type: number, gives: two + plain(3) }
  - { id: four, for: account, type: number, gives: three + two }
measures:
  account.overdue_items: { of: item, take: count, where: item.days_past_due > 0 }
";

const SCRIPT: &str = "\
fn plain(n) { if n > 1 { 2.0 } else { 1.5 } }
fn looped(n, x) {
    let sum = x;
    while n > 0 { sum += x; n -= 1; }
    sum
}
fn through(n) { looped(n, 2.0) + 1.0 }
fn twice(n) { n * 2 }
fn helped(n) { twice(n) + 1 }
fn again(n) { if n > 0 { again(n - 1) } else { 0 } }
fn changed(n) { n = n + 1; n }
";

fn listing() -> String {
    let dir = TempDir::new().unwrap();
    fs::write(dir.path().join("policy.yaml"), POLICY).unwrap();
    fs::write(dir.path().join("all.rhai"), SCRIPT).unwrap();
    let check = |plan: &[&str]| {
        let program = env!("CARGO_BIN_EXE_usance");
        let out = Command::new(program).args(["check", "--policy", "."]).args(plan).current_dir(dir.path()).output();
        let out = out.unwrap();
        assert_eq!(out.status.code(), Some(0), "{}", String::from_utf8_lossy(&out.stderr));
        String::from_utf8(out.stdout).unwrap()
    };
    assert_eq!(check(&["--plan"]), check(&["--plan"]));
    check(&["--plan"])
}

/// What is said of a function: its line and those indented under it.
fn told(listing: &str, name: &str) -> String {
    let mut lines = listing.lines().skip_while(|line| !line.starts_with(&format!("function {name}(")));
    let head = lines.next().unwrap_or_else(|| panic!("no {name} in\n{listing}"));
    [head].into_iter().chain(lines.take_while(|line| line.starts_with(' '))).map(|line| format!("{line}\n")).collect()
}

#[test]
fn a_function_that_needs_rhai_says_why_and_what_rests_on_it() {
    let listing = listing();
    assert_eq!(told(&listing, "plain"), "function plain(int) -> number: lowered\n");
    assert_eq!(told(&listing, "through"), "function through(int) -> number: lowered\n");
    // `one` calls it; `two` calls it through a function that is lowered; `three` and `four` rest on `two`.
    let expected = "\
function looped(int, number) -> number: run in Rhai
    at all.rhai:2:4
    needs Rhai: `while` is not part of the policy language, at all.rhai:4:5
    instead: write each step as a `let`; sum what lies below with a measure, and go over dates with a `walk`
    cost: interpreted, one call for each row that reaches it, those with equal arguments shared within a
        block; a lowered function takes whole columns
    called by 2 nodes: one of item, two of account; 2 nodes rest on it
";
    assert_eq!(told(&listing, "looped"), expected);
}

#[test]
fn each_reason_has_its_own_words() {
    let listing = listing();
    let helped = told(&listing, "helped");
    assert!(helped.contains("it calls `twice`, which the policy does not declare, at all.rhai:9:16"), "{helped}");
    assert!(helped.contains("instead: declare `twice` under `functions:` too"), "{helped}");
    let again = told(&listing, "again");
    assert!(again.contains("needs Rhai: it calls itself") && again.contains("at all.rhai:10:4"), "{again}");
    let changed = told(&listing, "changed");
    assert!(changed.contains("a value cannot be assigned, at all.rhai:11:"), "{changed}");
    assert!(changed.contains("instead: give each step a name of its own"), "{changed}");
    assert!(changed.contains("cost: none, nothing calls it"), "{changed}");
}
