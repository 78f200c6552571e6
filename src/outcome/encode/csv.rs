//! Comma-separated values: quotes only where a reader needs them.

use super::{Dialect, TableSchema};

pub(super) struct Csv;

impl Dialect for Csv {
    const NULL: &'static [u8] = b"";
    const QUOTE: &'static [u8] = b"";
    const END: &'static [u8] = b"\n";

    fn header(schema: &TableSchema) -> Vec<u8> {
        let mut out = Vec::new();
        for (lead, head) in Self::leads(schema).iter().zip(&schema.heads) {
            out.extend_from_slice(lead);
            Self::text(&mut out, head.name.as_bytes());
        }
        out.extend_from_slice(Self::END);
        out
    }

    fn leads(schema: &TableSchema) -> Vec<Vec<u8>> {
        (0..schema.heads.len()).map(|at| if at == 0 { Vec::new() } else { vec![b','] }).collect()
    }

    fn text(out: &mut Vec<u8>, text: &[u8]) {
        if !is_special(text) {
            out.extend_from_slice(text);
            return;
        }
        out.push(b'"');
        for byte in text {
            if *byte == b'"' {
                out.push(b'"');
            }
            out.push(*byte);
        }
        out.push(b'"');
    }

    fn list<'t>(out: &mut Vec<u8>, texts: impl Iterator<Item = &'t [u8]>) {
        let start = out.len();
        for (at, text) in texts.enumerate() {
            if at > 0 {
                out.extend_from_slice(b"; ");
            }
            out.extend_from_slice(text);
        }
        if out.get(start..).is_some_and(is_special) {
            let joined = out.split_off(start);
            Self::text(out, &joined);
        }
    }
}

/// Whether a text must stand in quotes. Every byte is looked at, which is faster than to stop at the first.
fn is_special(text: &[u8]) -> bool {
    text.iter().fold(false, |found, byte| found | matches!(byte, b',' | b'"' | b'\n' | b'\r'))
}
