//! The key figures.

use maud::{Markup, html};
use rust_decimal::Decimal;

use super::Page;
use crate::report::number::{exact, share};

/// A figure: what it is, large, and a line or two under it.
struct Figure {
    name: String,
    large: String,
    small: Vec<String>,
    alarming: bool,
}

pub(super) fn section(page: Page<'_>) -> Markup {
    html! {
        dl.figures {
            @for figure in figures(page) {
                div .alarming[figure.alarming] {
                    dt { (figure.name) }
                    dd { (figure.large) }
                    @for line in &figure.small { dd.small { (line) } }
                }
            }
        }
    }
}

fn figures(page: Page<'_>) -> Vec<Figure> {
    let (picture, words) = (page.picture, page.words);
    let count = |of: u64| exact(Decimal::from(of));
    let money = |name: &str, amount: Decimal, small: Vec<String>| Figure {
        name: page.say(name),
        large: page.short(amount),
        small: [exact(amount)].into_iter().chain(small).collect(),
        alarming: false,
    };
    let counted = |name: &str, of: u64, small: Vec<String>| Figure {
        name: page.say(name),
        large: count(of),
        small,
        alarming: false,
    };
    let of = |part: Decimal, whole: Option<Decimal>, en: &str, zh: &str| {
        let part = whole.and_then(|whole| share(part, whole));
        part.map(|part| words.pick(format!("{part} {en}"), format!("{zh} {part}"))).into_iter().collect::<Vec<_>>()
    };
    let mut figures = Vec::new();
    let owed = page.owed();
    if let Some(owed) = owed {
        figures.push(money("open_receivables", owed, Vec::new()));
    }
    if let Some(customers) = &picture.customers {
        let all = &customers.all;
        if let Some(overdue) = all.overdue.total() {
            figures.push(money("overdue", overdue, of(overdue, owed, "of receivables", "占应收账款")));
        }
        if let Some(exposure) = all.exposure.total() {
            figures.push(money("exposure", exposure, of(exposure, all.limit.total(), "of limits", "占额度")));
        }
        if let Some(limit) = all.limit.total() {
            let free = words.pick(
                format!("{} free", page.short(all.free.or_zero())),
                format!("可用 {}", page.short(all.free.or_zero())),
            );
            figures.push(money("limit_amount", limit, vec![free]));
        }
        if let Some(over) = all.over.total() {
            let with = count(customers.with_excess);
            let mut figure =
                money("over_limit", over, vec![words.pick(format!("{with} customers"), format!("{with} 家客户"))]);
            figure.alarming = customers.with_excess > 0;
            figures.push(figure);
        }
    }
    if let Some(provision) = picture.items.as_ref().and_then(|items| items.all.provision.total()) {
        figures.push(money("provision", provision, of(provision, owed, "of receivables", "占应收账款")));
    }
    if let Some(orders) = &picture.orders {
        let (amount, with) = (page.short(orders.stopped.1.or_zero()), count(orders.customers.len() as u64));
        let small = words.pick(format!("{amount}, {with} customers"), format!("{amount}，{with} 家客户"));
        figures.push(counted("orders_stopped", orders.stopped.0, vec![small]));
    }
    if page.manifest.has("actions") {
        let work = &picture.actions.all;
        let about = page.short(work.amount.or_zero());
        let small = words.pick(format!("over {about}"), format!("涉及 {about}"));
        figures.push(counted("by_rung", work.count, vec![small]));
    }
    if !picture.is_whole() {
        let missing = picture.failures.count + picture.rejects.count;
        let small = words.pick(
            format!("{} not decided, {} not read", count(picture.failures.count), count(picture.rejects.count)),
            format!("未判定 {}，未读取 {}", count(picture.failures.count), count(picture.rejects.count)),
        );
        figures.push(Figure { alarming: true, ..counted("open_questions", missing, vec![small]) });
    }
    figures
}
