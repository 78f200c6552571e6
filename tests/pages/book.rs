//! The examples of `docs/book.md`: files, the `book.yaml` that reads them, and what `usance book --check` then says.

use usance::book;
use usance::plan::Schema;

use crate::blocks::blocks;
use crate::{is_current, text};

#[test]
fn the_examples_of_the_book_page_are_read_as_it_says() {
    let page = text("docs/book.md");
    let (mut made, mut checked) = (page.clone(), 0);
    let mut folder = tempfile::tempdir().unwrap();
    for block in blocks(&page) {
        let place = format!("docs/book.md:{}", block.line);
        if let Some(file) = block.kind.strip_prefix("csv ") {
            std::fs::write(folder.path().join(file), &block.body).unwrap();
        } else if block.kind == "yaml book" {
            std::fs::write(folder.path().join("book.yaml"), &block.body).unwrap();
        } else if block.kind == "text check" {
            let (schema, mut found) = (Schema::standard(), Vec::new());
            let currency = book::currency(folder.path(), &schema).expect(&place);
            let read = book::read(folder.path(), &schema, &currency, &mut found).expect(&place);
            assert_eq!(found, [], "{place}");
            let said = book::review(&read, &schema, &currency, "en");
            let at: usize = made.match_indices("```text check\n").nth(checked).unwrap().0 + "```text check\n".len();
            let until = at + made[at..].find("```").unwrap();
            made.replace_range(at..until, &said);
            checked += 1;
            folder = tempfile::tempdir().unwrap();
        }
    }
    assert_eq!(checked, 3);
    is_current("docs/book.md", &made);
}
