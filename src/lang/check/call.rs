//! Calls: built-in functions, functions of the policy, names with arguments.

use super::checker::{Checker, article};
use super::name::Resolved;
use super::typed::{Facts, LARGEST, Raw, Typed};
use crate::diag::{Code, nearest};
use crate::lang::expr::Kind;
use crate::lang::functions::{Builtin, written_date};
use crate::lang::syntax::ast::{Ast, At, Node, Word};
use crate::lang::types::{Base, Type};
use crate::lang::value::Value;

/// A checked argument and where it stands.
pub(super) type Argument = (Typed, At);

impl Checker<'_> {
    #[inline(never)]
    pub(crate) fn call(&mut self, name: &Word, arguments: &[Node], at: At) -> Option<Typed> {
        if let Some(builtin) = Builtin::named(&name.text) {
            return self.builtin_call(builtin, name.at, arguments, at);
        }
        if let Some(takes) = self.names.signature(&name.text) {
            return self.policy_call(name, &takes, arguments, at);
        }
        if let Some((on, method)) = name.text.rsplit_once('.')
            && let Some(builtin) = Builtin::named(method)
        {
            let on_at = At { start: name.at.start, end: name.at.end - method.len() - 1 };
            match self.resolve(on, on_at) {
                Resolved::Is(on) => return self.builtin_method(builtin, (*on, on_at), name.at, arguments, at),
                Resolved::Broken => return None,
                Resolved::Nothing => {}
            }
        }
        let resolved = self.resolve(&name.text, name.at);
        if let Resolved::Broken = resolved {
            return None;
        }
        if let Resolved::Is(_) = resolved {
            let message = format!("`{}` is a value, not a function", name.text);
            self.error(Code::WrongType, name.at, message, format!("write `{}` without parentheses", name.text));
            return None;
        }
        // What is wrong in the arguments is said as well.
        for argument in arguments {
            self.check(argument);
        }
        let builtins = Builtin::ALL.iter().map(|b| b.name());
        let near = nearest(&name.text, builtins).map(str::to_owned).or_else(|| self.names.nearest(&name.text));
        let help = match near {
            Some(near) => format!("did you mean `{near}`?"),
            None => "call a built-in function, or one declared under `functions:`".to_owned(),
        };
        self.error(Code::UnknownName, name.at, format!("no function is called `{}`", name.text), help);
        None
    }

    #[inline(never)]
    pub(crate) fn method(&mut self, on: &Node, name: &Word, arguments: &[Node], at: At) -> Option<Typed> {
        let value = self.check(on);
        let Some(builtin) = Builtin::named(&name.text) else {
            let near = nearest(&name.text, Builtin::ALL.iter().map(|b| b.name()));
            let help = match near {
                Some(near) => format!("did you mean `{near}`?"),
                None => "call a built-in function".to_owned(),
            };
            self.error(Code::UnknownName, name.at, format!("no function is called `{}`", name.text), help);
            return None;
        };
        self.builtin_method(builtin, (value?, on.at), name.at, arguments, at)
    }

    fn builtin_method(
        &mut self,
        builtin: Builtin,
        on: Argument,
        name_at: At,
        arguments: &[Node],
        at: At,
    ) -> Option<Typed> {
        let mut all = vec![Some(on)];
        all.extend(arguments.iter().map(|a| self.check(a).map(|t| (t, a.at))));
        self.builtin(builtin, name_at, all.into_iter().collect::<Option<_>>()?, at)
    }

    fn builtin_call(&mut self, builtin: Builtin, name_at: At, arguments: &[Node], at: At) -> Option<Typed> {
        if builtin == Builtin::Date {
            return self.date_literal(arguments, at);
        }
        let all: Vec<Option<Argument>> = arguments.iter().map(|a| self.check(a).map(|t| (t, a.at))).collect();
        self.builtin(builtin, name_at, all.into_iter().collect::<Option<_>>()?, at)
    }

    fn date_literal(&mut self, arguments: &[Node], at: At) -> Option<Typed> {
        let [Node { ast: Ast::Text(text), at: text_at, .. }] = arguments else {
            let help = "write `date(\"2026-01-31\")`";
            self.error(Code::BadDate, at, "`date` takes one text in quotes, known at load", help);
            return None;
        };
        let Some(date) = written_date(text) else {
            let help = "write a day of the calendar as YYYY-MM-DD";
            self.error(Code::BadDate, *text_at, format!("`{text}` is not a day of the calendar"), help);
            return None;
        };
        Some(Typed::of(self.expr(Kind::Lit(Value::Date(date)), Type::of(Base::Date), at)))
    }

    fn policy_call(&mut self, name: &Word, takes: &[Type], arguments: &[Node], at: At) -> Option<Typed> {
        if arguments.len() != takes.len() {
            if self.is_half_read(at) {
                return None;
            }
            let message = format!("`{}` takes {}, not {}", name.text, counted(takes.len()), arguments.len());
            let list: Vec<String> = takes.iter().map(Type::to_string).collect();
            let help = format!("write `{}({})`", name.text, list.join(", "));
            self.error(Code::WrongType, at, message, help);
            return None;
        }
        let mut all = Vec::new();
        let mut failed = false;
        for (node, ty) in arguments.iter().zip(takes) {
            let typed = if ty.optional { self.check(node) } else { self.operand(node) };
            match typed.and_then(|t| self.coerce(t, &ty.base, node.at)) {
                Some(typed) => all.push(typed.expr),
                None => failed = true,
            }
        }
        if failed {
            return None;
        }
        let span = self.text.span(at.start, at.end);
        match self.names.call(&name.text, all, span) {
            Some(expr) => Some(Typed::of(expr)),
            None => {
                self.poisoned = true;
                None
            }
        }
    }

    fn builtin(&mut self, builtin: Builtin, name_at: At, all: Vec<Argument>, at: At) -> Option<Typed> {
        if !builtin.arity().contains(&all.len()) {
            if self.is_half_read(at) {
                return None;
            }
            let (least, most) = builtin.arity().into_inner();
            let takes = if least == most { counted(least) } else { format!("{least} to {most} values") };
            let message = format!("`{}` takes {takes}, not {}", builtin.name(), all.len());
            self.error(Code::WrongType, name_at, message, format!("write `{}`", builtin.call()));
            return None;
        }
        match builtin {
            Builtin::IsGiven => return self.is_given(all, at),
            Builtin::Convert => return self.convert(all, at),
            _ => {}
        }
        let all: Vec<Option<Argument>> =
            all.into_iter().map(|(typed, place)| self.there(typed, place).map(|t| (t, place))).collect();
        let all: Vec<Argument> = all.into_iter().collect::<Option<_>>()?;
        let (arguments, gives, raw) = self.typed_arguments(builtin, all, at)?;
        let kind = Kind::Call(builtin, arguments.into_iter().map(|t| t.expr).collect());
        Some(Typed { raw, ..Typed::of(self.expr(kind, Type::of(gives), at)) })
    }

    fn is_given(&mut self, all: Vec<Argument>, at: At) -> Option<Typed> {
        let (typed, _) = all.into_iter().next()?;
        let facts = Facts { when_true: typed.key.into_iter().collect(), when_false: Vec::new() };
        let expr = self.expr(Kind::IsGiven(Box::new(typed.expr)), Type::of(Base::Bool), at);
        Some(Typed { facts, ..Typed::of(expr) })
    }

    /// The arguments in the types the function takes them in, what it gives, and how that lies in Rhai.
    fn typed_arguments(&mut self, builtin: Builtin, all: Vec<Argument>, at: At) -> Option<(Vec<Typed>, Base, Raw)> {
        let fixed: &[Base] = match builtin {
            Builtin::Min | Builtin::Max => return self.extremes(builtin, all, at),
            Builtin::Abs => return self.same_kind(builtin, all, at, |b| b.is_decimal() || b.is_whole()),
            Builtin::RoundMoney if all.first().is_some_and(|(typed, _)| matches!(typed.base(), Base::OwnMoney(_))) => {
                return self.same_kind(builtin, all, at, Base::is_amount);
            }
            Builtin::Round | Builtin::Floor | Builtin::Ceil => {
                return self.same_kind(builtin, all, at, Base::is_decimal);
            }
            Builtin::ToNumber => {
                let (typed, place) = all.into_iter().next()?;
                if !typed.base().is_whole() && *typed.base() != Base::Number {
                    self.cannot_take(builtin, &typed, place);
                    return None;
                }
                return Some((vec![typed], Base::Number, Raw::DECIMAL));
            }
            Builtin::Whole => &[Base::Number],
            Builtin::RoundMoney => &[Base::Money],
            Builtin::AddDays => &[Base::Date, Base::Days],
            Builtin::AddMonths => &[Base::Date, Base::Months],
            Builtin::DaysInYear
            | Builtin::EndOfMonth
            | Builtin::BusinessDayOnOrAfter
            | Builtin::BusinessDayOnOrBefore
            | Builtin::CalendarCovers => &[Base::Date],
            Builtin::Days360 | Builtin::MonthsBetween | Builtin::BusinessDaysBetween => &[Base::Date, Base::Date],
            Builtin::YearlyCostOfDiscount => &[Base::Number, Base::Days, Base::Days, Base::Int, Base::Text],
            Builtin::StartsWith | Builtin::EndsWith | Builtin::Contains | Builtin::SameName => {
                &[Base::Text, Base::Text]
            }
            Builtin::FxRate => &[Base::Text],
            Builtin::IsGiven | Builtin::Date | Builtin::Convert => &[],
        };
        let gives = match builtin {
            Builtin::RoundMoney => Base::Money,
            Builtin::Whole => Base::Int,
            Builtin::MonthsBetween => Base::Months,
            Builtin::BusinessDaysBetween | Builtin::Days360 | Builtin::DaysInYear => Base::Days,
            Builtin::YearlyCostOfDiscount | Builtin::FxRate => Base::Number,
            Builtin::StartsWith
            | Builtin::EndsWith
            | Builtin::Contains
            | Builtin::SameName
            | Builtin::CalendarCovers => Base::Bool,
            _ => Base::Date,
        };
        if let [.., (typed, place)] = all.as_slice()
            && builtin == Builtin::YearlyCostOfDiscount
            && let Kind::Lit(Value::Text(text)) = &typed.expr.kind
            && !matches!(text.as_ref(), "simple" | "compound")
        {
            let message = format!("`{text}` is not a way to compound");
            self.error(Code::UnknownValue, *place, message, "write `\"simple\"` or `\"compound\"`");
            return None;
        }
        let coerced: Vec<Option<Typed>> =
            all.into_iter().zip(fixed).map(|((typed, place), base)| self.coerce(typed, base, place)).collect();
        let raw = Raw::of(&gives);
        Some((coerced.into_iter().collect::<Option<_>>()?, gives, raw))
    }

    fn extremes(&mut self, builtin: Builtin, all: Vec<Argument>, at: At) -> Option<(Vec<Typed>, Base, Raw)> {
        let (all, base) = self.unify(all, &format!("the values of `{}`", builtin.name()))?;
        if !base.is_ordered() {
            let message = format!("{} has no order: `{}`", article(&base), self.written(at));
            self.error(Code::WrongType, at, message, format!("write `{}`", builtin.signature()));
            return None;
        }
        let raw = all.iter().map(|t| t.raw).reduce(Raw::or)?;
        Some((all, base, raw))
    }

    /// Functions that give what they take; whole literals become numbers unless counts are taken too.
    fn same_kind(
        &mut self,
        builtin: Builtin,
        all: Vec<Argument>,
        at: At,
        takes: impl Fn(&Base) -> bool,
    ) -> Option<(Vec<Typed>, Base, Raw)> {
        let mut all = all.into_iter();
        let (first, place) = all.next()?;
        let first = if first.bare && *first.base() == Base::Int && !takes(first.base()) {
            self.coerce(first, &Base::Number, place)?
        } else {
            first
        };
        if !takes(first.base()) {
            self.cannot_take(builtin, &first, place);
            return None;
        }
        if builtin == Builtin::Abs && first.base().is_decimal() && first.raw.whole.is_some_and(|w| w >= LARGEST) {
            let message = format!("`{}` could pass the whole numbers of 64 bits", self.written(at));
            self.error(Code::BadNumber, at, message, "write the whole numbers in it with a point: `1.0`");
            return None;
        }
        let (base, raw) = (first.base().clone(), first.raw);
        let mut taken = vec![first];
        for (typed, place) in all {
            taken.push(self.coerce(typed, &Base::Int, place)?);
        }
        Some((taken, base, raw))
    }

    pub(super) fn cannot_take(&mut self, builtin: Builtin, typed: &Typed, at: At) {
        let message = format!("`{}` cannot take `{}`, {}", builtin.name(), self.written(at), article(typed.base()));
        self.error(Code::WrongType, at, message, format!("write `{}`", builtin.signature()));
    }
}

/// So many values, in words.
pub(crate) fn counted(n: usize) -> String {
    if n == 1 { "1 value".to_owned() } else { format!("{n} values") }
}
