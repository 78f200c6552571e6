//! What is proposed: by ladder and rung, and by whose work it is.

use maud::{Markup, html};
use rust_decimal::Decimal;

use super::Page;
use crate::report::chart::{Bar, Paint, bars};
use crate::report::gather::Work;
use crate::report::html::{Cell, Head, table};
use crate::report::number::exact;

pub(super) fn section(page: Page<'_>) -> Option<Markup> {
    if !page.manifest.has("actions") {
        return None;
    }
    let actions = &page.picture.actions;
    if actions.all.count == 0 {
        return Some(html! { p.note { (page.say("nothing_proposed")) } });
    }
    let mut rungs: Vec<(&(String, String), &Work)> = actions.rungs.iter().collect();
    let place = |(ladder, rung): &(String, String)| {
        (page.manifest.order("ladder", ladder), page.manifest.order("rung", &format!("{ladder}.{rung}")))
    };
    rungs.sort_by_key(|(key, _)| (place(key), *key));
    let charted: Vec<Bar> = rungs
        .iter()
        .filter(|(_, work)| work.amount.or_zero() > Decimal::ZERO)
        .map(|((ladder, rung), work)| {
            let (label, amount) = (page.rung(ladder, rung), work.amount.or_zero());
            let title = format!("{label}: {}", exact(amount));
            Bar { label, value: page.short(amount), title, parts: vec![(Paint::Sound, amount)] }
        })
        .collect();
    Some(html! {
        div.side {
            @if charted.len() > 1 { (bars("chart-actions", &page.say("amount_by_rung"), &charted, &[])) }
            (by_rung(page, &rungs))
        }
        h3 { (page.say("by_owner")) }
        (by_owner(page))
    })
}

impl Page<'_> {
    /// What a rung is called.
    pub(super) fn rung(self, ladder: &str, rung: &str) -> String {
        let given = self.manifest.label("rung", &format!("{ladder}.{rung}"), self.words.code());
        given.map_or_else(|| crate::outcome::label(rung, self.words.code()), Into::into)
    }
}

fn by_rung(page: Page<'_>, rungs: &[(&(String, String), &Work)]) -> Markup {
    let line = |ladder: Cell, rung: Cell, work: &Work| vec![ladder, rung, Cell::count(work.count), amount(page, work)];
    let row = |(rank, ((ladder, rung), work)): (usize, &(&(String, String), &Work))| {
        let ladder_name = page.words.value("ladder", ladder);
        line(Cell::ranked(ladder_name, rank), Cell::ranked(page.rung(ladder, rung), rank), work)
    };
    let rows: Vec<_> = rungs.iter().enumerate().map(row).collect();
    let heads = [
        Head::text(page.say("ladder")),
        Head::text(page.say("rung")),
        Head::number(page.say("actions_count")),
        Head::number(page.say("amount")),
    ];
    let total = line(Cell::text(page.say("total")), Cell::default(), &page.picture.actions.all);
    table("table-rungs", &page.say("by_rung"), &heads, &rows, Some(total))
}

fn by_owner(page: Page<'_>) -> Markup {
    let row = |((owner, approval), work): (&(String, String), &Work)| {
        let name = |text: &str, none: &str| match text {
            "" => page.say(none),
            text => text.split("; ").map(|one| page.say(one)).collect::<Vec<_>>().join(page.words.pick(", ", "、")),
        };
        vec![
            Cell::text(name(owner, "nobody_named")),
            Cell::text(name(approval, "no_approval")),
            Cell::count(work.count),
            amount(page, work),
        ]
    };
    let rows: Vec<_> = page.picture.actions.owners.iter().map(row).collect();
    let heads = [
        Head::text(page.say("owner")),
        Head::text(page.say("approval")),
        Head::number(page.say("actions_count")),
        Head::number(page.say("amount")),
    ];
    table("table-owners", &page.say("by_owner"), &heads, &rows, None)
}

/// What an action is about; a statement is about no amount.
fn amount(page: Page<'_>, work: &Work) -> Cell {
    page.amount(work.amount.total().filter(|amount| !amount.is_zero()))
}
