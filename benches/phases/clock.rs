//! Times, medians of rounds, and ratios within a round.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

/// One phase of ours between two of the same work by hand: the speed of the machine drifts.
pub(crate) struct Round {
    pub(crate) before: Duration,
    pub(crate) ours: Duration,
    pub(crate) after: Duration,
}

impl Round {
    fn by_hand(&self) -> f64 {
        (self.before.as_secs_f64() + self.after.as_secs_f64()) / 2.0
    }

    fn ratio(&self) -> f64 {
        self.ours.as_secs_f64() / self.by_hand()
    }
}

/// How long something takes.
pub(crate) fn timed(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

/// The same of something short: the best of three.
pub(crate) fn best(mut work: impl FnMut()) -> Duration {
    (0..3).map(|_| timed(&mut work)).min().unwrap_or_default()
}

/// What the phases came to.
pub(crate) struct Table {
    text: String,
    invoices: usize,
}

impl Table {
    pub(crate) fn new(customers: usize, invoices: usize, rounds: usize) -> Self {
        let mut text = String::new();
        let _ = writeln!(text, "{customers} customers, {invoices} invoices, medians of {rounds} rounds\n");
        let _ = writeln!(
            text,
            "{:<28}{:>12}{:>14}{:>14}{:>12}{:>18}",
            "phase", "ms", "ns/invoice", "by hand, ms", "× by hand", "lowest to highest"
        );
        Self { text, invoices }
    }

    pub(crate) fn add(&mut self, name: &str, rounds: &[Round]) {
        let ours = median(rounds.iter().map(|round| round.ours.as_secs_f64()));
        let by_hand = median(rounds.iter().map(Round::by_hand));
        let ratios: Vec<f64> = rounds.iter().map(Round::ratio).collect();
        let (low, high) =
            ratios.iter().fold((f64::MAX, 0.0_f64), |(low, high), ratio| (low.min(*ratio), high.max(*ratio)));
        let each = ours * 1e9 / self.invoices as f64;
        let range = format!("{low:.2} to {high:.2}");
        let _ = writeln!(
            self.text,
            "{name:<28}{:>12.2}{each:>14.1}{:>14.2}{:>12.2}{range:>18}",
            ours * 1e3,
            by_hand * 1e3,
            median(ratios.into_iter())
        );
    }

    pub(crate) fn show(&self) -> &str {
        &self.text
    }
}

/// For machines: name, nanoseconds of ours, of the work by hand, and the ratio, all medians.
pub(crate) fn line(name: &str, rounds: &[Round]) -> String {
    let ours = median(rounds.iter().map(|round| round.ours.as_secs_f64() * 1e9));
    let by_hand = median(rounds.iter().map(|round| round.by_hand() * 1e9));
    format!("{name}\t{ours:.0}\t{by_hand:.0}\t{:.4}", median(rounds.iter().map(Round::ratio)))
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    if values.len() % 2 == 1 { values[middle] } else { (values[middle - 1] + values[middle]) / 2.0 }
}
