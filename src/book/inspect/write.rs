//! The first `book.yaml`: what was guessed is marked, and what could not be told stands there to be filled in.

use std::fmt::Write as _;

use super::{Column, FileLook, Looks, aliases, guess};
use crate::book::tables::Table;
use crate::lang::Base;
use crate::plan::Schema;

/// The text of a `book.yaml` for these files.
pub(super) fn yaml(looks: &[FileLook], schema: &Schema) -> String {
    let mut out =
        "# A first book.yaml. Read every line marked `guessed` before you rely on it.\nusance_book: 1\n".to_owned();
    out += "# as_of: 2026-06-30          # to fill in: the day of the export\n";
    out += &currency(looks);
    out += "tables:\n";
    let (mut done, mut shared): (Vec<&str>, Vec<&'static str>) = (Vec::new(), Vec::new());
    let mut untold = String::new();
    for look in looks {
        let same = |other: &&FileLook| other.table == look.table && headers(other) == headers(look);
        match look.table.and_then(Table::named) {
            Some(table) if !done.contains(&table.name) => {
                done.push(table.name);
                let files: Vec<&FileLook> = looks.iter().filter(same).collect();
                shared.extend(one(table, look, &files, looks, schema, &mut out));
            }
            Some(table) if looks.iter().find(|other| other.table == look.table).is_some_and(|first| same(&first)) => {
                let _ = table;
            }
            _ => {
                let columns = look.columns.iter().map(|c| c.header.as_str()).collect::<Vec<_>>().join(", ");
                let _ =
                    writeln!(untold, "  # {}: not told which table it is; its columns: {columns}", quoted(&look.file));
            }
        }
    }
    out += &untold;
    if !done.contains(&"customers") {
        customers(looks, &done, &shared, &mut out);
    }
    out
}

fn headers(look: &FileLook) -> Vec<&str> {
    look.columns.iter().map(|column| column.header.as_str()).collect()
}

fn taken<'l>(look: &'l FileLook, name: &str) -> Option<&'l Column> {
    look.columns.iter().find(|column| column.taken_for.as_deref() == Some(name))
}

/// The currency most rows are in.
fn currency(looks: &[FileLook]) -> String {
    let column = looks.iter().filter(|look| look.table.is_some()).find_map(|look| taken(look, "currency"));
    match column.and_then(most) {
        Some(text) => format!("currency: {}              # guessed: what most rows say\n", code(&text)),
        None => "# currency: USD              # to fill in: no column says it\n".to_owned(),
    }
}

fn most(column: &Column) -> Option<String> {
    column.few.iter().max_by_key(|(_, times)| *times).map(|(text, _)| text.clone())
}

fn code(text: &str) -> &str {
    aliases::key_of("currency.", text).unwrap_or(text)
}

/// Writes a table, and gives the tables that stand in the same file.
fn one(
    table: &Table,
    look: &FileLook,
    files: &[&FileLook],
    all: &[FileLook],
    schema: &Schema,
    out: &mut String,
) -> Vec<&'static str> {
    let _ = writeln!(out, "  {}:", table.name);
    let names: Vec<String> = files.iter().map(|look| quoted(&look.file)).collect();
    match names.as_slice() {
        [one] => line(out, &format!("file: {one}"), ""),
        names => line(out, &format!("files: [{}]", names.join(", ")), "guessed: they have the same header"),
    }
    if !look.encoding_shows {
        line(out, &format!("encoding: {}", look.encoding), "guessed: from its bytes");
    }
    match look.delimiter {
        Some('\t') => line(out, "delimiter: tab", "guessed"),
        Some(mark) if mark != ',' => line(out, &format!("delimiter: \"{mark}\""), "guessed"),
        _ => {}
    }
    if look.header_row > 1 {
        line(out, &format!("header_row: {}", look.header_row), "guessed: what stands above it is a title");
    }
    let header = |at: usize| quoted(look.columns.get(at).map_or("", |column| &column.header));
    if let Some(at) = look.headings {
        line(out, &format!("fill_down: {}", header(at)), "guessed: a heading stands above the rows of its group");
    }
    if !look.totals.is_empty() {
        out.push_str("    totals:                    # guessed: rows that begin so sum up others\n");
        for (at, text) in &look.totals {
            // A heading may begin with the same word; it has no amount.
            let amount = taken(look, "amount").filter(|_| look.headings == Some(*at));
            let and = amount.map(|c| format!(", {}: {{ blank: false }}", quoted(&c.header))).unwrap_or_default();
            let _ = writeln!(out, "      - {{ {}: {{ starts_with: {} }}{and} }}", header(*at), quoted(text));
        }
    }
    let kinds = look.kind.and_then(|at| look.columns.get(at)).filter(|column| column.few.len() > 1);
    let taker = |name: &str| kinds.map(|column| of_kind(column, name)).unwrap_or_default();
    let mine = taker(table.name);
    if let Some(column) = kinds {
        let counts: Vec<String> = column.few.iter().map(|(text, times)| format!("{text} {times}")).collect();
        let what = format!("there are: {}", counts.join(", "));
        if mine.is_empty() {
            line(out, &format!("# where: {{ {}: [] }}", quoted(&column.header)), &what);
        } else {
            line(
                out,
                &format!("where: {{ {}: [{}] }}", quoted(&column.header), mine.join(", ")),
                &format!("guessed; {what}"),
            );
        }
    }
    if let Some(column) = taken(look, "currency")
        && table.in_currency()
        && !schema.has_own_currencies()
        && column.few.len() > 1
        && let Some(most) = most(column)
    {
        let aside = format!("set_aside: {{ {}: {{ not: {} }} }}", quoted(&column.header), quoted(&most));
        line(out, &aside, "guessed: one currency is read, the rows in others are counted");
    }
    body(table, look, schema, out);
    let used: Vec<&str> = look.columns.iter().filter(|c| c.taken_for.is_some()).map(|c| c.header.as_str()).collect();
    let of_name =
        |column: &&Column| table.name == "invoices" && aliases::rank("customers.name", &column.header).is_some();
    let others = look.columns.iter().enumerate().filter(|(at, column)| {
        let spoken =
            look.totals.iter().any(|(total, _)| total == at) || look.headings == Some(*at) || look.kind == Some(*at);
        !used.contains(&column.header.as_str()) && !spoken && (!of_name(column) || has(all, "customers"))
    });
    let others: Vec<String> = others.map(|(_, column)| quoted(&column.header)).collect();
    if !others.is_empty() {
        line(out, &format!("ignore: [{}]", others.join(", ")), "guessed: nothing is known by these names");
    }
    let mut beside = Vec::new();
    if table.name != "invoices" {
        return beside;
    }
    for name in ["payments", "credit_notes"] {
        let kinds_of = taker(name);
        let (Some(column), Some(other), false) = (kinds, Table::named(name), kinds_of.is_empty() || has(all, name))
        else {
            continue;
        };
        let mut shared = look.clone();
        shared.table = Some(other.name);
        for column in &mut shared.columns {
            column.taken_for = None;
        }
        for (name, at) in guess::columns(look, other, schema) {
            if let Some(column) = shared.columns.get_mut(at) {
                column.taken_for = Some(name);
            }
        }
        let _ = writeln!(out, "  {name}:");
        line(out, "same_file_as: invoices", "guessed");
        line(out, &format!("where: {{ {}: [{}] }}", quoted(&column.header), kinds_of.join(", ")), "guessed");
        body(other, &shared, schema, out);
        beside.push(other.name);
    }
    beside
}

fn has(all: &[FileLook], table: &str) -> bool {
    all.iter().any(|look| look.table == Some(table))
}

fn of_kind(column: &Column, table: &str) -> Vec<String> {
    let is = |text: &str| aliases::key_of("kind.", text) == Some(table);
    column.few.iter().filter(|(text, _)| is(text)).map(|(text, _)| quoted(text)).collect()
}

/// How the values are written, and the columns.
fn body(table: &Table, look: &FileLook, schema: &Schema, out: &mut String) {
    let known = table.columns(schema);
    let base = |name: &str| known.iter().find(|(known, _)| known == name).map(|(_, base)| base);
    let of = |want: fn(&Base) -> bool| {
        let columns = look.columns.iter().filter_map(|column| Some((column.taken_for.as_deref()?, column)));
        columns.filter(move |(name, _)| base(name).is_some_and(want)).collect::<Vec<_>>()
    };
    dates(&of(|base| *base == Base::Date), out);
    let mut marks: Vec<(char, Option<char>)> = Vec::new();
    let (mut all_signs, mut first) = (Vec::new(), true);
    for (_, column) in of(Base::is_amount) {
        if let Looks::Number { marks: these, signs } = &column.looks {
            let both: Vec<_> = marks.iter().filter(|m| these.contains(m)).copied().collect();
            marks = if first { these.clone() } else { both };
            first = false;
            all_signs.extend(signs.iter().filter(|sign| sign.as_str() != "-").cloned());
        }
    }
    if let Some((decimal, thousands)) = marks.first() {
        if *decimal != '.' {
            line(out, &format!("decimal: \"{decimal}\""), "guessed");
        }
        if let Some(mark) = thousands {
            line(out, &format!("thousands: \"{mark}\""), "guessed");
        }
    }
    all_signs.sort();
    all_signs.dedup();
    if !all_signs.is_empty() {
        let signs: Vec<String> = all_signs.iter().map(|sign| quoted(sign)).collect();
        line(out, &format!("currency_sign: [{}]", signs.join(", ")), "guessed");
    }
    out.push_str("    columns:\n");
    for (name, _) in &known {
        let Some(column) = taken(look, name) else {
            if table.needs(name) && name != "currency" {
                let _ = writeln!(out, "      # {name}:                # to fill in: every row needs it");
            }
            continue;
        };
        let negative = |column: &Column| column.range.as_ref().is_some_and(|(least, _)| least.starts_with('-'));
        let header = quoted(&column.header);
        let turned = ["payments", "credit_notes"].contains(&table.name) && name == "amount" && negative(column);
        let value = if turned { format!("{{ minus: {header} }}") } else { header };
        let mark = if column.header == *name { "" } else { "   # guessed" };
        let _ = writeln!(out, "      {name}: {value}{mark}");
    }
    values(table, look, &known, out);
}

fn dates(columns: &[(&str, &Column)], out: &mut String) {
    let sure = |column: &Column| match &column.looks {
        Looks::Date { patterns, doubtful: false } => patterns.first().cloned(),
        Looks::Number { .. } if guess::is_serial(column) => Some("excel".to_owned()),
        _ => None,
    };
    let all_sure: Vec<String> = columns.iter().filter_map(|(_, column)| sure(column)).collect();
    // What one column leaves open another of the same file may settle.
    let pattern = |column: &Column| match &column.looks {
        Looks::Date { patterns, doubtful: true } => patterns.iter().find(|p| all_sure.contains(p)).cloned(),
        _ => sure(column),
    };
    let found: Vec<(&str, String)> =
        columns.iter().filter_map(|(name, column)| Some((*name, pattern(column)?))).collect();
    let one = found.first().filter(|(_, first)| found.iter().all(|(_, pattern)| pattern == first));
    match one {
        Some((_, pattern)) if pattern == "YYYY-MM-DD" => {}
        Some((_, pattern)) => line(out, &format!("dates: {}", quoted(pattern)), "guessed"),
        None if found.is_empty() => {}
        None => {
            let each: Vec<String> =
                found.iter().map(|(name, pattern)| format!("{name}: {}", quoted(pattern))).collect();
            line(out, &format!("dates: {{ {} }}", each.join(", ")), "guessed");
        }
    }
    for (name, column) in columns {
        if pattern(column).is_some() {
            continue;
        }
        if let Looks::Date { patterns, doubtful: true } = &column.looks {
            let patterns: Vec<&str> = patterns.iter().map(String::as_str).collect();
            let _ = writeln!(
                out,
                "    # dates: {:<20} # to fill in: `{name}` reads as {} alike",
                patterns.first().unwrap_or(&""),
                patterns.join(" and ")
            );
        } else if column.looks != Looks::Blank {
            let _ = writeln!(
                out,
                "    # dates:                    # to fill in: `{name}` is written as {}",
                column.examples.join(", ")
            );
        }
    }
}

/// What the file writes for `true` and `false`, and for a currency.
fn values(table: &Table, look: &FileLook, known: &[(String, Base)], out: &mut String) {
    let mut lines = Vec::new();
    for column in &look.columns {
        let Some(name) = &column.taken_for else { continue };
        let is_flag = known.iter().any(|(known, base)| known == name && *base == Base::Bool);
        let meant = |text: &str| match (is_flag, name.as_str()) {
            (true, _) if aliases::rank("yes", text).is_some() => Some("true".to_owned()),
            (true, _) if aliases::rank("no", text).is_some() => Some("false".to_owned()),
            (false, "currency") if table.in_currency() => aliases::key_of("currency.", text).map(str::to_owned),
            _ => None,
        };
        let is_date = known.iter().any(|(known, base)| known == name && *base == Base::Date);
        if let Some(unset) = column.unset.as_ref().filter(|_| is_date) {
            lines.push(format!("      {name}: {{ {}: \"\" }}   # guessed: no date at all\n", quoted(unset)));
        }
        let pairs: Vec<String> = (column.few.iter())
            .filter_map(|(text, _)| Some((text, meant(text)?)))
            .filter(|(text, to)| *text != to)
            .map(|(text, to)| format!("{}: {to}", quoted(text)))
            .collect();
        if !pairs.is_empty() {
            lines.push(format!("      {name}: {{ {} }}   # guessed\n", pairs.join(", ")));
        }
    }
    if !lines.is_empty() {
        let _ = write!(out, "    values:\n{}", lines.concat());
    }
}

/// Customers that only the invoices name.
fn customers(looks: &[FileLook], done: &[&str], shared: &[&str], out: &mut String) {
    let Some(look) = looks.iter().find(|look| look.table == Some("invoices")).filter(|_| done.contains(&"invoices"))
    else {
        out.push_str("  # customers:                 # to fill in: a book needs its customers\n");
        return;
    };
    let from = match shared {
        [] => "invoices".to_owned(),
        others => format!("[invoices, {}]", others.join(", ")),
    };
    let _ = writeln!(
        out,
        "  customers:                   # guessed: no file lists them\n    derive_from: {from}\n    since: first_invoice"
    );
    let free = |column: &&Column| column.taken_for.is_none() && look.headings.is_none();
    let names = look.columns.iter().filter(free);
    let ranked = names.filter_map(|column| Some((aliases::rank("customers.name", &column.header)?, column)));
    if let Some((_, column)) = ranked.min_by_key(|(rank, _)| *rank) {
        let _ = writeln!(out, "    columns: {{ name: {} }}   # guessed", quoted(&column.header));
    }
}

fn line(out: &mut String, text: &str, why: &str) {
    let _ = if why.is_empty() { writeln!(out, "    {text}") } else { writeln!(out, "    {text:<26} # {why}") };
}

/// A text as YAML reads it back.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('\t', "\\t"))
}
