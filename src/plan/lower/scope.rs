//! Expressions of a policy, checked where they stand: which names they may read, and what they are about.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Lowerer, Subjects};
use crate::diag::{Code, Diagnostic, OffsetMap, Place, Source, SourceText, Span};
use crate::lang::check::Missing;
use crate::lang::{self, Base, Expected, Expr, Found, Kind, Names, Type, Words};
use crate::plan::schema::RelationId;
use crate::policy::tree::{Tree, TreeKind};

/// What an expression is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Home {
    /// This subject: it reads it and what lies above it.
    At(RelationId),
    /// The finest subject it reads.
    Free,
}

impl Home {
    /// What it is about where it reads nothing finer than this.
    pub(crate) fn or(self, finest: RelationId) -> RelationId {
        match self {
            Home::At(subject) => subject,
            Home::Free => finest,
        }
    }
}

/// A checked expression and what it is about.
#[derive(Clone, Debug)]
pub(crate) struct Lowered {
    pub(crate) expr: Expr,
    pub(crate) subject: RelationId,
}

/// Names that stand for something only here: the parameters of a measure.
pub(crate) type Bindings = BTreeMap<String, Found>;

impl<'t> Lowerer<'t> {
    /// A value of this type, or of any when none is given.
    pub(crate) fn expr(&mut self, tree: &Tree, home: Home, ty: Option<Type>) -> Option<Lowered> {
        self.expr_given(tree, home, ty, &[])
    }

    /// The same where conditions are known to hold.
    pub(crate) fn expr_given(&mut self, tree: &Tree, home: Home, ty: Option<Type>, given: &[Expr]) -> Option<Lowered> {
        let expected = Expected { given, ..Expected::of(ty) };
        self.checked(tree, home, &Bindings::new(), |text, scope| lang::expression(text, &expected, scope))
    }

    /// The same with names of its own.
    pub(crate) fn expr_with(
        &mut self,
        tree: &Tree,
        home: Home,
        ty: Option<Type>,
        bindings: &Bindings,
        given: &[Expr],
    ) -> Option<Lowered> {
        let expected = Expected { given, ..Expected::of(ty) };
        self.checked(tree, home, bindings, |text, scope| lang::expression(text, &expected, scope))
    }

    /// The same where values stand in the first slots, under names.
    pub(crate) fn expr_holding(
        &mut self,
        tree: &Tree,
        home: Home,
        ty: Option<Type>,
        bindings: &Bindings,
        locals: &[(String, Type)],
    ) -> Option<Lowered> {
        let expected = Expected { locals, ..Expected::of(ty) };
        self.checked(tree, home, bindings, |text, scope| lang::expression(text, &expected, scope))
    }

    /// A condition: true or false, nothing missing unhandled.
    pub(crate) fn condition(&mut self, tree: &Tree, home: Home) -> Option<Lowered> {
        self.expr(tree, home, Some(Type::of(Base::Bool)))
    }

    /// A condition that may meet a missing value: the caller says what then.
    pub(crate) fn condition_that_may_miss(&mut self, tree: &Tree, home: Home) -> Option<Lowered> {
        let expected = Expected { missing: Missing::Met, ..Expected::of(Some(Type::of(Base::Bool))) };
        self.checked(tree, home, &Bindings::new(), |text, scope| lang::expression(text, &expected, scope))
    }

    /// A cell of a table, asked of a named value; a list is any of its members.
    pub(crate) fn cell(&mut self, tree: &Tree, subject: &Expr, home: Home) -> Option<Lowered> {
        let TreeKind::List(members) = &tree.kind else {
            return self.checked(tree, home, &Bindings::new(), |text, scope| lang::cell(text, subject, scope));
        };
        let mut any: Option<Lowered> = None;
        for member in members {
            let next = self.cell(member, subject, home)?;
            any = Some(match any {
                None => next,
                Some(before) => Lowered {
                    subject: self.finer(before.subject, next.subject),
                    expr: boolean(Kind::Or(Box::new(before.expr), Box::new(next.expr)), tree.place.span),
                },
            });
        }
        if any.is_none() {
            self.report(
                super::wrong(tree, Code::WrongShape, "an empty list holds for nothing")
                    .help("write the values that hit, or leave the key out for any"),
            );
        }
        any
    }

    /// Whether thousandths are too small to be money.
    pub(crate) fn has_no_thousandths(&self) -> bool {
        self.plan.money.rounding.unit.scale() < 3
    }

    /// An expression of our own making, in the policy's language; errors in it point at `place`.
    pub(crate) fn text(&mut self, text: &str, place: &Place, home: Home, ty: Option<Type>) -> Option<Lowered> {
        self.text_given(text, place, home, ty, &[])
    }

    /// The same where conditions are known to hold.
    pub(crate) fn text_given(
        &mut self,
        text: &str,
        place: &Place,
        home: Home,
        ty: Option<Type>,
        given: &[Expr],
    ) -> Option<Lowered> {
        let text = made_text(text, place);
        let mut scope = Scope::new(self, home, &text.source, &NO_BINDINGS);
        let expected = Expected { given, ..Expected::of(ty) };
        let expr = lang::expression(&text, &expected, &mut scope)?;
        let subject = scope.subject();
        Some(Lowered { expr, subject })
    }

    /// The same where values stand in the first slots, under names.
    pub(crate) fn text_holding(
        &mut self,
        text: &str,
        place: &Place,
        home: Home,
        ty: Option<Type>,
        locals: &[(String, Type)],
    ) -> Option<Expr> {
        let text = made_text(text, place);
        let mut scope = Scope::new(self, home, &text.source, &NO_BINDINGS);
        let expected = Expected { locals, ..Expected::of(ty) };
        lang::expression(&text, &expected, &mut scope)
    }

    /// Words: a text, or a map of languages.
    pub(crate) fn words(&mut self, tree: &Tree, home: Home) -> Option<Words> {
        let parts = crate::policy::read::words(tree, &mut self.sink)?;
        let mut words = Words::new();
        let mut sound = true;
        for (language, text) in parts {
            let mut scope = Scope::new(self, home, &text.source, &NO_BINDINGS);
            match lang::template(&text, &mut scope) {
                Some(template) => drop(words.insert(language, template)),
                None => sound = false,
            }
        }
        sound.then_some(words)
    }

    fn checked(
        &mut self,
        tree: &Tree,
        home: Home,
        bindings: &Bindings,
        check: impl Fn(&SourceText, &mut dyn Names) -> Option<Expr>,
    ) -> Option<Lowered> {
        let Some(scalar) = tree.scalar() else {
            self.report(
                super::wrong(tree, Code::WrongShape, "an expression is needed here")
                    .help("write it as one text, in quotes where YAML would read it otherwise"),
            );
            return None;
        };
        let mut scope = Scope::new(self, home, &scalar.text.source, bindings);
        let mut expr = check(&scalar.text, &mut scope)?;
        if scalar.elsewhere {
            // Spans are read in the file of what the expression belongs to, which is another: they point nowhere instead.
            let told = scope.low.sink.len();
            expr = check(&nowhere(&scalar.text), &mut scope)?;
            scope.low.sink.truncate(told);
        }
        let subject = scope.subject();
        Some(Lowered { expr, subject })
    }

    /// The finer of two subjects, one of which lies above the other.
    pub(crate) fn finer(&self, a: RelationId, b: RelationId) -> RelationId {
        if self.plan.schema.is_at_or_above(a, b) { b } else { a }
    }

    /// What people call a subject.
    pub(crate) fn subject_name(&self, subject: RelationId) -> String {
        self.plan.schema.get(subject).map(|r| r.name.clone()).unwrap_or_default()
    }
}

static NO_BINDINGS: Bindings = Bindings::new();

/// A text of our own making whose every byte points at one place of the policy.
pub(super) fn made_text(text: &str, place: &Place) -> SourceText {
    SourceText { source: Arc::clone(&place.source), text: text.into(), map: OffsetMap::Point(place.span.start) }
}

/// A text whose every byte points at the beginning of nothing.
fn nowhere(text: &SourceText) -> SourceText {
    SourceText { source: Arc::clone(&text.source), text: text.text.clone(), map: OffsetMap::Point(0) }
}

/// A boolean expression.
pub(crate) fn boolean(kind: Kind, span: Span) -> Expr {
    Expr { kind, ty: Type::of(Base::Bool), span }
}

/// What can be read from where an expression stands.
struct Scope<'l, 't, 'b> {
    low: &'l mut Lowerer<'t>,
    home: Home,
    finest: RelationId,
    source: Arc<Source>,
    bindings: &'b Bindings,
}

impl<'l, 't, 'b> Scope<'l, 't, 'b> {
    fn new(low: &'l mut Lowerer<'t>, home: Home, source: &Arc<Source>, bindings: &'b Bindings) -> Self {
        Self { low, home, finest: Subjects::PORTFOLIO, source: Arc::clone(source), bindings }
    }

    fn subject(&self) -> RelationId {
        self.home.or(self.finest)
    }

    fn may_read(&mut self, subject: RelationId, name: &str, at: &Place) -> bool {
        let schema = &self.low.plan.schema;
        let (allowed, viewer) = match self.home {
            Home::At(home) => (schema.is_at_or_above(subject, home), home),
            Home::Free if schema.is_at_or_above(subject, self.finest) => (true, self.finest),
            Home::Free if schema.is_at_or_above(self.finest, subject) => {
                self.finest = subject;
                (true, subject)
            }
            Home::Free => (false, self.finest),
        };
        if !allowed {
            let (below, above) = (self.low.subject_name(subject), self.low.subject_name(viewer));
            let help = match self.low.plan.schema.is_at_or_above(viewer, subject) {
                true => format!(
                    "count or sum it in `measures:` first, as in `{above}.my_measure: {{ of: {below}, take: sum, value: {name} }}`"
                ),
                false => format!(
                    "the {below} stands beside the {above}: a measure of what both stand under can count or sum it"
                ),
            };
            let message = format!("`{name}` is about each {below}, which a rule about the {above} cannot see");
            self.low.report(Diagnostic::error(Code::Below, message, at.clone()).help(help));
        }
        allowed
    }
}

impl Names for Scope<'_, '_, '_> {
    fn find(&mut self, name: &str, at: Span) -> Found {
        let place = Place::new(&self.source, at);
        let found = match self.bindings.get(name) {
            Some(found) => found.clone(),
            None => match self.low.demand(name, &place) {
                None => return Found::Nothing,
                Some(Err(())) => return Found::Broken,
                Some(Ok(node)) => match self.low.node(node) {
                    Some(n) => Found::Node(node, n.ty.clone()),
                    None => return Found::Broken,
                },
            },
        };
        if let Found::Node(node, _) = &found {
            let subject = self.low.node(*node).map_or(Subjects::PORTFOLIO, |n| n.subject);
            if !self.may_read(subject, name, &place) {
                return Found::Broken;
            }
        }
        found
    }

    fn signature(&mut self, name: &str) -> Option<Vec<Type>> {
        if let Some((_, takes, _)) = self.low.function(name) {
            return Some(takes.clone());
        }
        if self.low.can_be_read_on_a_date(name) {
            return Some(vec![Type::of(Base::Date)]);
        }
        self.low.template_signature(name)
    }

    fn call(&mut self, name: &str, arguments: Vec<Expr>, at: Span) -> Option<Expr> {
        if let Some((function, _, gives)) = self.low.function(name) {
            return Some(Expr { kind: Kind::Function(*function, arguments), ty: gives.clone(), span: at });
        }
        if self.low.can_be_read_on_a_date(name) {
            let (Found::Node(node, ty), Some(date)) = (self.find(name, at), arguments.into_iter().next()) else {
                return None;
            };
            let value = Expr { kind: Kind::Node(node), ty: ty.clone(), span: at };
            return Some(Expr { kind: Kind::AsAt(Box::new(value), Box::new(date)), ty, span: at });
        }
        let place = Place::new(&self.source, at);
        let node = self.low.instantiate(name, arguments, self.subject(), &place)?;
        let (ty, subject) = self.low.node(node).map(|n| (n.ty.clone(), n.subject))?;
        self.may_read(subject, name, &place).then_some(Expr { kind: Kind::Node(node), ty, span: at })
    }

    fn nearest(&self, name: &str) -> Option<String> {
        let bound = crate::diag::nearest(name, self.bindings.keys().map(String::as_str));
        bound.map(str::to_string).or_else(|| self.low.nearest_name(name))
    }

    fn section_lacking(&self, name: &str) -> Option<&'static str> {
        self.low.section_lacking(name)
    }

    fn no_thousandths(&self) -> bool {
        self.low.has_no_thousandths()
    }

    fn report(&mut self, diagnostic: Diagnostic) {
        self.low.report(diagnostic);
    }
}
