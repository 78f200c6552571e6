//! `usance check`

use std::path::PathBuf;

use clap::Args;

use super::{Exit, Format, load, print};
use crate::diag::to_json;

#[derive(Args)]
pub(super) struct Check {
    /// The policy's folder.
    #[arg(long, value_name = "DIR", default_value = "policies/sme-trade")]
    policy: PathBuf,
    /// Print the plan: each node with its subject, type and place.
    #[arg(long)]
    plan: bool,
    /// How findings are printed.
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

impl Check {
    pub(super) fn run(&self) -> Exit {
        let mut found = Vec::new();
        let policy = load::policy(&self.policy, &mut found);
        match self.format {
            Format::Human => load::show(&found),
            Format::Json => print::out(&format!("{:#}\n", to_json(&found))),
        }
        let Some((_, plan)) = policy else {
            return Exit::PolicyError;
        };
        if self.plan {
            print::out(&plan.listing());
        } else if self.format == Format::Human {
            let rules = plan.nodes.len();
            print::out(&format!("{} {}: {rules} nodes, no errors\n", plan.header.policy, plan.header.version));
        }
        Exit::Done
    }
}
