//! From sections to nodes: every name is lowered when it is first needed, so the nodes stand in dependency order and a
//! circle shows itself.

mod dated;
mod made;
mod measure;
mod order;
mod scope;
mod value;
mod walk;

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::ops::Bound;

use super::node::{ActionList, BaseHeader, Column, Form, Header, MoneyRule, Node, Output, Plan};
use super::schema::{Fact, FactId, RelationId, Schema, fact_prefix};
use crate::diag::{Code, Diagnostic, Place, Severity, Span, nearest};
use crate::lang::calendar::Calendar;
use crate::lang::functions::{Rounding, RoundingMode};
use crate::lang::{Base, FunctionRef, NodeRef, Type};
use crate::policy::folder::Folder;
use crate::policy::tree::Tree;

pub(crate) use made::Tally;
use measure::Template;
pub(crate) use order::Key;
pub(crate) use scope::{Home, Lowered};
pub(crate) use walk::{OverText, WalkText};

/// The deepest chain of decisions that need one another.
const DEEPEST: usize = 120;

type Body<'t> = Box<dyn FnOnce(&mut Lowerer<'t>) + 't>;

/// A thing with one or more names, not yet lowered, being lowered, or lowered.
struct Definition<'t> {
    /// The first of its names, in their order as texts.
    name: String,
    place: Place,
    state: State<'t>,
}

enum State<'t> {
    Waiting(Body<'t>),
    Running,
    Done,
}

/// A policy on its way to a plan.
pub(crate) struct Lowerer<'t> {
    /// The plan so far.
    pub(crate) plan: Plan,
    /// Where the policy was read from.
    pub(crate) folder: &'t Folder,
    /// What was found wrong.
    pub(crate) sink: Vec<Diagnostic>,
    /// The warnings given: where, and of what.
    warned: HashSet<(Option<(String, Span)>, String)>,
    definitions: Vec<Definition<'t>>,
    names: BTreeMap<String, usize>,
    lowered: BTreeMap<String, NodeRef>,
    heads: BTreeMap<String, Type>,
    templates: BTreeMap<String, Template<'t>>,
    functions: BTreeMap<String, (FunctionRef, Vec<Type>, Type)>,
    stack: Vec<(usize, String)>,
    /// Names (and what stands below them) that an error keeps from being declared: what reads them is no error of its own.
    broken: BTreeSet<String>,
    /// Names that can be read on another date: `reference.LPR_1Y(invoice.issue_date)`.
    dated: BTreeSet<String>,
    /// Rules that refer to a person when a fact is missing.
    pub(crate) referrals: Vec<super::sections::Referral>,
    /// Decisions to be put out: subject, name, and whether with the rule that made them.
    pub(crate) results: Vec<(RelationId, String, bool)>,
}

/// The relations that stand in every plan.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Subjects;

impl Subjects {
    pub(crate) const PORTFOLIO: RelationId = RelationId(0);
    pub(crate) const ACCOUNT: RelationId = RelationId(2);
    pub(crate) const INVOICE: RelationId = RelationId(3);
    pub(crate) const ITEM: RelationId = RelationId(4);
}

impl<'t> Lowerer<'t> {
    pub(crate) fn new(folder: &'t Folder) -> Self {
        let bases = folder.bases.iter().map(|base| BaseHeader {
            policy: base.policy.clone(),
            version: base.version.clone(),
            files: base.digest.clone(),
        });
        let header = Header {
            policy: String::new(),
            version: String::new(),
            title: BTreeMap::new(),
            from: None,
            before: None,
            bases: bases.collect(),
            files: folder.digest(),
        };
        let converts = super::sections::converts(folder);
        let schema = Schema::standard();
        let rounding = Rounding { unit: rust_decimal::Decimal::new(1, 2), mode: RoundingMode::HalfEven };
        Self {
            plan: Plan {
                header,
                schema: if converts { schema.in_own_currencies() } else { schema },
                nodes: Vec::new(),
                functions: Vec::new(),
                tables: Vec::new(),
                outputs: Vec::new(),
                actions: ActionList::WHOLE,
                calendar: Calendar::default(),
                money: MoneyRule { currency: String::new(), converts, rounding },
            },
            folder,
            sink: Vec::new(),
            warned: HashSet::new(),
            definitions: Vec::new(),
            names: BTreeMap::new(),
            lowered: BTreeMap::new(),
            heads: BTreeMap::new(),
            templates: BTreeMap::new(),
            functions: BTreeMap::new(),
            stack: Vec::new(),
            broken: BTreeSet::new(),
            dated: BTreeSet::new(),
            referrals: Vec::new(),
            results: Vec::new(),
        }
    }

    /// Takes a finding; what is read twice is told once.
    pub(crate) fn report(&mut self, diagnostic: Diagnostic) {
        let place = || diagnostic.place.as_ref().map(|place| (place.source.name.clone(), place.span));
        let is_warning = diagnostic.severity == Severity::Warning;
        if !is_warning || self.warned.insert((place(), diagnostic.message.clone())) {
            self.sink.push(diagnostic);
        }
    }

    /// The section that would make a decision of this name, where the policy lacks it.
    pub(crate) fn section_lacking(&self, name: &str) -> Option<&'static str> {
        crate::plan::sections::given_up::section_of(name).filter(|section| !self.has_section(section))
    }

    /// Declares names that `body` will add nodes for when one of them is first needed.
    pub(crate) fn define(&mut self, names: Vec<String>, place: &Place, body: impl FnOnce(&mut Self) + 't) {
        let twice = names.iter().find_map(|name| Some((name.clone(), self.declared_at(name)?.clone())));
        if let Some((name, first)) = twice {
            let finding = Diagnostic::error(Code::DuplicateId, format!("`{name}` is declared twice"), place.clone())
                .also(first, "first declared here")
                .help("give one of the two another id");
            self.report(finding);
            names.into_iter().for_each(|name| self.give_up(name));
            return;
        }
        let number = self.definitions.len();
        let name = names.iter().min().cloned().unwrap_or_default();
        self.names.extend(names.into_iter().map(|name| (name, number)));
        self.definitions.push(Definition { name, place: place.clone(), state: State::Waiting(Box::new(body)) });
    }

    /// Gives a name up, with all that would stand below it: why is reported already.
    pub(crate) fn give_up(&mut self, name: impl Into<String>) {
        self.broken.insert(name.into());
    }

    /// Whether an error keeps a name from being declared.
    pub(crate) fn is_given_up(&self, name: &str) -> bool {
        let dots = name.match_indices('.').filter_map(|(at, _)| name.get(..at));
        !self.broken.is_empty() && dots.chain([name]).any(|prefix| self.broken.contains(prefix))
    }

    /// Whether a name, or one below it, is declared.
    pub(crate) fn has_under(&self, name: &str) -> bool {
        let below = format!("{name}.");
        let next = self.names.range::<str, _>((Bound::Included(below.as_str()), Bound::Unbounded)).next();
        self.names.contains_key(name) || next.is_some_and(|(known, _)| known.starts_with(&below))
    }

    /// Says a decision's type before it is lowered, so that `previous.<decision>` can be read inside it.
    pub(crate) fn head(&mut self, name: &str, ty: Type) {
        self.heads.insert(name.into(), ty);
    }

    /// Where a name was declared; `None` when it was not, or is a raw fact.
    pub(crate) fn declared_at(&self, name: &str) -> Option<&Place> {
        self.names.get(name).and_then(|n| self.definitions.get(*n)).map(|d| &d.place)
    }

    /// How many definitions there are so far.
    pub(crate) fn declared(&self) -> usize {
        self.definitions.len()
    }

    /// Lowers what was declared from a number on, in the order declared.
    pub(crate) fn lower_from(&mut self, first: usize) {
        let mut number = first;
        while let Some(name) = self.definitions.get(number).map(|definition| definition.name.clone()) {
            self.run(number, name);
            number += 1;
        }
    }

    fn run(&mut self, number: usize, name: String) {
        let Some(definition) = self.definitions.get_mut(number) else { return };
        if !matches!(definition.state, State::Waiting(_)) {
            return;
        }
        let State::Waiting(body) = std::mem::replace(&mut definition.state, State::Running) else { return };
        self.stack.push((number, name));
        body(self);
        self.stack.pop();
        if let Some(definition) = self.definitions.get_mut(number) {
            definition.state = State::Done;
        }
    }

    /// The node with this name, lowered now if it was not yet; `Err` when it is declared but in error.
    pub(crate) fn demand(&mut self, name: &str, at: &Place) -> Option<Result<NodeRef, ()>> {
        if let Some(node) = self.lowered.get(name) {
            return Some(Ok(*node));
        }
        let number = match self.names.get(name) {
            Some(number) => *number,
            None => {
                let found = self.raw_fact(name, at).or_else(|| self.previous(name, at).map(Ok));
                let found = found.or_else(|| self.demand(&self.plan.money.same_as(name)?, at));
                return found.or_else(|| self.is_given_up(name).then_some(Err(())));
            }
        };
        match self.definitions.get(number).map(|d| &d.state) {
            Some(State::Running) => {
                self.report_circle(number, name, at);
                return Some(Err(()));
            }
            Some(State::Waiting(_)) if self.stack.len() >= DEEPEST => {
                let message =
                    format!("`{name}` is the end of a chain of more than {DEEPEST} decisions that need one another");
                self.report(Diagnostic::error(Code::TooLarge, message, at.clone()));
                return Some(Err(()));
            }
            _ => self.run(number, name.into()),
        }
        Some(self.lowered.get(name).copied().ok_or(()))
    }

    fn report_circle(&mut self, number: usize, name: &str, at: &Place) {
        let from = self.stack.iter().position(|(n, _)| *n == number).unwrap_or(0);
        let stations: Vec<(usize, String)> = self.stack.get(from..).unwrap_or(&[]).to_vec();
        let mut path: Vec<String> = stations.iter().map(|(_, station)| station.clone()).collect();
        if let Some(first) = path.first_mut() {
            *first = name.to_string();
        }
        path.push(name.to_string());
        let mut finding =
            Diagnostic::error(Code::Circle, format!("`{name}` needs itself: {}", path.join(" → ")), at.clone())
                .help("break the circle: let one of them read `previous.…` or a fact instead");
        for (station, _) in stations.iter().skip(1) {
            if let Some(definition) = self.definitions.get(*station) {
                finding = finding.also(definition.place.clone(), "on the way");
            }
        }
        self.report(finding);
    }

    /// Adds a node; its name can be read from now on.
    pub(crate) fn add(&mut self, name: &str, subject: RelationId, ty: Type, place: &Place, form: Form) -> NodeRef {
        let at = NodeRef(u32::try_from(self.plan.nodes.len()).unwrap_or(u32::MAX));
        self.plan.nodes.push(Node {
            name: name.into(),
            subject,
            ty,
            place: place.clone(),
            form,
            shown_when_missing: None,
            label: BTreeMap::new(),
        });
        self.lowered.insert(name.into(), at);
        at
    }

    /// A node already added.
    pub(crate) fn node(&self, at: NodeRef) -> Option<&Node> {
        self.plan.node(at)
    }

    /// A node already added, to complete it.
    pub(crate) fn node_mut(&mut self, at: NodeRef) -> Option<&mut Node> {
        self.plan.nodes.get_mut(at.0 as usize)
    }

    /// Has another node's value shown where this one's is missing.
    pub(crate) fn show_instead(&mut self, node: NodeRef, instead: NodeRef) {
        if let Some(node) = self.node_mut(node) {
            node.shown_when_missing = Some(instead);
        }
    }

    /// The node with this name, if it is lowered already.
    pub(crate) fn demand_known(&self, name: &str) -> Option<NodeRef> {
        self.lowered.get(name).copied()
    }

    /// Says what people call a node.
    pub(crate) fn label(&mut self, node: Option<NodeRef>, label: Option<&Tree>) {
        let Some(words) = label.and_then(|tree| crate::policy::read::words(tree, &mut self.sink)) else { return };
        if let Some(node) = node.and_then(|at| self.node_mut(at)) {
            node.label = words.into_iter().map(|(language, text)| (language, text.text)).collect();
        }
    }

    /// Whether a name has been declared (or is a raw fact).
    pub(crate) fn knows(&self, name: &str) -> bool {
        self.names.contains_key(name)
            || self.lowered.contains_key(name)
            || self.find_raw(name).is_some()
            || self.is_given_up(name)
            || self.plan.money.same_as(name).is_some_and(|other| self.knows(&other))
    }

    /// The raw fact a name stands for.
    pub(crate) fn find_raw(&self, name: &str) -> Option<(RelationId, FactId, Fact)> {
        let (prefix, fact) = name.split_once('.')?;
        let relation = self.subject_named(prefix)?;
        let found = self.plan.schema.get(relation)?;
        // `account.x` is computed, `customer.x` is what the book says; the two do not mix. Previous decisions are read
        // through `previous.`.
        if fact_prefix(&found.name) != prefix || found.name == "decision" {
            return None;
        }
        let id = self.plan.schema.fact(relation, fact).or_else(|| {
            let own = self.plan.schema.fact(relation, fact.strip_prefix("own_")?)?;
            self.is_own(relation, own).then_some(own)
        })?;
        Some((relation, id, found.facts.get(usize::from(id.0))?.clone()))
    }

    /// Whether a raw fact is an amount in the currency of its document.
    fn is_own(&self, relation: RelationId, fact: FactId) -> bool {
        let fact = self.plan.schema.get(relation).and_then(|r| r.facts.get(usize::from(fact.0)));
        fact.is_some_and(|fact| matches!(fact.ty.base, Base::OwnMoney(_)))
    }

    /// The relation a prefix speaks of: `customer` and `account` are one.
    pub(crate) fn subject_named(&self, prefix: &str) -> Option<RelationId> {
        self.plan.schema.relation(if prefix == "customer" { "account" } else { prefix })
    }

    /// A name of any action relation reads as `action.*` where the ladder's own history is meant.
    fn raw_fact(&mut self, name: &str, at: &Place) -> Option<Result<NodeRef, ()>> {
        let (relation, id, fact) = self.find_raw(name)?;
        let (subject, last) = name.split_once('.')?;
        if self.is_own(relation, id) && fact.name == last {
            let text = format!("convert({subject}.own_{last})");
            return Some(self.derive(name, Home::At(relation), None, at, &text).ok_or(()));
        }
        Some(Ok(self.add(name, relation, fact.ty, at, Form::Fact(id))))
    }

    /// `previous.<decision>`: the latest decision in force on the date.
    fn previous(&mut self, name: &str, at: &Place) -> Option<NodeRef> {
        let decision = name.strip_prefix("previous.")?;
        let relation = self.plan.schema.relation("decision")?;
        let ty = match self.heads.get(decision) {
            // Nobody knows in which currency it was.
            Some(head) if matches!(head.base, Base::OwnMoney(_)) => return None,
            Some(head) => Type::maybe(head.base.clone()),
            None if decision == "decided_on" => Type::maybe(Base::Date),
            None => return None,
        };
        let decided_on = self.raw_decision("decided_on", Type::of(Base::Date), relation, at)?;
        let value = self.raw_decision(decision, ty.clone(), relation, at)?;
        let of_value = self.node(value).map_or(ty.clone(), |node| node.ty.clone());
        let expr =
            |node: NodeRef, ty: Type| crate::lang::Expr { kind: crate::lang::Kind::Node(node), ty, span: at.span };
        let aggregate = super::node::Aggregate {
            of: relation,
            take: super::node::Take::Last(expr(decided_on, Type::of(Base::Date))),
            value: Some(expr(value, of_value)),
            filter: None,
            weight: None,
            window: None,
            as_at: None,
        };
        Some(self.add(name, Subjects::ACCOUNT, ty, at, Form::Aggregate(Box::new(aggregate))))
    }

    fn raw_decision(&mut self, column: &str, ty: Type, relation: RelationId, at: &Place) -> Option<NodeRef> {
        let name = format!("decision.{column}");
        if let Some(node) = self.lowered.get(&name) {
            return Some(*node);
        }
        let id = match self.plan.schema.fact(relation, column) {
            Some(id) => id,
            None => {
                let fact = Fact { name: column.into(), ty: ty.clone(), declared: false, pii: false };
                self.plan.schema.declare(relation, fact)?
            }
        };
        Some(self.add(&name, relation, ty, at, Form::Fact(id)))
    }

    /// Every name that can be read, for the nearest one.
    fn readable(&self) -> impl Iterator<Item = String> + '_ {
        let raw = self.plan.schema.relations.iter().flat_map(|r| {
            let prefix = fact_prefix(&r.name);
            r.facts.iter().flat_map(move |f| {
                let own = matches!(f.ty.base, Base::OwnMoney(_)).then(|| format!("{prefix}.own_{}", f.name));
                own.into_iter().chain([format!("{prefix}.{}", f.name)])
            })
        });
        let names = self.names.keys().chain(self.lowered.keys()).cloned();
        names.chain(self.templates.keys().cloned()).chain(self.functions.keys().cloned()).chain(raw)
    }

    /// The readable name nearest to what was written.
    pub(crate) fn nearest_name(&self, written: &str) -> Option<String> {
        let known: Vec<String> = self.readable().collect();
        let param = format!("params.{written}");
        if known.contains(&param) {
            return Some(param);
        }
        let amount = format!("{written}.amount");
        if known.contains(&amount) {
            return Some(amount);
        }
        if let Some(name) = nearest(written, known.iter().map(String::as_str)) {
            return Some(name.into());
        }
        // A section or subject for what stands in it: `limit` for `limit.amount`.
        if let Some(name) = known.iter().find(|name| is_under(name, written)) {
            return Some(name.clone());
        }
        // The right last part under another subject: `account.since` for `customer.since`.
        let last = written.rsplit('.').next().unwrap_or(written);
        known.into_iter().find(|name| name.rsplit('.').next() == Some(last) && name != written)
    }

    /// Has a decision put out with its subject's table.
    pub(crate) fn result(&mut self, subject: RelationId, name: &str, with_rule: bool) {
        self.results.push((subject, name.into(), with_rule));
    }

    /// The subject that `for:` names.
    pub(crate) fn subject_written(&mut self, tree: &Tree) -> Option<RelationId> {
        let subjects: Vec<(String, RelationId)> =
            self.plan.schema.subjects().map(|(id, name)| (name.to_string(), id)).collect();
        self.one_subject_of(tree, &subjects)
    }

    /// The subject that a ladder is for, and the history of what was done for it.
    pub(crate) fn climbed_written(&mut self, tree: &Tree) -> Option<(RelationId, RelationId)> {
        let schema = &self.plan.schema;
        let subjects: Vec<(String, (RelationId, RelationId))> =
            schema.climbed().filter_map(|(id, name)| Some((name.to_string(), (id, schema.history(id)?)))).collect();
        self.one_subject_of(tree, &subjects)
    }

    /// One of the subjects that a `for:` may name.
    fn one_subject_of<T: Copy>(&mut self, tree: &Tree, subjects: &[(String, T)]) -> Option<T> {
        if tree.text() == Some("customer") {
            let finding = wrong(tree, Code::UnknownValue, "`customer` begins the names of facts, and is no subject");
            self.report(finding.help("write `account`: a customer and what is computed of it are one subject"));
            return None;
        }
        let subjects: Vec<(&str, T)> = subjects.iter().map(|(name, subject)| (name.as_str(), *subject)).collect();
        crate::policy::read::one_of(tree, &subjects, &mut self.sink)
    }

    /// Adds a column to a table of decisions, if the name was lowered.
    pub(crate) fn tabulate(&mut self, table: &str, subject: RelationId, header: &str, name: &str, with_rule: bool) {
        let Some(node) = self.lowered.get(name).copied() else { return };
        let column = Column { header: header.into(), node, with_rule, with_reasons: with_rule };
        match self.plan.tables.iter_mut().find(|of| of.table == table) {
            Some(of) => of.columns.push(column),
            None => {
                let of = Output { table: table.into(), subject, columns: vec![column], only: None };
                self.plan.tables.push(of);
            }
        }
    }

    /// The function with this name: its number, what it takes, what it gives.
    pub(crate) fn function(&self, name: &str) -> Option<&(FunctionRef, Vec<Type>, Type)> {
        self.functions.get(name)
    }

    /// Declares a function of the scripts and gives its number in the plan.
    pub(crate) fn declare_function(&mut self, name: &str, takes: &[Type], gives: &Type) -> FunctionRef {
        let at = FunctionRef(u32::try_from(self.functions.len()).unwrap_or(u32::MAX));
        self.functions.insert(name.into(), (at, takes.to_vec(), gives.clone()));
        at
    }

    /// Whether the policy has a section.
    pub(crate) fn has_section(&self, name: &str) -> bool {
        self.folder.section(name).is_some()
    }
}

/// Whether `name` is `above.…`.
fn is_under(name: &str, above: &str) -> bool {
    name.strip_prefix(above).is_some_and(|rest| rest.starts_with('.'))
}

/// The place of a tree, for the common case of an error about the whole of it.
pub(crate) fn wrong(tree: &Tree, code: Code, message: impl Into<String>) -> Diagnostic {
    Diagnostic::error(code, message, tree.place.clone())
}
