//! What a run proposes, as a test lists it: everything, no more and no less.

use rust_decimal::Decimal;

use super::expect::rows_called;
use super::value;
use crate::book::Book;
use crate::diag::{Code, Diagnostic, Place, nearest};
use crate::engine::{Emitted, Proposal, Run, print_value};
use crate::lang::sum::ExactSum;
use crate::lang::{Type, Value};
use crate::plan::{Emit, Form, Plan};
use crate::policy::fields::Fields;
use crate::policy::read;
use crate::policy::tree::{Entry, Tree, TreeKind};

/// The complete list of what one stream of a run gives.
pub(super) struct Listed<'t> {
    pub(super) stream: &'static str,
    pub(super) place: Place,
    pub(super) entries: Vec<Line<'t>>,
}

/// One thing of the list: it compares what it names.
pub(super) struct Line<'t> {
    pub(super) tree: &'t Tree,
    wanted: Vec<(&'t str, Wanted)>,
}

enum Wanted {
    /// The ids of its lines, in any order.
    Lines(Vec<String>),
    /// The id of its customer.
    Customer(String),
    /// A named value that goes out with it.
    Value(Value),
    /// The last part of its name: a rung, an invariant.
    Called(String),
}

/// Reads `actions: [ { rung: phone_call, items: [I1] } ]`.
pub(super) fn read<'t>(
    stream: &'static str,
    entry: &'t Entry,
    plan: &Plan,
    sink: &mut Vec<Diagnostic>,
) -> Option<Listed<'t>> {
    let trees = read::list(&entry.value, sink)?;
    let before = sink.len();
    let entries: Vec<Line<'t>> = trees.iter().filter_map(|tree| line(stream, tree, plan, sink)).collect();
    (sink.len() == before).then(|| Listed { stream, place: entry.key_place.clone(), entries })
}

fn line<'t>(stream: &str, tree: &'t Tree, plan: &Plan, sink: &mut Vec<Diagnostic>) -> Option<Line<'t>> {
    if let Some(text) = tree.text() {
        let known: Vec<&str> = emits(plan, stream).map(|(name, _)| last(name)).collect();
        let choices: Vec<(&str, ())> = known.iter().map(|name| (*name, ())).collect();
        read::one_of(tree, &choices, sink)?;
        return Some(Line { tree, wanted: vec![("", Wanted::Called(text.to_owned()))] });
    }
    let mut wanted = Vec::new();
    for entry in Fields::of(tree, "a thing to do", sink)?.rest() {
        let key = entry.key.as_str();
        let value = match key {
            _ if rows_called(plan, key).is_some() => {
                let ids = read::list_or_one(&entry.value).iter();
                Wanted::Lines(ids.map(|id| Some(read::text(id, sink)?.text.clone())).collect::<Option<_>>()?)
            }
            "customer" => Wanted::Customer(read::text(&entry.value, sink)?.text.clone()),
            _ => {
                let Some(ty) = payload_type(plan, stream, key) else {
                    sink.push(unknown(plan, stream, entry));
                    continue;
                };
                Wanted::Value(value::value(&entry.value, &ty.base, sink)?)
            }
        };
        wanted.push((key, value));
    }
    Some(Line { tree, wanted })
}

fn emits<'p>(plan: &'p Plan, stream: &str) -> impl Iterator<Item = (&'p str, &'p Emit)> {
    plan.nodes.iter().filter_map(move |node| match &node.form {
        Form::Emit(emit) if &*emit.stream == stream => Some((node.name.as_str(), emit)),
        _ => None,
    })
}

fn last(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}

fn payload_type(plan: &Plan, stream: &str, key: &str) -> Option<Type> {
    let mut payloads = emits(plan, stream).flat_map(|(_, emit)| &emit.payload);
    payloads.find(|(name, _)| name == key).map(|(_, expr)| expr.ty.clone())
}

fn unknown(plan: &Plan, stream: &str, entry: &Entry) -> Diagnostic {
    let key = &entry.key;
    let mut known = vec!["items", "customer"];
    for (name, _) in emits(plan, stream).flat_map(|(_, emit)| &emit.payload) {
        if !known.contains(&name.as_str()) {
            known.push(name);
        }
    }
    let finding = Diagnostic::error(Code::Test, format!("nothing proposed has a `{key}`"), entry.key_place.clone());
    finding.help(match nearest(key, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("what can be compared is {}", known.join(", ")),
    })
}

/// A proposal as a test sees it.
#[derive(Clone, Copy)]
pub(super) struct Thing<'p>(pub(super) &'p Proposal);

impl Thing<'_> {
    fn ids(&self, book: &Book) -> Vec<String> {
        let mut ids: Vec<String> = self.0.lines.iter().map(|line| book.id(line.subject, line.row).to_owned()).collect();
        ids.sort();
        ids
    }

    /// A named value of the whole: of a letter the sum of its lines' amounts, else what its naming line says.
    fn value(&self, key: &str) -> Option<Value> {
        let of = |line: &Emitted| line.payload.iter().find(|(name, _)| name == key).map(|(_, value)| value.clone());
        if key != "amount" || self.0.lines.len() == 1 {
            return of(self.0.naming()?);
        }
        let mut sum = ExactSum::default();
        for line in &self.0.lines {
            if let Some(Value::Dec(amount)) = of(line) {
                sum.add(amount);
            }
        }
        sum.total().map(|total: Decimal| Value::Dec(total))
    }

    fn is(&self, wanted: &Line<'_>, run: &Run<'_>) -> bool {
        let (plan, book) = (run.plan(), run.book());
        wanted.wanted.iter().all(|(key, wanted)| match wanted {
            Wanted::Lines(ids) => {
                let mut ids = ids.clone();
                ids.sort();
                ids == self.ids(book)
            }
            Wanted::Customer(id) => {
                let account = plan.schema.relation("account");
                let row =
                    self.0.naming().zip(account).and_then(|(line, above)| run.above(line.subject, line.row, above));
                row.zip(account).is_some_and(|(row, account)| book.id(account, row) == id)
            }
            Wanted::Value(value) => self.value(key).unwrap_or(Value::Missing) == *value,
            Wanted::Called(name) => {
                let node = self.0.naming().and_then(|line| plan.node(line.node));
                node.is_some_and(|node| last(&node.name) == name)
            }
        })
    }

    /// The thing as a test would list it, with what `line` compares.
    pub(super) fn show(&self, like: Option<&Line<'_>>, run: &Run<'_>) -> String {
        let (plan, book) = (run.plan(), run.book());
        let Some(naming) = self.0.naming() else { return String::new() };
        let node = plan.node(naming.node);
        if naming.payload.is_empty() {
            return node.map_or("", |node| last(&node.name)).to_owned();
        }
        let mut parts = vec![format!("rung: {}", self.value("rung").unwrap_or(Value::Missing))];
        parts.push(format!("items: [{}]", self.ids(book).join(", ")));
        let keys = like.map(|line| line.wanted.iter().map(|(key, _)| *key).collect::<Vec<_>>()).unwrap_or_default();
        for key in keys.into_iter().filter(|key| !["", "rung", "items"].contains(key)) {
            let Some(value) = self.value(key) else { continue };
            let ty = payload_type(plan, "actions", key);
            let shown = ty.map_or_else(|| value.to_string(), |ty| print_value(&value, &ty, &plan.money));
            parts.push(format!("{key}: {shown}"));
        }
        format!("{{ {} }}", parts.join(", "))
    }
}

/// What was listed and not proposed, and what was proposed and not listed.
pub(super) fn differences<'l, 't>(
    listed: &'l Listed<'t>,
    things: &'l [Proposal],
    run: &Run<'_>,
) -> (Vec<&'l Line<'t>>, Vec<Thing<'l>>) {
    let mut left: Vec<Thing<'_>> = things.iter().map(Thing).collect();
    let mut missed = Vec::new();
    for line in &listed.entries {
        match left.iter().position(|thing| thing.is(line, run)) {
            Some(at) => {
                left.remove(at);
            }
            None => missed.push(line),
        }
    }
    (missed, left)
}

/// A listed thing as it was written, on one line.
pub(super) fn written(line: &Line<'_>) -> String {
    match &line.tree.kind {
        TreeKind::Scalar(scalar) => scalar.text.text.clone(),
        _ => line.tree.place.text().split_whitespace().collect::<Vec<_>>().join(" "),
    }
}
