//! What is left to the row engine: forms without a column evaluation, and what the portfolio comes to.

use super::frames::{Days, FrameId, Hits, Known};
use super::marks::{FAILED, MISSING};
use super::nodes::Evaluation;
use super::vector::Vector;
use crate::lang::{NodeRef, Value, day_number, day_of};
use crate::plan::PORTFOLIO;

impl Evaluation<'_, '_> {
    /// Asks the row engine lane by lane.
    pub(super) fn by_rows(&mut self, frame: FrameId, at: NodeRef) -> Known {
        let len = self.len(frame);
        let Some(node) = self.plan.node(at) else { return Known::plain(Vector::none(FAILED, len)) };
        if let (PORTFOLIO, Days::One(day), Some(known)) = (node.subject, self.frames.days(frame), self.rows.known(at))
            && day == day_number(self.as_of)
        {
            return Known::plain(match known {
                Ok(value) => Vector::one(value.clone(), len),
                Err(_) => Vector::none(FAILED, len),
            });
        }
        let (places, days) = (self.frames.places(frame), self.frames.days(frame));
        let rows = (node.subject != PORTFOLIO).then(|| self.block.local(node.subject));
        let mut hits = Vec::with_capacity(len);
        let mut values = Vec::with_capacity(len);
        for lane in (0u32..).take(len) {
            let row = match &rows {
                Some(local) => local.row(places.of(lane)),
                None => 0,
            };
            let outcome = day_of(days.of(lane)).map(|day| self.rows.run().outcome_as_of(at, row, day));
            let (value, made_by) = match outcome {
                Some(outcome) => (outcome.value.map_err(|_| FAILED), outcome.hits),
                None => (Err(FAILED), [].into()),
            };
            hits.push(made_by);
            values.push(value.and_then(|value| if value == Value::Missing { Err(MISSING) } else { Ok(value) }));
        }
        Known { value: Vector::of_values(values, self.texts), hits: Hits::Many(hits.into()) }
    }
}
