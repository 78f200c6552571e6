//! Decision tables: rows whose keys are outputs, or facts and decisions with a cell each.

use super::ids::Ids;
use super::referred::reason;
use crate::diag::{Code, Diagnostic, nearest};
use crate::lang::{Base, Expr, Kind, NodeRef, Type};
use crate::plan::lower::{Home, Lowerer, Subjects, wrong};
use crate::plan::node::{ChoiceRow, Hit};
use crate::plan::schema::RelationId;
use crate::policy::read;
use crate::policy::table::rows_or_table;
use crate::policy::tree::{Entry, Tree, TreeKind};

/// A row as read: its condition put together from `when:` and the cells.
pub(super) struct Row {
    pub(super) id: String,
    pub(super) tree: Tree,
    pub(super) when: Option<Expr>,
    pub(super) subject: RelationId,
}

impl Row {
    /// An output of the row.
    pub(super) fn output(&self, key: &str) -> Option<&Tree> {
        self.tree.get(key).map(|entry| &entry.value)
    }

    /// What is known to hold where the row's outputs are evaluated.
    pub(super) fn given(&self) -> Vec<Expr> {
        self.when.iter().cloned().collect()
    }
}

/// `hit:` of a table.
pub(super) const HITS: [(&str, Hit); 3] = [("first", Hit::First), ("unique", Hit::Unique), ("collect", Hit::List)];

/// `collect:` how several hits become one value.
pub(super) const COLLECTS: [(&str, Hit); 4] =
    [("list", Hit::List), ("sum", Hit::Sum), ("max", Hit::Max), ("min", Hit::Min)];

/// The rows of a table, written here or in a CSV file.
pub(super) fn rows<'t>(low: &mut Lowerer<'t>, tree: &'t Tree, outputs: &[&str], home: Home) -> Vec<Row> {
    let Some(trees) = rows_or_table(tree, low.folder, &mut low.sink) else { return Vec::new() };
    if trees.is_empty() {
        low.report(wrong(tree, Code::Nothing, "a table without rows").help("add at least one: `{ id: …, … }`"));
    }
    let mut ids = Ids::of("rows");
    let mut rows: Vec<Row> = Vec::new();
    for tree in trees {
        let Some(row) = row(low, tree, outputs, home) else { continue };
        ids.is_new(low, &row.id, &row.tree.place);
        rows.push(row);
    }
    rows
}

fn row(low: &mut Lowerer<'_>, tree: Tree, outputs: &[&str], home: Home) -> Option<Row> {
    let TreeKind::Map(entries) = &tree.kind else {
        low.report(wrong(&tree, Code::WrongShape, "a row is a mapping of keys to cells"));
        return None;
    };
    let id = match tree.get("id") {
        Some(entry) => read::id(&entry.value, &mut low.sink)?.to_string(),
        None => {
            low.report(wrong(&tree, Code::MissingKey, "a row needs an id, the auditor's handle").help("add `id: …`"));
            return None;
        }
    };
    let mut when: Option<Expr> = None;
    let mut subject = Subjects::PORTFOLIO;
    let mut sound = true;
    for entry in entries {
        let found = match entry.key.as_str() {
            "id" | "reason" | "label" => continue,
            key if outputs.contains(&key) => continue,
            "when" => low.condition(&entry.value, home),
            _ => cell(low, entry, outputs, home),
        };
        let Some(found) = found else {
            sound = false;
            continue;
        };
        subject = low.finer(subject, found.subject);
        when = Some(match when {
            None => found.expr,
            Some(before) => {
                let span = before.span;
                let kind = Kind::And(Box::new(before), Box::new(found.expr));
                Expr { kind, ty: Type::of(Base::Bool), span }
            }
        });
    }
    sound.then_some(Row { id, tree, when, subject })
}

fn cell(low: &mut Lowerer<'_>, entry: &Entry, outputs: &[&str], home: Home) -> Option<crate::plan::lower::Lowered> {
    let name = full_name(low, entry, outputs)?;
    let found = low.text(&name, &entry.key_place, home, None)?;
    let mut cell = low.cell(&entry.value, &found.expr, home)?;
    cell.subject = low.finer(cell.subject, found.subject);
    Some(cell)
}

/// A key's full name: `industry` stands for `customer.industry` where no other subject has one.
fn full_name(low: &mut Lowerer<'_>, entry: &Entry, outputs: &[&str]) -> Option<String> {
    let key = entry.key.as_str();
    if low.knows(key) {
        return Some(key.into());
    }
    const PREFIXES: [&str; 8] = ["customer", "account", "group", "portfolio", "invoice", "item", "order", "params"];
    let full: Vec<String> =
        PREFIXES.iter().map(|prefix| format!("{prefix}.{key}")).filter(|name| low.knows(name)).collect();
    match full.as_slice() {
        [one] => Some(one.clone()),
        [] if low.section_lacking(key).is_some() => {
            let section = low.section_lacking(key).unwrap_or_default();
            let message = format!("nothing decides `{key}`: there is no section `{section}:`");
            let finding = Diagnostic::error(Code::UnknownKey, message, entry.key_place.clone());
            low.report(finding.help(format!("add `{section}:`, or take `{key}:` out of the row")));
            None
        }
        [] => {
            let near = nearest(key, outputs.iter().copied()).map(str::to_string).or_else(|| low.nearest_name(key));
            let message = format!("`{key}` is neither an output of this table nor a fact or decision");
            let finding = Diagnostic::error(Code::UnknownKey, message, entry.key_place.clone());
            low.report(finding.help(match near {
                Some(near) => format!("did you mean `{near}`?"),
                None => {
                    let outputs: Vec<String> = outputs.iter().map(|name| format!("`{name}`")).collect();
                    format!("the outputs here are {}", outputs.join(", "))
                }
            }));
            None
        }
        several => {
            let message = format!("`{key}` may be `{}`", several.join("` or `"));
            let finding = Diagnostic::error(Code::UnknownKey, message, entry.key_place.clone());
            low.report(finding.help("write the full name"));
            None
        }
    }
}

/// The finest subject that rows and home ask for.
pub(super) fn subject(low: &Lowerer<'_>, rows: &[Row], least: RelationId) -> RelationId {
    rows.iter().fold(least, |finest, row| low.finer(finest, row.subject))
}

/// A choice whose value is the id of the row that hits; `complete` makes no hit a failure.
pub(super) fn choice_of_row(
    low: &mut Lowerer<'_>,
    name: &str,
    place: &crate::diag::Place,
    subject: RelationId,
    rows: &[Row],
    hit: Hit,
    complete: bool,
) -> NodeRef {
    let base = Type::one_of(rows.iter().map(|row| row.id.as_str()));
    let choices = rows
        .iter()
        .map(|row| {
            let tree = &row.tree;
            let gives = low.literal(&row.id, base.clone(), &tree.place);
            let reason = reason(low, tree, Home::At(subject));
            ChoiceRow { id: row.id.clone(), place: tree.place.clone(), when: row.when.clone(), gives, reason }
        })
        .collect();
    let ty = Type { base, optional: !complete };
    low.choose(name, subject, ty, place, hit, choices)
}

/// A node that reads one output of the row that hit: missing where the row leaves it out.
#[expect(clippy::too_many_arguments, reason = "a table's output is named, typed, placed and read from rows")]
pub(super) fn output_of_row(
    low: &mut Lowerer<'_>,
    name: &str,
    table: NodeRef,
    place: &crate::diag::Place,
    subject: RelationId,
    base: Base,
    rows: &[Row],
    find: impl Fn(&Row) -> Option<Tree>,
) -> Option<NodeRef> {
    let of = low.node(table)?.clone();
    let mut choices = Vec::new();
    let mut sound = true;
    let mut all = !of.ty.optional;
    for row in rows {
        let Some(tree) = find(row) else {
            all = false;
            continue;
        };
        let Some(gives) = low.value(&tree, Home::At(subject), &base, &row.given()) else {
            sound = false;
            continue;
        };
        let guard = if of.ty.optional { format!("is_given({}) && ", of.name) } else { String::new() };
        let text = format!("{guard}{} == \"{}\"", of.name, row.id);
        let when = Some(low.text(&text, &tree.place, Home::At(subject), None)?.expr);
        let place = row.tree.place.clone();
        choices.push(ChoiceRow { id: row.id.clone(), place, when, gives, reason: crate::lang::Words::new() });
    }
    if !sound {
        return None;
    }
    let ty = Type { base, optional: !all };
    Some(low.choose(name, subject, ty, place, Hit::First, choices))
}
