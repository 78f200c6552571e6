//! A file is read in one way where its cells are read in place, and in another where they are put together first: an
//! amount of two columns makes the second. Both see the same.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::expect_used,
    clippy::string_slice,
    clippy::panic,
    clippy::type_complexity,
    missing_docs,
    unreachable_pub
)]

mod book_support;

use book_support::{everything, folder};
use proptest::prelude::*;
use usance::book::{self, Book};
use usance::plan::Schema;

const BOOK: &str = "== customers.csv
id,name
C1,Ada
C2,Bo
== book.yaml
usance_book: 1
currency: USD
tables:
  invoices:
    columns: { amount: COLUMNS }
    set_aside: { order: aside }
    totals: { order: all }
    values: { customer: { one: C1 }, due_date: { never: \"\" } }
    set: { order: none }
";

const HEADER: &str = "id,customer,issue_date,due_date,amount,less,currency,order,delivery_date";

/// A cell of each column, as a file may write it.
const CELLS: [&[&str]; 9] = [
    &["1", "2", "3", "4", "5", "6", "7", "8", "9", "\"10\"", "\"a \"\"b\"\"\"", "", "Total"],
    &["C1", "C2", " C1 ", "one", "\"C1\"", "C9", ""],
    &["2026-01-05", "2026-01-06", "\"2026-01-06\"", "2026-02-30", "6.1.2026", "1850-01-01", ""],
    &["2026-03-05", "", "never", "2026-13-01", "2025-01-01"],
    &["100.00", "0.5", "12345678901234567.125", "99999999999999999999", "-3", "\"1,5\"", "(5)", "x", "", "0"],
    &[""],
    &["USD", "USD", "USD", "", "EUR"],
    &["", "O1", "aside", "\"O\n2\"", "\"O\r\n3\"", "all", "\u{8ba2}\u{5355}", "O\"4"],
    &["2026-01-05", "", "2026-01-05 10:00"],
];

fn text(rows: &[(Vec<prop::sample::Index>, u8)]) -> String {
    let mut text = String::from(HEADER);
    text.push('\n');
    for (cells, end) in rows {
        let chosen: Vec<&str> = CELLS.iter().zip(cells).map(|(of, at)| of[at.index(of.len())]).collect();
        text += &match end {
            // Fewer cells, more, none, and a line of its own without any.
            20 => chosen[..5].join(","),
            21 => chosen.join(",") + ",more",
            22 => ",,,,,,,,".to_owned(),
            23 => "---,---,---,---,---,---,---,---,---".to_owned(),
            24 => HEADER.to_owned(),
            25 => chosen.join(",") + "\n",
            _ => chosen.join(","),
        };
        text += ["\n", "\r\n", "\n", "\r"][usize::from(*end % 4)];
    }
    text
}

fn rejects(book: &Book) -> Vec<String> {
    book.rejects.iter().map(|r| format!("{}:{} {} `{}` {}", r.file, r.line, r.column, r.value, r.reason)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_way_of_reading_sees_the_same(
        rows in proptest::collection::vec((proptest::collection::vec(any::<prop::sample::Index>(), 9), 0_u8..26), 0..12),
    ) {
        let text = text(&rows);
        let read = |columns: &str| {
            let here = folder(&BOOK.replace("COLUMNS", columns));
            std::fs::write(here.path().join("invoices.csv"), &text).unwrap();
            let mut sink = Vec::new();
            let book = book::read(here.path(), &Schema::standard(), "USD", &mut sink);
            book.unwrap_or_else(|| panic!("{sink:?}"))
        };
        let (in_place, together) = (read("amount"), read("{ plus: amount, minus: less }"));
        prop_assert_eq!(rejects(&in_place), rejects(&together), "{}", text);
        prop_assert_eq!(&in_place.inputs[1..], &together.inputs[1..], "{}", text);
        let plain = |book: &Book| everything(book).replace("[(\"invoices.csv\", [\"less\"])]", "[]");
        prop_assert_eq!(plain(&in_place), plain(&together), "{}", text);
    }
}
