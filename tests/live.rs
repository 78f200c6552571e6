//! A policy in use follows its folder, however it is saved: a random sequence of good and bad saves under each way of
//! saving, with evaluations running all the while. `USANCE_SAVES=1000 cargo test --test live -- --test-threads=1` for the long run.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    missing_docs,
    unreachable_pub
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use tempfile::TempDir;
use usance::book::{self, Book};
use usance::engine::Run;
use usance::lang::Value;
use usance::live::{Event, Live, Options};
use usance::plan;
use usance::policy::files::Snapshot;
use usance::policy::folder::Folder;

type Texts = BTreeMap<String, String>;

/// Guards against hanging for ever; nothing waits for it.
const GUARD: Duration = Duration::from_secs(60);

/// What a policy can be wrong by.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Good,
    NotYaml,
    UnknownName,
    FailingTest,
    Empty,
}

/// The files of save number `n`: good ones weigh what is owed by `weight`, and a test says so. No two saves are alike.
fn texts(n: usize, weight: usize, kind: Kind) -> Texts {
    let policy = format!(
        "# save {n}\nusance: 1\npolicy: p\nversion: \"1\"\ntitle: P\neffective: {{ from: 2026-01-01 }}\n\
         money: {{ currency: CNY, round_to: 0.01, mode: half_even, others: refuse }}\n"
    );
    let value = if kind == Kind::UnknownName { "item.opne" } else { "item.open" };
    let rules = match kind {
        Kind::NotYaml => format!("measures: {{ account.owed: [ # {n}\n"),
        Kind::Empty => String::new(),
        _ => format!(
            "# save {n}\nmeasures:\n  account.owed: {{ of: item, take: sum, value: {value} * {weight} }}\n\
             # a comment that makes the file a little longer than what fits into one small write\n"
        ),
    };
    let expected = if kind == Kind::FailingTest { 1 } else { 90 * weight };
    let test = format!(
        "# save {n}\n- name: what is unpaid is owed\n  as_of: 2026-06-08\n  customer: {{ id: C1, since: 2024-01-01 }}\n  \
         invoices: [ {{ id: I1, amount: 90, issue_date: 2026-04-02, due_date: 2026-06-01 }} ]\n  \
         expect: {{ account.owed: {expected} }}\n"
    );
    let files = [("policy.yaml", policy), ("rules.yaml", rules), ("tests/owed.yaml", test)];
    files.map(|(name, text)| (name.to_owned(), text)).into()
}

fn id(texts: &Texts) -> String {
    Snapshot::from_memory(texts.clone()).id().to_owned()
}

fn compiled(texts: Texts) -> usance::plan::Plan {
    let mut sink = Vec::new();
    plan::compile(&Folder::from_memory(texts, &mut sink).unwrap(), &mut sink).unwrap()
}

/// Random numbers that are the same for the same seed.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % sides
    }
}

/// A way of saving: the folder the policy is read from, and what a save does to it.
trait Way {
    /// Puts the first files there, and names the folder that is watched.
    fn begin(&mut self, desk: &Path, first: &Texts) -> PathBuf {
        let dir = desk.join("policy");
        write_all(&dir, first);
        dir
    }
    /// Whether nothing but whole saves may ever be seen.
    fn is_whole(&self) -> bool;
    fn save(&mut self, dir: &Path, n: usize, before: &Texts, after: &Texts);
}

fn write_all(dir: &Path, texts: &Texts) {
    fs::create_dir_all(dir.join("tests")).unwrap();
    // `policy.yaml` comes last: without it a folder is no policy.
    for (name, text) in texts.iter().rev() {
        fs::write(dir.join(name), text).unwrap();
    }
}

fn changed<'t>(before: &'t Texts, after: &'t Texts) -> impl Iterator<Item = (&'t String, &'t String)> {
    after.iter().filter(|(name, text)| before.get(*name) != Some(text))
}

/// One file, overwritten where it lies. What a save is about stands in one file then, the test besides.
struct InPlace;
impl Way for InPlace {
    fn is_whole(&self) -> bool {
        false
    }
    fn save(&mut self, dir: &Path, _: usize, before: &Texts, after: &Texts) {
        changed(before, after).for_each(|(name, text)| fs::write(dir.join(name), text).unwrap());
    }
}

/// All files held open and half-written for a while: only when the last is closed is the save over.
struct HalfByHalf;
impl Way for HalfByHalf {
    fn is_whole(&self) -> bool {
        cfg!(target_os = "linux")
    }
    fn save(&mut self, dir: &Path, n: usize, before: &Texts, after: &Texts) {
        let mut open = Vec::new();
        for (name, text) in changed(before, after) {
            let mut file = fs::File::create(dir.join(name)).unwrap();
            let (first, second) = text.split_at(text.len() / 2);
            file.write_all(first.as_bytes()).unwrap();
            open.push((file, second));
        }
        if n.is_multiple_of(10) {
            // An editor that takes its time: long enough for a half-saved file to be taken for a whole one.
            thread::sleep(QUIET * 3);
        }
        for (file, second) in &mut open {
            file.write_all(second.as_bytes()).unwrap();
        }
    }
}

/// Each file written under another name and renamed over its own.
struct Renamed;
impl Way for Renamed {
    fn is_whole(&self) -> bool {
        false
    }
    fn save(&mut self, dir: &Path, _: usize, before: &Texts, after: &Texts) {
        for (name, text) in changed(before, after) {
            let beside = dir.join(format!("{name}.tmp"));
            fs::write(&beside, text).unwrap();
            fs::rename(beside, dir.join(name)).unwrap();
        }
    }
}

/// Each file moved away, written anew, and the one moved away removed: an editor that keeps a backup.
struct MovedAway;
impl Way for MovedAway {
    fn is_whole(&self) -> bool {
        false
    }
    fn save(&mut self, dir: &Path, _: usize, before: &Texts, after: &Texts) {
        for (name, text) in changed(before, after) {
            let backup = dir.join(format!("{name}~"));
            fs::rename(dir.join(name), &backup).unwrap();
            fs::write(dir.join(name), text).unwrap();
            fs::remove_file(backup).unwrap();
        }
    }
}

/// A volume as Kubernetes mounts it: links through `..data`, which is renamed over.
#[cfg(unix)]
struct Mounted(PathBuf);
#[cfg(unix)]
impl Way for Mounted {
    fn begin(&mut self, desk: &Path, first: &Texts) -> PathBuf {
        use std::os::unix::fs::symlink;
        let dir = desk.join("policy");
        self.0 = dir.join("..first");
        write_all(&self.0, first);
        symlink("..first", dir.join("..data")).unwrap();
        for name in ["policy.yaml", "rules.yaml", "tests"] {
            symlink(Path::new("..data").join(name), dir.join(name)).unwrap();
        }
        dir
    }
    fn is_whole(&self) -> bool {
        true
    }
    fn save(&mut self, dir: &Path, n: usize, _: &Texts, after: &Texts) {
        let next = format!("..save_{n}");
        write_all(&dir.join(&next), after);
        std::os::unix::fs::symlink(&next, dir.join("..data_tmp")).unwrap();
        fs::rename(dir.join("..data_tmp"), dir.join("..data")).unwrap();
        fs::remove_dir_all(std::mem::replace(&mut self.0, dir.join(next))).unwrap();
    }
}

/// The folder itself is a link, which is renamed over.
#[cfg(unix)]
struct Linked;
#[cfg(unix)]
impl Way for Linked {
    fn begin(&mut self, desk: &Path, first: &Texts) -> PathBuf {
        write_all(&desk.join("release_0"), first);
        std::os::unix::fs::symlink("release_0", desk.join("policy")).unwrap();
        desk.join("policy")
    }
    fn is_whole(&self) -> bool {
        true
    }
    fn save(&mut self, dir: &Path, n: usize, _: &Texts, after: &Texts) {
        let desk = dir.parent().unwrap();
        let old = fs::read_link(dir).unwrap();
        let next = format!("release_{n}");
        write_all(&desk.join(&next), after);
        std::os::unix::fs::symlink(&next, desk.join("next")).unwrap();
        fs::rename(desk.join("next"), dir).unwrap();
        fs::remove_dir_all(desk.join(old)).unwrap();
    }
}

/// The folder is removed and made again.
struct Recreated;
impl Way for Recreated {
    fn is_whole(&self) -> bool {
        false
    }
    fn save(&mut self, dir: &Path, _: usize, _: &Texts, after: &Texts) {
        fs::remove_dir_all(dir).unwrap();
        write_all(dir, after);
    }
}

/// Every changed file unlinked and made again, one by one, while git holds its lock.
struct CheckedOut;
impl Way for CheckedOut {
    fn is_whole(&self) -> bool {
        true
    }
    fn save(&mut self, dir: &Path, _: usize, before: &Texts, after: &Texts) {
        let git = dir.parent().unwrap().join(".git");
        fs::create_dir_all(&git).unwrap();
        fs::write(git.join("index.lock"), "").unwrap();
        for (name, text) in changed(before, after) {
            fs::remove_file(dir.join(name)).unwrap();
            fs::write(dir.join(name), text).unwrap();
        }
        fs::remove_file(git.join("index.lock")).unwrap();
    }
}

const QUIET: Duration = Duration::from_millis(30);

fn saves() -> usize {
    std::env::var("USANCE_SAVES").ok().and_then(|n| n.parse().ok()).unwrap_or(25)
}

/// What the process holds in memory, in KiB, where the system tells.
fn resident() -> Option<usize> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?.trim().split(' ').next()?.parse().ok()
}

/// A book of one customer who owes 90.
fn book(desk: &Path, schema: &usance::plan::Schema) -> Book {
    let dir = desk.join("book");
    fs::create_dir(&dir).unwrap();
    fs::write(dir.join("customers.csv"), "id,since\nC1,2024-01-01\n").unwrap();
    let invoices = "id,customer,amount,currency,issue_date,due_date\nI1,C1,90,CNY,2026-04-02,2026-06-01\n";
    fs::write(dir.join("invoices.csv"), invoices).unwrap();
    let mut sink = Vec::new();
    book::read(&dir, schema, "CNY", &mut sink).unwrap_or_else(|| panic!("{sink:?}"))
}

/// What an event says: the snapshot, and whether it is in use.
fn shown(told: &Receiver<(String, bool)>) -> (String, bool) {
    told.recv_timeout(GUARD).expect("the change is told")
}

fn follow(mut way: impl Way, seed: u64) {
    let desk = TempDir::new().unwrap();
    let weight_of: BTreeMap<String, usize> =
        (1..=5).map(|weight| (compiled(texts(0, weight, Kind::Good)).digest(), weight)).collect();
    let mut standing = texts(0, 1, Kind::Good);
    let plan = compiled(standing.clone());
    let (book, as_of) = (book(desk.path(), &plan.schema), "2026-06-08".parse().unwrap());
    let dir = way.begin(desk.path(), &standing);

    let (tell, told) = channel();
    let good: Arc<Mutex<BTreeSet<String>>> = Arc::new(Mutex::new([id(&standing)].into()));
    let options = Options { quiet: QUIET, longest: GUARD, ..Options::default() };
    let live = Live::open(&dir, options, move |event| match event {
        Event::Loaded { now, .. } => tell.send((now.snapshot.clone(), true)).unwrap(),
        Event::Refused(refused) => tell.send((refused.snapshot.clone(), false)).unwrap(),
        Event::Polling(why) => panic!("no events: {why}"),
    });
    let live = live.unwrap();
    assert_eq!(shown(&told), (id(&standing), true));

    let (over, evaluations) = (AtomicBool::new(false), AtomicUsize::new(0));
    let mut partly = 0;
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while !over.load(Ordering::Relaxed) {
                    let loaded = live.current();
                    let weight = weight_of.get(&loaded.digest).expect("only good policies are in use");
                    let owed = loaded.plan.find("account.owed").unwrap();
                    let outcome = Run::new(&loaded.plan, &book, as_of).outcome(owed, 0);
                    assert_eq!(outcome.value.unwrap(), Value::Dec((90 * weight).into()));
                    evaluations.fetch_add(1, Ordering::Relaxed);
                    thread::yield_now();
                }
            });
        }
        let end = Ending(&over);
        let mut dice = Dice(seed);
        let mut last = id(&standing);
        let mut warm = None;
        for n in 1..=saves() {
            // Now and then the next save comes before this one was taken note of.
            let hurried = dice.roll(5) == 0;
            for part in 0..=usize::from(hurried) {
                let kinds = [Kind::NotYaml, Kind::UnknownName, Kind::FailingTest, Kind::Empty];
                let kind = if dice.roll(2) == 0 { Kind::Good } else { kinds[dice.roll(kinds.len())] };
                let after = texts(2 * n + part, 1 + dice.roll(5), kind);
                if kind == Kind::Good {
                    good.lock().unwrap().insert(id(&after));
                }
                way.save(&dir, 2 * n + part, &standing, &after);
                standing = after;
                if part == 0 && hurried {
                    continue;
                }
                let is_good = kind == Kind::Good;
                loop {
                    let (snapshot, loaded) = shown(&told);
                    assert_ne!(snapshot, last, "{n}: shown twice");
                    last.clone_from(&snapshot);
                    if snapshot == id(&standing) {
                        assert_eq!(loaded, is_good, "{n}: {kind:?}");
                        break;
                    }
                    let is_save = good.lock().unwrap().contains(&snapshot) || hurried && !loaded;
                    // Files saved one by one may be seen one by one; what is in use is good all the same.
                    assert!(is_save || !way.is_whole(), "{n}: {kind:?}: a save half-way is shown");
                    assert!(weight_of.contains_key(&live.current().digest), "{n}: {kind:?}");
                    partly += usize::from(!is_save);
                }
                if is_good {
                    assert_eq!(live.current().snapshot, id(&standing));
                }
            }
            if n == saves() / 5 {
                warm = resident();
            }
        }
        drop(end);
        // Nothing more is said of what was said already.
        assert!(weight_of.contains_key(&live.current().digest));
        if let (Some(warm), Some(now), true) = (warm, resident(), saves() >= 500) {
            println!("{} saves: {warm} KiB after a fifth, {now} KiB at the end; {partly} seen half-way", saves());
            assert!(now < warm + warm / 4 + 16 * 1024, "{warm} KiB grew to {now} KiB");
        }
    });
    drop(live);
    assert!(told.try_recv().is_err(), "nothing is told twice");
    assert!(evaluations.into_inner() > 0);
}

/// Ends the evaluations, also when an assertion fails.
struct Ending<'a>(&'a AtomicBool);
impl Drop for Ending<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[test]
fn files_written_in_place() {
    follow(InPlace, 1);
}

#[test]
fn files_saved_half_way() {
    follow(HalfByHalf, 2);
}

#[test]
fn files_renamed_over() {
    follow(Renamed, 3);
}

#[test]
fn files_moved_away_and_written_anew() {
    follow(MovedAway, 4);
}

#[cfg(unix)]
#[test]
fn a_volume_of_kubernetes() {
    follow(Mounted(PathBuf::new()), 5);
}

#[cfg(unix)]
#[test]
fn a_folder_that_is_a_link() {
    follow(Linked, 6);
}

#[test]
fn a_folder_removed_and_made_again() {
    follow(Recreated, 7);
}

#[test]
fn a_checkout() {
    follow(CheckedOut, 8);
}
