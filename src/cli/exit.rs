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
    /// The book, or the folder of a run, cannot be used.
    BookError = 4,
    /// A policy test failed.
    TestFailed = 5,
    /// Files could not be written.
    OutputError = 6,
}

impl Exit {
    /// The codes as `--help` lists them.
    pub const LIST: &'static str = "\
Exit codes:
  0  done
  1  done, but something could not be read or decided: see rejects.csv and failures.csv
  2  the arguments make no sense
  3  the policy cannot be used
  4  the book, or the folder of a run, cannot be used
  5  a policy test failed
  6  files could not be written";
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
