//! What `+ - * /` mean on which units.

use super::adopt::mixing_help;
use super::checker::{Checker, article};
use super::typed::{LARGEST, Raw, Typed};
use crate::diag::Code;
use crate::lang::expr::{ArithOp, Kind};
use crate::lang::syntax::ast::{At, Node};
use crate::lang::types::{Base, Type};

/// What an operation on two units gives: what each side becomes, and the result.
struct Rule(Base, Base, Base);

impl Checker<'_> {
    #[inline(never)]
    pub(crate) fn negate(&mut self, of: &Node, at: At) -> Option<Typed> {
        let typed = self.operand(of)?;
        let base = typed.base().clone();
        if !base.is_decimal() && !base.is_whole() {
            let message = format!("`-` needs a number, and `{}` is {}", self.written(of.at), article(&base));
            self.error(Code::WrongType, at, message, "take the `-` out");
            return None;
        }
        if base.is_decimal() && typed.raw.whole.is_some_and(|size| size >= LARGEST) {
            self.beyond(at);
            return None;
        }
        let (raw, bare) = (typed.raw, typed.bare);
        let expr = self.expr(Kind::Negate(Box::new(typed.expr)), Type::of(base), at);
        Some(Typed { raw, bare, ..Typed::of(expr) })
    }

    pub(crate) fn arith(&mut self, op: ArithOp, a: Typed, b: Typed, ats: (At, At), at: At) -> Option<Typed> {
        let bare = a.bare && b.bare;
        let (mut left, right) = (bases(&a, b.base()), bases(&b, a.base()));
        if op == ArithOp::Divide {
            // `1000 / account.sales` asks for no unit: a share is money over money, both named.
            left.retain(|base| base == a.base() || !base.is_amount());
        }
        if op == ArithOp::Divide && divides_whole(&a, &b) {
            self.whole_division(&a, &b, ats, at);
            return None;
        }
        let rule = left.iter().find_map(|l| right.iter().find_map(|r| rule(op, l, r)));
        let Some(Rule(want_a, want_b, gives)) = rule else {
            self.no_arith(op, &a, &b, ats, at);
            return None;
        };
        let a = self.coerce(a, &want_a, ats.0)?;
        let b = self.coerce(b, &want_b, ats.1)?;
        let raw = self.raw(op, &a, &b, &gives, at)?;
        let kind = Kind::Arith(op, Box::new(a.expr), Box::new(b.expr));
        let expr = self.expr(kind, Type::of(gives), at);
        Some(Typed { raw, bare, ..Typed::of(expr) })
    }

    /// How the result lies in Rhai, which must agree with ours.
    fn raw(&mut self, op: ArithOp, a: &Typed, b: &Typed, gives: &Base, at: At) -> Option<Raw> {
        let (Some(x), Some(y)) = (a.raw.whole, b.raw.whole) else { return Some(Raw::of(gives)) };
        let size = if op == ArithOp::Multiply { x.saturating_mul(y) } else { x.saturating_add(y) };
        if gives.is_whole() {
            return Some(Raw::whole(size));
        }
        if !gives.is_decimal() {
            return Some(Raw::of(gives));
        }
        if size >= LARGEST {
            self.beyond(at);
            return None;
        }
        Some(Raw { whole: Some(size), decimal: a.raw.decimal || b.raw.decimal })
    }

    fn beyond(&mut self, at: At) {
        let message = format!("`{}` could pass the whole numbers of 64 bits", self.written(at));
        self.error(Code::BadNumber, at, message, "write the whole numbers in it with a point: `1.0`");
    }

    fn whole_division(&mut self, a: &Typed, b: &Typed, ats: (At, At), at: At) {
        let (left, right) = (self.written(ats.0).to_owned(), self.written(ats.1).to_owned());
        let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
        let help = match (a.base(), b.base()) {
            _ if digits(&left) => format!("write `{left}.0 / {right}`"),
            (Base::Days | Base::Months, Base::Days | Base::Months) => {
                format!("write `to_number({left}) / to_number({right})`")
            }
            (Base::Int | Base::Days | Base::Months, _) if !a.bare => format!("write `to_number({left}) / {right}`"),
            _ if digits(&right) => format!("write `{left} / {right}.0`"),
            _ => "write the whole numbers in it with a point: `7.0`".to_owned(),
        };
        let message = format!("`{}` divides whole numbers, which would drop the remainder", self.written(at));
        self.error(Code::WholeDivision, at, message, help);
    }

    fn no_arith(&mut self, op: ArithOp, a: &Typed, b: &Typed, ats: (At, At), at: At) {
        let (left, right) = (self.written(ats.0).to_owned(), self.written(ats.1).to_owned());
        let (sign, verb) = match op {
            ArithOp::Add => ("+", "add"),
            ArithOp::Subtract => ("-", "subtract"),
            ArithOp::Multiply => ("*", "multiply"),
            ArithOp::Divide => ("/", "divide"),
        };
        let help = match (op, a.base(), b.base()) {
            (ArithOp::Add, Base::Text | Base::OneOf(_), _) | (ArithOp::Add, _, Base::Text | Base::OneOf(_)) => {
                "text with values in it belongs into a reason: `Exposure {account.exposure}`".to_owned()
            }
            (ArithOp::Add, Base::Date, Base::Months) => format!("write `add_months({left}, {right})`"),
            (ArithOp::Add, Base::Months, Base::Date) => format!("write `add_months({right}, {left})`"),
            (ArithOp::Subtract, Base::Date, Base::Months) => format!("write `add_months({left}, -{right})`"),
            (ArithOp::Add, Base::Days | Base::Int, Base::Date) => format!("write `{right} + {left}`"),
            (ArithOp::Add | ArithOp::Subtract, Base::Date, Base::Int) => format!("declare `{right}` as days"),
            (ArithOp::Multiply, a, b) if a.is_amount() && b.is_amount() => "multiply money by a number".to_owned(),
            (ArithOp::Divide, Base::Number | Base::Int, b) if b.is_amount() => {
                "divide money by money for a share".to_owned()
            }
            (ArithOp::Multiply | ArithOp::Divide, _, Base::Days | Base::Months) => {
                format!("write `to_number({right})`")
            }
            (ArithOp::Multiply | ArithOp::Divide, Base::Days | Base::Months, _) => format!("write `to_number({left})`"),
            (_, a, b) => mixing_help(a, b, &left, &right),
        };
        let message =
            format!("`{sign}` cannot {verb} {} and {}: `{}`", article(a.base()), article(b.base()), self.written(at));
        self.error(Code::WrongType, at, message, help);
    }
}

/// The units a side can have: its own first, and for a bare literal those it may take beside the other side.
fn bases(typed: &Typed, other: &Base) -> Vec<Base> {
    let mut all = vec![typed.base().clone()];
    let amount = if let Base::OwnMoney(_) = other { other.clone() } else { Base::Money };
    match typed.base() {
        Base::Int if typed.bare => all.extend([Base::Number, amount, Base::Days, Base::Months]),
        Base::Number if typed.bare => all.push(amount),
        Base::Int => all.push(Base::Number),
        _ => {}
    }
    all
}

/// Whether Rhai would, or could, divide a whole number by a whole number.
fn divides_whole(a: &Typed, b: &Typed) -> bool {
    let number = |t: &Typed| t.base().is_whole() || t.base().is_decimal();
    number(a) && number(b) && a.raw.whole.is_some() && b.raw.whole.is_some()
}

fn rule(op: ArithOp, a: &Base, b: &Base) -> Option<Rule> {
    use Base::{Date, Days, Int, Months, Number};
    let gives = match (op, a, b) {
        (ArithOp::Add | ArithOp::Subtract, a, b) if a == b && (a.is_whole() || a.is_decimal()) => a.clone(),
        (ArithOp::Add | ArithOp::Subtract, Date, Days) => Date,
        (ArithOp::Subtract, Date, Date) => Days,
        (ArithOp::Multiply, Int, Int) => Int,
        (ArithOp::Multiply | ArithOp::Divide, Number, Number) => Number,
        (ArithOp::Multiply | ArithOp::Divide, amount, Number) | (ArithOp::Multiply, Number, amount)
            if amount.is_amount() =>
        {
            amount.clone()
        }
        (ArithOp::Divide, a, b) if a.is_amount() && a == b => Number,
        (ArithOp::Multiply, Days, Int) | (ArithOp::Multiply, Int, Days) => Days,
        (ArithOp::Multiply, Months, Int) | (ArithOp::Multiply, Int, Months) => Months,
        _ => return None,
    };
    Some(Rule(a.clone(), b.clone(), gives))
}
