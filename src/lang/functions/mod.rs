//! The built-in functions: what each is called, takes and gives, in data that the reference page is made of.

mod apply;
mod dates;
mod discount;
mod names;
mod rounding;

pub(crate) use apply::{add_days, apply, compare, written_date};
pub use rounding::{Rounding, RoundingMode};

macro_rules! builtins {
    ($($variant:ident $name:literal $least:literal..=$most:literal $signature:literal $doc:literal)*) => {
        /// A built-in function.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Builtin { $(#[doc = $doc] $variant,)* }

        impl Builtin {
            /// Every function, in the order of the reference page.
            pub const ALL: &'static [Builtin] = &[$(Builtin::$variant,)*];

            /// Its name.
            pub fn name(self) -> &'static str {
                match self { $(Builtin::$variant => $name,)* }
            }

            /// What it takes and gives: `abs(x: number) → number`.
            pub fn signature(self) -> &'static str {
                match self { $(Builtin::$variant => $signature,)* }
            }

            /// What it does, in one line.
            pub fn doc(self) -> &'static str {
                match self { $(Builtin::$variant => $doc,)* }
            }

            /// How many arguments it takes, at least and at most.
            pub fn arity(self) -> std::ops::RangeInclusive<usize> {
                match self { $(Builtin::$variant => $least..=$most,)* }
            }
        }
    };
}

builtins! {
    IsGiven "is_given" 1..=1 "is_given(x: any) → bool"
        "Whether `x` is there; behind `is_given(x) &&` it may be used freely."
    Min "min" 2..=8 "min(a, b, …) → the same"
        "The least of two to eight numbers, amounts, counts of days or months, or dates."
    Max "max" 2..=8 "max(a, b, …) → the same"
        "The greatest of two to eight numbers, amounts, counts of days or months, or dates."
    Abs "abs" 1..=1 "abs(x) → the same"
        "The size of a number, an amount or a count, without its sign."
    Round "round" 1..=2 "round(x: number or money, places: int = 0) → the same"
        "`x` to so many digits after the point, 0 to 28, in the policy's rounding mode."
    RoundMoney "round_money" 1..=1 "round_money(x: money) → money"
        "`x` to the policy's smallest unit of money, in the policy's rounding mode."
    Convert "convert" 1..=1 "convert(x: own_money) → money"
        "An amount in its document's currency as money of the policy: at the rate in force, rounded to the policy's unit; money stays what it is."
    FxRate "fx_rate" 1..=1 "fx_rate(currency: text) → number"
        "What one unit of a currency is in the policy's, by the book's rate in force; 1 for the policy's own, which no text means too."
    Floor "floor" 1..=1 "floor(x: number or money) → the same"
        "The greatest whole number not above `x`."
    Ceil "ceil" 1..=1 "ceil(x: number or money) → the same"
        "The least whole number not below `x`."
    ToNumber "to_number" 1..=1 "to_number(x: int, days or months) → number"
        "A count as a number without a unit, to divide by or to mix with numbers."
    Whole "whole" 1..=1 "whole(x: number) → int"
        "The greatest whole number not above `x`, as a count."
    Date "date" 1..=1 "date(text) → date"
        "The day written `YYYY-MM-DD` in the text, which is a literal."
    AddDays "add_days" 2..=2 "add_days(d: date, n: days) → date"
        "The day `n` days after `d`; the same as `d + n`."
    AddMonths "add_months" 2..=2 "add_months(d: date, n: months) → date"
        "The same day `n` months later, or the last day of that month where there is no such day."
    EndOfMonth "end_of_month" 1..=1 "end_of_month(d: date) → date"
        "The last day of the month `d` lies in."
    MonthsBetween "months_between" 2..=2 "months_between(a: date, b: date) → months"
        "The most whole months that can be added to `a` without passing `b`; negative when `b` lies before `a`."
    DaysInYear "days_in_year" 1..=1 "days_in_year(d: date) → days"
        "How many days the calendar year `d` lies in has: 365 or 366."
    Days360 "days_360" 2..=2 "days_360(a: date, b: date) → days"
        "Days after `a` up to and including `b` when every month has 30 (30E/360: a 31st counts as the 30th); negative when `b` lies before `a`."
    BusinessDaysBetween "business_days_between" 2..=2 "business_days_between(a: date, b: date) → days"
        "Business days after `a` up to and including `b`; negative when `b` lies before `a`."
    BusinessDayOnOrAfter "business_day_on_or_after" 1..=1 "business_day_on_or_after(d: date) → date"
        "`d` itself, or the first business day after it."
    BusinessDayOnOrBefore "business_day_on_or_before" 1..=1 "business_day_on_or_before(d: date) → date"
        "`d` itself, or the last business day before it."
    CalendarCovers "calendar_covers" 1..=1 "calendar_covers(d: date) → bool"
        "Whether the policy's calendar has the holidays of the year `d` lies in; of such a day alone it is known whether it is worked."
    YearlyCostOfDiscount "yearly_cost_of_discount" 5..=5
        "yearly_cost_of_discount(share: number, within: days, net: days, basis: int, compounding: text) → number"
        "What a buyer pays a year, as a share, who lets a cash discount go: `basis` is 365 or 360 days, `compounding` is \"simple\" or \"compound\"."
    StartsWith "starts_with" 2..=2 "starts_with(t: text, start: text) → bool"
        "Whether the text begins with `start`, capitals and small letters told apart."
    EndsWith "ends_with" 2..=2 "ends_with(t: text, end: text) → bool"
        "Whether the text ends with `end`, capitals and small letters told apart."
    Contains "contains" 2..=2 "contains(t: text, part: text) → bool"
        "Whether `part` stands somewhere in the text, capitals and small letters told apart."
    SameName "same_name" 2..=2 "same_name(a: text, b: text) → bool"
        "Whether two names are one, without regard to capitals, full-width forms and the spaces around and between words."
}

impl Builtin {
    /// How it is called, without what it gives: `abs(x)`.
    pub fn call(self) -> &'static str {
        self.signature().split(" →").next().unwrap_or_default()
    }

    /// The function of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|b| b.name() == name)
    }
}
