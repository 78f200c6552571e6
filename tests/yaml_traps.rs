//! Each file of `yaml_cases/` gives exactly the diagnostics beside it. `BLESS=1` writes them anew, to be read before they are kept.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::type_complexity,
    unreachable_pub
)]

use std::fs;
use std::path::Path;

use usance::diag::{Source, Style, render_all};
use usance::policy::yaml;

#[test]
fn every_case_gives_exactly_its_diagnostics() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/yaml_cases");
    let mut wrong = Vec::new();
    let mut cases: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.retain(|path| path.extension().is_some_and(|ending| ending == "yaml"));
    cases.sort();
    assert!(cases.len() > 40);
    for path in cases {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let mut sink = Vec::new();
        let tree = yaml::read(&Source::new(name.as_str(), fs::read_to_string(&path).unwrap()), &mut sink);
        assert!(tree.is_some() || !sink.is_empty(), "{name}: nothing read and nothing said");
        let shown = render_all(&sink, Style::Plain);
        let expected = path.with_extension("txt");
        if std::env::var_os("BLESS").is_some() {
            fs::write(&expected, &shown).unwrap();
        } else if fs::read_to_string(&expected).unwrap_or_default() != shown {
            wrong.push(format!("{name} gave\n{shown}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
