//! A policy in use that follows its folder: every good edit is taken over, a bad one is told and changes nothing.
//!
//! [`Reloader`] decides, without clock or disk: it is handed snapshots and says what came of each. [`Lookout`] waits until
//! something on disk has changed and is at rest. [`Live`] puts the two together behind an atomic pointer.

mod at_rest;
mod lookout;
mod reloader;
mod sight;
mod signals;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use arc_swap::ArcSwap;

pub use lookout::Lookout;
pub use reloader::{Event, Loaded, Refused, Reloader};
pub use sight::Sight;

use crate::policy::files::Snapshot;

/// How a folder is watched.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Whether to listen for the file system's events; without, the folder is only looked at from time to time.
    pub events: bool,
    /// How long nothing may have changed before a change is read; five times as long where a file has gone, which is how
    /// many a save begins.
    pub quiet: Duration,
    /// How long to wait for a save to end: a file held open, a checkout under way.
    pub longest: Duration,
    /// How often to look without an event.
    pub every: Duration,
    /// After a change, how many of those looks read again although no stamp has changed: two saves within one tick of a
    /// file system's clock look the same.
    pub doubts: u8,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            events: true,
            quiet: Duration::from_millis(80),
            longest: Duration::from_secs(2),
            every: Duration::from_secs(2),
            doubts: 2,
        }
    }
}

/// A policy that follows its folder. Dropped, it stops watching.
///
/// ```
/// use usance::live::{Event, Live, Options};
/// let dir = tempfile::tempdir().unwrap();
/// let policy = |version: &str| format!("usance: 1\npolicy: p\nversion: \"{version}\"\nmoney: {{ currency: CNY, \
///     round_to: 0.01, mode: half_even, others: refuse }}\ntitle: P\neffective: {{ from: 2026-01-01 }}\n");
/// std::fs::write(dir.path().join("policy.yaml"), policy("1")).unwrap();
///
/// let (tell, told) = std::sync::mpsc::channel();
/// let live = Live::open(dir.path(), Options::default(), move |event| {
///     if let Event::Loaded { now, .. } = event { tell.send(now.digest.clone()).unwrap() }
/// }).unwrap();
/// let before = live.current();
/// assert_eq!(told.recv().unwrap(), before.digest);
///
/// std::fs::write(dir.path().join("policy.yaml"), policy("2")).unwrap();
/// assert_eq!(told.recv().unwrap(), live.current().digest);
/// // What was begun on the plan before ends on it.
/// assert_eq!((before.plan.header.version.as_str(), live.current().plan.header.version.as_str()), ("1", "2"));
/// ```
#[derive(Debug)]
pub struct Live {
    current: Arc<ArcSwap<Loaded>>,
    signals: Arc<signals::Signals>,
    thread: Option<JoinHandle<()>>,
}

impl Live {
    /// Reads a policy folder and follows it from then on. `on_event` is told what was loaded first, and then every change,
    /// on the thread that watches and after the plan was swapped: while it is busy, further changes wait.
    ///
    /// # Errors
    ///
    /// When the policy as it stands cannot be used, or no thread can be started.
    pub fn open(
        path: &Path,
        options: Options,
        on_event: impl FnMut(&Event) + Send + 'static,
    ) -> Result<Self, Box<Refused>> {
        Self::open_beside(path, None, options, on_event)
    }

    /// The same, where what it extends may lie in a folder of policies, which is followed as well.
    ///
    /// # Errors
    ///
    /// When the policy as it stands cannot be used, or no thread can be started.
    pub fn open_beside(
        path: &Path,
        policies: Option<&Path>,
        options: Options,
        on_event: impl FnMut(&Event) + Send + 'static,
    ) -> Result<Self, Box<Refused>> {
        let mut watch = Watch::new(path, policies, options, on_event);
        let first = watch.first()?;
        watch.go(first)
    }

    /// As [`Live::open_beside`], but waits for the first policy that can be used; `on_event` is told of those that cannot.
    ///
    /// # Errors
    ///
    /// When no thread can be started.
    pub fn wait_for(
        path: &Path,
        policies: Option<&Path>,
        options: Options,
        on_event: impl FnMut(&Event) + Send + 'static,
    ) -> Result<Self, Box<Refused>> {
        let mut watch = Watch::new(path, policies, options, on_event);
        loop {
            match watch.first() {
                Ok(first) => return watch.go(first),
                Err(refused) => watch.tell(&Event::Refused(refused)),
            }
        }
    }

    /// The policy in use now. Hold it for as long as one evaluation lasts: it stays what it is.
    pub fn current(&self) -> Arc<Loaded> {
        self.current.load_full()
    }

    /// Waits for as long as the folder is watched: for ever, unless `on_event` panics.
    pub fn watch_on(mut self) {
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        self.signals.stop();
        if let Some(thread) = self.thread.take().filter(|thread| thread.thread().id() != thread::current().id()) {
            let _ = thread.join();
        }
    }
}

struct Watch<F> {
    path: PathBuf,
    policies: Option<PathBuf>,
    lookout: Lookout,
    reloader: Reloader,
    on_event: F,
    told_of_trouble: bool,
}

impl<F: FnMut(&Event) + Send + 'static> Watch<F> {
    fn new(path: &Path, policies: Option<&Path>, options: Options, on_event: F) -> Self {
        let (path, policies) = (path.to_owned(), policies.map(Path::to_owned));
        let (looked_at, beside) = (path.clone(), policies.clone());
        let lookout = Lookout::new(options, move || Sight::of_policies(&looked_at, beside.as_deref()));
        Self { path, policies, lookout, reloader: Reloader::default(), on_event, told_of_trouble: false }
    }

    /// What came of the next change; `None` when it is time to stop.
    fn next(&mut self) -> Option<Event> {
        loop {
            let snapshot = self.lookout.next(|| Snapshot::read_beside(&self.path, self.policies.as_deref()))?;
            if let Some(event) = self.reloader.offer(snapshot) {
                return Some(event);
            }
        }
    }

    fn tell(&mut self, event: &Event) {
        (self.on_event)(event);
        if let Some(why) = self.lookout.trouble().filter(|_| !self.told_of_trouble) {
            let event = Event::Polling(why.to_owned());
            self.told_of_trouble = true;
            (self.on_event)(&event);
        }
    }

    /// What came of the next change, where it can be used.
    fn first(&mut self) -> Result<(Event, Arc<Loaded>), Box<Refused>> {
        match self.next() {
            Some(Event::Loaded { now, before, mended }) => {
                let current = Arc::clone(&now);
                Ok((Event::Loaded { now, before, mended }, current))
            }
            Some(Event::Refused(refused)) => Err(refused),
            Some(Event::Polling(_)) | None => Err(Refused::fault("the watch was ended before anything was read")),
        }
    }

    /// Tells what was loaded first and follows the folder on a thread of its own.
    fn go(mut self, (first, now): (Event, Arc<Loaded>)) -> Result<Live, Box<Refused>> {
        let current = Arc::new(ArcSwap::from(now));
        let (shared, signals) = (Arc::clone(&current), self.lookout.signals());
        let follow = move || {
            self.tell(&first);
            drop(first);
            while let Some(event) = self.next() {
                if let Event::Loaded { now, .. } = &event {
                    shared.store(Arc::clone(now));
                }
                self.tell(&event);
            }
        };
        let thread = thread::Builder::new().name("policy".into()).spawn(follow);
        let thread = thread.map_err(|error| Refused::fault(&format!("no thread can be started: {error}")))?;
        Ok(Live { current, signals, thread: Some(thread) })
    }
}
