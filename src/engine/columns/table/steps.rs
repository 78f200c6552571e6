//! Where numbers stand among others.

/// Of so few steps each is compared with.
const FEW: usize = 6;

/// Numbers in order; each begins a stretch that goes on to before the next.
pub(super) struct Steps {
    starts: Vec<i64>,
    /// The numbers are in drawers by what is left of them when so many bits are dropped: for each drawer, how many begin
    /// before it.
    drawers: Vec<u32>,
    dropped: u32,
}

impl Steps {
    pub(super) fn of(starts: Vec<i64>) -> Self {
        let (Some(first), Some(last)) = (starts.first(), starts.last()) else {
            return Self { starts, drawers: Vec::new(), dropped: 0 };
        };
        let reach = last.wrapping_sub(*first).cast_unsigned();
        // As many drawers as there are steps, or twice as many.
        let dropped = (u64::BITS - reach.leading_zeros()).saturating_sub(starts.len().ilog2() + 1);
        let drawer = |start: &i64| start.wrapping_sub(*first).cast_unsigned() >> dropped;
        let mut drawers = Vec::new();
        for at in 0..=drawer(last) + 1 {
            let before = starts.partition_point(|start| drawer(start) < at);
            drawers.push(u32::try_from(before).unwrap_or(u32::MAX));
        }
        Self { starts, drawers, dropped }
    }

    pub(super) fn first_and_last(&self) -> Option<(i64, i64)> {
        Some((*self.starts.first()?, *self.starts.last()?))
    }

    /// For each value how many begin at or before it.
    pub(super) fn runs<T: Copy + Into<i64>>(&self, values: &[T]) -> Vec<u32> {
        let values = values.iter().map(|value| (*value).into());
        match self.starts.len() {
            0..=FEW => values.map(|value| self.starts.iter().map(|start| u32::from(*start <= value)).sum()).collect(),
            _ => values.map(|value| self.run(value)).collect(),
        }
    }

    /// How many begin at or before a value.
    pub(super) fn run(&self, value: i64) -> u32 {
        let Some((first, last)) = self.first_and_last() else { return 0 };
        if value < first {
            return 0;
        }
        let drawer = (value.min(last).wrapping_sub(first).cast_unsigned() >> self.dropped) as usize;
        let (Some(from), Some(to)) = (self.drawers.get(drawer), self.drawers.get(drawer + 1)) else { return 0 };
        let own = self.starts.get(*from as usize..*to as usize).unwrap_or(&[]);
        from + run(own, &value)
    }
}

/// How many begin at or before a value.
pub(super) fn run<T: Ord>(starts: &[T], value: &T) -> u32 {
    u32::try_from(starts.partition_point(|start| start <= value)).unwrap_or(u32::MAX)
}
