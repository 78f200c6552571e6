//! Who the policy is: `usance policy version title effective`.

use crate::diag::{Code, Diagnostic, Place, Span};
use crate::plan::lower::{Lowerer, wrong};
use crate::policy::fields::Fields;
use crate::policy::read;
use crate::policy::tree::Entry;

/// The version of the language that this program speaks.
const LANGUAGE: i64 = 1;

pub(super) fn language<'t>(low: &mut Lowerer<'t>, section: &'t Entry) {
    if let Some(version) = read::whole(&section.value, &mut low.sink)
        && version != LANGUAGE
    {
        let message = format!("this program speaks version {LANGUAGE} of the language, not {version}");
        low.report(wrong(&section.value, Code::UnknownValue, message).help(format!("write `usance: {LANGUAGE}`")));
    }
}

pub(super) fn policy<'t>(low: &mut Lowerer<'t>, section: &'t Entry) {
    if let Some(id) = read::id(&section.value, &mut low.sink) {
        low.plan.header.policy = id.into();
    }
}

pub(super) fn version<'t>(low: &mut Lowerer<'t>, section: &'t Entry) {
    if let Some(text) = read::text(&section.value, &mut low.sink) {
        low.plan.header.version = text.text.clone();
    }
}

pub(super) fn title<'t>(low: &mut Lowerer<'t>, section: &'t Entry) {
    if let Some(words) = read::words(&section.value, &mut low.sink) {
        low.plan.header.title = words.into_iter().map(|(language, text)| (language, text.text)).collect();
    }
}

pub(super) fn effective<'t>(low: &mut Lowerer<'t>, section: &'t Entry) {
    let Some(mut fields) = Fields::of(&section.value, "`effective`", &mut low.sink) else { return };
    let from = fields.take("from", &mut low.sink).and_then(|t| read::date(t, &mut low.sink));
    let before = fields.take("before", &mut low.sink).and_then(|t| read::date(t, &mut low.sink));
    fields.finish(&mut low.sink);
    if let (Some(from), Some(before)) = (from, before)
        && before <= from
    {
        let message = format!("the policy would end ({before}) before it begins ({from})");
        low.report(
            wrong(&section.value, Code::Overlap, message).help("`before` is the first day it is no longer in force"),
        );
    }
    low.plan.header.from = from;
    low.plan.header.before = before;
}

/// What every policy must say of itself.
pub(super) fn required(low: &mut Lowerer<'_>) {
    let (mut keys, mut lines) = (Vec::new(), Vec::new());
    for (key, example) in [
        ("usance", "usance: 1"),
        ("policy", "policy: my_policy"),
        ("version", "version: \"2026.1\""),
        ("money", "money: { currency: CNY, round_to: 0.01, mode: half_even }"),
    ] {
        if low.has_section(key) {
            continue;
        }
        keys.push(format!("`{key}:`"));
        lines.push(format!("`{example}`"));
    }
    if keys.is_empty() {
        return;
    }
    let message = format!("the policy does not say {}", keys.join(", "));
    let mut finding = Diagnostic::placeless(Code::MissingKey, message).help(format!("add {}", lines.join(", ")));
    finding.place = low.folder.manifest().map(|source| Place::new(source, Span::new(0, 0)));
    low.report(finding);
}
