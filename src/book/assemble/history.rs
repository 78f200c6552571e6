//! Actions done and proposed before, one row a line of a letter.

use arrow_array::StringArray;
use rayon::prelude::*;

use super::refs::Found;
use super::{Assembly, PART};
use crate::book::draft::{Draft, Keeping};
use crate::book::ids::NONE;
use crate::book::rejects::Sift;
use crate::book::tables::Table;
use crate::book::texts::{self, take_texts};
use crate::book::{Data, Series};
use crate::diag::nearest;
use crate::plan::{RelationId, Schema};

/// What ladders climb, with the actions about it.
struct Climbed<'s> {
    name: &'s str,
    relation: RelationId,
    /// The rows of the actions.
    rows: Vec<u32>,
    /// What each of them is about.
    of: Found,
}

impl<'a> Assembly<'a> {
    /// Actions, each under its subject.
    pub(super) fn actions(&mut self) -> Option<()> {
        let Some(table) = self.table("actions") else { return Some(()) };
        let schema = self.schema;
        let [written, of, texts, rungs] = ["subject", "subject_id", "id", "rung"].map(|column| table.strings(column));
        let climbed = self.climbed(&written, &of);
        let mut accounts = vec![NONE; table.len() as usize];
        for subject in &climbed {
            for (row, account) in subject.rows.iter().zip(self.accounts_of(&subject.of)) {
                accounts.get_mut(*row as usize).into_iter().for_each(|slot| *slot = account);
            }
        }
        let mut sift = Sift::strict(&table, &mut self.ledger, accounts);
        let key = |row| Some((texts::text(&texts, row)?, texts::text(&of, row)?, texts::text(&rungs, row)?));
        sift.unique(&mut self.ledger, &table, None, key);
        let about_nothing = |row: &u32| {
            let why = unclimbed(&climbed, texts::text(&written, *row));
            why.filter(|_| key(*row).is_some()).map(|why| (*row, why))
        };
        let about_nothing: Vec<(u32, String)> = sift.kept().par_iter().filter_map(about_nothing).collect();
        for (row, why) in about_nothing {
            sift.reject(&mut self.ledger, &table, row, Some("subject"), why);
        }
        let mut kept: Vec<Keeping> = Vec::with_capacity(climbed.len());
        for subject in &climbed {
            // What is not known is rejected below, one after another.
            let keep = |(part, rows): (usize, &[u32])| {
                let (mut keeping, mut unknown, mut own_id) = (Keeping::default(), Vec::new(), String::new());
                for (at, row) in (part * PART..).zip(rows.iter().copied()) {
                    let Some((id, of, rung)) = key(row).filter(|_| !sift.is_refused(row)) else { continue };
                    let at = u32::try_from(at).unwrap_or(NONE);
                    if let Some(parent) = subject.of.row(at) {
                        own_id.clear();
                        [id, "#", of, "#", rung].into_iter().for_each(|part| own_id.push_str(part));
                        keeping.push(&own_id, parent, row);
                    } else {
                        unknown.push((at, row));
                    }
                }
                (keeping, unknown)
            };
            let (keeping, unknown): (Vec<Keeping>, Vec<_>) =
                subject.rows.par_chunks(PART).enumerate().map(keep).unzip();
            for (at, row) in unknown.into_iter().flatten() {
                let why = self.why_unknown(&subject.of, at);
                sift.reject(&mut self.ledger, &table, row, Some("subject_id"), why);
            }
            kept.push(keeping.into_iter().fold(Keeping::default(), Keeping::join));
        }
        let mut undated = Vec::new();
        let (done_on, status) = (table.values("done_on"), table.values("status"));
        for (subject, kept) in climbed.iter().zip(kept).filter(|(_, kept)| !kept.rows.is_empty()) {
            let history = schema.get(schema.history(subject.relation)?)?;
            let mut draft = Draft::new(schema, &history.name)?;
            let counts = |row: &&u32| {
                !done_on.is_given(**row) && status.text(**row).is_some_and(|status| ["sent", "done"].contains(&status))
            };
            undated.par_extend(kept.rows.par_iter().filter(counts).copied());
            let ids = Series::new(Data::Utf8(take_texts(&texts, &kept.rows)));
            draft.append(&table, kept.done(), vec![("id", ids)]);
            self.put(draft);
        }
        self.undated("actions.done_on", &table, undated.into_iter());
        Some(())
    }

    /// What ladders climb, as actions name it.
    fn climbed(&self, written: &StringArray, of: &StringArray) -> Vec<Climbed<'a>> {
        let schema: &'a Schema = self.schema;
        let subjects: Vec<(RelationId, &str)> = schema.climbed().collect();
        let mut rows_of: Vec<Vec<u32>> = vec![Vec::new(); subjects.len()];
        for (row, written) in (0u32..).zip(written) {
            let at = subjects.iter().position(|(_, name)| written == Some(*name));
            at.and_then(|at| rows_of.get_mut(at)).into_iter().for_each(|rows| rows.push(row));
        }
        let climbed = subjects.into_iter().zip(rows_of);
        let climbed = climbed.map(|((relation, name), rows)| {
            let of = self.found(relation, &table_of(name), take_texts(of, &rows));
            Climbed { name, relation, rows, of }
        });
        climbed.collect()
    }
}

/// Why an action with this subject is about nothing that ladders climb.
fn unclimbed(climbed: &[Climbed<'_>], written: Option<&str>) -> Option<String> {
    let mut names = climbed.iter().map(|subject| subject.name);
    if names.clone().any(|name| written == Some(name)) {
        return None;
    }
    let such = match written.and_then(|written| nearest(written, &mut names)) {
        Some(near) => format!("did you mean `{near}`"),
        None => "such are `item`, `invoice`, `order` and `account`".into(),
    };
    Some(format!("is nothing that a ladder climbs; {such}"))
}

/// The table whose refused rows are remembered for a subject.
fn table_of(subject: &str) -> String {
    let table = Table::of_relation(subject).filter(|table| table.needs("id"));
    table.map_or_else(|| format!("{subject}s"), |table| table.name.into())
}
