//! A run over a book that is read share by share: the same files as a run over the whole.

use std::io;
use std::path::Path;

use chrono::NaiveDate;

use super::batches::{Ready, Writing};
use super::columns::Prepared;
use super::{Format, Report, end, made, off};
use crate::book::{Book, Shares};
use crate::engine::{Columns, Decided, Leg, Pace, Portfolio, Setting};
use crate::plan::Plan;

/// Why a book cannot be gone over share by share.
#[derive(Debug)]
pub enum Broken {
    /// A file cannot be written, or the shares cannot be read back.
    Io(io::Error),
    /// The policy asks what the whole portfolio comes to in a way that no leg gathers: as of another day, or over all its
    /// rows at once.
    NeedsTheWhole,
}

impl From<io::Error> for Broken {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// Computes everything a run puts out and writes it into a folder, as [`write`](super::write) does; `step` is told how many
/// shares were gone over on this leg. Gives the report, and the book without its rows.
///
/// # Errors
///
/// When a file cannot be written or read back, and when the policy cannot be decided share by share.
pub fn write_shares(
    plan: &Plan,
    shares: &mut Shares<'_>,
    as_of: NaiveDate,
    pace: Pace,
    (dir, format): (&Path, Format),
    step: &mut dyn FnMut(usize),
) -> Result<(Report, Book), Broken> {
    let mut writing = Writing::begin(plan, dir, format)?;
    let mut portfolio = Portfolio::new(plan);
    let legs = portfolio.legs();
    let mut kept_back = off(plan, |_| 0);
    for leg in 1..=legs {
        for at in 0..shares.count() {
            let share = shares.share(at)?;
            let is_last = at + 1 == shares.count();
            let columns =
                Columns::new(Setting { plan, book: &share.book, as_of }, pace).of_share(share.groups.clone(), is_last);
            go_over(&columns, (leg, is_last), &mut portfolio, &mut writing)?;
            if leg == legs {
                let rows = off(plan, |relation| columns.count(relation));
                kept_back.iter_mut().zip(rows).for_each(|((_, all), (_, rows))| *all += rows);
            }
            step(at + 1);
            if share.book.was_asked_for_the_whole() {
                return Err(Broken::NeedsTheWhole);
            }
        }
    }
    let book = shares.head();
    let report = end(writing, Setting { plan, book: &book, as_of }, kept_back, dir)?;
    Ok((report, book))
}

fn go_over<'a>(
    columns: &Columns<'a>,
    (leg, is_last): (u32, bool),
    portfolio: &mut Portfolio,
    writing: &mut Writing,
) -> io::Result<()> {
    let plan = columns.setting().plan;
    let press = writing.press();
    let prepared = Prepared::new(plan, press.schemas());
    let of_block = |decided: &mut Decided<'_, 'a>, leg: Leg| made(plan, &press, &prepared, decided, leg);
    let take =
        &mut |(_, ready): (usize, io::Result<Option<Ready>>)| ready?.map_or(Ok(()), |block| writing.append(block));
    columns.leg(leg, &columns.everything(), portfolio, &of_block, take)?;
    if is_last {
        columns.arrive(portfolio);
        if leg == portfolio.legs() {
            columns.end(portfolio, &of_block, take)?;
        }
    }
    Ok(())
}
