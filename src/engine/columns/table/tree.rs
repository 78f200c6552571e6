//! The index of a long table: a tree that parts the rows by one input after the other, grown where values fall.

use std::cell::RefCell;
use std::rc::Rc;

use super::spans::Spans;

/// So few rows are gone through; more are parted.
const FEW: usize = 32;

/// Into about how many groups of runs an input parts rows.
const GROUPS: usize = 32;

/// How many numbers a tree may hold; one that is full is not grown further.
const MOST: usize = 1 << 22;

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
    numbers: usize,
}

/// Some rows, in order, and how they are parted by the next input: for each group another knot, if it was asked for.
struct Knot {
    rows: Rc<[u16]>,
    below: Vec<Option<u32>>,
    /// How often it was met. It is parted only when that is worth the work.
    met: usize,
}

impl Knot {
    fn of(rows: Rc<[u16]>) -> Self {
        Self { rows, below: Vec::new(), met: 0 }
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
        let groups = inputs.iter().map(|(runs, _)| {
            let left_out = runs.div_ceil(GROUPS).next_power_of_two().ilog2();
            (left_out, runs.div_ceil(1 << left_out))
        });
        let all: Rc<[u16]> = (0..rows).filter_map(|row| u16::try_from(row).ok()).collect();
        Self {
            inputs: inputs.len(),
            reach,
            gaps,
            groups: groups.collect(),
            grown: RefCell::new(Grown { knots: vec![Knot::of(all)], numbers: rows }),
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
        for (input, (run, (left_out, groups))) in runs.iter().zip(&self.groups).enumerate() {
            let Some(knot) = grown.knots.get_mut(at) else { break };
            knot.met += 1;
            if knot.rows.len() <= FEW || knot.met < 2 * groups {
                break;
            }
            let group = (run >> left_out) as usize;
            let known = knot.below.get(group).copied().flatten();
            at = match known {
                Some(next) => next as usize,
                None if grown.numbers >= MOST => break,
                None => {
                    let (from, to) = ((group << left_out) as u32, ((group + 1) << left_out) as u32);
                    let may = |row: &&u16| {
                        let reach = self.reach.get(usize::from(**row) * self.inputs + input);
                        reach.is_some_and(|(first, end)| *first < to && from < *end)
                    };
                    let rows: Rc<[u16]> = knot.rows.iter().filter(may).copied().collect();
                    if knot.below.is_empty() {
                        knot.below.resize(*groups, None);
                        grown.numbers += groups;
                    }
                    let next = grown.knots.len();
                    grown.numbers += rows.len();
                    if let Some(below) = grown.knots.get_mut(at).and_then(|knot| knot.below.get_mut(group)) {
                        *below = u32::try_from(next).ok();
                    }
                    grown.knots.push(Knot::of(rows));
                    next
                }
            };
        }
        grown.knots.get(at).map(|knot| Rc::clone(&knot.rows)).unwrap_or_default()
    }
}
