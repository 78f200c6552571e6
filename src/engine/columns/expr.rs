//! Expressions for every lane of a frame at once.

use std::rc::Rc;

use chrono::Datelike;

use super::frames::{Days, FrameId};
use super::marks::{FAILED, GIVEN, MISSING, Mark, Marks, STOPPED};
use super::nodes::Evaluation;
use super::pick::Branches;
use super::units::Holds;
use super::vector::{Chosen, Data, Vector};
use crate::lang::expr::{ArithOp, Body, CompareOp, DatePart};
use crate::lang::functions::Builtin;
use crate::lang::{Expr, FunctionRef, Kind, Value, day_of};

/// Where an expression is evaluated: a frame, and the values of `let`s and parameters for its lanes.
#[derive(Clone)]
pub(super) struct Scope {
    pub(super) frame: FrameId,
    pub(super) len: usize,
    pub(super) locals: Vec<Vector>,
}

impl Evaluation<'_, '_> {
    /// A whole expression of a node: a missing value that nothing in it handles makes it fail.
    pub(super) fn settled(&mut self, frame: FrameId, expr: &Expr) -> Vector {
        let scope = self.scope(frame);
        self.settled_in(&scope, expr)
    }

    pub(super) fn settled_in(&mut self, scope: &Scope, expr: &Expr) -> Vector {
        let vector = self.eval(scope, expr);
        let marks = vector.marks().settled();
        vector.with_marks(marks)
    }

    pub(super) fn scope(&self, frame: FrameId) -> Scope {
        Scope { frame, len: self.len(frame), locals: Vec::new() }
    }

    /// The same for some of the lanes.
    pub(super) fn part(&mut self, scope: &Scope, lanes: &Rc<[u32]>) -> Scope {
        let frame = self.frames.part(scope.frame, Rc::clone(lanes));
        Scope { frame, len: lanes.len(), locals: scope.locals.iter().map(|local| local.take(lanes)).collect() }
    }

    /// Works an expression out; [`Self::eval`] does so once where it stands in several places.
    pub(super) fn compute_expr(&mut self, scope: &Scope, expr: &Expr) -> Vector {
        match &expr.kind {
            Kind::Lit(value) => Vector::one(value.clone(), scope.len),
            Kind::Node(node) => self.node(scope.frame, *node).value,
            Kind::Local(slot) => match scope.locals.get(*slot as usize) {
                Some(local) => local.clone(),
                None => Vector::none(FAILED, scope.len),
            },
            Kind::AsOf => match self.frames.days(scope.frame) {
                Days::One(day) => Vector::one(day_of(day).map_or(Value::Missing, Value::Date), scope.len),
                Days::Each(days) => Vector::new(Data::Date(days.iter().copied().collect()), Marks::Given, scope.len),
            },
            Kind::Part(part, of) => {
                let date = self.eval(scope, of);
                self.date_part(*part, &date)
            }
            Kind::Not(of) => {
                let of = self.eval(scope, of);
                let marks = of.marks().needed();
                match of.data() {
                    Data::One(Value::Bool(value)) => Vector::one(Value::Bool(!value), scope.len).with_marks(marks),
                    Data::Bool(values) => Vector::bools(values.iter().map(|b| b ^ 1).collect(), marks),
                    _ => self.unfit(&of, marks),
                }
            }
            Kind::Negate(of) => {
                let of = self.eval(scope, of);
                self.negate(&of)
            }
            Kind::Arith(op, a, b) => {
                let (a, b) = (self.eval(scope, a), self.eval(scope, b));
                self.arith(*op, &a, &b)
            }
            Kind::Compare(op, a, b) => {
                let (a, b) = (self.eval(scope, a), self.eval(scope, b));
                self.compare(*op, &a, &b)
            }
            Kind::And(a, b) => self.both(scope, a, b, true),
            Kind::Or(a, b) => self.both(scope, a, b, false),
            Kind::Coalesce(a, b) => {
                let first = self.eval(scope, a);
                self.instead(scope, first, b, |mark| mark == MISSING)
            }
            Kind::OnMissing(a, b) => {
                let first = self.eval(scope, a);
                self.instead(scope, first, b, |mark| mark == MISSING || mark == STOPPED)
            }
            Kind::In(item, list) => self.is_in(scope, item, list),
            Kind::List(items) => {
                let items: Vec<Vector> = items.iter().map(|item| self.eval(scope, item)).collect();
                let all: Vec<&Vector> = items.iter().collect();
                self.each_lane(&all, scope.len, |values| Ok(Value::List(values.into())))
            }
            Kind::If(condition, a, b) => {
                let condition = self.eval(scope, condition);
                let marks = condition.marks().needed();
                let truth = condition.is_true();
                let branches = Branches::of_truth(&truth, &marks, scope.len);
                self.pick(scope, branches, &[a, b])
            }
            Kind::Switch { subject, cases, default } => self.switch(scope, subject, cases, default.as_deref()),
            Kind::Let { slot, value, body } => {
                let value = self.eval(scope, value);
                // What cannot be computed stops here, though nobody reads it.
                let stops = value.marks().stopping();
                let mut inner = scope.clone();
                let slot = *slot as usize;
                if inner.locals.len() <= slot {
                    inner.locals.resize(slot + 1, Vector::none(MISSING, scope.len));
                }
                if let Some(local) = inner.locals.get_mut(slot) {
                    *local = value;
                }
                let body = self.eval(&inner, body);
                let marks = stops.then(body.marks());
                body.with_marks(marks)
            }
            Kind::Call(builtin, arguments) => {
                let mut values: Vec<Vector> = Vec::with_capacity(arguments.len());
                for argument in arguments {
                    let value = match (&argument.kind, builtin, values.is_empty()) {
                        (Kind::Arith(ArithOp::Divide, a, b), Builtin::Round | Builtin::RoundMoney, true) => {
                            let (a, b) = (self.eval(scope, a), self.eval(scope, b));
                            let places = self.places(scope, *builtin, arguments.get(1));
                            match self.rounded_quotient(&a, &b, places.as_ref()) {
                                Some(rounded) => return rounded,
                                None => self.arith(ArithOp::Divide, &a, &b),
                            }
                        }
                        _ => self.eval(scope, argument),
                    };
                    values.push(value);
                }
                self.call(scope, *builtin, &values)
            }
            Kind::Function(function, arguments) => {
                let arguments: Vec<Vector> = arguments.iter().map(|a| self.eval(scope, a)).collect();
                self.function(scope, *function, arguments)
            }
            Kind::ToDecimal(of) => {
                let of = self.eval(scope, of);
                self.as_decimals(of)
            }
            Kind::IsGiven(of) => {
                let of = self.eval(scope, of);
                match of.marks() {
                    Marks::Given => Vector::one(Value::Bool(true), scope.len),
                    Marks::All(MISSING) => Vector::one(Value::Bool(false), scope.len),
                    Marks::All(mark) => Vector::none(*mark, scope.len),
                    Marks::Each(marks) => {
                        let given = marks.iter().map(|mark| u8::from(*mark == GIVEN)).collect();
                        Vector::bools(given, of.marks().stopping())
                    }
                }
            }
            Kind::AsAt(of, date) => {
                let date = self.eval(scope, date);
                self.as_at(scope, of, &date)
            }
        }
    }

    /// To how many places a function rounds; `None` where it rounds money.
    fn places(&mut self, scope: &Scope, builtin: Builtin, written: Option<&Expr>) -> Option<Vector> {
        match (builtin, written) {
            (Builtin::RoundMoney, _) => None,
            (_, Some(places)) => Some(self.eval(scope, places)),
            (_, None) => Some(Vector::one(Value::Int(0), scope.len)),
        }
    }

    fn date_part(&mut self, part: DatePart, date: &Vector) -> Vector {
        let of = |day: chrono::NaiveDate| match part {
            DatePart::Year => i64::from(day.year()),
            DatePart::Month => i64::from(day.month()),
            DatePart::Day => i64::from(day.day()),
        };
        let marks = date.marks().needed();
        match date.data() {
            Data::One(Value::Date(day)) => Vector::one(Value::Int(of(*day)), date.len()).with_marks(marks),
            Data::Date(days) => {
                let parts = days.iter().map(|day| day_of(*day).map_or(0, of)).collect();
                Vector::new(Data::Int(parts), marks, date.len())
            }
            _ => self.unfit(date, marks),
        }
    }

    /// No values of the type declared: only where nothing is given.
    pub(super) fn unfit(&self, of: &Vector, marks: Marks) -> Vector {
        let marks = marks.map(|mark| if mark == GIVEN { FAILED } else { mark });
        Vector::new(Data::One(Value::Missing), marks, of.len())
    }

    /// `&&` and `||`: the right side counts only where the left is `decides`.
    fn both(&mut self, scope: &Scope, a: &Expr, b: &Expr, decides: bool) -> Vector {
        let left = self.eval(scope, a).one_by_one();
        let marks = left.marks().needed();
        let asked = match left.data() {
            Data::One(value) if marks.is_given() => {
                if *value == Value::Bool(decides) {
                    let right = self.eval(scope, b);
                    let marks = right.marks().needed();
                    return right.with_marks(marks);
                }
                return left;
            }
            Data::Bool(values) => {
                let wanted = u8::from(decides);
                if !self.is_light(scope.frame, b) {
                    let asks = |(lane, value): (usize, &u8)| *value == wanted && marks.of(lane) == GIVEN;
                    Chosen::of(values.iter().enumerate().map(asks), scope.len)
                } else {
                    Chosen::All
                }
            }
            _ => return self.unfit(&left, marks),
        };
        let Data::Bool(values) = left.data() else { return self.unfit(&left, marks) };
        let right = match &asked {
            Chosen::None => return left.clone().with_marks(marks),
            Chosen::All => self.eval(scope, b),
            Chosen::Some(lanes) => {
                let part = self.part(scope, lanes);
                let right = self.eval(&part, b);
                self.scatter(scope.len, &[(Rc::clone(lanes), right)], &Marks::Given)
            }
        };
        let put = |a: u8, b: u8| if decides { a & b } else { a | b };
        let truths = match right.data() {
            Data::Bool(others) => values.iter().zip(others.iter()).map(|(a, b)| put(*a, *b)).collect(),
            Data::One(Value::Bool(other)) => values.iter().map(|a| put(*a, u8::from(*other))).collect(),
            // Nothing on the right is given: its marks say so where it is asked.
            _ => values.to_vec(),
        };
        Vector::bools(truths, deciding(values, u8::from(decides), &marks, &right.marks().needed()))
    }

    /// The first, and another where a mark of it says so.
    fn instead(&mut self, scope: &Scope, first: Vector, other: &Expr, handles: impl Fn(Mark) -> bool) -> Vector {
        match first.marks() {
            Marks::Given => first,
            Marks::All(mark) if handles(*mark) => self.eval(scope, other),
            Marks::All(_) => first,
            Marks::Each(marks) => {
                let taken = marks.iter().map(|mark| u16::from(handles(*mark))).collect();
                let kept = first.clone();
                self.pick_with(scope, Branches::new(taken), kept, other)
            }
        }
    }

    fn is_in(&mut self, scope: &Scope, item: &Expr, list: &Expr) -> Vector {
        let constants: Option<Vec<Value>> = match &list.kind {
            Kind::List(items) => items
                .iter()
                .map(|item| match &item.kind {
                    Kind::Lit(value) if value.is_given() => Some(value.clone()),
                    _ => None,
                })
                .collect(),
            Kind::Lit(Value::List(items)) => Some(items.to_vec()),
            _ => None,
        };
        let Some(constants) = constants else {
            let (list, item) = (self.eval(scope, list), self.eval(scope, item));
            return self.each_lane(&[&list, &item], scope.len, |values| match values {
                [Value::List(items), item] => Ok(Value::Bool(items.contains(item))),
                _ => Err(FAILED),
            });
        };
        let item = self.eval(scope, item);
        let mut found: Option<Vector> = None;
        for constant in constants {
            let hit = self.compare(CompareOp::Equal, &item, &Vector::one(constant, scope.len));
            found = Some(match found {
                None => hit,
                Some(known) => self.either(&known, &hit),
            });
        }
        let none = || Vector::one(Value::Bool(false), scope.len);
        let marks = item.marks().needed();
        found.unwrap_or_else(none).with_marks(marks)
    }

    /// Whether one of two holds, their marks left aside.
    fn either(&self, a: &Vector, b: &Vector) -> Vector {
        match (a.data(), b.data()) {
            (Data::Bool(x), Data::Bool(y)) => {
                Vector::bools(x.iter().zip(y.iter()).map(|(x, y)| x | y).collect(), Marks::Given)
            }
            (Data::One(Value::Bool(true)), _) | (_, Data::One(Value::Bool(false))) => a.clone(),
            _ => b.clone(),
        }
    }

    fn switch(
        &mut self,
        scope: &Scope,
        subject: &Expr,
        cases: &[(Vec<Value>, Expr)],
        default: Option<&Expr>,
    ) -> Vector {
        let subject = self.eval(scope, subject);
        let marks = subject.marks().needed();
        let mut branches = Branches::none(scope.len, &marks);
        for (number, (values, _)) in (0u16..).zip(cases) {
            for value in values {
                let constant = Vector::one(value.clone(), scope.len);
                let hit = self.compare(CompareOp::Equal, &subject, &constant);
                branches.hit(&hit.is_true(), number);
            }
        }
        let last = u16::try_from(cases.len()).unwrap_or(u16::MAX);
        match default {
            Some(_) => branches.rest(last),
            None => branches.mark_rest(FAILED),
        }
        let gives: Vec<&Expr> = cases.iter().map(|(_, gives)| gives).chain(default).collect();
        self.pick(scope, branches, &gives)
    }

    fn function(&mut self, scope: &Scope, function: FunctionRef, arguments: Vec<Vector>) -> Vector {
        let plan = self.plan;
        let Some(function) = plan.functions.get(function.0 as usize) else { return Vector::none(FAILED, scope.len) };
        match &function.body {
            Body::Lowered(body) => {
                // A mark of an argument comes before all that the body does.
                let marks = stopping(&arguments);
                let inner = Scope { frame: scope.frame, len: scope.len, locals: arguments };
                let result = self.eval(&inner, body);
                let marks = marks.then(result.marks());
                result.with_marks(marks)
            }
            Body::Script(script) => self.script(scope, script, &arguments),
        }
    }

    /// An expression as of other days, none later than those of the frame.
    fn as_at(&mut self, scope: &Scope, of: &Expr, date: &Vector) -> Vector {
        let marks = date.marks().needed();
        let chosen = match &marks {
            Marks::Given => Chosen::All,
            Marks::All(_) => Chosen::None,
            Marks::Each(each) => Chosen::of(each.iter().map(|mark| *mark == GIVEN), scope.len),
        };
        let (inner, lanes) = match &chosen {
            Chosen::None => return Vector::new(Data::One(Value::Missing), marks, scope.len),
            Chosen::All => (scope.clone(), None),
            Chosen::Some(lanes) => (self.part(scope, lanes), Some(lanes)),
        };
        let date = lanes.map_or_else(|| date.clone(), |lanes| date.take(lanes));
        let Some(frame) = self.as_of_dates(inner.frame, &date) else {
            return self.unfit(&Vector::none(FAILED, scope.len), marks);
        };
        let result = self.eval(&Scope { frame, ..inner }, of);
        match lanes {
            None => result,
            Some(lanes) => self.scatter(scope.len, &[(Rc::clone(lanes), result)], &marks),
        }
    }
}

/// The marks of `&&` (`decides` 1) or `||` (0): the left side's, and where it decides nothing the right side's.
fn deciding(left: &[u8], decides: u8, marks: &Marks, others: &Marks) -> Marks {
    if others.is_given() {
        return marks.clone();
    }
    let mark = |(lane, value): (usize, &u8)| match marks.of(lane) {
        GIVEN if *value == decides => others.of(lane),
        own => own,
    };
    Marks::each(left.iter().enumerate().map(mark).collect())
}

/// What keeps a function from being called: of several arguments the first says.
pub(super) fn stopping(arguments: &[Vector]) -> Marks {
    arguments.iter().fold(Marks::Given, |marks, argument| marks.then(&argument.marks().stopping()))
}

/// What makes a comparison true.
pub(super) fn holds(op: CompareOp) -> Holds {
    let (less, equal, greater) = match op {
        CompareOp::Equal => (false, true, false),
        CompareOp::NotEqual => (true, false, true),
        CompareOp::Less => (true, false, false),
        CompareOp::LessOrEqual => (true, true, false),
        CompareOp::Greater => (false, false, true),
        CompareOp::GreaterOrEqual => (false, true, true),
    };
    Holds { less, equal, greater }
}
