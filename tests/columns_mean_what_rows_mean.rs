//! However a policy is evaluated, the same bytes come out: whatever the policy says, whatever is in the book, and in
//! whatever order its rows stand.
//!
//! Policies of every shape are made at random, with every operator, function and section, over random books; row by row
//! is the standard. `cargo test` runs the same few thousand cases every time. A long run makes others, of as many
//! policies as one likes, and says what it saw:
//!
//! ```text
//! COLUMNS_POLICIES=300000 MODEL_SEED=5 cargo test --release --test columns_mean_what_rows_mean -- --nocapture
//! ```
//!
//! What differs is shown with the smallest policy and book that still differ.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    clippy::string_slice,
    clippy::type_complexity,
    unreachable_pub
)]

mod columns_support;
mod model_support;

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use chrono::NaiveDate;
use columns_support::{
    Compiled, Dice, Files, Piece, Stream, Tables, columns, compile, difference, differing, draft, rows, smallest,
    tables,
};
use usance::book::Book;
use usance::engine::Pace;
use usance::outcome::Report;
use usance::plan::{Plan, on_a_deep_stack};

/// How many policies, and how many books each is evaluated over.
const POLICIES: u64 = 150;
/// Where the random numbers begin; under 12 the row engine once took pieces for others that had had their numbers.
const SEEDS: [u64; 2] = [1, 12];
const BOOKS: u64 = 4;

/// Ways to evaluate that must come to what the rows come to.
const WAYS: [Way; 6] = [
    Way::Values { threads: 1, rows: 1 },
    Way::Columns { threads: 1, rows: 1000 },
    Way::Columns { threads: 2, rows: 1 },
    Way::ShuffledColumns { threads: 7, rows: 2 },
    Way::Shuffled(1),
    Way::Forgetful,
];

/// After so many findings no more are looked for; `COLUMNS_FINDINGS` says another number.
const ENOUGH: u64 = 3;

#[derive(Clone, Copy, Debug)]
enum Way {
    /// Row by row, over the same rows in another order.
    Shuffled(u64),
    /// Row by row, where next to nothing is kept.
    Forgetful,
    /// By columns, on so many threads and with so many rows a block, every node value by value.
    Values { threads: usize, rows: usize },
    /// By columns, the files.
    Columns { threads: usize, rows: usize },
    /// The same, over the same rows in another order.
    ShuffledColumns { threads: usize, rows: usize },
}

/// What differs from the standard, in words; the first line says of what.
fn differs(standard: &Files, way: Way, plan: &Plan, tables: &Tables, as_of: NaiveDate) -> Option<String> {
    let written = |book: &Book, keep| difference(standard, &rows(plan, book, as_of, keep).0);
    let found = caught(|| match way {
        Way::Shuffled(seed) => written(&tables.shuffled(seed).book(plan), None),
        Way::Forgetful => written(&tables.book(plan), Some(1)),
        Way::Values { threads, rows } => differing(plan, &tables.book(plan), as_of, Pace { threads, rows }),
        Way::Columns { threads, rows } => {
            difference(standard, &columns(plan, &tables.book(plan), as_of, Pace { threads, rows }))
        }
        Way::ShuffledColumns { threads, rows } => {
            difference(standard, &columns(plan, &tables.shuffled(2).book(plan), as_of, Pace { threads, rows }))
        }
    });
    found.unwrap_or_else(Some)
}

/// A panic is a difference like any other.
fn caught<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        format!(
            "panicked\n{}",
            text.or(panic.downcast_ref::<&str>().map(|text| (*text).to_owned())).unwrap_or_default()
        )
    })
}

#[test]
fn however_it_is_evaluated_the_same_bytes_come_out() {
    let number = |name| std::env::var(name).ok().and_then(|text: String| text.parse::<u64>().ok());
    let policies = number("COLUMNS_POLICIES").unwrap_or(POLICIES);
    let enough = usize::try_from(number("COLUMNS_FINDINGS").unwrap_or(ENOUGH)).unwrap();
    let seeds = number("MODEL_SEED").map_or(SEEDS.to_vec(), |seed| vec![seed]);
    let (next, seen, found) = (AtomicU64::new(0), Mutex::new(Seen::default()), Mutex::new(Vec::<String>::new()));
    let work = || {
        on_a_deep_stack(|| {
            loop {
                let case = next.fetch_add(1, Ordering::Relaxed);
                let Some(seed) = seeds.get(usize::try_from(case / policies).unwrap()) else { break };
                if found.lock().unwrap().len() >= enough {
                    break;
                }
                if let Some(what) = try_out(Stream::new((seed << 40) + case % policies), &seen) {
                    eprintln!("{what}\n────────");
                    found.lock().unwrap().push(what);
                }
            }
        });
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        let spawned: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        spawned.into_iter().for_each(|thread| thread.join().unwrap());
    });
    let found: Vec<String> = found.into_inner().unwrap();
    assert!(found.is_empty(), "{} findings, shown above", found.len());
    everything_was_seen(&seen.into_inner().unwrap());
}

/// One policy over its books: what differs, if anything does.
fn try_out(mut stream: Stream, seen: &Mutex<Seen>) -> Option<String> {
    let length = 60 + stream.pick(900);
    let bytes: Vec<u8> = (0..length).map(|_| stream.next().to_le_bytes()[0]).collect();
    let pieces = draft(&mut Dice::new(&bytes));
    let compiled = compile(pieces).unwrap_or_else(|why| panic!("{why}"));
    seen.lock().unwrap().policy(&compiled);
    for _ in 0..BOOKS {
        let as_of = stream.one(&["2026-06-30", "2026-06-30", "2026-02-28", "2024-02-29"]).parse().unwrap();
        let most = [1, 3, 8][stream.pick(3)];
        let tables = tables(stream.next(), as_of, most);
        let standard = caught(|| rows(&compiled.plan, &tables.book(&compiled.plan), as_of, None));
        let (standard, report) =
            standard.unwrap_or_else(|why| panic!("{why}\n\n{}\n{}", compiled.text, tables.shown()));
        seen.lock().unwrap().run(&report);
        for way in WAYS {
            if let Some(what) = differs(&standard, way, &compiled.plan, &tables, as_of) {
                return Some(smallest_case(way, &what, &compiled.pieces, &tables, as_of));
            }
        }
    }
    None
}

/// The smallest policy and book of which the same still differs.
fn smallest_case(way: Way, what: &str, pieces: &[Piece], tables: &Tables, as_of: NaiveDate) -> String {
    let differs = |pieces: &[Piece], tables: &Tables| {
        let compiled = compile(pieces.to_vec()).ok()?;
        let (standard, _) = caught(|| rows(&compiled.plan, &tables.book(&compiled.plan), as_of, None)).ok()?;
        Some((differs(&standard, way, &compiled.plan, tables, as_of)?, compiled.text))
    };
    let still = |pieces: &[Piece], tables: &Tables| {
        differs(pieces, tables).is_some_and(|(other, _)| other.lines().next() == what.lines().next())
    };
    let (pieces, tables) = smallest(pieces.to_vec(), tables.clone(), &still);
    let (what, text) = differs(&pieces, &tables).unwrap_or((what.to_owned(), "which is not seen again".to_owned()));
    format!("{way:?} as of {as_of}: {what}\n\n{text}\n{}", tables.shown())
}

/// What the cases came to together.
#[derive(Default)]
struct Seen {
    policies: usize,
    runs: usize,
    /// Runs in which everything was decided.
    whole: usize,
    failures: usize,
    actions: usize,
    rejects: usize,
    sorts: BTreeMap<&'static str, usize>,
    refused: BTreeMap<(&'static str, String), usize>,
}

impl Seen {
    fn policy(&mut self, compiled: &Compiled) {
        self.policies += 1;
        compiled.pieces.iter().for_each(|piece| *self.sorts.entry(piece.sort).or_default() += 1);
        for (sort, why) in &compiled.refused {
            *self.refused.entry((sort, why.clone())).or_default() += 1;
        }
    }

    fn run(&mut self, report: &Report) {
        self.runs += 1;
        self.whole += usize::from(report.failures.is_empty());
        self.failures += report.failures.len();
        self.actions += report.actions;
        self.rejects += report.rejects;
    }
}

/// Random cases that do not ask much would pass unseen.
fn everything_was_seen(seen: &Seen) {
    println!("{} policies, {} runs, {} of them whole", seen.policies, seen.runs, seen.whole);
    println!("{} failures, {} actions, {} rejects", seen.failures, seen.actions, seen.rejects);
    println!("{:?}", seen.sorts);
    let mut refused: Vec<_> = seen.refused.iter().collect();
    refused.sort_by_key(|(_, count)| usize::MAX - **count);
    refused.iter().take(20).for_each(|((sort, why), count)| println!("{count} x {sort}: {why}"));
    assert!(seen.whole > seen.runs / 5, "in too few runs everything is decided: {} of {}", seen.whole, seen.runs);
    assert!(seen.failures > 3 * seen.runs, "only {} failures", seen.failures);
    assert!(seen.actions > seen.runs / 2, "only {} actions", seen.actions);
    assert!(seen.rejects > seen.runs, "only {} rejects", seen.rejects);
    let written: usize = seen.sorts.values().sum();
    let refused: usize = seen.refused.values().sum();
    assert!(refused < written / 10, "{refused} of {written} pieces are no policy");
    let lacking: Vec<&&str> = SORTS.iter().filter(|sort| !seen.sorts.contains_key(**sort)).collect();
    assert!(lacking.is_empty(), "no policy has {lacking:?}");
}

/// What some policies must have.
const SORTS: [&str; 53] = [
    "ageing",
    "amounts",
    "any",
    "approvals",
    "banded charge",
    "calendar",
    "charge that payments cover",
    "count",
    "decide collect",
    "decide first",
    "decide list",
    "decide one",
    "decide unique",
    "exposure",
    "fixed charge",
    "formula",
    "formula as at",
    "formula where",
    "invariants",
    "knockouts",
    "ladder of items",
    "ladder of others",
    "ladder with letters",
    "last",
    "limit",
    "limits",
    "max",
    "mean",
    "min",
    "monthly charge",
    "notches",
    "order_checks",
    "outputs",
    "outputs of actions",
    "outputs off",
    "provisions",
    "reference",
    "reference charge",
    "review",
    "scorecard",
    "split in order",
    "split pro rata",
    "states",
    "sum",
    "terms",
    "tiers",
    "walk of dates",
    "walk of each row",
    "walk of rows",
    "warnings",
    "with parameters",
    "yearly charge",
    "shown",
];
