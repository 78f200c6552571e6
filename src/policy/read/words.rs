//! Texts for people, in one language or several.

use std::collections::BTreeMap;

use super::super::tree::{Tree, TreeKind};
use super::text;
use crate::diag::{Code, Diagnostic, SourceText};

/// A text (under the key `""`), or a mapping from languages (`en`, `zh`, `pt-BR`) to texts.
pub fn words(tree: &Tree, sink: &mut Vec<Diagnostic>) -> Option<BTreeMap<String, SourceText>> {
    if let TreeKind::List(_) = &tree.kind {
        let finding = Diagnostic::error(Code::WrongShape, "a text is needed here, not a list", tree.place.clone());
        sink.push(finding.help("write one text, or one for each language: `{ en: …, zh: … }`"));
        return None;
    }
    let TreeKind::Map(entries) = &tree.kind else {
        return text(tree, sink).map(|text| BTreeMap::from([(String::new(), text.clone())]));
    };
    let mut words = BTreeMap::new();
    let mut complete = !entries.is_empty();
    if entries.is_empty() {
        sink.push(
            Diagnostic::error(Code::WrongShape, "a text in at least one language is needed here", tree.place.clone())
                .help("write `{ en: …, zh: … }`"),
        );
    }
    for entry in entries {
        if !is_language(&entry.key) {
            let message = format!("`{}` is not a language code", entry.key);
            let help = "write the texts under codes such as `en`, `zh` or `pt-BR`";
            sink.push(Diagnostic::error(Code::UnknownKey, message, entry.key_place.clone()).help(help));
            complete = false;
            continue;
        }
        match text(&entry.value, sink) {
            Some(text) => drop(words.insert(entry.key.clone(), text.clone())),
            None => complete = false,
        }
    }
    complete.then_some(words)
}

fn is_language(code: &str) -> bool {
    let mut parts = code.split('-');
    let first = parts.next().unwrap_or("");
    (2..=3).contains(&first.len())
        && first.bytes().all(|b| b.is_ascii_lowercase())
        && parts.all(|part| (2..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric()))
}
