//! What a run proposes: one row a line, the lines of one letter under one id.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use sha2::{Digest as _, Sha256};

use super::ACTIONS;
use super::failures::{Failures, subject_name};
use super::records::{Field, Format, Records};
use super::tables::{LANGUAGES, Places, field_of};
use super::tally::Group;
use crate::engine::{Emitted, Proposal, Run, Unit};
use crate::hex::hex;
use crate::lang::Value;
use crate::lang::sum::ExactSum;
use crate::plan::{Emit, Form, PORTFOLIO, Plan};

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

/// A line of the action list.
struct Line {
    /// The account of the whole: that of its first line.
    account: String,
    id: String,
    fields: BTreeMap<String, Field>,
    amount: Option<Value>,
}

/// Everything proposed, on its way into its file.
pub(super) struct Actions {
    headers: Vec<String>,
    records: Records,
    places: Places,
    /// Ladder and rung, in the order of the plan.
    order: Vec<(String, String)>,
    /// How many things there are to do, and their amount, by place in the order, ladder and rung of the whole.
    groups: BTreeMap<(usize, String, String), (usize, ExactSum)>,
    /// How many things there are to do.
    pub(super) count: usize,
    /// How many lines they have together.
    pub(super) lines: usize,
}

impl Actions {
    /// Begins the file.
    pub(super) fn create(plan: &Plan, dir: &Path, format: Format) -> io::Result<Self> {
        let headers = headers(plan);
        let records = Records::create(dir, ACTIONS, format, headers.clone())?;
        let order = emits(plan).map(|emit| (constant(emit, "ladder"), constant(emit, "rung"))).collect();
        let (places, groups) = (Places::default(), BTreeMap::new());
        Ok(Self { headers, records, places, order, groups, count: 0, lines: 0 })
    }

    /// Writes what is proposed for a unit, by customer and id; what could not be decided is noted.
    pub(super) fn write(&mut self, run: &mut Run<'_>, unit: Unit, failures: &mut Failures) -> io::Result<()> {
        let plan = run.plan();
        let (proposals, unmade) = run.proposals_in(unit, ACTIONS);
        for u in unmade {
            let subject = plan.node(u.node).map_or(PORTFOLIO, |n| n.subject);
            failures.add(run, ACTIONS, u.node, (subject, u.row), &u.fault);
        }
        let mut lines = Vec::new();
        for proposal in proposals {
            lines.extend(action(run, &proposal, &mut self.places));
        }
        lines.sort_by_cached_key(|line| {
            let part = |name| line.text(name).to_string();
            (line.account.clone(), line.id.clone(), part("subject"), part("subject_id"), part("rung"))
        });
        for thing in lines.chunk_by(|a, b| a.id == b.id) {
            self.count += 1;
            self.lines += thing.len();
            self.tally(thing);
            for line in thing {
                let fields = self.headers.iter().map(|h| line.fields.get(h).unwrap_or(&Field::Nothing));
                self.records.write(fields)?;
            }
        }
        Ok(())
    }

    fn tally(&mut self, thing: &[Line]) {
        let Some(first) = thing.first() else { return };
        let key = (first.text("ladder").to_string(), first.text("level").to_string());
        let at = self.order.iter().position(|known| *known == key).unwrap_or(usize::MAX);
        let (count, sum) = self.groups.entry((at, key.0, key.1)).or_default();
        *count += 1;
        for line in thing {
            if let Some(Value::Dec(amount)) = &line.amount {
                sum.add(*amount);
            }
        }
    }

    /// Things to do and their amounts, by ladder and rung of the whole, in the order of the plan.
    pub(super) fn by_rung(&self) -> Vec<Group> {
        let group = |((_, ladder, rung), (count, sum)): (&(usize, String, String), &(usize, ExactSum))| Group {
            key: vec![ladder.clone(), rung.clone()],
            rows: *count,
            sums: vec![sum.total()],
        };
        self.groups.iter().map(group).collect()
    }

    /// Ends the file.
    pub(super) fn finish(self) -> io::Result<()> {
        self.records.finish()
    }
}

impl Line {
    fn text(&self, name: &str) -> &str {
        match self.fields.get(name) {
            Some(Field::Text(text)) => text,
            _ => "",
        }
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
    let of = proposal.lines.first().map(|line| account(run, line)).unwrap_or_default();
    let id = id(run, &of, &proposal.lines);
    let named = proposal.naming();
    let name = |part: &str| named.and_then(|line| payload(line, part)).map(ToString::to_string).unwrap_or_default();
    let (action, level) = (name("action"), name("rung"));
    let line = |line| {
        let (fields, amount) = row(run, line, &id, &action, &level, places);
        Line { account: of.clone(), id: id.clone(), fields, amount }
    };
    proposal.lines.iter().map(line).collect()
}

fn row(
    run: &mut Run<'_>,
    line: &Emitted,
    id: &str,
    action: &str,
    level: &str,
    places: &mut Places,
) -> (BTreeMap<String, Field>, Option<Value>) {
    let plan = run.plan();
    let currency = Field::text(plan.money.currency.clone());
    let mut fields = BTreeMap::from([("currency".to_string(), currency)]);
    let emit = match plan.node(line.node).map(|n| &n.form) {
        Some(Form::Emit(emit)) => Some(emit),
        _ => None,
    };
    for (name, value) in &line.payload {
        let ty = emit.and_then(|e| e.payload.iter().find(|(known, _)| known == name)).map(|(_, expr)| &expr.ty);
        let field = ty.map_or(Field::Nothing, |ty| field_of(value, ty, &plan.money));
        fields.insert(name.clone(), field);
    }
    let book = run.book();
    let own = [
        ("id", id.to_string()),
        ("action", action.to_string()),
        ("level", level.to_string()),
        ("status", "proposed".to_string()),
        ("customer", account(run, line)),
        ("subject", subject_name(run, line.subject)),
        ("subject_id", book.id(line.subject, line.row).to_string()),
        ("place", places.of(plan, line.node)),
    ];
    fields.extend(own.map(|(name, text)| (name.to_string(), Field::text(text))));
    if let Some(emit) = emit {
        for language in LANGUAGES {
            let said = run.say(&emit.reason, language, line.subject, line.row);
            fields.insert(format!("reason_{language}"), Field::text(said));
        }
    }
    (fields, payload(line, "converted_amount").or_else(|| payload(line, "amount")).cloned())
}

fn payload<'l>(line: &'l Emitted, name: &str) -> Option<&'l Value> {
    line.payload.iter().find(|(known, _)| known == name).map(|(_, value)| value)
}

/// `collection-C000001-1f00c0ffee00`: of policy, ladder and each line's subject, rung and episode; never of dates or amounts.
fn id(run: &Run<'_>, account: &str, group: &[Emitted]) -> String {
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
    let digest = hash.finalize();
    let hex = hex(digest.get(..6).unwrap_or(&digest));
    let first = group.first();
    let kind = first.and_then(|line| line.key.first()).map(ToString::to_string).unwrap_or_default();
    format!("{kind}-{account}-{hex}")
}
