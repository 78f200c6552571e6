//! Texts that differ from lane to lane, such as names and ids: an array of the book, and where in it each lane looks.

use arrow_array::cast::AsArray as _;
use arrow_array::{Array as _, StringArray, UInt32Array};
use arrow_buffer::ScalarBuffer;
use arrow_select::take::TakeOptions;

use super::vector::take;

/// Texts, a lane each.
#[derive(Clone, Debug)]
pub(super) struct Names {
    texts: StringArray,
    /// The place of each lane; none where each is at its own.
    places: Option<ScalarBuffer<u32>>,
}

impl Names {
    /// A text for each lane, in order.
    pub(super) fn new(texts: StringArray) -> Self {
        Self { texts, places: None }
    }

    /// The text of a lane, where there is one.
    pub(super) fn get(&self, lane: usize) -> Option<&str> {
        let at = match &self.places {
            None => lane,
            Some(places) => *places.get(lane)? as usize,
        };
        (at < self.texts.len() && self.texts.is_valid(at)).then(|| self.texts.value(at))
    }

    /// The lanes named, in the order named.
    pub(super) fn take(&self, lanes: &[u32]) -> Self {
        let places = match &self.places {
            None => ScalarBuffer::from(lanes.to_vec()),
            Some(places) => take(places, lanes),
        };
        Self { texts: self.texts.clone(), places: Some(places) }
    }

    /// All of them, one after the other.
    pub(super) fn array(&self) -> StringArray {
        let Some(places) = &self.places else { return self.texts.clone() };
        let at = UInt32Array::new(places.clone(), None);
        let taken = arrow_select::take::take(&self.texts, &at, Some(TakeOptions { check_bounds: true }));
        match taken.ok().as_ref().and_then(|taken| taken.as_string_opt::<i32>()) {
            Some(taken) => taken.clone(),
            None => (0..places.len()).map(|lane| self.get(lane)).collect(),
        }
    }
}
