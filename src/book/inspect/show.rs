//! What was found, for people.

use std::fmt::Write as _;

use comfy_table::{ContentArrangement, Table, presets};
use serde_json::{Value as Json, json};

use super::{Column, FileLook, Inspection};

/// The words of the report, English and Chinese.
const WORDS: &[(&str, &str, &str)] = &[
    ("blank", "blank", "空"),
    ("text", "text", "文本"),
    ("yes_no", "yes or no", "是或否"),
    ("number", "number", "数字"),
    ("whole", "whole number", "整数"),
    ("date", "date", "日期"),
    ("column", "column", "列"),
    ("looks", "looks like", "内容"),
    ("different", "different", "不同值"),
    ("range", "from … to", "范围"),
    ("examples", "examples", "示例"),
    ("read_as", "read as", "读作"),
    ("header", "header in line", "表头在第几行:"),
    ("rows", "rows", "行"),
    ("table", "taken for", "视为"),
    ("no_table", "no table", "不明"),
];

/// The report, as wide as a terminal.
pub fn show(inspection: &Inspection, lang: &str, width: u16) -> String {
    let mut out = String::new();
    for look in &inspection.files {
        file(look, lang, width, &mut out);
    }
    out
}

fn word(key: &str, lang: &str) -> &'static str {
    let found = WORDS.iter().find(|(known, ..)| *known == key);
    found.map_or("", |(_, en, zh)| if lang == "zh" { zh } else { en })
}

fn file(look: &FileLook, lang: &str, width: u16, out: &mut String) {
    let word = |key: &str| word(key, lang);
    let form = match look.delimiter {
        None => "JSON Lines".to_owned(),
        Some('\t') => "CSV, tab".to_owned(),
        Some(mark) => format!("CSV, `{mark}`"),
    };
    let how = match look.columnar {
        Some(columnar) => columnar.to_owned(),
        None => format!("{}, {form}, {} {}", look.encoding, word("header"), look.header_row),
    };
    let table = look.table.map_or(word("no_table").to_owned(), |table| format!("`{table}`"));
    let (rows, taken) = (word("rows"), word("table"));
    let _ = writeln!(out, "{}: {how}, {} {rows}, {taken} {table}", look.file, look.rows);
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_width(width).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(["column", "looks", "blank", "different", "range", "examples", "read_as"].map(word));
    for column in &look.columns {
        table.add_row(cells(column, &word));
    }
    let _ = writeln!(out, "{table}\n");
}

fn cells(column: &Column, word: &dyn Fn(&str) -> &'static str) -> [String; 7] {
    let share = (column.blank * 100).checked_div(column.rows).unwrap_or(0);
    let blank = if column.blank > 0 && share == 0 { "<1 %".to_owned() } else { format!("{share} %") };
    let few = || column.few.iter().map(|(text, times)| format!("{text} ({times})")).collect::<Vec<_>>().join("; ");
    let repeats = !column.few.is_empty() && column.few.iter().any(|(_, times)| *times > 1);
    [
        column.header.clone(),
        column.looks.shown(word),
        blank,
        column.distinct.to_string(),
        column.range.as_ref().map(|(least, most)| format!("{least} … {most}")).unwrap_or_default(),
        short(&super::one_line(&if repeats { few() } else { column.examples.join("; ") })),
        column.taken_for.clone().unwrap_or_default(),
    ]
}

/// A text of no more than a few words.
fn short(text: &str) -> String {
    const MOST: usize = 48;
    if text.chars().count() <= MOST { text.to_owned() } else { text.chars().take(MOST - 1).chain(['…']).collect() }
}

/// The same for machines.
pub fn inspection_json(inspection: &Inspection) -> Json {
    let column = |column: &Column| {
        json!({
            "header": column.header, "looks": column.looks.shown(&|key| word(key, "en")), "rows": column.rows,
            "blank": column.blank, "different": column.distinct, "few": column.few, "range": column.range,
            "examples": column.examples, "read_as": column.taken_for,
        })
    };
    let file = |look: &FileLook| {
        json!({
            "file": look.file, "columnar": look.columnar, "encoding": look.encoding, "delimiter": look.delimiter, "header_row": look.header_row,
            "rows": look.rows, "table": look.table, "columns": look.columns.iter().map(column).collect::<Vec<_>>(),
        })
    };
    json!({ "files": inspection.files.iter().map(file).collect::<Vec<_>>(), "book_yaml": inspection.yaml })
}
