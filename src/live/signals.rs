//! What the file system says, boiled down to a few words: something changed, a file is being written, stop.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use notify::event::{AccessKind, AccessMode, CreateKind, ModifyKind};
use notify::{Event, EventKind};

use super::sight::Sight;
use crate::policy::files::is_policy_file;

/// Whether the system says when a file that was written is closed.
const SAYS_CLOSED: bool = cfg!(any(target_os = "linux", target_os = "android"));
/// More files than these are not held open by one save.
const MOST_OPEN: usize = 256;

/// Shared by the watcher's callback, the thread that waits, and whoever stops it.
#[derive(Debug, Default)]
pub(super) struct Signals {
    state: Mutex<State>,
    wake: Condvar,
}

#[derive(Debug, Default)]
struct State {
    stop: bool,
    changed: bool,
    /// Policy files written to and not closed since.
    open: BTreeSet<PathBuf>,
    names: BTreeSet<PathBuf>,
    below: BTreeSet<PathBuf>,
    /// The folders that are watched, and whether one of them may be another by now under the same name.
    watched: BTreeSet<PathBuf>,
    replaced: bool,
}

/// What woke whoever waited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Heard {
    Stop,
    Changed,
    Nothing,
}

impl Signals {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on only what happens to what is seen here matters.
    pub(super) fn listen_for(&self, sight: &Sight) {
        let mut state = self.state();
        state.names.clone_from(&sight.names);
        state.below.clone_from(&sight.below);
        state.watched = sight.folders();
    }

    /// Whether a folder that is watched was removed or renamed since this was asked last: then every watch is set anew, and
    /// what was heard of files being written is void.
    pub(super) fn is_replaced(&self) -> bool {
        let mut state = self.state();
        let replaced = std::mem::take(&mut state.replaced);
        if replaced {
            state.open.clear();
        }
        replaced
    }

    /// Takes in an event of the watcher. An error, or events that were lost, may mean any change.
    pub(super) fn hear(&self, event: notify::Result<Event>) {
        let mut state = self.state();
        match event {
            Ok(event) if !event.need_rescan() => state.take(&event),
            _ => {
                state.changed = true;
                state.replaced = true;
            }
        }
        if state.changed {
            self.wake.notify_all();
        }
    }

    /// Asks whoever waits to end.
    pub(super) fn stop(&self) {
        self.state().stop = true;
        self.wake.notify_all();
    }

    /// Whether a policy file is being written.
    pub(super) fn is_writing(&self) -> bool {
        !self.state().open.is_empty()
    }

    /// Nothing is being written any more, as far as is known.
    pub(super) fn forget_writing(&self) {
        self.state().open.clear();
    }

    /// Waits for a change, so long at most. A change is heard once.
    pub(super) fn wait(&self, at_most: Duration) -> Heard {
        let until = Instant::now() + at_most;
        let mut state = self.state();
        loop {
            if state.stop {
                return Heard::Stop;
            }
            if std::mem::take(&mut state.changed) {
                return Heard::Changed;
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Heard::Nothing;
            }
            state = self.wake.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

impl State {
    fn take(&mut self, event: &Event) {
        let closed = event.kind == EventKind::Access(AccessKind::Close(AccessMode::Write));
        if matches!(event.kind, EventKind::Access(_)) && !closed {
            return;
        }
        let moved = matches!(event.kind, EventKind::Remove(_) | EventKind::Modify(ModifyKind::Name(_)));
        if moved && event.paths.iter().any(|path| self.watched.contains(path)) {
            self.replaced = true;
            self.changed = true;
        }
        let (names, below) = (&self.names, &self.below);
        if !event.paths.iter().any(|path| Sight::concerns(names, below, path)) {
            return;
        }
        self.changed = true;
        if !SAYS_CLOSED {
            return;
        }
        for path in event.paths.iter().filter(|path| is_policy(path)) {
            match event.kind {
                // A link is made at once, a file is made and then written.
                EventKind::Create(CreateKind::File) if path.is_symlink() => {}
                EventKind::Create(CreateKind::File) | EventKind::Modify(ModifyKind::Data(_))
                    if self.open.len() < MOST_OPEN =>
                {
                    self.open.insert(path.clone());
                }
                EventKind::Access(_) | EventKind::Remove(_) | EventKind::Modify(ModifyKind::Name(_)) => {
                    self.open.remove(path);
                }
                _ => {}
            }
        }
    }
}

fn is_policy(path: &Path) -> bool {
    path.file_name().is_some_and(|name| is_policy_file(&name.to_string_lossy()))
}
