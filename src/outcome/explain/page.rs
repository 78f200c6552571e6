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

    /// A line with something at its right end; the left gives way.
    pub(super) fn ended(&mut self, indent: usize, left: &str, right: &str) {
        let room = self.width.saturating_sub(indent + right.width() + 2);
        let left = cut(left, room);
        let gap = (self.width - (indent + right.width()).min(self.width)).saturating_sub(left.width());
        self.line(&format!("{}{left}{}{right}", " ".repeat(indent), " ".repeat(gap)));
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
