//! What to say when a text is not YAML.

use std::sync::Arc;

use crate::diag::{Code, Diagnostic, Place, Source, Span};

/// Explains why the scanner stopped at this byte.
pub(super) fn explain(source: &Arc<Source>, at: usize, _info: &str, sink: &mut Vec<Diagnostic>) {
    let place = Place::new(source, Span::new(at, at));
    sink.push(
        Diagnostic::error(Code::Yaml, "the text cannot be read from here on", place)
            .help("look at the quotes, brackets and indentation here and in the line above"),
    );
}

/// A tag before a value, which is given.
pub(super) fn tag(value: &Place) -> Diagnostic {
    Diagnostic::error(Code::YamlTrap, "`!` begins a YAML tag here, which a policy does not use", value.clone())
        .help("to mean `not`, put the whole value in quotes")
}
