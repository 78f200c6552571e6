//! Rules with a condition that may meet a missing fact: knock-outs, notches, order checks, warnings. Each says what then:
//! as if hit, as if not, or refer the account to a person.

use std::sync::Arc;

use crate::diag::{Code, Diagnostic, Place};
use crate::lang::{Base, Expr, Kind, Type, Value, Words};
use crate::plan::lower::{Home, Lowerer, Subjects, wrong};
use crate::plan::node::{ChoiceRow, Form, Hit};
use crate::plan::schema::RelationId;
use crate::policy::fields::Fields;
use crate::policy::read;
use crate::policy::tree::{Entry, Tree};

/// What a rule does when it meets a missing fact.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Missing {
    Reject,
    Pass,
    Refer,
}

const MISSING: [(&str, Missing); 3] = [("reject", Missing::Reject), ("pass", Missing::Pass), ("refer", Missing::Refer)];

/// A rule that refers to a person when a fact is missing: the name of the node that says so.
pub(crate) struct Referral {
    pub(crate) node: String,
    pub(crate) id: String,
    pub(crate) subject: RelationId,
    pub(crate) place: Place,
}

/// Declares `section.id`, true where the rule hits. `extra` are the keys its section reads itself.
pub(super) fn declare_rule<'t>(
    low: &mut Lowerer<'t>,
    section: &str,
    rule: &'t Tree,
    subject: RelationId,
    extra: &[&'static str],
) -> Option<&'t str> {
    let mut fields = Fields::of(rule, "a rule", &mut low.sink)?;
    let id = fields.need("id", &mut low.sink).and_then(|t| read::id(t, &mut low.sink));
    let when = fields.need("when", &mut low.sink);
    let missing = fields.take("missing", &mut low.sink);
    fields.take("reason", &mut low.sink);
    for key in extra {
        fields.take(key, &mut low.sink);
    }
    fields.finish(&mut low.sink);
    let missing = match missing {
        Some(tree) => Some(read::one_of(tree, &MISSING, &mut low.sink)?),
        None => None,
    };
    let (id, when) = (id?, when?);
    let name = format!("{section}.{id}");
    low.define(vec![name.clone()], &rule.place, {
        let name = name.clone();
        move |low| {
            condition(low, &name, when, missing.map(|m| m == Missing::Reject), subject);
        }
    });
    if missing == Some(Missing::Refer) {
        let node = format!("{name}.refer");
        low.referrals.push(Referral { node: node.clone(), id: id.into(), subject, place: rule.place.clone() });
        low.define(vec![node.clone()], &rule.place, move |low| {
            // A condition in error is told once, by the rule itself.
            if !matches!(low.demand(&name, &rule.place), Some(Ok(_))) {
                return;
            }
            if let Some(when) = low.condition_that_may_miss(when, Home::At(subject)) {
                let span = when.expr.span;
                let no = || Box::new(truth(false, span));
                let met = boolean(Kind::If(Box::new(when.expr), no(), no()), span);
                let expr = boolean(Kind::OnMissing(Box::new(met), Box::new(truth(true, span))), span);
                low.add(&node, subject, Type::of(Base::Bool), &rule.place, Form::Expr(expr));
            }
        });
    }
    Some(id)
}

/// A node that is true where a condition holds; `when_missing` says what a missing fact counts as.
fn condition(
    low: &mut Lowerer<'_>,
    name: &str,
    when: &Tree,
    when_missing: Option<bool>,
    subject: RelationId,
) -> Option<()> {
    let home = Home::At(subject);
    let expr = match when_missing {
        None => {
            let before = low.sink.len();
            let lowered = low.condition(when, home);
            low.sink.iter_mut().skip(before).for_each(|finding| offer_missing(finding, when));
            lowered?.expr
        }
        Some(value) => {
            let met = low.condition_that_may_miss(when, home)?.expr;
            let span = met.span;
            boolean(Kind::OnMissing(Box::new(met), Box::new(truth(value, span))), span)
        }
    };
    low.add(name, subject, Type::of(Base::Bool), &when.place, Form::Expr(expr));
    Some(())
}

/// Of a value that may be missing: a rule has one way more to say what holds then.
fn offer_missing(finding: &mut Diagnostic, when: &Tree) {
    let Some(place) = &finding.place else { return };
    let is_here = Arc::ptr_eq(&place.source, &when.place.source)
        && (when.place.span.start..when.place.span.end).contains(&place.span.start);
    if let (Code::MissingNotHandled, true, Some(help)) = (finding.code, is_here, &mut finding.help) {
        help.push_str("; or write beside `when`: `missing: refer`, `missing: pass` or `missing: reject`");
    }
}

fn boolean(kind: Kind, span: crate::diag::Span) -> Expr {
    Expr { kind, ty: Type::of(Base::Bool), span }
}

fn truth(value: bool, span: crate::diag::Span) -> Expr {
    boolean(Kind::Lit(Value::Bool(value)), span)
}

/// The reason of a rule.
pub(super) fn reason(low: &mut Lowerer<'_>, rule: &Tree, home: Home) -> Words {
    let tree = rule.get("reason").map(|entry| &entry.value);
    tree.and_then(|tree| low.words(tree, home)).unwrap_or_default()
}

/// A list of the ids of the rules of a section that hit, each with its reason.
pub(super) fn collect<'t>(low: &mut Lowerer<'t>, name: &str, section: &'t Entry) {
    let rules = read::list(&section.value, &mut Vec::new()).unwrap_or(&[]);
    let rows = rows(low, name, rules, Subjects::ACCOUNT);
    low.choose(name, Subjects::ACCOUNT, list_type(), &section.value.place, Hit::List, rows);
}

/// A row for each rule, giving its id.
pub(super) fn rows(low: &mut Lowerer<'_>, section: &str, rules: &[Tree], subject: RelationId) -> Vec<ChoiceRow> {
    let mut rows = Vec::new();
    for rule in rules {
        let Some(id) = rule.get("id").and_then(|entry| entry.value.text()) else { continue };
        let Some(when) = low.text(&format!("{section}.{id}"), &rule.place, Home::At(subject), None) else { continue };
        let gives = low.literal(id, Base::Text, &rule.place);
        let reason = reason(low, rule, Home::At(subject));
        rows.push(ChoiceRow { id: id.into(), place: rule.place.clone(), when: Some(when.expr), gives, reason });
    }
    rows
}

/// A list of texts.
pub(super) fn list_type() -> Type {
    Type::of(Base::List(Box::new(Base::Text)))
}

/// `account.referred` (a rule met a missing fact), `account.held` (so, or a row of it could not be read) and the list of
/// why. Missing knowledge never loosens credit: what reads them keeps limits from rising and orders from passing.
pub(super) fn declare(low: &mut Lowerer<'_>) {
    let Some(place) = low.folder.sections.first().map(|section| &section.key_place) else { return };
    low.define(vec!["account.referred".into(), "account.held".into(), "referred".into()], place, move |low| {
        let account: Vec<(String, String, Place)> = low
            .referrals
            .iter()
            .filter(|r| r.subject == Subjects::ACCOUNT)
            .map(|r| (r.node.clone(), r.id.clone(), r.place.clone()))
            .collect();
        let home = Home::At(Subjects::ACCOUNT);
        let any = account.iter().map(|(node, _, _)| node.as_str()).collect::<Vec<_>>().join(" || ");
        let any = if any.is_empty() { "false".to_string() } else { any };
        if low.derive("account.referred", home, Some(Type::of(Base::Bool)), place, &any).is_none() {
            return;
        }
        low.derive("account.held", home, Some(Type::of(Base::Bool)), place, "account.referred || customer.incomplete");
        let mut rows = Vec::new();
        let incomplete = ("customer.incomplete".to_string(), "incomplete".to_string(), place.clone());
        for (node, id, place) in account.into_iter().chain([incomplete]) {
            let Some(when) = low.text(&node, &place, home, None) else { continue };
            let gives = low.literal(&id, Base::Text, &place);
            rows.push(ChoiceRow { id, place, when: Some(when.expr), gives, reason: Words::new() });
        }
        low.choose("referred", Subjects::ACCOUNT, list_type(), place, Hit::List, rows);
    });
}

/// Reports a rule list that is not one.
pub(super) fn needs_rules(low: &mut Lowerer<'_>, tree: &Tree, what: &str) {
    low.report(wrong(tree, Code::Nothing, format!("{what} without rules")).help("add at least one: `{ id, when, … }`"));
}
