//! `usance report`

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use clap::Args;

use super::{Exit, Speech, load, print};
use crate::diag::{Code, Diagnostic};
use crate::outcome::{self, REPORT, is_report};
use crate::report;

#[derive(Args)]
pub(super) struct Report {
    /// The folder a run wrote.
    #[arg(value_name = "OUT", default_value = "out")]
    out: PathBuf,
    /// The language of the page.
    #[arg(long, value_enum, default_value_t = Speech::En)]
    lang: Speech,
    /// The file to write; `report.html` in the folder where it is left out.
    #[arg(long, value_name = "FILE")]
    to: Option<PathBuf>,
}

impl Report {
    pub(super) fn run(&self) -> Exit {
        let page = match report::page(&self.out, self.lang.code()) {
            Ok(page) => page,
            Err(trouble) => {
                let message = format!("no report of `{}`: {trouble}", self.out.display());
                let help = "name a folder that `usance run --out` wrote, or let the run write it again";
                load::show(&[Diagnostic::placeless(Code::Outcome, message).help(help)]);
                return Exit::BookError;
            }
        };
        let to = self.to.clone().unwrap_or_else(|| self.out.join(REPORT));
        if to.exists() && !is_report(&to) {
            let message = format!("`{}` is not replaced: it is no report", to.display());
            return refuse(message);
        }
        match write(&to, &page) {
            Ok(()) => {
                print::out(&format!("{} {}\n", outcome::label("written_to", self.lang.code()), to.display()));
                Exit::Done
            }
            Err(error) => refuse(format!("`{}` cannot be written: {error}", to.display())),
        }
    }
}

fn refuse(message: String) -> Exit {
    load::show(&[Diagnostic::placeless(Code::UnreadableFile, message).help("name another file with `--to`")]);
    Exit::OutputError
}

/// Writes the page whole or not at all.
fn write(to: &Path, page: &str) -> io::Result<()> {
    let name = to.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let partial = to.with_file_name(format!(".{name}.partial-{}", std::process::id()));
    let put = fs::write(&partial, page).and_then(|()| fs::rename(&partial, to));
    if put.is_err() {
        // Gone already when it never began.
        let _ = fs::remove_file(&partial);
    }
    put
}
