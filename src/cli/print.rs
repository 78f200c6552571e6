//! Printing to the output stream.

use std::io::Write as _;

/// Prints a text. Whoever stopped reading (a pager, `head`) wants no more of it: that is not an error.
pub(super) fn out(text: &str) {
    let _ = std::io::stdout().lock().write_all(text.as_bytes());
}

/// Prints a text at once; false when nobody reads any more.
pub(super) fn at_once(text: &str) -> bool {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).is_ok()
}
