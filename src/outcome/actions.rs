//! What a run proposes: one row a line, the lines of one letter under one id.

use std::collections::BTreeMap;
use std::io;

use sha2::{Digest as _, Sha256};

use super::ACTIONS;
use super::failures::{Failures, subject_name};
use super::tables::{LANGUAGES, Places};
use super::tally::Group;
use crate::engine::{Emitted, Proposal, Run, print_value};
use crate::lang::sum::ExactSum;
use crate::lang::{Type, Value};
use crate::plan::{Emit, Form, Plan};

/// The columns of the file, before what else a policy sends along. The book's `actions.csv` reads them back:
/// `status` set to what became of it, and `done_on` filled.
const HEADERS: [&str; 19] = [
    "id",
    "action",
    "level",
    "status",
    "customer",
    "currency",
    "ladder",
    "rung",
    "subject",
    "subject_id",
    "episode",
    "due_on",
    "done_on",
    "amount",
    "days_past_due",
    "channel",
    "owner",
    "template",
    "approval",
];

/// A line of the action list, printed.
pub(super) struct Line {
    id: String,
    fields: BTreeMap<String, String>,
    amount: Option<Value>,
}

/// Everything proposed.
pub(super) struct Actions {
    headers: Vec<String>,
    /// Sorted by id, subject and rung.
    pub(super) lines: Vec<Line>,
}

impl Actions {
    /// What a run proposes; what could not be decided is noted.
    pub(super) fn of(run: &mut Run<'_>, failures: &mut Failures) -> Self {
        let plan = run.plan();
        let (proposals, unmade) = run.proposals(ACTIONS);
        for u in unmade {
            let subject = plan.node(u.node).map_or(crate::plan::RelationId(0), |n| n.subject);
            failures.add(run, ACTIONS, u.node, (subject, u.row), &u.fault);
        }
        let mut lines = Vec::with_capacity(proposals.len());
        let mut places = Places::default();
        for proposal in proposals {
            lines.extend(action(run, &proposal, &mut places));
        }
        let key = |line: &Line| {
            let part = |name: &str| line.fields.get(name).cloned().unwrap_or_default();
            (line.id.clone(), part("subject"), part("subject_id"), part("rung"))
        };
        lines.sort_by_cached_key(key);
        Self { headers: headers(plan), lines }
    }

    /// How many things there are to do.
    pub(super) fn count(&self) -> usize {
        let ids: std::collections::BTreeSet<&str> = self.lines.iter().map(|line| line.id.as_str()).collect();
        ids.len()
    }

    /// Writes the file.
    pub(super) fn write<W: io::Write>(&self, out: &mut csv::Writer<W>) -> io::Result<()> {
        out.write_record(&self.headers)?;
        for line in &self.lines {
            out.write_record(self.headers.iter().map(|h| line.fields.get(h).map_or("", String::as_str)))?;
        }
        Ok(())
    }

    /// Things to do and their amounts, by ladder and rung of the whole, in the order of the plan.
    pub(super) fn by_rung(&self, plan: &Plan) -> Vec<Group> {
        let mut order: Vec<(String, String)> = Vec::new();
        for emit in emits(plan) {
            let part = |name: &str| constant(emit, name);
            order.push((part("ladder"), part("rung")));
        }
        let mut groups: BTreeMap<(usize, String, String), (Vec<&str>, ExactSum)> = BTreeMap::new();
        for line in &self.lines {
            let part = |name: &str| line.fields.get(name).cloned().unwrap_or_default();
            let key = (part("ladder"), part("level"));
            let at = order.iter().position(|known| *known == key).unwrap_or(usize::MAX);
            let (ids, sum) = groups.entry((at, key.0, key.1)).or_default();
            if ids.last() != Some(&line.id.as_str()) {
                ids.push(&line.id);
            }
            if let Some(Value::Dec(amount)) = &line.amount {
                sum.add(*amount);
            }
        }
        let group = |((_, ladder, rung), (ids, sum)): ((usize, String, String), (Vec<&str>, ExactSum))| Group {
            key: vec![ladder, rung],
            rows: ids.len(),
            sums: vec![sum.total()],
        };
        groups.into_iter().map(group).collect()
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

/// The fixed columns and what the policy's emits send along, so that the header does not depend on the book.
fn headers(plan: &Plan) -> Vec<String> {
    let mut headers: Vec<String> = HEADERS.iter().map(ToString::to_string).collect();
    for emit in emits(plan) {
        for (name, _) in &emit.payload {
            if !headers.contains(name) {
                headers.push(name.clone());
            }
        }
    }
    headers.extend(LANGUAGES.map(|language| format!("reason_{language}")));
    headers.push("place".into());
    headers
}

/// The id of the account a line lies under; of its subject, where that stands above accounts.
fn account(run: &Run<'_>, line: &Emitted) -> String {
    let account = run.plan().schema.relation("account");
    let found = account.and_then(|account| Some((account, run.above(line.subject, line.row, account)?)));
    let (subject, row) = found.unwrap_or((line.subject, line.row));
    run.book().id(subject, row).to_string()
}

/// The rows of one thing to do.
fn action(run: &mut Run<'_>, proposal: &Proposal, places: &mut Places) -> Vec<Line> {
    let id = id(run, &proposal.lines);
    let named = proposal.naming();
    let name = |part: &str| named.and_then(|line| payload(line, part)).map(ToString::to_string).unwrap_or_default();
    let (action, level) = (name("action"), name("rung"));
    proposal.lines.iter().map(|line| row(run, line, &id, &action, &level, places)).collect()
}

fn row(run: &mut Run<'_>, line: &Emitted, id: &str, action: &str, level: &str, places: &mut Places) -> Line {
    let plan = run.plan();
    let mut fields = BTreeMap::new();
    let emit = match plan.node(line.node).map(|n| &n.form) {
        Some(Form::Emit(emit)) => Some(emit),
        _ => None,
    };
    for (name, value) in &line.payload {
        let ty = emit.and_then(|e| e.payload.iter().find(|(known, _)| known == name)).map(|(_, expr)| &expr.ty);
        let text = ty.map_or_else(|| value.to_string(), |ty: &Type| print_value(value, ty, &plan.money));
        fields.insert(name.clone(), text);
    }
    let book = run.book();
    let own = [
        ("id", id.to_string()),
        ("action", action.to_string()),
        ("level", level.to_string()),
        ("status", "proposed".to_string()),
        ("customer", account(run, line)),
        ("currency", plan.money.currency.clone()),
        ("subject", subject_name(run, line.subject)),
        ("subject_id", book.id(line.subject, line.row).to_string()),
        ("place", places.of(plan, line.node)),
    ];
    fields.extend(own.map(|(name, text)| (name.to_string(), text)));
    if let Some(emit) = emit {
        for language in LANGUAGES {
            fields.insert(format!("reason_{language}"), run.say(&emit.reason, language, line.subject, line.row));
        }
    }
    Line { id: id.to_string(), fields, amount: payload(line, "amount").cloned() }
}

fn payload<'l>(line: &'l Emitted, name: &str) -> Option<&'l Value> {
    line.payload.iter().find(|(known, _)| known == name).map(|(_, value)| value)
}

/// `collection-C000001-1f00c0ffee00`: of policy, ladder and each line's subject, rung and episode; never of dates or amounts.
fn id(run: &Run<'_>, group: &[Emitted]) -> String {
    let part = |line: &Emitted| {
        let mut parts = vec![subject_name(run, line.subject), run.book().id(line.subject, line.row).to_string()];
        parts.extend(line.key.iter().map(ToString::to_string));
        parts
    };
    let mut lines: Vec<Vec<String>> = group.iter().map(part).collect();
    lines.sort();
    let mut hash = Sha256::new();
    let mut text = |text: &str| {
        // Lengths keep one id from running into the next.
        hash.update((text.len() as u64).to_be_bytes());
        hash.update(text);
    };
    text(&run.plan().header.policy);
    lines.iter().flatten().for_each(|part| text(part));
    let hex: String = hash.finalize().iter().take(6).map(|byte| format!("{byte:02x}")).collect();
    let first = group.first();
    let kind = first.and_then(|line| line.key.first()).map(ToString::to_string).unwrap_or_default();
    let account = first.map(|line| account(run, line)).unwrap_or_default();
    format!("{kind}-{account}-{hex}")
}
