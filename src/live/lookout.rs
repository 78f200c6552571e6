//! Waiting until something on disk has changed and is at rest.

use std::collections::BTreeSet;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use notify::{RecommendedWatcher, RecursiveMode, Watcher};

use super::signals::{Heard, Signals};
use super::{Options, Sight, at_rest};

/// How many times longer it must be quiet where a file has gone.
const LONGER: u32 = 5;

/// Watches something on disk: what is called back says how it stands.
pub struct Lookout {
    look: Box<dyn FnMut() -> Sight + Send>,
    options: Options,
    signals: Arc<Signals>,
    watcher: Option<RecommendedWatcher>,
    watched: BTreeSet<PathBuf>,
    trouble: Option<String>,
    /// How it stood when it was read last.
    seen: Option<Sight>,
    doubts: u8,
}

impl fmt::Debug for Lookout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lookout").field("options", &self.options).field("seen", &self.seen).finish_non_exhaustive()
    }
}

impl Lookout {
    /// A lookout; nothing is watched before [`Lookout::next`] is called.
    pub fn new(options: Options, look: impl FnMut() -> Sight + Send + 'static) -> Self {
        let signals = Arc::new(Signals::default());
        let (mut watcher, mut trouble) = (None, None);
        if options.events {
            let heard = Arc::clone(&signals);
            match notify::recommended_watcher(move |event| heard.hear(event)) {
                Ok(made) => watcher = Some(made),
                Err(error) => trouble = Some(error.to_string()),
            }
        }
        let watched = BTreeSet::new();
        Self { look: Box::new(look), options, signals, watcher, watched, trouble, seen: None, doubts: options.doubts }
    }

    /// Why the file system's events are not used although they were asked for.
    pub fn trouble(&self) -> Option<&str> {
        self.trouble.as_deref()
    }

    pub(super) fn signals(&self) -> Arc<Signals> {
        Arc::clone(&self.signals)
    }

    /// Reads what is looked at: the first time at once, later when it has changed and is at rest. What is read lies between
    /// two equal sights, or it is read again. `None`: it was asked to stop.
    pub fn next<T>(&mut self, mut read: impl FnMut() -> T) -> Option<T> {
        if self.seen.is_none() {
            let before = self.look_and_watch();
            let got = read();
            let after = (self.look)();
            if after == before {
                self.seen = Some(after);
                return Some(got);
            }
        } else if !self.wait_for_a_change() {
            return None;
        }
        self.settle(&mut read)
    }

    /// False when it is time to stop.
    fn wait_for_a_change(&mut self) -> bool {
        loop {
            match self.signals.wait(self.options.every) {
                Heard::Stop => return false,
                Heard::Changed => return true,
                Heard::Nothing if self.doubts > 0 => {
                    self.doubts -= 1;
                    return true;
                }
                Heard::Nothing if Some(&(self.look)()) != self.seen.as_ref() => {
                    return true;
                }
                Heard::Nothing => {}
            }
        }
    }

    fn settle<T>(&mut self, read: &mut impl FnMut() -> T) -> Option<T> {
        let began = Instant::now();
        let mut before = self.look_and_watch();
        loop {
            // Without events, rest shows only from one look to the next.
            let quiet = if self.watcher.is_some() { self.options.quiet } else { self.options.every };
            let has_lost = self.seen.as_ref().is_some_and(|seen| before.has_lost(seen));
            let quiet = if has_lost { quiet.saturating_mul(LONGER) } else { quiet };
            let heard = self.signals.wait(quiet);
            let late = began.elapsed() >= self.options.longest;
            let now = (self.look)();
            let unrest = match heard {
                Heard::Stop => return None,
                Heard::Changed => !late,
                Heard::Nothing => !late && (self.signals.is_writing() || at_rest::is_git_at_work(&now.below)),
            };
            if now != before {
                before = self.look_and_watch();
                continue;
            }
            if unrest {
                continue;
            }
            let got = read();
            let after = (self.look)();
            if after == before {
                if self.seen.as_ref() != Some(&after) {
                    self.doubts = self.options.doubts;
                }
                self.signals.forget_writing();
                self.seen = Some(after);
                return Some(got);
            }
            before = self.look_and_watch();
        }
    }

    /// Looks, and watches the folders that matter now.
    fn look_and_watch(&mut self) -> Sight {
        let sight = (self.look)();
        let replaced = self.signals.is_replaced();
        self.signals.listen_for(&sight);
        let Some(watcher) = &mut self.watcher else { return sight };
        let wanted = sight.folders();
        // A watch that stays is not touched: what happens while it is set anew would be missed.
        for folder in self.watched.extract_if(.., |folder| replaced || !wanted.contains(folder)) {
            // It may be gone, and its watch with it.
            let _ = watcher.unwatch(&folder);
        }
        for folder in wanted {
            if self.watched.contains(&folder) {
                continue;
            }
            match watcher.watch(&folder, RecursiveMode::NonRecursive) {
                Ok(()) => {
                    self.watched.insert(folder);
                }
                // Gone again meanwhile.
                Err(error) if is_gone(&error) => {}
                Err(error) => {
                    self.trouble = Some(format!("`{}` cannot be watched: {error}", folder.display()));
                    self.watcher = None;
                    self.watched.clear();
                    return sight;
                }
            }
        }
        sight
    }
}

fn is_gone(error: &notify::Error) -> bool {
    match &error.kind {
        notify::ErrorKind::PathNotFound => true,
        notify::ErrorKind::Io(error) => error.kind() == std::io::ErrorKind::NotFound,
        _ => false,
    }
}
