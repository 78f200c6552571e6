//! `run.json`, read back.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde::Deserialize;
use serde_json::{Map, Value as Json};

use super::trouble::Trouble;
use crate::outcome::{Format, MANIFEST};

/// What a run was made of and what it came to.
#[derive(Debug, Deserialize)]
pub(super) struct Manifest {
    /// The version of the program.
    pub(super) usance: String,
    pub(super) policy: Policy,
    pub(super) as_of: String,
    pub(super) currency: String,
    pub(super) book: Book,
    counts: Map<String, Json>,
    totals: Map<String, Json>,
    #[serde(default)]
    labels: Map<String, Json>,
    #[serde(default)]
    pub(super) unread_columns: Vec<Unread>,
    #[serde(default)]
    pub(super) undated: Vec<Undated>,
    #[serde(default)]
    pub(super) limited: Vec<Limited>,
    /// How the tables are written: `csv` where it is not said.
    #[serde(default = "csv")]
    pub(super) format: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct Policy {
    pub(super) id: String,
    pub(super) version: String,
    pub(super) digest: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct Book {
    pub(super) as_of: Option<String>,
    pub(super) inputs: Vec<Input>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Input {
    pub(super) file: String,
    pub(super) sha256: String,
    pub(super) rows: u64,
}

/// Columns of an input that nobody reads.
#[derive(Debug, Deserialize)]
pub(super) struct Unread {
    pub(super) file: String,
    pub(super) columns: Vec<String>,
}

/// A column of the book that needs a date and has none.
#[derive(Debug, Deserialize)]
pub(super) struct Undated {
    pub(super) column: String,
    pub(super) rows: u64,
}

/// A table of which the policy lets only a part leave.
#[derive(Debug, Deserialize)]
pub(super) struct Limited {
    pub(super) table: String,
    #[serde(default)]
    pub(super) off: bool,
    #[serde(default)]
    pub(super) rows: u64,
    #[serde(default)]
    pub(super) of_rows: u64,
    #[serde(default, rename = "where")]
    pub(super) only: Option<String>,
}

fn csv() -> String {
    "csv".into()
}

/// What is counted beside the output tables.
const OWN_COUNTS: [&str; 4] = ["actions", "action_lines", "rejects", "failures"];

impl Manifest {
    /// Reads the manifest of a run's folder.
    pub(super) fn read(dir: &Path) -> Result<Self, Trouble> {
        let text = match fs::read_to_string(dir.join(MANIFEST)) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Err(Trouble::NotARun),
            Err(error) => return Err(Trouble::Unreadable(MANIFEST.into(), error)),
        };
        let json: Json = serde_json::from_str(&text)
            .map_err(|error| Trouble::Malformed(MANIFEST.into(), error.line() as u64, "it is no JSON".into()))?;
        if json.get("usance").is_none() {
            return Err(Trouble::NotARun);
        }
        let manifest: Self =
            serde_json::from_value(json).map_err(|error| Trouble::Malformed(MANIFEST.into(), 0, error.to_string()))?;
        match Format::named(&manifest.format) {
            Some(_) => Ok(manifest),
            None => {
                let what = format!("this version does not know the format `{}`", manifest.format);
                Err(Trouble::Malformed(MANIFEST.into(), 0, what))
            }
        }
    }

    /// The output tables, in the order of the policy.
    pub(super) fn tables(&self) -> impl Iterator<Item = &str> {
        self.counts.keys().map(String::as_str).filter(|name| !OWN_COUNTS.contains(name))
    }

    /// Whether the run put a table out.
    pub(super) fn has(&self, table: &str) -> bool {
        self.counts.contains_key(table)
    }

    /// How many of something the run counted; none where it did not.
    pub(super) fn count(&self, of: &str) -> u64 {
        self.counts.get(of).and_then(Json::as_u64).unwrap_or(0)
    }

    /// The total of each money column of a table, as it is printed; `None` for one that was too large to hold.
    pub(super) fn totals(&self, table: &str) -> BTreeMap<String, Option<String>> {
        let totals = self.totals.get(table).and_then(Json::as_object).into_iter().flatten();
        totals.map(|(column, total)| (column.clone(), total.as_str().map(Into::into))).collect()
    }

    /// Where a value stands in the policy's own order; last, where the policy does not list it.
    pub(super) fn order(&self, kind: &str, value: &str) -> usize {
        let listed = self.labels.get(kind).and_then(Json::as_object).and_then(|of| of.keys().position(|k| k == value));
        listed.unwrap_or(usize::MAX)
    }

    /// What the policy calls a value, where it says so in this language or for every language.
    pub(super) fn label(&self, kind: &str, value: &str, language: &str) -> Option<&str> {
        spoken(self.labels.get(kind)?.get(value)?, language)
    }

    /// The policy's title; its id where it has none.
    pub(super) fn title(&self, language: &str) -> &str {
        let given = self.labels.get("policy");
        let title = given.and_then(|texts| spoken(texts, language).or_else(|| spoken(texts, "en")));
        title.unwrap_or(&self.policy.id)
    }
}

fn spoken<'t>(texts: &'t Json, language: &str) -> Option<&'t str> {
    texts.get(language).or_else(|| texts.get("")).and_then(Json::as_str)
}
