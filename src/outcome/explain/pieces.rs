//! What an item's life was cut into: the days, the balance that bears, the rate, and what each piece comes to.

use crate::engine::Run;
use crate::lang::{NodeRef, Value};
use crate::plan::{Form, Plan, RelationId, Segments};

use super::super::labels::{label, label_of_family};
use super::Why;

/// What may be shown of a piece, in the order shown.
const PARTS: [&str; 7] = ["first", "last", "days", "balance", "bears", "rate", "comes_to"];

/// A column: its head, and the node it shows.
struct Column {
    head: &'static str,
    node: NodeRef,
}

impl Why<'_> {
    /// The pieces of a subject's row, one table for each way it is cut.
    pub(super) fn pieces(&mut self, run: &mut Run<'_>, subject: RelationId, row: u32) {
        let plan = run.plan();
        for node in plan.nodes.iter().filter(|node| node.subject == subject) {
            let Form::Segments(segments) = &node.form else { continue };
            let Some(whole) = node.name.strip_suffix(".pieces") else { continue };
            let columns = columns(plan, segments, whole);
            let pieces = run.pieces_of(segments.relation, (subject, row));
            if pieces.is_empty() || !columns.iter().any(|column| column.head == "comes_to") {
                continue;
            }
            let mut rows: Vec<Vec<String>> =
                vec![columns.iter().map(|column| label(column.head, self.language)).collect()];
            for piece in pieces {
                rows.push(
                    columns.iter().map(|column| self.of_piece(run, column.node, (subject, row), piece)).collect(),
                );
            }
            self.page.heading(&label_of_family(plan, whole, self.language));
            self.page.table(&rows);
        }
    }

    /// What a node says of a piece, or of the whole where it is about the whole.
    fn of_piece(&self, run: &mut Run<'_>, node: NodeRef, whole: (RelationId, u32), piece: u32) -> String {
        let Some(found) = run.plan().node(node) else { return String::new() };
        let at = if found.subject == whole.0 { whole.1 } else { piece };
        match run.outcome(node, at).value {
            Ok(Value::Missing) => String::new(),
            Ok(value) => self.printed_value(run, &value, &found.ty),
            Err(_) => label("failed", self.language),
        }
    }
}

fn columns(plan: &Plan, segments: &Segments, whole: &str) -> Vec<Column> {
    let pieces = plan.schema.get(segments.relation).map_or("", |relation| relation.name.as_str());
    let find = |head: &'static str| {
        let of_piece = plan.find(&format!("{pieces}.{head}"));
        of_piece.or_else(|| plan.find(&format!("{whole}.{head}"))).map(|node| Column { head, node })
    };
    PARTS.into_iter().filter_map(find).collect()
}
