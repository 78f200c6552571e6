//! Books in which everything happens: money near every edge, blanks, what cannot be read, unknown references, dates before,
//! on and after the as-of date.

use chrono::{Days, NaiveDate};
use usance::book::{self, Book, Table, TableRows};
use usance::plan::Plan;

use super::dice::Stream;
use super::world::{Level, Ty, declared_facts};

/// A table as it is written: columns, and rows with their lines.
#[derive(Clone, Debug)]
pub(crate) struct Written {
    pub(super) name: &'static str,
    pub(super) columns: Vec<String>,
    pub(super) rows: Vec<(usize, Vec<String>)>,
}

/// The tables of a book.
#[derive(Clone, Debug)]
pub(crate) struct Tables(pub(super) Vec<Written>);

impl Tables {
    /// The same rows, each with its line, in another order.
    pub(crate) fn shuffled(&self, seed: u64) -> Self {
        let mut stream = Stream::new(seed);
        let mut tables = self.clone();
        tables.0.iter_mut().for_each(|table| stream.shuffle(&mut table.rows));
        tables
    }

    /// Read as a policy sees it.
    pub(crate) fn book(&self, plan: &Plan) -> Book {
        let table = |written: &Written| {
            let table = Table::named(written.name).unwrap();
            let mut rows = TableRows::new(table, &format!("{}.csv", written.name), &written.columns);
            for (line, cells) in &written.rows {
                rows.push(*line, cells.iter().map(String::as_str)).unwrap();
            }
            rows
        };
        book::from_rows(self.0.iter().map(table).collect(), &plan.schema, &plan.money.currency)
    }

    /// How many rows its tables have together.
    pub(crate) fn rows(&self) -> usize {
        self.0.iter().map(|table| table.rows.len()).sum()
    }

    /// Without some of its rows, counted through all tables.
    pub(crate) fn without(&self, some: &std::ops::Range<usize>) -> Self {
        let mut tables = self.clone();
        let mut at = 0;
        for table in &mut tables.0 {
            table.rows.retain(|_| {
                at += 1;
                !some.contains(&(at - 1))
            });
        }
        tables.0.retain(|table| !table.rows.is_empty());
        tables
    }

    /// As a person reads it.
    pub(crate) fn shown(&self) -> String {
        let mut text = String::new();
        for table in &self.0 {
            text += &format!("== {}.csv\n{}\n", table.name, table.columns.join(","));
            let cell = |cell: &String| if cell.contains(',') { format!("\"{cell}\"") } else { cell.clone() };
            let line = |cells: &[String]| cells.iter().map(cell).collect::<Vec<_>>().join(",");
            table.rows.iter().for_each(|(_, cells)| text += &format!("{}\n", line(cells)));
        }
        text
    }
}

/// What a book is like.
struct Maker {
    stream: Stream,
    as_of: NaiveDate,
    /// How many of a hundred amounts lie at an edge.
    edges: usize,
    /// How many of a hundred cells cannot be read, or are blank though they should not be.
    faults: usize,
    /// How many of a hundred documents are in another currency.
    foreign: usize,
    tables: Vec<Written>,
}

/// An invoice as what refers to it needs it.
struct Invoice {
    id: String,
    customer: String,
    /// In cents, where it is no edge.
    amount: Option<i64>,
    /// Its instalments.
    parts: usize,
}

const EDGES: [&str; 26] = [
    "0",
    "0.00",
    "0.01",
    "0.005",
    "0.015",
    "1.005",
    "2.675",
    "0.0000000000000000000000000001",
    "2147483647",
    "2147483648.01",
    "4294967296",
    "9007199254740993",
    "12345678901234567.89",
    "46116860184273879.04",
    "92233720368547758.06",
    "92233720368547758.07",
    "92233720368547758.08",
    "922337203685477.5807",
    "4611686018427387904",
    "9223372036854775807",
    "9223372036854775808",
    "184467440737095516.15",
    "7922816251426433759354395033.5",
    "79228162514264337593543950335",
    "39614081257132168796771975168",
    "792281625142643375935439503.35",
];

/// Makes the tables of a book, of so many customers at most.
pub(crate) fn tables(seed: u64, as_of: NaiveDate, most: usize) -> Tables {
    let mut stream = Stream::new(seed);
    let edges = [0, 0, 4, 30][stream.pick(4)];
    let faults = [0, 0, 1, 6][stream.pick(4)];
    let foreign = [0, 0, 20][stream.pick(3)];
    let mut maker = Maker { stream, as_of, edges, faults, foreign, tables: Vec::new() };
    maker.all(most);
    Tables(maker.tables)
}

impl Maker {
    fn all(&mut self, most: usize) {
        let groups: Vec<String> = (0..self.stream.pick(4)).map(|n| format!("G{}", n * 7 % 11)).collect();
        for id in &groups {
            let limit = self.maybe(60, Self::amount);
            let mut row = vec![("id", id.clone()), ("limit", limit)];
            self.facts(Level::Group, &mut row);
            self.row("groups", row);
        }
        let customers: Vec<String> = (0..1 + self.stream.pick(most)).map(|n| format!("C{}", n * 13 % 31)).collect();
        for id in &customers {
            self.customer(id, &groups);
        }
        let orders = self.orders(&customers);
        let invoices = self.invoices(&customers, &orders);
        let paid = self.stream.chance(70);
        if paid {
            self.payments(&customers, &invoices);
        }
        for (n, invoice) in invoices.iter().enumerate() {
            self.about(n, invoice);
        }
        for (n, customer) in customers.iter().enumerate() {
            self.beside(n, customer);
        }
        if self.stream.chance(60) {
            for (day, rate) in [("2020-01-01", "7.1"), ("2026-05-01", "0.9171")] {
                self.row(
                    "fx_rates",
                    vec![("currency", "USD".into()), ("valid_from", day.into()), ("rate", rate.into())],
                );
            }
        }
    }

    fn row(&mut self, table: &'static str, cells: Vec<(&str, String)>) {
        let at = match self.tables.iter().position(|known| known.name == table) {
            Some(at) => at,
            None => {
                let columns = cells.iter().map(|(name, _)| (*name).to_owned()).collect();
                self.tables.push(Written { name: table, columns, rows: Vec::new() });
                self.tables.len() - 1
            }
        };
        let table = &mut self.tables[at];
        let line = table.rows.len() + 2;
        let cells: Vec<String> = table
            .columns
            .iter()
            .map(|column| {
                cells.iter().find(|(name, _)| name == column).map(|(_, cell)| cell.clone()).unwrap_or_default()
            })
            .collect();
        table.rows.push((line, cells));
    }

    /// A cell that must be there, and now and then is not, or cannot be read.
    fn needed(&mut self, cell: fn(&mut Self) -> String) -> String {
        if self.stream.chance(self.faults) {
            return self.stream.one(&["", "?", "12,5x"]).to_owned();
        }
        cell(self)
    }

    /// One that need not be there.
    fn maybe(&mut self, percent: usize, cell: fn(&mut Self) -> String) -> String {
        if self.stream.chance(percent) { self.needed(cell) } else { String::new() }
    }

    fn amount(&mut self) -> String {
        if self.stream.chance(self.edges) {
            return self.stream.one(&EDGES).to_owned();
        }
        cents(self.small())
    }

    fn small(&mut self) -> i64 {
        let high = [10_000, 1_000_000, 50_000_000][self.stream.pick(3)];
        self.stream.from(0, high)
    }

    fn signed(&mut self) -> String {
        let amount = self.amount();
        if self.stream.chance(25) && amount.bytes().any(|c| c.is_ascii_digit() && c != b'0') {
            format!("-{amount}")
        } else {
            amount
        }
    }

    fn day(&mut self, low: i64, high: i64) -> NaiveDate {
        let days = match self.stream.pick(12) {
            0 => 0,
            1 => -1,
            2 => -30,
            3 => 1,
            _ => self.stream.from(low, high),
        };
        self.at(days.clamp(low.min(0), high.max(0)))
    }

    fn at(&self, days: i64) -> NaiveDate {
        let size = Days::new(days.unsigned_abs());
        if days < 0 { self.as_of - size } else { self.as_of + size }
    }

    fn past(&mut self) -> String {
        self.day(-400, 20).to_string()
    }

    fn currency(&mut self) -> String {
        if self.stream.chance(self.foreign) { "USD".to_owned() } else { String::new() }
    }

    /// The facts that policies declare.
    fn facts(&mut self, owner: Level, row: &mut Vec<(&'static str, String)>) {
        let facts = FACTS.with(|[all, of_groups]| if owner == Level::Group { of_groups.clone() } else { all.clone() });
        for (name, ty, optional) in facts {
            let percent = if optional { 55 } else { 100 };
            let cell = match ty {
                Ty::Bool => |m: &mut Self| m.stream.one(&["true", "false"]).to_owned(),
                Ty::Int => |m: &mut Self| match m.stream.pick(20) {
                    0 => "9223372036854775807".to_owned(),
                    1 => "-9223372036854775808".to_owned(),
                    2 => "4294967296".to_owned(),
                    _ => m.stream.from(-10, 100).to_string(),
                },
                Ty::Number => |m: &mut Self| match m.stream.chance(80) {
                    true => cents(m.stream.from(-1000, 10_000)),
                    false => m.signed(),
                },
                Ty::Money => Self::signed,
                Ty::Days | Ty::Months => |m: &mut Self| m.stream.from(-40, 120).to_string(),
                Ty::Date => Self::past,
                Ty::Text => |m: &mut Self| m.stream.one(&["retail", "A", "B", "中文", "a, b"]).to_owned(),
                Ty::Kind => |m: &mut Self| m.stream.one(&["A", "B", "C"]).to_owned(),
            };
            let cell = self.maybe(percent, cell);
            row.push((name, cell));
        }
    }

    fn customer(&mut self, id: &str, groups: &[String]) {
        let group = match self.stream.pick(4) {
            0 | 1 if !groups.is_empty() => groups[self.stream.pick(groups.len())].clone(),
            2 if self.stream.chance(self.faults) => "nobody".to_owned(),
            _ => String::new(),
        };
        let mut row = vec![
            ("id", id.to_owned()),
            ("group", group),
            ("since", self.needed(|m| m.day(-900, 10).to_string())),
            ("segment", self.maybe(50, |m| m.stream.one(&["public", "retail"]).to_owned())),
            ("limit", self.maybe(50, Self::amount)),
            ("last_review", self.maybe(40, Self::past)),
            ("currency", self.currency()),
        ];
        self.facts(Level::Account, &mut row);
        self.row("customers", row);
    }

    fn orders(&mut self, customers: &[String]) -> Vec<String> {
        let mut orders = Vec::new();
        for n in 0..self.stream.pick(2 * customers.len() + 1) {
            let id = format!("O{}", n * 5 % 37);
            let customer = customers[self.stream.pick(customers.len())].clone();
            let mut row = vec![
                ("id", id.clone()),
                ("customer", customer),
                ("ordered_on", self.maybe(80, |m| m.day(-60, 3).to_string())),
                ("amount", self.needed(Self::amount)),
                ("currency", self.currency()),
                ("confirmed_on", self.maybe(40, Self::past)),
                ("shipped_on", self.maybe(15, Self::past)),
                ("closed_on", self.maybe(10, Self::past)),
                ("prepaid", self.maybe(20, Self::amount)),
            ];
            self.facts(Level::Account, &mut row);
            self.row("orders", row);
            for line in 0..self.stream.pick(3) {
                let row = vec![
                    ("id", format!("{id}-{line}")),
                    ("order", id.clone()),
                    ("amount", self.needed(Self::signed)),
                    ("invoiced", self.maybe(60, Self::amount)),
                    ("delivered", self.maybe(30, Self::amount)),
                ];
                self.row("order_lines", row);
            }
            orders.push(id);
        }
        orders
    }

    fn invoices(&mut self, customers: &[String], orders: &[String]) -> Vec<Invoice> {
        let mut invoices = Vec::new();
        for n in 0..self.stream.pick(5 * customers.len() + 2) {
            let twice = self.stream.chance(self.faults);
            let id = if twice { "I0".to_owned() } else { format!("I{}", n * 17 % 101) };
            let customer = match self.stream.chance(self.faults) {
                true => "nobody".to_owned(),
                false => customers[self.stream.pick(customers.len())].clone(),
            };
            let issued = self.day(-400, 20);
            let net = [0, 14, 30, 60][self.stream.pick(4)];
            let due = issued + Days::new(net);
            let amount = if self.stream.chance(self.edges) { None } else { Some(self.small()) };
            let text = amount.map_or_else(|| self.stream.one(&EDGES).to_owned(), cents);
            // Which of two invoices of one id its instalments are refused with depends on the order of the rows.
            let parts = if amount.is_some() && id != "I0" && self.stream.chance(15) { 2 } else { 0 };
            let mut row = vec![
                ("id", id.clone()),
                ("customer", customer.clone()),
                ("issue_date", issued.to_string()),
                ("due_date", if self.stream.chance(self.faults) { String::new() } else { due.to_string() }),
                ("amount", text),
                ("currency", self.currency()),
                (
                    "order",
                    if orders.is_empty() { String::new() } else { orders[self.stream.pick(orders.len())].clone() },
                ),
                ("delivery_date", self.maybe(40, Self::past)),
                ("dunning_blocked_until", self.maybe(10, Self::past)),
            ];
            self.facts(Level::Account, &mut row);
            self.row("invoices", row);
            if let (Some(amount), 2) = (amount, parts) {
                for (no, part) in [(1, amount / 3), (2, amount - amount / 3)] {
                    let mut row = vec![
                        ("invoice", id.clone()),
                        ("no", no.to_string()),
                        ("due_date", (due + Days::new(no * 20)).to_string()),
                        ("amount", cents(part)),
                    ];
                    self.facts(Level::Account, &mut row);
                    self.row("instalments", row);
                }
            }
            invoices.push(Invoice { id, customer, amount, parts });
        }
        invoices
    }

    fn payments(&mut self, customers: &[String], invoices: &[Invoice]) {
        for n in 0..self.stream.pick(3 * customers.len() + 2) {
            let id = format!("P{}", n * 19 % 53);
            let of = (!invoices.is_empty()).then(|| &invoices[self.stream.pick(invoices.len())]);
            let customer = match of {
                Some(invoice) => invoice.customer.clone(),
                None => customers[self.stream.pick(customers.len())].clone(),
            };
            let date = self.day(-300, 10);
            let amount = of.and_then(|invoice| invoice.amount).unwrap_or(50_000) + 1;
            let amount = if self.stream.chance(30) { amount } else { self.stream.from(1, amount) };
            let returned = self.maybe(10, Self::past);
            let note = self.stream.chance(25);
            let table = if note { "credit_notes" } else { "payments" };
            let row = vec![
                ("id", id.clone()),
                ("customer", customer),
                ("date", date.to_string()),
                ("amount", cents(amount)),
                ("currency", self.currency()),
                ("returned_on", returned),
            ];
            self.row(table, row);
            if let Some(invoice) = of.filter(|_| self.stream.chance(75)) {
                let part = self.stream.from(1, amount);
                let instalment = if invoice.parts > 0 && self.stream.chance(50) { "1" } else { "" };
                let (payment, credit) = if note { (String::new(), id) } else { (id, String::new()) };
                let row = vec![
                    ("payment", payment),
                    ("credit_note", credit),
                    ("invoice", invoice.id.clone()),
                    ("instalment", instalment.to_owned()),
                    ("on", date.to_string()),
                    ("amount", cents(part)),
                ];
                self.row("allocations", row);
            }
        }
    }

    /// What happens to an invoice.
    fn about(&mut self, n: usize, invoice: &Invoice) {
        let id = || invoice.id.clone();
        if self.stream.chance(12) {
            let row = vec![
                ("id", format!("D{n}")),
                ("invoice", id()),
                ("opened_on", self.maybe(80, Self::past)),
                ("closed_on", self.maybe(30, Self::past)),
                ("amount", self.maybe(50, |m| cents(m.stream.from(1, 9_000)))),
            ];
            self.row("disputes", row);
        }
        for nth in 0..self.stream.pick(3).saturating_sub(1) {
            let row = vec![
                ("id", format!("W{n}-{nth}")),
                ("invoice", id()),
                ("created_on", self.maybe(80, Self::past)),
                ("due_on", self.needed(Self::past)),
                ("tolerance", self.maybe(50, |m| m.stream.from(0, 5).to_string())),
                ("amount", self.maybe(40, |m| cents(m.stream.from(1, 9_000)))),
            ];
            self.row("promises", row);
        }
        if self.stream.chance(8) {
            let row = vec![
                ("id", format!("L{n}")),
                ("invoice", id()),
                ("started_on", self.maybe(80, Self::past)),
                ("ends_on", self.maybe(50, |m| m.day(-30, 90).to_string())),
                ("broken_on", self.maybe(30, Self::past)),
            ];
            self.row("payment_plans", row);
        }
        if self.stream.chance(20) {
            let row = vec![("invoice", id()), ("kind", "contract".to_owned()), ("on", self.maybe(80, Self::past))];
            self.row("evidence", row);
        }
        if self.stream.chance(25) {
            let rung = self.stream.one(&["first", "second"]).to_owned();
            let ladder = format!("ladder_{}", self.stream.pick(40));
            let row = vec![
                ("id", format!("A{n}")),
                ("ladder", ladder),
                ("rung", rung),
                ("subject", "item".to_owned()),
                ("subject_id", id()),
                ("episode", "0".to_owned()),
                ("status", self.stream.one(&["sent", "done", "proposed", "failed"]).to_owned()),
                ("done_on", self.maybe(90, |m| m.day(-40, 2).to_string())),
            ];
            self.row("actions", row);
        }
        if self.stream.chance(4) {
            let row = vec![
                ("id", format!("X{n}")),
                ("invoice", id()),
                ("on", self.maybe(90, Self::past)),
                ("amount", cents(self.stream.from(1, 500))),
            ];
            self.row("write_offs", row);
        }
    }

    /// What else is known of a customer.
    fn beside(&mut self, n: usize, customer: &str) {
        let of = || customer.to_owned();
        for nth in 0..self.stream.pick(3) {
            let row = vec![
                ("id", format!("S{n}-{nth}")),
                ("customer", of()),
                ("kind", self.stream.one(&["lawsuit", "rating"]).to_owned()),
                ("value", self.maybe(70, Self::signed)),
                ("observed_on", self.maybe(80, Self::past)),
                ("expires_on", self.maybe(30, |m| m.day(-60, 60).to_string())),
            ];
            self.row("signals", row);
        }
        if self.stream.chance(50) {
            let state = self.stream.one(&["amount", "amount", "none", "unlimited"]).to_owned();
            let amount = if state == "amount" { self.amount() } else { String::new() };
            let row = vec![
                ("customer", of()),
                ("decided_on", self.day(-25, 1).to_string()),
                ("tier", self.stream.one(&["A", "B", "C", ""]).to_owned()),
                ("limit.state", state),
                ("limit.amount", amount),
                ("warnings", self.stream.one(&["", "late", "slips; late"]).to_owned()),
            ];
            self.row("decisions", row);
        }
        if self.stream.chance(25) {
            let row = vec![
                ("id", format!("F{n}")),
                ("customer", of()),
                ("subject", "write_off".to_owned()),
                ("role", self.stream.one(&["sales", "finance"]).to_owned()),
                ("person", self.stream.one(&["Ann", "Bo", " ann"]).to_owned()),
                ("decision", self.stream.one(&["approved", "approved", "rejected"]).to_owned()),
                ("on", self.past()),
                ("amount", self.maybe(40, Self::amount)),
            ];
            self.row("sign_offs", row);
        }
    }
}

type Facts = Vec<(&'static str, Ty, bool)>;

thread_local! {
    /// The declared facts, and those of groups. Their names stay for as long as the program runs.
    static FACTS: [Facts; 2] = [Level::Account, Level::Group].map(|owner| {
        let kept = |(name, ty, optional): (String, Ty, bool)| (&*Box::leak(name.into_boxed_str()), ty, optional);
        declared_facts(owner).into_iter().map(kept).collect()
    });
}

/// Whole cents as an amount.
fn cents(cents: i64) -> String {
    crate::model_support::money(cents)
}
