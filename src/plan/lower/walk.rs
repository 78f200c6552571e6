//! Walks: rows or dates gone through in order, with running values. Where a sum will not do.

use super::scope::Bindings;
use super::{Home, Lowerer, wrong};
use crate::diag::{Code, Diagnostic, Place};
use crate::lang::{Base, Expr, Kind, NodeRef, Type};
use crate::plan::node::{Form, Over, SortKey, Walk};
use crate::plan::schema::RelationId;
use crate::policy::fields::Fields;
use crate::policy::read;
use crate::policy::tree::{Tree, TreeKind};

/// A running value: its name, its type, and, as texts, what it begins with and what a step makes of it.
pub(crate) type Running<'w> = (&'w str, Base, &'w str, &'w str);

/// Names with their types: where their values stand goes by their order.
type Named = Vec<(String, Type)>;

/// A walk of a section's own, as texts.
pub(crate) struct WalkText<'w> {
    pub(crate) under: RelationId,
    pub(crate) over: OverText<'w>,
    pub(crate) running: &'w [Running<'w>],
    /// Reads the running values by their names; at a row also `<name>_before`, those before its step.
    pub(crate) gives: (&'w str, Type),
}

/// What it goes through.
pub(crate) enum OverText<'w> {
    /// Rows below, in the order of these values; `true` stands for the greatest first.
    Rows { of: RelationId, order: &'w [(&'w str, bool)], filter: Option<&'w str> },
    /// Dates from the first, each made of the one before, while a condition holds.
    Dates { first: &'w str, next: &'w str, while_: Option<&'w str> },
}

impl Lowerer<'_> {
    /// A walk under a name; its subject is `under`, or the relation gone through.
    pub(crate) fn walk(
        &mut self,
        name: &str,
        subject: RelationId,
        place: &Place,
        walk: WalkText<'_>,
    ) -> Option<NodeRef> {
        let names: Vec<(String, Type)> =
            walk.running.iter().map(|(name, base, ..)| ((*name).into(), Type::of(base.clone()))).collect();
        let under = Home::At(walk.under);
        let bool = || Some(Type::of(Base::Bool));
        let (over, at) = match walk.over {
            OverText::Rows { of, order, filter } => {
                let row = Home::At(of);
                let filter = match filter {
                    Some(text) => Some(self.text(text, place, row, bool())?.expr),
                    None => None,
                };
                let mut keys = Vec::new();
                for (text, descending) in order {
                    keys.push(SortKey { by: self.text(text, place, row, None)?.expr, descending: *descending });
                }
                (Over::Rows { of, filter, order: keys }, row)
            }
            OverText::Dates { first, next, while_ } => {
                let date = || Some(Type::maybe(Base::Date));
                let first = self.text(first, place, under, date())?.expr;
                let next = self.text_holding(next, place, under, date(), &names)?;
                let while_ = match while_ {
                    Some(text) => Some(self.text_holding(text, place, under, bool(), &names)?),
                    None => None,
                };
                (Over::Dates { first, next, while_ }, under)
            }
        };
        let (mut start, mut step) = (Vec::new(), Vec::new());
        for ((_, ty), (_, _, first, then)) in names.iter().zip(walk.running) {
            start.push(self.text(first, place, under, Some(ty.clone()))?.expr);
            step.push(self.text_holding(then, place, at, Some(ty.clone()), &names)?);
        }
        let (text, ty) = walk.gives;
        let gives = self.text_holding(text, place, Home::At(subject), Some(ty.clone()), &with_before(&names))?;
        let ty = if subject == walk.under { ty } else { Type::maybe(ty.base) };
        let form = Form::Walk(Box::new(Walk { under: walk.under, over, start, step, gives }));
        Some(self.add(name, subject, ty, place, form))
    }

    /// A measure that goes through rows or dates.
    pub(super) fn lower_walk(
        &mut self,
        name: &str,
        subject: Option<RelationId>,
        tree: &Tree,
        bindings: &Bindings,
        place: &Place,
    ) -> Option<NodeRef> {
        let mut fields = Fields::of(tree, "a measure that goes through something", &mut self.sink)?;
        let through = fields.need("go_through", &mut self.sink);
        let start = fields.need("start", &mut self.sink);
        let step = fields.need("step", &mut self.sink);
        let gives = fields.need("gives", &mut self.sink);
        fields.finish(&mut self.sink);
        let (through, start, step, gives, subject) = (through?, start?, step?, gives?, subject?);
        let (under, of) = self.gone_through(through, subject)?;
        let (home, at) = (Home::At(under), Home::At(of.unwrap_or(under)));
        let (names, start) = self.running(start, home, bindings)?;
        let step = self.steps_of(step, &names, at, bindings)?;
        let over = match of {
            Some(of) => self.rows_in_order(through, (under, of), bindings)?,
            None => self.dates_in_order(through, home, &names, bindings)?,
        };
        let known = if subject == under { names } else { with_before(&names) };
        let gives = self.given_where(gives, Home::At(subject), bindings, &known)?;
        let ty = if subject == under { gives.ty.clone() } else { Type::maybe(gives.ty.base.clone()) };
        Some(self.add(name, subject, ty, place, Form::Walk(Box::new(Walk { under, over, start, step, gives }))))
    }

    /// A value of the running values, or `{ value: …, where: … }`: missing where that does not hold.
    fn given_where(&mut self, tree: &Tree, home: Home, bindings: &Bindings, known: &[(String, Type)]) -> Option<Expr> {
        let TreeKind::Map(_) = tree.kind else {
            return Some(self.expr_holding(tree, home, None, bindings, known)?.expr);
        };
        let mut fields = Fields::of(tree, "`gives`", &mut self.sink)?;
        let value = fields.need("value", &mut self.sink);
        let filter = fields.need("where", &mut self.sink);
        fields.finish(&mut self.sink);
        let value = self.expr_holding(value?, home, None, bindings, known)?.expr;
        let when = self.expr_holding(filter?, home, Some(Type::of(Base::Bool)), bindings, known)?.expr;
        let (ty, span) = (Type::maybe(value.ty.base.clone()), value.span);
        let missing = Expr::missing(value.ty.base.clone(), span);
        Some(Expr { kind: Kind::If(Box::new(when), Box::new(value), Box::new(missing)), ty, span })
    }

    /// Under what it goes, and through which rows; dates when there are none.
    fn gone_through(&mut self, tree: &Tree, subject: RelationId) -> Option<(RelationId, Option<RelationId>)> {
        let mut fields = Fields::of(tree, "`go_through`", &mut self.sink)?;
        let of = fields.take("of", &mut self.sink);
        let under = fields.take("under", &mut self.sink);
        let dates = fields.take("dates_from", &mut self.sink);
        for key in ["where", "in_order"] {
            self.goes_with(fields.take(key, &mut Vec::new()), of.is_some(), key, "of");
        }
        for key in ["then", "while"] {
            self.goes_with(fields.take(key, &mut Vec::new()), dates.is_some(), key, "dates_from");
        }
        fields.finish(&mut self.sink);
        match (of, dates) {
            (None, Some(_)) => {
                self.goes_with(under, false, "under", "of");
                Some((subject, None))
            }
            (Some(of), None) => {
                let Some(under) = under else {
                    let of = self.relation_below(of, Some(subject))?;
                    return Some((subject, Some(of)));
                };
                let under = self.subject_written(under)?;
                let of_tree = of;
                let of = self.relation_below(of_tree, Some(under))?;
                if of != subject && under != subject {
                    let (rows, whole) = (self.subject_name(of), self.subject_name(under));
                    let message = format!("what goes through each {rows} of the {whole} is about one of the two");
                    let help = format!("name it `{rows}.…`, a value of each, or `{whole}.…`, what they come to");
                    self.report(wrong(of_tree, Code::UnknownValue, message).help(help));
                    return None;
                }
                Some((under, Some(of)))
            }
            _ => {
                let message = "a walk goes through rows, `of:`, or through dates, `dates_from:`";
                let help = "as in `{ of: item, in_order: item.due_date }` or `{ dates_from: as_of, then: as_of - 30 }`";
                self.report(wrong(tree, Code::MissingKey, message).help(help));
                None
            }
        }
    }

    fn goes_with(&mut self, tree: Option<&Tree>, is_there: bool, key: &str, other: &str) {
        if let Some(tree) = tree.filter(|_| !is_there) {
            let message = format!("`{key}` goes with `{other}:`, which is not here");
            self.report(wrong(tree, Code::UnknownKey, message).help(format!("take it out, or write `{other}:`")));
        }
    }

    /// Names, types and first values: `{ left: account.receivables, paid: { type: money, value: 0 } }`.
    fn running(&mut self, tree: &Tree, home: Home, bindings: &Bindings) -> Option<(Named, Vec<Expr>)> {
        let (mut names, mut values) = (Vec::new(), Vec::new());
        let entries: Vec<_> = Fields::of(tree, "`start`", &mut self.sink)?.rest().collect();
        for entry in entries {
            if let Err(finding) = read::check_id(&entry.key, &entry.key_place) {
                self.report(*finding);
                return None;
            }
            let (value, ty) = match &entry.value.kind {
                TreeKind::Map(_) => {
                    let mut fields = Fields::of(&entry.value, "a running value", &mut self.sink)?;
                    let ty = fields.need("type", &mut self.sink);
                    let value = fields.need("value", &mut self.sink);
                    fields.finish(&mut self.sink);
                    let types = [
                        ("money", Base::Money),
                        ("number", Base::Number),
                        ("int", Base::Int),
                        ("days", Base::Days),
                        ("bool", Base::Bool),
                        ("date", Base::Date),
                    ];
                    let numbers: Vec<(&str, usize)> =
                        types.iter().enumerate().map(|(n, (name, _))| (*name, n)).collect();
                    let (_, base) = types.get(read::one_of(ty?, &numbers, &mut self.sink)?)?.clone();
                    (value?, Some(Type::of(base)))
                }
                _ => (&entry.value, None),
            };
            let value = self.expr_with(value, home, ty, bindings, &[])?.expr;
            names.push((entry.key.clone(), Type { optional: false, ..value.ty.clone() }));
            values.push(value);
        }
        if names.is_empty() {
            self.report(
                wrong(tree, Code::Nothing, "a walk without a running value")
                    .help("as in `{ left: account.receivables }`"),
            );
            return None;
        }
        Some((names, values))
    }

    /// What a step makes of each running value; one that is not named stays as it is.
    fn steps_of(&mut self, tree: &Tree, names: &[(String, Type)], at: Home, bindings: &Bindings) -> Option<Vec<Expr>> {
        let entries: Vec<_> = Fields::of(tree, "`step`", &mut self.sink)?.rest().collect();
        for entry in &entries {
            if !names.iter().any(|(name, _)| *name == entry.key) {
                let known = names.iter().map(|(name, _)| format!("`{name}`")).collect::<Vec<_>>().join(", ");
                let message = format!("`{}` is none of the running values", entry.key);
                let finding = Diagnostic::error(Code::UnknownKey, message, entry.key_place.clone());
                self.report(finding.help(format!("under `start` stand {known}")));
                return None;
            }
        }
        let mut steps = Vec::new();
        for (name, ty) in names {
            let ty = Some(ty.clone());
            steps.push(match entries.iter().find(|entry| entry.key == *name) {
                Some(entry) => self.expr_holding(&entry.value, at, ty, bindings, names)?.expr,
                None => self.text_holding(name, &tree.place, at, ty, names)?,
            });
        }
        Some(steps)
    }

    fn rows_in_order(
        &mut self,
        tree: &Tree,
        (under, of): (RelationId, RelationId),
        bindings: &Bindings,
    ) -> Option<Over> {
        let row = Home::At(of);
        let filter = match tree.get("where") {
            Some(entry) => Some(self.expr_with(&entry.value, row, Some(Type::of(Base::Bool)), bindings, &[])?.expr),
            None => None,
        };
        let Some(entry) = tree.get("in_order") else {
            let message = "`in_order:` is missing: a walk over rows says in which order";
            self.report(
                wrong(tree, Code::MissingKey, message).help("as in `in_order: [item.due_date]`; equal rows go by id"),
            );
            return None;
        };
        let mut order = Vec::new();
        for key in read::list_or_one(&entry.value) {
            let (written, descending) = self.sort_key(key)?;
            let by = self.expr_with(written, row, None, bindings, &[])?.expr;
            self.has_an_order(&by, written)?;
            self.over_currencies(Some(&by), Some(&written.place), filter.as_ref(), under)?;
            order.push(SortKey { by, descending });
        }
        Some(Over::Rows { of, filter, order })
    }

    fn dates_in_order(
        &mut self,
        tree: &Tree,
        home: Home,
        names: &[(String, Type)],
        bindings: &Bindings,
    ) -> Option<Over> {
        let date = || Some(Type::maybe(Base::Date));
        let Some(then) = tree.get("then") else {
            let message = "`then:` is missing: the date after a date";
            self.report(
                wrong(tree, Code::MissingKey, message).help("as in `then: as_of - 30`, the date 30 days earlier"),
            );
            return None;
        };
        let first = self.expr_with(&tree.get("dates_from")?.value, home, date(), bindings, &[])?.expr;
        let next = self.expr_holding(&then.value, home, date(), bindings, names)?.expr;
        let while_ = match tree.get("while") {
            Some(entry) => {
                Some(self.expr_holding(&entry.value, home, Some(Type::of(Base::Bool)), bindings, names)?.expr)
            }
            None => None,
        };
        Some(Over::Dates { first, next, while_ })
    }
}

/// The running values, and behind them those before the step.
fn with_before(names: &[(String, Type)]) -> Named {
    let before = names.iter().map(|(name, ty)| (format!("{name}_before"), ty.clone()));
    names.iter().cloned().chain(before).collect()
}
