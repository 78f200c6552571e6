//! `ageing: [0, 30, 60, 90]`: upper edges in days past due.

use crate::diag::Code;
use crate::lang::{Type, Words};
use crate::plan::lower::{Home, Lowerer, Subjects, wrong};
use crate::plan::node::{ChoiceRow, Hit, Take};
use crate::policy::read;
use crate::policy::tree::Entry;

/// The names of the buckets that the edges make: `current`, `d1_30`, …, `over_90`.
fn names(edges: &[i64]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let mut before: Option<i64> = None;
    for edge in edges {
        names.push(match before {
            None if *edge == 0 => "current".into(),
            None => format!("up_to_{edge}"),
            Some(before) => format!("d{}_{edge}", before + 1),
        });
        before = Some(*edge);
    }
    names.extend(before.map(|last| format!("over_{last}")));
    names
}

pub(super) fn read<'t>(low: &mut Lowerer<'t>, section: &'t Entry) {
    let Some(list) = read::list(&section.value, &mut low.sink) else { return };
    let mut edges: Vec<i64> = Vec::new();
    for tree in list {
        let Some(edge) = read::whole(tree, &mut low.sink) else { return };
        if edge < 0 || edges.last().is_some_and(|last| *last >= edge) {
            low.report(
                wrong(tree, Code::Overlap, format!("`{edge}` does not lie above the edge before it"))
                    .help("write upper edges in days, rising, as in `[0, 30, 60, 90]`"),
            );
            return;
        }
        edges.push(edge);
    }
    if edges.is_empty() {
        low.report(wrong(&section.value, Code::Nothing, "ageing without edges").help("write `[0, 30, 60, 90]`"));
        return;
    }
    let names = names(&edges);
    let place = section.value.place.clone();
    low.define(vec!["item.ageing".into()], &section.key_place, {
        let (names, place, edges) = (names.clone(), place.clone(), edges.clone());
        move |low| {
            let base = Type::one_of(&names);
            let mut rows = Vec::new();
            for (number, name) in names.iter().enumerate() {
                let when = match edges.get(number) {
                    Some(edge) => {
                        let text = format!("item.days_past_due <= {edge}");
                        let Some(when) = low.text(&text, &place, Home::At(Subjects::ITEM), None) else { return };
                        Some(when.expr)
                    }
                    None => None,
                };
                let gives = low.literal(name, base.clone(), &place);
                rows.push(ChoiceRow { id: name.clone(), place: place.clone(), when, gives, reason: Words::new() });
            }
            low.choose("item.ageing", Subjects::ITEM, Type::of(base), &place, Hit::First, rows);
        }
    });
    for (subject, prefix) in [(Subjects::ACCOUNT, "account"), (Subjects::PORTFOLIO, "portfolio")] {
        for name in &names {
            let place = place.clone();
            let full = format!("{prefix}.ageing.{name}");
            let filter = format!("item.ageing == \"{name}\"");
            low.define(vec![full.clone()], &section.key_place, move |low| {
                let tally = crate::plan::lower::Tally {
                    of: Subjects::ITEM,
                    take: Take::Sum,
                    value: Some("item.open"),
                    filter: Some(&filter),
                };
                low.tally(&full, subject, &place, tally);
            });
        }
    }
}
