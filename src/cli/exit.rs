//! How a command ended, for the shell.

/// The exit codes; documented in `docs/reference.md`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Everything was done.
    Done = 0,
    /// Done, but something could not be read or decided: see `rejects.csv` and `failures.csv`.
    DoneWithFailures = 1,
    /// The arguments make no sense.
    Usage = 2,
    /// The policy cannot be used.
    PolicyError = 3,
    /// The book cannot be used.
    BookError = 4,
    /// A policy test failed.
    TestFailed = 5,
    /// Files could not be written.
    OutputError = 6,
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
