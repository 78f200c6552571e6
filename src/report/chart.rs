//! Bars as inline SVG. Lengths are shares of the width, so that the text keeps its size on any screen.

use maud::{Markup, html};
use rust_decimal::Decimal;
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use super::number::percent;

/// What a part of a bar stands for, by colour; disputed parts are hatched, so that they show without colour too.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Paint {
    Sound,
    Late,
    Disputed,
    Free,
}

impl Paint {
    fn class(self) -> &'static str {
        match self {
            Paint::Sound => "sound",
            Paint::Late => "late",
            Paint::Disputed => "disputed",
            Paint::Free => "free",
        }
    }
}

/// One bar with a line of text above it.
pub(super) struct Bar {
    pub(super) label: String,
    /// Short, at the right end.
    pub(super) value: String,
    /// Exact, for whoever points at it or listens.
    pub(super) title: String,
    /// From left to right; what is below zero is not drawn.
    pub(super) parts: Vec<(Paint, Decimal)>,
}

/// Pixels from one bar to the next, of a bar, and from its text to it.
const PITCH: usize = 42;
const THICK: usize = 14;
const TEXT: usize = 13;
const GAP: usize = 6;
/// Columns of a label that leave room for the value on a phone.
const LABEL: usize = 24;

/// A chart of bars on one scale: the longest takes the whole width.
pub(super) fn bars(id: &str, title: &str, bars: &[Bar], legend: &[(Paint, String)]) -> Markup {
    let length = |bar: &Bar| {
        let drawn = bar.parts.iter().map(|(_, amount)| (*amount).max(Decimal::ZERO));
        drawn.fold(Decimal::ZERO, |sum, part| sum.checked_add(part).unwrap_or(sum))
    };
    let longest = bars.iter().map(length).max().unwrap_or_default();
    let height = (bars.len() * PITCH).saturating_sub(PITCH - TEXT - GAP - THICK - 2);
    let spoken: Vec<&str> = bars.iter().map(|bar| bar.title.as_str()).collect();
    html! {
        figure.chart {
            figcaption { (title) }
            svg id=(id) role="img" width="100%" height=(height) aria-labelledby={ (id) "-title " (id) "-desc" } {
                title id={ (id) "-title" } { (title) }
                desc id={ (id) "-desc" } { (spoken.join("; ")) }
                (hatch(id))
                @for (number, bar) in bars.iter().enumerate() {
                    (one(id, bar, number * PITCH, longest))
                }
            }
            @if !legend.is_empty() { (key(id, legend)) }
        }
    }
}

fn one(id: &str, bar: &Bar, top: usize, longest: Decimal) -> Markup {
    let (baseline, y) = (top + TEXT - 1, top + TEXT + GAP);
    let mut from = Decimal::ZERO;
    let mut part = |amount: Decimal| {
        let (start, width) = (percent(from, longest), percent(amount, longest));
        from = from.checked_add(amount.max(Decimal::ZERO)).unwrap_or(from);
        (start, width)
    };
    html! {
        g.bar {
            title { (bar.title) }
            text.label x="0" y=(baseline) { (cut(&bar.label)) }
            text.value x="100%" y=(baseline) text-anchor="end" { (bar.value) }
            rect.track x="0" y=(y) width="100%" height=(THICK) {}
            @for (paint, amount) in &bar.parts {
                @let (start, width) = part(*amount);
                @if !width.is_zero() { (block(id, *paint, &format!("{start}%"), &y.to_string(), &format!("{width}%"), THICK)) }
            }
        }
    }
}

/// A rectangle; a disputed one in the colour of what is late, under stripes.
fn block(id: &str, paint: Paint, x: &str, y: &str, width: &str, height: usize) -> Markup {
    html! {
        rect class=(paint.class()) x=(x) y=(y) width=(width) height=(height) {}
        @if paint == Paint::Disputed {
            rect x=(x) y=(y) width=(width) height=(height) fill={ "url(#" (id) "-hatch)" } {}
        }
    }
}

fn hatch(id: &str) -> Markup {
    html! {
        defs {
            pattern id={ (id) "-hatch" } width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)" {
                rect.stripe width="2" height="5" {}
            }
        }
    }
}

fn key(id: &str, legend: &[(Paint, String)]) -> Markup {
    html! {
        ul.legend {
            @for (paint, text) in legend {
                li {
                    svg width="14" height="10" aria-hidden="true" { (block(id, *paint, "0", "0", "100%", 10)) }
                    " " (text)
                }
            }
        }
    }
}

/// A label that leaves room for its value; the whole of it is in the bar's title.
fn cut(label: &str) -> String {
    if label.width() <= LABEL {
        return label.into();
    }
    let mut wide = 0;
    let fits = |c: &char| {
        wide += c.width().unwrap_or(0);
        wide < LABEL
    };
    format!("{}\u{2026}", label.chars().take_while(fits).collect::<String>())
}
