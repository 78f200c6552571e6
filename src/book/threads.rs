//! What other threads are given to do.

/// How many shares work is parted into for each thread, so that none waits long for another.
const SHARES: usize = 4;

/// Into how many shares work is parted; one where there is nobody to share it with.
pub(crate) fn shares() -> usize {
    match rayon::current_num_threads() {
        1 => 1,
        threads => SHARES * threads,
    }
}

/// Gives back much memory that nobody needs any more: that takes time which the next step need not wait for.
pub(crate) fn let_go(thing: impl Send + 'static) {
    rayon::spawn(move || drop(thing));
}
