//! The parts of `docs/reference.md` that are made: functions, standard facts, tables of the book, exit codes.

use std::fmt::Write as _;

use usance::book::TABLES;
use usance::diag::Source;
use usance::lang::functions::{Builtin, RoundingMode};
use usance::lang::{Base, Type};
use usance::plan::schema::{fact_prefix, is_history};
use usance::plan::{PRELUDE, Schema};
use usance::policy::tree::TreeKind;
use usance::policy::yaml;

use crate::{is_current, text};

#[test]
fn the_reference_page_is_current() {
    let mut page = text("docs/reference.md");
    for (name, made) in [
        ("functions", functions()),
        ("facts", facts()),
        ("computed", computed()),
        ("tables", tables()),
        ("modes", modes()),
    ] {
        let (start, end) = (format!("<!-- made: {name} -->\n"), "<!-- end -->".to_owned());
        let at = page.find(&start).unwrap_or_else(|| panic!("no place for {name}")) + start.len();
        let until = at + page[at..].find(&end).unwrap();
        page.replace_range(at..until, &format!("\n{made}\n"));
    }
    is_current("docs/reference.md", &page);
}

/// A cell of a Markdown table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

fn functions() -> String {
    let mut out = "| Function | What it gives |\n|---|---|\n".to_owned();
    for b in Builtin::ALL {
        writeln!(out, "| `{}` | {} |", cell(b.signature()), cell(b.doc())).unwrap();
    }
    out
}

fn modes() -> String {
    RoundingMode::NAMES.iter().map(|(name, _)| format!("`{name}`")).collect::<Vec<_>>().join(", ") + "\n"
}

fn type_name(ty: &Type) -> String {
    let base = match &ty.base {
        Base::OneOf(values) => values.iter().map(|v| format!("`{v}`")).collect::<Vec<_>>().join(", "),
        base => base.to_string(),
    };
    if ty.optional { format!("{base}, may be missing") } else { base }
}

/// What a book says, by subject.
fn facts() -> String {
    let schema = Schema::standard();
    let mut out = "| Subject | Under | Facts |\n|---|---|---|\n".to_owned();
    // The history of items stands for those of every subject that a ladder may climb.
    let shown = |name: &str| name != "decision" && (name == "action" || !is_history(name));
    for relation in schema.relations.iter().filter(|r| shown(&r.name)) {
        let parent = relation.parent.and_then(|id| schema.get(id)).map_or("", |p| p.name.as_str());
        let prefix = fact_prefix(&relation.name);
        let facts: Vec<String> =
            relation.facts.iter().map(|f| format!("`{prefix}.{}` ({})", f.name, type_name(&f.ty))).collect();
        let facts = if facts.is_empty() { "nothing of its own".to_owned() } else { facts.join("; ") };
        writeln!(out, "| `{}` | {parent} | {} |", relation.name, cell(&facts)).unwrap();
    }
    out
}

/// What is worked out, with its formula, as the prelude writes it.
fn computed() -> String {
    let mut found = Vec::new();
    let tree = yaml::read(&Source::new("prelude.yaml", PRELUDE), &mut found).unwrap();
    let TreeKind::Map(measures) = &tree.get("measures").unwrap().value.kind else { panic!("no measures") };
    let mut out = "| Fact | Formula |\n|---|---|\n".to_owned();
    for entry in measures {
        let formula = match entry.value.text() {
            Some(text) => text.to_owned(),
            None => {
                let span = entry.value.place.span;
                PRELUDE[span.start as usize..span.end as usize].trim().to_owned()
            }
        };
        writeln!(out, "| `{}` | `{}` |", cell(&entry.key), cell(&formula)).unwrap();
    }
    out
}

/// The tables of a book and their columns.
fn tables() -> String {
    let schema = Schema::standard();
    let mut out = "| Table | Columns; those in bold must be there |\n|---|---|\n".to_owned();
    for table in TABLES {
        let columns: Vec<String> = table
            .columns(&schema)
            .into_iter()
            .map(|(name, base)| match table.needs(&name) {
                true => format!("**`{name}`** ({base})"),
                false => format!("`{name}` ({base})"),
            })
            .collect();
        writeln!(out, "| `{}` | {} |", table.standard_file(), cell(&columns.join(", "))).unwrap();
    }
    out
}
