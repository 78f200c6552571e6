//! Whatever is written, nothing panics; what is refused says why.

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use super::support::{any as anything, check, check_cell, check_template, run};

const PIECES: &[&str] = &[
    "account.exposure",
    "customer.limit",
    "tier",
    "as_of",
    "customer.since",
    ".year",
    "1",
    "2.5",
    "5%",
    "\"A\"",
    "true",
    "+",
    "-",
    "*",
    "/",
    "==",
    "<=",
    ">",
    "&&",
    "||",
    "!",
    "??",
    "in",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "{{",
    "}}",
    ",",
    ";",
    "if",
    "else",
    "switch",
    "let",
    "x",
    "=",
    "=>",
    "_",
    "|",
    "..",
    ".",
    "max",
    "round",
    "is_given",
    "missing",
    "any",
    "not",
    "（",
    "，",
    "“",
    "≥",
    "'",
    "`",
    "//",
    "/*",
    "*/",
    "1e2",
    "2026-01-31",
    "fn",
    "default",
    "\\",
    "#{",
    "中",
    "\n",
    "9999999999999999999",
];

fn pieces() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(PIECES);
    let glue = prop::sample::select(&["", " "][..]);
    prop::collection::vec((piece, glue), 0..24)
        .prop_map(|all| all.into_iter().map(|(p, g)| format!("{p}{g}")).collect())
}

fn run_on(cases: u32, text: impl Strategy<Value = String>) {
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &[11; 32]));
    let outcome = runner.run(&text, |text| {
        match check(&text, &anything()) {
            Ok(expr) => drop(run(&expr)),
            Err(found) => prop_assert!(!found.is_empty(), "refused without a word"),
        }
        for subject in
            ["account.exposure", "customer.limit", "tier", "customer.name", "customer.since", "customer.segment"]
        {
            match check_cell(&text, subject) {
                Ok(expr) => drop(run(&expr)),
                Err(found) => prop_assert!(!found.is_empty(), "refused without a word"),
            }
        }
        if let Err(found) = check_template(&text) {
            prop_assert!(!found.is_empty(), "refused without a word");
        }
        Ok(())
    });
    if let Err(error) = outcome {
        panic!("{error}");
    }
}

#[test]
fn pieces_of_the_language_never_panic() {
    run_on(6_000, pieces());
}

#[test]
fn any_text_never_panics() {
    run_on(2_000, any::<String>());
}
