//! `docs/diagnostics.md`: each code with its meaning, an example taken from the cases, and exactly what is said.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::process::Command;

use usance::book;
use usance::diag::{Code, Diagnostic, Source, Style, render};
use usance::plan::Schema;
use usance::policy::yaml;

use crate::case::{self, MINIMAL};
use crate::{is_current, root, text};

const HEAD: &str = "\
# Diagnostics

Every finding has a code that never changes once released, a severity, a place and, nearly always, a line of help that says what to
write instead. All findings of a policy are reported at once, file by file and each file from its top; what only reads something
that is wrong already is not reported again. `usance check --format json` gives the same as one JSON array.

This page is made by a test from the cases in `tests/broken_policies/` and `tests/yaml_cases/`: what it shows is what is said. A file
`policy.yaml` that is not shown holds the four lines every policy needs:

";

/// A small thing that is wrong, and what is said about it.
struct Example {
    shown: Vec<(String, String)>,
    said: Vec<String>,
}

#[test]
fn the_page_of_diagnostics_is_complete_and_exact() {
    let mut page = format!("{HEAD}```yaml\n{MINIMAL}```\n");
    let examples = examples();
    for code in Code::ALL {
        writeln!(page, "\n## `{}`\n\n{}.", code.as_str(), capital(code.meaning())).unwrap();
        let example = examples.get(code).unwrap_or_else(|| panic!("no example of {}", code.as_str()));
        for (name, text) in &example.shown {
            let kind = if name.ends_with(".csv") { "csv" } else { "yaml" };
            let fence = if name.is_empty() { "sh" } else { kind };
            let title = if name.is_empty() { String::new() } else { format!("`{name}`\n\n") };
            write!(page, "\n{title}```{fence}\n{text}```\n").unwrap();
        }
        write!(page, "\n```text\n{}\n```\n", example.said.join("\n\n")).unwrap();
    }
    is_current("docs/diagnostics.md", &page);
}

fn capital(meaning: &str) -> String {
    let mut chars = meaning.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

/// For each code the shortest example there is.
fn examples() -> BTreeMap<Code, Example> {
    let mut best: BTreeMap<Code, (usize, Example)> = BTreeMap::new();
    let mut offer = |shown: Vec<(String, String)>, found: &[Diagnostic]| {
        let codes: std::collections::BTreeSet<Code> = found.iter().map(|d| d.code).collect();
        for code in codes {
            let said: Vec<String> = found
                .iter()
                .filter(|d| d.code == code)
                .map(|d| render(d, Style::Plain).trim_end().to_owned())
                .collect();
            // Other findings in the same example distract.
            let others = found.len() - said.len();
            let size = shown.iter().map(|(_, text)| text.len()).sum::<usize>() + said.len() * 200 + others * 400;
            if best.get(&code).is_none_or(|(known, _)| size < *known) {
                best.insert(code, (size, Example { shown: shown.clone(), said }));
            }
        }
    };
    for case in case::all() {
        let mut files: Vec<(String, String)> = case.files().into_iter().collect();
        files.retain(|(_, text)| text != MINIMAL);
        let (found, _) = case::compile(case.files());
        offer(files, &found);
    }
    let mut traps: Vec<_> = fs::read_dir(root("tests/yaml_cases")).unwrap().map(|e| e.unwrap().path()).collect();
    traps.sort();
    for path in traps.into_iter().filter(|path| path.extension().is_some_and(|e| e == "yaml")) {
        let (name, text) = (path.file_name().unwrap().to_string_lossy(), fs::read_to_string(&path).unwrap());
        let mut found = Vec::new();
        yaml::read(&Source::new(name.as_ref(), text.clone()), &mut found);
        let is_plain = !text.chars().any(|c| c.is_control() && c != '\n');
        if is_plain && found.iter().all(|d| d.code == Code::Yaml) {
            offer(vec![(name.into_owned(), text)], &found);
        }
    }
    offer_book(&mut offer);
    let mut best: BTreeMap<Code, Example> = best.into_iter().map(|(code, (_, example))| (code, example)).collect();
    let never = ["--out", "never-written"];
    best.insert(Code::NotInForce, said_by(&["run", "--as-of", "2030-01-01"], &never));
    best.insert(Code::Outcome, said_by(&["report", "examples/book"], &[]));
    best
}

fn offer_book(offer: &mut impl FnMut(Vec<(String, String)>, &[Diagnostic])) {
    let dir = tempfile::tempdir().unwrap();
    let files = [
        ("book.yaml", "usance_book: 1\nas_of: 2026-06-30\ncurrency: USD\n"),
        ("customers.csv", "id,since\nC1,2024-01-01\n"),
    ];
    for (name, text) in files {
        fs::write(dir.path().join(name), text).unwrap();
    }
    let mut found = Vec::new();
    book::read(dir.path(), &Schema::standard(), "CNY", &mut found);
    offer(vec![(files[0].0.into(), files[0].1.into())], &found);
}

/// What only a command can say.
fn said_by(arguments: &[&str], not_shown: &[&str]) -> Example {
    let output = Command::new(env!("CARGO_BIN_EXE_usance"))
        .args(arguments)
        .args(not_shown)
        .current_dir(root(""))
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    Example {
        shown: vec![(String::new(), format!("usance {}\n", arguments.join(" ")))],
        said: vec![said.trim_end().to_owned()],
    }
}

#[test]
fn every_code_is_used_and_named_once() {
    let page = text("docs/diagnostics.md");
    for code in Code::ALL {
        assert_eq!(page.matches(&format!("\n## `{}`\n", code.as_str())).count(), 1, "{}", code.as_str());
    }
}
