//! Exposure against limit: by tier, how much a few customers carry, and who is over.

use maud::{Markup, html};
use rust_decimal::Decimal;

use super::{Page, customers};
use crate::report::chart::{Bar, Paint, bars};
use crate::report::gather::{Customers, Tier};
use crate::report::html::{Cell, Head, table};
use crate::report::number::{exact, percent, share};

pub(super) fn section(page: Page<'_>) -> Option<Markup> {
    let of = page.picture.customers.as_ref().filter(|of| of.has("exposure") || of.has("tier"))?;
    let tiers: Vec<(&String, &Tier)> =
        page.in_order("tier", of.tiers.keys()).into_iter().filter_map(|key| Some((key, of.tiers.get(key)?))).collect();
    let charted: Vec<Bar> = tiers.iter().map(|(key, tier)| bar(page, of, key, tier)).collect();
    let legend = [
        (Paint::Sound, page.say("within_limit")),
        (Paint::Late, page.say("over_limit")),
        (Paint::Free, page.say("free_limit")),
    ];
    let over = customers::table_of(page, of, &of.over, "table-over", "most_over_limit");
    let note = page.listed(of.over.len(), of.with_excess, ("customers over their limit", "超额度客户"), "decisions");
    Some(html! {
        @if of.has("exposure") {
            div.pair {
                (bars("chart-limits", &page.say("exposure_and_limits"), &charted, &legend))
                (concentration(page, of))
            }
        }
        (by_tier(page, of, &tiers))
        @if of.with_excess > 0 {
            h3 { (page.say("most_over_limit")) }
            (over)
            @if let Some(note) = note { p.note { (note) } }
        }
    })
}

fn name(page: Page<'_>, of: &Customers, tier: &str) -> String {
    if of.has("tier") { page.words.tier(tier) } else { page.say("all_customers") }
}

fn bar(page: Page<'_>, of: &Customers, key: &str, tier: &Tier) -> Bar {
    let (exposure, limit) = (tier.exposure.or_zero(), tier.limit.or_zero());
    let label = name(page, of, key);
    let title = format!(
        "{label}: {} {}, {} {}, {} {}",
        page.say("exposure"),
        exact(exposure),
        page.say("limit_amount"),
        exact(limit),
        page.say("over_limit"),
        exact(tier.over.or_zero()),
    );
    Bar {
        label,
        value: format!("{} / {}", page.short(exposure), page.short(limit)),
        title,
        parts: vec![
            (Paint::Sound, tier.within.or_zero()),
            (Paint::Late, tier.over.or_zero()),
            (Paint::Free, tier.free.or_zero()),
        ],
    }
}

fn by_tier(page: Page<'_>, of: &Customers, tiers: &[(&String, &Tier)]) -> Markup {
    let line = |name: Cell, tier: &Tier| {
        let (exposure, limit) = (tier.exposure.total(), tier.limit.total());
        vec![
            name,
            Cell::count(tier.customers),
            page.amount(exposure),
            page.amount(limit),
            Cell::share(exposure, limit),
            page.amount(tier.over.total()),
            page.amount(tier.free.total()),
            page.amount(tier.overdue.total()),
        ]
    };
    let row = |(rank, (key, tier)): (usize, &(&String, &Tier))| line(Cell::ranked(name(page, of, key), rank), tier);
    let rows: Vec<_> = tiers.iter().enumerate().map(row).collect();
    let heads = [
        Head::text(page.say("tier")),
        Head::number(page.say("customers")),
        Head::number(page.say("exposure")),
        Head::number(page.say("limit_amount")),
        Head::number(page.say("used")),
        Head::number(page.say("over_limit")),
        Head::number(page.say("free")),
        Head::number(page.say("overdue")),
    ];
    let total = line(Cell::text(page.say("total")), &of.all);
    table("table-tiers", &page.say("by_tier"), &heads, &rows, Some(total))
}

/// How much of exposure and of what is overdue the largest carry.
fn concentration(page: Page<'_>, of: &Customers) -> Markup {
    let largest: Vec<Decimal> = of.largest.sizes().collect();
    let overdue: Vec<Decimal> = of.overdue.sizes().take(largest.len()).collect();
    let bar = |name: &str, largest: &[Decimal], all: Option<Decimal>| {
        let all = all.filter(|all| *all > Decimal::ZERO)?;
        let sum = largest.iter().fold(Decimal::ZERO, |sum, one| sum.checked_add(*one).unwrap_or(sum));
        let part = share(sum, all)?;
        let (name, count) = (page.say(name), largest.len());
        let label = page.words.pick(format!("{name}, {count} largest"), format!("{name}最大 {count} 家"));
        let title = format!("{label}: {} / {} ({part})", exact(sum), exact(all));
        let rest = all.checked_sub(sum).unwrap_or_default();
        // In percent, so that both bars take the whole width.
        Some(Bar {
            label,
            value: part,
            title,
            parts: vec![(Paint::Sound, percent(sum, all)), (Paint::Free, percent(rest, all))],
        })
    };
    let charted: Vec<Bar> =
        [bar("exposure", &largest, of.all.exposure.total()), bar("overdue", &overdue, of.all.overdue.total())]
            .into_iter()
            .flatten()
            .collect();
    if charted.is_empty() || of.all.customers <= largest.len() as u64 {
        return html! {};
    }
    bars("chart-concentration", &page.say("concentration"), &charted, &[])
}
