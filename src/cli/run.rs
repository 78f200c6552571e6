//! `usance run`

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use clap::{Args, ValueEnum};

use super::load::{self, Inputs};
use super::{Exit, Speech, print, progress};
use crate::book::{Reject, Room};
use crate::diag::{Code, Diagnostic};
use crate::engine::{Columns, Pace, Setting};
use crate::outcome::{self, Broken, Extent, Folder, Format, Refused, Report, Unfit};
use crate::plan::{Plan, on_a_deep_stack};
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
    /// How much memory the run may take, as `2G` or `500M`: a book that needs more is put aside on the disk and read back some
    /// credit groups at a time. It shows in nothing but the time.
    #[arg(long, value_name = "SIZE", value_parser = size)]
    memory: Option<u64>,
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

    /// How many threads it may take, where that is said.
    pub(super) fn threads(&self) -> Option<NonZeroUsize> {
        self.threads
    }

    fn decide(&self, timings: &Timings) -> Exit {
        let mut found = Vec::new();
        let exit = match self.inputs.plan(timings, &mut found) {
            Err(exit) => Err(exit),
            Ok(plan) => match self.memory.filter(|most| self.inputs.is_larger(&plan, *most)) {
                Some(most) => self.in_shares(&plan, Room::Bytes(most), timings, &mut found),
                None => self.at_once(plan, timings, &mut found),
            },
        };
        load::show(&found);
        exit.unwrap_or_else(|exit| exit)
    }

    /// Decides with the whole book in memory.
    fn at_once(&self, plan: Plan, timings: &Timings, found: &mut Vec<Diagnostic>) -> Result<Exit, Exit> {
        let loaded = self.inputs.with_book(plan, timings, found)?;
        load::show(&std::mem::take(found));
        self.hold(&loaded.book.rejects)?;
        let folder = Folder::begin(&self.out).map_err(|refused| self.not_written(&refused))?;
        let setting = Setting { plan: &loaded.plan, book: &loaded.book, as_of: loaded.as_of };
        let made = on_a_deep_stack(|| {
            let columns = timings.phase("compile", || Columns::new(setting, self.pace()));
            let bar = progress::deciding(outcome::work(&columns));
            let step = &mut |rows: usize| bar.inc(rows as u64);
            let report = timings.phase("evaluate", || self.write(&columns, folder.path(), step));
            bar.finish_and_clear();
            report
        });
        let report = made.map_err(|error| self.not_written(&Refused::Io(self.out.clone(), error)))?;
        let ended = self.end(setting, &report, folder, timings);
        // The process ends here, and the system takes its memory back faster than piece by piece.
        std::mem::forget((loaded, report));
        ended
    }

    /// Decides some credit groups at a time.
    fn in_shares(&self, plan: &Plan, room: Room, timings: &Timings, found: &mut Vec<Diagnostic>) -> Result<Exit, Exit> {
        let folder = Folder::begin(&self.out).map_err(|refused| self.not_written(&refused))?;
        let aside = folder.aside().to_owned();
        let (mut shares, as_of) = timings.phase("read", || self.inputs.in_shares(plan, (room, &aside), found))?;
        load::show(&std::mem::take(found));
        let bar = progress::shares(shares.count());
        let to = (folder.path(), self.format.into());
        let made = timings.phase("evaluate", || {
            on_a_deep_stack(|| {
                outcome::write_shares(plan, &mut shares, as_of, self.pace(), to, &mut |share| {
                    bar.set_position(share as u64)
                })
            })
        });
        bar.finish_and_clear();
        let (report, book) = made.map_err(|broken| match broken {
            Broken::Io(error) => self.not_written(&Refused::Io(self.out.clone(), error)),
            Broken::NeedsTheWhole => {
                load::show(&[needs_the_whole()]);
                Exit::PolicyError
            }
        })?;
        self.hold(&book.rejects)?;
        if let Some(since) = &self.since {
            let since = since.display();
            eprintln!(
                "everything was evaluated, nothing was taken over from `{since}`: the book is larger than `--memory`"
            );
        }
        self.end(Setting { plan, book: &book, as_of }, &report, folder, timings)
    }

    /// Stops where nothing may be missing of the book and something is.
    fn hold(&self, rejects: &[Reject]) -> Result<(), Exit> {
        if !self.strict || rejects.is_empty() {
            return Ok(());
        }
        load::show(&[refusal(rejects)]);
        Err(Exit::BookError)
    }

    /// Puts the folder in its place and says what the run came to.
    fn end(&self, of: Setting<'_>, report: &Report, folder: Folder, timings: &Timings) -> Result<Exit, Exit> {
        let text = timings.phase("write", || match self.json {
            true => outcome::manifest(of, report),
            false => outcome::summary(of, report, self.lang.code(), width()),
        });
        timings.phase("write", || folder.finish()).map_err(|refused| self.not_written(&refused))?;
        print::out(&text);
        if !self.json {
            let written = outcome::label("written_to", self.lang.code());
            print::out(&format!("\n{written} {}\n", self.out.display()));
        }
        Ok(exit(report))
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
        let own = if self.memory.is_some() { Pace::sparing() } else { Pace::default() };
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

/// What a policy asks that no share of a book knows.
fn needs_the_whole() -> Diagnostic {
    let message = "the policy asks what the portfolio comes to as of another day, which needs the whole book at once";
    Diagnostic::placeless(Code::TooLarge, message).help("run without `--memory`")
}

fn refusal(rejects: &[Reject]) -> Diagnostic {
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

/// An amount of memory: `2G`, `500M`.
fn size(text: &str) -> Result<u64, String> {
    let (number, unit) = match text.char_indices().next_back() {
        Some((at, 'G' | 'g')) => (text.get(..at), 1 << 30),
        Some((at, 'M' | 'm')) => (text.get(..at), 1 << 20),
        Some((at, 'K' | 'k')) => (text.get(..at), 1 << 10),
        _ => (None, 1),
    };
    let size = number.and_then(|number| number.parse::<u64>().ok()).and_then(|number| number.checked_mul(unit));
    size.filter(|size| *size > 0).ok_or_else(|| "not an amount of memory; write it `2G` or `500M`".into())
}

/// A date written `YYYY-MM-DD`.
pub(super) fn date(text: &str) -> Result<NaiveDate, String> {
    let parsed = (text.len() == 10).then(|| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()).flatten();
    parsed.ok_or_else(|| "not a date of the calendar; write it `2026-06-30`".into())
}
