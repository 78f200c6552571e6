//! The tests a policy brings along, in `tests/`: a small book, what is taken as given, and what must come of it.
//!
//! A test file is a list of tests. A test has a name, a date, one `customer:` (or `customers:`) and rows of any other
//! table of a book; `given:` takes decisions as made; `expect:` names what must come of it.

mod actions;
mod again;
mod case;
mod coverage;
mod expect;
mod judge;
mod names;
mod report;
mod rows;
mod value;

pub use again::{Proposed, Replay, replay};
pub use coverage::{Coverage, Unhit, coverage};
pub use report::{MadeBy, Mismatch, Report, Verdict};

use crate::diag::{Code, Diagnostic};
use crate::plan::{self, Plan};
use crate::policy::folder::Folder;

use case::Case;

/// Runs every test of a policy.
///
/// ```
/// use usance::{check::tests, plan, policy::folder::Folder};
/// let texts = [
///     ("policy.yaml", "usance: 1\npolicy: p\nversion: \"1\"\ntitle: { en: P }\neffective: { from: 2026-01-01 }\n\
///                      money: { currency: CNY, round_to: 0.01, mode: half_even, others: refuse }\n\
///                      measures: { account.owed: { of: item, take: sum, value: item.open } }\n"),
///     ("tests/owed.yaml", "- name: what is unpaid is owed\n  as_of: 2026-06-08\n  customer: { id: C1, since: 2024-01-01 }\n  \
///                          invoices: [ { id: I1, amount: 90, issue_date: 2026-04-02, due_date: 2026-06-01 } ]\n  \
///                          expect: { account.owed: 100 }\n"),
/// ];
/// let mut sink = Vec::new();
/// let folder = Folder::from_memory(texts.map(|(a, b)| (a.to_owned(), b.to_owned())).into(), &mut sink).unwrap();
/// let plan = plan::compile(&folder, &mut sink).unwrap();
/// let report = tests::run(&folder, &plan);
/// let wrong = &report.verdicts[0].mismatches[0];
/// assert_eq!((wrong.expected.as_str(), wrong.got.as_str()), ("100", "90.00"));
/// ```
pub fn run(folder: &Folder, plan: &Plan) -> Report {
    run_matching(folder, plan, "")
}

/// Runs the tests whose names contain a text.
pub fn run_matching(folder: &Folder, plan: &Plan, text: &str) -> Report {
    plan::on_a_deep_stack(|| {
        let mut report = Report::default();
        let (cases, unusable) = Case::all(folder, plan, &mut report.findings);
        report.unusable = unusable;
        let wanted = cases.iter().filter(|case| case.name.contains(text));
        for case in wanted {
            match judge::judge(case, plan) {
                Ok(mismatches) => {
                    report.verdicts.push(Verdict { name: case.name.to_owned(), place: case.place.clone(), mismatches })
                }
                Err(findings) => {
                    report.unusable += 1;
                    report.findings.extend(findings);
                }
            }
        }
        if report.verdicts.is_empty() && report.findings.is_empty() {
            report.findings.push(nothing(&cases, text));
        }
        report
    })
}

fn nothing(cases: &[Case<'_>], text: &str) -> Diagnostic {
    if cases.is_empty() {
        return Diagnostic::placeless(Code::Nothing, "the policy has no tests")
            .help("write some in `tests/`: a list of `{ name: …, as_of: …, customer: …, expect: … }` in a YAML file");
    }
    let near = crate::diag::nearest(text, cases.iter().map(|case| case.name));
    let finding = Diagnostic::placeless(Code::Nothing, format!("no test has `{text}` in its name"));
    finding.help(match near {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("the policy has {} tests; leave the filter out to run them all", cases.len()),
    })
}
