//! Every decoded text leads back to the bytes it came from.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::panic,
    missing_docs,
    clippy::type_complexity,
    unreachable_pub
)]

use std::sync::Arc;

use proptest::prelude::*;
use usance::diag::{Source, Style, render_all};
use usance::policy::tree::{Tree, TreeKind};
use usance::policy::yaml;

fn read(text: &str) -> Tree {
    let mut sink = Vec::new();
    let tree = yaml::read(&Source::new("p.yaml", text), &mut sink);
    assert!(sink.is_empty(), "{}\n{text:?}", render_all(&sink, Style::Plain));
    tree.expect("a tree")
}

/// The file text of each character of a scalar, `|` between.
fn pieces(tree: &Tree) -> String {
    let text = &tree.scalar().unwrap().text;
    let piece = |(at, c): (usize, char)| text.place(at, at + c.len_utf8()).text().replace('\n', "⏎").replace('\r', "␍");
    text.text.char_indices().map(piece).collect::<Vec<_>>().join("|")
}

fn value<'t>(tree: &'t Tree, key: &str) -> &'t Tree {
    &tree.get(key).unwrap().value
}

#[test]
fn a_plain_and_a_quoted_text_stand_as_they_are() {
    let tree = read("赊销: 你好 # ok\nb: 'x > 3'\nc:   \"y\"  # more\n");
    assert_eq!(value(&tree, "赊销").place.text(), "你好");
    assert_eq!(value(&tree, "b").place.text(), "'x > 3'");
    assert_eq!(pieces(value(&tree, "b")), "x| |>| |3");
    assert_eq!(value(&tree, "c").place.text(), "\"y\"");
    assert_eq!(tree.get("c").unwrap().key_place.text(), "c");
}

#[test]
fn escapes_and_doubled_quotes_map_to_all_their_characters() {
    let tree = read("a: 'it''s'\nb: \"\\\"A\\\" \\u4e2d\\x41\\n\"\n");
    assert_eq!(value(&tree, "a").text(), Some("it's"));
    assert_eq!(pieces(value(&tree, "a")), "i|t|''|s");
    assert_eq!(value(&tree, "b").text(), Some("\"A\" 中A\n"));
    assert_eq!(pieces(value(&tree, "b")), "\\\"|A|\\\"| |\\u4e2d|\\x41|\\n");
}

#[test]
fn folds_map_to_the_line_breaks_they_replace() {
    let tree = read("a: one\n  two\n\n  three\nb: \"x \\\n   y\n   z\"\nc: >-\n  p\n  q\n\n  r\nd: |\n  s\n  t\n");
    assert_eq!(value(&tree, "a").text(), Some("one two\nthree"));
    assert_eq!(pieces(value(&tree, "a")), "o|n|e|⏎  |t|w|o|⏎⏎  |t|h|r|e|e");
    assert_eq!(value(&tree, "b").text(), Some("x y z"));
    assert_eq!(value(&tree, "b").place.text(), "\"x \\\n   y\n   z\"");
    assert_eq!(value(&tree, "c").text(), Some("p q\nr"));
    assert_eq!(pieces(value(&tree, "c")), "p|⏎  |q|⏎⏎  |r");
    assert_eq!(value(&tree, "c").place.text(), "p\n  q\n\n  r");
    assert_eq!(value(&tree, "d").text(), Some("s\nt\n"));
    assert_eq!(pieces(value(&tree, "d")), "s|⏎  |t|⏎");
}

#[test]
fn blocks_with_leading_lines_tabs_and_carriage_returns_keep_their_places() {
    let tree = read("a: |\r\n\r\n\r\n  x\r\n   y\r\nb: &n >+\n\n  p\n   more\n  q\n\n");
    assert_eq!(value(&tree, "a").text(), Some("\n\nx\n y\n"));
    assert_eq!(pieces(value(&tree, "a")), "␍⏎|␍⏎  |x|␍⏎  | |y|␍⏎");
    assert_eq!(value(&tree, "b").text(), Some("\np\n more\nq\n\n"));
}

#[test]
fn collections_end_with_their_bracket_or_their_last_value() {
    let tree = read("a: [ 1, { b: 2 } ]   # note\nc:\n  - d: 3\n  - e:\nf: {}\ng:\n");
    assert_eq!(value(&tree, "a").place.text(), "[ 1, { b: 2 } ]");
    assert_eq!(value(&tree, "c").place.text(), "- d: 3\n  - e:");
    assert_eq!(value(&tree, "f").place.text(), "{}");
    assert!(value(&tree, "g").is_null());
    assert_eq!(value(&tree, "g").place.to_string(), "p.yaml:6:3");
}

#[test]
fn merge_keys_bring_what_is_not_written() {
    let tree = read("x: &x { a: 1, b: 2 }\ny: &y { b: 3, c: 4 }\nz: { <<: [*x, *y], a: 0 }\nw: { <<: *y }\n");
    let z = value(&tree, "z");
    let TreeKind::Map(entries) = &z.kind else { panic!() };
    let shown: Vec<_> =
        entries.iter().map(|e| format!("{}={}@{}", e.key, e.value.text().unwrap(), e.value.place)).collect();
    assert_eq!(shown, ["a=0@p.yaml:3:23", "b=2@p.yaml:1:18", "c=4@p.yaml:2:18"]);
    assert_eq!(z.place.text(), "{ <<: [*x, *y], a: 0 }");
    assert_eq!(value(value(&tree, "w"), "b").text(), Some("3"));
}

#[test]
fn empty_files_and_byte_order_marks_are_fine() {
    let mut sink = Vec::new();
    for text in ["", "\n# nothing\n", "---\n", "\u{FEFF}"] {
        let tree = yaml::read(&Source::new("p.yaml", text), &mut sink);
        assert!(tree.is_none_or(|tree| tree.is_null()), "{text:?}");
    }
    assert!(sink.is_empty());
    assert_eq!(value(&read("\u{FEFF}a: b\r\n"), "a").place.text(), "b");
}

fn check_maps(source: &Arc<Source>, tree: &Tree) {
    match &tree.kind {
        TreeKind::List(items) => items.iter().for_each(|item| check_maps(source, item)),
        TreeKind::Map(entries) => entries.iter().for_each(|entry| check_maps(source, &entry.value)),
        TreeKind::Scalar(scalar) => {
            let mut before = 0;
            for (at, c) in scalar.text.text.char_indices() {
                let span = scalar.text.span(at, at + c.len_utf8());
                assert!(span.start >= before && span.end >= span.start, "monotone in {source:?}");
                assert!(
                    source.text.is_char_boundary(span.start as usize)
                        && source.text.is_char_boundary(span.end as usize)
                );
                let raw = &source.text[span.start as usize..span.end as usize];
                assert!(
                    c.is_whitespace() || source.text.contains('\t') || raw.starts_with([c, '\\']),
                    "{c:?} is {raw:?} in {source:?}"
                );
                before = span.start;
            }
        }
    }
}

/// A text and a way to write it as a value indented by two.
fn written() -> impl Strategy<Value = (String, String)> {
    let text = prop::collection::vec(
        prop::sample::select(vec!["a", "b c", "中", "é", "0", "x >", "'", "\"", "\\", ", "]),
        1..8,
    );
    (text, 0..4_u8).prop_map(|(parts, style)| {
        let text: String = parts.concat();
        let text = text.trim().to_owned();
        let shown = match style {
            0 => format!("'{}'", text.replace('\'', "''")),
            1 => format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('中', "\\u4e2d")),
            2 => format!("|-\n    {text}"),
            _ => format!(">-\n    {}", text.replace(' ', "\n    ")),
        };
        let folds_badly = style == 3 && (text.contains("  ") || text.is_empty());
        if folds_badly || text.is_empty() { ("z".to_owned(), "z".to_owned()) } else { (text, shown) }
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_text_never_panics(text in "\\PC*") {
        let source = Source::new("p.yaml", text);
        let mut sink = Vec::new();
        if let Some(tree) = yaml::read(&source, &mut sink) { check_maps(&source, &tree); }
        render_all(&sink, Style::Plain);
    }

    #[test]
    fn text_made_of_yaml_marks_never_panics(
        parts in prop::collection::vec(prop::sample::select(vec![
            "a", "b", "1", ": ", ":", "- ", "\n", "\n  ", "\n    ", "{", "}", "[", "]", ", ", ",", "\"", "'", "''", "\\", "\\n", "|", "|-", ">", ">+\n", "#", " #",
            "&a ", "*a", "<<: ", "!x ", "!", "? ", "%", "@", "`", "\t", "\r\n", "中", "：", "“", "---\n", "...\n", "\u{FEFF}", "\0", "(", ")", "..", "??", " ", "key: ", "\n- ",
        ]), 0..40)
    ) {
        let source = Source::new("p.yaml", parts.concat());
        let mut sink = Vec::new();
        if let Some(tree) = yaml::read(&source, &mut sink) { check_maps(&source, &tree); } else { render_all(&sink, Style::Plain); }
    }

    #[test]
    fn every_character_of_a_scalar_is_found_where_it_was_written(values in prop::collection::vec(written(), 1..6)) {
        let text: String = values.iter().enumerate().map(|(i, (_, shown))| format!("k{i}: # 注\n  {shown}\n")).collect();
        let source = Source::new("p.yaml", text.clone());
        let mut sink = Vec::new();
        let tree = yaml::read(&source, &mut sink).unwrap();
        for (i, (text, _)) in values.iter().enumerate() {
            let value = &tree.get(&format!("k{i}")).unwrap().value;
            prop_assert_eq!(value.text(), Some(text.as_str()));
            let scalar = value.scalar().unwrap();
            for (at, c) in text.char_indices() {
                let place = scalar.text.place(at, at + c.len_utf8());
                let raw = place.text();
                let good = match c {
                    '\'' => raw == "'" || raw == "''",
                    '"' => raw == "\"" || raw == "\\\"",
                    '\\' => raw == "\\" || raw == "\\\\",
                    '中' => raw == "中" || raw == "\\u4e2d",
                    ' ' => raw == " " || raw == "\n    ",
                    _ => raw == c.to_string(),
                };
                prop_assert!(good, "{:?} at {} of {:?}", raw, at, source.text);
            }
        }
        check_maps(&source, &tree);
    }
}
