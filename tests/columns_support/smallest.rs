//! Of a case that fails, the smallest part that still does.

use super::books::Tables;
use super::policies::Piece;

/// How often a part is tried at most.
const TRIES: usize = 600;

/// Takes out pieces of the policy and rows of the book, many at once and then one by one, while `fails` says that what is
/// left still does.
pub(crate) fn smallest(
    pieces: Vec<Piece>,
    tables: Tables,
    fails: &dyn Fn(&[Piece], &Tables) -> bool,
) -> (Vec<Piece>, Tables) {
    let (mut pieces, mut tables) = (pieces, tables);
    let mut tries = 0;
    for _ in 0..2 {
        pieces = without(pieces, Vec::len, &mut tries, &|pieces, some| {
            let mut left = pieces.clone();
            left.drain(some);
            fails(&left, &tables).then_some(left)
        });
        tables = without(tables, Tables::rows, &mut tries, &|tables, some| {
            let left = tables.without(&some);
            fails(&pieces, &left).then_some(left)
        });
    }
    (pieces, tables)
}

/// Tries to do without one range after the other, each half as long as those before.
fn without<T>(
    mut whole: T,
    len: fn(&T) -> usize,
    tries: &mut usize,
    left: &dyn Fn(&T, std::ops::Range<usize>) -> Option<T>,
) -> T {
    let mut size = len(&whole).div_ceil(2);
    while size > 0 {
        let mut at = 0;
        while at < len(&whole) && *tries < TRIES {
            *tries += 1;
            let end = (at + size).min(len(&whole));
            match left(&whole, at..end) {
                Some(smaller) => whole = smaller,
                None => at += size,
            }
        }
        size = if size == 1 { 0 } else { size.div_ceil(2) };
    }
    whole
}
