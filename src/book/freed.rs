//! Much memory that nobody needs any more.

/// Gives it back on another thread: that takes time which the next step need not wait for.
pub(crate) fn let_go(thing: impl Send + 'static) {
    rayon::spawn(move || drop(thing));
}
