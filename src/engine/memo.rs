//! What has been computed so far, as much of it as is worth its memory.

use std::collections::HashMap;

use chrono::NaiveDate;

use super::run::Outcome;
use crate::lang::NodeRef;
use crate::plan::{PORTFOLIO, Plan, RelationId};

/// How many outcomes are kept, if nobody says otherwise.
const KEPT: usize = 1 << 21;

/// The outcomes of one row, one place a node of its relation; none before it is first asked for.
type Slots = Option<Box<[Option<Outcome>]>>;

/// The outcomes of rows, as of the run's date and of others. A value that is dropped is computed again when it is asked for.
pub(super) struct Memo {
    as_of: NaiveDate,
    /// How many outcomes are kept before those of other units are dropped, and how many as of other dates.
    pub(super) room: usize,
    /// For each node, its place among the nodes of its relation.
    places: Vec<u32>,
    /// For each relation, how many nodes it has.
    widths: Vec<usize>,
    /// By relation and row.
    rows: Vec<Vec<Slots>>,
    /// The rows that have slots, in the order in which they got them.
    touched: Vec<(RelationId, u32)>,
    /// How many slots they have together.
    held: usize,
    then: HashMap<(NodeRef, u32, NaiveDate), Outcome>,
    /// Of the portfolio, as of dates other than the run's; never dropped, for each costs a walk over the whole book.
    whole_then: HashMap<(NodeRef, NaiveDate), Outcome>,
}

/// How much was known at some time.
#[derive(Clone, Copy, Default)]
pub(super) struct Mark {
    touched: usize,
    held: usize,
}

impl Memo {
    pub(super) fn new(plan: &Plan, as_of: NaiveDate) -> Self {
        let mut widths = vec![0usize; plan.schema.relations.len()];
        let mut places = Vec::with_capacity(plan.nodes.len());
        for node in &plan.nodes {
            let width = widths.get_mut(usize::from(node.subject.0));
            places.push(width.as_deref().copied().and_then(|w| u32::try_from(w).ok()).unwrap_or(u32::MAX));
            if let Some(width) = width {
                *width += 1;
            }
        }
        let rows = widths.iter().map(|_| Vec::new()).collect();
        let (touched, then, whole_then) = (Vec::new(), HashMap::new(), HashMap::new());
        Self { as_of, room: KEPT, places, widths, rows, touched, held: 0, then, whole_then }
    }

    pub(super) fn get(&self, node: NodeRef, of: RelationId, row: u32, date: NaiveDate) -> Option<Outcome> {
        if date == self.as_of {
            let slots = self.rows.get(usize::from(of.0))?.get(row as usize)?.as_deref()?;
            return slots.get(*self.places.get(node.0 as usize)? as usize)?.clone();
        }
        if of == PORTFOLIO {
            return self.whole_then.get(&(node, date)).cloned();
        }
        self.then.get(&(node, row, date)).cloned()
    }

    pub(super) fn set(&mut self, node: NodeRef, of: RelationId, row: u32, date: NaiveDate, outcome: Outcome) {
        if date == self.as_of {
            self.set_now(node, of, row, outcome);
        } else if of == PORTFOLIO {
            self.whole_then.insert((node, date), outcome);
        } else {
            if self.then.len() >= self.room {
                self.then.clear();
            }
            self.then.insert((node, row, date), outcome);
        }
    }

    fn set_now(&mut self, node: NodeRef, of: RelationId, row: u32, outcome: Outcome) {
        let width = self.widths.get(usize::from(of.0)).copied().unwrap_or(0);
        let Some(rows) = self.rows.get_mut(usize::from(of.0)) else { return };
        let at = row as usize;
        if rows.len() <= at {
            rows.resize_with(at + 1, || None);
        }
        let Some(slots) = rows.get_mut(at) else { return };
        let slots = slots.get_or_insert_with(|| {
            if of != PORTFOLIO {
                self.touched.push((of, row));
                self.held += width;
            }
            vec![None; width].into_boxed_slice()
        });
        let place = self.places.get(node.0 as usize).map_or(usize::MAX, |place| *place as usize);
        if let Some(slot) = slots.get_mut(place) {
            *slot = Some(outcome);
        }
    }

    /// What is known now.
    pub(super) fn mark(&self) -> Mark {
        Mark { touched: self.touched.len(), held: self.held }
    }

    /// Whether more came to be known since than is worth keeping.
    pub(super) fn full_since(&self, mark: Mark) -> bool {
        self.held - mark.held.min(self.held) >= self.room
    }

    /// Drops the rows that came to be known since.
    pub(super) fn drop_since(&mut self, mark: Mark) {
        for (of, row) in self.touched.drain(mark.touched.min(self.touched.len())..) {
            let slots = self.rows.get_mut(usize::from(of.0)).and_then(|rows| rows.get_mut(row as usize));
            self.held -= slots.and_then(Option::take).map_or(0, |slots| slots.len());
        }
        // Pieces are numbered again from where they were.
        self.then.clear();
    }
}
