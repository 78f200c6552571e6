//! The `usance` program: read arguments, call the library, print. One file a command.

mod check;
mod exit;
mod load;
mod test;

pub use exit::Exit;

use clap::{Parser, Subcommand};

/// The policy engine for trade credit.
#[derive(Parser)]
#[command(name = "usance", version, about, disable_help_subcommand = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Check a policy: types, names, gaps; nothing runs.
    Check(check::Check),
    /// Run the policy's own tests.
    Test(test::Test),
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
    match arguments.command {
        Command::Check(check) => check.run(),
        Command::Test(test) => test.run(),
    }
}
