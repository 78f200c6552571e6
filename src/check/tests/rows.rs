//! The book of a test: the rows written into it.

use crate::book::{self, Book, Reject, TABLES, Table, TableRows};
use crate::diag::{Code, Diagnostic, Place};
use crate::plan::Plan;
use crate::policy::fields::Fields;
use crate::policy::tree::{Entry, Tree, TreeKind};

use super::again::Proposed;

/// Who is meant where a test of one customer does not say its id.
const ANYBODY: &str = "C1";

/// The columns of an action done.
const DONE: [&str; 8] = ["id", "ladder", "rung", "subject", "subject_id", "episode", "status", "done_on"];

/// The tables of a test, and where they stand.
pub(super) struct Tables<'t> {
    tables: Vec<TableRows>,
    trees: Vec<(&'static Table, &'t Tree)>,
    /// What `customer:` says that is no column: `insured: false`.
    pub(super) decided: Vec<&'t Entry>,
}

impl<'t> Tables<'t> {
    /// Takes the tables out of a test.
    pub(super) fn read(fields: &mut Fields<'t>, plan: &Plan, sink: &mut Vec<Diagnostic>) -> Option<Self> {
        let mut read = Self { tables: Vec::new(), trees: Vec::new(), decided: Vec::new() };
        let single = fields.take("customer", sink);
        for table in TABLES {
            if let Some(tree) = fields.take(table.name, sink) {
                read.trees.push((table, tree));
            }
        }
        let customers = Table::named("customers")?;
        let several = read.trees.iter().find(|(table, _)| table.name == customers.name).map(|(_, tree)| *tree);
        match (single, several) {
            (Some(_), None) | (None, Some(_)) => {}
            (Some(_), Some(both)) => {
                let finding = Diagnostic::error(
                    Code::Test,
                    "a test has one `customer:` or several `customers:`",
                    both.place.clone(),
                );
                sink.push(finding.help("keep one of the two"));
                return None;
            }
            (None, None) => {
                let place = fields.place().clone();
                let finding = Diagnostic::error(Code::Test, "a test needs a `customer:`, or `customers:`", place);
                sink.push(finding.help("as in `customer: { id: C1, since: 2024-01-01 }`"));
                return None;
            }
        }
        let mut id = None;
        if let Some(tree) = single {
            id = Some(tree.get("id").and_then(|entry| entry.value.text()).unwrap_or(ANYBODY));
            let known = read.columns_of_customer(tree, customers, plan, sink)?;
            let mut rows = TableRows::from_tree(customers, &known, &plan.schema, sink)?;
            rows.fill("id", ANYBODY);
            read.tables.push(rows);
            read.trees.push((customers, tree));
        }
        for (table, tree) in read.trees.clone() {
            if table.name == customers.name && single.is_some() {
                continue;
            }
            let kept = if table.name == "decisions" { Some(without_unread(tree, table, plan)) } else { None };
            let mut rows = TableRows::from_tree(table, kept.as_ref().unwrap_or(tree), &plan.schema, sink)?;
            // A row that may be a group's says whose it is.
            if let Some(id) = id.filter(|_| rows.column("group").is_none()) {
                rows.fill("customer", id);
            }
            read.tables.push(rows);
        }
        Some(read)
    }

    /// What `customer:` says that the book has a column for; the rest is taken as decided.
    fn columns_of_customer(
        &mut self,
        tree: &'t Tree,
        customers: &Table,
        plan: &Plan,
        sink: &mut Vec<Diagnostic>,
    ) -> Option<Tree> {
        let columns = customers.columns(&plan.schema);
        let entries: Vec<&Entry> = Fields::of(tree, "`customer`", sink)?.rest().collect();
        let (known, decided): (Vec<&Entry>, Vec<&Entry>) = entries.into_iter().partition(|entry| {
            columns.iter().any(|(name, _)| *name == entry.key) || decision_of_customer(plan, &entry.key).is_none()
        });
        self.decided = decided;
        Some(Tree { kind: TreeKind::Map(known.into_iter().cloned().collect()), place: tree.place.clone() })
    }

    /// The book, and in it what was done besides.
    pub(super) fn book(&self, plan: &Plan, done: &[Proposed]) -> Book {
        let mut tables = self.tables.clone();
        if !done.is_empty() {
            let at = tables.iter().position(|rows| rows.table.name == "actions");
            let before = at.map(|at| tables.swap_remove(at));
            tables.extend(with_done(before, done));
        }
        book::from_rows(tables, &plan.schema, &plan.money.currency)
    }

    /// What the book could not read, where it stands in the test.
    pub(super) fn refusal(&self, reject: &Reject, test: &Place) -> Diagnostic {
        let entries = self.trees.iter().flat_map(|(_, tree)| match &tree.kind {
            TreeKind::List(rows) => rows.as_slice(),
            _ => std::slice::from_ref(*tree),
        });
        let mut row = entries.filter(|row| row.place.line_column().0 == reject.line);
        let place = row.find_map(|row| {
            if reject.column.is_empty() {
                return Some(&row.place);
            }
            row.get(&reject.column).map(|entry| &entry.value.place)
        });
        let on_line = self.trees.iter().find(|(_, tree)| tree.place.line_column().0 <= reject.line);
        let place = place.or(on_line.map(|(_, tree)| &tree.place)).unwrap_or(test).clone();
        let what = match (reject.column.as_str(), reject.value.as_str()) {
            ("", _) => "this row".to_owned(),
            (column, "") => format!("`{column}`"),
            (column, value) => format!("`{column}: {value}`"),
        };
        let finding = Diagnostic::error(Code::Test, format!("{what} cannot be read: {}", reject.reason), place);
        finding.help("write rows as a book has them; to test an account whose rows cannot be read, give `customer.incomplete: true`")
    }
}

/// The name of the decision or computed fact that a key of `customer:` stands for.
pub(super) fn decision_of_customer(plan: &Plan, key: &str) -> Option<String> {
    let account = plan.schema.relation("account")?;
    let names = [format!("customer.{key}"), format!("account.{key}"), key.to_owned()];
    names.into_iter().find(|name| {
        let node = plan.find(name).and_then(|node| plan.node(node));
        node.is_some_and(|node| node.subject == account)
    })
}

/// Decisions in force without those that the policy makes but never reads again.
fn without_unread(tree: &Tree, table: &Table, plan: &Plan) -> Tree {
    let columns = table.columns(&plan.schema);
    let keep = |entry: &&Entry| columns.iter().any(|(name, _)| *name == entry.key) || plan.find(&entry.key).is_none();
    let kept = |row: &Tree| match &row.kind {
        TreeKind::Map(entries) => {
            Tree { kind: TreeKind::Map(entries.iter().filter(keep).cloned().collect()), place: row.place.clone() }
        }
        _ => row.clone(),
    };
    match &tree.kind {
        TreeKind::List(rows) => {
            Tree { kind: TreeKind::List(rows.iter().map(kept).collect()), place: tree.place.clone() }
        }
        _ => kept(tree),
    }
}

/// The table of actions with more of them.
fn with_done(before: Option<TableRows>, done: &[Proposed]) -> Option<TableRows> {
    let file = before.as_ref().map_or("proposed", TableRows::source);
    let mut rows = TableRows::new(Table::named("actions")?, file, DONE);
    if let Some(before) = &before {
        for row in (0u32..).take(before.len()) {
            let cell = |column: &&str| before.column(column).map(|at| before.cell(row, at)).unwrap_or_default();
            let cells: Vec<_> = DONE.iter().map(cell).collect();
            rows.push(before.line(row) as usize, cells.iter().map(AsRef::as_ref)).ok()?;
        }
    }
    for (number, action) in done.iter().enumerate() {
        let (id, episode, day) = (format!("proposed-{number}"), action.episode.to_string(), action.done_on.to_string());
        let cells =
            [id.as_str(), &action.ladder, &action.rung, &action.subject, &action.subject_id, &episode, "done", &day];
        rows.push(0, cells).ok()?;
    }
    Some(rows)
}
