//! What a run proposes: one row a line, the lines of one letter under one id.

use std::sync::Arc;

use arrow_array::RecordBatch;

use super::ACTIONS;
use super::action_id::push_action_id;
use super::build::{Cell, Rows};
use super::failures::{Failures, subject_name};
use super::schema::{LANGUAGES, Misshapen, Payloads, TableSchema};
use super::tables::Places;
use crate::engine::{Emitted, Proposal, Run, Unit};
use crate::plan::{Emit, Form, PORTFOLIO, Plan};

/// A line of the action list.
struct Line {
    /// The account of the whole: that of its first line.
    account: String,
    id: String,
    action: String,
    level: String,
    customer: String,
    subject: String,
    subject_id: String,
    rung: String,
    reasons: Vec<String>,
    place: String,
    emitted: Emitted,
}

/// The lines of the action list while the units of a block go by.
pub(super) struct Actions {
    schema: Arc<TableSchema>,
    payloads: Payloads,
    places: Places,
    rows: Rows,
}

impl Actions {
    /// No lines yet.
    pub(super) fn new(plan: &Plan, schema: &Arc<TableSchema>) -> Self {
        Self {
            schema: Arc::clone(schema),
            payloads: Payloads::of(plan, schema),
            places: Places::default(),
            rows: Rows::new(Arc::clone(schema)),
        }
    }

    /// How many lines there are.
    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// Adds what is proposed for a unit, by customer and id; what could not be decided is noted.
    pub(super) fn add(&mut self, run: &mut Run<'_>, unit: Unit, failures: &mut Failures) {
        let plan = run.plan();
        if !plan.actions.is_put_out {
            return;
        }
        let (proposals, unmade) = run.proposals_in(unit, ACTIONS);
        for u in unmade {
            let subject = plan.node(u.node).map_or(PORTFOLIO, |n| n.subject);
            failures.add(run, ACTIONS, u.node, (subject, u.row), &u.fault);
        }
        let mut lines = Vec::new();
        for proposal in proposals {
            lines.extend(action(run, proposal, &mut self.places));
        }
        lines.sort_by(|a, b| a.order().cmp(&b.order()));
        for line in &lines {
            let cells = self.cells(plan, line);
            self.rows.push(cells);
        }
    }

    /// The lines so far; there are none then.
    pub(super) fn batch(&mut self) -> Result<RecordBatch, Misshapen> {
        self.rows.batch()
    }

    fn cells<'l>(&self, plan: &'l Plan, line: &'l Line) -> Vec<Cell<'l>> {
        let mut cells = vec![Cell::Blank; self.schema.heads.len()];
        let mut set = |at: Option<usize>, cell: Cell<'l>| {
            if let Some(slot) = at.and_then(|at| cells.get_mut(at)) {
                *slot = cell;
            }
        };
        let own = [
            ("id", line.id.as_str()),
            ("action", &line.action),
            ("level", &line.level),
            ("status", "proposed"),
            ("customer", &line.customer),
            ("currency", &plan.money.currency),
            ("subject", &line.subject),
            ("subject_id", &line.subject_id),
            ("place", &line.place),
        ];
        own.iter().for_each(|(name, text)| set(self.schema.position(name), Cell::Text(text)));
        if let Some(emit) = emit_of(plan, &line.emitted) {
            let columns = self.payloads.columns(line.emitted.node);
            for ((at, (_, value)), (_, expr)) in columns.iter().zip(&line.emitted.payload).zip(&emit.payload) {
                set(*at, Cell::Value(value, &expr.ty, &plan.money));
            }
        }
        for (language, text) in LANGUAGES.iter().zip(&line.reasons) {
            set(self.schema.position(&format!("reason_{language}")), Cell::Text(text));
        }
        cells
    }
}

impl Line {
    /// What lines are sorted by.
    fn order(&self) -> [&str; 5] {
        [&self.account, &self.id, &self.subject, &self.subject_id, &self.rung]
    }
}

/// The emits of the stream, in the order of the plan.
pub(super) fn emits(plan: &Plan) -> impl Iterator<Item = &Emit> {
    plan.nodes.iter().filter_map(|node| match &node.form {
        Form::Emit(emit) if &*emit.stream == ACTIONS => Some(emit),
        _ => None,
    })
}

/// The name under which a ladder's nodes stand in the plan: `ladder.collection`.
pub(super) fn family<'p>(plan: &'p Plan, ladder: &str) -> Option<&'p str> {
    plan.nodes.iter().find_map(|node| match &node.form {
        Form::Emit(emit) if &*emit.stream == ACTIONS && constant(emit, "ladder") == ladder => {
            node.name.rsplit_once('.').map(|(family, _)| family)
        }
        _ => None,
    })
}

/// A payload that is the same for every row.
pub(super) fn constant(emit: &Emit, name: &str) -> String {
    let found = emit.payload.iter().find(|(known, _)| known == name);
    match found.map(|(_, expr)| &expr.kind) {
        Some(crate::lang::Kind::Lit(value)) => value.to_string(),
        _ => String::new(),
    }
}

/// The id of the account a line lies under; of its subject, where that stands above accounts.
fn account(run: &Run<'_>, line: &Emitted) -> String {
    let account = run.plan().schema.relation("account");
    let found = account.and_then(|account| Some((account, run.above(line.subject, line.row, account)?)));
    let (subject, row) = found.unwrap_or((line.subject, line.row));
    run.book().id(subject, row).to_string()
}

fn emit_of<'p>(plan: &'p Plan, line: &Emitted) -> Option<&'p Emit> {
    match plan.node(line.node).map(|node| &node.form) {
        Some(Form::Emit(emit)) => Some(emit),
        _ => None,
    }
}

/// The lines of one thing to do.
fn action(run: &mut Run<'_>, proposal: Proposal, places: &mut Places) -> Vec<Line> {
    let of = proposal.lines.first().map(|line| account(run, line)).unwrap_or_default();
    let id = id(run, &of, &proposal.lines);
    let name = |part: &str| proposal.naming().map(|line| payload(line, part)).unwrap_or_default();
    let (action, level) = (name("action"), name("rung"));
    let said = run.plan().actions.with_reasons;
    let mut line = |emitted: Emitted| {
        let plan = run.plan();
        let say = |language: &&str| match emit_of(plan, &emitted) {
            Some(emit) => run.say(&emit.reason, language, emitted.subject, emitted.row),
            None => String::new(),
        };
        Line {
            reasons: LANGUAGES.iter().filter(|_| said).map(say).collect(),
            account: of.clone(),
            id: id.clone(),
            action: action.clone(),
            level: level.clone(),
            customer: account(run, &emitted),
            subject: subject_name(run, emitted.subject),
            subject_id: run.book().id(emitted.subject, emitted.row).to_string(),
            rung: payload(&emitted, "rung"),
            place: places.of(plan, emitted.node),
            emitted,
        }
    };
    proposal.lines.into_iter().map(&mut line).collect()
}

/// A value that goes out with a line, as text; empty where there is none.
fn payload(line: &Emitted, name: &str) -> String {
    let found = line.payload.iter().find(|(known, _)| known == name);
    found.map(|(_, value)| value.to_string()).unwrap_or_default()
}

/// The id of the thing that these lines make.
fn id(run: &Run<'_>, account: &str, group: &[Emitted]) -> String {
    let parts = |line: &Emitted| {
        let mut parts = vec![subject_name(run, line.subject), run.book().id(line.subject, line.row).to_string()];
        parts.extend(line.key.iter().map(ToString::to_string));
        parts
    };
    let lines: Vec<Vec<String>> = group.iter().map(parts).collect();
    let lines: Vec<Vec<&str>> = lines.iter().map(|line| line.iter().map(String::as_str).collect()).collect();
    let mut id = String::new();
    push_action_id(
        &mut id,
        &run.plan().header.policy,
        account,
        &mut lines.iter().map(Vec::as_slice).collect::<Vec<_>>(),
    );
    id
}
