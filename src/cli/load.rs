//! Reading a policy and a book for a command, and showing what was found.

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use clap::Args;

use super::{Exit, progress};
use crate::book::{self, Book, Reject, Room, Shares};
use crate::diag::{Code, Diagnostic, Style, render_all};
use crate::plan::{self, Header, Plan};
use crate::policy::folder::Folder;
use crate::timings::Timings;

/// What a run is made of.
#[derive(Args)]
pub(super) struct Inputs {
    /// The policy's folder.
    #[arg(long, value_name = "DIR", default_value = "policies/sme-trade")]
    pub(super) policy: PathBuf,
    /// A folder of policies in which those that it extends may lie.
    #[arg(long, value_name = "DIR")]
    pub(super) policies: Option<PathBuf>,
    /// The book: a folder of tables, or its `book.yaml`.
    #[arg(long, value_name = "PATH", default_value = "examples/book")]
    pub(super) book: PathBuf,
    /// The day to decide for, as `2026-06-30`; the book's own where it is left out.
    #[arg(long, value_name = "DATE", value_parser = super::run::date)]
    as_of: Option<NaiveDate>,
}

/// What a run is made of, read.
pub(super) struct Loaded {
    pub(super) plan: Plan,
    pub(super) book: Book,
    pub(super) as_of: NaiveDate,
}

impl Inputs {
    /// Reads everything and shows what was found.
    pub(super) fn load(&self, timings: &Timings) -> Result<Loaded, Exit> {
        let mut found = Vec::new();
        let loaded = self.plan(timings, &mut found).and_then(|plan| self.with_book(plan, timings, &mut found));
        show(&found);
        loaded
    }

    /// Reads the policy.
    pub(super) fn plan(&self, timings: &Timings, found: &mut Vec<Diagnostic>) -> Result<Plan, Exit> {
        let read = policy(&self.policy, self.policies.as_deref(), timings, found);
        read.map(|(_, plan)| plan).ok_or(Exit::PolicyError)
    }

    /// Whether the book may take more memory than this.
    pub(super) fn is_larger(&self, plan: &Plan, bytes: u64) -> bool {
        Shares::needed(&self.book, &plan.schema) > bytes
    }

    /// Reads the book for a policy.
    pub(super) fn with_book(&self, plan: Plan, timings: &Timings, found: &mut Vec<Diagnostic>) -> Result<Loaded, Exit> {
        let book = timings.phase("read", || self.read_book(&plan, found)).ok_or(Exit::BookError)?;
        let as_of = self.as_of(&plan, &book, found)?;
        Ok(Loaded { plan, book, as_of })
    }

    /// Puts the rows of the book aside, in a file within a folder.
    pub(super) fn in_shares<'s>(
        &self,
        plan: &'s Plan,
        room: (Room, &Path),
        found: &mut Vec<Diagnostic>,
    ) -> Result<(Shares<'s>, NaiveDate), Exit> {
        let bar = progress::reading();
        let tell = &mut |file: &str| bar.set_message(format!("reading {file}"));
        let shares = Shares::open(&self.book, &plan.schema, &plan.money.currency, room, tell, found);
        bar.finish_and_clear();
        let shares = shares.ok_or(Exit::BookError)?;
        let as_of = self.day(plan, (shares.as_of(), shares.accounts(), None), found)?;
        Ok((shares, as_of))
    }

    /// Reads the book as a policy sees it.
    pub(super) fn read_book(&self, plan: &Plan, found: &mut Vec<Diagnostic>) -> Option<Book> {
        let bar = progress::reading();
        let tell = &mut |file: &str| match file {
            "" => bar.set_message("putting the rows together"),
            file => bar.set_message(format!("reading {file}")),
        };
        let book = book::read_telling(&self.book, &plan.schema, &plan.money.currency, tell, found);
        bar.finish_and_clear();
        book
    }

    /// The day to decide for, where there is one, the policy is in force on it, and there is anybody to decide on.
    pub(super) fn as_of(&self, plan: &Plan, book: &Book, found: &mut Vec<Diagnostic>) -> Result<NaiveDate, Exit> {
        let accounts = plan.schema.relation("account").map_or(0, |account| book.count(account));
        self.day(plan, (book.as_of, accounts, book.rejects.first()), found)
    }

    /// The same, of a book of which this day, the number of customers and the first reject are known.
    pub(super) fn day(
        &self,
        plan: &Plan,
        (of_book, accounts, reject): (Option<NaiveDate>, usize, Option<&Reject>),
        found: &mut Vec<Diagnostic>,
    ) -> Result<NaiveDate, Exit> {
        let Some(as_of) = self.as_of.or(of_book) else {
            let message = "there is no as-of date: none was given, and the book states none";
            let help = "give `--as-of 2026-06-30`, or write `as_of: 2026-06-30` in `book.yaml`";
            found.push(Diagnostic::placeless(Code::Nothing, message).help(help));
            return Err(Exit::Usage);
        };
        if let Some(finding) = not_in_force(&plan.header, as_of) {
            found.push(finding);
            return Err(Exit::PolicyError);
        }
        if accounts == 0 {
            let message = format!("no customer could be read from `{}`", self.book.display());
            let first = reject.map(|r| format!("{}:{}: {}", r.file, r.line, r.reason));
            let help = first.unwrap_or_else(|| "its `customers.csv` has no rows".into());
            found.push(Diagnostic::placeless(Code::Nothing, message).help(help));
            return Err(Exit::BookError);
        }
        Ok(as_of)
    }
}

fn not_in_force(header: &Header, as_of: NaiveDate) -> Option<Diagnostic> {
    let early = header.from.is_some_and(|from| as_of < from);
    let late = header.before.is_some_and(|before| as_of >= before);
    if !early && !late {
        return None;
    }
    let message = format!("`{}` {} is not in force on {as_of}", header.policy, header.version);
    let window = [header.from.map(|d| format!("from {d}")), header.before.map(|d| format!("before {d}"))];
    let window = window.into_iter().flatten().collect::<Vec<_>>().join(" and ");
    let help = format!("it is in force {window}; choose another `--as-of`, or the policy of that time");
    Some(Diagnostic::placeless(Code::NotInForce, message).help(help))
}

/// A policy read and lowered; `None` when it cannot be used. Findings go to `sink`.
pub(super) fn policy(
    dir: &Path,
    policies: Option<&Path>,
    timings: &Timings,
    sink: &mut Vec<Diagnostic>,
) -> Option<(Folder, Plan)> {
    let folder = timings.phase("read", || Folder::load_beside(dir, policies, sink))?;
    let plan = plan::compile_timing(&folder, timings, sink)?;
    Some((folder, plan))
}

/// Shows findings on the error stream; in colour where a person looks.
pub(super) fn show(found: &[Diagnostic]) {
    let style = if std::io::stderr().is_terminal() { Style::Coloured } else { Style::Plain };
    eprint!("{}", render_all(found, style));
}
