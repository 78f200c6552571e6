//! `usance book`

use std::io::Write as _;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::run::width;
use super::{Exit, Speech, load, print};
use crate::book;
use crate::diag::{Code, Diagnostic};
use crate::plan::Schema;
use crate::timings::Timings;

#[derive(Args)]
pub(super) struct Book {
    /// A folder of exports, one export, or a `book.yaml`.
    #[arg(value_name = "PATH")]
    path: PathBuf,
    /// Read the book by its `book.yaml`, and report what became of every row.
    #[arg(long, conflicts_with_all = ["out", "replace"])]
    check: bool,
    /// Where the first `book.yaml` is written; beside the exports where it is left out.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Write it even where a file stands already.
    #[arg(long)]
    replace: bool,
    /// The policy whose facts and currency the book is for; without one, the standard facts and the book's own currency.
    #[arg(long, value_name = "DIR")]
    policy: Option<PathBuf>,
    /// A folder of policies in which those that it extends may lie.
    #[arg(long, value_name = "DIR", requires = "policy")]
    policies: Option<PathBuf>,
    /// The language of the report.
    #[arg(long, value_enum, default_value_t = Speech::En)]
    lang: Speech,
    /// How the report is printed.
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people.
    Human,
    /// One JSON object, for machines.
    Json,
}

impl Book {
    pub(super) fn run(&self) -> Exit {
        let mut found = Vec::new();
        let exit = self.with_policy(&mut found);
        load::show(&found);
        exit
    }

    fn with_policy(&self, found: &mut Vec<Diagnostic>) -> Exit {
        let (schema, currency) = match &self.policy {
            None => (Schema::standard(), None),
            Some(dir) => match load::policy(dir, self.policies.as_deref(), &Timings::off(), found) {
                Some((_, plan)) => (plan.schema, Some(plan.money.currency)),
                None => return Exit::PolicyError,
            },
        };
        if self.check { self.check(&schema, currency, found) } else { self.inspect(&schema, found) }
    }

    fn check(&self, schema: &Schema, currency: Option<String>, found: &mut Vec<Diagnostic>) -> Exit {
        let Some(currency) = currency.or_else(|| book::currency(&self.path, schema)) else {
            let finding =
                Diagnostic::placeless(Code::Book, "the book does not say its currency, and there is no policy");
            found.push(finding.help("write `currency: USD` in `book.yaml`, or give `--policy DIR`"));
            return Exit::BookError;
        };
        let Some(book) = book::read(&self.path, schema, &currency, found) else { return Exit::BookError };
        print::out(&match self.format {
            Format::Human => book::review(&book, schema, &currency, self.lang.code()),
            Format::Json => format!("{:#}\n", book::review_json(&book, schema, &currency)),
        });
        if book.rejects.is_empty() { Exit::Done } else { Exit::DoneWithFailures }
    }

    fn inspect(&self, schema: &Schema, found: &mut Vec<Diagnostic>) -> Exit {
        let Some(looked) = book::inspect(&self.path, schema, found) else { return Exit::BookError };
        print::out(&match self.format {
            Format::Human => book::show(&looked, self.lang.code(), width()),
            Format::Json => format!("{:#}\n", book::inspection_json(&looked)),
        });
        let beside = if self.path.is_dir() { self.path.as_path() } else { self.path.parent().unwrap_or(Path::new("")) };
        let out = self.out.clone().unwrap_or_else(|| beside.join("book.yaml"));
        match self.write(&out, &looked.yaml) {
            Ok(()) => {
                if self.format == Format::Human {
                    print::out(&format!("{}\n", out.display()));
                }
                Exit::Done
            }
            Err(finding) => {
                found.push(finding);
                Exit::OutputError
            }
        }
    }

    fn write(&self, out: &Path, yaml: &str) -> Result<(), Diagnostic> {
        let shown = out.display();
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create(self.replace).create_new(!self.replace).truncate(self.replace);
        options.open(out).and_then(|mut file| file.write_all(yaml.as_bytes())).map_err(|error| {
            if error.kind() == std::io::ErrorKind::AlreadyExists {
                let finding =
                    Diagnostic::placeless(Code::Book, format!("`{shown}` stands already, and was left as it is"));
                return finding.help("write elsewhere with `--out FILE`, or over it with `--replace`");
            }
            Diagnostic::placeless(Code::UnreadableFile, format!("`{shown}` cannot be written: {error}"))
        })
    }
}
