//! The files of a book while they are written.

use std::fmt::{self, Display};
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;

use chrono::NaiveDate;

/// An amount in hundredths, printed with two places.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Cents(pub(super) i64);

impl Display for Cents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        write!(f, "{sign}{}.{:02}", self.0.unsigned_abs() / 100, self.0.unsigned_abs() % 100)
    }
}

impl Cents {
    /// So many hundredths of the amount, to the cent below.
    pub(super) fn percent(self, share: i64) -> Cents {
        Cents(self.0 / 100 * share + self.0 % 100 * share / 100)
    }
}

/// A value that may be blank.
pub(super) struct Maybe<T>(pub(super) Option<T>);

impl<T: Display> Display for Maybe<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.as_ref().map_or(Ok(()), |value| value.fmt(f))
    }
}

/// One file: rows are written as they come.
pub(super) struct Table {
    file: BufWriter<File>,
    /// Rows so far, the header not counted.
    pub(super) rows: u64,
}

impl Table {
    fn create(dir: &Path, name: &str, header: &str) -> io::Result<Self> {
        let mut file = BufWriter::with_capacity(1 << 16, File::create(dir.join(name))?);
        writeln!(file, "{header}")?;
        Ok(Table { file, rows: 0 })
    }

    /// Writes one row.
    pub(super) fn row(&mut self, cells: fmt::Arguments<'_>) -> io::Result<()> {
        self.rows += 1;
        self.file.write_fmt(cells)?;
        self.file.write_all(b"\n")
    }
}

macro_rules! tables {
    ($($field:ident: $header:literal, $en:literal, $zh:literal;)*) => {
        /// Every file of a book.
        pub(super) struct Tables {
            $(pub(super) $field: Table,)*
        }

        impl Tables {
            /// Opens every file and writes its header, and `book.yaml`.
            pub(super) fn create(dir: &Path, as_of: NaiveDate) -> io::Result<Self> {
                fs::create_dir_all(dir)?;
                let mut manifest = format!(
                    "# A book that no firm ever kept: made by a program, from a seed.\n\
                     # 由程序按种子生成的示例账册,不对应任何真实企业。\n\
                     usance_book: 1\nas_of: {as_of}\ncurrency: CNY\n\n# Tables / 表\n"
                );
                $(manifest.push_str(concat!("# ", stringify!($field), ".csv — ", $en, " / ", $zh, "\n"));)*
                fs::write(dir.join("book.yaml"), manifest)?;
                Ok(Tables { $($field: Table::create(dir, concat!(stringify!($field), ".csv"), $header)?,)* })
            }

            /// Writes what is still held back.
            pub(super) fn finish(mut self) -> io::Result<Vec<(&'static str, u64)>> {
                $(self.$field.file.flush()?;)*
                Ok(vec![$((stringify!($field), self.$field.rows),)*])
            }
        }
    };
}

tables! {
    customers: "id,name,group,since,segment,country,language,industry,monthly_turnover,dishonest_debtor,lawsuits,cyclical,audited_years,bank_statements,debt_to_assets,current_ratio,reputation,limit,limit_mandatory,limit_unlimited,temporary_limit,temporary_until,assessed_on,last_review,dunning_blocked_until,dunning_block_reason",
        "whom we sell to, and what we know of them", "客户及其资料";
    groups: "id,name,limit", "firms that belong together, and their common limit", "集团及其共用额度";
    invoices: "id,customer,order,issue_date,due_date,amount,currency,delivery_date,acceptance_date,dunning_blocked_until,dunning_block_reason",
        "what was sold on open account", "赊销发票";
    instalments: "invoice,no,due_date,amount", "the parts an invoice falls due in", "分期";
    payments: "id,customer,date,amount,currency,returned_on", "money received, and money taken back", "收款及退回";
    credit_notes: "id,customer,date,amount,currency", "credit notes", "贷项通知单";
    allocations: "payment,credit_note,invoice,instalment,on,amount", "which payment or credit note was set against what", "核销明细";
    orders: "id,customer,ordered_on,amount,currency,confirmed_on,shipped_on,closed_on", "orders, from draft to closed", "订单";
    order_lines: "id,order,amount,invoiced", "their lines, and how much of each is invoiced", "订单行及已开票金额";
    disputes: "id,invoice,instalment,opened_on,closed_on,amount,reason", "what customers contest; no amount: all of it", "争议;金额空白即全额";
    promises: "id,invoice,instalment,created_on,due_on,tolerance,amount,withdrawn_on", "promises to pay", "付款承诺";
    payment_plans: "id,invoice,instalment,started_on,ends_on,broken_on", "payment plans", "还款计划";
    evidence: "invoice,kind,on", "what a court would ask for", "证据";
    covers: "id,customer,insurer,limit,share,valid_from,valid_to,status", "credit insurance on named buyers", "买方信用保险";
    actions: "id,ladder,rung,subject,subject_id,episode,status,done_on", "what was done about unpaid items", "已执行的催收动作";
    decisions: "customer,decided_on,tier,limit.state,limit.amount", "decisions in force", "现行决定";
}
