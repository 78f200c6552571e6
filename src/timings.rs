//! How long the phases of a command took: for people, on the error stream, never in what is written.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// The time each phase took. A phase within another is its own: what it took does not count for the one around it, so the
/// phases together are the whole.
///
/// ```
/// use usance::timings::Timings;
/// let timings = Timings::on();
/// let sum = timings.phase("evaluate", || 1 + timings.phase("read", || 2));
/// assert_eq!((sum, timings.phases()), (3, vec!["evaluate", "read"]));
/// assert!(Timings::off().phases().is_empty());
/// ```
#[derive(Debug)]
pub struct Timings {
    /// None where nobody asked.
    clock: Option<Mutex<Clock>>,
}

#[derive(Debug, Default)]
struct Clock {
    /// In the order in which they were first entered.
    phases: Vec<(&'static str, Duration)>,
    /// The phase that runs, and those around it.
    running: Vec<&'static str>,
    /// When the phase that runs was entered, or come back to.
    since: Option<Instant>,
}

impl Timings {
    /// One that measures.
    pub fn on() -> Self {
        Self { clock: Some(Mutex::default()) }
    }

    /// One that does not, and costs nothing.
    pub fn off() -> Self {
        Self { clock: None }
    }

    /// One that measures where it is asked to.
    pub fn asked(asked: bool) -> Self {
        if asked { Self::on() } else { Self::off() }
    }

    /// Does some work as a part of a phase. Phases are entered by one thread at a time; what a phase has done by several
    /// threads counts as long as the phase lasts.
    pub fn phase<T>(&self, name: &'static str, work: impl FnOnce() -> T) -> T {
        self.enter(Some(name));
        let done = work();
        self.enter(None);
        done
    }

    /// The phases so far, in the order in which they were first entered.
    pub fn phases(&self) -> Vec<&'static str> {
        self.clock().map_or_else(Vec::new, |clock| clock.phases.iter().map(|(name, _)| *name).collect())
    }

    /// Ends the time of the phase that runs; goes on with a phase within it, or with the one around it.
    fn enter(&self, phase: Option<&'static str>) {
        let Some(mut clock) = self.clock() else { return };
        let now = Instant::now();
        if let (Some(name), Some(since)) = (clock.running.last().copied(), clock.since) {
            clock.add(name, now.saturating_duration_since(since));
        }
        match phase {
            Some(name) => {
                clock.add(name, Duration::ZERO);
                clock.running.push(name);
            }
            None => drop(clock.running.pop()),
        }
        clock.since = Some(now);
    }

    fn clock(&self) -> Option<MutexGuard<'_, Clock>> {
        self.clock.as_ref().map(|clock| clock.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Clock {
    fn add(&mut self, name: &'static str, time: Duration) {
        match self.phases.iter_mut().find(|(known, _)| *known == name) {
            Some((_, sum)) => *sum += time,
            None => self.phases.push((name, time)),
        }
    }
}

/// A small table: a phase a line, in milliseconds, and their sum; nothing where nothing was measured.
impl fmt::Display for Timings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(clock) = self.clock() else { return Ok(()) };
        let whole: Duration = clock.phases.iter().map(|(_, time)| *time).sum();
        for (name, time) in clock.phases.iter().copied().chain([("in all", whole)]) {
            let micros = time.as_micros();
            writeln!(f, "{name:<10} {:>9}.{:01} ms", micros / 1000, micros % 1000 / 100)?;
        }
        Ok(())
    }
}
