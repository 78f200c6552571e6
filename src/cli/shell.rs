//! `usance completions` and `usance man`: from the same definitions as the commands.

use clap::{Args, Command, CommandFactory as _};
use clap_complete::{Shell, generate};

use super::{Arguments, Exit, print};

/// Print a file that completes the commands in a shell.
#[derive(Args)]
pub(super) struct Completions {
    /// The shell.
    #[arg(value_enum)]
    shell: Shell,
}

impl Completions {
    pub(super) fn run(&self) -> Exit {
        let mut file = Vec::new();
        generate(self.shell, &mut Arguments::command(), "usance", &mut file);
        print::out(&String::from_utf8_lossy(&file));
        Exit::Done
    }
}

/// Print the manual, or the page of one command, for `man`.
#[derive(Args)]
pub(super) struct Man {
    /// The command; all of usance where it is left out.
    #[arg(value_name = "COMMAND")]
    command: Option<String>,
}

impl Man {
    pub(super) fn run(&self) -> Exit {
        let whole = Arguments::command();
        let page = match &self.command {
            None => Some(whole),
            Some(name) => whole.find_subcommand(name).cloned().map(|page| called(page, name)),
        };
        let Some(page) = page else {
            let _ = Arguments::command()
                .error(clap::error::ErrorKind::InvalidSubcommand, "there is no such command; see `usance help`")
                .print();
            return Exit::Usage;
        };
        let mut file = Vec::new();
        match clap_mangen::Man::new(page).render(&mut file) {
            Ok(()) => {
                print::out(&String::from_utf8_lossy(&file));
                Exit::Done
            }
            Err(_) => Exit::OutputError,
        }
    }
}

fn called(page: Command, name: &str) -> Command {
    page.display_name(format!("usance-{name}")).bin_name(format!("usance {name}")).version(env!("CARGO_PKG_VERSION"))
}
