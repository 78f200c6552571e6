//! Names and the parts of dates.

use super::Found;
use super::checker::{Checker, article};
use super::typed::{Raw, Typed};
use crate::diag::{Code, nearest};
use crate::lang::expr::{DatePart, Kind};
use crate::lang::syntax::ast::At;
use crate::lang::types::{Base, Type};

/// What a name turned out to be.
pub(crate) enum Resolved {
    Is(Box<Typed>),
    /// Reported already.
    Broken,
    Nothing,
}

impl Checker<'_> {
    #[inline(never)]
    pub(crate) fn name(&mut self, name: &str, at: At) -> Option<Typed> {
        match self.resolve(name, at) {
            Resolved::Is(typed) => return Some(*typed),
            Resolved::Broken => return None,
            Resolved::Nothing => {}
        }
        if let Some((prefix, last)) = name.rsplit_once('.') {
            let prefix_at = At { start: at.start, end: at.end - last.len() - 1 };
            match self.resolve(prefix, prefix_at) {
                Resolved::Is(of) => {
                    let of = self.there(*of, prefix_at)?;
                    let last_at = At { start: at.end - last.len(), end: at.end };
                    return self.part(of, prefix_at, last, last_at, at);
                }
                Resolved::Broken => return None,
                Resolved::Nothing => {}
            }
        }
        self.unknown(name, at);
        None
    }

    fn unknown(&mut self, name: &str, at: At) {
        if let Some(takes) = self.names.signature(name) {
            let list: Vec<String> = takes.iter().map(Type::to_string).collect();
            let message = format!("`{name}` takes {} in parentheses", super::counted(takes.len()));
            self.error(Code::WrongType, at, message, format!("write `{name}({})`", list.join(", ")));
            return;
        }
        if let Some(section) = self.names.section_lacking(name) {
            let message = format!("nothing is called `{name}`: it is decided under `{section}:`, and there is none");
            self.error(Code::UnknownName, at, message, format!("add a section `{section}:`"));
            return;
        }
        let locals: Vec<&str> = self.locals.iter().map(|l| l.name.as_str()).chain(["as_of"]).collect();
        let near = nearest(name, locals).map(str::to_owned).or_else(|| self.names.nearest(name));
        let help = match near {
            Some(near) => format!("did you mean `{near}`?"),
            None => match name.to_ascii_lowercase().as_str() {
                "true" | "yes" => "write `true`".to_owned(),
                "false" | "no" => "write `false`".to_owned(),
                _ if name.contains('.') => "write the name of a fact, a decision, a parameter or a measure".to_owned(),
                _ => format!(
                    "write the name of a fact, a decision, a parameter or a measure; a text stands in quotes: `\"{name}\"`"
                ),
            },
        };
        self.error(Code::UnknownName, at, format!("nothing is called `{name}`"), help);
    }

    /// A whole dotted name.
    pub(crate) fn resolve(&mut self, name: &str, at: At) -> Resolved {
        if let Some(local) = self.locals.iter().rev().find(|l| l.name == name) {
            if local.broken {
                return Resolved::Broken;
            }
            let (slot, ty, raw) = (local.slot, local.ty.clone(), local.raw);
            let typed = Typed { raw, ..Typed::of(self.expr(Kind::Local(slot), ty, at)) };
            return Resolved::Is(Box::new(self.keyed(typed, format!("#{slot}"))));
        }
        // A local hides everything whose first word it is, as in Rhai.
        let first = name.split('.').next().unwrap_or("");
        if first != name && self.locals.iter().any(|l| l.name == first) {
            return Resolved::Nothing;
        }
        if name == "as_of" {
            return Resolved::Is(Box::new(Typed::of(self.expr(Kind::AsOf, Type::of(Base::Date), at))));
        }
        let span = self.text.span(at.start, at.end);
        match self.names.find(name, span) {
            Found::Node(node, ty) => {
                let optional = ty.optional && !self.sure.contains(&node);
                let typed = Typed::of(self.expr(Kind::Node(node), Type { optional, ..ty }, at));
                Resolved::Is(Box::new(self.keyed(typed, name.to_owned())))
            }
            Found::Constant(value, ty) => {
                let typed = Typed::of(self.expr(Kind::Lit(value), ty, at));
                Resolved::Is(Box::new(self.keyed(typed, name.to_owned())))
            }
            Found::Broken => {
                self.poisoned = true;
                Resolved::Broken
            }
            Found::Nothing => Resolved::Nothing,
        }
    }

    /// With the name `is_given` would speak of, and what is known of it here.
    fn keyed(&self, mut typed: Typed, key: String) -> Typed {
        if self.given.contains(&key) {
            typed.expr.ty.optional = false;
        }
        Typed { key: Some(key), ..typed }
    }

    /// `date.year`
    pub(crate) fn part(&mut self, of: Typed, of_at: At, name: &str, name_at: At, at: At) -> Option<Typed> {
        let part = match name {
            "year" => Some(DatePart::Year),
            "month" => Some(DatePart::Month),
            "day" => Some(DatePart::Day),
            _ => None,
        };
        let is_date = *of.base() == Base::Date;
        match part {
            Some(part) if is_date => {
                let kind = Kind::Part(part, Box::new(of.expr));
                // No calendar reaches further than 400 000 years.
                let raw = Raw::whole(1 << 20);
                Some(Typed { raw, ..Typed::of(self.expr(kind, Type::of(Base::Int), at)) })
            }
            _ => {
                let message = format!("`{}` is {} and has no `{name}`", self.written(of_at), article(of.base()));
                let help = if is_date {
                    "the parts of a date are `year`, `month` and `day`".to_owned()
                } else {
                    let near = self.names.nearest(self.written(at));
                    near.map_or_else(
                        || "only a date has parts: `as_of.month`".to_owned(),
                        |n| format!("did you mean `{n}`?"),
                    )
                };
                self.error(Code::UnknownName, name_at, message, help);
                None
            }
        }
    }
}
