//! Whatever the checker lets through means in Rhai exactly what it means here.
//!
//! Well-typed texts are generated together with values for the names in them; our evaluator and Rhai's own (with Rhai's
//! own operators) must give the same value, or both fail.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    clippy::string_slice,
    clippy::type_complexity,
    unreachable_pub
)]

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use chrono::{NaiveDate, Weekday};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestError, TestRng, TestRunner};
use rhai::packages::{ArithmeticPackage, BasicArrayPackage, LogicPackage, Package};
use rhai::{Dynamic, Engine, Scope};
use rust_decimal::Decimal;
use usance::diag::{Diagnostic, Place, Source, SourceText, Span};
use usance::lang::calendar::Calendar;
use usance::lang::expr::Body;
use usance::lang::functions::{Rounding, RoundingMode};
use usance::lang::script::{Signature, from_rhai, load, to_rhai, vocabulary};
use usance::lang::{
    Base, Env, Expected, Expr, Failure, Found, Function, FunctionRef, Names, NodeRef, Stop, Type, Value, evaluate,
    expression,
};

const CASES: u32 = 24_000;

#[test]
fn expressions_mean_what_rhai_says() {
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
    let config = Config { cases: CASES, failure_persistence: None, max_shrink_iters: 4_000, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, rng);
    let engine = oracle();
    let accepted = Cell::new(0u32);
    let failed = Cell::new(0u32);
    let seen: RefCell<BTreeMap<&'static str, u32>> = RefCell::default();
    let refused: RefCell<BTreeMap<String, u32>> = RefCell::default();
    let bytes = prop::collection::vec(any::<u8>(), 16..160);
    let outcome = runner.run(&bytes, |bytes| {
        let mut case = Generator::new(bytes);
        let values = case.values();
        let ty = case.base();
        let text = case.whole(&ty);
        let world = World { values, found: Vec::new() };
        match compare(&engine, world, &text, ty) {
            Verdict::Same { fails } => {
                accepted.set(accepted.get() + 1);
                failed.set(failed.get() + u32::from(fails));
                for part in PARTS {
                    if text.contains(part) {
                        *seen.borrow_mut().entry(part).or_default() += 1;
                    }
                }
            }
            Verdict::Refused(code) => *refused.borrow_mut().entry(code).or_default() += 1,
            Verdict::Different(words) => return Err(TestCaseError::fail(format!("{text}\n{words}"))),
        }
        Ok(())
    });
    if let Err(TestError::Fail(reason, _) | TestError::Abort(reason)) = outcome {
        panic!("{reason}");
    }
    println!("accepted {} of {CASES}, of which fail in both {}", accepted.get(), failed.get());
    println!("refused {:?}\nseen {:?}", refused.borrow(), seen.borrow());
    assert!(accepted.get() > CASES / 4 * 3, "only {} accepted", accepted.get());
    assert!(failed.get() > CASES / 200, "only {} fail", failed.get());
    for part in PARTS {
        let count = seen.borrow().get(part).copied().unwrap_or(0);
        assert!(count > CASES / 200, "`{part}` stands in only {count} accepted expressions");
    }
}

/// The same for functions: lowered, in Rhai, and in the sandbox with its strict operators.
#[test]
fn functions_mean_what_rhai_says() {
    const FUNCTIONS: u32 = 4_000;
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[8; 32]);
    let config = Config { cases: FUNCTIONS, failure_persistence: None, max_shrink_iters: 2_000, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, rng);
    let engine = oracle();
    let accepted = Cell::new(0u32);
    let bytes = prop::collection::vec(any::<u8>(), 16..120);
    let outcome = runner.run(&bytes, |bytes| {
        let mut case = Generator::new(bytes);
        let values = case.values();
        let ty = case.base();
        let body = case.whole(&ty).replace("as_of", "f.date_b").replace("f.", "");
        let parameters: Vec<&str> = names().iter().map(|(name, _)| name.trim_start_matches("f.")).collect();
        let parameters = parameters.join(", ");
        let plain = format!("fn g({parameters}) {{ {body} }}");
        let Some(lowered) = function(&plain, &ty) else { return Ok(()) };
        accepted.set(accepted.get() + 1);
        let strict = function(&format!("fn g({parameters}) {{ let i = 0; i += 1; {body} }}"), &ty).unwrap();
        let Body::Lowered(expr) = &lowered.body else { panic!("not lowered: {body}") };
        let Body::Script(script) = &strict.body else { panic!("not a script: {body}") };
        let world = World { values: values.clone(), found: Vec::new() };
        let ours = evaluate(expr, &mut Run { world: &world, calendar: calendar() }, &mut values.clone()).ok();
        let strict = script.call(&values).ok();
        let ast = engine.compile(&plain).unwrap();
        let held: Vec<Dynamic> = values.iter().map(to_rhai).collect();
        let theirs = engine.call_fn::<Dynamic>(&mut Scope::new(), &ast, "g", held).ok();
        let theirs = theirs.map(|theirs| from_rhai(&theirs).unwrap());
        prop_assert_eq!(&ours, &theirs, "{}\n{:?}", &body, &values);
        prop_assert_eq!(&ours, &strict, "in the sandbox: {}\n{:?}", &body, &values);
        Ok(())
    });
    if let Err(TestError::Fail(reason, _) | TestError::Abort(reason)) = outcome {
        panic!("{reason}");
    }
    assert!(accepted.get() > FUNCTIONS / 2, "only {} accepted", accepted.get());
}

fn function(script: &str, gives: &Base) -> Option<Function> {
    let source = SourceText::whole(&Source::new("script", script));
    let declared = Signature {
        name: "g".to_owned(),
        takes: names().into_iter().map(|(_, ty)| ty).collect(),
        gives: Type::maybe(gives.clone()),
        place: source.place(0, 0),
        function: FunctionRef(0),
    };
    let loaded = load(&source, &[declared], &calendar(), rounding());
    assert!(loaded.found.is_empty() != loaded.functions.is_empty(), "{script}\n{:?}", loaded.found);
    loaded.functions.into_iter().next().map(|(_, function)| function)
}

/// What a good share of the accepted expressions must hold.
const PARTS: [&str; 42] = [
    " + ",
    " - ",
    " * ",
    " / ",
    " == ",
    " != ",
    " < ",
    " <= ",
    " > ",
    " >= ",
    " && ",
    " || ",
    "!",
    "-(",
    " ?? ",
    " in [",
    "if ",
    "else if ",
    "switch ",
    "let ",
    "is_given(",
    "min(",
    "max(",
    "abs(",
    "round(",
    "round_money(",
    "floor(",
    "ceil(",
    "to_number(",
    "date(\"",
    "add_days(",
    "add_months(",
    "end_of_month(",
    "months_between(",
    "days_360(",
    "days_in_year(",
    "business_days_between(",
    "business_day_on_or_after(",
    "business_day_on_or_before(",
    "starts_with(",
    ".year",
    "contains(",
];

enum Verdict {
    Same { fails: bool },
    Refused(String),
    Different(String),
}

fn compare(engine: &Engine, mut world: World, text: &str, ty: Base) -> Verdict {
    let source = SourceText::whole(&Source::new("expression", text));
    let expected = Expected::of(Some(Type::maybe(ty)));
    let Some(expr) = expression(&source, &expected, &mut world) else {
        let code = world.found.first().map_or("nothing said", |d| d.code.as_str());
        assert!(!world.found.is_empty(), "refused without a word: {text}");
        return Verdict::Refused(code.to_owned());
    };
    let ours = evaluate(&expr, &mut Run { world: &world, calendar: calendar() }, &mut Vec::new());
    let mut scope = world.scope();
    let theirs = engine.eval_with_scope::<Dynamic>(&mut scope, text);
    match (ours, theirs) {
        (Ok(ours), Ok(theirs)) if from_rhai(&theirs).as_ref() == Some(&ours) => Verdict::Same { fails: false },
        (Err(Stop::Failed(_)), Err(error)) if !matches!(*error, rhai::EvalAltResult::ErrorParsing(..)) => {
            Verdict::Same { fails: true }
        }
        (ours, theirs) => Verdict::Different(format!("ours {ours:?}\ntheirs {theirs:?}\n{:?}", world.values)),
    }
}

/// Rhai with its own operators, and our functions and dates.
fn oracle() -> Engine {
    let mut engine = Engine::new_raw();
    ArithmeticPackage::new().register_into_engine(&mut engine);
    LogicPackage::new().register_into_engine(&mut engine);
    BasicArrayPackage::new().register_into_engine(&mut engine);
    engine.set_max_expr_depths(0, 0);
    engine.set_optimization_level(rhai::OptimizationLevel::None);
    engine.set_strict_variables(true);
    engine.set_fail_on_invalid_map_property(true);
    vocabulary(&mut engine, &calendar(), rounding());
    engine
}

fn calendar() -> Calendar {
    let holidays = [NaiveDate::from_ymd_opt(2026, 5, 1).unwrap()].into_iter().collect();
    Calendar { weekend: vec![Weekday::Sat, Weekday::Sun], holidays, ..Calendar::default() }
}

fn rounding() -> Rounding {
    Rounding { unit: Decimal::new(5, 2), mode: RoundingMode::HalfUp }
}

fn tiers() -> Base {
    Type::one_of(["A", "B", "C"])
}

/// Every name, with its type.
fn names() -> Vec<(&'static str, Type)> {
    let (of, maybe) = (Type::of, Type::maybe);
    vec![
        ("f.truth", of(Base::Bool)),
        ("f.int_a", of(Base::Int)),
        ("f.int_b", of(Base::Int)),
        ("f.number_a", of(Base::Number)),
        ("f.number_b", of(Base::Number)),
        ("f.money_a", of(Base::Money)),
        ("f.money_b", of(Base::Money)),
        ("f.days_a", of(Base::Days)),
        ("f.days_b", of(Base::Days)),
        ("f.months_a", of(Base::Months)),
        ("f.date_a", of(Base::Date)),
        ("f.date_b", of(Base::Date)),
        ("f.text_a", of(Base::Text)),
        ("f.text_b", of(Base::Text)),
        ("f.tier", of(tiers())),
        ("f.maybe_truth", maybe(Base::Bool)),
        ("f.maybe_int", maybe(Base::Int)),
        ("f.maybe_number", maybe(Base::Number)),
        ("f.maybe_money", maybe(Base::Money)),
        ("f.maybe_days", maybe(Base::Days)),
        ("f.maybe_months", maybe(Base::Months)),
        ("f.maybe_date", maybe(Base::Date)),
        ("f.maybe_text", maybe(Base::Text)),
        ("f.maybe_tier", maybe(tiers())),
    ]
}

struct World {
    values: Vec<Value>,
    found: Vec<Diagnostic>,
}

impl World {
    fn scope(&self) -> Scope<'static> {
        let mut map = rhai::Map::new();
        for ((name, _), value) in names().iter().zip(&self.values) {
            map.insert(name.trim_start_matches("f.").into(), to_rhai(value));
        }
        let mut scope = Scope::new();
        scope.push_dynamic("f", map.into());
        scope.push_dynamic("as_of", to_rhai(&Value::Date(as_of())));
        scope
    }
}

fn as_of() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 6, 8).unwrap()
}

impl Names for World {
    fn find(&mut self, name: &str, _: Span) -> Found {
        match names().iter().position(|(known, _)| *known == name) {
            Some(at) => Found::Node(NodeRef(u32::try_from(at).unwrap()), names()[at].1.clone()),
            None => Found::Nothing,
        }
    }
    fn signature(&mut self, _: &str) -> Option<Vec<Type>> {
        None
    }
    fn call(&mut self, _: &str, _: Vec<Expr>, _: Span) -> Option<Expr> {
        None
    }
    fn nearest(&self, _: &str) -> Option<String> {
        None
    }
    fn report(&mut self, diagnostic: Diagnostic) {
        assert!(diagnostic.place.as_ref().map(Place::line_column).is_some());
        self.found.push(diagnostic);
    }
}

struct Run<'a> {
    world: &'a World,
    calendar: Calendar,
}

impl Env for Run<'_> {
    fn node(&mut self, node: NodeRef) -> Result<Value, Failure> {
        Ok(self.world.values[node.0 as usize].clone())
    }
    fn as_of(&self) -> NaiveDate {
        as_of()
    }
    fn as_at(&mut self, _: NaiveDate, expr: &Expr, locals: &mut Vec<Value>) -> Result<Value, Stop> {
        evaluate(expr, self, locals)
    }
    fn calendar(&self) -> &Calendar {
        &self.calendar
    }
    fn rounding(&self) -> Rounding {
        rounding()
    }
    fn fx_rate(&self, currency: &str) -> Result<Decimal, String> {
        Err(format!("no rate for `{currency}`"))
    }
    fn function(&self, _: FunctionRef) -> Option<&Function> {
        None
    }
}

/// Makes texts and values out of bytes; when they run out, of the first choices, which are the simplest.
struct Generator {
    bytes: std::vec::IntoIter<u8>,
    /// Bindings in reach.
    locals: Vec<(String, Base)>,
    /// Optional names known to be there.
    given: Vec<&'static str>,
    bindings: u32,
}

impl Generator {
    fn new(bytes: Vec<u8>) -> Self {
        Self { bytes: bytes.into_iter(), locals: Vec::new(), given: Vec::new(), bindings: 0 }
    }

    fn pick(&mut self, choices: usize) -> usize {
        usize::from(self.bytes.next().unwrap_or(0)) % choices
    }

    fn base(&mut self) -> Base {
        match self.pick(9) {
            0 => Base::Bool,
            1 => Base::Int,
            2 => Base::Number,
            3 => Base::Money,
            4 => Base::Days,
            5 => Base::Months,
            6 => Base::Date,
            7 => Base::Text,
            _ => tiers(),
        }
    }

    fn values(&mut self) -> Vec<Value> {
        names()
            .iter()
            .map(|(_, ty)| if ty.optional && self.pick(2) == 0 { Value::Missing } else { self.value(&ty.base) })
            .collect()
    }

    fn value(&mut self, base: &Base) -> Value {
        match base {
            Base::Bool => Value::Bool(self.pick(2) == 1),
            Base::Int => Value::Int([0, 1, 2, 7, -3, 1_000_003, i64::MAX, i64::MIN][self.pick(8)]),
            Base::Days | Base::Months => Value::Int([0, 1, 14, 30, -5, 365, 40_000, 400_000_000][self.pick(8)]),
            Base::Number | Base::Money => {
                let texts =
                    ["0", "1", "0.5", "-2.25", "1234.56", "0.0000000001", "7.10", "79228162514264337593543950335"];
                Value::Dec(texts[self.pick(8)].parse().unwrap())
            }
            Base::Date => Value::Date(self.day()),
            Base::OneOf(_) => Value::text(["A", "B", "C"][self.pick(3)]),
            _ => Value::text(["", "A", "Acme", "中文", "a\"b"][self.pick(5)]),
        }
    }

    fn day(&mut self) -> NaiveDate {
        let texts = ["2026-01-31", "2024-02-29", "2025-12-31", "2026-06-08", "1999-01-01", "2026-05-01"];
        texts[self.pick(6)].parse().unwrap()
    }

    fn whole(&mut self, ty: &Base) -> String {
        if self.pick(5) == 1 { self.bound(ty, 4, false) } else { self.expr(ty, 4) }
    }

    /// `let v = …; body`
    fn bound(&mut self, ty: &Base, depth: u32, braces: bool) -> String {
        let of = self.base();
        let value = self.expr(&of, depth - 1);
        let name = format!("v{}", self.bindings);
        self.bindings += 1;
        self.locals.push((name.clone(), of));
        let body = self.expr(ty, depth - 1);
        self.locals.pop();
        if braces { format!("{{ let {name} = {value}; {body} }}") } else { format!("let {name} = {value}; {body}") }
    }

    fn name(&mut self, ty: &Base) -> Option<String> {
        let mut all: Vec<String> = names()
            .iter()
            .filter(|(name, t)| t.base == *ty && (!t.optional || self.given.contains(name)))
            .map(|(name, _)| (*name).to_owned())
            .collect();
        all.extend(self.locals.iter().filter(|(_, base)| base == ty).map(|(name, _)| name.clone()));
        if *ty == Base::Date {
            all.push("as_of".to_owned());
        }
        if all.is_empty() { None } else { Some(all[self.pick(all.len())].clone()) }
    }

    fn maybe(&self, ty: &Base) -> &'static str {
        names().iter().find(|(_, t)| t.optional && t.base == *ty).unwrap().0
    }

    fn literal(&mut self, ty: &Base) -> String {
        let number = |this: &mut Self| {
            let texts = ["2", "0", "1.5", "-1", "0.05", "100", "3.0", "9223372036854775807", "-0.5"];
            texts[this.pick(9)].to_owned()
        };
        match ty {
            Base::Bool => ["true", "false"][self.pick(2)].to_owned(),
            Base::Int => ["3", "0", "1", "-7", "60", "9223372036854775807"][self.pick(6)].to_owned(),
            Base::Days | Base::Months => ["1", "30", "0", "-2", "2 * 15", "100000"][self.pick(6)].to_owned(),
            Base::Number | Base::Money => number(self),
            Base::Date => format!("date(\"{}\")", self.day()),
            Base::OneOf(_) => "f.tier".to_owned(),
            _ => ["\"A\"", "\"\"", "\"Ac\"", "\"中文\"", "\"a\\\"b\"", "\"\\u4e2d\\t\""][self.pick(6)].to_owned(),
        }
    }

    fn leaf(&mut self, ty: &Base) -> String {
        if self.pick(3) == 2 { self.literal(ty) } else { self.name(ty).unwrap_or_else(|| self.literal(ty)) }
    }

    /// A side of an operator: sometimes without its parentheses, so that precedence is asked too.
    fn side(&mut self, ty: &Base, depth: u32) -> String {
        let text = self.expr(ty, depth - 1);
        let simple = text.chars().all(|c| c.is_ascii_alphanumeric() || "._".contains(c));
        let braced = text.starts_with("if ") || text.starts_with("switch ") || text.starts_with('{');
        if simple || !braced && self.pick(4) == 1 { text } else { format!("({text})") }
    }

    fn expr(&mut self, ty: &Base, depth: u32) -> String {
        if depth == 0 {
            return self.leaf(ty);
        }
        match self.pick(10) {
            0 => self.leaf(ty),
            1 => {
                let condition = self.tested(depth);
                let (a, b) = (self.expr(ty, depth - 1), self.expr(ty, depth - 1));
                if self.pick(3) == 1 {
                    let other = self.tested(depth);
                    let c = self.expr(ty, depth - 1);
                    return format!("if {condition} {{ {a} }} else if {other} {{ {b} }} else {{ {c} }}");
                }
                format!("if {condition} {{ {a} }} else {{ {b} }}")
            }
            2 => {
                let name = self.maybe(ty);
                let other = self.side(ty, depth);
                format!("{name} ?? {other}")
            }
            3 => self.switch(ty, depth),
            4 if depth > 1 => self.bound(ty, depth, true),
            5 => {
                let of = self.base();
                let name = self.maybe(&of);
                let without = self.expr(ty, depth - 1);
                self.given.push(name);
                let with = self.expr(ty, depth - 1);
                self.given.pop();
                if self.pick(2) == 0 {
                    format!("if is_given({name}) {{ {with} }} else {{ {without} }}")
                } else {
                    format!("if !is_given({name}) {{ {without} }} else {{ {with} }}")
                }
            }
            _ => self.own(ty, depth),
        }
    }

    /// A condition of an `if`, which cannot begin with a block.
    fn tested(&mut self, depth: u32) -> String {
        let text = self.expr(&Base::Bool, depth - 1);
        if text.starts_with('{') { format!("({text})") } else { text }
    }

    fn switch(&mut self, ty: &Base, depth: u32) -> String {
        let (a, b) = (self.expr(ty, depth - 1), self.expr(ty, depth - 1));
        let (of, cases): (Base, &str) = match self.pick(5) {
            0 => (tiers(), "\"A\" | \"B\""),
            1 => (Base::Int, "1 | -3 | 7"),
            2 => (Base::Number, "0.5 | 7.1 | 0.0"),
            3 => (Base::Text, "\"A\" | \"Acme\""),
            _ => {
                let subject = self.side(&Base::Bool, depth);
                return format!("switch {subject} {{ true => {a}, false => {b} }}");
            }
        };
        let subject = self.side(&of, depth);
        format!("switch {subject} {{ {cases} => {a}, _ => {b} }}")
    }

    /// What only this type has.
    fn own(&mut self, ty: &Base, depth: u32) -> String {
        use Base::{Bool, Date, Days, Int, Money, Months, Number, Text};
        let d = depth;
        let plus = |this: &mut Self| ["+", "-"][this.pick(2)];
        match ty {
            Bool => self.condition(d),
            Int => match self.pick(6) {
                0 => format!("{} {} {}", self.side(&Int, d), plus(self), self.side(&Int, d)),
                1 => format!("{} * {}", self.side(&Int, d), self.side(&Int, d)),
                2 => format!("{}.{}", self.name(&Date).unwrap(), ["year", "month", "day"][self.pick(3)]),
                3 => format!("-({})", self.expr(&Int, d - 1)),
                4 => {
                    format!("{}({}, {})", ["min", "max"][self.pick(2)], self.expr(&Int, d - 1), self.expr(&Int, d - 1))
                }
                _ => format!("abs({})", self.expr(&Int, d - 1)),
            },
            Number => match self.pick(10) {
                0 => format!("{} {} {}", self.side(&Number, d), plus(self), self.side(&Number, d)),
                1 => format!("{} * {}", self.side(&Number, d), self.side(&Number, d)),
                2 => format!("{} / {}", self.side(&Number, d), self.side(&Number, d)),
                3 => format!("{} / {}", self.side(&Money, d), self.side(&Money, d)),
                4 => format!("{} * {}", self.side(&Int, d), self.side(&Number, d)),
                5 => {
                    let of = [Int, Days, Months][self.pick(3)].clone();
                    format!("to_number({})", self.expr(&of, d - 1))
                }
                6 => format!("round({}, {})", self.expr(&Number, d - 1), ["2", "0", "28", "29"][self.pick(4)]),
                7 => format!("{}({})", ["floor", "ceil", "round", "abs"][self.pick(4)], self.expr(&Number, d - 1)),
                8 => format!("-({})", self.expr(&Number, d - 1)),
                _ => format!("max({}, {})", self.expr(&Number, d - 1), self.expr(&Int, d - 1)),
            },
            Money => match self.pick(6) {
                0 => format!("{} {} {}", self.side(&Money, d), plus(self), self.side(&Money, d)),
                1 => format!("{} * {}", self.side(&Money, d), self.side(&Number, d)),
                2 => format!("{} / {}", self.side(&Money, d), self.side(&Number, d)),
                3 => format!("round_money({})", self.expr(&Money, d - 1)),
                4 => format!("min({}, {}, {})", self.expr(&Money, d - 1), self.leaf(&Money), self.leaf(&Money)),
                _ => format!("{} * {}", self.side(&Int, d), self.side(&Money, d)),
            },
            Days => match self.pick(6) {
                0 => format!("{} {} {}", self.side(&Days, d), plus(self), self.side(&Days, d)),
                1 => format!("{} - {}", self.side(&Date, d), self.side(&Date, d)),
                2 => format!("{} * {}", self.side(&Days, d), self.side(&Int, d)),
                3 => format!("days_360({}, {})", self.expr(&Date, d - 1), self.expr(&Date, d - 1)),
                4 => format!("days_in_year({})", self.expr(&Date, d - 1)),
                _ => format!("business_days_between({}, {})", self.near(), self.near()),
            },
            Months => match self.pick(3) {
                0 => format!("{} {} {}", self.side(&Months, d), plus(self), self.side(&Months, d)),
                1 => format!("months_between({}, {})", self.expr(&Date, d - 1), self.expr(&Date, d - 1)),
                _ => format!("{} * {}", self.side(&Int, d), self.side(&Months, d)),
            },
            Date => match self.pick(6) {
                0 => format!("{} {} {}", self.side(&Date, d), plus(self), self.side(&Days, d)),
                1 => format!("add_months({}, {})", self.expr(&Date, d - 1), self.expr(&Months, d - 1)),
                2 => format!("end_of_month({})", self.expr(&Date, d - 1)),
                3 => format!("add_days({}, {})", self.expr(&Date, d - 1), self.expr(&Days, d - 1)),
                4 => format!("business_day_on_or_{}({})", ["after", "before"][self.pick(2)], self.expr(&Date, d - 1)),
                _ => format!("{}({}, {})", ["min", "max"][self.pick(2)], self.expr(&Date, d - 1), self.leaf(&Date)),
            },
            Text => {
                let (a, b) = (self.literal(&Text), self.leaf(&Text));
                format!("if {} {{ {a} }} else {{ {b} }}", self.tested(d))
            }
            _ => format!("if {} {{ \"A\" }} else {{ {} }}", self.tested(d), self.leaf(ty)),
        }
    }

    /// A date whose distance to another is small: counting business days walks them.
    fn near(&mut self) -> String {
        ["f.date_a", "f.date_b", "as_of", "date(\"2026-04-30\")"][self.pick(4)].to_owned()
    }

    fn condition(&mut self, depth: u32) -> String {
        let boolean = Base::Bool;
        match self.pick(10) {
            0 => format!("{} && {}", self.side(&boolean, depth), self.side(&boolean, depth)),
            1 => format!("{} || {}", self.side(&boolean, depth), self.side(&boolean, depth)),
            2 => format!("!({})", self.expr(&boolean, depth - 1)),
            3 => {
                let of = self.base();
                let name = self.maybe(&of);
                self.given.push(name);
                let with = self.side(&boolean, depth);
                self.given.pop();
                if self.pick(2) == 0 {
                    format!("is_given({name}) && {with}")
                } else {
                    format!("!is_given({name}) || {with}")
                }
            }
            4 => {
                let of = [Base::Int, Base::Number, Base::Text, tiers(), Base::Date, Base::Money][self.pick(6)].clone();
                let item = self.side(&of, depth);
                format!("{item} in [{}, {}]", self.leaf(&of), self.leaf(&of))
            }
            5 => {
                let function = ["starts_with", "ends_with", "contains"][self.pick(3)];
                format!("{function}({}, {})", self.expr(&Base::Text, depth - 1), self.leaf(&Base::Text))
            }
            6 => {
                let of = [Base::Text, tiers(), Base::Bool][self.pick(3)].clone();
                let op = ["==", "!="][self.pick(2)];
                format!("{} {op} {}", self.side(&of, depth), self.side(&of, depth))
            }
            7 => {
                let op = ["==", "!=", "<", "<=", ">", ">="][self.pick(6)];
                format!("{} {op} {}", self.side(&Base::Number, depth), self.side(&Base::Int, depth))
            }
            _ => {
                let of =
                    [Base::Int, Base::Number, Base::Money, Base::Days, Base::Months, Base::Date][self.pick(6)].clone();
                let op = ["<", "<=", ">", ">=", "==", "!="][self.pick(6)];
                format!("{} {op} {}", self.side(&of, depth), self.side(&of, depth))
            }
        }
    }
}
