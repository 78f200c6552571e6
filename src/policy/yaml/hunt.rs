//! Looking for traps in a text that the YAML scanner could not read, the way its writer meant it.

use std::ops::Range;

use super::extent;
use super::trap::{Hit, Trap};

/// Every trap found, in the order of the text. Only for texts that are not YAML: in others, a text of several lines
/// may look like one.
pub(super) fn hunt(text: &str) -> Vec<Hit> {
    let mut hunter = Hunter {
        text,
        at: 0,
        line: Line::default(),
        line_end: 0,
        content: 0..0,
        open: Vec::new(),
        next: Next::Key,
        block: None,
        keys: None,
        hits: Vec::new(),
    };
    while hunter.at < text.len() && hunter.hits.len() < 50 {
        hunter.line();
    }
    if let Some(open) = hunter.open.pop() {
        hunter.hits.push(Hit::new(Trap::OpenBracket, open.at..open.at + 1));
    }
    hunter.hits
}

struct Hunter<'a> {
    text: &'a str,
    at: usize,
    line: Line,
    /// Where the current line ends, and its part before a comment; found once a line.
    line_end: usize,
    content: Range<usize>,
    open: Vec<Open>,
    next: Next,
    /// Inside a block text: lines indented deeper than this belong to it.
    block: Option<usize>,
    /// The column of the last key.
    keys: Option<usize>,
    hits: Vec<Hit>,
}

#[derive(Default)]
struct Line {
    start: usize,
    indent: usize,
    /// The column of the last dash or key on this line.
    column: usize,
}

struct Open {
    at: usize,
    bracket: char,
    indent: usize,
}

/// What may come next.
#[derive(Clone, Copy, PartialEq)]
enum Next {
    /// A key, a list item or a value.
    Key,
    /// The value of a key.
    Value,
    /// A comma, a colon, a closing bracket or the end of the line.
    After(Trap),
}

impl<'a> Hunter<'a> {
    /// The rest of this line.
    fn whole(&mut self) -> &'a str {
        if self.line_end <= self.at {
            self.line_end = self.at + self.rest().find(['\n', '\r']).unwrap_or(self.rest().len());
        }
        self.text.get(self.at..self.line_end).unwrap_or("")
    }

    /// The rest of this line without a comment and the space before it.
    fn content(&mut self) -> &'a str {
        let whole = self.whole();
        if !self.content.contains(&self.at) || self.content.end > self.line_end {
            self.content = self.at..self.at + extent::line(whole).len();
        }
        self.text.get(self.content.start.max(self.at)..self.content.end).unwrap_or("")
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn line(&mut self) {
        let line = self.rest().split('\n').next().unwrap_or("");
        let indent = line.len() - line.trim_start_matches(' ').len();
        let white = line.len() - line.trim_start_matches([' ', '\t', '\u{FEFF}']).len();
        let content = line.trim();
        let end = self.at + line.len() + 1;
        self.line = Line { start: self.at, indent, column: indent };
        let in_block = self.block.is_some_and(|deeper| indent > deeper);
        if content.is_empty() || content.starts_with('#') || in_block || matches!(line.trim_end(), "---" | "...") {
            self.at = end;
            return;
        }
        self.block = None;
        if self.open.first().is_some_and(|first| indent <= first.indent) && !content.starts_with(['}', ']']) {
            if let Some(open) = self.open.pop() {
                self.hits.push(Hit::new(Trap::OpenBracket, open.at..open.at + 1));
            }
            self.open.clear();
        }
        if self.open.is_empty() {
            self.next = Next::Key;
            if line.get(..white).is_some_and(|white| white.contains('\t')) {
                self.hits.push(Hit::new(Trap::Tab, self.at..self.at + white));
            }
        }
        self.at += white;
        self.until(end);
    }

    fn until(&mut self, mut end: usize) {
        while self.at < end {
            let rest = self.rest();
            let blank = rest.len() - rest.trim_start_matches([' ', '\t', '\r']).len();
            if blank > 0 {
                self.at += blank;
                continue;
            }
            if rest.is_empty() || rest.starts_with('\n') || (rest.starts_with('#') && self.is_after_space()) {
                self.at = end;
                return;
            }
            match self.next {
                Next::After(trap) => self.after(trap, end),
                Next::Key | Next::Value => self.node(end),
            }
            if self.at > end {
                end = self.at + self.rest().find('\n').map_or(self.rest().len(), |at| at + 1);
            }
        }
    }

    fn is_after_space(&self) -> bool {
        self.text.get(..self.at).is_none_or(|before| before.is_empty() || before.ends_with([' ', '\t', '\n']))
    }

    /// After a quoted text or a bracket.
    fn after(&mut self, trap: Trap, end: usize) {
        let rest = self.rest();
        let c = rest.chars().next().unwrap_or(' ');
        match c {
            ':' => {
                self.at += 1;
                self.next = Next::Value;
            }
            ',' if !self.open.is_empty() => {
                self.at += 1;
                self.next = Next::Key;
            }
            '}' | ']' if !self.open.is_empty() => self.close(c),
            _ => {
                let whole = self.hits.last().map_or(0, |hit| hit.bytes.end);
                let start = if trap == Trap::AfterQuote { self.value_start(whole) } else { self.at };
                let stop = self.at + if self.open.is_empty() { self.content().len() } else { extent::flow_value(rest) };
                self.hit(trap, start..stop.max(self.at + 1).min(end));
                self.next = Next::After(Trap::AfterBracket);
            }
        }
    }

    /// Back from here to where the value on this line began, not before the last hit.
    fn value_start(&self, not_before: usize) -> usize {
        let from = self.line.start.max(not_before);
        let before = self.text.get(from..self.at).unwrap_or("");
        let begins =
            before.find(": \"").or_else(|| before.find(": '")).map(|at| at + 2).or_else(|| before.find(['"', '\'']));
        from + begins.unwrap_or(0)
    }

    fn hit(&mut self, trap: Trap, bytes: Range<usize>) {
        let text = self.text.get(bytes.clone()).unwrap_or("");
        let end = bytes.start + text.trim_end().len();
        self.hits.push(Hit::new(trap, bytes.start..end));
        self.at = end.max(self.at + 1);
        while !self.text.is_char_boundary(self.at) {
            self.at += 1;
        }
    }

    fn in_flow(&self) -> bool {
        !self.open.is_empty()
    }

    /// The value that begins here as its writer meant it.
    fn meant(&mut self) -> Range<usize> {
        let rest = self.rest();
        let line = self.content();
        let length = if self.in_flow() { extent::flow_value(line) } else { line.len() };
        self.at..self.at + length.max(rest.chars().next().map_or(0, char::len_utf8))
    }

    fn node(&mut self, end: usize) {
        let rest = self.rest();
        let mut chars = rest.chars();
        let (first, second) = (chars.next().unwrap_or(' '), chars.next().unwrap_or('\n'));
        let before_space = second.is_whitespace();
        match first {
            '"' | '\'' => self.quoted(first),
            '“' | '”' | '‘' | '’' => {
                let closed = self.content().char_indices().skip(1).find(|(_, c)| matches!(c, '”' | '’'));
                let meant = match closed {
                    Some((at, c)) => self.at..self.at + at + c.len_utf8(),
                    None => self.meant(),
                };
                self.hit(Trap::Curly, meant);
                self.next = Next::After(Trap::AfterQuote);
            }
            '[' | '(' if self.interval(rest) => {}
            '{' | '[' => {
                self.open.push(Open { at: self.at, bracket: first, indent: self.line.indent });
                self.at += 1;
                self.next = Next::Key;
            }
            '}' | ']' => self.close(first),
            ',' if self.in_flow() => {
                self.at += 1;
                self.next = Next::Key;
            }
            ':' if before_space => {
                self.at += 1;
                self.next = Next::Value;
            }
            '!' => self.value_hit(Trap::Bang),
            '>' if !self.in_flow() => self.block_or(Trap::Greater, end),
            '|' if !self.in_flow() => self.block_or(Trap::Pipe, end),
            '%' | '@' | '`' | ',' => self.value_hit(Trap::Mark),
            '&' | '*' if before_space || matches!(second, '&' | '*') => self.value_hit(Trap::Mark),
            '&' | '*' => {
                let name = rest
                    .find(|c: char| c.is_whitespace() || matches!(c, ',' | '}' | ']' | '[' | '{'))
                    .unwrap_or(rest.len());
                self.at += name;
                self.next = if first == '*' { Next::After(Trap::AfterBracket) } else { self.next };
            }
            '?' if before_space => self.value_hit(Trap::Question),
            '-' if before_space && self.next == Next::Key && !self.in_flow() => {
                self.at += 1;
                let inside = self.rest().len() - self.rest().trim_start_matches(' ').len();
                self.line.column = self.at + inside - self.line.start;
            }
            '-' if before_space => self.value_hit(Trap::Dash),
            _ if self.in_flow() => self.plain_in_flow(),
            _ => self.plain(end),
        }
    }

    fn value_hit(&mut self, trap: Trap) {
        let meant = self.meant();
        self.hit(trap, meant);
        self.next = Next::After(Trap::AfterBracket);
    }

    /// A cell such as `[60..80)`, where YAML sees a list.
    fn interval(&mut self, rest: &str) -> bool {
        let Some(length) = extent::interval(rest) else { return false };
        let text = rest.get(..length).unwrap_or("");
        if text.starts_with('(') && !(self.in_flow() && text.ends_with(']')) {
            return false;
        }
        self.hit(Trap::Interval, self.at..self.at + length);
        self.next = Next::After(Trap::AfterBracket);
        true
    }

    /// A `|` or `>` that begins a block text, or one that does not.
    fn block_or(&mut self, trap: Trap, end: usize) {
        let header = self.content();
        let is_header = header.len() <= 3 && header.chars().skip(1).all(|c| matches!(c, '+' | '-' | '1'..='9'));
        if is_header {
            let is_item = self.next == Next::Key;
            self.block = Some(if is_item { self.line.column.saturating_sub(1) } else { self.line.column });
            self.at = end;
        } else {
            self.value_hit(trap);
        }
    }

    fn quoted(&mut self, quote: char) {
        let start = self.at;
        let mut chars = self.rest().char_indices().skip(1).peekable();
        while let Some((at, c)) = chars.next() {
            match c {
                '\\' if quote == '"' => {
                    if let Some((_, escaped)) = chars.next()
                        && !escaped.is_whitespace()
                        && !"0abtnvfre\"/\\N_LPxuU".contains(escaped)
                    {
                        self.hits.push(Hit::new(Trap::Escape, start + at..start + at + 1 + escaped.len_utf8()));
                    }
                }
                '\'' if quote == '\'' && chars.next_if(|(_, next)| *next == '\'').is_some() => {}
                '\n' if self.goes_back(start + at + 1) => break,
                _ if c == quote => {
                    self.at = start + at + 1;
                    self.next = Next::After(Trap::AfterQuote);
                    return;
                }
                _ => {}
            }
        }
        self.hits.push(Hit::new(Trap::OpenQuote, start..start + 1));
        self.open.clear();
        self.at = start + self.rest().find('\n').map_or(self.rest().len(), |at| at + 1);
    }

    /// Whether the text after this line break is a line no deeper than this one: no quoted text goes on there.
    fn goes_back(&self, line: usize) -> bool {
        let rest = self.text.get(line..).unwrap_or("");
        let content = rest.trim_start_matches(' ');
        !content.starts_with(['\n', '\r']) && rest.len() - content.len() <= self.line.indent
    }

    fn close(&mut self, bracket: char) {
        let here = self.at..self.at + 1;
        match self.open.pop() {
            Some(open) if (open.bracket == '{') == (bracket == '}') => self.at += 1,
            Some(open) => {
                self.hits.push(Hit { opened: Some(open.at), ..Hit::new(Trap::WrongBracket, here) });
                self.open.pop_if(|outer| (outer.bracket == '{') == (bracket == '}'));
                self.at += 1;
            }
            None => self.hit(Trap::StrayBracket, here),
        }
        self.next = Next::After(Trap::AfterBracket);
    }

    /// An unquoted text outside brackets: a key, or a value to the end of the line.
    fn plain(&mut self, end: usize) {
        let line = self.content();
        let colon = line.find(": ").or_else(|| line.len().checked_sub(1).filter(|_| line.ends_with(':')));
        match (self.next, colon) {
            (Next::Key, Some(length)) => {
                let key = line.get(..length).unwrap_or("");
                self.line.column = self.at - self.line.start;
                self.keys = Some(self.line.column);
                // Behind a full-width colon the value was read as a part of the key.
                let is_split = self.full_width(key) && line.matches('{').count() == line.matches('}').count();
                if is_split {
                    self.at = end;
                } else {
                    self.at += length + 1;
                    self.next = Next::Value;
                }
            }
            (Next::Key, None) => {
                if self.keys == Some(self.at - self.line.start) {
                    self.not_a_key(line);
                }
                self.at = end;
            }
            (_, Some(_)) => {
                self.hit(Trap::Colon, self.at..self.at + line.len());
                self.at = end;
            }
            (_, None) => {
                let whole = self.whole();
                if extent::is_unbalanced(line) && whole.trim_end().len() > line.len() {
                    self.hit(Trap::Hash, self.at..self.at + whole.len());
                }
                self.at = end;
            }
        }
    }

    /// A line where a key is due and no `: ` stands.
    fn not_a_key(&mut self, line: &str) {
        let name = line.len() - line.trim_start_matches(|c: char| c.is_alphanumeric() || matches!(c, '_' | '.')).len();
        let after = line.get(name..).unwrap_or("");
        if name > 0 && after.starts_with('：') {
            self.full_width(line);
        } else if name > 0 && after.starts_with(':') {
            self.hits.push(Hit::new(Trap::NoSpace, self.at..self.at + line.len()));
        }
    }

    /// The first full-width colon or comma of a text that is none.
    fn full_width(&mut self, text: &str) -> bool {
        let Some(at) = text.find(['：', '，']) else { return false };
        self.hits.push(Hit::new(Trap::FullWidth, self.at + at..self.at + at + '：'.len_utf8()));
        true
    }

    /// An unquoted text inside brackets.
    fn plain_in_flow(&mut self) {
        let line = self.content();
        let meant = line.get(..extent::flow_value(line)).unwrap_or(line);
        let colon = meant.find(": ").or_else(|| meant.len().checked_sub(1).filter(|_| meant.ends_with(':')));
        if let (Next::Key, Some(length)) = (self.next, colon) {
            self.full_width(meant.get(..length).unwrap_or(""));
            self.at += length + 1;
            self.next = Next::Value;
            return;
        }
        let whole = self.whole();
        let is_cut = meant.len() == line.len() && whole.trim_end().len() > line.len();
        if colon.is_some() {
            if self.full_width(meant) {
                self.at += meant.len();
            } else {
                self.hit(Trap::Colon, self.at..self.at + meant.len());
            }
        } else if is_cut && extent::is_unbalanced(meant) {
            let text = whole.get(..extent::flow_value(whole)).unwrap_or(whole);
            self.hit(Trap::Hash, self.at..self.at + text.len());
        } else if meant.contains(',') {
            self.hit(Trap::Comma, self.at..self.at + meant.len());
        } else {
            self.at += meant.len();
        }
        self.next = Next::After(Trap::AfterBracket);
    }
}
