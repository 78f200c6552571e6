//! Reasons with values in them.

use usance::lang::expr::TemplatePart;

use super::support::{check_template, one, run};

fn filled(text: &str) -> String {
    let parts = check_template(text).unwrap().0;
    let part = |part: &TemplatePart| match part {
        TemplatePart::Text(text) => text.to_string(),
        TemplatePart::Value(expr) => run(expr).unwrap().to_string(),
    };
    parts.iter().map(part).collect()
}

#[test]
fn values_stand_where_the_braces_are() {
    assert_eq!(filled("Exposure {account.exposure} of {customer.name}"), "Exposure 1200.5 of Acme");
    assert_eq!(filled("{account.invoices + 1}"), "8");
    assert_eq!(filled("客户 {customer.name}：{tier}"), "客户 Acme：B");
    assert_eq!(filled("no values"), "no values");
    assert_eq!(filled(""), "");
}

#[test]
fn doubled_braces_are_braces() {
    assert_eq!(filled("{{{tier}}} {{x}}"), "{B} {x}");
}

#[test]
fn a_missing_value_may_stand() {
    assert_eq!(filled("limit {customer.limit}."), "limit .");
}

#[test]
fn braces_in_texts_and_blocks_belong_to_the_expression() {
    assert_eq!(filled("{if customer.insured { \"}\" } else { \"x\" }}"), "}");
}

#[test]
fn errors_point_into_the_braces() {
    let found = one(check_template("over {account.exposur}"));
    assert_eq!(
        found,
        "usance::unknown-name at `account.exposur`: nothing is called `account.exposur`; did you mean `account.exposure`?"
    );
    let found = one(check_template("a { b"));
    assert_eq!(found, "usance::syntax at `{ b`: `{` is never closed; close it with `}`, or write `{{` for a brace");
    let found = one(check_template("a } b"));
    assert_eq!(found, "usance::syntax at `}`: `}` closes nothing; write `}}` for a brace");
    assert_eq!(check_template("{nope} {typo}").unwrap_err().len(), 2);
}
