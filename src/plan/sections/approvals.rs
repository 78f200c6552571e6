//! `approvals:` who must agree to a limit, or to something else: the first row that hits; and how far that has got.

mod signed;

use super::table::{self, Row};
use crate::diag::{Code, Diagnostic};
use crate::lang::{Base, Expr, Kind, Type, Value, Words};
use crate::plan::lower::{Home, Lowerer, Subjects, wrong};
use crate::plan::node::{ChoiceRow, Form, Hit};
use crate::policy::fields::Fields;
use crate::policy::read;
use crate::policy::tree::{Entry, Tree, TreeKind};

const ACCOUNT: Home = Home::At(Subjects::ACCOUNT);
const OUTPUTS: [&str; 3] = ["in_order", "distinct_people", "reject"];

/// What is said of one thing that is agreed to.
const KEYS: [&str; 4] = ["rows", "since", "amount", "action"];

/// What is agreed to where nothing else is said, and what its nodes begin with.
const LIMIT: &str = "limit";

/// One thing that people agree to.
struct Process<'t> {
    /// `approval`, `approvals.<subject>`
    name: String,
    /// What its sign-offs say they are about.
    about: &'t str,
    entry: &'t Entry,
    rows: &'t Tree,
    since: Option<&'t Tree>,
    amount: Option<&'t Tree>,
    action: Option<&'t str>,
}

/// The people a row asks, in order.
struct Chain {
    row: String,
    roles: Vec<String>,
    rejects: bool,
}

impl Process<'_> {
    fn part(&self, part: &str) -> String {
        format!("{}.{part}", self.name)
    }
}

/// A list of rows about the limit, or a mapping: for each thing a list of rows, or `{ rows, since, amount, action }`.
pub(super) fn read<'t>(low: &mut Lowerer<'t>, section: &'t Entry) {
    // A row in place of a list is the slip of a list, and no approval called `id`.
    let named = match &section.value.kind {
        TreeKind::Map(entries) if section.value.get("id").is_none() => Some(entries),
        _ => None,
    };
    let Some(entries) = named else {
        let (rows, since, amount, action) = (&section.value, None, None, None);
        let name = "approval".to_string();
        return declare(low, Process { name, about: LIMIT, entry: section, rows, since, amount, action });
    };
    if let Some(entry) = entries.iter().find(|entry| KEYS.contains(&entry.key.as_str())) {
        let message = format!("`{}` stands under what is agreed to", entry.key);
        let finding = Diagnostic::error(Code::WrongShape, message, entry.key_place.clone());
        return low
            .report(finding.help("write `approvals: { limit: { rows: [ … ] } }`, or a list of rows about the limit"));
    }
    for entry in entries {
        if let Some(process) = read_process(low, entry) {
            declare(low, process);
        }
    }
}

fn read_process<'t>(low: &mut Lowerer<'t>, entry: &'t Entry) -> Option<Process<'t>> {
    if let Err(finding) = read::check_id(&entry.key, &entry.key_place) {
        low.report(*finding);
        return None;
    }
    let about = entry.key.as_str();
    let name = if about == LIMIT { "approval".to_string() } else { format!("approvals.{about}") };
    let TreeKind::Map(_) = entry.value.kind else {
        let rows = &entry.value;
        return Some(Process { name, about, entry, rows, since: None, amount: None, action: None });
    };
    let sink = &mut low.sink;
    let mut fields = Fields::of(&entry.value, "an approval", sink)?;
    let rows = fields.need("rows", sink);
    let since = fields.take("since", sink);
    let amount = fields.take("amount", sink);
    let action = fields.take("action", sink).and_then(|t| read::id(t, sink));
    fields.finish(sink);
    Some(Process { name, about, entry, rows: rows?, since, amount, action })
}

fn declare<'t>(low: &mut Lowerer<'t>, process: Process<'t>) {
    low.head(&process.part("in_order"), Type::maybe(Base::List(Box::new(Base::Text))));
    let mut names = vec![process.name.clone()];
    names.extend(["in_order", "distinct_people", "since", "signed", "state", "next"].map(|part| process.part(part)));
    if process.amount.is_some() {
        names.push(process.part("amount"));
    }
    if process.about != LIMIT {
        low.result(Subjects::ACCOUNT, &process.name, true);
        low.result(Subjects::ACCOUNT, &process.part("state"), true);
        low.result(Subjects::ACCOUNT, &process.part("next"), false);
    }
    low.define(names, &process.entry.key_place, move |low| {
        lower(low, &process);
    });
}

fn lower<'t>(low: &mut Lowerer<'t>, process: &Process<'t>) -> Option<()> {
    let place = &process.entry.key_place;
    let subject = Subjects::ACCOUNT;
    let rows = table::rows(low, process.rows, &OUTPUTS, ACCOUNT);
    let approval = table::choice_of_row(low, &process.name, place, subject, &rows, Hit::First, false);
    let roles = Base::List(Box::new(Base::Text));
    let mut sound = true;
    for (key, base) in [("in_order", roles), ("distinct_people", Base::Bool)] {
        let find = |row: &Row| row.output(key).cloned();
        sound &= table::output_of_row(low, &process.part(key), approval, place, subject, base, &rows, find).is_some();
    }
    if !sound {
        return None;
    }
    let chains: Vec<Option<Chain>> = rows.iter().map(|row| chain(low, row)).collect();
    let chains = chains.into_iter().collect::<Option<Vec<_>>>()?;
    since(low, process)?;
    signed::lower(low, process, &chains)?;
    state(low, process, &chains)?;
    next(low, process, &chains)?;
    if let Some(action) = process.action {
        signed::ask(low, process, &chains, action)?;
    }
    Some(())
}

/// What a row asks for. Nobody, `in_order: []`, lets it pass; `reject: true` needs nobody either.
fn chain(low: &mut Lowerer<'_>, row: &Row) -> Option<Chain> {
    let rejects = match row.output("reject") {
        Some(tree) => read::boolean(tree, &mut low.sink)?,
        None => false,
    };
    let mut roles: Vec<String> = Vec::new();
    match (row.output("in_order"), rejects) {
        (Some(tree), false) => {
            for role in read::list_or_one(tree) {
                let id = read::id(role, &mut low.sink)?.to_string();
                if let Some(other) = roles.iter().find(|other| other.to_lowercase() == id.to_lowercase()) {
                    let message = match *other == id {
                        true => format!("`{id}` stands twice in one order"),
                        false => format!("`{other}` and `{id}` stand in one order and are one role but for capitals"),
                    };
                    low.report(wrong(role, Code::DuplicateId, message).help("leave one of the two out"));
                    return None;
                }
                roles.push(id);
            }
        }
        (None, true) => {}
        (Some(tree), true) => {
            let message = "a row that rejects asks nobody";
            low.report(wrong(tree, Code::UnknownKey, message).help("take `in_order:` out, or `reject: true`"));
            return None;
        }
        (None, false) => {
            let message = "the row does not say who must agree";
            let help = "add `in_order: [sales, finance]`; `in_order: []` asks nobody, `reject: true` turns it down";
            low.report(wrong(row.tree, Code::MissingKey, message).help(help));
            return None;
        }
    }
    Some(Chain { row: row.id.to_owned(), roles, rejects })
}

/// The first day whose sign-offs count: the day after the decision in force, unless it is said.
fn since<'t>(low: &mut Lowerer<'t>, process: &Process<'t>) -> Option<()> {
    let name = process.part("since");
    if let Some(tree) = process.since {
        let expr = low.expr(tree, ACCOUNT, Some(Type::maybe(Base::Date)))?.expr;
        low.add(&name, Subjects::ACCOUNT, Type::maybe(Base::Date), &tree.place, Form::Expr(expr));
        return Some(());
    }
    let place = &process.entry.key_place;
    let on = "previous.decided_on";
    low.derive_where(&name, Subjects::ACCOUNT, Base::Date, place, &format!("is_given({on})"), &format!("{on} + 1"))?;
    Some(())
}

/// The text that is true where one of these rows hit.
fn hit<'c>(process: &Process<'_>, rows: impl Iterator<Item = &'c Chain>) -> Option<String> {
    let name = &process.name;
    let any: Vec<String> = rows.map(|chain| format!("{name} == \"{}\"", chain.row)).collect();
    (!any.is_empty()).then(|| format!("is_given({name}) && ({})", any.join(" || ")))
}

/// Adds `<name>.state`.
fn state(low: &mut Lowerer<'_>, process: &Process<'_>, chains: &[Chain]) -> Option<()> {
    let place = &process.entry.key_place;
    let (signed, stages) = (process.part("signed"), process.part("stages"));
    let base = Type::one_of(["not_needed", "pending", "approved", "rejected", "invalid"]);
    let mut tried: Vec<(&str, String, &str, Words)> = Vec::new();
    if let Some(rejects) = hit(process, chains.iter().filter(|chain| chain.rejects)) {
        tried.push(("by_rule", rejects, "rejected", Words::new()));
    }
    tried.push(("nobody_asked", format!("{stages} == 0"), "not_needed", Words::new()));
    let same = words("one person signed two stages", "同一人签批了两个环节");
    let order = words("a stage was signed before the one it follows", "前一环节尚未签批，后一环节已签批");
    tried.push(("turned_down", format!("{signed} == {}", signed::REJECTED), "rejected", Words::new()));
    tried.push(("same_person", format!("{signed} == {}", signed::SAME_PERSON), "invalid", same));
    tried.push(("out_of_order", format!("{signed} == {}", signed::OUT_OF_ORDER), "invalid", order));
    tried.push(("all_signed", format!("{signed} >= {stages}"), "approved", Words::new()));
    let mut rows = Vec::new();
    for (id, text, gives, reason) in tried {
        let when = Some(low.text(&text, place, ACCOUNT, Some(Type::of(Base::Bool)))?.expr);
        let gives = low.literal(gives, base.clone(), place);
        rows.push(ChoiceRow { id: id.into(), place: place.clone(), when, gives, reason });
    }
    let gives = low.literal("pending", base.clone(), place);
    rows.push(ChoiceRow { id: "waits".into(), place: place.clone(), when: None, gives, reason: Words::new() });
    low.choose(&process.part("state"), Subjects::ACCOUNT, Type::of(base), place, Hit::First, rows);
    Some(())
}

fn words(en: &str, zh: &str) -> Words {
    use crate::lang::expr::TemplatePart;
    let one = |text: &str| crate::lang::Template(vec![TemplatePart::Text(text.into())]);
    [("en".to_string(), one(en)), ("zh".to_string(), one(zh))].into()
}

/// Adds `<name>.next`: whose turn it is.
fn next(low: &mut Lowerer<'_>, process: &Process<'_>, chains: &[Chain]) -> Option<()> {
    let place = &process.entry.key_place;
    let (state, signed) = (process.part("state"), process.part("signed"));
    let mut rows = Vec::new();
    for chain in chains {
        let hit = hit(process, std::iter::once(chain))?;
        for (done, role) in chain.roles.iter().enumerate() {
            let text = format!("{state} == \"pending\" && {hit} && {signed} == {done}");
            let when = Some(low.text(&text, place, ACCOUNT, Some(Type::of(Base::Bool)))?.expr);
            let gives = Expr { kind: Kind::Lit(Value::text(role)), ty: Type::of(Base::Text), span: place.span };
            let id = format!("{}_{role}", chain.row);
            rows.push(ChoiceRow { id, place: place.clone(), when, gives, reason: Words::new() });
        }
    }
    low.choose(&process.part("next"), Subjects::ACCOUNT, Type::maybe(Base::Text), place, Hit::First, rows);
    Some(())
}
