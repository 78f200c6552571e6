//! What expressions give.

use usance::lang::{Base, Failure, Stop, Value};

use super::support::{a, check, day, dec, value, value_as};

#[test]
fn expressions_give_values() {
    for (text, expected) in [
        ("account.exposure + 100", dec("1300.5")),
        ("account.exposure * 20 / 100", dec("240.1")),
        ("account.exposure / account.sales", dec("0.300125")),
        ("7.0 / 2", dec("3.5")),
        ("-account.exposure", dec("-1200.5")),
        ("account.invoices * 2 - 1", Value::Int(13)),
        ("as_of - customer.since", Value::Int(859)),
        ("customer.since + 30", Value::Date(day("2024-03-01"))),
        ("add_months(customer.since, 1)", Value::Date(day("2024-02-29"))),
        ("months_between(customer.since, as_of)", Value::Int(28)),
        ("days_in_year(customer.since)", Value::Int(366)),
        ("days_in_year(as_of)", Value::Int(365)),
        ("days_360(date(\"2025-12-31\"), date(\"2026-02-28\"))", Value::Int(58)),
        ("days_360(as_of, date(\"2026-05-31\"))", Value::Int(-8)),
        ("end_of_month(as_of)", Value::Date(day("2026-06-30"))),
        ("as_of.month", Value::Int(6)),
        ("customer.limit ?? 0", dec("0")),
        ("(customer.limit ?? 0) > 0 || customer.insured", Value::Bool(true)),
        ("let x = account.invoices * 2; let y = x + 1; x * y", Value::Int(210)),
        ("switch tier { \"A\" => 1.5, \"B\" | \"C\" => 1.0, \"D\" => 0 }", dec("1")),
        ("tier in [\"A\", \"B\"]", Value::Bool(true)),
        ("\"guarantee\" in security", Value::Bool(true)),
        ("min(account.invoices, 3, 5)", Value::Int(3)),
        ("max(as_of, customer.since)", Value::Date(day("2026-06-08"))),
        ("abs(account.late_share - 1)", dec("0.65")),
        ("round(2.5)", dec("2")),
        ("round(account.exposure / 7, 3)", dec("171.5")),
        ("round_money(account.exposure / 7)", dec("171.5")),
        ("floor(-0.5)", dec("-1")),
        ("ceil(account.exposure)", dec("1201")),
        ("account.exposure.floor()", dec("1200")),
        ("to_number(account.invoices) / 2", dec("3.5")),
        ("round(yearly_cost_of_discount(0.02, 10, 30, 365, \"simple\"), 4)", dec("0.3724")),
        ("round(yearly_cost_of_discount(0.02, 10, 30, 360, \"simple\"), 4)", dec("0.3673")),
        ("customer.name.starts_with(\"Ac\") && contains(customer.name, \"cm\")", Value::Bool(true)),
        ("1 + 2 * 3 == 7 && !false", Value::Bool(true)),
        ("true || false && false", Value::Bool(true)),
        ("customer.limit ?? 5 > 3", Value::Bool(true)),
        ("10 - 4 - 3", Value::Int(3)),
        ("date(\"2026-02-28\") + 1", Value::Date(day("2026-03-01"))),
        ("\"a\\\"b\" == \"a\"\"b\"", Value::Bool(true)),
        ("/* a /* nested */ comment */ 1 // and another", Value::Int(1)),
    ] {
        assert_eq!(value(text), Ok(expected), "{text}");
    }
}

#[test]
fn a_share_standing_alone_may_be_a_percentage() {
    assert_eq!(value_as("5%", &a(Base::Number)), Ok(dec("0.05")));
    assert_eq!(value_as(" 0.05 % ", &a(Base::Number)), Ok(dec("0.0005")));
    assert_eq!(value_as("-20%", &a(Base::Number)), Ok(dec("-0.2")));
    let found = super::support::one(check("5%", &a(Base::Money)));
    let message =
        "usance::wrong-type at `5%`: `5%` is a share, and `money` is asked for here; write the value without `%`";
    assert_eq!(found, message);
}

#[test]
fn a_literal_takes_the_unit_its_place_asks_for() {
    assert_eq!(value_as("if customer.insured { 7 } else { 8 }", &a(Base::Money)), Ok(dec("7")));
    assert_eq!(value_as("2 * 15", &a(Base::Days)), Ok(Value::Int(30)));
    assert_eq!(value_as("account.invoices", &a(Base::Number)), Ok(dec("7")));
}

#[test]
fn what_cannot_be_computed_says_why_and_where() {
    for (text, reason, part) in [
        (
            "1 + account.exposure / (account.sales - 4000)",
            "division by zero",
            "account.exposure / (account.sales - 4000)",
        ),
        (
            "account.invoices * 9223372036854775807",
            "the result is too large to hold",
            "account.invoices * 9223372036854775807",
        ),
        (
            "account.sales * 79228162514264337593543950.0",
            "the result is too large to hold",
            "account.sales * 79228162514264337593543950.0",
        ),
        ("customer.since + 1000000000", "the day lies outside the calendar", "customer.since + 1000000000"),
        ("round(params.share, 29)", "the digits to round to must be from 0 to 28", "round(params.share, 29)"),
    ] {
        let Err(Stop::Failed(Failure::Here { reason: said, span })) = value(text) else { panic!("{text}") };
        assert_eq!(said, reason);
        assert_eq!(text.get(span.start as usize..span.end as usize), Some(part));
    }
}

#[test]
fn where_missing_is_met_an_unhandled_value_stops_the_expression() {
    let met = usance::lang::Expected { missing: usance::lang::check::Missing::Met, ..a(Base::Bool) };
    assert_eq!(value_as("account.days_late > 7 + account.oldest", &met), Err(Stop::Missing));
    assert_eq!(value_as("customer.dishonest", &met), Ok(Value::Missing));
    assert_eq!(value_as("customer.dishonest && true", &met), Err(Stop::Missing));
}
