//! Findings point into the file, whatever quoting the text went through.

use std::sync::Arc;

use usance::diag::{OffsetMap, Source, SourceText};
use usance::lang::expression;

use super::support::{World, any, shown};

#[test]
fn a_finding_in_an_unescaped_text_points_at_the_file() {
    let file = "when: \"nope == \\\"x\\\" && typo\"";
    let source = Source::new("policy.yaml", file);
    let mut decoded = String::new();
    let mut table = Vec::new();
    let mut chars = file.char_indices().skip(7).peekable();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => break,
            '\\' => {
                decoded.push(chars.next().unwrap().1);
                table.push(u32::try_from(at).unwrap());
            }
            c => {
                decoded.push(c);
                table.push(u32::try_from(at).unwrap());
            }
        }
    }
    table.push(u32::try_from(file.len() - 1).unwrap());
    let text = SourceText { source, text: decoded, map: OffsetMap::Table(Arc::from(table)) };
    let mut world = World::new();
    assert!(expression(&text, &any(), &mut world).is_none());
    let found: Vec<String> = world.found.iter().map(shown).collect();
    assert!(found[0].starts_with("usance::unknown-name at `nope`"), "{found:?}");
    assert!(found[1].starts_with("usance::unknown-name at `typo`"), "{found:?}");
}
