//! The page, section by section; a section about a table that was not made is left out.

mod actions;
mod ageing;
mod customers;
mod faults;
mod figures;
mod head;
mod limits;
mod made_of;
mod orders;
mod trust;

use maud::{DOCTYPE, Markup, PreEscaped, html};
use rust_decimal::Decimal;

use super::gather::Picture;
use super::html::Cell;
use super::manifest::Manifest;
use super::number;
use super::words::Words;
use crate::outcome::REPORT_MARK;

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// What every section reads.
#[derive(Clone, Copy)]
struct Page<'m> {
    manifest: &'m Manifest,
    picture: &'m Picture,
    words: Words<'m>,
    /// Amounts in whole units: there are millions, of which nobody reads the cents.
    whole: bool,
}

/// The page as one HTML text.
pub(super) fn html(manifest: &Manifest, picture: &Picture, words: Words<'_>) -> String {
    let page = Page { manifest, picture, words, whole: is_large(picture) };
    let sections: Vec<(&str, String, Markup)> = [
        ("ageing", "by_ageing", ageing::section(page)),
        ("limits", "exposure_and_limits", limits::section(page)),
        ("customers", "most_overdue", customers::section(page)),
        ("actions", "by_rung", actions::section(page)),
        ("orders", "orders_and_warnings", orders::section(page)),
        ("faults", "open_questions", Some(faults::section(page))),
        ("made-of", "made_of", Some(made_of::section(page))),
    ]
    .into_iter()
    .filter_map(|(id, heading, made)| made.map(|made| (id, words.say(heading), made)))
    .collect();
    let markup = html! {
        (DOCTYPE)
        html lang=(words.tag()) {
            head {
                meta charset="utf-8";
                (PreEscaped(REPORT_MARK))
                meta http-equiv="Content-Security-Policy" content=(trust::policy(STYLE, SCRIPT));
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="referrer" content="no-referrer";
                title { (words.say("credit_position")) " " (manifest.as_of) " \u{b7} " (manifest.title(words.code())) }
                style { (PreEscaped(STYLE)) }
            }
            body data-show-all=(words.say("show_all")) data-show-fewer=(words.say("show_fewer")) {
                (head::header(page))
                nav aria-label=(words.say("contents")) {
                    @for (id, heading, _) in &sections { a href={ "#" (id) } { (heading) } " " }
                }
                main {
                    (head::status(page))
                    (head::limited(page))
                    (figures::section(page))
                    (head::in_short(page))
                    @for (id, heading, made) in &sections {
                        section id=(id) aria-labelledby={ (id) "-heading" } {
                            h2 id={ (id) "-heading" } { (heading) }
                            (made)
                        }
                    }
                }
                (head::footer(page))
                script { (PreEscaped(SCRIPT)) }
            }
        }
    };
    markup.into_string()
}

fn is_large(picture: &Picture) -> bool {
    let sums = [
        picture.items.as_ref().map(|items| items.all.open.or_zero()),
        picture.customers.as_ref().map(|customers| customers.all.exposure.or_zero()),
        picture.customers.as_ref().map(|customers| customers.all.limit.or_zero()),
        Some(picture.actions.all.amount.or_zero()),
    ];
    sums.into_iter().flatten().any(|sum| sum.abs() >= Decimal::from(1_000_000))
}

impl Page<'_> {
    fn say(self, key: &str) -> String {
        self.words.say(key)
    }

    fn amount(self, amount: Option<Decimal>) -> Cell {
        Cell::amount(amount, self.whole)
    }

    /// All that is owed; `None` where not all of it is in the table.
    fn owed(self) -> Option<Decimal> {
        let is_cut = self.manifest.limited.iter().any(|of| of.table == "invoices" && of.only.is_some());
        self.picture.items.as_ref().filter(|_| !is_cut).and_then(|items| items.all.open.total())
    }

    /// Shortened, for charts and headlines.
    fn short(self, amount: Decimal) -> String {
        number::short(amount, self.words.code())
    }

    /// `CNY 65.0 m`.
    fn money(self, amount: Decimal) -> String {
        format!("{} {}", self.manifest.currency, self.short(amount))
    }

    /// The keys of groups in the policy's own order, those without a value last.
    fn in_order<'k>(self, kind: &str, keys: impl Iterator<Item = &'k String>) -> Vec<&'k String> {
        let mut keys: Vec<&String> = keys.collect();
        keys.sort_by_key(|key| (key.is_empty(), self.manifest.order(kind, key), *key));
        keys
    }

    /// The name of the file that holds all of a table.
    fn file(self, table: &str) -> String {
        format!("{table}.{}", self.manifest.format)
    }

    /// `20 of 96, …; all of them are in decisions.csv`; nothing where all are listed.
    fn listed(self, listed: usize, of: u64, what: (&str, &str), table: &str) -> Option<String> {
        let (count, file) = (number::exact(Decimal::from(of)), self.file(table));
        (listed as u64).lt(&of).then(|| {
            self.words.pick(
                format!("{listed} of {count} {}, the largest first; all of them are in {file}", what.0),
                format!("{}共 {count} 个，此处列出最大的 {listed} 个；全部见 {file}", what.1),
            )
        })
    }
}
