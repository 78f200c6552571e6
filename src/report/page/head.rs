//! Who made it, for which day, and what it comes to in a few sentences.

use maud::{Markup, html};

use super::Page;
use crate::report::number::{exact, share};
use rust_decimal::Decimal;

/// The digits of a digest that people compare.
const DIGEST: usize = 12;

pub(super) fn header(page: Page<'_>) -> Markup {
    let (manifest, words) = (page.manifest, page.words);
    let short: String = manifest.policy.digest.chars().take(DIGEST).collect();
    html! {
        header {
            h1 { (words.say("credit_position")) " " span { (words.say("as_of")) " " time datetime=(manifest.as_of) { (manifest.as_of) } } }
            p {
                strong { bdi { (manifest.title(words.code())) } }
                " \u{b7} " bdi { (manifest.policy.id) " " (manifest.policy.version) }
                " \u{b7} " span title=(manifest.policy.digest) { (words.say("digest")) " " code { (short) } }
                " \u{b7} " (words.pick("amounts in", "金额单位")) " " (manifest.currency)
            }
        }
    }
}

/// In plain sight: whether anything is missing from the figures.
pub(super) fn status(page: Page<'_>) -> Markup {
    let (picture, words) = (page.picture, page.words);
    if picture.is_whole() {
        let text =
            words.pick("Every row was read and every decision was made.", "所有数据均已读取，所有判定均已作出。");
        return html! { p.status.good { span aria-hidden="true" { "\u{2713} " } (text) } };
    }
    let count = |of: u64| exact(Decimal::from(of));
    let mut parts = Vec::new();
    if picture.failures.count > 0 {
        let times = count(picture.failures.count);
        parts.push(words.pick(format!("{times} decisions could not be made"), format!("{times} 项判定未能作出")));
    }
    if picture.rejects.count > 0 {
        let times = count(picture.rejects.count);
        let text = format!("{times} rows or values of the book could not be read");
        parts.push(words.pick(text, format!("账册中 {times} 行或值未能读取")));
    }
    html! {
        p.status.bad role="note" {
            span aria-hidden="true" { "\u{26a0} " }
            (parts.join(words.pick(", and ", "，")))
            (words.pick(": the figures below are without them. ", "，下列数字不含这些部分。"))
            a href="#faults" { (words.say("open_questions")) }
        }
    }
}

/// In plain sight as well: which tables the policy lets leave only in part, so that the figures are of that part.
pub(super) fn limited(page: Page<'_>) -> Markup {
    let words = page.words;
    let count = |of: u64| exact(Decimal::from(of));
    let told = page.manifest.limited.iter().filter_map(|limited| {
        let table = words.say(&limited.table);
        let (rows, all) = (count(limited.rows), count(limited.of_rows));
        match &limited.only {
            _ if limited.off => Some(words.pick(format!("{table}: left out"), format!("{table}：未输出"))),
            Some(only) => Some(words.pick(
                format!("{table}: only {rows} of {all} rows, those where {only}"),
                format!("{table}：共 {all} 行，仅含 {rows} 行，条件 {only}"),
            )),
            None => None,
        }
    });
    let told: Vec<String> = told.collect();
    html! {
        @if !told.is_empty() {
            p.note role="note" {
                (words.pick("The policy lets only a part leave, and the figures are of that part. ", "按政策仅输出部分内容，下列数字只含该部分。"))
                (told.join(words.pick("; ", "；")))
            }
        }
    }
}

/// The page in a few sentences.
pub(super) fn in_short(page: Page<'_>) -> Markup {
    html! {
        section.short aria-labelledby="short-heading" {
            h2 id="short-heading" { (page.say("in_short")) }
            ul { @for sentence in sentences(page) { li { (sentence) } } }
        }
    }
}

fn sentences(page: Page<'_>) -> Vec<String> {
    let (picture, words) = (page.picture, page.words);
    let count = |of: u64| exact(Decimal::from(of));
    let mut out = Vec::new();
    if let Some(customers) = &picture.customers {
        let all = &customers.all;
        let owed = page.owed();
        if let Some((owed, overdue)) = owed.zip(all.overdue.total())
            && let Some(part) = share(overdue, owed)
        {
            let (owed, overdue, with) = (page.money(owed), page.money(overdue), count(customers.with_overdue));
            out.push(words.pick(
                format!("{owed} is open, of which {overdue} ({part}) is past due, from {with} customers."),
                format!("应收账款余额 {owed}，其中逾期 {overdue}（{part}），涉及 {with} 家客户。"),
            ));
        }
        if customers.with_excess > 0
            && let Some(over) = all.over.total()
        {
            let (with, over, free) = (count(customers.with_excess), page.money(over), page.money(all.free.or_zero()));
            out.push(words.pick(
                format!("{with} customers owe {over} more than their limits allow; the others have {free} left."),
                format!("{with} 家客户超出额度共 {over}；其余客户尚有可用额度 {free}。"),
            ));
        }
        let top: Decimal =
            customers.largest.sizes().fold(Decimal::ZERO, |sum, one| sum.checked_add(one).unwrap_or(sum));
        if all.customers > customers.largest.len() as u64
            && let Some(part) = all.exposure.total().and_then(|all| share(top, all))
        {
            let largest = customers.largest.len();
            out.push(words.pick(
                format!("The {largest} largest customers carry {part} of the exposure."),
                format!("敞口最大的 {largest} 家客户占 {part}。"),
            ));
        }
    }
    if let Some(orders) = picture.orders.as_ref().filter(|orders| orders.stopped.0 > 0) {
        let (stopped, amount) = (count(orders.stopped.0), page.money(orders.stopped.1.or_zero()));
        let with = count(orders.customers.len() as u64);
        out.push(words.pick(
            format!("{stopped} orders worth {amount} are stopped, from {with} customers."),
            format!("{stopped} 张订单未放行，金额 {amount}，涉及 {with} 家客户。"),
        ));
    }
    if !page.manifest.has("actions") {
        return out;
    }
    let work = &picture.actions.all;
    let (todo, about) = (count(work.count), page.money(work.amount.or_zero()));
    out.push(match work.count {
        0 => words.pick("Nothing is proposed.".into(), "无建议措施。".into()),
        _ => words
            .pick(format!("{todo} actions are proposed, over {about}."), format!("建议措施 {todo} 件，涉及 {about}。")),
    });
    out
}

pub(super) fn footer(page: Page<'_>) -> Markup {
    let words = page.words;
    let rounded = words
        .pick("Amounts are rounded to whole units; the files hold them exactly.", "金额取整显示，精确数见各数据文件。");
    html! {
        footer {
            p {
                @if page.whole { (rounded) " " }
                (words.pick("Made by", "生成程序")) " usance " (page.manifest.usance) ", "
                (page.manifest.policy.id) " " (page.manifest.policy.version) ", " (page.manifest.as_of) "."
            }
        }
    }
}
