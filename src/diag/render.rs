//! Diagnostics as text for people, and as JSON for machines.

use std::ops::Range;

use annotate_snippets::{Annotation, AnnotationKind, Level, Renderer, Snippet};

use super::{Diagnostic, Place, Severity, Source};

/// How to draw: plain where there is no terminal, coloured where there is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// No escape sequences; the same on every machine.
    Plain,
    /// ANSI colours.
    Coloured,
}

/// One diagnostic: message, file, line, column, the text underlined, and the help.
pub fn render(diagnostic: &Diagnostic, style: Style) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = level.primary_title(&diagnostic.message).id(diagnostic.code.as_str());
    let mut group = match &diagnostic.place {
        Some(place) => {
            let (beside, elsewhere): (Vec<_>, Vec<_>) =
                diagnostic.also.iter().partition(|(other, _)| other.source == place.source);
            let excerpt = Excerpt::around(place, beside.iter().map(|(other, _)| other));
            let mark = AnnotationKind::Primary.span(excerpt.range(place));
            let mark = match &diagnostic.label {
                Some(label) => mark.label(label),
                None => mark,
            };
            let beside = beside.iter().map(|(other, label)| context(&excerpt, other, label));
            let snippet = excerpt.snippet().annotation(mark).annotations(beside);
            let elsewhere = elsewhere.iter().map(|(other, label)| {
                let excerpt = Excerpt::around(other, std::iter::empty());
                excerpt.snippet().annotation(context(&excerpt, other, label))
            });
            elsewhere.fold(title.element(snippet), |group, other| group.element(other))
        }
        None => annotate_snippets::Group::with_title(title),
    };
    if let Some(help) = &diagnostic.help {
        group = group.element(Level::HELP.message(help));
    }
    let renderer = match style {
        Style::Plain => Renderer::plain(),
        Style::Coloured => Renderer::styled(),
    };
    renderer.render(&[group])
}

fn context<'p>(excerpt: &Excerpt<'p>, place: &Place, label: &'p str) -> Annotation<'p> {
    AnnotationKind::Context.span(excerpt.range(place)).label(label)
}

/// The lines of a file that a finding is about, so that it takes no longer to draw in a long file than in a short one.
struct Excerpt<'p> {
    source: &'p Source,
    bytes: Range<usize>,
}

impl<'p> Excerpt<'p> {
    /// Lines on either side that might matter to how the places are drawn.
    const MARGIN: usize = 2;

    /// From the first of some places in one file to the last.
    fn around(place: &'p Place, others: impl Iterator<Item = &'p Place>) -> Self {
        let source = &place.source;
        let text = source.text.as_str();
        let whole = others.map(range).fold(range(place), |all, one| all.start.min(one.start)..all.end.max(one.end));
        let mut before = text.get(..whole.start).unwrap_or("").rmatch_indices('\n').map(|(at, _)| at + 1);
        let mut after = text.get(whole.end..).unwrap_or("").match_indices('\n').map(|(at, _)| whole.end + at + 1);
        let bytes = before.nth(Self::MARGIN).unwrap_or(0)..after.nth(Self::MARGIN).unwrap_or(text.len());
        Self { source, bytes }
    }

    /// The bytes of a place within the excerpt.
    fn range(&self, place: &Place) -> Range<usize> {
        let whole = range(place);
        whole.start - self.bytes.start..whole.end - self.bytes.start
    }

    fn snippet(&self) -> Snippet<'p, Annotation<'p>> {
        let text = self.source.text.as_str();
        let before = text.get(..self.bytes.start).unwrap_or("");
        Snippet::source(text.get(self.bytes.clone()).unwrap_or(text))
            .path(self.source.name.as_str())
            .line_start(before.bytes().filter(|byte| *byte == b'\n').count() + 1)
    }
}

fn range(place: &Place) -> Range<usize> {
    let length = place.source.text.len();
    let start = floor(&place.source.text, (place.span.start as usize).min(length));
    start..floor(&place.source.text, (place.span.end as usize).clamp(start, length))
}

fn floor(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// All of them, in the order given, a blank line between.
pub fn render_all(diagnostics: &[Diagnostic], style: Style) -> String {
    diagnostics.iter().map(|d| render(d, style) + "\n").collect::<Vec<_>>().join("\n")
}

/// One object a diagnostic: `code severity message file line column end_line end_column text help also`.
pub fn to_json(diagnostics: &[Diagnostic]) -> serde_json::Value {
    fn at(place: &Place) -> serde_json::Map<String, serde_json::Value> {
        let (line, column) = place.line_column();
        let end = super::Span { start: place.span.end, end: place.span.end };
        let (end_line, end_column) = Place::new(&place.source, end).line_column();
        let mut map = serde_json::Map::new();
        map.insert("file".into(), place.source.name.clone().into());
        for (key, value) in [("line", line), ("column", column), ("end_line", end_line), ("end_column", end_column)] {
            map.insert(key.into(), value.into());
        }
        map.insert("text".into(), place.text().into());
        map
    }
    let one = |d: &Diagnostic| {
        let mut map = serde_json::Map::new();
        map.insert("code".into(), d.code.as_str().into());
        map.insert("severity".into(), if d.severity == Severity::Error { "error" } else { "warning" }.into());
        map.insert("message".into(), d.message.clone().into());
        if let Some(place) = &d.place {
            map.extend(at(place));
        }
        if let Some(help) = &d.help {
            map.insert("help".into(), help.clone().into());
        }
        if !d.also.is_empty() {
            let also = d.also.iter().map(|(place, label)| {
                let mut other = at(place);
                other.insert("label".into(), label.clone().into());
                serde_json::Value::Object(other)
            });
            map.insert("also".into(), also.collect());
        }
        serde_json::Value::Object(map)
    };
    diagnostics.iter().map(one).collect()
}
