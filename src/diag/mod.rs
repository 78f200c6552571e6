//! Diagnostics: what is wrong, exactly where, and what to write instead.
//!
//! A [`Diagnostic`] carries its [`Place`], and a place carries its source text, so any error can show itself.

mod code;
mod render;
mod source;

pub use code::Code;
pub use render::{Style, render, render_all, to_json};
pub use source::{OffsetMap, Place, Source, SourceText, Span};

/// How bad it is: an error stops the policy or book from being used, a warning does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Must be mended before anything runs.
    Error,
    /// Worth a look; nothing stops.
    Warning,
}

/// One finding. The message is lower case, without a full stop, user text in backticks; the help says what to write instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// The stable code, listed in `docs/diagnostics.md`.
    pub code: Code,
    /// Error or warning.
    pub severity: Severity,
    /// One line.
    pub message: String,
    /// Where; `None` only when there is no file to point into (a folder that does not exist).
    pub place: Option<Place>,
    /// A short text under the underlined place.
    pub label: Option<String>,
    /// Other places that matter (the first definition of a duplicate, the stations of a circle).
    pub also: Vec<(Place, String)>,
    /// What to write instead.
    pub help: Option<String>,
}

impl Diagnostic {
    /// An error at a place.
    pub fn error(code: Code, message: impl Into<String>, place: Place) -> Self {
        Self {
            code,
            severity: Severity::Error,
            message: message.into(),
            place: Some(place),
            label: None,
            also: Vec::new(),
            help: None,
        }
    }

    /// An error that no file can show.
    pub fn placeless(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            severity: Severity::Error,
            message: message.into(),
            place: None,
            label: None,
            also: Vec::new(),
            help: None,
        }
    }

    /// The same finding as a warning.
    #[must_use]
    pub fn as_warning(mut self) -> Self {
        self.severity = Severity::Warning;
        self
    }

    /// With a short text under the underlined place.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = Some(label.into());
        self
    }

    /// With what to write instead.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// With one more place that matters.
    #[must_use]
    pub fn also(mut self, place: Place, label: impl Into<String>) -> Self {
        self.also.push((place, label.into()));
        self
    }
}

/// True when any finding is an error.
pub fn any_error(all: &[Diagnostic]) -> bool {
    all.iter().any(|d| d.severity == Severity::Error)
}

/// The nearest of `known` to what was written, where one is near enough to be a slip of the keyboard.
pub fn nearest<'a>(written: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let allowed = match written.chars().count() {
        0..=2 => 1,
        3..=5 => 2,
        _ => 3,
    };
    let written = written.to_lowercase();
    let length = written.chars().count();
    known
        .into_iter()
        .map(|name| (name.to_lowercase(), name))
        // Each letter too many or too few is one step: most names are out of reach by their length alone.
        .filter(|(lower, _)| lower.chars().count().abs_diff(length) <= allowed)
        .map(|(lower, name)| (strsim::damerau_levenshtein(&written, &lower), name))
        .filter(|(distance, name)| *distance <= allowed && *distance < name.chars().count())
        .min()
        .map(|(_, name)| name)
}
