//! What of each table leaves: the columns and their order, the rows, and how much of the reasons.

use super::{header, shown};
use crate::diag::{Code, Diagnostic, Place, nearest};
use crate::lang::{Base, NodeRef, Type};
use crate::plan::lower::{Home, Lowerer, Subjects, wrong};
use crate::plan::node::{ACTIONS, ActionList, Column, Form, Output};
use crate::plan::passes::each_read;
use crate::policy::fields::Fields;
use crate::policy::read;
use crate::policy::tree::{Entry, Tree, TreeKind};

/// What stands first in every table.
const OWN: [&str; 2] = ["id", "status"];

/// What people call a table, and its name.
const CALLED: [(&str, &[&str]); 4] = [
    ("decisions", &["customer", "customers", "account", "accounts", "decision"]),
    ("invoices", &["invoice", "item", "items"]),
    ("orders", &["order"]),
    (ACTIONS, &["action", "ladders"]),
];

/// What can never be left out.
const ALWAYS: [&str; 3] = ["failures", "rejects", "run"];

/// The table from which the book of a later day takes what was decided.
const REMEMBERED: &str = "decisions";

/// How much of the why leaves.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reasons {
    None,
    Rules,
    Full,
}

const REASONS: [(&str, Reasons); 3] = [("none", Reasons::None), ("rules", Reasons::Rules), ("full", Reasons::Full)];

/// Lets leave what the policy says; where it says nothing, everything.
pub(super) fn apply(low: &mut Lowerer<'_>) {
    low.plan.outputs.clone_from(&low.plan.tables);
    let folder = low.folder;
    let Some(section) = folder.section("outputs") else { return };
    let example = "invoices: { columns: [open, days_past_due] }";
    let Some(fields) = Fields::like(&section.value, "`outputs`", example, &mut low.sink) else { return };
    for entry in fields.rest() {
        table(low, entry);
        if entry.key == REMEMBERED {
            not_remembered(low, entry);
        }
    }
}

/// Warns of decisions in force that are read and that the next run will not find, since this one does not put them out.
fn not_remembered(low: &mut Lowerer<'_>, entry: &Entry) {
    let plan = &low.plan;
    let mut read: Vec<bool> = vec![false; plan.nodes.len()];
    for node in &plan.nodes {
        each_read(node, &mut |at| read.get_mut(at.0 as usize).into_iter().for_each(|read| *read = true));
    }
    let Some(table) = plan.tables.iter().find(|table| table.table == REMEMBERED) else { return };
    let output = plan.outputs.iter().find(|output| output.table == REMEMBERED);
    let leaves =
        |node: NodeRef| output.is_some_and(|of| of.only.is_none() && of.columns.iter().any(|c| c.node == node));
    let lost = plan.nodes.iter().zip(read).filter(|(_, read)| *read).filter_map(|(node, _)| {
        let decision = node.name.strip_prefix("previous.")?;
        let shows = |column: &&Column| plan.node(column.node).is_some_and(|node| node.name == decision);
        let column = table.columns.iter().find(shows).filter(|column| !leaves(column.node))?;
        Some((format!("`{}`", node.name), format!("`{}`", column.header)))
    });
    let (names, headers): (Vec<String>, Vec<String>) = lost.unzip();
    if names.is_empty() {
        return;
    }
    let (are, it) = if names.len() == 1 { ("is", "it") } else { ("are", "them") };
    let message = format!("{} {are} read, and not every row of `{REMEMBERED}` leaves with {it}", names.join(", "));
    let help = format!("let {} leave without a `where`, or keep what is in force in another way", headers.join(", "));
    low.report(Diagnostic::error(Code::Nothing, message, entry.key_place.clone()).as_warning().help(help));
}

fn table(low: &mut Lowerer<'_>, entry: &Entry) {
    let known = low.plan.tables.iter().find(|table| table.table == entry.key).cloned();
    if known.is_none() && entry.key != ACTIONS {
        return unknown_table(low, entry);
    }
    let Some(fields) = (match &entry.value.kind {
        TreeKind::Map(_) => Fields::of(&entry.value, &format!("`{}`", entry.key), &mut low.sink),
        _ if entry.value.text() == Some("off") => {
            match known {
                Some(_) => low.plan.outputs.retain(|output| output.table != entry.key),
                None => low.plan.actions = ActionList { is_put_out: false, ..ActionList::WHOLE },
            }
            return;
        }
        _ => return neither_off_nor_keys(low, entry),
    }) else {
        return;
    };
    match known {
        Some(table) => limit(low, &table, fields),
        None => limit_actions(low, entry, fields),
    }
}

fn unknown_table(low: &mut Lowerer<'_>, entry: &Entry) {
    let key = entry.key.as_str();
    let finding = |message: String| Diagnostic::error(Code::UnknownKey, message, entry.key_place.clone());
    if ALWAYS.contains(&key) {
        let message = format!("`{key}` always leaves: what was not read or not decided is never kept back");
        return low.report(finding(message).help("take it out"));
    }
    let tables: Vec<String> = low.plan.tables.iter().map(|table| table.table.clone()).collect();
    let names = || tables.iter().map(String::as_str).chain([ACTIONS]);
    let called = CALLED.iter().find(|(name, others)| names().any(|known| known == *name) && others.contains(&key));
    let near = called.map(|(name, _)| *name).or_else(|| nearest(key, names()));
    let list = names().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let help = match near {
        Some(near) => format!("did you mean `{near}`? the tables are {list}"),
        None => format!("the tables are {list}"),
    };
    low.report(finding(format!("a run has no table `{key}`")).help(help));
}

fn neither_off_nor_keys(low: &mut Lowerer<'_>, entry: &Entry) {
    let key = &entry.key;
    let part = if key == ACTIONS { "reasons: none" } else { "columns: [ … ]" };
    let Some(written) = entry.value.text().filter(|_| !entry.value.is_null()) else {
        let (message, code) = (format!("`{key}` is `off`, or says what of it leaves"), Code::WrongShape);
        let help = format!("write `{key}: off`, or `{key}: {{ {part} }}`");
        let place = if entry.value.is_null() { entry.key_place.clone() } else { entry.value.place.clone() };
        return low.report(Diagnostic::error(code, message, place).help(help));
    };
    let means_all = ["on", "yes", "true", "y", "all", "full"].contains(&written.to_ascii_lowercase().as_str());
    let help = match means_all {
        true => format!("take `{key}` out: a table that is not named leaves whole"),
        false => format!("write `{key}: off` to leave it out, or `{key}: {{ {part} }}`"),
    };
    let message = format!("`{written}` does not say what of `{key}` leaves");
    low.report(wrong(&entry.value, Code::UnknownValue, message).help(help));
}

fn limit(low: &mut Lowerer<'_>, table: &Output, mut fields: Fields<'_>) {
    let columns = fields.take("columns", &mut low.sink);
    let only = fields.take("where", &mut low.sink);
    let reasons = fields.take("reasons", &mut low.sink);
    fields.finish(&mut low.sink);
    let reasons = reasons.and_then(|tree| read::one_of(tree, &REASONS, &mut low.sink)).unwrap_or(Reasons::Full);
    let mut columns = match columns {
        Some(tree) => self::columns(low, table, tree),
        None => table.columns.clone(),
    };
    for column in &mut columns {
        column.with_rule &= reasons != Reasons::None;
        column.with_reasons &= reasons == Reasons::Full;
    }
    let only = only.and_then(|tree| condition(low, table, tree));
    if let Some(output) = low.plan.outputs.iter_mut().find(|output| output.table == table.table) {
        (output.columns, output.only) = (columns, only);
    }
}

fn limit_actions(low: &mut Lowerer<'_>, entry: &Entry, mut fields: Fields<'_>) {
    for key in ["columns", "where"] {
        let Some(found) = entry.value.get(key).filter(|_| fields.has(key)) else { continue };
        let message = format!("the action list knows no `{key}`: the next run reads it back whole");
        let finding = Diagnostic::error(Code::UnknownKey, message, found.key_place.clone());
        low.report(finding.help("take it out; which actions are proposed is said by the ladders"));
    }
    let reasons = fields.take("reasons", &mut low.sink);
    fields.finish(&mut low.sink);
    let reasons = reasons.and_then(|tree| read::one_of(tree, &REASONS, &mut low.sink)).unwrap_or(Reasons::Full);
    low.plan.actions.with_places = reasons != Reasons::None;
    low.plan.actions.with_reasons = reasons == Reasons::Full;
}

/// Adds the condition under which a row leaves.
fn condition(low: &mut Lowerer<'_>, table: &Output, tree: &Tree) -> Option<NodeRef> {
    let found = low.condition(tree, Home::At(table.subject))?;
    let name = format!("outputs.{}", table.table);
    Some(low.add(&name, table.subject, Type::of(Base::Bool), &tree.place, Form::Expr(found.expr)))
}

fn columns(low: &mut Lowerer<'_>, table: &Output, tree: &Tree) -> Vec<Column> {
    let Some(written) = read::list(tree, &mut low.sink) else { return Vec::new() };
    if written.is_empty() {
        let name = &table.table;
        let finding = wrong(tree, Code::WrongShape, "no column is named");
        let help = format!("name the columns, take `columns` out for all of them, or write `{name}: off` for none");
        low.report(finding.help(help));
    }
    let mut columns: Vec<Column> = Vec::with_capacity(written.len());
    let mut places: Vec<&Place> = Vec::new();
    for tree in written {
        let Some(column) = column(low, table, tree) else { continue };
        if let Some((_, first)) = columns.iter().zip(&places).find(|(known, _)| known.header == column.header) {
            let message = format!("the column `{}` stands twice", column.header);
            let finding = wrong(tree, Code::DuplicateId, message).also((*first).clone(), "first named here");
            low.report(finding.help("leave one of the two out"));
            continue;
        }
        columns.push(column);
        places.push(&tree.place);
    }
    columns
}

/// A column by its header in the whole table, or by the name of anything that its rows can read.
fn column(low: &mut Lowerer<'_>, table: &Output, tree: &Tree) -> Option<Column> {
    let written = read::text(tree, &mut low.sink)?.text.clone();
    let plan = &low.plan;
    let is = |column: &&Column| column.header == written;
    let called = |column: &&Column| plan.node(column.node).is_some_and(|node| node.name == written);
    if let Some(column) = table.columns.iter().find(is).or_else(|| table.columns.iter().find(called)) {
        return Some(column.clone());
    }
    if OWN.contains(&written.as_str()) {
        let message = format!("`{written}` stands in every table already");
        low.report(wrong(tree, Code::DuplicateId, message).help("take it out: `id` and `status` always come first"));
        return None;
    }
    match low.demand(&written, &tree.place) {
        Some(Ok(node)) => new_column(low, table, tree, &written, node),
        Some(Err(())) => None,
        None => {
            unknown_column(low, table, tree, &written);
            None
        }
    }
}

/// A column that the whole table does not have.
fn new_column(low: &mut Lowerer<'_>, table: &Output, tree: &Tree, written: &str, node: NodeRef) -> Option<Column> {
    let about = low.node(node)?.subject;
    if !low.plan.schema.is_at_or_above(about, table.subject) {
        let [below, row] = [about, table.subject].map(|of| low.subject_name(of));
        let message = format!("`{written}` is about each {below}, and a row of `{}` is about the {row}", table.table);
        let of_other = low.plan.tables.iter().find(|other| other.subject == about);
        let help = match of_other {
            _ if low.plan.schema.is_at_or_above(table.subject, about) => {
                format!(
                    "count or sum it in `measures:` first, as in `{row}.my_measure: {{ of: {below}, take: sum, value: {written} }}`"
                )
            }
            Some(other) => format!("name it under `{}:`", other.table),
            None => "leave it out".to_owned(),
        };
        low.report(wrong(tree, Code::Below, message).help(help));
        return None;
    }
    let with_rule = matches!(low.node(low.plan.source(node)).map(|node| &node.form), Some(Form::Choice(_)));
    let header = header_in(low, table, written);
    Some(Column { header, node, with_rule, with_reasons: with_rule })
}

/// The name without that of what the row is about, unless something else is called so: `last_rung` for `item.last_rung`.
fn header_in(low: &Lowerer<'_>, table: &Output, written: &str) -> String {
    let own = low.subject_name(table.subject);
    let prefixes = if table.subject == Subjects::ACCOUNT { vec!["customer", "account"] } else { vec![own.as_str()] };
    let bare = prefixes.iter().find_map(|prefix| written.strip_prefix(prefix)?.strip_prefix('.')).map(header);
    let is_taken = |name: &String| OWN.contains(&name.as_str()) || table.columns.iter().any(|c| c.header == *name);
    bare.filter(|name| !is_taken(name)).unwrap_or_else(|| written.replace('.', "_"))
}

fn unknown_column(low: &mut Lowerer<'_>, table: &Output, tree: &Tree, written: &str) {
    let name = shown(&table.table, written);
    if name.is_some_and(|name| low.is_given_up(name)) {
        return;
    }
    let beside = ["_rule", "_place", "_reason_en", "_reason_zh"].iter().find_map(|end| written.strip_suffix(end));
    let help = if let Some(section) = low.section_lacking(name.unwrap_or(written)) {
        format!("the policy has no section `{section}:`, which makes it")
    } else if let Some(column) = beside.filter(|column| table.columns.iter().any(|c| c.header == *column)) {
        format!("name `{column}`: `reasons: rules` puts the rule and its place beside it, `full` also the reasons")
    } else if let Some(near) = nearest(written, table.columns.iter().map(|column| column.header.as_str())) {
        format!("did you mean `{near}`?")
    } else if let Some(other) = low.plan.tables.iter().find(|of| of.columns.iter().any(|c| c.header == written)) {
        format!("it is a column of `{}`", other.table)
    } else if let Some(near) = low.nearest_name(written) {
        format!("did you mean `{near}`?")
    } else {
        let first = table.columns.iter().take(12).map(|column| format!("`{}`", column.header));
        format!("some that there are: {}", first.collect::<Vec<_>>().join(", "))
    };
    let message = format!("`{}` has no column `{written}`", table.table);
    low.report(wrong(tree, Code::UnknownName, message).help(help));
}
