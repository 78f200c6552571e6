//! The rows of an output table: the subject's id, how it went, and a column a decision.

use std::io;
use std::sync::Arc;

use arrow_array::ArrayRef;
use arrow_buffer::BooleanBuffer;
use arrow_schema::ArrowError;

use super::arrays::{array, ids};
use super::note_failed;
use super::reasons::Reasons;
use super::texts::Texts;
use crate::book::{Column, Data};
use crate::engine::{Answer, Decided, Subjects};
use crate::lang::{NodeRef, Type};
use crate::outcome::batches::TableBlock;
use crate::outcome::because::{Because, Hits};
use crate::outcome::failures::Failures;
use crate::outcome::schema::{LANGUAGES, Part, STATUS, TableSchema};
use crate::plan::{Choice, Form, Output, Plan};

/// An output table made ready.
pub(super) struct Table<'a> {
    output: &'a Output,
    schema: Arc<TableSchema>,
    columns: Vec<Shown<'a>>,
}

/// A column made ready: what is looked up once, not once a block.
struct Shown<'a> {
    node: NodeRef,
    ty: &'a Type,
    choice: Option<&'a Choice>,
    because: Option<Because<'a>>,
    can_be: bool,
}

impl<'a> Table<'a> {
    pub(super) fn new(plan: &'a Plan, output: &'a Output, schema: &Arc<TableSchema>) -> Self {
        let shown = |column: &crate::plan::Column| Shown::new(plan, output, column.node, column.with_rule);
        Self { output, schema: Arc::clone(schema), columns: output.columns.iter().map(shown).collect() }
    }

    /// The rows of a block; what failed in them is noted.
    pub(super) fn block(&self, decided: &mut Decided<'_, 'a>, failures: &mut Failures) -> io::Result<TableBlock> {
        let all = decided.subjects(self.output.subject);
        let (subjects, unknown) = self.kept(decided, &all, failures);
        let rows = subjects.rows.len();
        let mut columns = Vec::with_capacity(self.columns.len());
        for shown in &self.columns {
            columns.push(shown.can_be.then(|| decided.node(&subjects, shown.node)));
        }
        let failed: Vec<Option<BooleanBuffer>> = columns
            .iter()
            .map(|answer: &Option<Answer>| {
                let answer = answer.as_ref().filter(|answer| answer.some_failed())?;
                Some((0..rows).map(|lane| answer.has_failed(lane)).collect())
            })
            .collect();
        self.note(decided, &subjects, &failed, failures);
        let mut arrays: Vec<ArrayRef> = Vec::with_capacity(self.schema.heads.len());
        for head in &self.schema.heads {
            let made = match head.of {
                Part::Id => Ok(ids(decided, subjects.relation, &subjects.rows)),
                Part::Status => self.status(decided, &subjects, &unknown, &failed),
                Part::Value(at) => self.value(decided, &columns, at, rows, head),
                Part::Rule(at) | Part::Place(at) | Part::Reason(at, _) => {
                    self.because(decided, &subjects, &columns, at, head.of)
                }
                Part::Own => Texts::blank(rows).finish(),
            };
            arrays.push(made.map_err(io::Error::other)?);
        }
        Ok(TableBlock { rows: self.schema.batch(arrays, rows)?, failed, all: all.rows.len() })
    }

    /// The rows that are put out, and for which of them nobody knows whether they should be; none where it is known of all.
    fn kept(
        &self,
        decided: &mut Decided<'_, 'a>,
        all: &Subjects,
        failures: &mut Failures,
    ) -> (Subjects, Option<BooleanBuffer>) {
        let Some(only) = self.output.only else { return (all.clone(), None) };
        let answer = decided.node(all, only);
        let mut lanes = decided.holding(all, &answer);
        let mut unknown = None;
        if answer.some_failed() {
            note_failed(decided, failures, &self.output.table, only, all, &answer);
            let mut holds = lanes.iter().copied().peekable();
            let kept = (0u32..)
                .zip(0..all.rows.len())
                .filter(|(lane, at)| holds.next_if_eq(lane).is_some() || answer.has_failed(*at));
            let kept: Vec<(u32, usize)> = kept.collect();
            unknown = Some(kept.iter().map(|(_, at)| answer.has_failed(*at)).collect());
            lanes = kept.into_iter().map(|(lane, _)| lane).collect();
        }
        let subjects = if lanes.len() == all.rows.len() { all.clone() } else { decided.some(all, lanes) };
        (subjects, unknown)
    }

    /// Why what failed cannot be computed.
    fn note(
        &self,
        decided: &mut Decided<'_, 'a>,
        subjects: &Subjects,
        failed: &[Option<BooleanBuffer>],
        failures: &mut Failures,
    ) {
        let columns = self.columns.iter().zip(&self.output.columns).zip(failed);
        for ((shown, column), failed) in columns {
            let Some(failed) = failed else { continue };
            let Some(subject) = decided.plan().node(shown.node).map(|node| node.subject) else { continue };
            let above = decided.above(subjects, subject);
            for lane in failed.set_indices() {
                let (Some(row), Some(Some(own))) = (subjects.rows.get(lane), above.get(lane)) else { continue };
                if let Some(fault) = decided.fault(shown.node, *own) {
                    let of = (self.output.subject, *row);
                    failures.add(decided.rows(), &self.output.table, column.node, of, &fault);
                }
            }
        }
    }

    fn status(
        &self,
        decided: &mut Decided<'_, 'a>,
        subjects: &Subjects,
        unknown: &Option<BooleanBuffer>,
        failed: &[Option<BooleanBuffer>],
    ) -> Result<ArrayRef, ArrowError> {
        let rows = subjects.rows.len();
        let incomplete = incomplete(decided, subjects);
        let mut texts = Texts::blank(rows);
        for lane in 0..rows {
            let has_failed = failed.iter().chain([unknown]).flatten().any(|failed| failed.value(lane));
            let state = match has_failed {
                true => 2,
                false => u32::from(incomplete.get(lane) == Some(&true)),
            };
            let word = STATUS.get(state as usize).copied().unwrap_or_default();
            texts.set(lane, state, |out| out.extend_from_slice(word.as_bytes()));
        }
        texts.finish()
    }

    fn value(
        &self,
        decided: &mut Decided<'_, 'a>,
        columns: &[Option<Answer>],
        at: usize,
        rows: usize,
        head: &crate::outcome::schema::Head,
    ) -> Result<ArrayRef, ArrowError> {
        match (self.columns.get(at), columns.get(at).and_then(Option::as_ref)) {
            (Some(shown), Some(answer)) => array(decided, answer, rows, &head.shape, shown.ty),
            _ => {
                let mut filling = crate::outcome::build::Filling::new(&head.shape);
                for _ in 0..rows {
                    filling.push(crate::outcome::build::Cell::Blank);
                }
                filling.finish()
            }
        }
    }

    /// Which rules made the values of a column, where they stand or why.
    fn because(
        &self,
        decided: &mut Decided<'_, 'a>,
        subjects: &Subjects,
        columns: &[Option<Answer>],
        at: usize,
        part: Part,
    ) -> Result<ArrayRef, ArrowError> {
        let (Some(shown), Some(Some(answer))) = (self.columns.get(at), columns.get(at)) else {
            return Texts::blank(subjects.rows.len()).finish();
        };
        let (Some(because), Some(choice)) = (&shown.because, shown.choice) else {
            return Texts::blank(subjects.rows.len()).finish();
        };
        let (several, mut ends): (Vec<u16>, Vec<u32>);
        let hits = match answer.single_hits() {
            Some(hits) => Hits::One(hits),
            None => {
                let all = (0..subjects.rows.len()).map(|lane| answer.hits(lane));
                ends = Vec::with_capacity(subjects.rows.len());
                let mut flat = Vec::new();
                for hits in all {
                    flat.extend_from_slice(hits);
                    ends.push(u32::try_from(flat.len()).unwrap_or(u32::MAX));
                }
                several = flat;
                Hits::Several(&several, &ends)
            }
        };
        match part {
            Part::Rule(_) => because.rules(hits),
            Part::Place(_) => because.places(hits),
            Part::Reason(_, language) => {
                let spoken = LANGUAGES.get(language).copied().unwrap_or_default();
                let reasons = Reasons::of(decided, subjects, choice, spoken, |lane| answer.hits(lane));
                because.reasons(language, hits, &mut |asked, out| reasons.push(decided, asked, out))
            }
            Part::Id | Part::Status | Part::Value(_) | Part::Own => Texts::blank(subjects.rows.len()).finish(),
        }
    }
}

impl<'a> Shown<'a> {
    fn new(plan: &'a Plan, output: &Output, node: NodeRef, with_rule: bool) -> Self {
        static NOTHING: Type = Type { base: crate::lang::Base::Text, optional: true };
        let node = if with_rule { plan.source(node) } else { node };
        let found = plan.node(node);
        let choice = match found.map(|n| &n.form) {
            Some(Form::Choice(choice)) if with_rule => Some(choice),
            _ => None,
        };
        let because = choice.map(|_| Because::of(plan, node));
        let can_be = found.is_some_and(|found| plan.schema.is_at_or_above(found.subject, output.subject));
        Self { node, ty: found.map_or(&NOTHING, |n| &n.ty), choice, because, can_be }
    }
}

/// Which rows lie under an account of which something could not be read.
fn incomplete(decided: &mut Decided<'_, '_>, subjects: &Subjects) -> Vec<bool> {
    let schema = &decided.plan().schema;
    let account = schema.relation("account").and_then(|account| Some((account, schema.fact(account, "incomplete")?)));
    let Some((account, fact)) = account else { return Vec::new() };
    let columns = decided.book().rows(account).map(|rows| &rows.columns);
    let Some(Column::Plain(series)) = columns.and_then(|columns| columns.get(usize::from(fact.0))) else {
        return Vec::new();
    };
    let Data::Bool(said) = series.data() else { return Vec::new() };
    let is = |row: Option<u32>| row.is_some_and(|row| (row as usize) < said.len() && said.value(row as usize));
    if said.true_count() == 0 {
        return Vec::new();
    }
    decided.above(subjects, account).into_iter().map(is).collect()
}
