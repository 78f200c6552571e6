//! What an evaluation keeps of what it computed is a matter of memory: no value depends on it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

use std::path::{Path, PathBuf};

use usance::book::{self, Book};
use usance::engine::{Leg, Outcome, Run};
use usance::lang::NodeRef;
use usance::plan::{self, Plan};
use usance::policy::folder::Folder;

fn policies() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let vectors = std::fs::read_dir(root.join("tests/policies/vectors")).unwrap().map(|entry| entry.unwrap().path());
    let mut all: Vec<PathBuf> = vectors.filter(|path| path.is_dir()).collect();
    all.sort();
    all.push(root.join("policies/sme-trade"));
    all
}

/// The shipped policy with a limit that reads what the whole portfolio owes.
fn reading_the_portfolio(dir: &Path) {
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("policies/sme-trade");
    copy(&shipped, dir);
    let file = dir.join("limits.yaml");
    let (before, cap) = (std::fs::read_to_string(&file).unwrap(), "at_most: params.house_cap");
    assert!(before.contains(cap));
    std::fs::write(file, before.replace(cap, "at_most: params.house_cap + portfolio.receivables")).unwrap();
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().map(|entry| entry.unwrap()) {
        let target = to.join(entry.file_name());
        match entry.file_type().unwrap().is_dir() {
            true => copy(&entry.path(), &target),
            false => drop(std::fs::copy(entry.path(), target).unwrap()),
        }
    }
}

fn plan(dir: &Path) -> Plan {
    let mut found = Vec::new();
    let folder = Folder::load(dir, &mut found).unwrap();
    plan::compile(&folder, &mut found).unwrap_or_else(|| panic!("{}: {found:#?}", dir.display()))
}

fn said(outcome: &Outcome) -> String {
    match &outcome.value {
        Ok(value) => format!("{value:?} {:?}", outcome.hits),
        Err(fault) => format!("{} {} {} {}", fault.node.0, fault.row, fault.reason, fault.place),
    }
}

/// Every value of every row, node by node: the order that needs the most room.
fn everything(run: &mut Run<'_>) -> Vec<String> {
    let nodes = run.plan().nodes.len();
    let mut all = Vec::new();
    for node in (0..u32::try_from(nodes).unwrap()).map(NodeRef) {
        let subject = run.plan().node(node).unwrap().subject;
        for row in run.rows(subject) {
            all.push(format!("{} {row}: {}", run.plan().name(node), said(&run.outcome(node, row))));
        }
    }
    all
}

/// What the emits of every unit come to, in a sweep.
fn swept(run: &mut Run<'_>) -> Vec<String> {
    let mut all = Vec::new();
    run.sweep::<()>(&mut |run, unit, leg| {
        if leg == Leg::Last {
            let (lines, unmade) = run.emitted_in(unit, "actions");
            all.extend(lines.iter().map(|line| format!("{line:?}")));
            all.extend(unmade.iter().map(|unmade| format!("{unmade:?}")));
        }
        Ok(())
    })
    .unwrap();
    all
}

/// The sample book is in yuan; packs of other countries ask for their own money.
fn in_currency(dir: &std::path::Path, currency: &str) {
    for file in std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()) {
        let text = std::fs::read_to_string(&file).unwrap().replace("CNY", currency);
        std::fs::write(file, text).unwrap();
    }
}

fn sample(plan: &Plan) -> Book {
    let dir = tempfile::tempdir().unwrap();
    usance::sample::write(dir.path(), 12, 3, "2026-06-30".parse().unwrap()).unwrap();
    in_currency(dir.path(), &plan.money.currency);
    let mut found = Vec::new();
    book::read(dir.path(), &plan.schema, &plan.money.currency, &mut found).unwrap_or_else(|| panic!("{found:#?}"))
}

#[test]
fn no_value_depends_on_what_is_kept() {
    plan::on_a_deep_stack(|| {
        let reading = tempfile::tempdir().unwrap();
        reading_the_portfolio(reading.path());
        let mut legs = Vec::new();
        for dir in policies().into_iter().chain([reading.path().to_owned()]) {
            let plan = plan(&dir);
            let book = sample(&plan);
            let as_of = "2026-06-30".parse().unwrap();
            let (mut much, mut little) = (Run::new(&plan, &book, as_of), Run::new(&plan, &book, as_of));
            little.keep(1);
            let (with_much, with_little) = (everything(&mut much), everything(&mut little));
            assert!(with_much.len() > 100, "{}", dir.display());
            for (a, b) in with_much.iter().zip(&with_little) {
                assert_eq!(a, b, "{}", dir.display());
            }
            let mut fresh = Run::new(&plan, &book, as_of);
            fresh.keep(1);
            assert_eq!(swept(&mut much), swept(&mut fresh), "{}", dir.display());
            legs.push(much.legs());
        }
        assert_eq!(legs.pop(), Some(2), "limits that read the portfolio need a way over the book before");
    });
}
