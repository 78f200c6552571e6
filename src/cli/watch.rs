//! `usance watch`

mod screen;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use clap::{Args, ValueEnum};

use self::screen::Screen;
use super::load::{self, Inputs};
use super::{Exit, Speech};
use crate::diag::{Code, Diagnostic};
use crate::live::{Live, Lookout, Options, Sight};

#[derive(Args)]
pub(super) struct Watch {
    #[command(flatten)]
    inputs: Inputs,
    /// The language of tables and labels.
    #[arg(long, value_enum, default_value_t = Speech::En)]
    lang: Speech,
    /// How events are printed.
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
    /// Look every so many seconds instead of waiting for the file system's events; for network drives.
    #[arg(long, value_name = "SECONDS", num_args = 0..=1, default_missing_value = "2", value_parser = clap::value_parser!(u16).range(1..=3600))]
    poll: Option<u16>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people.
    Human,
    /// One JSON object a line, for machines.
    Json,
}

impl Watch {
    pub(super) fn run(self) -> Exit {
        if let Err(error) = ctrlc::set_handler(|| std::process::exit(Exit::Done as i32)) {
            let message = format!("ctrl-c cannot be listened for: {error}");
            load::show(&[Diagnostic::placeless(Code::UnreadableFile, message).as_warning()]);
        }
        let options = self.options();
        let (policy, policies) = (self.inputs.policy.clone(), self.inputs.policies.clone());
        let files = Arc::new(Mutex::new(vec![self.inputs.book.clone()]));
        let screen = Arc::new(Mutex::new(Screen::new(self, Arc::clone(&files))));
        watch_book(options, files, Arc::clone(&screen));
        let live = Live::wait_for(&policy, policies.as_deref(), options, move |event| lock(&screen).policy(event));
        match live {
            Ok(live) => {
                live.watch_on();
                Exit::PolicyError
            }
            Err(refused) => {
                load::show(&refused.findings);
                Exit::PolicyError
            }
        }
    }

    fn options(&self) -> Options {
        let options = Options::default();
        match self.poll {
            Some(seconds) => Options { events: false, every: Duration::from_secs(seconds.into()), ..options },
            None => options,
        }
    }
}

/// Follows the files of the book on a thread of its own.
fn watch_book(options: Options, files: Arc<Mutex<Vec<PathBuf>>>, screen: Arc<Mutex<Screen>>) {
    // A book is large and is not edited by keystrokes: that its stamps are the same is enough.
    let mut lookout = Lookout::new(Options { doubts: 0, ..options }, move || Sight::of_files(&lock(&files)));
    // Looked at before it is read, so that no change between the two is missed.
    lookout.next(|| ());
    thread::spawn(move || {
        while lookout.next(|| ()).is_some() {
            lock(&screen).book();
        }
    });
}

fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}
