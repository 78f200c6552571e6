//! The page an explanation is printed on: lines with a name, a value, and how it came about, the place at the end.

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// A page so many columns wide.
pub(super) struct Page {
    width: usize,
    out: String,
}

impl Page {
    pub(super) fn new(width: usize) -> Self {
        Self { width, out: String::new() }
    }

    pub(super) fn text(self) -> String {
        self.out
    }

    pub(super) fn heading(&mut self, text: &str) {
        self.out.push('\n');
        self.line(text);
        let rule = "─".repeat(text.width().min(self.width));
        self.line(&rule);
    }

    pub(super) fn blank(&mut self) {
        if !self.out.ends_with("\n\n") {
            self.out.push('\n');
        }
    }

    pub(super) fn line(&mut self, text: &str) {
        self.out.push_str(text.trim_end());
        self.out.push('\n');
    }

    /// A text, indented; too long for the page, it goes on in the next line.
    pub(super) fn words(&mut self, indent: usize, text: &str) {
        let mut line = " ".repeat(indent);
        for word in text.split_inclusive([' ', '，', '；']) {
            if line.width() > indent && line.width() + word.trim_end().width() > self.width {
                self.line(&line);
                line = " ".repeat(indent + 2);
            }
            line.push_str(word);
        }
        self.line(&line);
    }

    /// A start, its details and a place at the right end; details that are too long go on below.
    pub(super) fn wrapped(&mut self, indent: usize, start: &str, details: &str, place: &str) {
        let hang = indent + start.width() + 3;
        let room = |first: bool| self.width.saturating_sub(if first { place.width() + 2 } else { 0 });
        let mut lines = vec![format!("{}{start}   ", " ".repeat(indent))];
        for detail in details.split_inclusive(", ") {
            let first = lines.len() == 1;
            let fits = |line: &String| line.width() + detail.trim_end().width() <= room(first);
            match lines.last_mut() {
                Some(line) if fits(line) => line.push_str(detail),
                _ => lines.push(format!("{}{detail}", " ".repeat(hang.min(self.width / 2)))),
            }
        }
        for (number, line) in lines.iter().enumerate() {
            if number == 0 {
                self.ended(line.trim_end(), place);
            } else {
                self.line(&cut(line.trim_end(), self.width));
            }
        }
    }

    /// A start, a formula where there is room for all of it, and a place at the right end.
    pub(super) fn formula(&mut self, indent: usize, start: &str, formula: &str, place: &str) {
        let start = format!("{}{start}", " ".repeat(indent));
        let room = self.width.saturating_sub(start.width() + place.width() + 5);
        // A part of a formula says less than none; an aggregate's first words say the most.
        let first = formula.split(", ").next().unwrap_or_default();
        let short = if first.matches('(').count() == first.matches(')').count() { first } else { "" };
        let shown = [formula, short].into_iter().find(|text| text.width() <= room).unwrap_or_default();
        let gap = if shown.is_empty() { "" } else { "   " };
        self.ended(&format!("{start}{gap}{shown}"), place);
    }

    /// A line with something at its right end; where both do not fit, the place goes below.
    fn ended(&mut self, left: &str, right: &str) {
        let gap = self.width.saturating_sub(left.width() + right.width());
        if gap < 2 {
            self.line(&cut(left, self.width));
            let gap = self.width.saturating_sub(right.width());
            self.line(&format!("{}{right}", " ".repeat(gap)));
            return;
        }
        self.line(&format!("{left}{}{right}", " ".repeat(gap)));
    }

    /// Rows of cells under heads; numbers to the right.
    pub(super) fn table(&mut self, rows: &[Vec<String>]) {
        let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
        let cell = |row: &Vec<String>, at: usize| row.get(at).cloned().unwrap_or_default();
        let wide: Vec<usize> =
            (0..columns).map(|at| rows.iter().map(|r| cell(r, at).width()).max().unwrap_or(0)).collect();
        let numbers: Vec<bool> = (0..columns).map(|at| rows.iter().skip(1).all(|r| is_number(&cell(r, at)))).collect();
        for row in rows {
            let mut line = String::new();
            for (at, (wide, number)) in wide.iter().zip(&numbers).enumerate() {
                let text = cell(row, at);
                let gap = " ".repeat(wide - text.width().min(*wide));
                line.push_str("  ");
                line.push_str(&if *number { format!("{gap}{text}") } else { format!("{text}{gap}") });
            }
            let line = cut(&line, self.width);
            self.line(&line);
        }
    }
}

fn is_number(text: &str) -> bool {
    text.chars().all(|c| c.is_ascii_digit() || ",.-".contains(c))
}

/// A text of at most so many columns, with `…` where something was left out.
fn cut(text: &str, room: usize) -> String {
    if text.width() <= room {
        return text.into();
    }
    let mut out = String::new();
    let mut wide = 0;
    for c in text.chars() {
        wide += c.width().unwrap_or(0);
        if wide + 1 > room {
            break;
        }
        out.push(c);
    }
    out.push('…');
    out
}

/// A text with blanks after it, so many columns wide.
pub(super) fn padded(text: &str, wide: usize) -> String {
    format!("{text}{}", " ".repeat(wide.saturating_sub(text.width())))
}

/// A text with blanks before it, so many columns wide.
pub(super) fn right(text: &str, wide: usize) -> String {
    format!("{}{text}", " ".repeat(wide.saturating_sub(text.width())))
}
