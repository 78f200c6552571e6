//! What the run was made of, folded away: for whoever must show that this page is of these files.

use maud::{Markup, html};

use super::Page;
use crate::report::html::{Cell, Head, table};

pub(super) fn section(page: Page<'_>) -> Markup {
    let manifest = page.manifest;
    let facts = [
        ("policy", format!("{} {}", manifest.policy.id, manifest.policy.version)),
        ("digest", manifest.policy.digest.clone()),
        ("as_of", manifest.as_of.clone()),
        ("book_of", manifest.book.as_of.clone().unwrap_or_default()),
        ("program", format!("usance {}", manifest.usance)),
    ];
    let rows: Vec<_> = manifest
        .book
        .inputs
        .iter()
        .map(|input| vec![Cell::text(&input.file), Cell::count(input.rows), Cell::text(&input.sha256)])
        .collect();
    let heads = [Head::text(page.say("file")), Head::number(page.say("rows")), Head::text(page.say("sha256"))];
    html! {
        dl.facts {
            @for (name, fact) in facts {
                @if !fact.is_empty() { div { dt { (page.say(name)) } dd { bdi { (fact) } } } }
            }
        }
        details {
            summary {
                (page.words.pick(format!("{} files of the book, with their hashes", rows.len()), format!("账册文件 {} 个及其哈希值", rows.len())))
            }
            (table("table-inputs", &page.say("file"), &heads, &rows, None))
        }
    }
}
