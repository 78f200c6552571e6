//! Decision tables: rows whose keys are outputs, or facts and decisions with a cell each.

use rayon::prelude::*;

use super::ids::Ids;
use super::referred::reason;
use crate::diag::{Code, Diagnostic, Place, nearest};
use crate::lang::expr::CompareOp;
use crate::lang::{self, Base, Expr, Kind, NodeRef, Type, Value};
use crate::plan::lower::{Home, Lowered, Lowerer, Subjects, wrong};
use crate::plan::node::{ChoiceRow, Hit};
use crate::plan::schema::RelationId;
use crate::policy::read;
use crate::policy::table::rows_or_table;
use crate::policy::tree::{Entry, Tree, TreeKind};

/// A row as read: its condition put together from `when:` and the cells.
pub(super) struct Row<'t> {
    pub(super) id: &'t str,
    pub(super) tree: &'t Tree,
    pub(super) when: Option<Expr>,
    pub(super) subject: RelationId,
}

impl<'t> Row<'t> {
    /// An output of the row.
    pub(super) fn output(&self, key: &str) -> Option<&'t Tree> {
        self.tree.get(key).map(|entry| &entry.value)
    }

    /// What is known to hold where the row's outputs are evaluated.
    pub(super) fn given(&self) -> &[Expr] {
        self.when.as_slice()
    }
}

/// `hit:` of a table.
pub(super) const HITS: [(&str, Hit); 3] = [("first", Hit::First), ("unique", Hit::Unique), ("collect", Hit::List)];

/// `collect:` how several hits become one value.
pub(super) const COLLECTS: [(&str, Hit); 4] =
    [("list", Hit::List), ("sum", Hit::Sum), ("max", Hit::Max), ("min", Hit::Min)];

/// The rows of a table, written here or in a CSV file.
pub(super) fn rows<'t>(low: &mut Lowerer<'t>, tree: &'t Tree, outputs: &[&str], home: Home) -> Vec<Row<'t>> {
    let Some(trees) = rows_or_table(tree, low.folder, &mut low.sink) else { return Vec::new() };
    if trees.is_empty() {
        low.report(wrong(tree, Code::Nothing, "a table without rows").help("add at least one: `{ id: …, … }`"));
    }
    let mut ids = Ids::of("rows");
    let mut asked = Asked { columns: tree.scalar().map(|_| trees), outputs, home, known: Vec::new() };
    let mut rows = Vec::with_capacity(trees.len());
    for (number, tree) in trees.iter().enumerate() {
        let Some(row) = row(low, number, tree, &mut asked) else { continue };
        ids.is_new(low, row.id, &tree.place);
        rows.push(row);
    }
    rows
}

fn row<'t>(low: &mut Lowerer<'_>, number: usize, tree: &'t Tree, asked: &mut Asked<'_>) -> Option<Row<'t>> {
    let TreeKind::Map(entries) = &tree.kind else {
        low.report(wrong(tree, Code::WrongShape, "a row is a mapping of keys to cells"));
        return None;
    };
    let id = match tree.get("id") {
        Some(entry) => read::id(&entry.value, &mut low.sink)?,
        None => {
            low.report(wrong(tree, Code::MissingKey, "a row needs an id, the auditor's handle").help("add `id: …`"));
            return None;
        }
    };
    let mut when: Option<Expr> = None;
    let mut subject = Subjects::PORTFOLIO;
    let mut sound = true;
    for entry in entries {
        let found = match entry.key.as_str() {
            "id" | "reason" | "label" => continue,
            key if asked.outputs.contains(&key) => continue,
            "when" => low.condition(&entry.value, asked.home),
            _ => asked.cell(low, number, entry),
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

/// What the keys of a table's rows ask.
struct Asked<'x> {
    /// The rows, where all of them have their keys in one place: the first line of a file.
    columns: Option<&'x [Tree]>,
    outputs: &'x [&'x str],
    home: Home,
    known: Vec<Known>,
}

/// A key that was met.
struct Known {
    key: String,
    place: Place,
    /// What it stands for; nothing where it is in error.
    of: Option<Lowered>,
    /// The cells below it, row by row, as far as they could be read by themselves.
    cells: Vec<Option<Expr>>,
}

impl Asked<'_> {
    /// A cell, asked of what its key stands for. A column of a file is looked up, and told of, once.
    fn cell(&mut self, low: &mut Lowerer<'_>, number: usize, entry: &Entry) -> Option<Lowered> {
        let is_known = |known: &Known| known.key == entry.key && known.place == entry.key_place;
        let at = match self.known.iter().position(is_known) {
            Some(at) => at,
            None => self.meet(low, entry),
        };
        let known = self.known.get_mut(at)?;
        let of = known.of.as_ref()?;
        let mut cell = match known.cells.get_mut(number).and_then(Option::take) {
            Some(expr) => Lowered { expr, subject: self.home.or(Subjects::PORTFOLIO) },
            None => low.cell(&entry.value, &of.expr, self.home)?,
        };
        cell.subject = low.finer(cell.subject, of.subject);
        Some(cell)
    }

    fn meet(&mut self, low: &mut Lowerer<'_>, entry: &Entry) -> usize {
        let name = full_name(low, entry, self.outputs);
        let of = name.and_then(|name| low.text(&name, &entry.key_place, self.home, None));
        let cells = match (&of, self.columns) {
            (Some(of), Some(rows)) => plain_cells(low, rows, &entry.key, &of.expr),
            _ => Vec::new(),
        };
        // Elsewhere the next row has the key in another place.
        self.known.retain(|known| known.key != entry.key);
        self.known.push(Known { key: entry.key.clone(), place: entry.key_place.clone(), of, cells });
        self.known.len() - 1
    }
}

/// The cells of a column that need nobody to ask, read side by side.
fn plain_cells(low: &Lowerer<'_>, rows: &[Tree], key: &str, of: &Expr) -> Vec<Option<Expr>> {
    let no_thousandths = low.has_no_thousandths();
    let plain = |row: &Tree| {
        let scalar = row.get(key)?.value.scalar().filter(|scalar| !scalar.elsewhere)?;
        lang::plain_cell(&scalar.text, of, no_thousandths)
    };
    rows.par_iter().with_min_len(WORTH_A_THREAD).map(plain).collect()
}

/// Fewer cells are read sooner than a thread is woken.
pub(super) const WORTH_A_THREAD: usize = 100;

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
pub(super) fn subject(low: &Lowerer<'_>, rows: &[Row<'_>], least: RelationId) -> RelationId {
    rows.iter().fold(least, |finest, row| low.finer(finest, row.subject))
}

/// A choice whose value is the id of the row that hits; `complete` makes no hit a failure.
pub(super) fn choice_of_row(
    low: &mut Lowerer<'_>,
    name: &str,
    place: &Place,
    subject: RelationId,
    rows: &[Row<'_>],
    hit: Hit,
    complete: bool,
) -> NodeRef {
    let base = Type::one_of(rows.iter().map(|row| row.id));
    let choices = rows
        .iter()
        .map(|row| {
            let tree = &row.tree;
            let gives = low.literal(row.id, base.clone(), &tree.place);
            let reason = reason(low, tree, Home::At(subject));
            ChoiceRow { id: row.id.to_owned(), place: tree.place.clone(), when: row.when.clone(), gives, reason }
        })
        .collect();
    let ty = Type { base, optional: !complete };
    low.choose(name, subject, ty, place, hit, choices)
}

/// Whether a row is the one of a table that hit: `table == "row"`, asked only where any did.
pub(super) fn is_row(low: &mut Lowerer<'_>, table: &str, row: &str, place: &Place, home: Home) -> Option<Expr> {
    let of = low.text(table, place, home, None)?.expr;
    let span = of.span;
    let truth = |kind| Expr { kind, ty: Type::of(Base::Bool), span };
    let there = Expr { ty: Type::of(of.ty.base.clone()), ..of.clone() };
    let id = Expr { kind: Kind::Lit(Value::text(row)), ty: there.ty.clone(), span };
    let hit = truth(Kind::Compare(CompareOp::Equal, Box::new(there), Box::new(id)));
    if !of.ty.optional {
        return Some(hit);
    }
    let any = truth(Kind::IsGiven(Box::new(of)));
    Some(truth(Kind::And(Box::new(any), Box::new(hit))))
}

/// A node that reads one output of the row that hit: missing where the row leaves it out.
#[expect(clippy::too_many_arguments, reason = "a table's output is named, typed, placed and read from rows")]
pub(super) fn output_of_row(
    low: &mut Lowerer<'_>,
    name: &str,
    table: NodeRef,
    place: &Place,
    subject: RelationId,
    base: Base,
    rows: &[Row<'_>],
    find: impl Fn(&Row<'_>) -> Option<Tree>,
) -> Option<NodeRef> {
    let node = low.node(table)?;
    let (of, mut all) = (node.name.clone(), !node.ty.optional);
    let mut choices = Vec::new();
    let mut sound = true;
    for row in rows {
        let Some(tree) = find(row) else {
            all = false;
            continue;
        };
        let Some(gives) = low.value(&tree, Home::At(subject), &base, row.given()) else {
            sound = false;
            continue;
        };
        let when = Some(is_row(low, &of, row.id, &tree.place, Home::At(subject))?);
        let place = row.tree.place.clone();
        let (id, gives, reason) = (row.id.to_owned(), gives.expr, crate::lang::Words::new());
        choices.push(ChoiceRow { id, place, when, gives, reason });
    }
    if !sound {
        return None;
    }
    let ty = Type { base, optional: !all };
    Some(low.choose(name, subject, ty, place, Hit::First, choices))
}
