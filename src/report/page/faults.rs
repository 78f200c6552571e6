//! What failed or is incomplete: how often, the first of each kind, and where to mend it.

use maud::{Markup, html};
use rust_decimal::Decimal;

use super::Page;
use crate::report::gather::{Kind, Kinds};
use crate::report::html::{Cell, Head, table};
use crate::report::number::exact;

pub(super) fn section(page: Page<'_>) -> Markup {
    let picture = page.picture;
    let notes = notes(page);
    html! {
        @if picture.is_whole() && notes.is_empty() {
            p.note { (page.words.pick("Nothing failed and nothing is missing.", "无失败，无缺失。")) }
        }
        @if !notes.is_empty() { ul.notes { @for note in &notes { li { (note) } } } }
        @if picture.failures.count > 0 { (failures(page)) }
        @if picture.rejects.count > 0 { (rejects(page)) }
    }
}

/// What is worth a sentence although nothing failed.
fn notes(page: Page<'_>) -> Vec<String> {
    let words = page.words;
    let mut notes = Vec::new();
    if let Some(customers) = &page.picture.customers {
        let mut tell = |count: u64, en: &str, zh: &str| {
            if count > 0 {
                let count = exact(Decimal::from(count));
                notes.push(words.pick(format!("{count} {en}"), format!("{count} {zh}")));
            }
        };
        tell(customers.failed, "customers have a decision that could not be made", "家客户有未能作出的判定");
        tell(
            customers.incomplete,
            "customers are incomplete: something of theirs could not be read",
            "家客户资料不全：部分数据未能读取",
        );
        tell(
            customers.referred,
            "customers are referred to a person: something a rule must know is missing",
            "家客户转人工：规则所需资料缺失",
        );
    }
    for undated in &page.manifest.undated {
        notes.push(format!("{}: {} ({})", undated.column, page.say("hindsight"), exact(Decimal::from(undated.rows))));
    }
    for unread in &page.manifest.unread_columns {
        notes.push(format!("{}: {}: {}", unread.file, page.say("unread"), unread.columns.join(", ")));
    }
    notes
}

fn failures(page: Page<'_>) -> Markup {
    let row = |kind: &Kind| {
        let [table, root] = [0, 1].map(|at| text(&kind.common, at));
        let [id, reason, place] = [0, 1, 2].map(|at| text(&kind.first, at));
        vec![
            Cell::count(kind.times),
            Cell::text(page.say(table)),
            Cell::text(root),
            Cell::text(reason),
            Cell::text(id),
            Cell::text(place),
        ]
    };
    let heads = ["table", "decision_name", "reason", "first", "place"].map(|head| Head::text(page.say(head)));
    listed(page, "failures", "undecided", heads, &page.picture.failures, row)
}

fn rejects(page: Page<'_>) -> Markup {
    let row = |kind: &Kind| {
        let [file, column, reason] = [0, 1, 2].map(|at| text(&kind.common, at));
        let [line, value] = [0, 1].map(|at| text(&kind.first, at));
        vec![
            Cell::count(kind.times),
            Cell::text(file),
            Cell::text(column),
            Cell::text(reason),
            Cell::text(value),
            Cell::text(format!("{file}:{line}")),
        ]
    };
    let heads = ["file", "column", "reason", "value", "first"].map(|head| Head::text(page.say(head)));
    listed(page, "rejects", "unreadable", heads, &page.picture.rejects, row)
}

fn listed(
    page: Page<'_>,
    name: &str,
    heading: &str,
    heads: [Head; 5],
    kinds: &Kinds,
    row: impl Fn(&Kind) -> Vec<Cell>,
) -> Markup {
    let rows: Vec<_> = kinds.most.iter().map(row).collect();
    let heads: Vec<Head> = [Head::number(page.say("times"))].into_iter().chain(heads).collect();
    let (count, rest, file) = (exact(Decimal::from(kinds.count)), exact(Decimal::from(kinds.rest)), page.file(name));
    let note = match kinds.rest {
        0 => {
            page.words.pick(format!("{count} in all, each of them in {file}"), format!("共 {count} 条，逐条见 {file}"))
        }
        _ => page.words.pick(
            format!("{count} in all, {rest} of them of kinds not listed here; each is in {file}"),
            format!("共 {count} 条，其中 {rest} 条的类别未列出；逐条见 {file}"),
        ),
    };
    html! {
        h3 { (page.say(heading)) }
        (table(&format!("table-{name}"), &page.say(heading), &heads, &rows, None))
        p.note { (note) }
    }
}

fn text(texts: &[String], at: usize) -> &str {
    texts.get(at).map(String::as_str).unwrap_or_default()
}
