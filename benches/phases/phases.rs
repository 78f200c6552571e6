//! The phases, each beside the same work by hand.

use std::path::PathBuf;

use tempfile::TempDir;
use usance::book::Book;
use usance::plan::Plan;

use super::by_hand::{self, Decided};
use super::data::Data;
use super::ours;

/// A phase of a run.
pub(crate) struct Phase {
    pub(crate) name: &'static str,
    pub(crate) ours: fn(&mut Stage<'_>),
    pub(crate) by_hand: fn(&mut Stage<'_>),
}

/// In the order of a run. Where a phase has no like by hand, the whole decision by hand stands beside it.
pub(crate) const PHASES: [Phase; 15] = [
    Phase { name: "load policy", ours: |stage| done(ours::load(&stage.full.path)), by_hand: decided },
    Phase {
        name: "read csv",
        ours: |stage| done(ours::read(&stage.bare.plan, &stage.manifest("book.yaml"), 1)),
        by_hand: |stage| done(by_hand::read(stage.dir.path())),
    },
    Phase {
        name: "read csv, 2 threads",
        ours: |stage| done(ours::read(&stage.bare.plan, &stage.manifest("book.yaml"), 2)),
        by_hand: |stage| done(by_hand::read(stage.dir.path())),
    },
    Phase { name: "evaluate rows", ours: |stage| done(ours::rows(&stage.bare.plan, stage.book())), by_hand: decided },
    Phase { name: "evaluate columns", ours: |stage| evaluated(stage, |s| &s.bare, 1), by_hand: decided },
    Phase { name: "evaluate columns, 2 threads", ours: |stage| evaluated(stage, |s| &s.bare, 2), by_hand: decided },
    Phase { name: "evaluate all tables", ours: |stage| evaluated(stage, |s| &s.full, 1), by_hand: decided },
    Phase { name: "write", ours: |stage| written(stage, |s| &s.bare, 1), by_hand: written_by_hand },
    Phase { name: "write, 2 threads", ours: |stage| written(stage, |s| &s.bare, 2), by_hand: written_by_hand },
    Phase { name: "write all, reasons", ours: |stage| written(stage, |s| &s.full, 1), by_hand: written_by_hand },
    Phase {
        name: "write all, reasons, 2 threads",
        ours: |stage| written(stage, |s| &s.full, 2),
        by_hand: written_by_hand,
    },
    Phase { name: "whole way", ours: |stage| whole_way(stage, |s| &s.bare, 1), by_hand: whole_way_by_hand },
    Phase { name: "whole way, 2 threads", ours: |stage| whole_way(stage, |s| &s.bare, 2), by_hand: whole_way_by_hand },
    Phase { name: "whole way, reasons", ours: |stage| whole_way(stage, |s| &s.full, 1), by_hand: whole_way_by_hand },
    Phase {
        name: "whole way, reasons, 2 threads",
        ours: |stage| whole_way(stage, |s| &s.full, 2),
        by_hand: whole_way_by_hand,
    },
];

/// Keeps what nobody looks at from being left out.
fn done<T>(made: T) {
    std::hint::black_box(made);
}

fn decided(stage: &mut Stage<'_>) {
    by_hand::decide(stage.data, &mut stage.decided);
}

/// Which of the two policies.
type Which = for<'s> fn(&'s Stage<'_>) -> &'s Policy;

fn evaluated(stage: &mut Stage<'_>, which: Which, threads: usize) {
    done(ours::columns(&which(stage).plan, stage.book(), threads));
}

fn written(stage: &mut Stage<'_>, which: Which, threads: usize) {
    ours::write(&which(stage).plan, stage.book(), &stage.out(), threads);
}

fn written_by_hand(stage: &mut Stage<'_>) {
    decided(stage);
    by_hand::write(stage.data, &stage.decided, &stage.dir.path().join("by_hand"));
}

fn whole_way(stage: &mut Stage<'_>, which: Which, threads: usize) {
    let plan = ours::load(&which(stage).path);
    let book = ours::read(&plan, &stage.manifest("book.yaml"), threads);
    ours::write(&plan, &book, &stage.out(), threads);
}

fn whole_way_by_hand(stage: &mut Stage<'_>) {
    let data = by_hand::read(stage.dir.path());
    by_hand::decide(&data, &mut stage.decided);
    by_hand::write(&data, &stage.decided, &stage.dir.path().join("by_hand"));
}

impl Phase {
    /// Makes ready what it needs, outside of the clock.
    pub(crate) fn ready(&self, stage: &mut Stage<'_>) {
        if self.name.starts_with("evaluate") || self.name.starts_with("write") {
            stage.book.get_or_insert_with(|| ours::read(&stage.bare.plan, &stage.dir.path().join("book.yaml"), 1));
        } else {
            stage.book = None;
        }
    }
}

/// Runs a phase where a counter of instructions can see it begin and end.
#[inline(never)]
pub(crate) fn counted(phase: fn(&mut Stage<'_>), stage: &mut Stage<'_>) {
    phase(stage);
}

/// A policy, and where it is read from.
pub(crate) struct Policy {
    path: PathBuf,
    plan: Plan,
}

impl Policy {
    fn new(path: PathBuf) -> Self {
        Self { plan: ours::load(&path), path }
    }
}

/// What the phases work on.
pub(crate) struct Stage<'d> {
    data: &'d Data,
    decided: Decided,
    /// It puts out what the program by hand does.
    bare: Policy,
    /// It puts out every table, with its rules and reasons.
    full: Policy,
    dir: TempDir,
    book: Option<Book>,
}

impl<'d> Stage<'d> {
    pub(crate) fn new(data: &'d Data) -> Self {
        let workload = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("benches/credit-v1");
        let (bare, full) = (Policy::new(workload.join("bare")), Policy::new(workload.join("policy")));
        let dir = tempfile::tempdir().unwrap();
        data.write(dir.path());
        for part in ["ours", "by_hand"] {
            std::fs::create_dir(dir.path().join(part)).unwrap();
        }
        std::fs::copy(workload.join("book/book.yaml"), dir.path().join("book.yaml")).unwrap();
        Self { data, decided: Decided::default(), bare, full, dir, book: None }
    }

    fn manifest(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn out(&self) -> PathBuf {
        self.dir.path().join("ours")
    }

    fn book(&self) -> &Book {
        self.book.as_ref().expect("the phase was made ready")
    }

    /// Fails unless both come to the same.
    pub(crate) fn agree(&mut self) {
        assert_eq!(by_hand::read(self.dir.path()), *self.data, "the reader by hand");
        written_by_hand(self);
        let book = ours::read(&self.bare.plan, &self.manifest("book.yaml"), 1);
        ours::write(&self.bare.plan, &book, &self.out(), 2);
        for (table, columns) in [
            ("decisions", ["tier", "credit_line", "owed_late", "net_days", "hold"].as_slice()),
            ("invoices", ["customer", "dpd", "bucket", "late_fee", "rung"].as_slice()),
        ] {
            let ours = table_of(&self.out().join(format!("{table}.csv")), columns);
            let by_hand = table_of(&self.dir.path().join(format!("by_hand/{table}.csv")), columns);
            assert!(ours == by_hand, "`{table}.csv` is not the same by hand");
        }
    }
}

/// Some columns of a table, in the order of the ids.
fn table_of(path: &std::path::Path, columns: &[&str]) -> Vec<Vec<String>> {
    let mut reader = csv::Reader::from_path(path).unwrap();
    let headers = reader.headers().unwrap().clone();
    let at = |column: &str| headers.iter().position(|header| header == column).unwrap_or_else(|| panic!("no {column}"));
    let places: Vec<usize> = std::iter::once("id").chain(columns.iter().copied()).map(at).collect();
    let row = |record: csv::StringRecord| places.iter().map(|place| record[*place].to_owned()).collect();
    let mut rows: Vec<Vec<String>> = reader.records().map(|record| row(record.unwrap())).collect();
    rows.sort();
    rows
}
