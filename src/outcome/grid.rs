//! Tables in a terminal.

use std::fmt::Write as _;

use comfy_table::{Cell, CellAlignment, ColumnConstraint, ContentArrangement, LineStyle, Table, Width, presets};

/// Draws tables.
pub(crate) struct Grid {
    /// How many columns the terminal is wide.
    pub(crate) width: u16,
}

impl Grid {
    /// A table whose first columns are text and the others numbers; no number columns: all but the first are text.
    pub(crate) fn draw(
        &self,
        out: &mut String,
        heads: &[String],
        rows: &[Vec<String>],
        texts: usize,
        with_total: bool,
    ) {
        let mut table = Table::new();
        let line = LineStyle::none().fill('─').junction('─');
        table.load_style(presets::NOTHING.header_separator(line)).set_width(self.width);
        // Numbers are not broken, reasons are.
        let arrangement = if texts == 0 { ContentArrangement::Dynamic } else { ContentArrangement::Disabled };
        table.set_content_arrangement(arrangement);
        let is_number = |at: usize| if texts == 0 { at == 0 } else { at >= texts };
        let cell = |(at, text): (usize, &String)| {
            let align = if is_number(at) { CellAlignment::Right } else { CellAlignment::Left };
            Cell::new(text).set_alignment(align)
        };
        table.set_header(heads.iter().enumerate().map(cell));
        for row in rows {
            table.add_row(row.iter().enumerate().map(cell));
        }
        let widest = rows
            .iter()
            .filter_map(|row| row.last())
            .map(|text| unicode_width::UnicodeWidthStr::width(text.as_str()))
            .max();
        if texts == 0
            && widest.is_some_and(|w| w > 40)
            && let Some(column) = table.column_mut(heads.len().saturating_sub(1))
        {
            column.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(30)));
        }
        let lines: Vec<String> = table.lines().collect();
        let last = lines.len().saturating_sub(1);
        for (number, line) in lines.iter().enumerate() {
            // The line under the heads stands over the total too.
            if with_total && number == last {
                let _ = writeln!(out, "{}", lines.get(1).map_or("", |line| line.trim_end()));
            }
            let _ = writeln!(out, "{}", line.trim_end());
        }
    }
}

/// A number with its thousands apart: for the terminal only, files never carry it.
pub(crate) fn thousands(number: &str) -> String {
    let (sign, number) = number.strip_prefix('-').map_or(("", number), |rest| ("-", rest));
    let (whole, rest) = number.find('.').map_or((number, ""), |dot| number.split_at(dot));
    let digits = whole.len();
    let mut out = sign.to_string();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (digits - at) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    out.push_str(rest);
    out
}
