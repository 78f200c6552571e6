//! `usance run`

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use clap::{Args, ValueEnum};

use super::load::{self, Inputs, Loaded};
use super::{Exit, Speech, print, progress};
use crate::diag::{Code, Diagnostic};
use crate::engine::{Columns, Pace, Setting};
use crate::outcome::{self, Extent, Folder, Format, Refused, Report, Unfit};
use crate::plan::on_a_deep_stack;
use crate::timings::Timings;

#[derive(Args)]
pub(super) struct Run {
    #[command(flatten)]
    inputs: Inputs,
    /// The folder to write; that of an earlier run is replaced.
    #[arg(long, value_name = "DIR", default_value = "out")]
    out: PathBuf,
    /// The folder of a former run as of the same date, which may be that of `--out`: only what changed since is evaluated.
    #[arg(long, value_name = "DIR")]
    since: Option<PathBuf>,
    /// Leave out `run.index`, which nothing but a later `--since` needs.
    #[arg(long, conflicts_with = "since")]
    no_index: bool,
    /// How the tables are written.
    #[arg(long, value_enum, default_value_t = Tables::Csv)]
    format: Tables,
    /// How many threads read and decide; one a core where nothing is said. It shows in nothing but the time.
    #[arg(long, value_name = "N")]
    threads: Option<NonZeroUsize>,
    /// Refuse a book of which a row or value cannot be read.
    #[arg(long)]
    strict: bool,
    /// Print the summary as JSON, for machines: the text of the run's `run.json`.
    #[arg(long)]
    json: bool,
    /// Say on the error stream how long each phase took.
    #[arg(long)]
    timings: bool,
    /// The language of the summary.
    #[arg(long, value_enum, default_value_t = Speech::En)]
    lang: Speech,
}

/// How tables are written.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Tables {
    /// Comma-separated values.
    Csv,
    /// JSON Lines: one object a row.
    Jsonl,
    /// Apache Parquet: typed columns, compressed.
    Parquet,
    /// Arrow IPC files: typed columns.
    Arrow,
}

impl From<Tables> for Format {
    fn from(tables: Tables) -> Self {
        match tables {
            Tables::Csv => Format::Csv,
            Tables::Jsonl => Format::Jsonl,
            Tables::Parquet => Format::Parquet,
            Tables::Arrow => Format::Arrow,
        }
    }
}

impl Run {
    pub(super) fn run(&self) -> Exit {
        let timings = Timings::asked(self.timings);
        let exit = self.decide(&timings);
        eprint!("{timings}");
        exit
    }

    fn decide(&self, timings: &Timings) -> Exit {
        if let Some(threads) = self.threads {
            // Reading has its threads from a pool; where one was made before, that one stays.
            let _ = rayon::ThreadPoolBuilder::new().num_threads(threads.get()).build_global();
        }
        let loaded = match self.inputs.load(timings) {
            Ok(loaded) => loaded,
            Err(exit) => return exit,
        };
        if self.strict && !loaded.book.rejects.is_empty() {
            load::show(&[refusal(&loaded)]);
            return Exit::BookError;
        }
        let folder = match Folder::begin(&self.out) {
            Ok(folder) => folder,
            Err(refused) => return self.not_written(&refused),
        };
        let setting = Setting { plan: &loaded.plan, book: &loaded.book, as_of: loaded.as_of };
        let made = on_a_deep_stack(|| {
            let columns = timings.phase("compile", || Columns::new(setting, self.pace()));
            let bar = progress::deciding(outcome::work(&columns));
            let step = &mut |rows: usize| bar.inc(rows as u64);
            let report = timings.phase("evaluate", || self.write(&columns, folder.path(), step));
            bar.finish_and_clear();
            report
        });
        let made = made.map(|report| {
            let text = timings.phase("write", || match self.json {
                true => outcome::manifest(setting, &report),
                false => outcome::summary(setting, &report, self.lang.code(), width()),
            });
            (report, text)
        });
        let (report, text) = match made {
            Ok(made) => made,
            Err(error) => return self.not_written(&Refused::Io(self.out.clone(), error)),
        };
        if let Err(refused) = timings.phase("write", || folder.finish()) {
            return self.not_written(&refused);
        }
        print::out(&text);
        if !self.json {
            let written = outcome::label("written_to", self.lang.code());
            print::out(&format!("\n{written} {}\n", self.out.display()));
        }
        exit(&report)
    }

    /// Writes everything, and says how much was evaluated again where something was to be taken over.
    fn write(&self, columns: &Columns<'_>, dir: &Path, step: &mut dyn FnMut(usize)) -> std::io::Result<Report> {
        if self.no_index {
            return outcome::write(columns, dir, self.format.into(), step);
        }
        let since = self.since.as_deref();
        let (report, extent) = outcome::write_since(columns, dir, self.format.into(), since, step)?;
        if let Some(since) = since {
            eprintln!("{}", said(&extent, since));
        }
        Ok(report)
    }

    fn pace(&self) -> Pace {
        let own = Pace::default();
        Pace { threads: self.threads.map_or(own.threads, usize::from), ..own }
    }

    fn not_written(&self, refused: &Refused) -> Exit {
        let out = self.out.display();
        let message = match refused {
            Refused::NotOurs(name) => format!("`{out}` is not replaced: no run wrote the `{name}` it holds"),
            Refused::Io(path, error) => format!("`{}` cannot be written: {error}", path.display()),
        };
        let finding = Diagnostic::placeless(Code::UnreadableFile, message);
        let help = match refused {
            Refused::Io(_, error) if is_unfit(error) => Unfit::help(),
            _ => "name another folder with `--out`",
        };
        load::show(&[finding.help(help)]);
        Exit::OutputError
    }
}

/// How much was evaluated again, and why where that is everything.
fn said(extent: &Extent, since: &Path) -> String {
    let Extent { again, groups, why } = extent;
    let since = since.display();
    match why {
        Some(why) => format!("all {groups} credit groups were evaluated, nothing was taken over from `{since}`: {why}"),
        None => format!("{again} of {groups} credit groups were evaluated again, the others taken over from `{since}`"),
    }
}

/// Whether it is a value that keeps the tables from being written, and not the folder.
fn is_unfit(error: &std::io::Error) -> bool {
    error.get_ref().is_some_and(|cause| cause.is::<Unfit>())
}

fn exit(report: &Report) -> Exit {
    if report.is_whole() { Exit::Done } else { Exit::DoneWithFailures }
}

fn refusal(loaded: &Loaded) -> Diagnostic {
    let rejects = &loaded.book.rejects;
    let first: Vec<String> = rejects
        .iter()
        .take(3)
        .map(|r| {
            let column = if r.column.is_empty() { String::new() } else { format!(", column `{}`", r.column) };
            format!("{}:{}{column}: {}", r.file, r.line, r.reason)
        })
        .collect();
    let more = if rejects.len() > first.len() { "; …" } else { "" };
    Diagnostic::placeless(Code::Book, format!("{} of the book's rows or values cannot be read", rejects.len()))
        .help(format!("{}{more}; mend them, or run without `--strict`", first.join("; ")))
}

/// How wide the terminal is; 80 columns where there is none.
pub(super) fn width() -> u16 {
    let wide = console::Term::stdout().size_checked().map(|(_, columns)| columns);
    wide.unwrap_or(80).clamp(60, 160)
}

/// A date written `YYYY-MM-DD`.
pub(super) fn date(text: &str) -> Result<NaiveDate, String> {
    let parsed = (text.len() == 10).then(|| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()).flatten();
    parsed.ok_or_else(|| "not a date of the calendar; write it `2026-06-30`".into())
}
