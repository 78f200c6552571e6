//! Text that YAML reads, but not as it was meant.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use super::super::tree::{Entry, Scalar, Tree, TreeKind};
use super::extent;
use super::trap::{Hit, Trap, quote};
use crate::diag::{Code, Diagnostic, OffsetMap, Place, Source, SourceText, Span};

/// Reports what was probably not meant, and puts together again what YAML split at a comma, so that one slip is one error.
pub(super) fn check(tree: &mut Tree, source: &Arc<Source>, sink: &mut Vec<Diagnostic>) {
    Check { source, seen: BTreeSet::new(), sink }.tree(tree, false);
}

struct Check<'a> {
    source: &'a Arc<Source>,
    /// Where a finding stands already: what an alias repeats is one finding.
    seen: BTreeSet<(usize, usize)>,
    sink: &'a mut Vec<Diagnostic>,
}

impl Check<'_> {
    fn tree(&mut self, tree: &mut Tree, in_flow: bool) {
        let in_flow = in_flow || tree.place.text().starts_with(['{', '[']);
        match &mut tree.kind {
            TreeKind::Scalar(scalar) => self.scalar(scalar, &tree.place, in_flow),
            TreeKind::List(items) => {
                if let [item] = items.as_slice()
                    && is_bare(item)
                    && extent::interval(tree.place.text()) == Some(tree.place.text().len())
                {
                    self.hit(Trap::Interval, bytes(&tree.place));
                    return;
                }
                if in_flow {
                    self.join_items(items);
                }
                items.iter_mut().for_each(|item| self.tree(item, in_flow));
            }
            TreeKind::Map(entries) => {
                if in_flow {
                    self.join_entries(entries);
                }
                for entry in entries {
                    self.key(entry);
                    self.tree(&mut entry.value, in_flow);
                }
            }
        }
    }

    fn hit(&mut self, trap: Trap, bytes: Range<usize>) {
        self.report(&bytes, Hit::new(trap, bytes.clone()).explain(self.source));
    }

    fn report(&mut self, bytes: &Range<usize>, finding: Diagnostic) {
        if self.seen.insert((bytes.start, bytes.end)) {
            self.sink.push(finding);
        }
    }

    fn key(&mut self, entry: &Entry) {
        let written = entry.key_place.text();
        let start = entry.key_place.span.start as usize;
        let before = self.source.text.get(..start).unwrap_or("").trim_end_matches([' ', '\t']);
        if before.ends_with('?') {
            self.hit(Trap::Question, before.len() - 1..entry.key_place.span.end as usize);
        }
        if written.starts_with(['"', '\'']) {
            return;
        }
        if let Some(at) = written.find(['：', '，']) {
            self.hit(Trap::FullWidth, start + at..start + at + '：'.len_utf8());
        } else if entry.value.is_null() && written.contains(':') {
            self.hit(Trap::NoSpace, bytes(&entry.key_place));
        }
    }

    fn scalar(&mut self, scalar: &Scalar, place: &Place, in_flow: bool) {
        if scalar.quoted {
            return;
        }
        let text = scalar.text.text.as_str();
        let after = self.source.text.get(place.span.end as usize..).unwrap_or("");
        let is_comment = after.starts_with([' ', '\t']) && after.trim_start_matches([' ', '\t']).starts_with('#');
        if is_comment && extent::is_unbalanced(text) {
            let rest_of_line = after.split(['\n', '\r']).next().unwrap_or("");
            let end = place.span.end as usize + rest_of_line.trim_end().len();
            self.hit(Trap::Hash, place.span.start as usize..end);
        }
        if in_flow && text.contains("??") {
            let message = format!("`{text}` has `??` inside brackets, which some YAML tools refuse");
            let help = format!("put the value in quotes: `{}`", quote(text));
            let finding = Diagnostic::error(Code::YamlTrap, message, place.clone()).help(help);
            self.report(&bytes(place), finding.as_warning());
        }
        if text.starts_with('“') && text.ends_with('”') {
            let finding = Hit::new(Trap::Curly, bytes(place)).explain(self.source);
            self.report(&bytes(place), finding.as_warning());
        }
    }

    /// `{ when: max(a, b) > 3 }` is read as two entries, the second without a value; so is `{ at_most: 1,000 }`.
    fn join_entries(&mut self, entries: &mut Vec<Entry>) {
        let mut joined: Vec<Entry> = Vec::with_capacity(entries.len());
        for entry in entries.drain(..) {
            let piece = entry.value.is_null().then_some(&entry.key_place);
            if let (Some(piece), Some(last)) = (piece, joined.last_mut())
                && is_bare(&last.value)
                && (extent::is_unbalanced(last.value.place.text())
                    || extent::has_comma(&format!("{},{}", last.value.place.text(), piece.text())))
                && self.join(&mut last.value, piece)
            {
                continue;
            }
            joined.push(entry);
        }
        *entries = joined;
        entries.iter().for_each(|entry| self.report_joined(&entry.value));
    }

    fn join_items(&mut self, items: &mut Vec<Tree>) {
        let mut joined: Vec<Tree> = Vec::with_capacity(items.len());
        for item in items.drain(..) {
            if let Some(last) = joined.last_mut()
                && is_bare(last)
                && is_bare(&item)
                && extent::is_unbalanced(last.place.text())
                && self.join(last, &item.place)
            {
                continue;
            }
            joined.push(item);
        }
        *items = joined;
        items.iter().for_each(|item| self.report_joined(item));
    }

    /// Puts a piece behind a value, when only a comma stands between them.
    fn join(&self, value: &mut Tree, piece: &Place) -> bool {
        let span = Span { start: value.place.span.start, end: piece.span.end };
        let between = self.source.text.get(value.place.span.end as usize..piece.span.start as usize).unwrap_or("");
        if (span.end - span.start) as usize > extent::FAR || between.trim() != "," || between.contains('\n') {
            return false;
        }
        let place = Place::new(self.source, span);
        let text = SourceText {
            source: Arc::clone(self.source),
            text: place.text().to_owned(),
            map: OffsetMap::Straight(span.start),
        };
        *value = Tree { kind: TreeKind::Scalar(Scalar { text, quoted: false, elsewhere: false }), place };
        true
    }

    fn report_joined(&mut self, value: &Tree) {
        if is_bare(value) && value.place.text().contains(", ") && !extent::is_unbalanced(value.place.text()) {
            self.hit(Trap::Comma, bytes(&value.place));
        }
    }
}

fn is_bare(tree: &Tree) -> bool {
    tree.scalar().is_some_and(|scalar| !scalar.quoted) && !tree.is_null()
}

fn bytes(place: &Place) -> Range<usize> {
    place.span.start as usize..place.span.end as usize
}
