//! `usance sample`

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::Args;

use super::{Exit, load, print};
use crate::diag::{Code, Diagnostic};
use crate::sample;

#[derive(Args)]
pub(super) struct Sample {
    /// The folder to write; files of the same names are replaced.
    #[arg(value_name = "DIR")]
    dir: PathBuf,
    /// How many customers.
    #[arg(long, value_name = "N", default_value_t = 200)]
    customers: usize,
    /// The same seed makes the same book.
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    /// The day the book is of.
    #[arg(long, value_name = "DATE", value_parser = super::run::date)]
    as_of: NaiveDate,
}

impl Sample {
    pub(super) fn run(&self) -> Exit {
        match sample::write(&self.dir, self.customers, self.seed, self.as_of) {
            Ok(summary) => {
                for (table, rows) in summary.rows {
                    print::out(&format!("{table}: {rows}\n"));
                }
                Exit::Done
            }
            Err(error) => {
                let message = format!("`{}` cannot be written: {error}", self.dir.display());
                load::show(&[Diagnostic::placeless(Code::UnreadableFile, message).help("name another folder")]);
                Exit::OutputError
            }
        }
    }
}
