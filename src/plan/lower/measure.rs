//! Measures: what lies below a subject, counted, summed, aged; and formulas over what is there already.

use std::borrow::Cow;
use std::sync::Arc;

use super::scope::{Bindings, boolean, made_text};
use super::{Home, Lowerer, wrong};
use crate::diag::{Code, Diagnostic, Place};
use crate::lang::expr::CompareOp;
use crate::lang::{Base, Expr, Found, Kind, NodeRef, Type, Value};
use crate::plan::node::{Aggregate, Choice, ChoiceRow, Form, Hit, Take, Window};
use crate::plan::schema::{RelationId, is_history};
use crate::policy::fields::Fields;
use crate::policy::read;
use crate::policy::tree::{Entry, Scalar, Tree, TreeKind};

/// A measure with parameters: `account.sales(n: days)`. Each set of arguments makes a node of its own.
#[derive(Clone)]
pub(crate) struct Template<'t> {
    parameters: Vec<(String, Type)>,
    body: Cow<'t, Tree>,
    place: Place,
}

/// A measure without `of`.
struct Formula<'f> {
    name: &'f str,
    subject: Option<RelationId>,
    value: &'f Tree,
    filter: Option<&'f Tree>,
    as_at: Option<&'f Tree>,
    place: &'f Place,
}

/// The ways to take that a policy may name; `last` also needs its date.
const TAKES: [(&str, Option<Take>); 7] = [
    ("sum", Some(Take::Sum)),
    ("count", Some(Take::Count)),
    ("min", Some(Take::Min)),
    ("max", Some(Take::Max)),
    ("mean", Some(Take::Mean)),
    ("any", Some(Take::Any)),
    ("last", None),
];

impl<'t> Lowerer<'t> {
    /// Declares the measures of a section; the prelude's may be about anything, a policy's about a subject.
    pub(crate) fn declare_measures(&mut self, section: &'t Tree, prelude: bool) {
        let TreeKind::Map(entries) = &section.kind else {
            self.report(
                wrong(section, Code::WrongShape, "`measures` is a mapping of names to measures")
                    .help("as in `account.open_items: { of: item, take: count, where: item.is_open }`"),
            );
            return;
        };
        for entry in entries {
            self.declare_measure(entry, prelude);
        }
    }

    fn declare_measure(&mut self, entry: &'t Entry, prelude: bool) {
        let Some((mut name, parameters)) = self.measure_name(entry) else { return };
        if prelude && let Some(other) = self.plan.money.same_as(&name) {
            name = other;
        } else if prelude && self.knows(&name) {
            // What is converted where currencies differ is there already where they do not.
            return;
        }
        if !prelude && (self.knows(&name) || self.templates.contains_key(&name)) {
            self.declared_twice(&name, entry);
            return;
        }
        let subject = name.split_once('.').and_then(|(prefix, _)| self.subject_named(prefix));
        if subject.is_none() && !prelude {
            let finding = Diagnostic::error(
                Code::UnknownValue,
                format!("a measure's name begins with its subject, and `{name}` does not"),
                entry.key_place.clone(),
            )
            .help("write `account.…`, `group.…`, `portfolio.…`, `invoice.…`, `item.…` or `order.…`");
            self.report(finding);
            return;
        }
        if !parameters.is_empty() {
            let body = Cow::Borrowed(&entry.value);
            let template = Template { parameters, body, place: entry.key_place.clone() };
            self.templates.insert(name, template);
            return;
        }
        let place = entry.key_place.clone();
        self.define(vec![name.clone()], &place, move |low| {
            low.lower_measure(&name, subject, &entry.value, &Bindings::new(), &entry.key_place);
        });
    }

    /// A formula with parameters under a name, made by a section.
    pub(crate) fn derive_with(&mut self, name: &str, parameters: &[(&str, Base)], place: &Place, text: &str) {
        let parameters = parameters.iter().map(|(name, base)| ((*name).to_string(), Type::of(base.clone()))).collect();
        let scalar = Scalar { text: made_text(text, place), quoted: true, elsewhere: false };
        let body = Cow::Owned(Tree { kind: TreeKind::Scalar(scalar), place: place.clone() });
        self.templates.insert(name.into(), Template { parameters, body, place: place.clone() });
    }

    fn declared_twice(&mut self, name: &str, entry: &Entry) {
        let own = |place: &&Place| !place.source.text.is_empty() && place.source.text != crate::plan::PRELUDE;
        let first = self.declared_at(name).or(self.templates.get(name).map(|t| &t.place)).filter(own);
        let at = entry.key_place.clone();
        let finding = match first {
            Some(first) => Diagnostic::error(Code::DuplicateId, format!("`{name}` is declared twice"), at)
                .also(first.clone(), "first declared here")
                .help("give one of the two another name"),
            None => Diagnostic::error(Code::Redeclared, format!("`{name}` is a standard fact already"), at)
                .help("read it as it is, or give your measure a name of its own"),
        };
        self.report(finding);
    }

    /// `account.sales(n: days)` → its name and parameters.
    fn measure_name(&mut self, entry: &Entry) -> Option<(String, Vec<(String, Type)>)> {
        let Some((name, rest)) = entry.key.split_once('(') else { return Some((entry.key.clone(), Vec::new())) };
        let parse = |part: &str| {
            let (name, ty) = part.split_once(':')?;
            let base = match ty.trim() {
                "days" => Base::Days,
                "months" => Base::Months,
                "money" => Base::Money,
                "number" => Base::Number,
                "int" => Base::Int,
                "date" => Base::Date,
                "text" => Base::Text,
                _ => return None,
            };
            Some((name.trim().to_string(), Type::of(base)))
        };
        let parameters: Option<Vec<_>> = rest.strip_suffix(')').and_then(|list| list.split(',').map(parse).collect());
        if parameters.is_none() {
            let finding = Diagnostic::error(
                Code::WrongShape,
                format!("`{}` does not say what it takes", entry.key),
                entry.key_place.clone(),
            )
            .help("write a name and a type for each: `account.sales(n: days)`");
            self.report(finding);
        }
        Some((name.trim().to_string(), parameters?))
    }

    /// What a measure with parameters takes.
    pub(crate) fn template_signature(&self, name: &str) -> Option<Vec<Type>> {
        Some(self.templates.get(name)?.parameters.iter().map(|(_, ty)| ty.clone()).collect())
    }

    /// The node of a measure for these arguments.
    pub(crate) fn instantiate(
        &mut self,
        name: &str,
        arguments: Vec<Expr>,
        viewer: RelationId,
        at: &Place,
    ) -> Option<NodeRef> {
        let template = self.templates.get(name)?.clone();
        let shown: Vec<String> = arguments.iter().map(|a| self.plan.show(a)).collect();
        let instance = format!("{name}({})", shown.join(", "));
        if let Some(known) = self.lowered.get(&instance) {
            return Some(*known);
        }
        if self.stack.len() >= super::DEEPEST {
            let message = format!("`{instance}` is the end of too long a chain of measures");
            self.report(Diagnostic::error(Code::TooLarge, message, at.clone()));
            return None;
        }
        let mut bindings = Bindings::new();
        for ((parameter, ty), argument) in template.parameters.iter().zip(arguments) {
            let found = match argument.kind {
                Kind::Lit(value) => Found::Constant(value, ty.clone()),
                Kind::Node(node) => Found::Node(node, argument.ty),
                _ => {
                    let subject = self.subject_of(&argument, viewer);
                    let node =
                        self.add(&format!("{instance}.{parameter}"), subject, ty.clone(), at, Form::Expr(argument));
                    Found::Node(node, ty.clone())
                }
            };
            bindings.insert(parameter.clone(), found);
        }
        let subject = name.split_once('.').and_then(|(prefix, _)| self.subject_named(prefix));
        self.stack.push((usize::MAX, instance.clone()));
        self.lower_measure(&instance, subject, &template.body, &bindings, &template.place);
        self.stack.pop();
        self.lowered.get(&instance).copied()
    }

    /// The finest subject an expression reads.
    fn subject_of(&self, expr: &Expr, viewer: RelationId) -> RelationId {
        let mut finest = super::Subjects::PORTFOLIO;
        let mut visit = |node: NodeRef| {
            if let Some(n) = self.node(node) {
                finest = self.finer(finest, n.subject);
            }
        };
        each_node(expr, &mut visit);
        if self.plan.schema.is_at_or_above(finest, viewer) { finest } else { viewer }
    }

    fn lower_measure(
        &mut self,
        name: &str,
        subject: Option<RelationId>,
        tree: &Tree,
        bindings: &Bindings,
        place: &Place,
    ) -> Option<NodeRef> {
        if tree.scalar().is_some() {
            return self.formula(Formula { name, subject, value: tree, filter: None, as_at: None, place }, bindings);
        }
        if tree.get("go_through").is_some() {
            return self.lower_walk(name, subject, tree, bindings, place);
        }
        let mut fields = Fields::of(tree, "a measure", &mut self.sink)?;
        let of = fields.take("of", &mut self.sink);
        let take = fields.take("take", &mut self.sink);
        let value = fields.take("value", &mut self.sink);
        let filter = fields.take("where", &mut self.sink);
        let weight = fields.take("weight", &mut self.sink);
        let during = fields.take("during", &mut self.sink);
        let as_at = fields.take("as_at", &mut self.sink);
        let by = fields.take("by", &mut self.sink);
        fields.finish(&mut self.sink);
        let Some(of_tree) = of else {
            let Some(value) = value else {
                self.report(
                    wrong(tree, Code::MissingKey, "a measure needs `of:` and `take:`, or is a formula with `value:`")
                        .help("as in `{ of: item, take: sum, value: item.open }`"),
                );
                return None;
            };
            for odd in [take, weight, during, by].into_iter().flatten() {
                self.report(
                    wrong(odd, Code::UnknownKey, "this goes with `of:`, which is not here")
                        .help("say what is counted or summed, as in `of: item`, or take it out"),
                );
            }
            return self.formula(Formula { name, subject, value, filter, as_at, place }, bindings);
        };
        let of = self.relation_below(of_tree, subject)?;
        let subject = subject?;
        let Some(take_tree) = take else {
            let ways = TAKES.map(|(name, _)| name).join(", ");
            self.report(
                wrong(tree, Code::MissingKey, "`take:` is missing").help(format!("write `take:` with one of {ways}")),
            );
            return None;
        };
        let numbers: Vec<(&str, usize)> = TAKES.iter().enumerate().map(|(n, (name, _))| (*name, n)).collect();
        let (take_name, take) = TAKES.get(read::one_of(take_tree, &numbers, &mut self.sink)?)?.clone();
        let row = Home::At(of);
        let own = Home::At(subject);
        let [value_place, weight_place] = [value, weight].map(|tree| tree.map(|tree| tree.place.clone()));
        let filter = match filter {
            Some(tree) => Some(self.expr_with(tree, row, Some(Type::of(Base::Bool)), bindings, &[])?.expr),
            None => None,
        };
        let value = match value {
            Some(tree) => Some(self.expr_with(tree, row, None, bindings, filter.as_slice())?.expr),
            None => None,
        };
        if value.is_none() && !matches!(take_name, "count" | "any") {
            self.report(
                wrong(tree, Code::MissingKey, format!("`take: {take_name}` needs a `value:`"))
                    .help("as in `value: item.open`"),
            );
            return None;
        }
        let weight = match weight {
            Some(tree) => Some(self.expr_with(tree, row, None, bindings, &[])?.expr),
            None => None,
        };
        let window = match during {
            Some(tree) => Some(self.window(tree, of, subject, bindings)?),
            None => None,
        };
        let as_at = match as_at {
            Some(tree) => Some(self.expr_with(tree, own, Some(Type::maybe(Base::Date)), bindings, &[])?.expr),
            None => None,
        };
        let take = match (take, by) {
            (Some(take), _) => take,
            (None, Some(by)) => Take::Last(self.expr_with(by, row, Some(Type::maybe(Base::Date)), bindings, &[])?.expr),
            (None, None) => {
                let message = "`take: last` needs `by:`, the date that says which is last";
                self.report(wrong(tree, Code::MissingKey, message).help("as in `by: payment.date`"));
                return None;
            }
        };
        let mut base = value.as_ref().map_or(Base::Int, |v| v.ty.base.clone());
        if !matches!(take, Take::Count | Take::Any) {
            base =
                self.over_currencies(value.as_ref(), value_place.as_ref(), filter.as_ref(), subject)?.unwrap_or(base);
        }
        self.over_currencies(weight.as_ref(), weight_place.as_ref(), filter.as_ref(), subject)?;
        if !takes(&take, &base) {
            let at = take_tree.place.clone();
            let message = format!("`{take_name}` cannot be taken of values of type `{base}`");
            let help = "`sum` and `mean` want numbers, amounts or counts; `min` and `max` also dates";
            self.report(Diagnostic::error(Code::WrongType, message, at).help(help));
            return None;
        }
        let ty = take.gives(&base);
        let aggregate = Aggregate { of, take, value, filter, weight, window, as_at };
        Some(self.add(name, subject, ty, place, Form::Aggregate(Box::new(aggregate))))
    }

    /// The type of amounts taken together above the documents they belong to: in several currencies they are none, unless a
    /// filter leaves those in one. The inner option is empty for everything else.
    pub(super) fn over_currencies(
        &mut self,
        value: Option<&Expr>,
        place: Option<&Place>,
        filter: Option<&Expr>,
        subject: RelationId,
    ) -> Option<Option<Base>> {
        let Some((value, Base::OwnMoney(owner))) = value.map(|value| (value, &value.ty.base)) else {
            return Some(None);
        };
        let document = self.subject_named(owner);
        if document.is_none_or(|document| self.plan.schema.is_at_or_above(document, subject)) {
            return Some(None);
        }
        let currency = format!("{owner}.currency");
        if let Some(code) = filter.and_then(|filter| self.only_currency(filter, &currency)) {
            let policys = *code == *self.plan.money.currency;
            return Some(Some(if policys { Base::Money } else { Base::OwnMoney(code) }));
        }
        let written = self.plan.show(value);
        let message = format!("`{written}` is in several currencies where several {owner}s are taken together");
        let help = format!("write `convert({written})`, or leave one currency: `where: {currency} == \"USD\"`");
        let finding = Diagnostic::error(Code::WrongType, message, place?.clone());
        self.report(finding.help(help));
        None
    }

    /// The one currency that a condition leaves.
    fn only_currency(&self, filter: &Expr, currency: &str) -> Option<Arc<str>> {
        match &filter.kind {
            Kind::And(a, b) => self.only_currency(a, currency).or_else(|| self.only_currency(b, currency)),
            Kind::Compare(CompareOp::Equal, a, b) => match (&a.kind, &b.kind) {
                (Kind::Node(node), Kind::Lit(Value::Text(code))) | (Kind::Lit(Value::Text(code)), Kind::Node(node)) => {
                    let is_it = self.plan.name(*node) == currency && crate::lang::is_currency(code);
                    is_it.then(|| Arc::clone(code))
                }
                _ => None,
            },
            _ => None,
        }
    }

    /// The relation that is named, when it lies under a subject.
    pub(crate) fn relation_below(&mut self, tree: &Tree, subject: Option<RelationId>) -> Option<RelationId> {
        let name = read::text(tree, &mut self.sink)?.text.as_str();
        let schema = &self.plan.schema;
        let below: Vec<&str> = schema
            .relations
            .iter()
            .filter(|r| {
                let id = schema.relation(&r.name);
                let own = r.name == "decision" || r.name.starts_with("piece_");
                !own && id.zip(subject).is_some_and(|(id, subject)| id != subject && schema.is_at_or_above(subject, id))
            })
            .map(|r| r.name.as_str())
            .collect();
        if below.contains(&name) {
            return schema.relation(name);
        }
        let known = schema.relation(name).is_some();
        // What was done for each subject may be counted, but nobody looks for it here.
        let below: Vec<&str> = below.into_iter().filter(|name| *name == "action" || !is_history(name)).collect();
        let near = crate::diag::nearest(name, below.iter().copied()).map(|n| format!("did you mean `{n}`? "));
        let subject = subject.map(|s| self.subject_name(s)).unwrap_or_default();
        let message = if known {
            format!("each {subject} counts or sums what lies under it, and `{name}` does not")
        } else {
            format!("there is nothing called `{name}` to count or sum")
        };
        let below: Vec<String> = below.iter().map(|name| format!("`{name}`")).collect();
        let help = match below.as_slice() {
            [] => format!("nothing lies under {subject}"),
            _ => format!("{}under {subject} lie {}", near.unwrap_or_default(), below.join(", ")),
        };
        self.report(wrong(tree, Code::UnknownValue, message).help(help));
        None
    }

    /// `{ days: 200, on: invoice.issue_date, not_before: customer.since }`
    fn window(&mut self, tree: &Tree, of: RelationId, subject: RelationId, bindings: &Bindings) -> Option<Window> {
        let mut fields = Fields::of(tree, "`during`", &mut self.sink)?;
        let days = fields.take("days", &mut self.sink);
        let months = fields.take("months", &mut self.sink);
        let on = fields.need("on", &mut self.sink);
        let not_before = fields.take("not_before", &mut self.sink);
        fields.finish(&mut self.sink);
        let on = self.expr_with(on?, Home::At(of), Some(Type::maybe(Base::Date)), bindings, &[])?.expr;
        let own = Home::At(subject);
        let not_before = match not_before {
            Some(tree) => Some(self.expr_with(tree, own, Some(Type::maybe(Base::Date)), bindings, &[])?.expr),
            None => None,
        };
        let (length, function) = match (days, months) {
            (Some(days), None) => {
                (self.expr_with(days, own, Some(Type::of(Base::Days)), bindings, &[])?.expr, "add_days")
            }
            (None, Some(months)) => {
                (self.expr_with(months, own, Some(Type::of(Base::Months)), bindings, &[])?.expr, "add_months")
            }
            _ => {
                self.report(
                    wrong(tree, Code::MissingKey, "a window is so many `days:` or so many `months:`")
                        .help("as in `{ days: 90, on: item.settled_on }`"),
                );
                return None;
            }
        };
        let span = tree.place.span;
        let as_of = Expr { kind: Kind::AsOf, ty: Type::of(Base::Date), span };
        let back = Expr { ty: length.ty.clone(), kind: Kind::Negate(Box::new(length)), span };
        let builtin = crate::lang::functions::Builtin::named(function)?;
        let after = Expr { kind: Kind::Call(builtin, vec![as_of, back]), ty: Type::of(Base::Date), span };
        Some(Window { on, after, not_before })
    }

    /// A formula: a value of what is there already, perhaps as of another date; with a `where`, missing where that is false.
    fn formula(&mut self, made: Formula<'_>, bindings: &Bindings) -> Option<NodeRef> {
        let Formula { name, subject, value, filter, as_at, place } = made;
        let home = subject.map_or(Home::Free, Home::At);
        let when = match filter {
            Some(filter) => Some(self.expr_with(filter, home, Some(Type::of(Base::Bool)), bindings, &[])?),
            None => None,
        };
        // What the condition makes sure of holds today; it says nothing of another day.
        let given = when.as_ref().filter(|_| as_at.is_none()).map(|when| when.expr.clone());
        let mut lowered = self.expr_with(value, home, None, bindings, given.as_slice())?;
        if let Some(date) = as_at {
            let date = self.expr_with(date, home, Some(Type::of(Base::Date)), bindings, &[])?.expr;
            let (ty, span) = (lowered.expr.ty.clone(), lowered.expr.span);
            lowered.expr = Expr { kind: Kind::AsAt(Box::new(lowered.expr), Box::new(date)), ty, span };
        }
        let Some(when) = when else {
            let ty = lowered.expr.ty.clone();
            return Some(self.add(name, lowered.subject, ty, place, Form::Expr(lowered.expr)));
        };
        let subject = self.finer(lowered.subject, when.subject);
        let ty = Type::maybe(lowered.expr.ty.base.clone());
        let row = ChoiceRow {
            id: "given".into(),
            place: place.clone(),
            when: Some(boolean(when.expr.kind, when.expr.span)),
            gives: lowered.expr,
            reason: crate::lang::Words::new(),
        };
        let choice = Choice { hit: Hit::First, complete: false, rows: vec![row] };
        Some(self.add(name, subject, ty, place, Form::Choice(choice)))
    }
}

/// Whether values of this type can be taken together so.
fn takes(take: &Take, base: &Base) -> bool {
    match take {
        Take::Count | Take::Any | Take::Last(_) | Take::Postpone { .. } => true,
        Take::Sum | Take::Mean => base.is_decimal() || base.is_whole(),
        Take::Min | Take::Max => base.is_ordered(),
    }
}

fn each_node(expr: &Expr, visit: &mut dyn FnMut(NodeRef)) {
    if let Kind::Node(node) = expr.kind {
        visit(node);
    }
    expr.for_each_child(&mut |child| each_node(child, visit));
}
