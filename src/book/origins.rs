//! Where rows were read.

use arrow_buffer::ScalarBuffer;

/// Where each row was read: the number of the input, and the line.
#[derive(Clone, Debug, Default)]
pub struct Origins {
    /// One a row; a single one where all rows come from the same.
    inputs: ScalarBuffer<u32>,
    lines: ScalarBuffer<u32>,
}

impl Origins {
    /// The input and the line of a row.
    pub fn get(&self, row: u32) -> Option<(u32, u32)> {
        let line = self.lines.get(row as usize)?;
        let input = self.inputs.get(row as usize).or(self.inputs.first())?;
        Some((*input, *line))
    }

    /// The rows with these numbers, in this order.
    pub(crate) fn take(&self, rows: &[u32]) -> Self {
        rows.iter().filter_map(|row| self.get(*row)).collect()
    }

    /// Every row.
    pub fn iter(&self) -> impl Iterator<Item = (u32, u32)> {
        (0u32..).map_while(|row| self.get(row))
    }
}

impl FromIterator<(u32, u32)> for Origins {
    fn from_iter<I: IntoIterator<Item = (u32, u32)>>(places: I) -> Self {
        let places = places.into_iter();
        let (mut inputs, mut lines) = (Vec::new(), Vec::with_capacity(places.size_hint().0));
        for (input, line) in places {
            if inputs.len() > 1 || inputs.first().is_some_and(|first| *first != input) {
                let first = inputs.first().copied().unwrap_or(input);
                inputs.resize(lines.len(), first);
                inputs.push(input);
            } else if inputs.is_empty() {
                inputs.push(input);
            }
            lines.push(line);
        }
        Self { inputs: ScalarBuffer::from(inputs), lines: ScalarBuffer::from(lines) }
    }
}
