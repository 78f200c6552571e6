//! `usance test`

use std::path::PathBuf;

use clap::Args;

use super::{Exit, load, print};
use crate::check::tests;

#[derive(Args)]
pub(super) struct Test {
    /// The policy's folder.
    #[arg(long, value_name = "DIR", default_value = "policies/sme-trade")]
    policy: PathBuf,
    /// Run only the tests whose names contain this text.
    #[arg(long, value_name = "TEXT", default_value = "")]
    filter: String,
}

impl Test {
    pub(super) fn run(&self) -> Exit {
        let mut found = Vec::new();
        let policy = load::policy(&self.policy, &mut found);
        load::show(&found);
        let Some((folder, plan)) = policy else {
            return Exit::PolicyError;
        };
        let report = tests::run_matching(&folder, &plan, &self.filter);
        load::show(&report.findings);
        print::out(&report.to_string());
        if report.is_green() { Exit::Done } else { Exit::TestFailed }
    }
}
