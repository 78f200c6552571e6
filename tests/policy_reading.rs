//! Reading values, mappings, tables and folders: what is taken, and what is said of the rest.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    clippy::string_slice,
    clippy::type_complexity,
    unreachable_pub
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use proptest::prelude::*;
use usance::diag::{Diagnostic, Source, Style, render, render_all};
use usance::policy::fields::Fields;
use usance::policy::folder::Folder;
use usance::policy::tree::{Tree, TreeKind};
use usance::policy::{encoding, read, table, yaml};

/// Reads `v: …` and hands the value to a reader.
fn with<T>(written: &str, reader: impl Fn(&Tree, &mut Vec<Diagnostic>) -> T) -> (T, Vec<Diagnostic>) {
    let mut sink = Vec::new();
    let tree = yaml::read(&Source::new("p.yaml", format!("v: {written}")), &mut sink).unwrap();
    let got = reader(&tree.get("v").unwrap().value, &mut sink);
    (got, sink)
}

fn said(sink: &[Diagnostic]) -> String {
    sink.iter()
        .map(|d| format!("{} / {}", d.message, d.help.clone().unwrap_or_default()))
        .collect::<Vec<_>>()
        .join("\n")
}

fn number(written: &str) -> String {
    let (got, sink) = with(written, read::decimal);
    got.map_or_else(|| said(&sink), |number| number.to_string())
}

#[test]
fn numbers_are_exact_and_shares_are_divided_by_a_hundred() {
    for (written, number_of) in [
        ("5", "5"),
        ("-0.250", "-0.250"),
        ("5%", "0.05"),
        ("0.03%", "0.0003"),
        ("-3", "-3"),
        ("1234567890123456789012345678", "1234567890123456789012345678"),
    ] {
        assert_eq!(number(written), number_of);
    }
}

#[test]
fn what_is_no_number_is_told_how_to_be_one() {
    for (written, expected) in [
        ("1e5", "`1e5` is not a number / write the number out in digits, without `e`"),
        ("1,000", "`1,000` is not a number / write `1000`"),
        ("500_000", "`500_000` is not a number / write `500000`"),
        ("¥1500", "`¥1500` is not a number / write `1500`"),
        ("１５％", "`１５％` is not a number / write `15%`"),
        (".5", "`.5` is not a number / write `0.5`"),
        ("+3", "`+3` is not a number / write `3`"),
        ("\"5%\"", "`5%` in quotes is a text, not a number / take the quotes away"),
        ("many", "`many` is not a number / write digits, with `.` before the decimals: `1500`, `0.25`, `5%`"),
        (
            "12345678901234567890123456789",
            "`12345678901234567890123456789` has more digits than can be held exactly / write at most 28 digits",
        ),
        (
            "0.00000000000000000000000000001",
            "`0.00000000000000000000000000001` has more digits than can be held exactly / write at most 28 digits",
        ),
        ("[1]", "a number is needed here, not a list / "),
    ] {
        assert_eq!(number(written), expected);
    }
    assert_eq!(with("30", read::whole).0, Some(30));
    assert_eq!(
        said(&with("2.5", read::whole).1),
        "`2.5` is not a whole number / write digits only, up to 9223372036854775807"
    );
}

#[test]
fn dates_must_exist() {
    assert_eq!(with("2024-02-29", read::date).0.unwrap().to_string(), "2024-02-29");
    for (written, expected) in [
        ("2026-02-30", "`2026-02-30` does not exist / the last day of that month is 2026-02-28"),
        ("2026-13-01", "`2026-13-01` does not exist / months run from 01 to 12"),
        ("2026/3/1", "`2026/3/1` is not a date written YYYY-MM-DD / write `2026-03-01`"),
        ("2026年3月1日", "`2026年3月1日` is not a date written YYYY-MM-DD / write `2026-03-01`"),
        ("20260301", "`20260301` is not a date written YYYY-MM-DD / write year, month and day: `2026-01-31`"),
        ("01.03.2026", "`01.03.2026` is not a date written YYYY-MM-DD / write year, month and day: `2026-01-31`"),
    ] {
        assert_eq!(said(&with(written, read::date).1), expected);
    }
}

#[test]
fn ids_are_ascii_and_no_keywords() {
    for good in ["house_cap", "A", "d1_30", "Private1"] {
        assert_eq!(with(good, |t, s| read::id(t, s).is_some()), (true, vec![]));
    }
    let told = |written: &str| said(&with(written, |t, s| read::id(t, s).is_some()).1);
    assert_eq!(
        told("重点"),
        "`重点` is not an id: an id is ASCII / write a plain name such as `key_account`; put the other one under `label`"
    );
    assert_eq!(
        told("house-cap"),
        "`house-cap` is not an id / an id is a letter, then letters, digits and `_`: write `house_cap`"
    );
    assert_eq!(told("1st"), "`1st` is not an id / an id is a letter, then letters, digits and `_`: write `x1st`");
    for keyword in ["default", "call", "shared", "public", "print", "if", "yield", "true"] {
        let expected = format!(
            "`{keyword}` is a word of the expression language and cannot be an id / choose another: `{keyword}_1`, or a word of your own"
        );
        assert_eq!(told(keyword), expected);
    }
    let (names, _) =
        with("[a, b]", |t, s| read::ids(t, s).into_iter().map(|(name, _)| name.to_owned()).collect::<Vec<_>>());
    assert_eq!(names, ["a", "b"]);
}

#[test]
fn rhai_refuses_every_word_that_an_id_may_not_be() {
    let source = include_str!("../src/lang/syntax/words.rs");
    let list = source.split_once("RESERVED: &[&str] = &[").unwrap().1.split_once("];").unwrap().0;
    let words: Vec<&str> = list.split('"').skip(1).step_by(2).collect();
    assert!(words.is_sorted() && words.len() > 60);
    let engine = rhai::Engine::new_raw();
    let odd: Vec<_> = words.iter().filter(|word| engine.compile_expression(format!("{word} + 1")).is_ok()).collect();
    assert_eq!(odd, [&"exit", &"false", &"global", &"true"].map(|word| word).to_vec());
}

#[test]
fn true_and_false_are_the_only_booleans() {
    assert_eq!(with("true", read::boolean).0, Some(true));
    for (written, expected) in [
        ("yes", "`yes` is not `true` or `false` / write `true`"),
        ("Off", "`Off` is not `true` or `false` / write `false`"),
        ("True", "`True` is not `true` or `false` / write `true`"),
        ("\"true\"", "`true` in quotes is a text, not `true` or `false` / write `true`"),
        ("maybe", "`maybe` is not `true` or `false` / write `true` or `false`"),
    ] {
        assert_eq!(said(&with(written, read::boolean).1), expected);
    }
}

#[test]
fn a_word_that_is_not_a_choice_gets_the_nearest() {
    let choice = |t: &Tree, s: &mut Vec<Diagnostic>| read::one_of(t, &[("refuse", 1), ("convert", 2)], s);
    assert_eq!(with("convert", choice).0, Some(2));
    assert_eq!(
        said(&with("refuze", choice).1),
        "`refuze` is not one of the words this place knows / did you mean `refuse`? write one of `refuse`, `convert`"
    );
}

#[test]
fn words_come_in_one_language_or_several() {
    let keys = |written: &str| with(written, |t, s| read::words(t, s).map(|w| w.keys().cloned().collect::<Vec<_>>()));
    assert_eq!(keys("Prime").0, Some(vec![String::new()]));
    assert_eq!(
        keys("{ zh: 优质, en: Prime, pt-BR: Bom }").0,
        Some(vec!["en".to_owned(), "pt-BR".to_owned(), "zh".to_owned()])
    );
    assert_eq!(
        said(&keys("{ 中文: 优质 }").1),
        "`中文` is not a language code / write the texts under codes such as `en`, `zh` or `pt-BR`"
    );
}

#[test]
fn fields_say_what_is_missing_unknown_or_empty() {
    let mut sink = Vec::new();
    let tree = yaml::read(&Source::new("p.yaml", "{ lable: x, points:, 备注: y }"), &mut sink).unwrap();
    let mut fields = Fields::of(&tree, "a tier", &mut sink).unwrap();
    assert!(fields.need("id", &mut sink).is_none());
    assert!(fields.need("label", &mut sink).is_none());
    assert!(fields.take("points", &mut sink).is_none());
    fields.finish(&mut sink);
    assert_eq!(
        said(&sink),
        "a tier needs the key `id` / add `id: …`\n\
         a tier needs the key `label` / `lable` looks like it: write `label`\n\
         `points` has no value / write a value after the `:`, or leave the key out\n\
         a tier does not know the key `lable` / did you mean `label`? the keys here are: `id`, `label`, `points`\n\
         a tier does not know the key `备注` / the keys here are: `id`, `label`, `points`"
    );
    assert_eq!(
        said(&with("[1]", |t, s| Fields::of(t, "`tiers`", s).is_some()).1),
        "`tiers` needs a mapping here / write keys and values: `{ id: …, … }`, or one `key: value` a line"
    );
}

fn texts(files: &[(&str, &str)]) -> BTreeMap<String, String> {
    files.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
}

fn sections(folder: &Folder) -> String {
    folder.sections.iter().map(|entry| format!("{}@{}", entry.key, entry.key_place)).collect::<Vec<_>>().join(" ")
}

#[test]
fn the_files_of_a_folder_are_put_together_in_a_fixed_order() {
    let files = [
        ("policy.yaml", "usance: 1\npolicy: p"),
        ("b/tiers.yml", "tiers: []"),
        ("a.yaml", "facts: {}\nparams: {}"),
        ("empty.yaml", "# nothing yet\n"),
        ("tests/one.yaml", "- name: x"),
        ("scripts/s.rhai", "fn f() { 1 }"),
        (".hidden/x.yaml", "{"),
    ];
    let mut sink = Vec::new();
    let folder = Folder::from_memory(texts(&files), &mut sink).unwrap();
    assert_eq!(
        sections(&folder),
        "usance@policy.yaml:1:1 policy@policy.yaml:2:1 facts@a.yaml:1:1 params@a.yaml:2:1 tiers@b/tiers.yml:1:1"
    );
    assert_eq!(folder.tests.len(), 1);

    let dir = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let from_disk = Folder::load(dir.path(), &mut sink).unwrap();
    assert_eq!(sections(&from_disk), sections(&folder));
    assert!(from_disk.files.names().eq(folder.files.names()));
    assert_eq!(said(&sink), "");
}

#[test]
fn a_section_in_two_files_shows_both() {
    let mut sink = Vec::new();
    Folder::from_memory(texts(&[("policy.yaml", "usance: 1\ntiers: []"), ("a.yaml", "tiers: []")]), &mut sink);
    assert_eq!(
        render_all(&sink, Style::Plain),
        "error[usance::duplicate-key]: the section `tiers` stands in two files\n --> a.yaml:1:1\n  |\n1 | tiers: []\n  | ^^^^^ again here\n  |\n \
         ::: policy.yaml:2:1\n  |\n2 | tiers: []\n  | ----- first here\n  |\n  = help: keep each section in one file\n"
    );
}

#[test]
fn a_folder_without_its_manifest_says_so() {
    let mut sink = Vec::new();
    assert!(Folder::from_memory(texts(&[("policy.yml", "usance: 1")]), &mut sink).is_none());
    assert!(Folder::from_memory(texts(&[]), &mut sink).is_none());
    assert!(Folder::load(Path::new("/nowhere/at/all"), &mut sink).is_none());
    assert_eq!(
        said(&sink),
        "`the policy` has no file `policy.yaml` / `policy.yml` is there: the file must be called `policy.yaml` and lie in the folder given\n\
         `the policy` has no file `policy.yaml` / write a file `policy.yaml` that begins with `usance: 1`\n\
         the folder `/nowhere/at/all` cannot be opened: it does not exist / give the path of a folder with a `policy.yaml`"
    );
}

#[test]
fn paths_cannot_leave_the_folder() {
    let mut sink = Vec::new();
    let paths = "p: [../x.csv, /etc/x.csv, 'C:\\x.csv', t.csv, ./t.csv, 'tables\\u.csv', tables/v.csv, T.CSV, x.xlsx]";
    let files = [("policy.yaml", paths), ("t.csv", "a\n1"), ("tables/u.csv", "a\n1")];
    let folder = Folder::from_memory(texts(&files), &mut sink).unwrap();
    let list = read::list(&folder.section("p").unwrap().value, &mut sink).unwrap().to_vec();
    let found: Vec<_> =
        list.iter().filter_map(|path| folder.file(path, &mut sink)).map(|source| source.name.clone()).collect();
    assert_eq!(found, ["t.csv", "t.csv"]);
    let outside = "leads out of the policy folder / write a path inside the folder, relative to it: `tables/terms.csv`";
    assert_eq!(
        said(&sink),
        format!(
            "`../x.csv` {outside}\n`/etc/x.csv` {outside}\n`C:\\x.csv` {outside}\n\
             `tables\\u.csv` has a `\\` between its parts / write `tables/u.csv`\n\
             there is no file `tables/v.csv` in this folder / did you mean `tables/u.csv`?\n\
             there is no file `T.CSV` in this folder / did you mean `t.csv`?\n\
             there is no file `x.xlsx` in this folder / only `.csv`, `.tsv`, `.rhai` and `.yaml` files are read; save a spreadsheet as `CSV UTF-8`"
        )
    );
}

#[cfg(unix)]
#[test]
fn links_out_of_the_folder_are_not_followed() {
    let (inside, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    fs::write(outside.path().join("secret.csv"), "a\n1").unwrap();
    fs::write(inside.path().join("policy.yaml"), "terms: t.csv").unwrap();
    std::os::unix::fs::symlink(outside.path().join("secret.csv"), inside.path().join("t.csv")).unwrap();
    std::os::unix::fs::symlink(outside.path(), inside.path().join("all")).unwrap();
    let mut sink = Vec::new();
    let folder = Folder::load(inside.path(), &mut sink).unwrap();
    assert!(folder.file(&folder.section("terms").unwrap().value, &mut sink).is_none());
    assert_eq!(
        render(&sink[0], Style::Plain),
        "error[usance::outside-folder]: `t.csv` is a link that leads out of the folder\n --> policy.yaml:1:8\n  |\n1 | terms: t.csv\n  |        ^^^^^\n  |\n  \
         = help: put a copy of the file into the folder"
    );
    assert_eq!(folder.files.names().collect::<Vec<_>>(), ["policy.yaml", "t.csv"]);
}

/// A mounted volume of Kubernetes: what is to be seen are links through `..data` to a hidden folder named after a time.
#[cfg(unix)]
#[test]
fn a_mounted_folder_is_read_once_through_its_links() {
    use std::os::unix::fs::symlink;
    let dir = tempfile::tempdir().unwrap();
    let real = dir.path().join("..2026_01_01.1");
    fs::create_dir_all(real.join("tests")).unwrap();
    fs::write(real.join("policy.yaml"), "usance: 1").unwrap();
    fs::write(real.join("tests/a.yaml"), "- name: a").unwrap();
    symlink("..2026_01_01.1", dir.path().join("..data")).unwrap();
    symlink("..data/policy.yaml", dir.path().join("policy.yaml")).unwrap();
    symlink("..data/tests", dir.path().join("tests")).unwrap();
    // A link to what is seen already, and one that would go round for ever.
    symlink("tests", dir.path().join("again")).unwrap();
    symlink("../../..data", real.join("tests/round")).unwrap();
    let mut sink = Vec::new();
    let folder = Folder::load(dir.path(), &mut sink).unwrap();
    assert_eq!(folder.files.names().collect::<Vec<_>>(), ["policy.yaml", "tests/a.yaml"]);
    assert_eq!(folder.tests.len(), 1);
}

#[test]
fn other_encodings_are_named() {
    let told = |bytes: &[u8]| encoding::decode("a.csv", bytes.to_vec()).unwrap_err().0;
    assert_eq!(told(&[0xFF, 0xFE, b'a', 0]), "`a.csv` is not UTF-8 text; it looks like UTF-16");
    assert_eq!(told(b"a\0b\0"), "`a.csv` is not UTF-8 text; it looks like UTF-16");
    assert_eq!(told(&[0xD6, 0xD0, 0xCE, 0xC4, b',']), "`a.csv` is not UTF-8 text; it looks like GBK (GB 18030)");
    assert_eq!(told(b"caf\xE9 x"), "`a.csv` is not UTF-8 text; it looks like an older one-byte encoding");
    assert_eq!(told(b"PK\x03\x04"), "`a.csv` is not UTF-8 text; it looks like a spreadsheet or an archive");
    assert_eq!(encoding::decode("a.csv", b"\xEF\xBB\xBFa".to_vec()).unwrap(), "a");
}

#[test]
fn a_file_too_large_or_too_deep_is_refused() {
    let refused = |text: String| {
        let mut sink = Vec::new();
        assert!(yaml::read(&Source::new("p.yaml", text), &mut sink).is_none());
        sink[0].message.clone()
    };
    assert_eq!(refused("a: b\n".repeat(1_000_000)), "`p.yaml` is larger than 4 MiB");
    assert_eq!(
        refused(format!("{}{}", "[".repeat(100), "]".repeat(100))),
        "lists and mappings nest more than 64 levels deep here"
    );
    assert_eq!(refused("[".repeat(100_000)), "lists and mappings nest more than 64 levels deep here");
    assert_eq!(refused(format!("a: \"{}", "\n".repeat(3_000_000))), "this `\"` is never closed");
    assert!(refused(format!("{{ {}", "x, [y], ".repeat(100_000))).contains("a key must be a word"));
    assert!(refused(format!("a: [(a{}] @", ", a".repeat(300_000))).len() > 5);
    let nested = format!("{}{}{}", "&a [".repeat(60), "x, ".repeat(200_000), "]".repeat(60));
    assert!(yaml::read(&Source::new("p.yaml", nested), &mut Vec::new()).is_some());
    let mut laughs = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for i in 1..9 {
        let before = format!("*a{}", i - 1);
        laughs.push_str(&format!("a{i}: &a{i} [{}]\n", [before.as_str(); 10].join(", ")));
    }
    assert_eq!(refused(laughs), "the references of this file add up to too many values");
}

fn csv(text: &str) -> (Option<Tree>, Vec<Diagnostic>) {
    let mut sink = Vec::new();
    (table::read_csv(&Source::new("t.csv", text), &mut sink), sink)
}

#[test]
fn a_table_is_a_list_of_mappings_with_the_place_of_every_cell() {
    for (mark, text) in [
        (',', "\u{FEFF}id,等级, when ,note\r\na, A ,\"x == \"\"y, z\"\"\",\r\n\r\n,,,\r\nb,,,\"\"\r\n"),
        (';', "id;等级;when;note\na;A;x, y;\nb;;;\n"),
    ] {
        let (tree, sink) = csv(text);
        assert_eq!(said(&sink), "");
        let TreeKind::List(rows) = tree.unwrap().kind else { panic!() };
        let shown: Vec<String> = rows
            .iter()
            .map(|row| {
                let TreeKind::Map(entries) = &row.kind else { panic!() };
                entries
                    .iter()
                    .map(|e| format!("{}={}@{}", e.key, e.value.text().unwrap(), e.value.place))
                    .collect::<Vec<_>>()
                    .join(" ")
            })
            .collect();
        let expected = if mark == ',' {
            ["id=a@t.csv:2:1 等级=A@t.csv:2:4 when=x == \"y, z\"@t.csv:2:7", "id=b@t.csv:5:1"]
        } else {
            ["id=a@t.csv:2:1 等级=A@t.csv:2:3 when=x, y@t.csv:2:5", "id=b@t.csv:3:1"]
        };
        assert_eq!(shown, expected);
    }
    let (tree, _) = csv("when\n\"x == \"\"y\"\"\"\n");
    let TreeKind::List(rows) = tree.unwrap().kind else { panic!() };
    let when = &rows[0].get("when").unwrap().value;
    assert_eq!(when.scalar().unwrap().text.place(5, 8).text(), "\"\"y\"\"");
}

#[test]
fn a_table_that_is_wrong_says_where() {
    let told = |text: &str| said(&csv(text).1);
    assert_eq!(told(""), "the table `t.csv` is empty / write the names of its columns on the first line");
    assert_eq!(
        told("a,,b\n1,2,3"),
        "a column has no name / write what the column holds in the first line of the table"
    );
    assert_eq!(told("a,b,a\n"), "two columns are called `a` / keep one of the two, or name them apart");
    assert_eq!(
        told("a,b\n1,2,3,\n"),
        "this cell stands beyond the 2 columns of the table / a cell that holds a comma needs quotes around it; otherwise name the column in the first line"
    );
    assert_eq!(
        told("a\n\"x\n"),
        "this `\"` is never closed / write `\"` at the end of the cell as well; a quote inside a cell is written twice: `\"\"`"
    );
    assert_eq!(
        told("a\n\"x\" y\n"),
        "the cell goes on after its closing quote / put the whole cell in quotes; a quote inside a cell is written twice: `\"\"`"
    );
}

#[test]
fn what_a_spreadsheet_made_of_a_cell_is_recognised() {
    for cell in ["Jan-30", "30-Jan", "1月30日", "2026年1月", "#NAME?", "#REF!", "1.2E+05", "-1E+10", "########"] {
        assert!(table::mangled(cell).is_some(), "{cell}");
    }
    for cell in ["1-30", "[1..30]", "d1_30", "+7d", "0..15", "五月", "3月", "E+5", "sub-40", "#1", "> 30", ""] {
        assert!(table::mangled(cell).is_none(), "{cell}");
    }
    assert_eq!(
        said(&csv("days\nJan-30\n").1),
        "a spreadsheet has probably changed this cell: `Jan-30` is a range or a code taken for a date / give the column the format `Text` in the spreadsheet and type the cell again"
    );
}

#[test]
fn rows_are_a_list_or_the_path_of_a_table() {
    let files = [("policy.yaml", "a: [{ id: x }]\nb: t.csv\nc: nothing\nd: { id: x }\n"), ("t.csv", "id\ny\nz\n")];
    let mut sink = Vec::new();
    let folder = Folder::from_memory(texts(&files), &mut sink).unwrap();
    let counts: Vec<_> = folder
        .sections
        .iter()
        .map(|entry| table::rows_or_table(&entry.value, &folder, &mut sink).map(|rows| rows.len()))
        .collect();
    assert_eq!(counts, [Some(1), Some(2), None, None]);
    assert_eq!(
        said(&sink),
        "a list of rows or the path of a table is needed here / write `[ … ]`, one `- …` a line, or a path such as `tables/terms.csv`\n\
         a list is needed here, not a mapping / write `[ … ]`, or one `- …` a line"
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_tables_never_panic(parts in prop::collection::vec(prop::sample::select(vec!["a", "中", ",", ";", "\t", "\"", "\"\"", "\n", "\r\n", "\r", " ", "\u{FEFF}"]), 0..30)) {
        let (_, sink) = csv(&parts.concat());
        render_all(&sink, Style::Plain);
    }

    #[test]
    fn cells_are_what_the_csv_library_reads(
        rows in prop::collection::vec(prop::collection::vec("[a中 ,\"\n;x]{0,5}", 3), 1..5)
    ) {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(["k0", "k1", "k2"]).unwrap();
        rows.iter().for_each(|row| writer.write_record(row).unwrap());
        let text = String::from_utf8(writer.into_inner().unwrap()).unwrap();
        let (tree, sink) = csv(&text);
        prop_assert_eq!(said(&sink), "");
        let TreeKind::List(read) = tree.unwrap().kind else { panic!() };
        let filled: Vec<_> = rows.iter().filter(|row| row.iter().any(|cell| !cell.trim().is_empty())).collect();
        prop_assert_eq!(read.len(), filled.len());
        for (tree, row) in read.iter().zip(filled) {
            for (i, cell) in row.iter().enumerate() {
                let got = tree.get(&format!("k{i}")).map(|entry| &entry.value);
                prop_assert_eq!(got.is_none(), cell.trim().is_empty());
                let Some(got) = got else { continue };
                prop_assert_eq!(got.text().unwrap().trim(), cell.trim());
                for (at, c) in got.text().unwrap().char_indices() {
                    let place = got.scalar().unwrap().text.place(at, at + c.len_utf8());
                    let stands = if c == '"' { "\"\"".to_owned() } else { c.to_string() };
                    prop_assert_eq!(place.text(), stands);
                }
            }
        }
    }
}
