//! What `usance watch` shows: a block, or a line of JSON, for each change.

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use serde_json::{Map, Value as Json, json};

use super::super::run::width;
use super::super::{Exit, print};
use super::{Format, Watch, lock};
use crate::book::Book;
use crate::compare::{self, Difference, Record};
use crate::diag::{Diagnostic, Style, render_all, to_json};
use crate::engine::Run;
use crate::live::{Event, Loaded, Refused};
use crate::outcome::label;
use crate::plan::{Plan, Schema, on_a_deep_stack};

pub(super) struct Screen {
    watch: Watch,
    /// Everything the book is made of, for whoever watches it.
    files: Arc<Mutex<Vec<PathBuf>>>,
    /// How many changes were shown.
    shown: usize,
    in_use: Option<Arc<Loaded>>,
    book: Option<Read>,
    record: Option<Record>,
}

/// A book, and as what it was read.
struct Read {
    book: Book,
    schema: Schema,
    currency: String,
}

impl Read {
    fn fits(&self, plan: &Plan) -> bool {
        self.schema == plan.schema && self.currency == plan.money.currency
    }
}

/// What deciding on the book came to.
struct Decided {
    customers: usize,
    as_of: chrono::NaiveDate,
    rejects: usize,
    /// How it differs from the decisions before; `None`: there were none.
    difference: Option<Difference>,
}

impl Screen {
    pub(super) fn new(watch: Watch, files: Arc<Mutex<Vec<PathBuf>>>) -> Self {
        let screen = Self { watch, files, shown: 0, in_use: None, book: None, record: None };
        if screen.watch.format == Format::Human {
            let inputs = &screen.watch.inputs;
            let (watching, ends) = (screen.label("watching"), screen.label("ends"));
            say(&format!("{watching} {}, {}; {ends}\n", inputs.policy.display(), inputs.book.display()));
        }
        screen
    }

    fn label(&self, text: &str) -> String {
        label(text, self.watch.lang.code())
    }

    /// Shows what became of the policy.
    pub(super) fn policy(&mut self, event: &Event) {
        match event {
            Event::Loaded { now, before, mended } => {
                let same = before.as_ref().is_some_and(|before| before.digest == now.digest);
                self.loaded(now, same, *mended);
            }
            Event::Refused(refused) => self.refused(refused),
            Event::Polling(why) => match self.watch.format {
                Format::Human => eprintln!("no events of the file system, looking every few seconds instead: {why}"),
                Format::Json => self.line("polling", &[("why", why.as_str().into())]),
            },
        }
    }

    /// The book may have changed: shows what became of the decisions.
    pub(super) fn book(&mut self) {
        let Some(now) = self.in_use.clone() else { return };
        let before = self.book.take().map(|read| read.book.inputs);
        let mut found = Vec::new();
        let decided = self.decide(&now, &mut found);
        // Touched, and not changed.
        if before.is_some() && before == self.book.as_ref().map(|read| read.book.inputs.clone()) {
            return;
        }
        self.shown += 1;
        match self.watch.format {
            Format::Human => {
                let head = format!("\n[{}] {}\n", self.shown, self.label("book_read_again"));
                say(&format!("{head}{}", self.body(&now, &found, decided.as_ref())));
            }
            Format::Json => self.line("book", &Self::fields(&found, decided.as_ref())),
        }
    }

    fn loaded(&mut self, now: &Arc<Loaded>, same: bool, mended: bool) {
        self.shown += 1;
        self.in_use = Some(Arc::clone(now));
        let mut found = now.warnings.clone();
        // What means the same decides the same, where it decided at all.
        let decided = if same && self.record.is_some() { None } else { self.decide(now, &mut found) };
        let header = &now.plan.header;
        if self.watch.format == Format::Json {
            let mut fields = vec![
                ("digest", now.digest.as_str().into()),
                ("policy", header.policy.as_str().into()),
                ("version", header.version.as_str().into()),
                ("tests", now.tests.into()),
                ("same", same.into()),
            ];
            fields.extend(Self::fields(&found, decided.as_ref()));
            self.line("loaded", &fields);
            return;
        }
        let verb = self.label(if same && mended { "back_to" } else { "loaded" });
        let mut text = format!(
            "\n[{}] {verb} {} ({} {}), {} {}\n",
            self.shown,
            short(&now.digest),
            header.policy,
            header.version,
            now.tests,
            self.label("tests_passed"),
        );
        if same {
            text.push_str(&format!("    {}\n", self.label("same_meaning")));
        }
        if !same || !found.is_empty() || decided.is_some() {
            text.push_str(&self.body(now, &found, decided.as_ref()));
        }
        say(&text);
    }

    fn refused(&mut self, refused: &Refused) {
        self.shown += 1;
        let in_use = refused.in_use.as_ref();
        let failed = refused.tests.as_ref();
        let preview = refused.plan.as_ref().and_then(|plan| Some((plan, self.preview(plan)?)));
        if self.watch.format == Format::Json {
            let tests = failed.map_or(Json::Null, |report| {
                let failed = report.verdicts.iter().filter(|verdict| !verdict.mismatches.is_empty());
                json!({ "passed": report.passed(), "failed": failed.map(|v| v.name.as_str()).collect::<Vec<_>>(),
                        "unusable": report.unusable, "report": report.to_string() })
            });
            let in_use = in_use.map_or(Json::Null, |loaded| loaded.digest.as_str().into());
            let would_change = preview.as_ref().map_or(Json::Null, |(_, difference)| compare::json(difference));
            let mut fields = vec![("in_use", in_use), ("tests", tests), ("findings", to_json(&refused.findings))];
            fields.push(("would_change", would_change));
            self.line("refused", &fields);
            return;
        }
        let verb = self.label(if failed.is_some() { "refused_tests" } else { "refused" });
        let stays = match in_use {
            Some(loaded) => format!("{} {}", short(&loaded.digest), self.label("stays_in_use")),
            None => self.label("nothing_in_use"),
        };
        let mut text = format!("\n[{}] {verb}; {stays}\n\n", self.shown);
        text.push_str(&render_all(&refused.findings, style()));
        if let Some(report) = failed {
            text.push_str(&report.to_string());
        }
        if let Some((plan, difference)) = preview {
            let changes = compare::text(&difference, plan, self.watch.lang.code(), width());
            text.push_str(&format!("\n{}\n\n{changes}", self.label("would_change")));
        }
        say(&text);
    }

    /// What would change if a policy were in use; `None` where that cannot be said.
    fn preview(&self, plan: &Plan) -> Option<Difference> {
        let (read, before) = (self.book.as_ref().filter(|read| read.fits(plan))?, self.record.as_ref()?);
        let as_of = self.watch.inputs.as_of(plan, &read.book, &mut Vec::new()).ok()?;
        let record = on_a_deep_stack(|| Record::of(&mut Run::new(plan, &read.book, as_of)));
        Some(Difference::between(before, &record))
    }

    /// Decides on the book, which is read where it was not, or was read for another kind of policy.
    fn decide(&mut self, now: &Loaded, found: &mut Vec<Diagnostic>) -> Option<Decided> {
        let plan = &now.plan;
        if !self.book.as_ref().is_some_and(|read| read.fits(plan)) {
            self.book = None;
            let book = self.watch.inputs.read_book(plan, found)?;
            *lock(&self.files) = files(&self.watch.inputs.book, &book);
            self.book = Some(Read { book, schema: plan.schema.clone(), currency: plan.money.currency.clone() });
        }
        let book = &self.book.as_ref()?.book;
        let as_of = self.watch.inputs.as_of(plan, book, found).ok()?;
        let record = on_a_deep_stack(|| Record::of(&mut Run::new(plan, book, as_of)));
        let difference = self.record.as_ref().map(|before| Difference::between(before, &record));
        let decided = Decided { customers: record.customers(), as_of, rejects: book.rejects.len(), difference };
        self.record = Some(record);
        Some(decided)
    }

    /// What was found, and what the decisions came to.
    fn body(&self, now: &Loaded, found: &[Diagnostic], decided: Option<&Decided>) -> String {
        let findings = if found.is_empty() { String::new() } else { format!("\n{}", render_all(found, style())) };
        let Some(decided) = decided else { return format!("{findings}    {}\n", self.label("not_compared")) };
        let language = self.watch.lang.code();
        match &decided.difference {
            Some(difference) => {
                format!("{findings}\n{}", compare::text(difference, &now.plan, language, width()))
            }
            None => {
                let rejects = match decided.rejects {
                    0 => String::new(),
                    n => format!(", {}: {n}", self.label("by_reject")),
                };
                let (read, as_of) = (self.label("book_read"), self.label("as_of"));
                let customers = format!("{}: {}", self.label("customers"), decided.customers);
                format!("    {read} {as_of} {}, {customers}{rejects}\n{findings}", decided.as_of)
            }
        }
    }

    fn fields(found: &[Diagnostic], decided: Option<&Decided>) -> Vec<(&'static str, Json)> {
        let mut fields = vec![("findings", to_json(found))];
        if let Some(decided) = decided {
            fields.push(("as_of", decided.as_of.to_string().into()));
            fields.push(("customers", decided.customers.into()));
            fields.push(("rejects", decided.rejects.into()));
            fields.push(("difference", decided.difference.as_ref().map_or(Json::Null, compare::json)));
        }
        fields
    }

    fn line(&self, event: &str, fields: &[(&str, Json)]) {
        let mut line = Map::new();
        line.insert("n".into(), self.shown.into());
        line.insert("event".into(), event.into());
        line.extend(fields.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
        say(&format!("{}\n", Json::Object(line)));
    }
}

/// The book itself and every file it was read from.
fn files(path: &Path, book: &Book) -> Vec<PathBuf> {
    let dir = if path.is_dir() { path } else { path.parent().unwrap_or(path) };
    let inputs = book.inputs.iter().map(|input| dir.join(&input.file));
    let mut files: Vec<PathBuf> = [path.to_owned()].into_iter().chain(inputs.filter(|file| file.is_file())).collect();
    files.sort();
    files.dedup();
    files
}

/// Enough of a digest to tell one policy from another.
fn short(digest: &str) -> &str {
    digest.get(..12).unwrap_or(digest)
}

fn style() -> Style {
    if std::io::stdout().is_terminal() { Style::Coloured } else { Style::Plain }
}

/// Prints at once. When nobody reads any more, there is nobody to watch for.
fn say(text: &str) {
    if !print::at_once(text) {
        std::process::exit(Exit::Done as i32);
    }
}
