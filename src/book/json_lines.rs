//! JSON Lines: one object a line; its keys are the headers.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::rows::TooLarge;
use super::sheet::{OwnCells, Record, header_name};
use crate::diag::{Place, Source, Span};

/// Objects within objects deeper than this are not read.
const DEEPEST: usize = 8;

/// A text of JSON Lines, its keys known.
pub(crate) struct JsonLines<'t> {
    text: &'t str,
    /// The keys, in the order in which they first come; those of an object in an object have a point between.
    pub(crate) header: Vec<String>,
    /// The mark its table has between the whole part of a number and the rest: texts may be written with it.
    decimal: char,
    source: Arc<Source>,
    /// The line that the text begins in, from 1.
    line: usize,
}

/// The pairs of an object, as they stand.
struct Pairs<'t>(Vec<(String, &'t RawValue)>);

impl<'de> Deserialize<'de> for Pairs<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Each;
        impl<'de> Visitor<'de> for Each {
            type Value = Pairs<'de>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Pairs(pairs))
            }
        }
        deserializer.deserialize_map(Each)
    }
}

/// The keys of a text, in the order in which they come first.
#[derive(Default)]
pub(crate) struct Keys {
    known: HashSet<String>,
    header: Vec<String>,
}

impl Keys {
    /// Takes in those of more lines.
    pub(crate) fn add(&mut self, text: &str, decimal: char) {
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            for (key, _) in object(line, decimal).unwrap_or_default() {
                if !self.known.contains(&key) {
                    self.header.push(header_name(self.header.len(), &key));
                    self.known.insert(key);
                }
            }
        }
    }
}

impl<'t> JsonLines<'t> {
    /// Reads the keys; `None` when there are none.
    pub(crate) fn open(name: &str, text: &'t str, decimal: char) -> Option<Self> {
        let mut keys = Keys::default();
        keys.add(text, decimal);
        Self::with(name, text, decimal, keys)
    }

    /// The beginning of a text that has these keys; `None` where there are none.
    pub(crate) fn with(name: &str, text: &'t str, decimal: char, keys: Keys) -> Option<Self> {
        let first = text.lines().next().unwrap_or("");
        let header = keys.header;
        (!header.is_empty()).then(|| Self { text, header, decimal, source: Source::new(name, first), line: 1 })
    }

    /// A further piece of the same file, which begins in this line.
    pub(crate) fn piece<'p>(&self, text: &'p str, line: usize) -> JsonLines<'p> {
        let (header, source) = (self.header.clone(), Arc::clone(&self.source));
        JsonLines { text, header, decimal: self.decimal, source, line }
    }

    /// The first line.
    pub(crate) fn header_place(&self) -> Place {
        Place::new(&self.source, Span::new(0, self.source.text.len()))
    }

    /// Hands over every row, and gives the number of empty lines.
    pub(crate) fn each(&self, take: &mut dyn FnMut(Record<'_>) -> Result<(), TooLarge>) -> Result<usize, TooLarge> {
        let at_of: HashMap<&str, usize> = self.header.iter().enumerate().map(|(at, key)| (key.as_str(), at)).collect();
        let (mut blank, mut own) = (0, OwnCells::default());
        for (line, text) in (self.line..).zip(self.text.lines()) {
            if text.trim().is_empty() {
                blank += 1;
                continue;
            }
            let mut cells = vec![None; self.header.len()];
            let mut broken = None;
            match object(text, self.decimal) {
                Err(why) => broken = Some(why),
                Ok(pairs) => {
                    for (key, text) in pairs {
                        let slot = at_of.get(header_name(0, &key).as_str()).and_then(|at| cells.get_mut(*at));
                        match slot {
                            Some(slot @ None) => *slot = Some(text),
                            _ => broken = Some(format!("the key `{key}` stands twice")),
                        }
                    }
                }
            }
            own.clear();
            if broken.is_some() && cells.iter().flatten().all(String::is_empty) {
                // A row must not be taken for a blank one because nothing of it could be read.
                own.push(text);
            } else {
                cells.iter().for_each(|cell| own.push(cell.as_deref().unwrap_or("")));
            }
            take(Record { line, start: 0, in_text: false, cells: own.cells(), broken })?;
        }
        Ok(blank)
    }
}

/// The keys and texts of one line, or why it is no object.
fn object(line: &str, decimal: char) -> Result<Vec<(String, String)>, String> {
    let mut pairs = Vec::new();
    flatten("", line, decimal, 0, &mut pairs)?;
    Ok(pairs)
}

fn flatten(
    above: &str,
    json: &str,
    decimal: char,
    depth: usize,
    pairs: &mut Vec<(String, String)>,
) -> Result<(), String> {
    let object: Pairs<'_> = serde_json::from_str(json).map_err(|error| {
        if error.is_eof() {
            "the line is no JSON object: it ends too early".to_owned()
        } else {
            format!("the line is no JSON object: column {}", error.column())
        }
    })?;
    for (key, value) in object.0 {
        let key = if above.is_empty() { key } else { format!("{above}.{key}") };
        if value.get().starts_with('{') {
            if depth >= DEEPEST {
                return Err(format!("`{key}` is an object too deep within others"));
            }
            flatten(&key, value.get(), decimal, depth + 1, pairs)?;
        } else {
            pairs.push((key.clone(), text(&key, value.get(), decimal)?));
        }
    }
    Ok(())
}

/// A value as the text of a cell. Numbers stay as they are written: none becomes a float.
fn text(key: &str, json: &str, decimal: char) -> Result<String, String> {
    match json.as_bytes().first() {
        Some(b'"') => serde_json::from_str(json).map_err(|error| format!("`{key}`: {error}")),
        Some(b'[') => {
            let members: Vec<&RawValue> = serde_json::from_str(json).map_err(|error| format!("`{key}`: {error}"))?;
            if members.iter().any(|m| m.get().starts_with(['[', '{'])) {
                return Err(format!("`{key}` is a list of more than single values"));
            }
            let texts: Result<Vec<String>, String> = members.iter().map(|m| text(key, m.get(), decimal)).collect();
            Ok(texts?.join(";"))
        }
        Some(b'n') => Ok(String::new()),
        Some(b't' | b'f') => Ok(json.to_owned()),
        _ => Ok(json.replace('.', decimal.encode_utf8(&mut [0; 4]))),
    }
}
