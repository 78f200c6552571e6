//! Nothing that is read from a book depends on the order of the rows in its files.
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

use book_support::{everything, folder, read};
use proptest::prelude::*;
use usance::book::Book;
use usance::plan::{RelationId, Schema};

const BOOK: &str = include_str!("book_support/rich.txt");

/// The same book with the rows of each file in another order.
fn shuffled(order: &[u16]) -> String {
    let mut order = order.iter().cycle();
    let mut out = String::new();
    for file in BOOK.split("== ").skip(1) {
        let mut lines = file.lines();
        out += &format!("== {}\n{}\n", lines.next().unwrap(), lines.next().unwrap());
        let mut rows: Vec<(u16, &str)> = lines.map(|line| (*order.next().unwrap(), line)).collect();
        rows.sort_by_key(|(key, _)| *key);
        for (_, row) in rows {
            out += row;
            out.push('\n');
        }
    }
    out
}

/// Rows stand in the order of what they lie under, by id within it, and what lies under a row is a range; every id leads
/// back to its row.
fn stands_in_order(book: &Book) {
    let schema = Schema::standard();
    for (relation, about) in (0u16..).map(RelationId).zip(&schema.relations) {
        let rows = 0..u32::try_from(book.count(relation)).unwrap();
        let key = |row| (book.parent(relation, row), book.id(relation, row));
        assert!(rows.clone().is_sorted_by_key(key), "{}", about.name);
        for row in rows.clone() {
            assert_eq!(book.find(relation, book.id(relation, row)), Some(row), "{}", about.name);
        }
        let Some(parent) = about.parent.filter(|_| !rows.is_empty()) else { continue };
        let mut next = 0;
        for above in 0..u32::try_from(book.count(parent)).unwrap() {
            let under = book.children(relation, above);
            assert_eq!(under.start, next, "{}", about.name);
            assert!(under.clone().all(|row| book.parent(relation, row) == Some(above)), "{}", about.name);
            next = under.end;
        }
        assert_eq!(next, rows.end, "{}", about.name);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_order_of_rows_does_not_matter(order in proptest::collection::vec(any::<u16>(), 97)) {
        let book = read(folder(&shuffled(&order)).path());
        stands_in_order(&book);
        let (shuffled, plain) = (everything(&book), everything(&read(folder(BOOK).path())));
        for (a, b) in shuffled.lines().zip(plain.lines()) {
            prop_assert_eq!(a, b);
        }
        prop_assert_eq!(shuffled.len(), plain.len());
    }
}

#[test]
fn the_shuffled_book_has_something_of_everything() {
    let book = read(folder(BOOK).path());
    let text = everything(&book);
    let empty: Vec<&str> = text.split("== ").filter(|part| part.trim().lines().count() == 1).collect();
    assert_eq!(empty, [] as [&str; 0]);
    assert!(book.rejects.len() > 20, "{}", book.rejects.len());
}
