//! What a section in error would have made: what reads it is not reported as well.

use crate::plan::lower::Lowerer;
use crate::policy::tree::{Entry, Tree, TreeKind};

/// Section, the names it makes as a whole, and what the names of its parts begin with (`None`: their own names).
type Made = (&'static str, &'static [&'static str], Option<&'static str>);

const MADE: &[Made] = &[
    ("facts", &[], None),
    ("reference", &["reference"], Some("reference.")),
    ("functions", &[], None),
    ("measures", &[], None),
    ("params", &[], Some("params.")),
    ("ageing", &["item.ageing", "account.ageing", "portfolio.ageing"], None),
    ("exposure", &["account.exposure", "group.exposure", "portfolio.exposure"], Some("exposure.")),
    ("knockouts", &[], Some("knockouts.")),
    ("scorecard", &["score", "scorecard"], None),
    ("notches", &["notches"], Some("notches.")),
    ("tiers", &["tier"], None),
    ("limit", &["limit"], None),
    ("limits", &[], Some("limits.")),
    ("review", &["review.due_on", "review.due", "review.overdue", "review.every"], None),
    ("amounts", &[], Some("")),
    ("terms", &["terms", "order.stage_1", "order.stage_2"], None),
    ("order_checks", &["order.decision", "order.hits"], Some("order_checks.")),
    ("warnings", &["warning", "warnings"], Some("warnings.")),
    ("approvals", &["approval", "approvals"], None),
    ("ladders", &[], Some("ladder.")),
    ("late_charge", &["item.late_charges", "item.claim", "account.late_charges"], Some("late_charge.")),
    ("provisions", &["provision", "account.provision", "portfolio.provision"], None),
    ("decide", &[], Some("")),
    ("states", &[], Some("")),
];

/// The section that makes a decision of this name, or a part of it: `tiers` for `tier`.
pub(crate) fn section_of(name: &str) -> Option<&'static str> {
    let is = |made: &str| name == made || name.strip_prefix(made).is_some_and(|rest| rest.starts_with('.'));
    MADE.iter().find(|(_, whole, _)| whole.iter().any(|made| is(made))).map(|(section, ..)| *section)
}

/// Gives up what a section did not come to declare.
pub(super) fn after(low: &mut Lowerer<'_>, section: &Entry) {
    let Some((_, whole, prefix)) = MADE.iter().find(|(name, ..)| *name == section.key) else { return };
    for name in *whole {
        if !low.has_under(name) {
            low.give_up(*name);
        }
    }
    match (&section.value.kind, prefix) {
        (TreeKind::Map(entries), None) => {
            for entry in entries {
                let name = entry.key.split('(').next().unwrap_or_default().trim();
                give_up_unless_known(low, name.to_string());
            }
        }
        (TreeKind::Map(entries), Some(prefix)) => {
            for list in entries.iter().filter(|e| e.key == "rules").map(|e| &e.value) {
                parts(low, list, prefix);
            }
        }
        (_, Some(prefix)) => parts(low, &section.value, prefix),
        _ => {}
    }
}

/// A section under a misspelt name makes what the right one would have made.
pub(super) fn misspelt(low: &mut Lowerer<'_>, section: &str) {
    let Some((_, whole, prefix)) = MADE.iter().find(|(name, ..)| *name == section) else { return };
    let prefix = prefix.map(|p| p.trim_end_matches('.')).filter(|p| !p.is_empty());
    for name in whole.iter().copied().chain(prefix) {
        if !low.has_under(name) {
            low.give_up(name);
        }
    }
}

fn parts(low: &mut Lowerer<'_>, list: &Tree, prefix: &str) {
    let TreeKind::List(items) = &list.kind else { return };
    for id in items.iter().filter_map(|item| item.get("id")?.value.text()) {
        give_up_unless_known(low, format!("{prefix}{id}"));
    }
}

fn give_up_unless_known(low: &mut Lowerer<'_>, name: String) {
    if !name.is_empty() && !low.knows(&name) && !low.has_under(&name) {
        low.give_up(name);
    }
}
