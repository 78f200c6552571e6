//! Memory of threads, asked of the system in few large steps.

/// Less than from when on the C library of Linux takes memory from the system for each piece by itself.
const STEP: usize = 31 << 20;

/// Makes room for what this thread will allocate. By itself that library asks the system for a thread's memory page by page,
/// and for pieces of more than 128 KiB each time anew; having once been given a large piece back, it keeps such. Nothing is
/// touched, so it takes no memory; elsewhere it does nothing.
pub(crate) fn widen() {
    drop(std::hint::black_box(Vec::<u8>::with_capacity(STEP)));
}
