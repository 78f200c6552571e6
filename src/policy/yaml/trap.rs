//! The traps of YAML that a manager meets, each in its own words.

use std::ops::Range;
use std::sync::Arc;

use crate::diag::{Code, Diagnostic, Place, Source, Span};

/// What YAML reads otherwise than it was meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trap {
    /// `!x`
    Bang,
    /// `> 30`
    Greater,
    /// `|| x`
    Pipe,
    /// `@x`, `%x`, `` `x ``, `& x`, `* x`
    Mark,
    /// `? x`
    Question,
    /// `[a..b)`
    Interval,
    /// `max(a, b)` inside `{ }` or `[ ]`
    Comma,
    /// ` #` inside a text
    Hash,
    /// `: ` inside a text
    Colon,
    /// `a:b`
    NoSpace,
    /// `：` or `，`
    FullWidth,
    /// `“x”`
    Curly,
    /// A quote without its pair.
    OpenQuote,
    /// `"A" == tier`
    AfterQuote,
    /// `\d` inside double quotes
    Escape,
    /// `{` or `[` without its pair.
    OpenBracket,
    /// `[ … }`
    WrongBracket,
    /// `]` or `}` without its pair.
    StrayBracket,
    /// `{ … } x`
    AfterBracket,
    /// `key: - item`, or `[ - item ]`
    Dash,
    /// A tab before the text of a line.
    Tab,
}

/// A trap and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Hit {
    pub(super) trap: Trap,
    /// The text concerned.
    pub(super) bytes: Range<usize>,
    /// The bracket that was opened, where one matters.
    pub(super) opened: Option<usize>,
}

impl Hit {
    pub(super) fn new(trap: Trap, bytes: Range<usize>) -> Self {
        Self { trap, bytes, opened: None }
    }

    /// The hit as people see it.
    pub(super) fn explain(&self, source: &Arc<Source>) -> Diagnostic {
        let text = source.text.get(self.bytes.clone()).unwrap_or("");
        let first = text.chars().next().unwrap_or(' ');
        let (message, help) = self.words(text, first);
        let place = Place::new(source, Span::new(self.bytes.start, self.bytes.end));
        let finding = Diagnostic::error(Code::YamlTrap, message, place).help(help);
        match self.opened {
            Some(at) => finding.also(Place::new(source, Span::new(at, at + 1)), "opened here"),
            None => finding,
        }
    }

    fn words(&self, text: &str, first: char) -> (String, String) {
        let quoted = format!("put the value in quotes: `{}`", quote(text));
        match self.trap {
            Trap::Bang => (format!("`{text}` begins with `!`, which YAML takes for a tag"), quoted),
            Trap::Greater => (format!("`{text}` begins with `>`, which YAML takes for a folded text"), quoted),
            Trap::Pipe => (format!("`{text}` begins with `|`, which YAML takes for a text of several lines"), quoted),
            Trap::Mark => (format!("`{text}` begins with `{first}`, which YAML keeps for itself"), quoted),
            Trap::Question => (format!("`{text}` begins with `? `, which YAML takes for a long key"), quoted),
            Trap::Interval => (format!("YAML takes the brackets of `{text}` for those of a list"), quoted),
            Trap::Comma => (format!("YAML splits `{text}` at its comma"), quoted),
            Trap::Hash => ("` #` begins a comment and cuts this text short".to_owned(), quoted),
            Trap::Colon => (
                format!("`: ` inside `{text}` begins another key"),
                format!(
                    "to mean text, put it in quotes: `{}`; between two entries inside `{{ }}`, write a comma",
                    quote(text)
                ),
            ),
            Trap::NoSpace => {
                let spaced = text.replacen(':', ": ", 1);
                (format!("`{text}` has no space after its `:`"), format!("write `{spaced}`"))
            }
            Trap::FullWidth => {
                let (name, plain) = if first == '：' { ("colon", ":") } else { ("comma", ",") };
                (
                    format!("`{first}` is a full-width {name}"),
                    format!("write `{plain}` and a space, or put the text in quotes"),
                )
            }
            Trap::Curly => (
                format!("`{first}` is a curly quote, which does not quote in YAML"),
                format!("write straight quotes: `{}`", quote(text.trim_matches(['“', '”', '‘', '’']))),
            ),
            Trap::OpenQuote => {
                (format!("this `{first}` is never closed"), format!("write `{first}` at the end of the text as well"))
            }
            Trap::AfterQuote => ("the value goes on after its closing quote".to_owned(), quoted),
            Trap::Escape => (
                format!("`{text}` means nothing inside double quotes"),
                "write the text in single quotes, or `\\\\` for a backslash".to_owned(),
            ),
            Trap::OpenBracket => {
                (format!("this `{first}` is never closed"), format!("write `{}` where it ends", closing(first)))
            }
            Trap::WrongBracket => (
                format!("`{text}` closes another kind of bracket"),
                "close `{` with `}` and `[` with `]`; put a cell such as `[60..80)` in quotes".to_owned(),
            ),
            Trap::StrayBracket => {
                (format!("`{text}` closes nothing"), format!("take it out, or open it with `{}`", opening(first)))
            }
            Trap::AfterBracket => {
                let help = "write a comma between values, or put the whole value in quotes";
                (format!("`{text}` follows the closing bracket"), help.to_owned())
            }
            Trap::Dash => (
                format!("a list item cannot begin here: `{text}`"),
                "write each `- ` on a line of its own; inside `[ ]`, commas alone separate".to_owned(),
            ),
            Trap::Tab => {
                ("this line begins with a tab".to_owned(), "write spaces instead of tabs before the text".to_owned())
            }
        }
    }
}

/// A text as it can be written in YAML: in double quotes, or in single quotes when it holds double ones.
pub(super) fn quote(text: &str) -> String {
    if text.contains(['"', '\\']) { format!("'{}'", text.replace('\'', "''")) } else { format!("\"{text}\"") }
}

fn closing(bracket: char) -> char {
    if bracket == '{' { '}' } else { ']' }
}

fn opening(bracket: char) -> char {
    if bracket == '}' { '{' } else { '[' }
}
