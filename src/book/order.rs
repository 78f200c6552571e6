//! The order in which rows stand: by what they lie under, and by id.

use std::cmp::Ordering;

use arrow_array::StringArray;
use arrow_buffer::ScalarBuffer;
use rayon::prelude::*;

use super::ids::NONE;
use super::texts::Texts;

/// How rows come to stand in order.
pub(crate) struct Order {
    /// For each row of the parent relation where its rows begin, and where the last one's end.
    pub(crate) starts: ScalarBuffer<u32>,
    /// The rows in their order; none where they stand in it already.
    pub(crate) rows: Option<Vec<u32>>,
}

impl Order {
    /// Of rows by the rows they lie under, fewer than `parent_count`, and by id; of equal ones the first stays first.
    pub(crate) fn of(parents: &[u32], parent_count: usize, ids: &StringArray) -> Self {
        let texts = Texts::of(ids);
        let is_ordered = || (texts.ascend(), parents.is_sorted());
        let (starts, (ascend, is_grouped)) = rayon::join(|| starts(parents, parent_count), is_ordered);
        let rows = if ascend {
            (!is_grouped).then(|| grouped(parents, &starts, |row| row, |_, _| ()))
        } else if is_grouped && ascend_within(parents, texts) {
            None
        } else {
            Some(sorted(parents, &starts, texts))
        };
        Self { starts: ScalarBuffer::from(starts), rows }
    }
}

/// Where the rows of each parent begin.
fn starts(parents: &[u32], parent_count: usize) -> Vec<u32> {
    let mut starts = vec![0u32; parent_count + 1];
    for parent in parents {
        if let Some(slot) = starts.get_mut((*parent as usize).saturating_add(1)) {
            *slot += 1;
        }
    }
    let mut total = 0;
    for slot in &mut starts {
        total += *slot;
        *slot = total;
    }
    starts
}

/// Whether ids ascend among the rows of each parent.
fn ascend_within(parents: &[u32], texts: Texts<'_>) -> bool {
    let mut before = None;
    parents.iter().zip(texts.iter()).all(|(parent, text)| {
        let rises = before.is_none_or(|(of, id)| of != *parent || id <= text);
        before = Some((*parent, text));
        rises
    })
}

/// A thing of each row, brought together by parent and in the order of the rows; `finish` may change those of some parents,
/// whose starts it is given.
fn grouped<T: Copy + Default + Send>(
    parents: &[u32],
    starts: &[u32],
    thing: impl Fn(u32) -> T + Sync,
    finish: impl Fn(&[u32], &mut [T]) + Sync,
) -> Vec<T> {
    let mut placed = vec![T::default(); parents.len()];
    let count = starts.len().saturating_sub(1);
    let share = count.div_ceil(rayon::current_num_threads()).max(1);
    let mut rest = placed.as_mut_slice();
    let mut shares = Vec::new();
    for first in (0..count).step_by(share) {
        let Some(own) = starts.get(first..(first + share).min(count) + 1) else { break };
        let rows = own.last().zip(own.first()).map_or(0, |(end, start)| end - start) as usize;
        let Some((of_share, others)) = rest.split_at_mut_checked(rows) else { break };
        shares.push((first, own, of_share));
        rest = others;
    }
    // Each thread goes through all rows and places those of its parents.
    shares.into_par_iter().for_each(|(first, own, placed)| {
        let begin = own.first().copied().unwrap_or(0);
        let mut next: Vec<u32> = own.iter().map(|start| start - begin).collect();
        // The last is where the next share begins.
        next.pop();
        for (row, parent) in (0u32..).zip(parents) {
            let of_share = (*parent as usize).checked_sub(first).and_then(|at| next.get_mut(at));
            if let Some(at) = of_share {
                if let Some(slot) = placed.get_mut(*at as usize) {
                    *slot = thing(row);
                }
                *at += 1;
            }
        }
        finish(own, placed);
    });
    placed
}

fn sorted(parents: &[u32], starts: &[u32], texts: Texts<'_>) -> Vec<u32> {
    let ids = Ids::of(texts);
    let keyed = grouped(
        parents,
        starts,
        |row| ids.key(row),
        |starts, keyed| {
            let mut rest = keyed;
            for (start, end) in starts.iter().zip(starts.iter().skip(1)) {
                let Some((of_parent, others)) = rest.split_at_mut_checked((end - start) as usize) else { break };
                if !of_parent.is_sorted_by(|a, b| ids.order(a, b) != Ordering::Greater) {
                    of_parent.sort_unstable_by(|a, b| ids.order(a, b));
                }
                rest = others;
            }
        },
    );
    keyed.into_iter().map(|(_, row)| row).collect()
}

/// Rows by their texts alone; of equal ones the first stays first.
pub(crate) fn by_text(texts: Texts<'_>) -> Vec<u32> {
    let rows = (0..texts.len() as u32).into_par_iter();
    if texts.ascend() {
        return rows.collect();
    }
    let ids = Ids::of(texts);
    let mut keyed: Vec<(u64, u32)> = rows.map(|row| ids.key(row)).collect();
    keyed.par_sort_unstable_by(|a, b| ids.order(a, b));
    keyed.into_iter().map(|(_, row)| row).collect()
}

/// The order of texts, most often told by a number of each.
struct Ids<'a> {
    texts: Texts<'a>,
    /// The bytes that tell nothing: all texts begin with them.
    shared: usize,
}

impl<'a> Ids<'a> {
    fn of(texts: Texts<'a>) -> Self {
        Self { texts, shared: texts.shared_front() }
    }

    fn key(&self, row: u32) -> (u64, u32) {
        (self.texts.front(row, self.shared), row)
    }

    fn order(&self, (a, row_a): &(u64, u32), (b, row_b): &(u64, u32)) -> Ordering {
        a.cmp(b).then_with(|| self.texts.get(*row_a).cmp(&self.texts.get(*row_b))).then(row_a.cmp(row_b))
    }
}

/// The rows that belong to each of `count` others: where those of each begin, and all of them. A number beyond stands for
/// none.
pub(crate) fn grouped_rows(of: &[u32], count: usize) -> (Vec<u32>, Vec<u32>) {
    let starts = starts(of, count);
    let mut rows = grouped(of, &starts, |row| row, |_, _| ());
    rows.truncate(starts.last().map_or(0, |end| *end as usize));
    (starts, rows)
}

/// One order after another: the rows of `first` that `then` names, all of which there are.
pub(crate) fn after(first: &[u32], then: Option<&[u32]>) -> Vec<u32> {
    match then {
        Some(then) => then.par_iter().map(|at| first.get(*at as usize).copied().unwrap_or(NONE)).collect(),
        None => first.to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn rows_stand_by_parent_and_id_and_equal_ones_as_they_came(
            rows in proptest::collection::vec((0u32..7, "[a-c]{0,2}|[a-b]{8,10}"), 0..60)
        ) {
            let parents: Vec<u32> = rows.iter().map(|(parent, _)| *parent).collect();
            let ids = StringArray::from_iter_values(rows.iter().map(|(_, id)| id));
            let order = Order::of(&parents, 7, &ids);
            let mut expected: Vec<u32> = (0u32..).take(rows.len()).collect();
            expected.sort_by_key(|row| rows.get(*row as usize));
            let found = order.rows.unwrap_or_else(|| (0u32..).take(rows.len()).collect());
            prop_assert_eq!(found, expected);
            let of = |parent| rows.iter().filter(|(of, _)| *of < parent).count();
            let starts: Vec<usize> = (0..=7).map(of).collect();
            prop_assert_eq!(order.starts.iter().map(|at| *at as usize).collect::<Vec<_>>(), starts);
        }
    }
}
