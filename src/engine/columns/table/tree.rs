//! The index of a long table: a tree that parts the rows by one input after the other, grown where values fall.

use std::cell::RefCell;
use std::rc::Rc;

use super::spans::Spans;

/// So few rows are gone through; more are parted.
const FEW: usize = 16;

/// Into at least how many groups of runs an input parts rows, if it has so many; and at most. Between them it is as many as
/// leave each row in one.
const LEAST: usize = 8;
const GREATEST: usize = 1 << 12;

/// How often rows are gone through before they are parted.
const WORTH: usize = 16;

/// About how many bytes a tree may grow by; one that is full is not grown further.
const MOST: usize = 1 << 24;

/// The rows of a table by what they ask of its inputs.
pub(super) struct Tree {
    inputs: usize,
    /// Row by row and input by input, the first run that the row allows and the one after the last.
    reach: Vec<(u32, u32)>,
    /// The same exactly, of rows that leave out some between.
    gaps: Vec<Option<Box<[Spans]>>>,
    /// For each input how many bits of a run's number its groups leave out, and how many groups there are.
    groups: Vec<(u32, usize)>,
    grown: RefCell<Grown>,
}

struct Grown {
    knots: Vec<Knot>,
    bytes: usize,
}

/// Some rows, in order.
struct Knot {
    rows: Rc<[u16]>,
    /// Where they are parted by the next input, the first of its knots, one a group.
    below: Option<usize>,
    met: usize,
}

impl Knot {
    fn of(rows: impl Into<Rc<[u16]>>) -> Self {
        Self { rows: rows.into(), below: None, met: 0 }
    }
}

impl Tree {
    /// Of what rows allow, input by input, each with how many runs it has, that of a missing value among them.
    pub(super) fn of(inputs: &[(usize, Vec<Spans>)], rows: usize) -> Self {
        let mut reach = Vec::with_capacity(rows * inputs.len());
        let mut gaps = Vec::with_capacity(rows);
        for row in 0..rows {
            let asked = || inputs.iter().filter_map(|(_, allowed)| allowed.get(row));
            reach.extend(asked().map(Spans::reach));
            let has_gaps = asked().any(|spans| spans.iter().nth(1).is_some());
            gaps.push(has_gaps.then(|| asked().cloned().collect()));
        }
        let groups = inputs.iter().map(|(runs, allowed)| {
            let all: usize = allowed.iter().map(Spans::count).sum();
            let wanted = (runs * allowed.len() / all.max(1)).clamp(LEAST, GREATEST);
            let left_out = runs.div_ceil(wanted).next_power_of_two().ilog2();
            (left_out, runs.div_ceil(1 << left_out))
        });
        let all: Vec<u16> = (0..rows).filter_map(|row| u16::try_from(row).ok()).collect();
        Self {
            inputs: inputs.len(),
            reach,
            gaps,
            groups: groups.collect(),
            grown: RefCell::new(Grown { knots: vec![Knot::of(all)], bytes: 0 }),
        }
    }

    /// Hands over the rows that allow a run of each input, in order, until `take` says that it has enough.
    pub(super) fn hits(&self, runs: &[u32], take: &mut dyn FnMut(u16) -> bool) {
        for row in self.candidates(runs).iter() {
            if self.allows(*row, runs) && take(*row) {
                return;
            }
        }
    }

    fn allows(&self, row: u16, runs: &[u32]) -> bool {
        let row = usize::from(row);
        let reach = self.reach.get(row * self.inputs..(row + 1) * self.inputs).unwrap_or(&[]);
        reach.iter().zip(runs).all(|((from, to), run)| from <= run && run < to)
            && match self.gaps.get(row) {
                Some(Some(spans)) => spans.iter().zip(runs).all(|(spans, run)| spans.hold(*run)),
                _ => true,
            }
    }

    /// The rows that may allow these runs.
    fn candidates(&self, runs: &[u32]) -> Rc<[u16]> {
        let grown = &mut *self.grown.borrow_mut();
        let mut at = 0;
        for (input, (run, (left_out, _))) in runs.iter().zip(&self.groups).enumerate() {
            let Some(knot) = grown.knots.get_mut(at) else { break };
            knot.met += 1;
            let below = match knot.below {
                Some(below) => below,
                None if knot.rows.len() <= FEW || knot.met < WORTH || grown.bytes >= MOST => break,
                None => self.part(grown, at, input),
            };
            at = below + (run >> left_out) as usize;
        }
        grown.knots.get(at).map(|knot| Rc::clone(&knot.rows)).unwrap_or_default()
    }

    /// Parts a knot by an input; gives the first of its groups.
    fn part(&self, grown: &mut Grown, at: usize, input: usize) -> usize {
        let below = grown.knots.len();
        let Some(knot) = grown.knots.get_mut(at) else { return at };
        knot.below = Some(below);
        let (left_out, groups) = self.groups.get(input).copied().unwrap_or((0, 1));
        let mut parted = vec![Vec::new(); groups];
        for row in knot.rows.iter() {
            let reach = self.reach.get(usize::from(*row) * self.inputs + input);
            let Some((first, end)) = reach.filter(|(first, end)| first < end) else { continue };
            let (from, to) = ((first >> left_out) as usize, ((end - 1) >> left_out) as usize);
            parted.get_mut(from..=to).unwrap_or_default().iter_mut().for_each(|rows| rows.push(*row));
        }
        let rows: usize = parted.iter().map(Vec::len).sum();
        grown.bytes += groups * size_of::<Knot>() + rows * size_of::<u16>();
        grown.knots.extend(parted.into_iter().map(Knot::of));
        below
    }
}
