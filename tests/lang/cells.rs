//! The cells of decision tables.

use super::support::{check_cell, hits};

#[test]
fn a_cell_hits_what_it_says() {
    for (text, subject) in [
        ("7", "account.invoices"),
        ("<= 7", "account.invoices"),
        ("> 1200", "account.exposure"),
        ("1200.50", "account.exposure"),
        ("(1200..1200.5]", "account.exposure"),
        ("[1, 7, 9]", "account.invoices"),
        ("1, 7", "account.invoices"),
        ("[1, > 5]", "account.invoices"),
        ("[1, [6..8)]", "account.invoices"),
        ("!= 8", "account.invoices"),
        ("not(8)", "account.invoices"),
        ("not([1, 2])", "account.invoices"),
        ("> params.grace", "account.oldest"),
        ("(params.grace..params.grace * 3]", "account.oldest"),
        ("(2 + 5)", "account.invoices"),
        ("> 5%", "account.late_share"),
        ("35%", "account.late_share"),
        ("2024-01-31", "customer.since"),
        ("[2024-01-01..2024-02-01)", "customer.since"),
        ("true", "customer.insured"),
        ("B", "tier"),
        ("\"B\"", "tier"),
        ("[A, B]", "tier"),
        ("A, B", "tier"),
        ("!= A", "tier"),
        ("not(A, C)", "tier"),
        ("Acme", "customer.name"),
        ("params.name", "customer.name"),
        ("Acme Ltd, Acme", "customer.name"),
        ("any", "tier"),
        ("-", "account.invoices"),
        ("any", "account.days_late"),
        ("3.5", "customer.rating"),
        ("[missing, 3.5]", "customer.rating"),
    ] {
        assert!(hits(text, subject), "{text} of {subject}");
    }
}

#[test]
fn a_cell_misses_the_rest() {
    for (text, subject) in [
        ("8", "account.invoices"),
        ("(7..9]", "account.invoices"),
        ("[1..7)", "account.invoices"),
        ("not(7)", "account.invoices"),
        ("A", "tier"),
        ("[A, C]", "tier"),
        ("acme", "customer.name"),
        ("missing", "customer.rating"),
    ] {
        assert!(!hits(text, subject), "{text} of {subject}");
    }
}

#[test]
fn a_missing_value_meets_only_missing_and_any() {
    for (text, hit) in [
        ("missing", true),
        ("[missing, 3]", true),
        ("any", true),
        ("> 3", false),
        ("<= 3", false),
        ("not(> 3)", false),
        ("!= 3", false),
        ("not(missing)", false),
        ("not(missing, 3)", false),
    ] {
        assert_eq!(hits(text, "account.days_late"), hit, "{text}");
    }
    assert!(!hits("not(retail)", "customer.segment"));
    assert!(hits("missing, retail", "customer.segment"));
}

#[test]
fn a_cell_that_cannot_be_read_says_why() {
    for (text, subject, findings) in WRONG {
        assert_eq!(check_cell(text, subject).unwrap_err(), *findings, "{text} of {subject}");
    }
}

const WRONG: &[(&str, &str, &[&str])] = &[
    (
        "[missing, 3]",
        "account.invoices",
        &[
            "usance::wrong-type at `missing`: this value is never missing; take `missing` out, or declare the value `optional`",
        ],
    ),
    (
        "A, E",
        "tier",
        &["usance::unknown-value at `E`: `E` is none of the values this can have; the values are `A`, `B`, `C`, `D`"],
    ),
    (
        "retial",
        "customer.industry",
        &["usance::unknown-value at `retial`: `retial` is none of the values this can have; write `retail`"],
    ),
    (
        "> A",
        "tier",
        &["usance::syntax at `> A`: text has no order: `> A`; write the value itself, or a list of values"],
    ),
    (
        "0-15",
        "account.invoices",
        &["usance::syntax at `0-15`: `0-15` would be a subtraction, not an interval; write `[0..15]`"],
    ),
    (
        "1..30",
        "account.invoices",
        &[
            "usance::syntax at `..`: an interval stands in brackets; write `[a..b]`, or `[a..b)` where the end does not count",
        ],
    ),
    ("=> 3", "account.invoices", &["usance::syntax at `=>`: `=>` is not a comparison; write `>=`"]),
    ("≥ 3", "account.invoices", &["usance::syntax at `≥`: `≥` is not an operator here; write `>=`"]),
    (
        "（1..3）",
        "account.invoices",
        &[
            "usance::syntax at `（`: `（` is a full-width character; write `(`",
            "usance::syntax at `）`: `）` is a full-width character; write `)`",
        ],
    ),
    (
        "［1..3］",
        "account.invoices",
        &[
            "usance::syntax at `［`: `［` is a full-width character; write `[`",
            "usance::syntax at `］`: `］` is a full-width character; write `]`",
        ],
    ),
    (
        "[3..1]",
        "account.invoices",
        &[
            "usance::wrong-shape at `[3..1]`: the interval `[3..1]` holds nothing, or a single value; put the smaller end first; a single value is written alone",
        ],
    ),
    (
        "[3..3)",
        "account.exposure",
        &[
            "usance::wrong-shape at `[3..3)`: the interval `[3..3)` holds nothing, or a single value; put the smaller end first; a single value is written alone",
        ],
    ),
    (
        "[1..]",
        "account.invoices",
        &["usance::syntax at `..`: an interval has two ends; write `>= a` or `> a` for one end only"],
    ),
    (
        "[..3]",
        "account.invoices",
        &["usance::syntax at `..`: an interval has two ends; write `<= b` or `< b` for one end only"],
    ),
    (
        "[1..3",
        "account.invoices",
        &["usance::syntax at `[1..3`: the interval is never closed; close it with `)`, or with `]` to count its end"],
    ),
    (
        "[1...3]",
        "account.invoices",
        &["usance::syntax at `...`: the ends of an interval stand around `..`; write `[a..b]`"],
    ),
    (
        "]1..3[",
        "account.invoices",
        &["usance::syntax at `]`: an interval begins with `[` or `(`; write `(a..b)` where an end does not count"],
    ),
    (
        "<= 5%",
        "account.exposure",
        &["usance::wrong-type at `<= 5%`: `<= 5%` is a share, and the value is `money`; write the value without `%`"],
    ),
    (
        "<= 1,000",
        "account.exposure",
        &["usance::syntax at `1,000`: `1,000` has commas between its thousands; write `1000`"],
    ),
    (
        "1,200",
        "account.exposure",
        &["usance::syntax at `1,200`: `1,200` has commas between its thousands; write `1200`"],
    ),
    (
        "> params.share",
        "account.oldest",
        &[
            "usance::wrong-type at `params.share`: `days` is asked for here, and `params.share` is a `number`; write something that gives `days`",
        ],
    ),
    (
        "[2026-01-01..2026-02-30]",
        "customer.since",
        &[
            "usance::bad-date at `2026-02-30`: `2026-02-30` is not a day of the calendar; write a day of the calendar as YYYY-MM-DD",
        ],
    ),
    ("", "tier", &["usance::syntax at ``: the cell is empty; write `any`, or leave the column out of the row"]),
    (
        "> 3 && < 5",
        "account.invoices",
        &["usance::syntax at `&&`: a cell cannot hold `&&`; write an interval `[a..b)`, or use `when:`"],
    ),
    (
        "1 || 2",
        "account.invoices",
        &["usance::syntax at `||`: a cell cannot hold `||`; write a list `[a, b]`, or use `when:`"],
    ),
    (
        "= 3",
        "account.invoices",
        &["usance::syntax at `=`: a single `=` does not compare; write the value alone, or `==`"],
    ),
    ("= A", "tier", &["usance::syntax at `= A`: a single `=` does not compare; write the value alone, or `==`"]),
    ("A，B", "tier", &["usance::syntax at `A，B`: `，` is a full-width character; write `,`"]),
    (
        "“A”",
        "tier",
        &[
            "usance::syntax at `“A”`: `“` is not a quotation mark of the policy language; write `\"...\"`, or the plain value",
        ],
    ),
    (
        "'A'",
        "tier",
        &[
            "usance::syntax at `'A'`: `'` is not a quotation mark of the policy language; write `\"...\"`, or the plain value",
        ],
    ),
    (
        "A || B",
        "tier",
        &["usance::syntax at `A || B`: a cell cannot hold `&&` or `||`; write a list `[a, b]`, or use `when:`"],
    ),
    ("[A, B", "tier", &["usance::syntax at `[A, B`: the list is not closed on both sides; write `[a, b]`"]),
    ("\"A", "tier", &["usance::syntax at `\"A`: a text is never closed; close it with `\"`"]),
    ("A, ,B", "tier", &["usance::syntax at ``: a value is missing; write a value, or take a comma out"]),
    ("0~15", "account.invoices", &["usance::syntax at `~`: `~` does not make an interval; write `[a..b]`"]),
    (
        "account.invoices < 3",
        "account.invoices",
        &[
            "usance::syntax at `<`: the comparison begins the cell: the value it is asked of is not written; write `> 30`, or use `when:`",
        ],
    ),
    ("x", "security", &["usance::wrong-type at `x`: a cell cannot ask a list; write `when: x in list` instead"]),
    (
        "true",
        "account.invoices",
        &[
            "usance::wrong-type at `true`: an `int` is asked for here, and `true` is true or false; write something that gives an `int`",
        ],
    ),
    (
        "\"x\"",
        "account.invoices",
        &[
            "usance::wrong-type at `\"x\"`: an `int` is asked for here, and `\"x\"` is `text`; write something that gives an `int`",
        ],
    ),
    (
        "5d",
        "account.oldest",
        &[
            "usance::syntax at `d`: `d` stands right behind a number; write the plain number: it takes the unit its place asks for",
        ],
    ),
    (
        "1.5",
        "account.oldest",
        &["usance::wrong-type at `1.5`: `days` is asked for here, and `1.5` is a `number`; write a whole number"],
    ),
    (
        "> true",
        "customer.insured",
        &[
            "usance::wrong-type at `> true`: true or false has no order: `> true`; write the value itself, or a list of values",
        ],
    ),
    (
        "[]",
        "account.invoices",
        &["usance::syntax at `[`: the list holds nothing; write `any`, or leave the column out of the row"],
    ),
    (
        "params.grace",
        "customer.name",
        &["usance::wrong-type at `params.grace`: `params.grace` is not a text; compare with a text, or use `when:`"],
    ),
    (
        "params.typo",
        "account.invoices",
        &[
            "usance::unknown-name at `params.typo`: nothing is called `params.typo`; write the name of a fact, a decision, a parameter or a measure",
        ],
    ),
    ("a = b", "customer.name", &["usance::syntax at `a = b`: `a = b` is not a plain text; write `\"a = b\"`"]),
    (
        "not(E)",
        "tier",
        &["usance::unknown-value at `E`: `E` is none of the values this can have; the values are `A`, `B`, `C`, `D`"],
    ),
    ("1e2", "account.exposure", &["usance::syntax at `1e2`: `1e2` is not a way to write a number here; write `100`"]),
];
