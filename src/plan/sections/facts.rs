//! `facts:` what this policy needs to know beyond the standard facts.

use std::collections::BTreeSet;

use crate::diag::{Code, Diagnostic};
use crate::lang::{Base, Type};
use crate::plan::lower::{Lowerer, wrong};
use crate::plan::schema::{Fact, fact_prefix};
use crate::policy::fields::Fields;
use crate::policy::read;
use crate::policy::tree::{Entry, Tree, TreeKind};

/// The types a fact, parameter or decision may have, by their names; `one_of` brings its values along.
pub(super) const TYPES: [(&str, Option<Base>); 9] = [
    ("bool", Some(Base::Bool)),
    ("int", Some(Base::Int)),
    ("number", Some(Base::Number)),
    ("money", Some(Base::Money)),
    ("days", Some(Base::Days)),
    ("months", Some(Base::Months)),
    ("date", Some(Base::Date)),
    ("text", Some(Base::Text)),
    ("one_of", None),
];

pub(super) fn read<'t>(low: &mut Lowerer<'t>, section: &'t Entry) {
    let TreeKind::Map(entries) = &section.value.kind else {
        low.report(
            wrong(&section.value, Code::WrongShape, "`facts` is a mapping of names to types")
                .help("as in `customer.lawsuits: { type: int }`"),
        );
        return;
    };
    for entry in entries {
        fact(low, entry);
    }
}

fn fact<'t>(low: &mut Lowerer<'t>, entry: &'t Entry) {
    if let Some(written) = entry.value.text() {
        let known = |word: &str| TYPES.iter().any(|(name, _)| *name == word);
        let ty = if known(written) { written } else { synonym(written).unwrap_or("text") };
        let finding = wrong(&entry.value, Code::WrongShape, "a fact is described by a mapping");
        low.report(finding.help(format!("write `{{ type: {ty} }}`")));
        return;
    }
    let Some(mut fields) = Fields::of(&entry.value, "a fact", &mut low.sink) else { return };
    let base = read_type(low, &mut fields);
    let flag = |low: &mut Lowerer<'t>, tree: Option<&'t Tree>| {
        tree.and_then(|t| read::boolean(t, &mut low.sink)).unwrap_or(false)
    };
    let optional = fields.take("optional", &mut low.sink);
    let optional = flag(low, optional);
    let pii = fields.take("pii", &mut low.sink);
    let pii = flag(low, pii);
    if let Some(label) = fields.take("label", &mut low.sink) {
        read::words(label, &mut low.sink);
    }
    fields.finish(&mut low.sink);

    let declared = entry.key.split_once('.').and_then(|(prefix, name)| {
        let relation = low.subject_named(prefix)?;
        let found = low.plan.schema.get(relation)?;
        (fact_prefix(&found.name) == prefix).then_some((relation, name))
    });
    let Some((relation, name)) = declared else {
        let finding = Diagnostic::error(
            Code::BadId,
            format!("`{}` does not say whose fact it is", entry.key),
            entry.key_place.clone(),
        );
        low.report(finding.help(match entry.key.strip_prefix("account.") {
            Some(name) => format!("write `customer.{name}`: `account.…` is what is computed"),
            None => "write `customer.…`, `invoice.…`, `order.…` or `group.…` before the name".to_string(),
        }));
        return;
    };
    if let Err(finding) = read::check_id(name, &entry.key_place) {
        low.report(*finding);
        return;
    }
    if low.plan.schema.fact(relation, name).is_some() || low.declared_at(&entry.key).is_some() {
        let message = format!("`{}` is a standard fact already", entry.key);
        let finding = Diagnostic::error(Code::Redeclared, message, entry.key_place.clone());
        low.report(finding.help("leave it out here: it may be used without declaring it"));
        return;
    }
    if let Some(mut base) = base {
        if base.is_amount() {
            if let Some(plain) = name.strip_prefix("own_") {
                let message =
                    format!("`own_` begins the name of an amount in its document's currency, as `{name}` does");
                let finding = Diagnostic::error(Code::BadId, message, entry.key_place.clone());
                let prefix = entry.key.split('.').next().unwrap_or_default();
                low.report(finding.help(format!("declare `{prefix}.{plain}`; `{}` can be read then", entry.key)));
                return;
            }
            base = low.plan.schema.amount(relation);
        }
        let fact = Fact { name: name.into(), ty: Type { base, optional }, declared: true, pii };
        low.plan.schema.declare(relation, fact);
    }
}

/// Our word for a type that other languages call otherwise.
fn synonym(word: &str) -> Option<&'static str> {
    Some(match word.to_ascii_lowercase().as_str() {
        "boolean" | "flag" | "yes_no" => "bool",
        "integer" | "whole" | "count" => "int",
        "decimal" | "float" | "double" | "percent" | "percentage" | "share" | "ratio" => "number",
        "amount" | "currency" => "money",
        "string" | "str" => "text",
        "day" | "duration" => "days",
        "month" => "months",
        "enum" | "choice" | "category" => "one_of",
        _ => return None,
    })
}

/// One of the types, by its number in [`TYPES`].
pub(super) fn type_number(low: &mut Lowerer<'_>, tree: &Tree, numbers: &[(&str, usize)]) -> Option<usize> {
    if let Some((word, meant)) = tree.text().and_then(|word| Some((word, synonym(word)?)))
        && numbers.iter().any(|(name, _)| *name == meant)
    {
        let finding = wrong(tree, Code::UnknownValue, format!("`{word}` is not a type"));
        low.report(finding.help(format!("write `{meant}`")));
        return None;
    }
    read::one_of(tree, numbers, &mut low.sink)
}

/// `type:` and, for `one_of`, `values:`.
pub(super) fn read_type<'t>(low: &mut Lowerer<'t>, fields: &mut Fields<'t>) -> Option<Base> {
    let tree = fields.need("type", &mut low.sink);
    let values = fields.take("values", &mut low.sink);
    let numbers: Vec<(&str, usize)> = TYPES.iter().enumerate().map(|(n, (name, _))| (*name, n)).collect();
    let tree = tree?;
    if tree.text() == Some("own_money") && values.is_none() {
        // Of which document, the caller knows.
        return Some(Base::OwnMoney("".into()));
    }
    let number = type_number(low, tree, &numbers)?;
    let base = TYPES.get(number).and_then(|(_, base)| base.clone());
    match (base, values) {
        (Some(base), None) => Some(base),
        (Some(_), Some(values)) => {
            low.report(
                wrong(values, Code::UnknownKey, "`values` goes with `type: one_of`")
                    .help("take it out, or write `type: one_of`"),
            );
            None
        }
        (None, Some(values)) => {
            let list = read::list(values, &mut low.sink)?;
            let texts: Vec<&str> =
                list.iter().filter_map(|v| read::text(v, &mut low.sink)).map(|t| t.text.as_str()).collect();
            let mut before = BTreeSet::new();
            for (n, value) in texts.iter().enumerate() {
                if !before.insert(value)
                    && let Some(tree) = list.get(n)
                {
                    low.report(
                        wrong(tree, Code::DuplicateId, format!("the value `{value}` stands twice"))
                            .help("keep one of the two"),
                    );
                }
            }
            Some(Type::one_of(texts))
        }
        (None, None) => {
            low.report(
                wrong(tree, Code::MissingKey, "`one_of` needs its values").help("add `values: [first, second]`"),
            );
            None
        }
    }
}
