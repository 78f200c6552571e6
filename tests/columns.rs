//! The columns mean what the rows mean: every node of every policy here, for every row of a sample book.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

use std::path::{Path, PathBuf};

use usance::book::{self, Book};
use usance::engine::{Columns, Run};
use usance::lang::NodeRef;
use usance::plan::{self, PORTFOLIO, Plan};
use usance::policy::folder::Folder;

fn policies() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folders = ["policies", "tests/policies/vectors"].map(|name| root.join(name));
    let entries = folders.iter().flat_map(|folder| std::fs::read_dir(folder).unwrap());
    let mut all: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect();
    all.sort();
    all
}

fn plan(dir: &Path) -> Plan {
    let mut found = Vec::new();
    let folder = Folder::load(dir, &mut found).unwrap();
    plan::compile(&folder, &mut found).unwrap_or_else(|| panic!("{}: {found:#?}", dir.display()))
}

fn sample(plan: &Plan) -> Book {
    let dir = tempfile::tempdir().unwrap();
    usance::sample::write(dir.path(), 12, 3, "2026-06-30".parse().unwrap()).unwrap();
    for file in std::fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().path()) {
        let text = std::fs::read_to_string(&file).unwrap().replace("CNY", &plan.money.currency);
        std::fs::write(file, text).unwrap();
    }
    let mut found = Vec::new();
    book::read(dir.path(), &plan.schema, &plan.money.currency, &mut found).unwrap_or_else(|| panic!("{found:#?}"))
}

#[test]
fn every_node_comes_to_the_same() {
    plan::on_a_deep_stack(|| {
        let mut told = Vec::new();
        for dir in policies() {
            let plan = plan(&dir);
            let book = sample(&plan);
            let as_of = "2026-06-30".parse().unwrap();
            let mut rows = Run::new(&plan, &book, as_of);
            let mut columns = Columns::new(&plan, &book, as_of);
            let nodes: Vec<NodeRef> = (0..plan.nodes.len() as u32).map(NodeRef).collect();
            let group = plan.schema.relation("group").unwrap();
            let all = book.count(group) as u32;
            let mut compared = 0;
            let mut differing = std::collections::BTreeSet::new();
            for units in [0..all / 2, all / 2..all].map(|range| (group, range)) {
                for (node, outcomes) in nodes.iter().zip(columns.outcomes(&units, &nodes)) {
                    let subject = plan.node(*node).unwrap().subject;
                    if subject == PORTFOLIO {
                        continue;
                    }
                    for (row, outcome) in outcomes {
                        let wanted = rows.outcome(*node, row);
                        let same = match (&outcome.value, &wanted.value) {
                            (Ok(got), Ok(value)) => got == value && outcome.hits == wanted.hits,
                            (got, wanted) => got.is_err() && wanted.is_err(),
                        };
                        if !same && differing.insert(*node) {
                            let (pack, name, id) = (dir.display(), plan.name(*node), book.id(subject, row));
                            told.push(format!("{pack}: {name} of {id}: {outcome:?}, and not {wanted:?}"));
                        }
                        compared += 1;
                    }
                }
            }
            assert!(compared > 100, "{}", dir.display());
        }
        assert!(told.is_empty(), "{}", told.join("\n"));
    });
}
