//! Rows by ids that are numbers behind the same letters: `C-00042`, `1037`.

use rayon::prelude::*;

use super::{NONE, PART};
use crate::book::texts::Texts;

/// Rows by the numbers of their ids.
#[derive(Clone, Debug)]
pub(super) struct Numbered {
    form: Form,
    /// The least number.
    first: u64,
    /// The row of each number from the first on, or [`NONE`].
    rows: Vec<u32>,
}

/// How ids are written, so that no number has two.
#[derive(Clone, Debug)]
struct Form {
    /// What stands before the digits.
    letters: Box<[u8]>,
    /// How many digits each has; `None` where none begins with a 0 that could be left out.
    digits: Option<usize>,
}

/// So many digits always fit 64 bits.
const MOST_DIGITS: usize = 18;
/// With more numbers to an id most of the memory would hold nothing.
const SPARSE: u64 = 4;
/// Stands for a blank; no id has this number.
const BLANK: u64 = u64::MAX;

impl Numbered {
    /// Of texts that all have one such form, and whether no text stands twice; `None` where they have none, or lie far
    /// apart.
    pub(super) fn new(texts: Texts<'_>) -> Option<(Self, bool)> {
        let (form, numbers) = Form::all_of(texts)?;
        let given = || numbers.iter().flatten().filter(|number| **number != BLANK);
        let (first, last) = (*given().min()?, *given().max()?);
        let count = u64::try_from(texts.len()).ok()?;
        let size = (last - first).checked_add(1).filter(|size| *size <= count.saturating_mul(SPARSE))?;
        let mut rows = vec![NONE; usize::try_from(size).ok()?];
        let mut differ = true;
        for (row, number) in (0u32..).zip(numbers.iter().flatten()) {
            // A blank has no place.
            if let Some(slot) = number.checked_sub(first).and_then(|at| rows.get_mut(usize::try_from(at).ok()?)) {
                differ &= *slot == NONE;
                *slot = row.min(*slot);
            }
        }
        Some((Self { form, first, rows }, differ))
    }

    /// The row of a text, or [`NONE`].
    pub(super) fn find(&self, text: &[u8]) -> u32 {
        let at = self.form.number(text).and_then(|number| usize::try_from(number.checked_sub(self.first)?).ok());
        at.and_then(|at| self.rows.get(at)).copied().unwrap_or(NONE)
    }
}

impl Form {
    /// The form that all texts have, and their numbers part by part.
    fn all_of(texts: Texts<'_>) -> Option<(Self, Vec<Vec<u64>>)> {
        let first = texts.iter().flatten().next()?;
        let letters = first.iter().rposition(|byte| !byte.is_ascii_digit()).map_or(0, |last| last + 1);
        let (letters, digits) = first.split_at_checked(letters)?;
        [None, Some(digits.len())].into_iter().find_map(|digits| {
            let form = Self { letters: letters.into(), digits };
            let numbers = form.numbers(texts)?;
            Some((form, numbers))
        })
    }

    fn numbers(&self, texts: Texts<'_>) -> Option<Vec<Vec<u64>>> {
        let end = u32::try_from(texts.len()).ok()?;
        let part = |begin: u32| -> Option<Vec<u64>> {
            let number = |row| texts.get(row).map_or(Some(BLANK), |text| self.number(text));
            (begin..end).take(PART).map(number).collect()
        };
        let begins: Vec<u32> = (0..end).step_by(PART).collect();
        begins.into_par_iter().map(part).collect()
    }

    /// The number of a text of this form.
    fn number(&self, text: &[u8]) -> Option<u64> {
        let (letters, digits) = text.split_at_checked(self.letters.len())?;
        // Byte by byte: comparing no bytes at no place at all is slow on some machines.
        if letters.iter().ne(self.letters.iter()) {
            return None;
        }
        let fits = match self.digits {
            Some(count) => digits.len() == count,
            None => digits.len() == 1 || digits.first() != Some(&b'0'),
        };
        if !fits || digits.is_empty() || digits.len() > MOST_DIGITS {
            return None;
        }
        let next = |number: u64, digit: &u8| digit.is_ascii_digit().then(|| number * 10 + u64::from(digit - b'0'));
        digits.iter().try_fold(0, next)
    }
}
