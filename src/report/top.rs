//! The few largest of many, in little memory.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use rust_decimal::Decimal;

/// The largest of what is offered, largest first, ties by id.
#[derive(Debug)]
pub(super) struct Top<T> {
    most: usize,
    kept: BTreeMap<(Reverse<Decimal>, String), T>,
}

impl<T> Top<T> {
    /// Keeps at most so many.
    pub(super) fn new(most: usize) -> Self {
        Self { most, kept: BTreeMap::new() }
    }

    /// Offers one; it is made only if it is among the largest so far.
    pub(super) fn offer(&mut self, size: Decimal, id: &str, make: impl FnOnce() -> T) {
        let full = self.kept.len() >= self.most;
        let last = self.kept.last_key_value().map(|(key, _)| key);
        if full && last.is_none_or(|(least, last)| (Reverse(size), id) >= (*least, last.as_str())) {
            return;
        }
        self.kept.insert((Reverse(size), id.into()), make());
        if self.kept.len() > self.most {
            self.kept.pop_last();
        }
    }

    /// Id and thing, largest first.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &T)> {
        self.kept.iter().map(|((_, id), thing)| (id.as_str(), thing))
    }

    /// The sizes, largest first.
    pub(super) fn sizes(&self) -> impl Iterator<Item = Decimal> {
        self.kept.keys().map(|(size, _)| size.0)
    }

    /// How many were kept.
    pub(super) fn len(&self) -> usize {
        self.kept.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_are_kept_and_ties_go_by_id() {
        let mut top = Top::new(2);
        for (id, size) in [("c", 5), ("a", 1), ("b", 5), ("d", 7)] {
            top.offer(Decimal::from(size), id, || size);
        }
        assert_eq!(top.iter().collect::<Vec<_>>(), [("d", &7), ("b", &5)]);
    }

    #[test]
    fn a_list_of_none_keeps_none() {
        let mut top = Top::new(0);
        top.offer(Decimal::ONE, "a", || ());
        assert_eq!(top.len(), 0);
    }
}
