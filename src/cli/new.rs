//! `usance new`

use std::io;
use std::path::PathBuf;

use clap::Args;

use super::{Exit, Speech, load, print};
use crate::diag::{Code, Diagnostic, nearest};
use crate::start;

#[derive(Args)]
pub(super) struct New {
    /// The folder to write; it must not hold anything yet.
    #[arg(value_name = "DIR")]
    dir: PathBuf,
    /// A shipped pack to start from, instead of the short policy: `sme-trade`.
    #[arg(long, value_name = "PACK")]
    from: Option<String>,
    /// The language of the short policy's notes.
    #[arg(long, value_enum, default_value_t = Speech::En)]
    lang: Speech,
}

impl New {
    pub(super) fn run(&self) -> Exit {
        let files = match &self.from {
            None => start::starter(self.lang.code()),
            Some(name) => match start::pack(name) {
                Some(pack) => pack.files,
                None => {
                    load::show(&[no_pack(name)]);
                    return Exit::Usage;
                }
            },
        };
        match start::write(files, &self.dir) {
            Ok(()) => {
                print::out(&self.next_steps(files));
                Exit::Done
            }
            Err(error) => {
                let dir = self.dir.display();
                let message = match error.kind() {
                    io::ErrorKind::AlreadyExists => format!("`{dir}` holds something already"),
                    _ => format!("`{dir}` cannot be written: {error}"),
                };
                let finding = Diagnostic::placeless(Code::UnreadableFile, message);
                load::show(&[finding.help("name a folder that does not exist yet")]);
                Exit::OutputError
            }
        }
    }

    fn next_steps(&self, files: &[start::File]) -> String {
        let dir = self.dir.display();
        let names: Vec<&str> = files.iter().map(|(path, _)| *path).collect();
        let (wrote, then, tail) = match self.lang {
            Speech::En => ("written to", "next", ""),
            Speech::Zh => ("已写入", "接下来", " --lang zh"),
        };
        format!(
            "{wrote} {dir}: {}\n\n{then}:\n  usance check --policy {dir}\n  usance test --policy {dir}\n  \
             usance sample book --customers 200 --seed 1 --as-of 2026-06-30\n  \
             usance run --policy {dir} --book book{tail}\n",
            names.join(", ")
        )
    }
}

fn no_pack(name: &str) -> Diagnostic {
    let packs = || start::PACKS.iter().map(|pack| pack.name);
    let finding = Diagnostic::placeless(Code::UnknownValue, format!("no pack is called `{name}`"));
    match nearest(name, packs()) {
        Some(near) => finding.help(format!("did you mean `{near}`?")),
        None => finding.help(format!("there are: {}", packs().collect::<Vec<_>>().join(", "))),
    }
}
