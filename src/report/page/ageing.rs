//! Receivables by age, with what is disputed and what will not come back.

use maud::{Markup, html};
use rust_decimal::Decimal;

use super::Page;
use crate::report::chart::{Bar, Paint, bars};
use crate::report::gather::Band;
use crate::report::html::{Cell, Head, table};
use crate::report::number::exact;

pub(super) fn section(page: Page<'_>) -> Option<Markup> {
    let items = page.picture.items.as_ref()?;
    let bands: Vec<(&String, &Band)> = page
        .in_order("ageing", items.bands.keys())
        .into_iter()
        .filter_map(|key| Some((key, items.bands.get(key)?)))
        .collect();
    let charted: Vec<Bar> = bands.iter().map(|(key, band)| bar(page, key, band)).collect();
    let legend = [
        (Paint::Sound, page.words.value("ageing", "current")),
        (Paint::Late, page.say("overdue")),
        (Paint::Disputed, page.say("disputed_open")),
    ];
    let all = items.all.open.total();
    let line = |name: Cell, band: &Band| {
        vec![
            name,
            Cell::count(band.items),
            page.amount(band.open.total()),
            Cell::share(band.open.total(), all),
            page.amount(band.disputed.total()),
            page.amount(band.provision.total()),
            Cell::share(band.provision.total(), band.open.total()),
        ]
    };
    let rows: Vec<_> =
        bands.iter().enumerate().map(|(rank, (key, band))| line(Cell::ranked(name(page, key), rank), band)).collect();
    let heads = [
        Head::text(page.say("ageing")),
        Head::number(page.say("items")),
        Head::number(page.say("open")),
        Head::number(page.say("share")),
        Head::number(page.say("disputed_open")),
        Head::number(page.say("provision")),
        Head::number(page.say("coverage")),
    ];
    let total = line(Cell::text(page.say("total")), &items.all);
    Some(html! {
        div.side {
            @if bands.len() > 1 { (bars("chart-ageing", &page.say("by_ageing"), &charted, &legend)) }
            (table("table-ageing", &page.say("by_ageing"), &heads, &rows, Some(total)))
        }
    })
}

fn name(page: Page<'_>, band: &str) -> String {
    if band.is_empty() { page.say("no_value") } else { page.words.value("ageing", band) }
}

fn bar(page: Page<'_>, key: &str, band: &Band) -> Bar {
    let (open, disputed) = (band.open.or_zero(), band.disputed.or_zero());
    let undisputed = open.checked_sub(disputed).unwrap_or(open);
    let paint = if key == "current" { Paint::Sound } else { Paint::Late };
    let label = name(page, key);
    let mut title = format!("{label}: {}", exact(open));
    if disputed > Decimal::ZERO {
        title.push_str(&format!(" ({} {})", page.say("disputed_open"), exact(disputed)));
    }
    Bar { label, value: page.short(open), title, parts: vec![(paint, undisputed), (Paint::Disputed, disputed)] }
}
