//! What becomes of each state of a policy folder: no clock, no disk, no thread.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use crate::check::tests;
use crate::diag::{Code, Diagnostic};
use crate::plan::{self, Plan};
use crate::policy::files::Snapshot;
use crate::policy::folder::Folder;

/// A policy that was checked, whose tests passed, and that can be used.
#[derive(Debug)]
pub struct Loaded {
    /// What it means.
    pub plan: Plan,
    /// The name of what it means: [`Plan::digest`].
    pub digest: String,
    /// The name of the files it was read from: [`Snapshot::id`].
    pub snapshot: String,
    /// How many tests it has; all of them passed.
    pub tests: usize,
    /// What else was found: none of it an error.
    pub warnings: Vec<Diagnostic>,
}

/// A policy that cannot be used.
#[derive(Debug)]
pub struct Refused {
    /// The name of the files it was read from; empty where none were.
    pub snapshot: String,
    /// What is wrong with it.
    pub findings: Vec<Diagnostic>,
    /// What came of its tests, where it was good enough to run them.
    pub tests: Option<tests::Report>,
    /// What it means, where nothing but its tests is wrong: to show what it would come to, never to decide by.
    pub plan: Option<Box<Plan>>,
    /// The policy that stays in use.
    pub in_use: Option<Arc<Loaded>>,
}

impl Refused {
    /// Refused because the program itself could not go on.
    pub(super) fn fault(message: &str) -> Box<Self> {
        let finding = Diagnostic::placeless(Code::TooLarge, message);
        Box::new(Self { snapshot: String::new(), findings: vec![finding], tests: None, plan: None, in_use: None })
    }
}

/// A change that was read.
#[derive(Debug)]
pub enum Event {
    /// It is in use.
    Loaded {
        /// What is in use now.
        now: Arc<Loaded>,
        /// What was in use before.
        before: Option<Arc<Loaded>>,
        /// Whether what was read last could not be used.
        mended: bool,
    },
    /// It is not: what was in use stays.
    Refused(Box<Refused>),
    /// The file system gives no events, and why: from now on the folder is looked at from time to time.
    Polling(String),
}

/// The state of a policy folder, change by change.
#[derive(Debug, Default)]
pub struct Reloader {
    current: Option<Arc<Loaded>>,
    /// The snapshot offered last, and whether it was refused.
    last: Option<(String, bool)>,
}

impl Reloader {
    /// Reads, checks and tests a state of the folder. `None`: it is the state offered last, of which all was said.
    pub fn offer(&mut self, snapshot: Snapshot) -> Option<Event> {
        let id = snapshot.id();
        let mended = match &self.last {
            Some((last, _)) if *last == id => return None,
            Some((_, refused)) => *refused,
            None => false,
        };
        // What a policy can bring the program to must not end the thread that watches over it.
        let judged = catch_unwind(AssertUnwindSafe(|| plan::on_a_deep_stack(|| judge(snapshot, &id))));
        let judged = judged.unwrap_or_else(|_| {
            Err(Refused::fault("the program failed while it read this policy, which is a fault of the program"))
        });
        self.last = Some((id, judged.is_err()));
        Some(match judged {
            Ok(loaded) => {
                let now = Arc::new(loaded);
                let before = self.current.replace(Arc::clone(&now));
                Event::Loaded { now, before, mended }
            }
            Err(mut refused) => {
                refused.in_use = self.current.clone();
                Event::Refused(refused)
            }
        })
    }
}

fn judge(snapshot: Snapshot, id: &str) -> Result<Loaded, Box<Refused>> {
    let mut found = Vec::new();
    let wrong =
        |findings| Box::new(Refused { snapshot: id.to_owned(), findings, tests: None, plan: None, in_use: None });
    let Some(folder) = Folder::of(snapshot, &mut found) else { return Err(wrong(found)) };
    let Some(plan) = plan::compile(&folder, &mut found) else { return Err(wrong(found)) };
    let report = tests::run(&folder, &plan);
    if !report.is_green() && !report.has_no_tests() {
        found.extend(report.findings.iter().cloned());
        return Err(Box::new(Refused { tests: Some(report), plan: Some(Box::new(plan)), ..*wrong(found) }));
    }
    let digest = plan.digest();
    Ok(Loaded { plan, digest, snapshot: id.to_owned(), tests: report.passed(), warnings: found })
}

#[cfg(test)]
mod tests_of_the_reloader {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;

    const POLICY: &str = "usance: 1\npolicy: p\nversion: \"1\"\ntitle: P\neffective: { from: 2026-01-01 }\n\
        money: { currency: CNY, round_to: 0.01, mode: half_even, others: refuse }\n\
        measures: { account.owed: { of: item, take: sum, value: item.open } }\n";
    const TEST: &str = "- name: what is unpaid is owed\n  as_of: 2026-06-08\n  customer: { id: C1, since: 2024-01-01 }\n  \
        invoices: [ { id: I1, amount: 90, issue_date: 2026-04-02, due_date: 2026-06-01 } ]\n  \
        expect: { account.owed: 90 }\n";

    fn folder(policy: &str, test: &str) -> Snapshot {
        let texts = [("policy.yaml", policy), ("tests/a.yaml", test)];
        Snapshot::from_memory(texts.map(|(name, text)| (name.to_owned(), text.to_owned())).into())
    }

    fn loaded(event: Option<Event>) -> (Arc<Loaded>, Option<Arc<Loaded>>, bool) {
        match event {
            Some(Event::Loaded { now, before, mended }) => (now, before, mended),
            other => panic!("{other:?}"),
        }
    }

    fn refused(event: Option<Event>) -> Box<Refused> {
        match event {
            Some(Event::Refused(refused)) => refused,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_good_policy_is_loaded_and_told_once() {
        let mut reloader = Reloader::default();
        let (now, before, mended) = loaded(reloader.offer(folder(POLICY, TEST)));
        assert_eq!((now.tests, before.is_none(), mended), (1, true, false));
        assert_eq!(now.digest, now.plan.digest());
        assert!(reloader.offer(folder(POLICY, TEST)).is_none());
    }

    #[test]
    fn a_bad_edit_leaves_the_last_good_plan_in_use_and_says_why() {
        let mut reloader = Reloader::default();
        let (good, ..) = loaded(reloader.offer(folder(POLICY, TEST)));
        let bad = refused(reloader.offer(folder(&POLICY.replace("item.open", "item.opne"), TEST)));
        assert_eq!(bad.findings.first().unwrap().code, Code::UnknownName);
        assert!(bad.tests.is_none() && bad.plan.is_none() && Arc::ptr_eq(&bad.in_use.unwrap(), &good));
        let (back, before, mended) = loaded(reloader.offer(folder(POLICY, TEST)));
        assert_eq!((back.digest.as_str(), mended), (good.digest.as_str(), true));
        assert!(Arc::ptr_eq(&before.unwrap(), &good));
    }

    #[test]
    fn a_policy_whose_test_fails_or_cannot_be_run_is_refused() {
        let mut reloader = Reloader::default();
        let bad = refused(reloader.offer(folder(POLICY, &TEST.replace("owed: 90", "owed: 91"))));
        assert!(bad.plan.is_some(), "what it would come to can be shown");
        assert_eq!((bad.tests.unwrap().failed(), bad.in_use.is_none()), (1, true));
        let bad = refused(reloader.offer(folder(POLICY, &TEST.replace("account.owed: 90", "nothing.known: 90"))));
        assert_eq!((bad.tests.unwrap().unusable, bad.findings.is_empty()), (1, false));
    }

    #[test]
    fn a_policy_without_tests_is_loaded_with_none() {
        assert_eq!(loaded(Reloader::default().offer(folder(POLICY, ""))).0.tests, 0);
    }

    #[test]
    fn another_text_of_the_same_meaning_has_the_same_digest_and_is_told() {
        let mut reloader = Reloader::default();
        let (first, ..) = loaded(reloader.offer(folder(POLICY, TEST)));
        let (second, before, _) = loaded(reloader.offer(folder(&format!("# a comment\n{POLICY}"), TEST)));
        assert_eq!(first.digest, second.digest);
        assert_ne!(first.snapshot, second.snapshot);
        assert!(Arc::ptr_eq(&before.unwrap(), &first));
    }

    #[test]
    fn a_plan_that_is_no_longer_used_is_dropped() {
        let mut reloader = Reloader::default();
        let (first, ..) = loaded(reloader.offer(folder(POLICY, TEST)));
        let gone = Arc::downgrade(&first);
        drop(first);
        loaded(reloader.offer(folder(&POLICY.replace("\"1\"", "\"2\""), TEST)));
        assert!(gone.upgrade().is_none());
    }
}
