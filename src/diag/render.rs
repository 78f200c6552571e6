//! Diagnostics as text for people, and as JSON for machines.

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

use super::{Diagnostic, Place, Severity};

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
            let mut snippet = snippet(place).annotation({
                let mark = AnnotationKind::Primary.span(range(place));
                match &diagnostic.label {
                    Some(label) => mark.label(label),
                    None => mark,
                }
            });
            let mut others = Vec::new();
            for (other, label) in &diagnostic.also {
                let mark = AnnotationKind::Context.span(range(other)).label(label);
                if other.source == place.source {
                    snippet = snippet.annotation(mark);
                } else {
                    others.push(self::snippet(other).annotation(mark));
                }
            }
            others.into_iter().fold(title.element(snippet), |group, other| group.element(other))
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

fn snippet(place: &Place) -> Snippet<'_, annotate_snippets::Annotation<'_>> {
    Snippet::source(place.source.text.as_str()).path(place.source.name.as_str())
}

fn range(place: &Place) -> std::ops::Range<usize> {
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
