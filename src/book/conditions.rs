//! Conditions on the rows of a file, by its own headers: `{ Document Type: [RV, DR] }`.

use std::fmt;

use super::manifest::Written;
use super::sheet::Sheet;
use crate::diag::{Code, Diagnostic};
use crate::policy::fields::Fields;
use crate::policy::read;
use crate::policy::tree::{Tree, TreeKind};

/// What holds of a row when all its tests do.
#[derive(Clone, Debug, Default)]
pub(crate) struct Condition {
    tests: Vec<(Written, Test)>,
}

#[derive(Clone, Debug)]
enum Test {
    /// The cell is one of these texts.
    Is(Vec<String>),
    /// The cell has a text, and it is none of these.
    Not(Vec<String>),
    StartsWith(Vec<String>),
    Blank(bool),
}

/// A condition on the columns of one file.
pub(crate) struct Bound<'c> {
    tests: Vec<(usize, &'c Test)>,
}

/// A condition, or a list of them of which one is enough.
pub(crate) fn any_of(tree: &Tree, sink: &mut Vec<Diagnostic>) -> Vec<Condition> {
    read::list_or_one(tree).iter().filter_map(|tree| one(tree, sink)).collect()
}

fn one(tree: &Tree, sink: &mut Vec<Diagnostic>) -> Option<Condition> {
    let TreeKind::Map(entries) = &tree.kind else {
        let finding = Diagnostic::error(Code::WrongShape, "a condition on rows needs a mapping", tree.place.clone());
        sink.push(finding.help("write a header and what stands under it: `{ Currency: USD }`"));
        return None;
    };
    let mut condition = Condition::default();
    for entry in entries {
        let header = (entry.key.clone(), entry.key_place.clone());
        if !matches!(entry.value.kind, TreeKind::Map(_)) {
            condition.tests.push((header, Test::Is(texts(&entry.value, sink))));
            continue;
        }
        let mut fields = Fields::of(&entry.value, "a condition on a column", sink)?;
        let mut list = |fields: &mut Fields<'_>, key| fields.take(key, sink).map(|tree| texts(tree, sink));
        let tests = [
            list(&mut fields, "is").map(Test::Is),
            list(&mut fields, "not").map(Test::Not),
            list(&mut fields, "starts_with").map(Test::StartsWith),
        ];
        let blank = fields.take("blank", sink).and_then(|tree| read::boolean(tree, sink)).map(Test::Blank);
        condition.tests.extend(tests.into_iter().flatten().chain(blank).map(|test| (header.clone(), test)));
        fields.finish(sink);
    }
    Some(condition)
}

fn texts(tree: &Tree, sink: &mut Vec<Diagnostic>) -> Vec<String> {
    let texts = read::list_or_one(tree).iter().filter_map(|tree| read::text(tree, sink));
    texts.map(|text| text.text.trim().to_owned()).collect()
}

impl Condition {
    /// The columns of a file it speaks of; a header that is not there goes to `sink`.
    pub(crate) fn bind(&self, sheet: &Sheet<'_>, sink: &mut Vec<Diagnostic>) -> Bound<'_> {
        let tests = self.tests.iter().filter_map(|(header, test)| Some((sheet.find(header, sink)?, test)));
        Bound { tests: tests.collect() }
    }
}

impl Bound<'_> {
    /// Whether it holds of a row.
    pub(crate) fn holds<'r>(&self, cell: impl Fn(usize) -> &'r str) -> bool {
        self.tests.iter().all(|(at, test)| {
            let text = cell(*at).trim();
            match test {
                Test::Is(texts) => texts.iter().any(|t| t == text),
                Test::Not(texts) => !text.is_empty() && texts.iter().all(|t| t != text),
                Test::StartsWith(texts) => texts.iter().any(|t| text.starts_with(t.as_str())),
                Test::Blank(blank) => text.is_empty() == *blank,
            }
        })
    }

    /// The columns it reads.
    pub(crate) fn columns(&self) -> impl Iterator<Item = usize> {
        self.tests.iter().map(|(at, _)| *at)
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, ((header, _), test)) in self.tests.iter().enumerate() {
            let quoted = |texts: &[String]| texts.iter().map(|t| format!("`{t}`")).collect::<Vec<_>>().join(" or ");
            f.write_str(if at == 0 { "" } else { " and " })?;
            match test {
                Test::Is(texts) => write!(f, "`{header}` is {}", quoted(texts))?,
                Test::Not(texts) => write!(f, "`{header}` is not {}", quoted(texts))?,
                Test::StartsWith(texts) => write!(f, "`{header}` starts with {}", quoted(texts))?,
                Test::Blank(true) => write!(f, "`{header}` is blank")?,
                Test::Blank(false) => write!(f, "`{header}` is not blank")?,
            }
        }
        Ok(())
    }
}
