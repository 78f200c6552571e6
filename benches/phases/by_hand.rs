//! The same policy by hand: integers in columns, a reader that knows these two files, a writer of these two tables. It is
//! what a careful programmer writes once, for one policy and one book, and what every figure is a ratio to.

use std::io::Write as _;
use std::path::Path;

use super::data::{Data, INDUSTRIES, cents};

/// What is decided.
#[derive(Default)]
pub(crate) struct Decided {
    pub(crate) bucket: Vec<u8>,
    pub(crate) fee: Vec<i64>,
    pub(crate) rung: Vec<u8>,
    pub(crate) tier: Vec<u8>,
    pub(crate) limit: Vec<i64>,
    pub(crate) terms: Vec<(u8, u8)>,
    pub(crate) owed: Vec<i64>,
    pub(crate) overdue: Vec<i64>,
    pub(crate) longest: Vec<i32>,
    pub(crate) hold: Vec<bool>,
}

const BUCKETS: [&str; 5] = ["current", "1-30", "31-60", "61-90", "90+"];
const RUNG_DAYS: [i32; 5] = [-3, 7, 15, 30, 60];
/// By tier and industry: days, and percent to be paid before.
const TERMS: [[(u8, u8); 5]; 4] = [
    [(60, 0), (45, 0), (45, 0), (30, 0), (45, 0)],
    [(45, 0), (30, 0), (30, 0), (30, 0), (30, 0)],
    [(30, 30); 5],
    [(0, 100); 5],
];

/// Half to even, of what is not negative.
fn divided(value: i64, by: i64) -> i64 {
    let (whole, rest) = (value / by, value % by);
    let up = rest * 2 > by || rest * 2 == by && whole % 2 == 1;
    whole + i64::from(up)
}

fn over(edges: &[i32], value: i32) -> u8 {
    edges.iter().map(|edge| u8::from(value > *edge)).sum()
}

/// Decides on every customer and invoice, into columns that are there already.
pub(crate) fn decide(data: &Data, out: &mut Decided) {
    let (customers, invoices) = (data.customers(), data.invoices());
    out.bucket.resize(invoices, 0);
    out.fee.resize(invoices, 0);
    out.rung.resize(invoices, 0);
    out.owed.clear();
    out.owed.resize(customers, 0);
    out.overdue.clear();
    out.overdue.resize(customers, 0);
    out.longest.clear();
    out.longest.resize(customers, 0);
    let late = &data.late;
    for (bucket, late) in out.bucket.iter_mut().zip(late) {
        *bucket = over(&[0, 30, 60, 90], *late);
    }
    for ((fee, late), outstanding) in out.fee.iter_mut().zip(late).zip(&data.outstanding) {
        let days = i64::from((*late).max(0));
        let first = days.min(30);
        *fee = divided(outstanding * (5 * first + 8 * (days - first)), 10_000);
    }
    for (((rung, late), disputed), last) in out.rung.iter_mut().zip(late).zip(&data.disputed).zip(&data.last_rung) {
        let reached = over(&RUNG_DAYS.map(|day| day - 1), *late);
        *rung = reached * u8::from(reached > *last && !disputed);
    }
    for ((customer, outstanding), late) in data.customer.iter().zip(&data.outstanding).zip(late) {
        let at = *customer as usize;
        out.owed[at] += outstanding;
        out.overdue[at] += if *late > 0 { *outstanding } else { 0 };
        out.longest[at] = out.longest[at].max(*late);
    }
    out.tier.clear();
    out.limit.clear();
    out.terms.clear();
    out.hold.clear();
    for at in 0..customers {
        let by_score = 3 - over(&[39, 59, 79], i32::from(data.score[at]));
        let tier = if data.dishonest[at] || data.lawsuits[at] >= 3 { 3 } else { by_score };
        let percent = if data.months_trading[at] < 6 { 20 } else { 50 };
        let factor = [15, 10, 5, 0][usize::from(tier)];
        let mut limit = divided(data.turnover[at] * percent * factor, 1000);
        if data.insured[at] {
            limit = limit.min(divided(data.insured_limit[at] * 10, 9));
        }
        out.tier.push(tier);
        out.limit.push(limit);
        out.terms.push(TERMS[usize::from(tier)][usize::from(data.industry[at])]);
        out.hold.push(out.owed[at] > limit || out.longest[at] > 30);
    }
}

/// The fields of a line, one after the other.
struct Fields<'t>(&'t [u8]);

impl<'t> Fields<'t> {
    fn next(&mut self) -> &'t [u8] {
        let end = self.0.iter().position(|byte| matches!(byte, b',' | b'\n')).unwrap_or(self.0.len());
        let (field, rest) = self.0.split_at(end);
        self.0 = rest.get(1..).unwrap_or_default();
        field
    }

    /// A whole number, or an amount of two places as cents.
    fn number(&mut self) -> i64 {
        let digits = self.next().iter().filter(|byte| byte.is_ascii_digit());
        digits.fold(0, |value, digit| value * 10 + i64::from(digit - b'0'))
    }

    fn flag(&mut self) -> bool {
        self.next().first() == Some(&b't')
    }

    /// Days before 30 June 2026.
    fn date(&mut self) -> i32 {
        let number = self.number();
        181 + days(2026) - (day_of_year(number) + days(number / 10_000))
    }
}

/// Days of the years before one, counted from 2000.
fn days(year: i64) -> i32 {
    let before = i32::try_from(year - 2000).unwrap();
    before * 365 + (before + 3) / 4
}

fn day_of_year(number: i64) -> i32 {
    let (year, month, day) = (number / 10_000, number / 100 % 100, number % 100);
    let before = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334][usize::try_from(month - 1).unwrap()];
    let leap = i32::from(year % 4 == 0 && month > 2);
    before + leap + i32::try_from(day).unwrap()
}

/// Reads both files.
pub(crate) fn read(dir: &Path) -> Data {
    let mut data = Data::default();
    let text = std::fs::read(dir.join("customers.csv")).unwrap();
    let mut fields = Fields(after_header(&text));
    while !fields.0.is_empty() {
        fields.next();
        let industry = fields.next();
        let known = INDUSTRIES.iter().position(|known| known.as_bytes() == industry).unwrap();
        data.industry.push(u8::try_from(known).unwrap());
        data.months_trading.push(u16::try_from(fields.number()).unwrap());
        data.turnover.push(fields.number());
        data.score.push(u8::try_from(fields.number()).unwrap());
        data.lawsuits.push(u8::try_from(fields.number()).unwrap());
        data.dishonest.push(fields.flag());
        data.insured.push(fields.flag());
        data.insured_limit.push(fields.number());
    }
    let text = std::fs::read(dir.join("invoices.csv")).unwrap();
    let mut fields = Fields(after_header(&text));
    while !fields.0.is_empty() {
        fields.next();
        data.customer.push(u32::try_from(fields.number() - 1).unwrap());
        fields.next();
        data.outstanding.push(fields.number());
        fields.next();
        data.late.push(fields.date());
        data.disputed.push(fields.flag());
        data.last_rung.push(u8::try_from(fields.number()).unwrap());
    }
    data
}

fn after_header(text: &[u8]) -> &[u8] {
    let end = text.iter().position(|byte| *byte == b'\n').unwrap_or(text.len());
    text.get(end + 1..).unwrap_or_default()
}

/// Writes a row a customer, and a row an invoice to be acted on.
pub(crate) fn write(data: &Data, decided: &Decided, dir: &Path) {
    use std::fmt::Write as _;
    let mut file =
        std::io::BufWriter::with_capacity(1 << 16, std::fs::File::create(dir.join("decisions.csv")).unwrap());
    file.write_all(b"id,tier,credit_line,reject,net_days,prepay_percent,owed,owed_late,max_dpd,hold\n").unwrap();
    let mut row = String::new();
    for at in 0..data.customers() {
        row.clear();
        let _ = write!(row, "{},{},", at + 1, ["A", "B", "C", "D"][usize::from(decided.tier[at])]);
        cents(&mut row, decided.limit[at]);
        let (net, prepay) = decided.terms[at];
        let _ = write!(row, ",{},{net},{prepay},", data.dishonest[at]);
        cents(&mut row, decided.owed[at]);
        row.push(',');
        cents(&mut row, decided.overdue[at]);
        let _ = writeln!(row, ",{},{}", decided.longest[at], decided.hold[at]);
        file.write_all(row.as_bytes()).unwrap();
    }
    file.flush().unwrap();
    let mut file = std::io::BufWriter::with_capacity(1 << 16, std::fs::File::create(dir.join("invoices.csv")).unwrap());
    file.write_all(b"id,customer,dpd,bucket,late_fee,rung\n").unwrap();
    for at in (0..data.invoices()).filter(|at| decided.rung[*at] > 0) {
        row.clear();
        let bucket = BUCKETS[usize::from(decided.bucket[at])];
        let _ = write!(row, "{},{},{},{bucket},", at + 1, data.customer[at] + 1, data.late[at]);
        cents(&mut row, decided.fee[at]);
        let _ = writeln!(row, ",{}", decided.rung[at]);
        file.write_all(row.as_bytes()).unwrap();
    }
    file.flush().unwrap();
}
