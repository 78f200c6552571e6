//! Tables that read well on paper and sort on a screen.

use maud::{Markup, html};
use rust_decimal::Decimal;

use super::number;

/// How many rows a table shows before whoever reads it on a screen asks for all.
const SHOWN: usize = 15;

/// A column: its heading, and whether it holds numbers.
pub(super) struct Head {
    text: String,
    number: bool,
}

impl Head {
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), number: false }
    }

    pub(super) fn number(text: impl Into<String>) -> Self {
        Self { text: text.into(), number: true }
    }
}

/// A cell: what is shown, and the number it sorts by.
#[derive(Default)]
pub(super) struct Cell {
    shown: String,
    /// Small, under it.
    below: String,
    sort: Option<Decimal>,
    title: Option<String>,
}

impl Cell {
    /// Text; whatever script it is in, it stays within its cell.
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self { shown: text.into(), ..Self::default() }
    }

    /// With a small line under it.
    pub(super) fn below(self, below: impl Into<String>) -> Self {
        Self { below: below.into(), ..self }
    }

    /// Text that sorts by a place of its own.
    pub(super) fn ranked(text: impl Into<String>, rank: usize) -> Self {
        Self { shown: text.into(), sort: Some(Decimal::from(rank)), ..Self::default() }
    }

    /// A count.
    pub(super) fn count(count: u64) -> Self {
        let count = Decimal::from(count);
        Self { shown: number::exact(count), sort: Some(count), ..Self::default() }
    }

    /// An amount, in whole units where `whole`; blank where there is none.
    pub(super) fn amount(amount: Option<Decimal>, whole: bool) -> Self {
        let Some(amount) = amount else { return Self::default() };
        let exact = number::exact(amount);
        let shown = if whole { number::whole(amount) } else { exact.clone() };
        let title = (shown != exact).then_some(exact);
        Self { shown, sort: Some(amount), title, ..Self::default() }
    }

    /// `35.3 %`; blank where there is nothing to set it against.
    pub(super) fn share(part: Option<Decimal>, of: Option<Decimal>) -> Self {
        let Some((part, of)) = part.zip(of) else { return Self::default() };
        Self { shown: number::share(part, of).unwrap_or_default(), sort: part.checked_div(of), ..Self::default() }
    }

    fn is_negative(&self) -> bool {
        self.sort.is_some_and(|value| value < Decimal::ZERO)
    }

    fn inside(&self) -> Markup {
        html! {
            @if self.is_negative() { span.negative { (self.shown) } }
            @else { bdi { (self.shown) } }
            @if !self.below.is_empty() { small { bdi { (self.below) } } }
        }
    }
}

/// A table with a caption. The first cell of a row is its heading; `total` does not move when rows are sorted.
pub(super) fn table(id: &str, caption: &str, heads: &[Head], rows: &[Vec<Cell>], total: Option<Vec<Cell>>) -> Markup {
    let fold = rows.len() > SHOWN;
    html! {
        div.scroll tabindex="0" role="region" aria-label=(caption) {
            table id=(id) .fold[fold] {
                caption { (caption) }
                thead {
                    tr { @for head in heads { th scope="col" .number[head.number] { (head.text) } } }
                }
                tbody { @for cells in rows { (row(heads, cells)) } }
                @if let Some(cells) = total { tfoot { (row(heads, &cells)) } }
            }
        }
    }
}

fn row(heads: &[Head], cells: &[Cell]) -> Markup {
    html! {
        tr {
            @for (at, (head, cell)) in heads.iter().zip(cells).enumerate() {
                @let sort = cell.sort.map(|value| value.normalize().to_string());
                @if at == 0 {
                    th scope="row" data-v=[sort] title=[cell.title.as_deref()] .number[head.number] { (cell.inside()) }
                } @else {
                    td data-v=[sort] title=[cell.title.as_deref()] .number[head.number] { (cell.inside()) }
                }
            }
        }
    }
}
