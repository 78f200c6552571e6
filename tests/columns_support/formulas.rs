//! Formulas of every type, with every operator and function.

use super::dice::Dice;
use super::world::{Level, Name, TYPES, Ty};

/// Writes formulas about a subject.
pub(crate) struct Formulas<'w> {
    pub(crate) dice: &'w mut Dice,
    pub(crate) names: &'w [Name],
    pub(crate) level: Level,
    /// Bindings in reach.
    pub(crate) locals: Vec<(String, Ty)>,
    /// Names known to be there.
    given: Vec<String>,
    bindings: u32,
    said: &'w mut Said,
}

/// What was said so far that reads nothing bound around it: it may be said again elsewhere.
pub(crate) type Said = Vec<(Level, Ty, String)>;

impl<'w> Formulas<'w> {
    pub(crate) fn of(dice: &'w mut Dice, names: &'w [Name], said: &'w mut Said, level: Level) -> Self {
        Self { dice, names, level, locals: Vec::new(), given: Vec::new(), bindings: 0, said }
    }

    /// A formula that is always there.
    pub(crate) fn formula(&mut self, ty: Ty) -> String {
        let depth = self.dice.pick(4);
        self.expr(ty, depth)
    }

    /// One as a text of YAML.
    pub(crate) fn quoted(&mut self, ty: Ty) -> String {
        quoted(&self.formula(ty))
    }

    /// One that may be missing.
    pub(crate) fn maybe_quoted(&mut self, ty: Ty) -> String {
        match self.maybe(ty) {
            Some(name) if self.dice.chance(40) => quoted(&name),
            _ => self.quoted(ty),
        }
    }

    /// A name that may be missing.
    pub(crate) fn maybe(&mut self, ty: Ty) -> Option<String> {
        let all: Vec<&Name> =
            self.names.iter().filter(|n| n.optional && n.ty == ty && n.level.is_above(self.level)).collect();
        (!all.is_empty()).then(|| all[self.dice.pick(all.len())].text.clone())
    }

    fn name(&mut self, ty: Ty) -> Option<String> {
        let reads =
            |n: &&Name| n.ty == ty && n.level.is_above(self.level) && (!n.optional || self.given.contains(&n.text));
        let mut all: Vec<&str> = self.names.iter().filter(reads).map(|n| n.text.as_str()).collect();
        // What is nearest the subject, and what was declared last, most often.
        let own: Vec<&str> =
            self.names.iter().rev().filter(reads).filter(|n| n.level == self.level).map(|n| n.text.as_str()).collect();
        all.extend(own.iter().take(4));
        let locals: Vec<String> = self.locals.iter().filter(|(_, t)| *t == ty).map(|(name, _)| name.clone()).collect();
        all.extend(locals.iter().map(String::as_str));
        all.extend(locals.iter().map(String::as_str));
        if all.is_empty() { None } else { Some(all[self.dice.pick(all.len().min(256))].to_owned()) }
    }

    pub(crate) fn literal(&mut self, ty: Ty) -> String {
        let texts: &[&str] = match ty {
            Ty::Bool => &["true", "false"],
            Ty::Int => &["1", "0", "3", "-7", "60", "2147483648", "9223372036854775807"],
            Ty::Days => &["30", "0", "1", "-2", "90", "365", "3000"],
            Ty::Months => &["1", "0", "6", "-3", "12"],
            Ty::Number => {
                &["1.5", "0.0", "-1.0", "0.05", "100.0", "0.0000000001", "0.3333333333333333", "92233720368547758.07"]
            }
            Ty::Money => &[
                "100",
                "0",
                "0.01",
                "-12.34",
                "0.005",
                "92233720368547758.07",
                "9223372036854775807",
                "-92233720368547758.08",
                "1844674407370955.1615",
                "792281625142643375935439503.5",
            ],
            Ty::Date => &[
                "date(\"2026-06-30\")",
                "date(\"2026-01-31\")",
                "date(\"2024-02-29\")",
                "date(\"1999-12-31\")",
                "date(\"2026-07-01\")",
            ],
            Ty::Text => &["\"A\"", "\"\"", "\"retail\"", "\"中文\"", "\"EUR\""],
            Ty::Kind => return self.name(Ty::Kind).unwrap_or_else(|| "\"A\"".to_owned()),
        };
        self.dice.one(texts).to_owned()
    }

    fn leaf(&mut self, ty: Ty) -> String {
        if self.dice.chance(25) { self.literal(ty) } else { self.name(ty).unwrap_or_else(|| self.literal(ty)) }
    }

    fn side(&mut self, ty: Ty, depth: usize) -> String {
        let text = self.expr(ty, depth - 1);
        let simple = text.chars().all(|c| c.is_ascii_alphanumeric() || "._".contains(c));
        if simple { text } else { format!("({text})") }
    }

    /// A condition of an `if`, which cannot begin with a block.
    fn tested(&mut self, depth: usize) -> String {
        let text = self.expr(Ty::Bool, depth - 1);
        if text.starts_with('{') { format!("({text})") } else { text }
    }

    pub(crate) fn expr(&mut self, ty: Ty, depth: usize) -> String {
        if depth == 0 || self.dice.is_spent() {
            return self.leaf(ty);
        }
        let text = match self.dice.pick(13) {
            0 | 1 => self.leaf(ty),
            12 => self.again(ty),
            2 => {
                let condition = self.tested(depth);
                let (a, b) = (self.expr(ty, depth - 1), self.expr(ty, depth - 1));
                format!("if {condition} {{ {a} }} else {{ {b} }}")
            }
            3 => match self.maybe(ty) {
                Some(name) => format!("{name} ?? {}", self.side(ty, depth)),
                None => self.leaf(ty),
            },
            4 => self.switch(ty, depth),
            5 => {
                let of = TYPES[self.dice.pick(TYPES.len())];
                let value = self.expr(of, depth - 1);
                let name = format!("v{}", self.bindings);
                self.bindings += 1;
                self.locals.push((name.clone(), of));
                let body = self.expr(ty, depth - 1);
                self.locals.pop();
                format!("{{ let {name} = {value}; {body} }}")
            }
            6 => {
                let of = TYPES[self.dice.pick(TYPES.len())];
                let without = self.expr(ty, depth - 1);
                let Some(name) = self.maybe(of) else { return without };
                self.given.push(name.clone());
                let with = self.expr(ty, depth - 1);
                self.given.pop();
                format!("if is_given({name}) {{ {with} }} else {{ {without} }}")
            }
            _ => self.own(ty, depth),
        };
        if self.locals.is_empty() && self.given.is_empty() {
            self.said.push((self.level, ty, text.clone()));
        }
        text
    }

    /// What was said before about the same subject.
    fn again(&mut self, ty: Ty) -> String {
        let before: Vec<&String> = self
            .said
            .iter()
            .rev()
            .filter(|(level, of, _)| (*level, *of) == (self.level, ty))
            .map(|(.., t)| t)
            .collect();
        match before.is_empty() {
            true => self.leaf(ty),
            false => before[self.dice.pick(before.len().min(256))].clone(),
        }
    }

    fn switch(&mut self, ty: Ty, depth: usize) -> String {
        let (a, b) = (self.expr(ty, depth - 1), self.expr(ty, depth - 1));
        let (of, cases) = match self.dice.pick(4) {
            0 => (Ty::Kind, "\"A\" | \"B\""),
            1 => (Ty::Int, "1 | -3 | 7"),
            2 => (Ty::Text, "\"A\" | \"retail\""),
            _ => {
                let subject = self.side(Ty::Bool, depth);
                return format!("switch {subject} {{ true => {a}, false => {b} }}");
            }
        };
        let subject = self.side(of, depth);
        format!("switch {subject} {{ {cases} => {a}, _ => {b} }}")
    }

    /// What only this type has.
    fn own(&mut self, ty: Ty, d: usize) -> String {
        use Ty::{Bool, Date, Days, Int, Kind, Money, Months, Number, Text};
        let sign = |this: &mut Self| this.dice.one(&["+", "-"]);
        let least = |this: &mut Self| this.dice.one(&["min", "max"]);
        match ty {
            Bool => self.condition(d),
            Int => match self.dice.pick(7) {
                0 => format!("{} {} {}", self.side(Int, d), sign(self), self.side(Int, d)),
                1 => format!("{} * {}", self.side(Int, d), self.side(Int, d)),
                2 => format!("{}.{}", self.name(Date).unwrap(), self.dice.one(&["year", "month", "day"])),
                3 => format!("-{}", self.side(Int, d)),
                4 => format!("{}({}, {})", least(self), self.expr(Int, d - 1), self.expr(Int, d - 1)),
                5 => format!("whole({})", self.expr(Number, d - 1)),
                _ => format!("abs({})", self.expr(Int, d - 1)),
            },
            Number => match self.dice.pick(12) {
                0 => format!("{} {} {}", self.side(Number, d), sign(self), self.side(Number, d)),
                1 => format!("{} * {}", self.side(Number, d), self.side(Number, d)),
                2 => format!("{} / {}", self.side(Number, d), self.side(Number, d)),
                3 => format!("{} / {}", self.side(Money, d), self.side(Money, d)),
                4 => format!("{} * {}", self.side(Int, d), self.side(Number, d)),
                5 => {
                    let of = [Int, Days, Months][self.dice.pick(3)];
                    format!("to_number({})", self.expr(of, d - 1))
                }
                6 => format!("round({}, {})", self.expr(Number, d - 1), self.dice.one(&["2", "0", "28"])),
                7 => {
                    let function = self.dice.one(&["floor", "ceil", "round", "abs"]);
                    format!("{function}({})", self.expr(Number, d - 1))
                }
                8 => format!("-{}", self.side(Number, d)),
                9 => format!("stepped({}, {})", self.expr(Int, d - 1), self.expr(Number, d - 1)),
                10 => format!("looped({}, {})", self.leaf(Int), self.expr(Number, d - 1)),
                _ => format!("max({}, {})", self.expr(Number, d - 1), self.expr(Int, d - 1)),
            },
            Money => match self.dice.pick(9) {
                0 | 1 => format!("{} {} {}", self.side(Money, d), sign(self), self.side(Money, d)),
                2 => format!("{} * {}", self.side(Money, d), self.side(Number, d)),
                3 => format!("{} / {}", self.side(Money, d), self.side(Number, d)),
                4 => format!("round_money({})", self.expr(Money, d - 1)),
                5 => {
                    format!("{}({}, {}, {})", least(self), self.expr(Money, d - 1), self.leaf(Money), self.leaf(Money))
                }
                6 => format!("{} * {}", self.side(Int, d), self.side(Money, d)),
                7 => {
                    let function = self.dice.one(&["floor", "ceil", "round", "abs"]);
                    format!("{function}({})", self.expr(Money, d - 1))
                }
                _ => format!("-{}", self.side(Money, d)),
            },
            Days => match self.dice.pick(7) {
                0 => format!("{} {} {}", self.side(Days, d), sign(self), self.side(Days, d)),
                1 | 2 => format!("{} - {}", self.side(Date, d), self.side(Date, d)),
                3 => format!("{} * {}", self.side(Days, d), self.side(Int, d)),
                4 => format!("days_360({}, {})", self.expr(Date, d - 1), self.expr(Date, d - 1)),
                5 => format!("days_in_year({})", self.expr(Date, d - 1)),
                // Counting business days walks them: of near dates.
                _ => format!("business_days_between({}, as_of)", self.dice.one(&["as_of", "date(\"2026-03-01\")"])),
            },
            Months => match self.dice.pick(4) {
                0 => format!("{} {} {}", self.side(Months, d), sign(self), self.side(Months, d)),
                1 => format!("months_between({}, {})", self.expr(Date, d - 1), self.expr(Date, d - 1)),
                2 => format!("{}({}, {})", least(self), self.expr(Months, d - 1), self.leaf(Months)),
                _ => format!("{} * {}", self.side(Int, d), self.side(Months, d)),
            },
            Date => match self.dice.pick(6) {
                0 => format!("{} {} {}", self.side(Date, d), sign(self), self.side(Days, d)),
                1 => format!("add_months({}, {})", self.expr(Date, d - 1), self.expr(Months, d - 1)),
                2 => format!("end_of_month({})", self.expr(Date, d - 1)),
                3 => format!("add_days({}, {})", self.expr(Date, d - 1), self.expr(Days, d - 1)),
                4 => {
                    let side = self.dice.one(&["after", "before"]);
                    format!("business_day_on_or_{side}({})", self.expr(Date, d - 1))
                }
                _ => format!("{}({}, {})", least(self), self.expr(Date, d - 1), self.leaf(Date)),
            },
            Text => {
                let (a, b) = (self.literal(Text), self.leaf(Text));
                format!("if {} {{ {a} }} else {{ {b} }}", self.tested(d))
            }
            Kind => {
                let kind = self.dice.one(&["A", "B", "C"]);
                format!("if {} {{ \"{kind}\" }} else {{ {} }}", self.tested(d), self.leaf(Kind))
            }
        }
    }

    fn condition(&mut self, d: usize) -> String {
        let compared = |this: &mut Self| this.dice.one(&["<", "<=", ">", ">=", "==", "!="]);
        match self.dice.pick(11) {
            0 => format!("{} && {}", self.side(Ty::Bool, d), self.side(Ty::Bool, d)),
            1 => format!("{} || {}", self.side(Ty::Bool, d), self.side(Ty::Bool, d)),
            2 => format!("!{}", self.side(Ty::Bool, d)),
            3 => {
                let of = TYPES[self.dice.pick(TYPES.len())];
                let Some(name) = self.maybe(of) else { return self.leaf(Ty::Bool) };
                self.given.push(name.clone());
                let with = self.side(Ty::Bool, d);
                self.given.pop();
                let either = self.dice.chance(50);
                if either { format!("is_given({name}) && {with}") } else { format!("!is_given({name}) || {with}") }
            }
            4 => {
                let of = [Ty::Int, Ty::Text, Ty::Kind, Ty::Date, Ty::Money][self.dice.pick(5)];
                format!("{} in [{}, {}]", self.side(of, d), self.leaf(of), self.leaf(of))
            }
            5 => {
                let function = self.dice.one(&["starts_with", "ends_with", "contains", "same_name"]);
                format!("{function}({}, {})", self.expr(Ty::Text, d - 1), self.leaf(Ty::Text))
            }
            6 => {
                let of = [Ty::Text, Ty::Kind, Ty::Bool][self.dice.pick(3)];
                format!("{} {} {}", self.side(of, d), self.dice.one(&["==", "!="]), self.side(of, d))
            }
            7 => format!("{} {} {}", self.side(Ty::Number, d), compared(self), self.side(Ty::Int, d)),
            _ => {
                let of = [Ty::Int, Ty::Number, Ty::Money, Ty::Days, Ty::Months, Ty::Date][self.dice.pick(6)];
                format!("{} {} {}", self.side(of, d), compared(self), self.side(of, d))
            }
        }
    }
}

/// A text of YAML that holds any other.
pub(crate) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
