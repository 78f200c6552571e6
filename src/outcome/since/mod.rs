//! A run that takes over from a former one what did not change.
//!
//! Nothing in a credit group reads another, so what a run writes of a group is a function of the policy, the date and what
//! the book says of the group. A run leaves a digest of that in `run.index`; a later one copies the rows of groups whose
//! digest stands there and decides on the others. Whatever else could show in a row makes it a full run.

mod digest;
mod former;
mod index;
mod left;
mod parts;
mod script;

use std::fmt;
use std::io;
use std::path::Path;

use super::batches::Writing;
use super::columns::Prepared;
use super::{Format, Report, end, folder, off};
use crate::engine::{Columns, Decided, Leg, Setting};
use crate::plan::PORTFOLIO;
use digest::Digests;
use former::Former;
use index::Head;
use script::{END, Script, Step};

pub(super) use index::{IndexFile, Totals};
pub(super) use parts::Parts;

/// How much of a run was decided on, of how many credit groups.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extent {
    /// The credit groups decided on again.
    pub again: usize,
    /// All of them.
    pub groups: usize,
    /// Why nothing was taken over; none where it was, or nobody asked.
    pub why: Option<Why>,
}

/// Why nothing can be taken over from a former run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// There is none, or it left nothing to go by.
    None,
    /// It was made by another version.
    Version(String),
    /// It was as of this date.
    Date(String),
    /// Its policy says something else.
    Policy,
    /// Its policy says the same in other words or in other places, which its tables name.
    Texts,
    /// Its tables are in this format.
    Format(String),
    /// Its book had other exchange rates.
    Rates,
    /// A rule below the portfolio reads what the portfolio comes to.
    Portfolio,
    /// Its tables do not say everything that was counted.
    Untold,
    /// A file is not what the run wrote.
    Damaged(String),
}

impl fmt::Display for Why {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Why::None => write!(out, "it holds no `{}` of a run to begin from", folder::INDEX),
            Why::Version(version) => write!(out, "usance {version} made it, and this is {}", env!("CARGO_PKG_VERSION")),
            Why::Date(date) => write!(out, "it is as of {date}"),
            Why::Policy => out.write_str("the policy is another"),
            Why::Texts => out.write_str("the files of the policy are others, and the tables name places in them"),
            Why::Format(format) => write!(out, "its tables are `{format}`"),
            Why::Rates => out.write_str("the exchange rates of the book are others"),
            Why::Portfolio => out.write_str("a rule about customers reads what the whole portfolio comes to"),
            Why::Untold => out.write_str("its tables do not tell a text that is empty from none"),
            Why::Damaged(file) => write!(out, "its `{file}` is not what the run wrote"),
        }
    }
}

/// Computes everything a run puts out and writes it into a folder, with what a later run needs to begin from it; what did
/// not change since a former run is taken over from that one. `step` is told of rows gone over.
///
/// # Errors
///
/// When a file cannot be written.
pub fn write_since<'a>(
    columns: &Columns<'a>,
    dir: &Path,
    format: Format,
    since: Option<&Path>,
    step: &mut dyn FnMut(usize),
) -> io::Result<(Report, Extent)> {
    let setting = columns.setting();
    let Setting { plan, book, .. } = setting;
    let all = columns.everything();
    let digests = Digests::new(&plan.schema, book);
    let head = Head::of(setting, format, digests.of_the_rest());
    let mut digest = vec![Vec::new(); plan.schema.relations.len()];
    for ((relation, _), _) in &all {
        if let Some(slot) = digest.get_mut(usize::from(relation.0)) {
            *slot = digests.of_each(*relation);
        }
    }
    let index = IndexFile::create(dir, &head)?;
    let mut writing = Writing::begin_with(plan, dir, format, Some(index))?;
    let press = writing.press();
    let (former, why) = match since.map(|since| {
        let former = if columns.legs() > 1 { Err(Why::Portfolio) } else { Ok(since) };
        former.and_then(|since| Former::open(since, &head, (plan, press.schemas()), format))
    }) {
        Some(Ok(former)) => (Some(former), None),
        Some(Err(why)) => (None, Some(why)),
        None => (None, None),
    };
    let mut taking = Taking { former, steps: Vec::new().into_iter().peekable() };
    let group = plan.schema.relation("group");
    let groups = group.map_or(0, |group| book.count(group));
    let (mut again, mut parts) = (groups, all);
    if let Some(former) = &taking.former {
        let totals = &former.index.totals;
        let script = Script::of(&former.index.entries, book, &parts, &digest);
        let known = writing.tally.set_digits(&totals.tally);
        if known.and(writing.proposed.set_digits(totals.lines, &totals.proposed)).is_none() {
            return Err(io::Error::other("what the former run counted is not of its tables"));
        }
        again = group.map_or(0, |group| script.again(group));
        parts = script.parts;
        taking.steps = script.steps.into_iter().peekable();
        if !columns.gathers() {
            parts.retain(|(_, is_new)| *is_new);
        }
    }
    let prepared = Prepared::new(plan, press.schemas());
    let of_block = |decided: &mut Decided<'_, 'a>, leg: Leg| {
        let rows: usize = plan.outputs.iter().map(|output| decided.count(output.subject)).sum();
        let at = (decided.all_units().0, decided.all_units().1.start);
        let ready = (leg == Leg::Last).then(|| {
            let (block, lines) = prepared.block_and_lines(decided)?;
            let digests = digest.get(usize::from(at.0.0)).map(Vec::as_slice).unwrap_or_default();
            let parts = (at.0 != PORTFOLIO).then(|| Parts::of(decided, digests, &block, &lines));
            press.make_ready(block, parts)
        });
        (rows, at, ready.transpose())
    };
    columns.sweep_parts(&parts, &of_block, &mut |(rows, at, ready)| {
        step(rows);
        let Some(block) = ready? else { return Ok(()) };
        if at.0 == PORTFOLIO {
            taking.rest(&mut writing)?;
            writing.end_units();
        } else {
            taking.up_to((at.0.0, at.1), &mut writing)?;
        }
        writing.append(block)
    })?;
    let report = end(writing, setting, off(plan, |relation| columns.count(relation)), dir)?;
    Ok((report, Extent { again, groups, why }))
}

/// What of a former run is still to be taken over or left behind.
struct Taking<'a> {
    former: Option<Former<'a>>,
    steps: std::iter::Peekable<std::vec::IntoIter<Step>>,
}

impl Taking<'_> {
    /// Takes the steps that come before what is of a group.
    fn up_to(&mut self, at: (u16, u32), to: &mut Writing) -> io::Result<()> {
        let Some(former) = &mut self.former else { return Ok(()) };
        while let Some(step) = self.steps.next_if(|step| step.before < at) {
            match step.keeps {
                true => former.keep(step.entries, to)?,
                false => former.leave(step.entries, to)?,
            }
        }
        Ok(())
    }

    /// Takes all others.
    fn rest(&mut self, to: &mut Writing) -> io::Result<()> {
        self.up_to(END, to)?;
        self.former.as_mut().map_or(Ok(()), |former| former.count(to))
    }
}
