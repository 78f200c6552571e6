//! Everything that Rhai, another language or another keyboard would let a manager write by mistake: each has its own
//! message and says what to write instead.

use super::support::{any, check};

#[test]
fn every_trap_has_its_own_message() {
    for (text, findings) in TRAPS {
        assert_eq!(check(text, &any()).unwrap_err(), *findings, "{text}");
    }
}

/// A text, and what is said of it: code, the text underlined, message, help.
const TRAPS: &[(&str, &[&str])] = &[
    (
        "1.5e-3 > account.late_share",
        &["usance::syntax at `1.5e-3`: `1.5e-3` is not a way to write a number here; write `0.0015`"],
    ),
    ("account.late_share > 5%", &["usance::syntax at `5%`: `5%` cannot stand inside an expression; write `0.05`"]),
    (
        "10 % 3",
        &[
            "usance::outside-subset at `%`: `%` is not an operator of the policy language; write a percentage as a decimal: 5% is `0.05`",
        ],
    ),
    (
        "12345678901234567890123456789.5 > 1.0",
        &[
            "usance::bad-number at `12345678901234567890123456789.5`: `12345678901234567890123456789.5` has more than 28 digits and would be rounded silently; write at most 28 digits",
        ],
    ),
    (
        "99999999999999999999",
        &[
            "usance::bad-number at `99999999999999999999`: `99999999999999999999` is beyond the whole numbers of 64 bits; write `99999999999999999999.0` if a decimal is meant",
        ],
    ),
    (
        "123456789012345678901234567890",
        &[
            "usance::bad-number at `123456789012345678901234567890`: `123456789012345678901234567890` has more than 28 digits and would be rounded silently; write at most 28 digits",
        ],
    ),
    ("account.invoices = 3", &["usance::syntax at `=`: a single `=` does not compare; write `==`"]),
    ("customer.insured & true", &["usance::syntax at `&`: a single `&` is not an operator; write `&&`"]),
    ("customer.insured | true", &["usance::syntax at `|`: a single `|` is not an operator; write `||`"]),
    (
        "customer.insured and not customer.insured or true",
        &[
            "usance::syntax at `and`: `and` is not an operator; write `&&`",
            "usance::syntax at `not`: `not` is not an operator; write `!`",
            "usance::syntax at `or`: `or` is not an operator; write `||`",
        ],
    ),
    (
        "'a' == customer.name",
        &["usance::syntax at `'a'`: `'a'` is a single character to Rhai, and never equal to a text; write `\"a\"`"],
    ),
    ("'abc' == customer.name", &["usance::syntax at `'abc'`: a text stands in double quotes; write `\"abc\"`"]),
    (
        "-2 ** 2",
        &[
            "usance::outside-subset at `**`: `**` is not part of the policy language: to Rhai `-2 ** 2` is 4; multiply instead: `x * x`",
        ],
    ),
    (
        "1..5",
        &[
            "usance::outside-subset at `..`: a range cannot stand in an expression; write `a <= x && x < b`; in the cell of a table `[a..b)`",
        ],
    ),
    (
        "account.invoices in 1..5",
        &[
            "usance::outside-subset at `..`: a range cannot stand in an expression; write `a <= x && x < b`; in the cell of a table `[a..b)`",
        ],
    ),
    ("account.invoices === 3", &["usance::syntax at `===`: `===` is not an operator; write `==`"]),
    ("account.invoices !== 3", &["usance::syntax at `!==`: `!==` is not an operator; write `!=`"]),
    (
        "account.exposure＞（5，000）",
        &[
            "usance::syntax at `＞`: `＞` is a full-width character; write `>`",
            "usance::syntax at `（`: `（` is a full-width character; write `(`",
            "usance::syntax at `5，000`: `5，000` has commas between its thousands; write `5000`",
            "usance::syntax at `）`: `）` is a full-width character; write `)`",
        ],
    ),
    (
        "max（1.0，account.late_share）",
        &[
            "usance::syntax at `（`: `（` is a full-width character; write `(`",
            "usance::syntax at `，`: `，` is a full-width character; write `,`",
            "usance::syntax at `）`: `）` is a full-width character; write `)`",
        ],
    ),
    ("tier == “A”", &["usance::syntax at `“A”`: `“` is not a quotation mark of the policy language; write `\"A\"`"]),
    ("tier == ‘A’", &["usance::syntax at `‘A’`: `‘` is not a quotation mark of the policy language; write `\"A\"`"]),
    ("tier ＝＝ \"A\"", &["usance::syntax at `＝＝`: `＝＝` is a full-width character; write `==`"]),
    ("！customer.insured", &["usance::syntax at `！`: `！` is a full-width character; write `!`"]),
    ("account.invoices > １２", &["usance::syntax at `１２`: `１２` is in full-width characters; write `12`"]),
    ("account.invoices <> 3", &["usance::syntax at `<>`: `<>` is not an operator; write `!=`"]),
    ("account.invoices =< 3", &["usance::syntax at `=<`: `=<` is not an operator; write `<=`"]),
    ("account.invoices => 3", &["usance::syntax at `=>`: `=>` is not a comparison; write `>=`"]),
    (
        "account.invoices ≥ 3 && account.invoices ≤ 4 && account.invoices ≠ 5",
        &[
            "usance::syntax at `≥`: `≥` is not an operator here; write `>=`",
            "usance::syntax at `≤`: `≤` is not an operator here; write `<=`",
            "usance::syntax at `≠`: `≠` is not an operator here; write `!=`",
        ],
    ),
    ("account.invoices − 3", &["usance::syntax at `−`: `−` is a typographic character; write `-`"]),
    (
        "account.exposure > 1,000",
        &["usance::syntax at `1,000`: `1,000` has commas between its thousands; write `1000`"],
    ),
    (
        "account.exposure > 1,000,000.50",
        &["usance::syntax at `1,000,000.50`: `1,000,000.50` has commas between its thousands; write `1000000.50`"],
    ),
    (
        "max(1,000, account.exposure)",
        &["usance::syntax at `1,000`: `1,000` has commas between its thousands; write `1000`"],
    ),
    (
        "客户.limit > 3",
        &[
            "usance::syntax at `客户`: `客户` is not a name: names are ASCII letters, digits and `_`; write `\"客户\"` if it is a text; a name in another script belongs into `label:`",
        ],
    ),
    (
        "customer.default > 1",
        &[
            "usance::bad-id at `default`: `default` is a word of Rhai and cannot be a name; write another name, `default_` for example",
        ],
    ),
    (
        "default > 1",
        &[
            "usance::bad-id at `default`: `default` is a word of Rhai and cannot be a name; write another name, `default_` for example",
        ],
    ),
    (
        "for x in [1] { 1 }",
        &[
            "usance::outside-subset at `for`: `for` is not part of the policy language; count and sum with a measure; a loop belongs into a script's function",
        ],
    ),
    (
        "|x| x + 1",
        &[
            "usance::outside-subset at `|`: a function without a name is not part of the policy language; write a `fn` in a script and name it under `functions:`",
        ],
    ),
    ("account.invoices = 3; 4", &["usance::outside-subset at `=`: a value cannot be assigned; to compare, write `==`"]),
    (
        "account.invoices += 3",
        &[
            "usance::outside-subset at `+=`: `+=` changes a value, which an expression cannot do; write `let y = x + 1;` and use `y`",
        ],
    ),
    (
        "return 4",
        &[
            "usance::outside-subset at `return`: `return` is not part of the policy language; end with the value itself: `let x = a; x + 1`",
        ],
    ),
    (
        "const x = 1; x",
        &[
            "usance::outside-subset at `const`: `const` is not part of the policy language; write `let`",
            "usance::unknown-name at `x`: nothing is called `x`; write the name of a fact, a decision, a parameter or a measure; a text stands in quotes: `\"x\"`",
        ],
    ),
    (
        "import \"x\"",
        &[
            "usance::outside-subset at `import`: `import` is not part of the policy language; an expression sees only facts, parameters and functions",
        ],
    ),
    (
        "eval(\"1\")",
        &[
            "usance::outside-subset at `eval`: `eval` is not part of the policy language; an expression sees only facts, parameters and functions",
        ],
    ),
    (
        "#{a: 1}",
        &[
            "usance::outside-subset at `#{`: a map is not part of the policy language; write the values as facts or parameters with names of their own",
        ],
    ),
    (
        "#\"a\"#",
        &[
            "usance::syntax at `#`: `#` means nothing in an expression; take it out, or put it into a text in double quotes",
            "usance::syntax at `#`: `#` means nothing in an expression; take it out, or put it into a text in double quotes",
        ],
    ),
    (
        "\"9\" + 1",
        &[
            "usance::wrong-type at `\"9\" + 1`: `+` cannot add `text` and an `int`: `\"9\" + 1`; text with values in it belongs into a reason: `Exposure {account.exposure}`",
        ],
    ),
    (
        "customer.name + \"x\"",
        &[
            "usance::wrong-type at `customer.name + \"x\"`: `+` cannot add `text` and `text`: `customer.name + \"x\"`; text with values in it belongs into a reason: `Exposure {account.exposure}`",
        ],
    ),
    (
        "7 / 2",
        &[
            "usance::whole-division at `7 / 2`: `7 / 2` divides whole numbers, which would drop the remainder; write `7.0 / 2`",
        ],
    ),
    (
        "7 / 2 * 2.0",
        &[
            "usance::whole-division at `7 / 2`: `7 / 2` divides whole numbers, which would drop the remainder; write `7.0 / 2`",
        ],
    ),
    (
        "account.invoices / 2",
        &[
            "usance::whole-division at `account.invoices / 2`: `account.invoices / 2` divides whole numbers, which would drop the remainder; write `to_number(account.invoices) / 2`",
        ],
    ),
    (
        "7 / account.invoices",
        &[
            "usance::whole-division at `7 / account.invoices`: `7 / account.invoices` divides whole numbers, which would drop the remainder; write `7.0 / account.invoices`",
        ],
    ),
    (
        "account.oldest / account.oldest",
        &[
            "usance::whole-division at `account.oldest / account.oldest`: `account.oldest / account.oldest` divides whole numbers, which would drop the remainder; write `to_number(account.oldest) / to_number(account.oldest)`",
        ],
    ),
    (
        "(if customer.insured { 7 } else { account.late_share }) / 2",
        &[
            "usance::whole-division at `(if customer.insured { 7 } else { account.late_share }) / 2`: `(if customer.insured { 7 } else { account.late_share }) / 2` divides whole numbers, which would drop the remainder; write `(if customer.insured { 7 } else { account.late_share }) / 2.0`",
        ],
    ),
    (
        "(customer.rating ?? 1) / 2",
        &[
            "usance::whole-division at `(customer.rating ?? 1) / 2`: `(customer.rating ?? 1) / 2` divides whole numbers, which would drop the remainder; write `(customer.rating ?? 1) / 2.0`",
        ],
    ),
    (
        "(if customer.insured { 9223372036854775807 } else { account.late_share }) + 1",
        &[
            "usance::bad-number at `(if customer.insured { 9223372036854775807 } else { account.late_share }) + 1`: `(if customer.insured { 9223372036854775807 } else { account.late_share }) + 1` could pass the whole numbers of 64 bits; write the whole numbers in it with a point: `1.0`",
        ],
    ),
    (
        "switch account.late_share { 5 => 1, _ => 2 }",
        &[
            "usance::wrong-type at `5`: `5` is a whole number, which a `switch` over a `number` never holds; write `5.0`",
        ],
    ),
    (
        "switch (customer.rating ?? 1) { 5.0 => 1, _ => 2 }",
        &[
            "usance::wrong-type at `(customer.rating ?? 1)`: `(customer.rating ?? 1)` can be a whole number to Rhai, which no case with a point holds; write the whole numbers in it with a point: `7.0`",
        ],
    ),
    (
        "switch account.late_share { -5.0 => 1, _ => 2 }",
        &[
            "usance::outside-subset at `-5.0`: `-5.0` cannot be a case: Rhai takes no negative decimal there; write `if ... else if ... else`",
        ],
    ),
    (
        "switch account.invoices { 1..5 => 1, _ => 2 }",
        &["usance::outside-subset at `..`: a range cannot be a case; write `if a <= x && x < b { ... } else { ... }`"],
    ),
    (
        "switch account.invoices { 1 if customer.insured => 1, _ => 2 }",
        &[
            "usance::outside-subset at `if`: a condition in a case is not part of the policy language; write `if ... else if ... else`",
        ],
    ),
    (
        "switch tier { \"A\" => 1 }",
        &[
            "usance::gap at `switch tier { \"A\" => 1 }`: the `switch` has no case for `B`, `C`, `D`; add `_ => ...` as its last case",
        ],
    ),
    (
        "switch account.invoices { 1 => 1 }",
        &[
            "usance::gap at `switch account.invoices { 1 => 1 }`: the `switch` does not say what else it gives; add `_ => ...` as its last case",
        ],
    ),
    (
        "switch account.invoices { 5 => 1, 5 => 2, _ => 3 }",
        &["usance::duplicate-id at `5`: `5` is a case twice; take one of the two out"],
    ),
    (
        "switch account.invoices { _ => 1, 5 => 2 }",
        &["usance::syntax at `5 => 2`: a case behind `_` is never reached; put `_` last"],
    ),
    (
        "switch customer.since { _ => 1 }",
        &[
            "usance::wrong-type at `customer.since`: a `switch` cannot look at a `date`; write `if ... else if ... else`",
        ],
    ),
    (
        "if customer.insured { 1 } else { 2 } + 3",
        &[
            "usance::outside-subset at `+`: Rhai would not read `+` behind `}` as an operator; put what stands before it in parentheses: `(if c { a } else { b }) + x`",
        ],
    ),
    (
        "if { true } { 1 } else { 2 }",
        &[
            "usance::outside-subset at `{`: to Rhai a block is not a condition; put the block in parentheses: `if ({ ... }) { a } else { b }`",
        ],
    ),
    (
        "if customer.insured { 1 }",
        &[
            "usance::syntax at `if customer.insured { 1 }`: an `if` without `else` gives nothing when it does not hold; say what it gives then: `if c { a } else { b }`",
        ],
    ),
    (
        "() > 5",
        &[
            "usance::syntax at `()`: nothing stands between `(` and `)`; write a value; a missing one is met with `x ?? y`",
        ],
    ),
    (
        "customer.limit > 5",
        &[
            "usance::missing-not-handled at `customer.limit`: `customer.limit` may be missing, and nothing says what then; say what holds then: `customer.limit ?? ...`, or ask first: `is_given(customer.limit) && ...`",
        ],
    ),
    (
        "\"5\" > 4",
        &[
            "usance::wrong-type at `4`: `text` is asked for here, and `4` is an `int`; write something that gives `text`",
        ],
    ),
    (
        "customer.insured > true",
        &[
            "usance::wrong-type at `customer.insured > true`: true or false has no order: `customer.insured > true`; compare with `==`, `!=` or `in [...]`",
        ],
    ),
    (
        "account.exposur > 3",
        &[
            "usance::unknown-name at `account.exposur`: nothing is called `account.exposur`; did you mean `account.exposure`?",
        ],
    ),
    (
        "customer.since > 5",
        &[
            "usance::wrong-type at `5`: a `date` is asked for here, and `5` is an `int`; write something that gives a `date`",
        ],
    ),
    (
        "x ? 1 : 2",
        &[
            "usance::unknown-name at `x`: nothing is called `x`; write the name of a fact, a decision, a parameter or a measure; a text stands in quotes: `\"x\"`",
            "usance::outside-subset at `?`: `?` is not an operator; write `if c { a } else { b }` for a choice of two, or `x ?? y` for a missing value",
        ],
    ),
    (
        "security[0]",
        &[
            "usance::outside-subset at `[`: an item of a list cannot be taken by its place; write a comparison or `x in [...]`",
        ],
    ),
    (
        "`a${1}`",
        &[
            "usance::outside-subset at ``a${1}``: a text in backticks is not part of the policy language; write `\"a${1}\"`; text with values in it belongs into a reason: `Exposure {account.exposure}`",
        ],
    ),
    (
        "2026-01-01 < as_of",
        &[
            "usance::syntax at `2026-01-01`: `2026-01-01` would be a subtraction, not a date; write `date(\"2026-01-01\")`",
        ],
    ),
    (
        "date(\"2026-02-30\")",
        &[
            "usance::bad-date at `\"2026-02-30\"`: `2026-02-30` is not a day of the calendar; write a day of the calendar as YYYY-MM-DD",
        ],
    ),
    (
        "date(customer.name)",
        &[
            "usance::bad-date at `date(customer.name)`: `date` takes one text in quotes, known at load; write `date(\"2026-01-31\")`",
        ],
    ),
    (
        "30d > account.oldest",
        &[
            "usance::syntax at `d`: `d` stands right behind a number; write the plain number: it takes the unit its place asks for",
        ],
    ),
    (".5", &["usance::syntax at `.`: a number begins with a digit; write `0.5`, not `.5`"]),
    ("5.", &["usance::syntax at `5.`: `5.` has no digits after its point; write `5.0`"]),
    ("0xff", &["usance::syntax at `0xff`: `0xff` is not a way to write a number here; write it in decimal digits"]),
    (
        "account?.x",
        &[
            "usance::unknown-name at `account?.x`: nothing is called `account.x`; write the name of a fact, a decision, a parameter or a measure",
            "usance::syntax at `?.`: `?.` is not part of the policy language; write `is_given(x) && …`, or `x ?? …`",
        ],
    ),
    (
        "account.invoices !in [1]",
        &["usance::outside-subset at `!in`: `!in` is not part of the policy language; write `!(x in [...])`"],
    ),
    (
        "account.exposure == null",
        &[
            "usance::outside-subset at `null`: `null` is not part of the policy language; ask `is_given(x)`, or give a value for a missing one with `x ?? y`",
        ],
    ),
    (
        "this > 3",
        &[
            "usance::bad-id at `this`: `this` is a word of Rhai and cannot be a name; write another name, `this_` for example",
        ],
    ),
    (
        "1 < account.invoices < 3",
        &[
            "usance::wrong-type at `1 < account.invoices < 3`: comparisons cannot be chained; write `1 < account.invoices && account.invoices < 3`",
        ],
    ),
    (
        "account.sales(200)",
        &[
            "usance::wrong-type at `account.sales`: `account.sales` is a value, not a function; write `account.sales` without parentheses",
        ],
    ),
    ("1_000 >", &["usance::syntax at ``: a value is missing at the end; write the value the expression ends with"]),
    ("let x = 1; let", &["usance::syntax at ``: the name of a `let` is missing before the end; write a name"]),
    ("let x = 1", &["usance::syntax at ``: `;` is missing before the end; end a `let` with `;`"]),
    (
        "let default = 1; 2",
        &[
            "usance::bad-id at `default`: `default` is a word of Rhai and cannot be a name; write another name, `default_` for example",
        ],
    ),
    (
        "a; b",
        &[
            "usance::outside-subset at `a`: this value is not used; give it a name with `let x = ...;`, or take it out",
            "usance::unknown-name at `b`: nothing is called `b`; write the name of a fact, a decision, a parameter or a measure; a text stands in quotes: `\"b\"`",
        ],
    ),
    ("/* open", &["usance::syntax at `/* open`: a comment opened with `/*` is never closed; close it with `*/`"]),
    ("\"abc", &["usance::syntax at `\"abc`: a text is never closed; close it with `\"`"]),
    (
        "\"a\\qb\"",
        &[
            "usance::syntax at `\\q`: `\\q` is not an escape of a text; the escapes are `\\\"`, `\\\\`, `\\n`, `\\r`, `\\t`, `\\x41`, `\\u4e2d` and `\\U0001f600`",
        ],
    ),
    (
        "@",
        &[
            "usance::syntax at `@`: `@` means nothing in an expression; take it out, or put it into a text in double quotes",
        ],
    ),
    ("(account.exposure", &["usance::syntax at `(`: `(` is never closed; close it with `)`"]),
    ("account.exposure)", &["usance::syntax at `)`: `)` closes nothing; take it out, or open it before"]),
    ("max(account.exposure", &["usance::syntax at `(`: `(` is never closed; close it with `)`"]),
    ("account.", &["usance::syntax at `.`: a name is missing behind `.`; write the name, or take the `.` out"]),
    (
        "account.exposure account.sales",
        &[
            "usance::syntax at `account`: an operator is missing before `account`; put an operator between the two, or quote a text: `\"...\"`",
        ],
    ),
    (
        "not",
        &[
            "usance::syntax at `not`: `not` is not an operator; write `!`",
            "usance::syntax at ``: a value is missing at the end; write the value the expression ends with",
        ],
    ),
    ("", &["usance::syntax at ``: an expression is missing; write a value, a name or a comparison"]),
    ("+1", &["usance::outside-subset at `+`: a `+` before a value does nothing; take it out"]),
    ("a.b = 1; 2", &["usance::outside-subset at `=`: a value cannot be assigned; to compare, write `==`"]),
];
