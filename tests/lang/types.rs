//! Units do not mix, missing values are handled, names are known.

use usance::lang::{Base, Type};

use super::support::{a, any, check, one};

#[test]
fn expressions_have_types() {
    for (text, ty) in [
        ("account.exposure * 2", "money"),
        ("account.exposure / 2", "money"),
        ("2 * account.exposure", "money"),
        ("account.exposure / account.sales", "number"),
        ("account.invoices * account.late_share", "number"),
        ("account.oldest * 2", "days"),
        ("params.after + 1", "months"),
        ("as_of - 5", "date"),
        ("customer.limit", "optional money"),
        ("customer.limit ?? 0", "money"),
        ("if customer.insured { customer.limit } else { 5 }", "optional money"),
        ("[1, 2.5]", "list of number"),
        ("if customer.insured { tier } else { \"A\" }", "one_of [A, B, C, D]"),
        ("if customer.insured { tier } else { customer.name }", "text"),
    ] {
        assert_eq!(check(text, &any()).unwrap().ty.to_string(), ty, "{text}");
    }
}

#[test]
fn units_do_not_mix() {
    for text in [
        "account.exposure * account.sales",
        "account.exposure + account.invoices",
        "account.exposure + account.late_share",
        "account.exposure > account.late_share",
        "account.oldest > account.invoices",
        "account.oldest + account.invoices",
        "account.oldest == params.after",
        "account.oldest * account.late_share",
        "customer.since + params.after",
        "customer.since + account.invoices",
        "customer.since > 20260101",
        "customer.name == 5",
        "customer.insured == 1",
        "customer.industry == tier",
        "1 / account.exposure",
        "account.late_share > 0.5 == 1",
        "min(account.exposure, account.oldest)",
        "if customer.insured { account.exposure } else { account.oldest }",
        "account.invoices in [\"a\"]",
        "account.exposure.year",
        "let x = 5; x > account.exposure",
    ] {
        let found = one(check(text, &any()));
        assert!(found.starts_with("usance::wrong-type") || text.ends_with("year"), "{text}: {found}");
    }
}

#[test]
fn a_literal_that_cannot_take_the_unit_is_refused() {
    assert_eq!(
        one(check("1.5", &a(Base::Days))),
        "usance::wrong-type at `1.5`: `days` is asked for here, and `1.5` is a `number`; write a whole number"
    );
    assert_eq!(
        one(check("account.oldest", &a(Base::Number))),
        "usance::wrong-type at `account.oldest`: a `number` is asked for here, and `account.oldest` is `days`; write `to_number(account.oldest)`"
    );
}

#[test]
fn a_text_outside_the_values_names_the_nearest() {
    assert_eq!(
        one(check("customer.industry == \"retial\"", &any())),
        "usance::unknown-value at `\"retial\"`: `retial` is none of the values this can have; write `retail`"
    );
    let tier = a(Type::one_of(["A", "B"]));
    assert_eq!(
        one(check("if customer.insured { \"A\" } else { \"E\" }", &tier)),
        "usance::unknown-value at `\"E\"`: `E` is none of the values this can have; the values are `A`, `B`"
    );
}

#[test]
fn asking_makes_a_missing_value_safe() {
    for text in [
        "is_given(customer.limit) && customer.limit > 5",
        "customer.insured && is_given(customer.limit) && customer.limit > 5",
        "!is_given(customer.limit) || customer.limit > 5",
        "if is_given(customer.limit) { customer.limit > 5 } else { false }",
        "if !is_given(customer.limit) { false } else { customer.limit > 5 }",
        "if !(is_given(customer.limit) && customer.insured) { false } else { customer.limit > 5 }",
        "if !is_given(customer.limit) || !is_given(customer.rating) { false } else { customer.limit / 2.0 * customer.rating > 1 }",
        "let x = customer.limit; is_given(x) && x > 5",
        "(customer.limit ?? 0) > 5",
    ] {
        assert_eq!(check(text, &a(Base::Bool)).err(), None, "{text}");
    }
}

#[test]
fn a_missing_value_not_handled_is_refused() {
    for text in [
        "customer.limit > 5",
        "is_given(customer.limit) || customer.limit > 5",
        "is_given(customer.rating) && customer.limit > 5",
        "if is_given(customer.limit) { false } else { customer.limit > 5 }",
        "(is_given(customer.limit) && customer.insured) || customer.limit > 5",
        "!customer.dishonest",
        "round(customer.rating) > 1",
        "customer.segment == \"retail\"",
        "customer.limit in [1, 2]",
        "switch customer.segment { \"retail\" => true, _ => false }",
    ] {
        let found = one(check(text, &a(Base::Bool)));
        assert!(found.starts_with("usance::missing-not-handled"), "{text}: {found}");
    }
    assert_eq!(
        one(check("customer.limit", &a(Base::Money))),
        "usance::missing-not-handled at `customer.limit`: `customer.limit` may be missing, and nothing says what then; \
         say what holds then: `customer.limit ?? ...`, or ask first: `is_given(customer.limit) && ...`"
    );
}

#[test]
fn an_unknown_name_names_the_nearest() {
    assert_eq!(
        one(check("acount.exposure > 3", &any())),
        "usance::unknown-name at `acount.exposure`: nothing is called `acount.exposure`; did you mean `account.exposure`?"
    );
    assert_eq!(
        one(check("flor(3.5)", &any())),
        "usance::unknown-name at `flor`: no function is called `flor`; did you mean `floor`?"
    );
}

#[test]
fn what_is_broken_elsewhere_is_not_reported_again() {
    assert_eq!(check("broken.name > 3 && broken.name", &any()).unwrap_err(), Vec::<String>::new());
}

#[test]
fn all_errors_are_reported_in_the_order_of_the_text() {
    let found = check("nope > 1 && account.invoices / 2 > 1 && customer.limit > 3 && typo", &any()).unwrap_err();
    let codes: Vec<&str> = found.iter().filter_map(|f| f.split(' ').next()).collect();
    let expected =
        ["usance::unknown-name", "usance::whole-division", "usance::missing-not-handled", "usance::unknown-name"];
    assert_eq!(codes, expected);
}
