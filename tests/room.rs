//! What an evaluation keeps of what it computed is a matter of memory: no value depends on it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

mod pack_support;

use std::path::PathBuf;

use pack_support::{folders, plan, reading_the_portfolio, root, sample};
use usance::engine::{Leg, Outcome, Run};
use usance::lang::NodeRef;
use usance::plan::on_a_deep_stack;

fn policies() -> Vec<PathBuf> {
    folders("tests/policies/vectors").into_iter().chain([root("policies/sme-trade")]).collect()
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

#[test]
fn no_value_depends_on_what_is_kept() {
    on_a_deep_stack(|| {
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
