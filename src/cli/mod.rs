//! The `usance` program: read arguments, call the library, print. One file a command.

mod book;
mod check;
mod exit;
mod explain;
mod load;
mod new;
mod print;
mod progress;
mod report;
mod run;
mod sample;
mod shell;
mod test;
mod watch;

pub use exit::Exit;

use clap::{Parser, Subcommand, ValueEnum};

use crate::heap;

/// The policy engine for trade credit.
#[derive(Parser)]
#[command(name = "usance", version, about, disable_help_subcommand = true, after_help = Exit::LIST)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Check a policy: types, names, gaps; nothing runs.
    Check(check::Check),
    /// Look at exports and write a first `book.yaml`, or check what a `book.yaml` makes of them.
    Book(book::Book),
    /// Decide on every customer, invoice and order of a book, and write the outcome.
    Run(run::Run),
    /// Say why: one customer's decisions, rule by rule, with the values each rule saw.
    Explain(explain::Explain),
    /// Make one page of what a run wrote: for people, in a browser or on paper.
    Report(report::Report),
    /// Begin a policy: a short one with notes for a manager, or a shipped pack.
    New(new::New),
    /// Make a book of invented customers, to try a policy on.
    Sample(sample::Sample),
    /// Run the policy's own tests.
    Test(test::Test),
    /// Follow a policy while it is edited: what is wrong with it, or how the decisions over a book change.
    Watch(watch::Watch),
    Completions(shell::Completions),
    Man(shell::Man),
}

/// The language people are spoken to in.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Speech {
    /// English.
    En,
    /// Chinese.
    Zh,
}

impl Speech {
    /// As policies write it.
    fn code(self) -> &'static str {
        match self {
            Speech::En => "en",
            Speech::Zh => "zh",
        }
    }
}

/// Who the output is for.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people.
    Human,
    /// One JSON value, for machines.
    Json,
}

/// Makes the threads that read; as many as the machine has cores where 0 is said.
fn pool(threads: usize) {
    heap::widen();
    // Where one was made before, that one stays.
    let _ = rayon::ThreadPoolBuilder::new().num_threads(threads).start_handler(|_| heap::widen()).build_global();
}

/// Runs the program with the arguments of the process.
pub fn main() -> Exit {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            let asked = !error.use_stderr();
            let _ = error.print();
            return if asked { Exit::Done } else { Exit::Usage };
        }
    };
    let threads = match &arguments.command {
        Command::Run(run) => run.threads(),
        _ => None,
    };
    pool(threads.map_or(0, usize::from));
    match arguments.command {
        Command::Book(book) => book.run(),
        Command::Check(check) => check.run(),
        Command::Run(run) => run.run(),
        Command::Explain(explain) => explain.run(),
        Command::Report(report) => report.run(),
        Command::Sample(sample) => sample.run(),
        Command::New(new) => new.run(),
        Command::Test(test) => test.run(),
        Command::Watch(watch) => watch.run(),
        Command::Completions(completions) => completions.run(),
        Command::Man(man) => man.run(),
    }
}
