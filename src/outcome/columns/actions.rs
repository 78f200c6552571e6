//! What a block proposes: one row a line, the lines of one letter under one id.

use std::collections::BTreeMap;
use std::io;
use std::rc::Rc;
use std::sync::Arc;

use arrow_array::RecordBatch;

use super::reasons::Said;
use super::{emits, note_failed};
use crate::engine::{Answer, Decided, Subjects};
use crate::lang::{Expr, NodeRef, Value};
use crate::outcome::ACTIONS;
use crate::outcome::action_id::push_action_id;
use crate::outcome::build::{Cell, Rows};
use crate::outcome::failures::Failures;
use crate::outcome::schema::{LANGUAGES, Payloads, TableSchema};
use crate::outcome::tables::place;
use crate::plan::{Emit, Plan, RelationId};

/// The action list made ready.
pub(super) struct Actions<'a> {
    schema: Arc<TableSchema>,
    emits: Vec<Sender<'a>>,
    account: Option<RelationId>,
}

/// An emit made ready.
struct Sender<'a> {
    at: NodeRef,
    emit: &'a Emit,
    relation: RelationId,
    subject: &'a str,
    place: String,
    /// The column of each part of the payload.
    columns: Vec<Option<usize>>,
}

/// What an emit sends of a block, line by line.
struct Sent<'s, 'a> {
    from: &'s Sender<'a>,
    subjects: Subjects,
    units: Vec<u32>,
    /// For each line the row of its account; its own where it stands above accounts.
    owners: Vec<(RelationId, u32)>,
    key: Vec<Answer>,
    group: Option<Vec<Answer>>,
    payload: Vec<Answer>,
    reasons: Vec<Option<Said<'a>>>,
}

/// A line: what sent it, and its lane there.
type Line = (usize, usize);

/// A line with what it is sorted by.
struct Ordered<'b> {
    unit: u32,
    account: &'b str,
    id: Rc<str>,
    action: Rc<str>,
    level: Rc<str>,
    subject: &'b str,
    subject_id: &'b str,
    rung: String,
    line: Line,
}

impl<'a> Actions<'a> {
    pub(super) fn new(plan: &'a Plan, schema: &Arc<TableSchema>) -> Self {
        let payloads = Payloads::of(plan, schema);
        let sender = |(at, emit): (NodeRef, &'a Emit)| {
            let node = plan.node(at)?;
            let relation = node.subject;
            let subject = plan.schema.get(relation).map_or("", |relation| relation.name.as_str());
            let columns = payloads.columns(at).to_vec();
            Some(Sender { at, emit, relation, subject, place: place(&node.place), columns })
        };
        Self {
            schema: Arc::clone(schema),
            emits: emits(plan, ACTIONS).filter(|_| plan.actions.is_put_out).filter_map(sender).collect(),
            account: plan.schema.relation("account"),
        }
    }

    /// The lines of a block, by customer and id within a unit; what could not be decided is noted.
    pub(super) fn batch(&self, decided: &mut Decided<'_, 'a>, failures: &mut Failures) -> io::Result<RecordBatch> {
        let mut sent = Vec::with_capacity(self.emits.len());
        for sender in &self.emits {
            sent.extend(self.send(decided, sender, failures));
        }
        let things = things(decided, &sent);
        let book = decided.book();
        let mut lines = Vec::new();
        for thing in &things {
            self.order(decided, &sent, thing, book, &mut lines);
        }
        lines.sort_by(|a, b| a.order().cmp(&b.order()));
        let mut rows = Rows::new(Arc::clone(&self.schema));
        let columns = self.columns();
        for line in &lines {
            self.write(decided, &sent, line, &columns, &mut rows);
        }
        Ok(rows.batch()?)
    }

    /// What an emit sends; `None` where it sends nothing.
    fn send<'s>(
        &self,
        decided: &mut Decided<'_, 'a>,
        from: &'s Sender<'a>,
        failures: &mut Failures,
    ) -> Option<Sent<'s, 'a>> {
        let all = decided.subjects(from.relation);
        let answer = decided.node(&all, from.at);
        note_failed(decided, failures, ACTIONS, from.at, &all, &answer);
        let lanes = decided.holding(&all, &answer);
        if lanes.is_empty() {
            return None;
        }
        let subjects = decided.some(&all, lanes);
        let emit = from.emit;
        let exprs: Vec<&Expr> =
            emit.key.iter().chain(emit.group.iter().flatten()).chain(emit.payload.iter().map(|(_, e)| e)).collect();
        let (subjects, mut answers) = made(decided, from, subjects, &exprs, failures);
        if subjects.rows.is_empty() {
            return None;
        }
        let payload = answers.split_off(answers.len() - emit.payload.len());
        let group = answers.split_off(emit.key.len());
        let (key, group) = (answers, emit.group.is_some().then_some(group));
        let reasons = match decided.plan().actions.with_reasons {
            true => LANGUAGES.map(|language| Said::of(decided, &subjects, &emit.reason, language)).into(),
            false => Vec::new(),
        };
        let accounts = self.account.map(|account| (account, decided.above(&subjects, account)));
        let owner = |(lane, row): (usize, &u32)| match &accounts {
            Some((account, rows)) => match rows.get(lane).copied().flatten() {
                Some(row) => (*account, row),
                None => (from.relation, *row),
            },
            None => (from.relation, *row),
        };
        let owners = subjects.rows.iter().enumerate().map(owner).collect();
        let units = decided.units(&subjects);
        Some(Sent { from, units, owners, key, group, payload, reasons, subjects })
    }

    /// Adds the lines of one thing to do, which one of them names.
    fn order<'b>(
        &self,
        decided: &Decided<'_, 'a>,
        sent: &'b [Sent<'_, 'a>],
        thing: &[Line],
        book: &'b crate::book::Book,
        lines: &mut Vec<Ordered<'b>>,
    ) {
        let of = |line: &Line| sent.get(line.0).map(|sent| (sent, line.1));
        let account = |line: &Line| {
            let owner = of(line).and_then(|(sent, lane)| sent.owners.get(lane));
            owner.map_or("", |(relation, row)| book.id(*relation, *row))
        };
        let subject_id = |line: &Line| {
            of(line).map_or("", |(sent, lane)| {
                sent.subjects.rows.get(lane).map_or("", |row| book.id(sent.from.relation, *row))
            })
        };
        let Some(first) = thing.first() else { return };
        let parts = thing.iter().filter_map(of).zip(thing).map(|((sent, lane), line)| {
            let mut parts = vec![sent.from.subject.to_owned(), subject_id(line).to_owned()];
            parts.extend(sent.key.iter().map(|key| decided.value(key, lane).to_string()));
            parts
        });
        let parts: Vec<Vec<String>> = parts.collect();
        let parts: Vec<Vec<&str>> = parts.iter().map(|line| line.iter().map(String::as_str).collect()).collect();
        let (whole, policy) = (account(first), &decided.plan().header.policy);
        let mut id = String::new();
        push_action_id(&mut id, policy, whole, &mut parts.iter().map(Vec::as_slice).collect::<Vec<_>>());
        let id: Rc<str> = id.into();
        let rank = |line: &Line| of(line).map_or(i64::MIN, |(sent, _)| sent.from.emit.rank);
        let highest = thing.iter().map(rank).max();
        let naming = thing.iter().find(|line| Some(rank(line)) == highest).and_then(of);
        let named = |part: &str| -> Rc<str> {
            naming.map(|(sent, lane)| payload(decided, sent, lane, part)).unwrap_or_default().into()
        };
        let (action, level) = (named("action"), named("rung"));
        for line in thing {
            let Some((sent, lane)) = of(line) else { continue };
            lines.push(Ordered {
                unit: sent.units.get(lane).copied().unwrap_or(0),
                account: whole,
                id: Rc::clone(&id),
                action: Rc::clone(&action),
                level: Rc::clone(&level),
                subject: sent.from.subject,
                subject_id: subject_id(line),
                rung: payload(decided, sent, lane, "rung"),
                line: *line,
            });
        }
    }

    fn columns(&self) -> Own {
        let position = |name: &str| self.schema.position(name);
        Own {
            names: ["id", "action", "level", "status", "customer", "currency", "subject", "subject_id", "place"]
                .map(position),
            reasons: LANGUAGES.map(|language| position(&format!("reason_{language}"))),
        }
    }

    fn write(&self, decided: &Decided<'_, 'a>, sent: &[Sent<'_, 'a>], line: &Ordered<'_>, own: &Own, rows: &mut Rows) {
        let (number, lane) = line.line;
        let Some(sent) = sent.get(number) else { return };
        let plan = decided.plan();
        let values: Vec<Value> = sent.payload.iter().map(|answer| decided.value(answer, lane)).collect();
        let said = |said: &Option<Said<'_>>| {
            let mut text = Vec::new();
            if let Some(said) = said {
                said.fill(decided, lane, &mut text);
            }
            String::from_utf8(text).unwrap_or_default()
        };
        let reasons: Vec<String> = sent.reasons.iter().map(said).collect();
        let mut cells = vec![Cell::Blank; self.schema.heads.len()];
        let customer = sent.owners.get(lane).map_or("", |(relation, row)| decided.book().id(*relation, *row));
        let texts: [&str; 9] = [
            &line.id,
            &line.action,
            &line.level,
            "proposed",
            customer,
            &plan.money.currency,
            line.subject,
            line.subject_id,
            &sent.from.place,
        ];
        let own_texts = own.names.iter().zip(texts).map(|(at, text)| (*at, Cell::Text(text)));
        let payload = sent.from.columns.iter().zip(&values).zip(&sent.from.emit.payload);
        let payload = payload.map(|((at, value), (_, expr))| (*at, Cell::Value(value, &expr.ty, &plan.money)));
        let reasons = own.reasons.iter().zip(&reasons).map(|(at, text)| (*at, Cell::Text(text)));
        for (at, cell) in own_texts.chain(payload).chain(reasons) {
            if let Some(slot) = at.and_then(|at| cells.get_mut(at)) {
                *slot = cell;
            }
        }
        rows.push(cells);
    }
}

/// Where the columns of every line stand.
struct Own {
    names: [Option<usize>; 9],
    reasons: [Option<usize>; LANGUAGES.len()],
}

impl Ordered<'_> {
    fn order(&self) -> (u32, [&str; 5]) {
        (self.unit, [self.account, &self.id, self.subject, self.subject_id, &self.rung])
    }
}

/// The rows of which everything that goes out is known, with it; of the others it is noted why not.
fn made(
    decided: &mut Decided<'_, '_>,
    from: &Sender<'_>,
    subjects: Subjects,
    exprs: &[&Expr],
    failures: &mut Failures,
) -> (Subjects, Vec<Answer>) {
    let answers: Vec<Answer> = exprs.iter().map(|expr| decided.demand(&subjects, expr)).collect();
    if !answers.iter().any(Answer::some_failed) {
        return (subjects, answers);
    }
    let mut made: Vec<u32> = Vec::new();
    for ((number, lane), row) in (0u32..).zip(0..).zip(subjects.rows.iter()) {
        match exprs.iter().zip(&answers).find(|(_, answer)| answer.has_failed(lane)) {
            None => made.push(number),
            Some((expr, _)) => {
                if let Some(fault) = decided.fault_of(from.at, expr, *row) {
                    failures.add(decided.rows(), ACTIONS, from.at, (from.relation, *row), &fault);
                }
            }
        }
    }
    let answers = answers.iter().map(|answer| answer.some(&made)).collect();
    (decided.some(&subjects, made.into()), answers)
}

/// Lines that go out together: those with equal groups of one unit; every other line alone.
fn things(decided: &Decided<'_, '_>, sent: &[Sent<'_, '_>]) -> Vec<Vec<Line>> {
    let mut things = Vec::new();
    let mut together: BTreeMap<(u32, Vec<String>), Vec<Line>> = BTreeMap::new();
    for (number, of) in sent.iter().enumerate() {
        for (lane, unit) in of.units.iter().enumerate() {
            match &of.group {
                None => things.push(vec![(number, lane)]),
                Some(group) => {
                    let key = group.iter().map(|answer| decided.value(answer, lane).to_string()).collect();
                    together.entry((*unit, key)).or_default().push((number, lane));
                }
            }
        }
    }
    things.extend(together.into_values());
    things
}

/// A value that goes out with a line, as text; empty where there is none.
fn payload(decided: &Decided<'_, '_>, sent: &Sent<'_, '_>, lane: usize, name: &str) -> String {
    let at = sent.from.emit.payload.iter().position(|(known, _)| known == name);
    let answer = at.and_then(|at| sent.payload.get(at));
    answer.map(|answer| decided.value(answer, lane).to_string()).unwrap_or_default()
}
