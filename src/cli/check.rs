//! `usance check`

use std::path::PathBuf;

use clap::Args;

use super::{Exit, Format, load, print};
use crate::diag::{Diagnostic, to_json};
use crate::plan::Plan;
use crate::policy::extends;
use crate::policy::folder::Folder;
use crate::timings::Timings;

#[derive(Args)]
pub(super) struct Check {
    /// The policy's folder.
    #[arg(long, value_name = "DIR", default_value = "policies/sme-trade")]
    policy: PathBuf,
    /// A folder of policies in which those that it extends may lie.
    #[arg(long, value_name = "DIR")]
    policies: Option<PathBuf>,
    /// Print the plan: each node with its subject, type and place.
    #[arg(long)]
    plan: bool,
    /// Say on the error stream how long each phase took.
    #[arg(long)]
    timings: bool,
    /// How findings are printed.
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

impl Check {
    pub(super) fn run(&self) -> Exit {
        let timings = Timings::asked(self.timings);
        let exit = self.check(&timings);
        eprint!("{timings}");
        exit
    }

    fn check(&self, timings: &Timings) -> Exit {
        let mut found = Vec::new();
        let policy = load::policy(&self.policy, self.policies.as_deref(), timings, &mut found);
        timings.phase("write", || self.tell(&found, policy))
    }

    fn tell(&self, found: &[Diagnostic], policy: Option<(Folder, Plan)>) -> Exit {
        match self.format {
            Format::Human => load::show(found),
            Format::Json => {
                let mut all = to_json(found);
                if let (Some(all), Some((folder, _))) = (all.as_array_mut(), &policy) {
                    all.extend(extends::to_json(folder));
                }
                print::out(&format!("{all:#}\n"));
            }
        }
        let Some((folder, plan)) = policy else {
            return Exit::PolicyError;
        };
        if self.plan {
            print::out(&plan.listing());
        } else if self.format == Format::Human {
            print::out(&extends::listing(&folder));
            let rules = plan.nodes.len();
            print::out(&format!("{} {}: {rules} nodes, no errors\n", plan.header.policy, plan.header.version));
        }
        // The program ends here: nobody waits for what it holds to be given back piece by piece.
        std::mem::forget((folder, plan));
        Exit::Done
    }
}
