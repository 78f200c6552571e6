//! From the events of the YAML scanner to a tree.

use std::collections::BTreeMap;
use std::sync::Arc;

use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, StrInput, Tag};

use super::super::tree::{Entry, Scalar, Tree, TreeKind};
use super::anchors::{Alias, Anchors};
use super::chars::Chars;
use super::trap::{Hit, Trap};
use super::{MAX_DEPTH, align, extent, failure, merge};
use crate::diag::{Code, Diagnostic, OffsetMap, Place, Source, SourceText, Span};

/// Reading stopped; why is in the sink.
struct Stop;

/// Builds the tree of one file.
pub(super) struct Builder<'s, 'd> {
    source: &'s Arc<Source>,
    chars: Chars,
    parser: Parser<'s, StrInput<'s>>,
    anchors: Anchors,
    sink: &'d mut Vec<Diagnostic>,
}

/// An event and where it begins and ends, in bytes.
struct Found<'s> {
    event: Event<'s>,
    span: Span,
}

impl<'s, 'd> Builder<'s, 'd> {
    pub(super) fn new(source: &'s Arc<Source>, sink: &'d mut Vec<Diagnostic>) -> Self {
        Self {
            source,
            chars: Chars::of(&source.text),
            parser: Parser::new_from_str(&source.text),
            anchors: Anchors::default(),
            sink,
        }
    }

    /// The one document of the file; `None` when it has none or reading stopped.
    pub(super) fn file(mut self) -> Option<Tree> {
        let mut tree = None;
        let mut documents = 0;
        loop {
            let found = self.next().ok()?;
            match found.event {
                Event::StreamEnd => return tree,
                Event::DocumentStart(_) => {
                    documents += 1;
                    if documents > 1 {
                        self.second_document(found.span);
                        return tree;
                    }
                }
                Event::StreamStart | Event::DocumentEnd | Event::Nothing => {}
                _ => tree = Some(self.node(found, 1).ok()?),
            }
        }
    }

    fn second_document(&mut self, span: Span) {
        let start = span.start as usize;
        let end = start + self.source.text.get(start..).map_or(0, |rest| if rest.starts_with("---") { 3 } else { 0 });
        let place = self.place(Span::new(start, end));
        self.sink.push(
            Diagnostic::error(Code::Yaml, "a second document begins here", place)
                .help("take the line `---` out, or put what follows into a file of its own"),
        );
    }

    fn next(&mut self) -> Result<Found<'s>, Stop> {
        match self.parser.next_event() {
            Some(Ok((event, span))) => {
                let (start, end) = (self.chars.byte(span.start.index()), self.chars.byte(span.end.index()));
                Ok(Found { event, span: Span::new(start, end) })
            }
            Some(Err(error)) if is_unknown_anchor(&error) => Ok(self.unknown_anchor(&error)),
            Some(Err(error)) => {
                let at = self.chars.byte(error.marker().index());
                failure::explain(self.source, at, error.info(), self.sink);
                Err(Stop)
            }
            None => Err(Stop),
        }
    }

    /// An alias without an anchor: reported, and read as nothing so that the rest of the file is read too.
    fn unknown_anchor(&mut self, error: &ScanError) -> Found<'s> {
        let start = self.chars.byte(error.marker().index());
        let rest = self.source.text.get(start..).unwrap_or("");
        let length =
            rest.find(|c: char| c.is_whitespace() || matches!(c, ',' | '[' | ']' | '{' | '}')).unwrap_or(rest.len());
        let span = Span::new(start, start + length);
        let name = rest.get(..length).unwrap_or("").trim_start_matches('*');
        self.sink.push(
            Diagnostic::error(Code::Yaml, format!("no value is named `&{name}` above this line"), self.place(span))
                .help(format!("a word that begins with `*` is a reference; to mean text, quote it: `\"*{name}\"`")),
        );
        Found { event: Event::Scalar("".into(), ScalarStyle::Plain, 0, None), span }
    }

    fn node(&mut self, found: Found<'s>, depth: usize) -> Result<Tree, Stop> {
        let Found { event, span } = found;
        if depth > MAX_DEPTH {
            self.too_deep(span);
            return Err(Stop);
        }
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let tree = self.scalar(span, &text, style, anchor > 0 || tag.is_some());
                self.refuse_odd_anchor(anchor, &tree.place, span);
                self.refuse_tag(tag.as_deref(), span, &tree.place);
                self.anchors.keep(anchor, &tree);
                Ok(tree)
            }
            Event::SequenceStart(anchor, tag) => {
                let tree = self.list(span, depth)?;
                self.refuse_tag(tag.as_deref(), span, &tree.place);
                self.anchors.keep(anchor, &tree);
                Ok(tree)
            }
            Event::MappingStart(anchor, tag) => {
                let tree = self.map(span, depth)?;
                self.refuse_tag(tag.as_deref(), span, &tree.place);
                self.anchors.keep(anchor, &tree);
                Ok(tree)
            }
            Event::Alias(id) => self.alias(id, span, depth),
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd
            | Event::SequenceEnd
            | Event::MappingEnd => Ok(self.null(span.start as usize)),
        }
    }

    fn scalar(&mut self, span: Span, text: &str, style: ScalarStyle, has_properties: bool) -> Tree {
        let (start, end) = (span.start as usize, span.end as usize);
        if style == ScalarStyle::Plain && text.is_empty() {
            let at = if has_properties { end } else { self.before_space(start) };
            return self.null(at);
        }
        let found = align::find(&self.source.text, start, end, style, has_properties, text);
        let text = SourceText { source: Arc::clone(self.source), text: text.to_owned(), map: found.map };
        let kind = TreeKind::Scalar(Scalar { text, quoted: style != ScalarStyle::Plain, elsewhere: false });
        Tree { kind, place: self.place(found.span) }
    }

    fn list(&mut self, span: Span, depth: usize) -> Result<Tree, Stop> {
        let mut items = Vec::new();
        loop {
            let found = self.next()?;
            if matches!(found.event, Event::SequenceEnd) {
                let last = items.last().map(|item: &Tree| item.place.span);
                return Ok(Tree { kind: TreeKind::List(items), place: self.collection(span, last, found.span, b'[') });
            }
            items.push(self.node(found, depth + 1)?);
        }
    }

    fn map(&mut self, span: Span, depth: usize) -> Result<Tree, Stop> {
        let mut entries: Vec<Entry> = Vec::new();
        let mut first_of: BTreeMap<String, Place> = BTreeMap::new();
        let mut merges = Vec::new();
        let mut last = None;
        loop {
            let found = self.next()?;
            if matches!(found.event, Event::MappingEnd) {
                for from in merges {
                    merge::merge(&mut entries, from, self.sink);
                }
                return Ok(Tree { kind: TreeKind::Map(entries), place: self.collection(span, last, found.span, b'{') });
            }
            let is_merge = matches!(&found.event, Event::Scalar(text, ScalarStyle::Plain, ..) if text == "<<");
            let written = found.span;
            let key = self.node(found, depth + 1)?;
            let value = self.next()?;
            let alias = matches!(value.event, Event::Alias(_)).then_some(value.span);
            let mut value = self.node(value, depth + 1)?;
            if value.is_null() && value.place.span.start == value.place.span.end {
                value = self.null(self.after_key(written.end as usize));
            }
            last = Some(alias.unwrap_or(value.place.span));
            let Some(name) = self.key(&key, written) else { continue };
            // The thousands of `1,000,000` are no keys: they are put together again later.
            let is_group = value.is_null() && name.len() == 3 && name.chars().all(|c| c.is_ascii_digit());
            if let Some(first) = first_of.get(&name).filter(|_| !is_group) {
                let message = format!("`{name}` stands twice in this mapping");
                let finding = Diagnostic::error(Code::DuplicateKey, message, key.place)
                    .label("again here")
                    .also(first.clone(), "first here")
                    .help("keep one of the two");
                self.sink.push(finding);
                continue;
            }
            first_of.insert(name.clone(), key.place.clone());
            if is_merge {
                merges.push(value);
            } else {
                entries.push(Entry { key: name, key_place: key.place, value });
            }
        }
    }

    fn key(&mut self, key: &Tree, written: Span) -> Option<String> {
        let (message, help) = match &key.kind {
            TreeKind::Scalar(scalar) if !key.is_null() || scalar.quoted => return Some(scalar.text.text.clone()),
            TreeKind::Scalar(_) => ("a key is missing before the `:`", "write a name before the `:`"),
            _ => ("a key must be a word, not a list or a mapping", "write one word, then `:`, then the value"),
        };
        let place = if key.is_null() { self.place(written) } else { key.place.clone() };
        self.sink.push(Diagnostic::error(Code::WrongShape, message, place).help(help));
        None
    }

    fn alias(&mut self, id: usize, span: Span, depth: usize) -> Result<Tree, Stop> {
        let place = self.place(span);
        match self.anchors.expand(id, depth) {
            Alias::Value(tree) => Ok(tree),
            Alias::Circular => {
                let message = format!("`{}` stands inside the value that it names", place.text());
                self.sink.push(Diagnostic::error(Code::Yaml, message, place).help("write the value out"));
                Ok(self.null(span.start as usize))
            }
            Alias::TooLarge => {
                self.sink.push(
                    Diagnostic::error(Code::TooLarge, "the references of this file add up to too many values", place)
                        .help("at most 100000 values, 64 levels deep, may come from references: write a CSV table instead"),
                );
                Err(Stop)
            }
        }
    }

    /// A tag, and what follows it on its line: most often a `!` that was to mean `not`.
    fn refuse_tag(&mut self, tag: Option<&Tag>, node: Span, value: &Place) {
        if tag.is_none() {
            return;
        }
        let start = node.start as usize;
        let written = self.source.text.get(start..).unwrap_or("");
        let line = written.split(['\n', '\r']).next().unwrap_or("");
        let tag = line.find(char::is_whitespace).unwrap_or(line.len());
        let has_comma = line.get(..tag).is_some_and(|tag| tag.contains(','));
        let end = match (value.span.end as usize).clamp(start + tag, start + line.len()) {
            _ if has_comma => start + extent::flow_value(line),
            end => end,
        };
        self.sink.push(Hit::new(Trap::Bang, start..end).explain(self.source));
    }

    /// `when: && x`, which is an anchor called `&` to YAML.
    fn refuse_odd_anchor(&mut self, anchor: usize, value: &Place, node: Span) {
        let place = self.place(node.to(value.span));
        let is_odd = place.text().chars().nth(1).is_some_and(|c| !c.is_alphanumeric() && c != '_');
        if anchor > 0 && is_odd {
            self.sink.push(Hit::new(Trap::Mark, node.start as usize..place.span.end as usize).explain(self.source));
        }
    }

    fn too_deep(&mut self, span: Span) {
        let place = self.place(Span::new(span.start as usize, span.start as usize));
        self.sink.push(
            Diagnostic::error(Code::TooLarge, "lists and mappings nest more than 64 levels deep here", place)
                .help("write it flatter"),
        );
    }

    fn null(&self, at: usize) -> Tree {
        let map = OffsetMap::Straight(u32::try_from(at).unwrap_or(u32::MAX));
        let text = SourceText { source: Arc::clone(self.source), text: String::new(), map };
        Tree {
            kind: TreeKind::Scalar(Scalar { text, quoted: false, elsewhere: false }),
            place: self.place(Span::new(at, at)),
        }
    }

    /// A flow collection ends with its bracket, a block collection with its last value.
    fn collection(&self, span: Span, last: Option<Span>, end: Span, bracket: u8) -> Place {
        let start = span.start as usize;
        let bracket_at = align::skip_properties(&self.source.text, start, self.source.text.len());
        let is_flow = self.source.text.as_bytes().get(bracket_at) == Some(&bracket);
        let end = match last {
            _ if is_flow => end.start as usize + 1,
            Some(last) => last.end as usize,
            None => start,
        };
        self.place(Span::new(start, end.max(start)))
    }

    fn before_space(&self, at: usize) -> usize {
        self.source.text.get(..at).map_or(at, |before| before.trim_end().len())
    }

    /// Just after the `:` that follows a key, or after the key when there is none.
    fn after_key(&self, end: usize) -> usize {
        let rest = self.source.text.get(end..).unwrap_or("");
        let trimmed = rest.trim_start_matches([' ', '\t']);
        if trimmed.starts_with(':') { end + rest.len() - trimmed.len() + 1 } else { end }
    }

    fn place(&self, span: Span) -> Place {
        Place::new(self.source, span)
    }
}

/// The one error after which the scanner can go on.
fn is_unknown_anchor(error: &ScanError) -> bool {
    error.info().ends_with("unknown anchor")
}
