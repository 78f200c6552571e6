//! Where the rows of a relation were read.

use std::sync::Arc;

use arrow_buffer::ScalarBuffer;
use rayon::prelude::*;

use super::places::Places;

/// Where each row was read: the number of the input, and the line.
#[derive(Clone, Debug)]
pub struct Origins(Held);

#[derive(Clone, Debug)]
enum Held {
    /// One a row.
    Each(Arc<[(u32, u32)]>),
    /// Rows of a table.
    Table(ScalarBuffer<u32>, Arc<TableOrigins>),
}

/// Where the rows of a table were read.
#[derive(Clone, Debug)]
pub(crate) struct TableOrigins {
    /// For each of its files, the number of the input.
    pub(crate) inputs: Vec<u32>,
    pub(crate) places: Places,
}

impl Origins {
    /// Of rows of a table.
    pub(crate) fn of(rows: ScalarBuffer<u32>, table: Arc<TableOrigins>) -> Self {
        Self(Held::Table(rows, table))
    }

    /// The input and the line of a row.
    pub fn get(&self, row: u32) -> Option<(u32, u32)> {
        match &self.0 {
            Held::Each(places) => places.get(row as usize).copied(),
            Held::Table(rows, table) => {
                let (file, line) = table.places.get(*rows.get(row as usize)?);
                Some((table.inputs.get(file as usize).copied().unwrap_or(0), line))
            }
        }
    }

    /// Every row.
    pub fn all(&self) -> Vec<(u32, u32)> {
        let rows = match &self.0 {
            Held::Each(places) => places.len(),
            Held::Table(rows, _) => rows.len(),
        };
        (0..rows).into_par_iter().map(|row| self.get(row as u32).unwrap_or_default()).collect()
    }

    /// The rows with these numbers, all of which there are, in this order.
    pub(crate) fn take(&self, rows: &[u32]) -> Self {
        let places: Vec<(u32, u32)> = rows.par_iter().map(|row| self.get(*row).unwrap_or_default()).collect();
        Self(Held::Each(places.into()))
    }
}

impl Default for Origins {
    fn default() -> Self {
        Self(Held::Each(Arc::from([])))
    }
}

impl FromIterator<(u32, u32)> for Origins {
    fn from_iter<I: IntoIterator<Item = (u32, u32)>>(places: I) -> Self {
        Self(Held::Each(places.into_iter().collect()))
    }
}
