//! The way back from a decoded scalar to its file: which byte each decoded byte came from.

use saphyr_parser::ScalarStyle;

use crate::diag::{OffsetMap, Span};

/// A scalar found in the text of its file.
pub(super) struct Found {
    /// From decoded bytes to bytes of the file.
    pub(super) map: OffsetMap,
    /// The scalar in the file, its quotes included.
    pub(super) span: Span,
}

/// Finds a scalar: `start` is the first byte of its node, which is an anchor or tag when it has properties, and otherwise of
/// its quotes or of its content; `end` is the end of a plain one.
pub(super) fn find(
    file: &str,
    start: usize,
    end: usize,
    style: ScalarStyle,
    has_properties: bool,
    decoded: &str,
) -> Found {
    match style {
        ScalarStyle::Plain if has_properties => plain(file, skip_properties(file, start, end), end, decoded),
        ScalarStyle::Plain => plain(file, start, end, decoded),
        ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => {
            quoted(file, skip_properties(file, start, file.len()), style, decoded)
        }
        ScalarStyle::Literal | ScalarStyle::Folded if has_properties => {
            let first_line = decoded.trim_start_matches('\n');
            let spaces = first_line.len() - first_line.trim_start_matches(' ').len();
            block(file, skip_header(file, start).saturating_sub(spaces), decoded)
        }
        ScalarStyle::Literal | ScalarStyle::Folded => block(file, start, decoded),
    }
}

fn plain(file: &str, start: usize, end: usize, decoded: &str) -> Found {
    let span = Span::new(start, end);
    if file.get(start..end) == Some(decoded) {
        return Found { map: straight(start), span };
    }
    let mut cursor = Cursor::new(file, start, decoded.len());
    let mut chars = decoded.chars();
    while let Some(c) = chars.next() {
        let folded = if matches!(c, ' ' | '\n') { cursor.fold(false) } else { 0 };
        match folded {
            0 => cursor.take(c, c.len_utf8()),
            more => chars.by_ref().take(more - 1).for_each(drop),
        }
    }
    Found { map: cursor.finish(), span }
}

fn quoted(file: &str, start: usize, style: ScalarStyle, decoded: &str) -> Found {
    let quote = if style == ScalarStyle::SingleQuoted { '\'' } else { '"' };
    let inside = start + 1;
    let stands_as_is = !decoded.contains(['\'', '\\', '"', '\n'])
        && file.get(inside..).and_then(|rest| rest.strip_prefix(decoded)).is_some_and(|rest| rest.starts_with(quote));
    if stands_as_is {
        return Found { map: straight(inside), span: Span::new(start, inside + decoded.len() + 1) };
    }
    let mut cursor = Cursor::new(file, inside, decoded.len());
    let mut chars = decoded.chars();
    while let Some(c) = chars.next() {
        let joined = quote == '"' && cursor.skip_escaped_breaks();
        let folded = if matches!(c, ' ' | '\n') { cursor.fold(joined) } else { 0 };
        if folded > 0 {
            chars.by_ref().take(folded - 1).for_each(drop);
            continue;
        }
        let length = match cursor.peek() {
            Some('\'') if quote == '\'' => 2,
            Some('\\') if quote == '"' => cursor.escape_length(),
            _ => c.len_utf8(),
        };
        cursor.take(c, length);
    }
    if quote == '"' {
        cursor.skip_escaped_breaks();
    }
    let close = cursor.at + cursor.rest().find(quote).unwrap_or(0);
    Found { map: cursor.finish(), span: Span::new(start, (close + 1).min(file.len())) }
}

fn block(file: &str, content: usize, decoded: &str) -> Found {
    let line =
        file.get(..content).and_then(|before| before.rfind('\n').or_else(|| before.rfind('\r'))).map_or(0, |at| at + 1);
    let indent = content - line;
    let leading = decoded.len() - decoded.trim_start_matches('\n').len();
    let first = if leading < decoded.len() { lines_before(file, line, leading) } else { content };
    let mut cursor = Cursor::new(file, if leading > 0 { first } else { content }, decoded.len());
    let mut chars = decoded.chars().peekable();
    if leading > 0 && leading < decoded.len() {
        for _ in 0..leading {
            chars.next();
            cursor.skip_blanks();
            cursor.take('\n', cursor.break_length());
        }
        cursor.at = content;
    }
    while let Some(c) = chars.next() {
        if cursor.break_length() == 0 {
            cursor.take(c, c.len_utf8());
            continue;
        }
        let mut run = 1;
        while c == '\n' && chars.next_if_eq(&'\n').is_some() {
            run += 1;
        }
        cursor.breaks(c, run, indent);
    }
    let end =
        file.get(content..cursor.at).map_or(content, |text| content + text.trim_end_matches([' ', '\n', '\r']).len());
    Found { map: cursor.finish(), span: Span::new(content, end) }
}

fn straight(at: usize) -> OffsetMap {
    OffsetMap::Straight(u32::try_from(at).unwrap_or(u32::MAX))
}

/// Past `&anchor`, `!tag` and the space between them.
pub(super) fn skip_properties(file: &str, start: usize, end: usize) -> usize {
    let mut rest = file.get(start..end).unwrap_or("");
    while rest.starts_with(['&', '!']) {
        rest = rest.trim_start_matches(|c: char| !c.is_ascii_whitespace());
        loop {
            let trimmed = rest.trim_start_matches([' ', '\t', '\r', '\n']);
            if !trimmed.starts_with('#') {
                rest = trimmed;
                break;
            }
            rest = trimmed.trim_start_matches(|c| c != '\n');
        }
    }
    end - rest.len()
}

/// From `&anchor |` to the first character of the block that is no space.
fn skip_header(file: &str, start: usize) -> usize {
    let header = skip_properties(file, start, file.len());
    let rest = file.get(header..).unwrap_or("");
    let mut content = header + rest.find(['\n', '\r']).unwrap_or(rest.len());
    loop {
        let rest = file.get(content..).unwrap_or("");
        let line = rest.trim_start_matches(['\n', '\r']).trim_start_matches(' ');
        content = file.len() - line.len();
        if !line.starts_with(['\n', '\r']) {
            return content;
        }
    }
}

/// The beginning of the line this many lines above the one that begins at `line`.
fn lines_before(file: &str, line: usize, count: usize) -> usize {
    let mut before = file.get(..line).unwrap_or("");
    for _ in 0..count {
        before = strip_break(before);
        before = before.get(..before.rfind(['\n', '\r']).map_or(0, |at| at + 1)).unwrap_or("");
    }
    before.len()
}

fn strip_break(text: &str) -> &str {
    text.strip_suffix("\r\n").or_else(|| text.strip_suffix(['\n', '\r'])).unwrap_or(text)
}

/// Walks the file beside the decoded text and notes where each decoded byte stands.
struct Cursor<'a> {
    file: &'a str,
    at: usize,
    table: Vec<u32>,
    /// Whether file and decoded text no longer agree: then nothing better is known than where the scalar begins.
    lost: bool,
}

impl<'a> Cursor<'a> {
    fn new(file: &'a str, at: usize, decoded: usize) -> Self {
        Self { file, at, table: Vec::with_capacity(decoded + 1), lost: false }
    }

    fn rest(&self) -> &'a str {
        self.file.get(self.at..).unwrap_or("")
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    /// Notes one decoded character as standing here, and moves past the bytes that wrote it.
    fn take(&mut self, c: char, written: usize) {
        self.lost |= self.peek().is_some_and(|here| here != c && !matches!(here, '\\' | '\'' | '\r'));
        for byte in 0..c.len_utf8() {
            let within = if written == c.len_utf8() { byte } else { 0 };
            self.table.push(u32::try_from(self.at + within).unwrap_or(u32::MAX));
        }
        self.at = (self.at + written).min(self.file.len());
    }

    fn break_length(&self) -> usize {
        let rest = self.rest();
        if rest.starts_with("\r\n") { 2 } else { usize::from(rest.starts_with(['\n', '\r'])) }
    }

    fn skip_blanks(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches([' ', '\t']).len();
    }

    /// Notes a fold of a flow scalar, when one stands here: one line break is a space, more are one newline less, and all of
    /// them newlines after a `\` at the end of a line. Returns how many decoded characters that was.
    fn fold(&mut self, joined: bool) -> usize {
        let here = self.at;
        self.skip_blanks();
        let mut places = Vec::new();
        while self.break_length() > 0 {
            places.push(self.at);
            self.at += self.break_length();
            self.skip_blanks();
        }
        let Some(first) = places.first_mut() else {
            self.at = here;
            return 0;
        };
        *first = here;
        let kept = if joined { places.len() } else { (places.len() - 1).max(1) };
        self.table.extend(places.iter().take(kept).map(|at| u32::try_from(*at).unwrap_or(u32::MAX)));
        kept
    }

    /// The line breaks of a block scalar, of which `run` newlines (or one space) are left after folding.
    fn breaks(&mut self, c: char, run: usize, indent: usize) {
        let mut places = Vec::new();
        while self.break_length() > 0 {
            places.push(self.at);
            self.at += self.break_length();
            let rest = self.rest();
            let spaces = rest.len() - rest.trim_start_matches(' ').len();
            self.at += spaces.min(indent);
        }
        for i in 0..run {
            let at = places.get(i).or(places.last()).copied().unwrap_or(self.at);
            for _ in 0..c.len_utf8() {
                self.table.push(u32::try_from(at).unwrap_or(u32::MAX));
            }
        }
    }

    /// Past every `\` at the end of a line, which joins it with the next; whether there was one.
    fn skip_escaped_breaks(&mut self) -> bool {
        let before = self.at;
        while self.rest().starts_with("\\\n") || self.rest().starts_with("\\\r") {
            self.at += 1;
            self.at += self.break_length();
            self.skip_blanks();
        }
        self.at > before
    }

    fn escape_length(&self) -> usize {
        match self.rest().chars().nth(1) {
            Some('x') => 4,
            Some('u') => 6,
            Some('U') => 10,
            Some(c) => 1 + c.len_utf8(),
            None => 1,
        }
    }

    fn finish(mut self) -> OffsetMap {
        self.table.push(u32::try_from(self.at).unwrap_or(u32::MAX));
        if self.lost {
            let start = self.table.first().copied().unwrap_or(0);
            self.table.fill(start);
        }
        OffsetMap::Table(self.table.into())
    }
}
