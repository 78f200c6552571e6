//! One file a section: how each is read and what nodes it means.
//!
//! A section's file declares names; the names are lowered when something first needs them. Nothing outside this folder
//! knows a section's name.

mod ageing;
mod amounts;
mod approvals;
mod bands;
mod calendar;
mod charges;
mod decide;
mod exposure;
mod facts;
mod functions;
pub(super) mod given_up;
mod ids;
mod invariants;
mod ladders;
mod limit;
mod manifest;
mod memory;
mod money;
mod orders;
mod outputs;
mod params;
mod provisions;
mod reference;
mod referred;
mod review;
mod scorecard;
mod scoring;
mod share;
mod split;
mod states;
mod steps;
mod table;
mod terms;
mod warnings;

use super::lower::Lowerer;
use crate::diag::{Code, Diagnostic, nearest};
use crate::policy::tree::Entry;

type Reader = for<'t> fn(&mut Lowerer<'t>, &'t Entry);

/// The sections in the order they are read; what one reads of another is found whatever the order.
const SECTIONS: &[(&str, Reader)] = &[
    ("usance", manifest::language),
    ("policy", manifest::policy),
    ("version", manifest::version),
    ("title", manifest::title),
    ("effective", manifest::effective),
    ("money", money::read),
    ("calendar", calendar::read),
    ("facts", facts::read),
    ("params", params::read),
    ("reference", reference::read),
    ("functions", functions::read),
    ("ageing", ageing::read),
    ("measures", measures),
    ("exposure", exposure::read),
    ("knockouts", scoring::knockouts),
    ("scorecard", scorecard::read),
    ("notches", scoring::notches),
    ("tiers", scoring::tiers),
    ("limit", limit::read),
    ("limits", limit::read_named),
    ("review", review::read),
    ("amounts", amounts::read),
    ("terms", terms::read),
    ("order_checks", orders::read),
    ("warnings", warnings::read),
    ("approvals", approvals::read),
    ("ladders", ladders::read),
    ("late_charge", charges::read),
    ("provisions", provisions::read),
    ("decide", decide::read),
    ("states", states::read),
    ("invariants", invariants::read),
    ("outputs", outputs::read),
];

/// What is no section of its own, and the section it stands in.
const INSIDE: [(&str, &str); 3] = [("sources", "limit"), ("rises", "limit"), ("exceptions", "order_checks")];

fn measures<'t>(low: &mut Lowerer<'t>, section: &'t Entry) {
    low.declare_measures(&section.value, false);
}

/// Declares everything the policy says.
pub(crate) fn declare(low: &mut Lowerer<'_>) {
    let folder = low.folder;
    for (name, reader) in SECTIONS {
        if let Some(section) = folder.section(name) {
            let before = low.sink.len();
            reader(low, section);
            if low.sink.len() > before {
                given_up::after(low, section);
            }
        }
    }
    manifest::required(low);
    referred::declare(low);
    review::declare(low);
    let known = || SECTIONS.iter().map(|(name, _)| *name);
    for section in &folder.sections {
        if known().any(|name| name == section.key) {
            continue;
        }
        let key = section.key.as_str();
        let inside = INSIDE.iter().find(|(name, _)| *name == key);
        let (message, help) = if let Some((_, section)) = inside {
            (format!("`{key}` is no section of its own"), format!("write it under `{section}:`"))
        } else {
            let near = nearest(key, known());
            if let Some(near) = near {
                given_up::misspelt(low, near);
            }
            let help = match near {
                Some(near) => format!("did you mean `{near}`?"),
                None => {
                    format!("the sections are {}", known().map(|s| format!("`{s}`")).collect::<Vec<_>>().join(", "))
                }
            };
            (format!("there is no section `{key}`"), help)
        };
        low.report(Diagnostic::error(Code::UnknownKey, message, section.key_place.clone()).help(help));
    }
}

pub(crate) use money::converts;
pub(crate) use outputs::declare as declare_outputs;
pub(crate) use referred::Referral;
