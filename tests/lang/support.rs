//! A small world of names, and the shortest way to ask it something.

use chrono::NaiveDate;
use usance::diag::{Diagnostic, Place, Source, SourceText, Span, nearest};
use usance::lang::calendar::Calendar;
use usance::lang::functions::{Rounding, RoundingMode};
use usance::lang::{
    Base, Env, Expected, Expr, Failure, Found, Function, FunctionRef, Kind, Names, NodeRef, Stop, Template, Type,
    Value, cell, evaluate, expression, template,
};

/// Names with types, and their values.
pub(crate) struct World {
    names: Vec<(&'static str, Type, Value)>,
    pub(crate) functions: Vec<Function>,
    pub(crate) found: Vec<Diagnostic>,
}

pub(crate) fn dec(text: &str) -> Value {
    Value::Dec(text.parse().unwrap())
}

pub(crate) fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

pub(crate) fn industry() -> Base {
    Type::one_of(["manufacturing", "wholesale", "retail", "construction", "services"])
}

impl World {
    pub(crate) fn new() -> Self {
        let of = Type::of;
        let names = vec![
            ("account.exposure", of(Base::Money), dec("1200.50")),
            ("account.sales", of(Base::Money), dec("4000")),
            ("account.invoices", of(Base::Int), Value::Int(7)),
            ("account.late_share", of(Base::Number), dec("0.35")),
            ("account.days_late", Type::maybe(Base::Days), Value::Missing),
            ("account.oldest", of(Base::Days), Value::Int(12)),
            ("customer.limit", Type::maybe(Base::Money), Value::Missing),
            ("customer.rating", Type::maybe(Base::Number), dec("3.5")),
            ("customer.insured", of(Base::Bool), Value::Bool(true)),
            ("customer.dishonest", Type::maybe(Base::Bool), Value::Missing),
            ("customer.industry", of(industry()), Value::text("retail")),
            ("customer.segment", Type::maybe(industry()), Value::Missing),
            ("customer.name", of(Base::Text), Value::text("Acme")),
            ("customer.since", of(Base::Date), Value::Date(day("2024-01-31"))),
            ("tier", of(Type::one_of(["A", "B", "C", "D"])), Value::text("B")),
            ("params.grace", of(Base::Days), Value::Int(5)),
            ("params.after", of(Base::Months), Value::Int(6)),
            ("params.name", of(Base::Text), Value::text("Acme")),
            ("params.share", of(Base::Number), dec("0.2")),
            ("security", of(Base::List(Box::new(Base::Text))), Value::List([Value::text("guarantee")].into())),
        ];
        Self { names, functions: Vec::new(), found: Vec::new() }
    }
}

impl Names for World {
    fn find(&mut self, name: &str, _: Span) -> Found {
        if name == "broken.name" {
            return Found::Broken;
        }
        match self.names.iter().position(|(known, _, _)| *known == name) {
            Some(at) if name.starts_with("params.") => {
                let (_, ty, value) = &self.names[at];
                Found::Constant(value.clone(), ty.clone())
            }
            Some(at) => Found::Node(NodeRef(u32::try_from(at).unwrap()), self.names[at].1.clone()),
            None => Found::Nothing,
        }
    }

    fn signature(&mut self, name: &str) -> Option<Vec<Type>> {
        match name {
            "limit.exceeded_by" => Some(vec![Type::of(Base::Money)]),
            "double" => Some(vec![Type::of(Base::Number)]),
            _ => None,
        }
    }

    fn call(&mut self, name: &str, arguments: Vec<Expr>, at: Span) -> Option<Expr> {
        let base = if name == "double" { Base::Number } else { Base::Money };
        let argument = arguments.into_iter().next()?;
        Some(Expr { kind: Kind::Negate(Box::new(argument)), ty: Type::of(base), span: at })
    }

    fn nearest(&self, name: &str) -> Option<String> {
        nearest(name, self.names.iter().map(|(known, _, _)| *known)).map(str::to_owned)
    }

    fn report(&mut self, diagnostic: Diagnostic) {
        self.found.push(diagnostic);
    }
}

/// Where values come from at run time.
pub(crate) struct Run<'a> {
    pub(crate) world: &'a World,
    pub(crate) calendar: Calendar,
}

impl Env for Run<'_> {
    fn node(&mut self, node: NodeRef) -> Result<Value, Failure> {
        Ok(self.world.names[node.0 as usize].2.clone())
    }
    fn as_of(&self) -> NaiveDate {
        day("2026-06-08")
    }
    fn as_at(&mut self, _: NaiveDate, expr: &Expr, locals: &mut Vec<Value>) -> Result<Value, Stop> {
        evaluate(expr, self, locals)
    }
    fn calendar(&self) -> &Calendar {
        &self.calendar
    }
    fn rounding(&self) -> Rounding {
        Rounding { unit: "0.01".parse().unwrap(), mode: RoundingMode::HalfEven }
    }
    fn fx_rate(&self, currency: &str) -> Result<rust_decimal::Decimal, String> {
        Err(format!("no rate for `{currency}`"))
    }
    fn function(&self, function: FunctionRef) -> Option<&Function> {
        self.world.functions.get(function.0 as usize)
    }
}

pub(crate) fn source(text: &str) -> SourceText {
    SourceText::whole(&Source::new("policy.yaml", text))
}

pub(crate) fn any() -> Expected<'static> {
    Expected::of(None)
}

pub(crate) fn a(base: Base) -> Expected<'static> {
    Expected::of(Some(Type::of(base)))
}

/// The typed expression, or what is wrong with it: one line a finding, `code at "text": message; help`.
pub(crate) fn check(text: &str, expected: &Expected<'_>) -> Result<Expr, Vec<String>> {
    let mut world = World::new();
    let result = expression(&source(text), expected, &mut world);
    outcome(result, &world)
}

pub(crate) fn check_cell(text: &str, subject: &str) -> Result<Expr, Vec<String>> {
    let mut world = World::new();
    let subject = expression(&source(subject), &any(), &mut world).unwrap();
    let result = cell(&source(text), &subject, &mut world);
    outcome(result, &world)
}

pub(crate) fn check_template(text: &str) -> Result<Template, Vec<String>> {
    let mut world = World::new();
    let result = template(&source(text), &mut world);
    outcome(result, &world)
}

fn outcome<T>(result: Option<T>, world: &World) -> Result<T, Vec<String>> {
    let findings: Vec<String> = world.found.iter().map(shown).collect();
    match result {
        Some(value) if findings.is_empty() => Ok(value),
        _ => Err(findings),
    }
}

pub(crate) fn shown(d: &Diagnostic) -> String {
    let text = d.place.as_ref().map(Place::text).unwrap_or_default();
    format!("{} at `{text}`: {}; {}", d.code.as_str(), d.message, d.help.as_deref().unwrap_or("-"))
}

/// The value of a text that must be right.
pub(crate) fn value(text: &str) -> Result<Value, Stop> {
    value_as(text, &any())
}

pub(crate) fn value_as(text: &str, expected: &Expected<'_>) -> Result<Value, Stop> {
    let expr = check(text, expected).unwrap_or_else(|e| panic!("{text}: {e:#?}"));
    run(&expr)
}

pub(crate) fn run(expr: &Expr) -> Result<Value, Stop> {
    let world = World::new();
    evaluate(expr, &mut Run { world: &world, calendar: Calendar::default() }, &mut Vec::new())
}

/// Whether a cell hits, for a subject of this value.
pub(crate) fn hits(text: &str, subject: &str) -> bool {
    let expr = check_cell(text, subject).unwrap_or_else(|e| panic!("{text}: {e:#?}"));
    run(&expr) == Ok(Value::Bool(true))
}

/// The one finding of a text.
#[track_caller]
pub(crate) fn one(found: Result<impl std::fmt::Debug, Vec<String>>) -> String {
    let found = found.unwrap_err();
    assert_eq!(found.len(), 1, "{found:#?}");
    found.into_iter().next().unwrap()
}
