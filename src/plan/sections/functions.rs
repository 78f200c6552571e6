//! `functions:` what the scripts give, with types, so that calls are checked before anything runs.

use std::collections::BTreeMap;

use crate::lang::script::{self, Signature};
use crate::lang::{Base, Type};
use crate::plan::lower::{Lowerer, wrong};
use crate::policy::fields::Fields;
use crate::policy::read;
use crate::policy::tree::{Entry, Tree, TreeKind};

use super::facts::TYPES;
use crate::diag::{Code, SourceText};

pub(super) fn read<'t>(low: &mut Lowerer<'t>, section: &'t Entry) {
    let TreeKind::Map(entries) = &section.value.kind else {
        low.report(
            wrong(&section.value, Code::WrongShape, "`functions` is a mapping of names to signatures")
                .help("as in `seasonal_factor: { script: scripts/seasonal.rhai, takes: [int], gives: number }`"),
        );
        return;
    };
    let mut by_script: BTreeMap<&str, (&'t Tree, Vec<Signature>)> = BTreeMap::new();
    for entry in entries {
        if let Some((file, signature)) = signature(low, entry) {
            let name = file.text().unwrap_or_default();
            by_script.entry(name).or_insert_with(|| (file, Vec::new())).1.push(signature);
        }
    }
    let mut functions = Vec::new();
    for (file, signatures) in by_script.into_values() {
        let Some(source) = low.folder.file(file, &mut low.sink) else { continue };
        let plan = &low.plan;
        let loaded = script::load(&SourceText::whole(source), &signatures, &plan.calendar, plan.money.rounding);
        loaded.found.into_iter().for_each(|finding| low.report(finding));
        functions.extend(loaded.functions);
    }
    functions.sort_by_key(|(number, _)| *number);
    low.plan.functions = functions.into_iter().map(|(_, function)| function).collect();
}

fn signature<'t>(low: &mut Lowerer<'t>, entry: &'t Entry) -> Option<(&'t Tree, Signature)> {
    if let Err(finding) = read::check_id(&entry.key, &entry.key_place) {
        low.report(*finding);
        return None;
    }
    let mut fields = Fields::of(&entry.value, "a function", &mut low.sink)?;
    let file = fields.need("script", &mut low.sink);
    let takes = fields.need("takes", &mut low.sink);
    let gives = fields.need("gives", &mut low.sink);
    fields.finish(&mut low.sink);
    let takes = read::list(takes?, &mut low.sink)?.iter().map(|tree| ty(low, tree)).collect::<Option<Vec<_>>>()?;
    let gives = ty(low, gives?)?;
    let function = low.declare_function(&entry.key, &takes, &gives);
    Some((file?, Signature { name: entry.key.clone(), takes, gives, place: entry.key_place.clone(), function }))
}

/// `number`, or `optional number`.
fn ty(low: &mut Lowerer<'_>, tree: &Tree) -> Option<Type> {
    let text = read::text(tree, &mut low.sink)?.text.as_str();
    let optional = text.starts_with("optional ");
    let name = text.trim_start_matches("optional ");
    let known: Vec<(&str, &Base)> = TYPES.iter().filter_map(|(name, base)| Some((*name, base.as_ref()?))).collect();
    match known.iter().find(|(known, _)| *known == name) {
        Some((_, base)) => Some(Type { base: (*base).clone(), optional }),
        None => {
            let names = known.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
            low.report(
                wrong(tree, Code::UnknownValue, format!("`{text}` is not a type"))
                    .help(format!("write one of {names}, with `optional ` before it where it may be missing")),
            );
            None
        }
    }
}
