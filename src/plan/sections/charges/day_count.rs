//! How the time of a rate is counted: which part of a year or a month a piece of days is.
//!
//! Every way adds up: a piece counts what is counted to its last day less what is counted to the day before its first. So
//! a debt that is paid in parts is charged, part by part, for as long as each part was late.

/// A way to count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DayCount {
    /// A rate of a day, for every day.
    Days,
    /// A rate of a year over 365 days.
    Actual365,
    /// A rate of a year over 360 days.
    Actual360,
    /// A rate of a year over the days of each calendar year.
    ActualActual,
    /// A rate of a year over 360 days, every month with 30.
    Thirty360,
    /// A rate of a month over 30 days.
    Actual30,
    /// A rate of a month, twelve of which are a year of 365 days.
    MonthlyOf365,
    /// A rate of a month, for each month that is over.
    FullMonths,
    /// A rate of a month, for each month that has begun.
    StartedMonths,
}

/// The ways to count a yearly rate.
pub(super) const YEARLY: [(&str, DayCount); 4] = [
    ("actual/365", DayCount::Actual365),
    ("actual/360", DayCount::Actual360),
    ("actual/actual", DayCount::ActualActual),
    ("30/360", DayCount::Thirty360),
];

/// The ways to count a monthly rate.
pub(super) const MONTHLY: [(&str, DayCount); 4] = [
    ("actual/30", DayCount::Actual30),
    ("actual/365", DayCount::MonthlyOf365),
    ("full_months", DayCount::FullMonths),
    ("started_months", DayCount::StartedMonths),
];

impl DayCount {
    /// The days, or months, of a piece of a charge that begins on `from`, as a formula.
    pub(super) fn units(self, piece: &str, from: &str) -> String {
        match self {
            Self::Thirty360 => format!("to_number(days_360({piece}.first + (-1), {piece}.last))"),
            Self::FullMonths => {
                format!("to_number(months_between({from}, {piece}.last + 1) - months_between({from}, {piece}.first))")
            }
            Self::StartedMonths => format!(
                "if {piece}.first > {from} {{ to_number(months_between({from}, {piece}.last) - \
                 months_between({from}, {piece}.first + (-1))) }} else {{ to_number(months_between({from}, {piece}.last)) + 1.0 }}"
            ),
            _ => format!("to_number({piece}.days)"),
        }
    }

    /// What the rate is to be multiplied by besides, before the division.
    pub(super) fn weight(self, piece: &str) -> Option<String> {
        match self {
            // Over 365 × 366, so that days of both kinds of year add up before they are divided once.
            Self::ActualActual => Some(format!("(if days_in_year({piece}.first) == 366 {{ 365.0 }} else {{ 366.0 }})")),
            Self::MonthlyOf365 => Some("12.0".to_owned()),
            _ => None,
        }
    }

    /// What the product is divided by.
    pub(super) fn per(self) -> Option<&'static str> {
        match self {
            Self::Actual365 | Self::MonthlyOf365 => Some("365.0"),
            Self::Actual360 | Self::Thirty360 => Some("360.0"),
            Self::ActualActual => Some("133590.0"),
            Self::Actual30 => Some("30.0"),
            Self::Days | Self::FullMonths | Self::StartedMonths => None,
        }
    }

    /// Whether it knows what a day costs.
    pub(super) fn has_days(self) -> bool {
        !matches!(self, Self::FullMonths | Self::StartedMonths)
    }
}
