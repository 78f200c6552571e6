//! `usance test`

use std::path::PathBuf;

use clap::Args;

use super::{Exit, load, print};
use crate::check::tests;
use crate::timings::Timings;

#[derive(Args)]
pub(super) struct Test {
    /// The policy's folder.
    #[arg(long, value_name = "DIR", default_value = "policies/sme-trade")]
    policy: PathBuf,
    /// A folder of policies in which those that it extends may lie.
    #[arg(long, value_name = "DIR")]
    policies: Option<PathBuf>,
    /// Run only the tests whose names contain this text.
    #[arg(long, value_name = "TEXT", default_value = "")]
    filter: String,
    /// Run the tests of the policies it extends as well, as this policy decides: what fails shows what it changed.
    #[arg(long)]
    bases: bool,
    /// List the rules that no test hits.
    #[arg(long)]
    coverage: bool,
}

impl Test {
    pub(super) fn run(&self) -> Exit {
        let mut found = Vec::new();
        let policy = load::policy(&self.policy, self.policies.as_deref(), &Timings::off(), &mut found);
        load::show(&found);
        let Some((mut folder, plan)) = policy else {
            return Exit::PolicyError;
        };
        if self.bases {
            folder.tests.extend(folder.bases.iter_mut().flat_map(|base| std::mem::take(&mut base.tests)));
        }
        let report = tests::run_matching(&folder, &plan, &self.filter);
        load::show(&report.findings);
        print::out(&report.to_string());
        if self.coverage {
            let covered = tests::coverage(&folder, &plan);
            for rule in &covered.never {
                print::out(&format!("no test hits {} `{}`, {}\n", rule.decision, rule.id, rule.place));
            }
            print::out(&format!("{} of {} rules are hit\n", covered.rules - covered.never.len(), covered.rules));
        }
        if report.is_green() { Exit::Done } else { Exit::TestFailed }
    }
}
