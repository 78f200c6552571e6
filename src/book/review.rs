//! What became of every file of a book, for people and for machines.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use chrono::NaiveDate;
use serde_json::{Value as Json, json};

use super::{Book, Cell, Column, Input, SetAside};
use crate::lang::sum::ExactSum;
use crate::lang::{Base, Value};
use crate::plan::{RelationId, Schema};

/// The words of the report, English and Chinese.
const WORDS: &[(&str, &str, &str)] = &[
    ("rows", "rows read", "行已读入"),
    ("blank", "blank", "空行"),
    ("aside", "set aside", "搁置"),
    ("rejected", "rejected", "被拒绝"),
    ("in_book", "In the book", "账册内容"),
    ("sum", "sum", "合计"),
    ("matched", "of which set against invoices", "其中已核销"),
    ("to", "to", "至"),
    ("rejects", "Rejected", "被拒绝的行"),
    ("lines", "lines", "行号"),
    ("line", "line", "行号"),
    ("more", "more", "更多"),
    ("unreadable", "amounts cannot be read", "个金额无法读取"),
    ("unread", "columns nobody reads", "未使用的列"),
    ("differing", "Customers of whom the rows differ", "说法不一的客户"),
    ("taken", "taken", "采用"),
    ("others", "not", "未采用"),
    ("nothing", "Nothing was rejected", "没有被拒绝的行"),
];

/// How many kinds of rejects, lines and differing customers are listed.
const LISTED: usize = 10;

/// Why rows were rejected: file, column, reason and lines.
type Kind<'b> = ((&'b str, &'b str, &'b str), Vec<usize>);

/// The report in `en` or `zh`. `currency` is that of the book.
pub fn review(book: &Book, schema: &Schema, currency: &str, lang: &str) -> String {
    let word = |key: &str| {
        let found = WORDS.iter().find(|(known, ..)| *known == key);
        found.map_or("", |(_, en, zh)| if lang == "zh" { *zh } else { *en })
    };
    let mut out = String::new();
    for input in tables(book) {
        let rejected = rejected_lines(book, &input.file);
        let (rows, blank) = (word("rows"), word("blank"));
        let _ = writeln!(
            out,
            "{}: {} {rows}, {rejected} {}, {} {blank}",
            input.file,
            input.rows,
            word("rejected"),
            input.blank
        );
        for aside in &input.set_aside {
            let sums: Vec<String> = aside.sums.iter().map(|(c, sum)| format!("{sum} {}", or(c, currency))).collect();
            let sums = if sums.is_empty() { String::new() } else { format!(", {} {}", word("sum"), sums.join(", ")) };
            let _ = writeln!(
                out,
                "  {} {}: {}{sums} ({})",
                aside.rows,
                word("aside"),
                aside.why,
                lines(&aside.lines, aside.rows, &word)
            );
            if aside.unread_amounts > 0 {
                let _ = writeln!(out, "    {} {}", aside.unread_amounts, word("unreadable"));
            }
        }
        for (_, columns) in book.unread.iter().filter(|(file, _)| *file == input.file) {
            let _ = writeln!(out, "  {}: {}", word("unread"), columns.join(", "));
        }
    }
    let _ = writeln!(out, "\n{}", word("in_book"));
    for table in &in_book(book, schema, currency) {
        let sum = said(&table.sums).map(|sums| format!(", {} {sums}", word("sum"))).unwrap_or_default();
        let dates: Vec<String> =
            table.dates.iter().map(|(name, from, to)| format!(", {name} {from} {} {to}", word("to"))).collect();
        let matched = match table.matched.as_slice() {
            [(_, sum)] if !schema.has_own_currencies() => Some(sum.clone()),
            sums => said(sums),
        };
        let matched = matched.map(|sum| format!(", {} {sum}", word("matched"))).unwrap_or_default();
        let _ = writeln!(out, "  {}: {}{sum}{matched}{}", table.name, table.rows, dates.concat());
    }
    let kinds = kinds(book);
    let _ = writeln!(out, "\n{}", if kinds.is_empty() { word("nothing") } else { word("rejects") });
    for ((file, column, reason), at) in kinds.iter().take(LISTED) {
        let column = if column.is_empty() { String::new() } else { format!(" `{column}`") };
        let _ = writeln!(
            out,
            "  {}  {file}{column} {reason} ({})",
            at.len(),
            lines(at.get(..LISTED).unwrap_or(at), at.len(), &word)
        );
    }
    rest(kinds.len(), &word, &mut out);
    if !book.differing.is_empty() {
        let _ = writeln!(out, "\n{} ({})", word("differing"), book.differing.len());
        for d in book.differing.iter().take(LISTED) {
            let others: Vec<String> = d.others.iter().map(|other| format!("`{other}`")).collect();
            let (taken, not) = (word("taken"), word("others"));
            let _ = writeln!(out, "  {} {}: {taken} `{}`, {not} {}", d.customer, d.column, d.taken, others.join(", "));
        }
        rest(book.differing.len(), &word, &mut out);
    }
    out
}

/// The report as JSON, nothing left out.
pub fn review_json(book: &Book, schema: &Schema, currency: &str) -> Json {
    let aside = |aside: &SetAside| {
        let sums: Vec<Json> =
            aside.sums.iter().map(|(c, sum)| json!({ "currency": or(c, currency), "sum": sum.to_string() })).collect();
        json!({ "why": aside.why, "rows": aside.rows, "first_lines": aside.lines, "sums": sums, "unread_amounts": aside.unread_amounts })
    };
    let file = |input: &Input| {
        json!({
            "file": input.file, "sha256": input.sha256, "rows": input.rows,
            "rejected": rejected_lines(book, &input.file), "blank": input.blank,
            "set_aside": input.set_aside.iter().map(aside).collect::<Vec<_>>(),
        })
    };
    let table = |table: &InBook| {
        let dates: Vec<Json> = table
            .dates
            .iter()
            .map(|(n, from, to)| json!({ "column": n, "from": from.to_string(), "to": to.to_string() }))
            .collect();
        let sums = |sums: &[(String, String)]| match sums {
            [(_, sum)] if !schema.has_own_currencies() => json!(sum),
            [] => Json::Null,
            sums => sums.iter().map(|(c, sum)| json!({ "currency": c, "sum": sum })).collect(),
        };
        json!({
            "table": table.name, "rows": table.rows, "sum": sums(&table.sums),
            "set_against_invoices": sums(&table.matched), "dates": dates,
        })
    };
    let reject = |((file, column, reason), lines): &Kind<'_>| json!({ "file": file, "column": column, "reason": reason, "lines": lines });
    let differing: Vec<Json> = (book.differing.iter())
        .map(|d| json!({ "customer": d.customer, "column": d.column, "taken": d.taken, "others": d.others }))
        .collect();
    json!({
        "currency": currency,
        "as_of": book.as_of.map(|day| day.to_string()),
        "files": tables(book).map(file).collect::<Vec<_>>(),
        "tables": in_book(book, schema, currency).iter().map(table).collect::<Vec<_>>(),
        "rejects": kinds(book).iter().map(reject).collect::<Vec<_>>(),
        "differing": differing,
        "unread_columns": book.unread.iter().map(|(f, c)| json!({ "file": f, "columns": c })).collect::<Vec<_>>(),
    })
}

fn or<'t>(currency: &'t str, otherwise: &'t str) -> &'t str {
    if currency.is_empty() { otherwise } else { currency }
}

/// The inputs that hold rows: not `book.yaml`.
fn tables(book: &Book) -> impl Iterator<Item = &Input> {
    book.inputs.iter().filter(|input| input.rows + input.blank + input.set_aside.len() > 0)
}

fn rejected_lines(book: &Book, file: &str) -> usize {
    let mut lines: Vec<usize> = book.rejects.iter().filter(|r| r.file == file).map(|r| r.line).collect();
    lines.sort_unstable();
    lines.dedup();
    lines.len()
}

fn lines<'w>(some: &[usize], of: usize, word: &impl Fn(&str) -> &'w str) -> String {
    let shown = some.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let more = if of > some.len() { " …" } else { "" };
    format!("{} {shown}{more}", word(if of == 1 { "line" } else { "lines" }))
}

fn rest<'w>(count: usize, word: &impl Fn(&str) -> &'w str, out: &mut String) {
    if count > LISTED {
        let _ = writeln!(out, "  … {} {}", count - LISTED, word("more"));
    }
}

/// The rejects by kind, the most frequent first.
fn kinds(book: &Book) -> Vec<Kind<'_>> {
    let mut kinds: BTreeMap<(&str, &str, &str), Vec<usize>> = BTreeMap::new();
    for r in &book.rejects {
        // The lines and dates that a reason ends with differ from row to row.
        let reason = r.reason.split(" in line").next().unwrap_or(&r.reason);
        let is_day = |tail: &str| chrono::NaiveDate::parse_from_str(tail, "%Y-%m-%d").is_ok();
        let reason = reason.rsplit_once(' ').filter(|(_, tail)| is_day(tail)).map_or(reason, |(head, _)| head);
        kinds.entry((&r.file, &r.column, reason)).or_default().push(r.line);
    }
    let mut kinds: Vec<Kind<'_>> = kinds.into_iter().collect();
    kinds.sort_by(|a, b| b.1.len().cmp(&a.1.len()).then_with(|| a.0.cmp(&b.0)));
    kinds
}

struct InBook {
    name: String,
    rows: usize,
    /// Its amounts, by currency.
    sums: Vec<(String, String)>,
    /// How much of a payment or credit note is set against invoices, by currency.
    matched: Vec<(String, String)>,
    dates: Vec<(String, NaiveDate, NaiveDate)>,
}

/// Sums, each with its currency.
fn said(sums: &[(String, String)]) -> Option<String> {
    let sums: Vec<String> = sums.iter().map(|(currency, sum)| format!("{sum} {currency}")).collect();
    (!sums.is_empty()).then(|| sums.join(", "))
}

/// What the relations came to that are read and not formed.
fn in_book(book: &Book, schema: &Schema, currency: &str) -> Vec<InBook> {
    let formed = ["portfolio", "group", "item", "application", "credit_application"];
    let mut found = Vec::new();
    for relation in schema.relations.iter().filter(|r| !formed.contains(&r.name.as_str())) {
        let Some(id) = schema.relation(&relation.name) else { continue };
        if book.count(id) == 0 {
            continue;
        }
        let (name, rows) = (relation.name.clone(), book.count(id));
        let mut of = InBook { name, rows, sums: Vec::new(), matched: Vec::new(), dates: Vec::new() };
        for (at, fact) in relation.facts.iter().enumerate() {
            let cells = || plain(book, id, at);
            if fact.ty.base == Base::Date {
                let days = || {
                    cells().filter_map(|cell| if let Cell::Given(Value::Date(day)) = cell { Some(day) } else { None })
                };
                if let (Some(from), Some(to)) = (days().min(), days().max()) {
                    of.dates.push((fact.name.clone(), from, to));
                }
            } else if fact.name == "amount" {
                of.sums = totals(book, schema, (id, at), currency);
            }
        }
        if let Some((_, parts)) = MATCHED_BY.iter().find(|(name, _)| *name == relation.name) {
            let amounts = schema.relation(parts).and_then(|id| Some((id, schema.fact(id, "amount")?)));
            of.matched = amounts
                .map(|(id, amount)| totals(book, schema, (id, usize::from(amount.0)), currency))
                .unwrap_or_default();
        }
        found.push(of);
    }
    found
}

/// What is set against invoices, and the parts in which it is.
const MATCHED_BY: [(&str, &str); 2] = [("payment", "application"), ("credit_note", "credit_application")];

/// The amounts of a fact, by the currency of the documents they belong to.
fn totals(
    book: &Book,
    schema: &Schema,
    (relation, fact): (RelationId, usize),
    currency: &str,
) -> Vec<(String, String)> {
    let mut sums: BTreeMap<Arc<str>, ExactSum> = BTreeMap::new();
    let amounts = (0u32..).zip(plain(book, relation, fact)).filter_map(|(row, cell)| match cell {
        Cell::Given(Value::Dec(amount)) => Some((row, amount)),
        _ => None,
    });
    if schema.has_own_currencies() {
        for (row, amount) in amounts {
            let of = currency_of(book, schema, relation, row).unwrap_or_else(|| currency.into());
            sums.entry(of).or_default().add(amount);
        }
    } else {
        let sum = sums.entry(currency.into()).or_default();
        amounts.for_each(|(_, amount)| sum.add(amount));
    }
    sums.iter().filter_map(|(of, sum)| Some((of.to_string(), sum.total()?.to_string()))).collect()
}

/// The currency that a row names, or the nearest row above it.
fn currency_of(book: &Book, schema: &Schema, relation: RelationId, row: u32) -> Option<Arc<str>> {
    let (mut at, mut row) = (relation, row);
    loop {
        if let Some(fact) = schema.fact(at, "currency") {
            return match book.cell(at, fact, row, NaiveDate::MAX) {
                Cell::Given(Value::Text(currency)) => Some(currency),
                _ => None,
            };
        }
        row = book.parent(at, row)?;
        at = schema.parent(at)?;
    }
}

fn plain(book: &Book, relation: RelationId, fact: usize) -> impl Iterator<Item = Cell> {
    let series = match book.rows(relation).and_then(|rows| rows.columns.get(fact)) {
        Some(Column::Plain(series)) => Some(series),
        _ => None,
    };
    series.into_iter().flat_map(|series| (0u32..).take(series.len()).map(|row| series.cell(row)))
}
