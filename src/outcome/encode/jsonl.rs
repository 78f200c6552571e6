//! JSON Lines: decimals and dates as strings, so that no reader rounds or reinterprets them.

use super::{Dialect, TableSchema};

pub(super) struct Jsonl;

impl Dialect for Jsonl {
    const NULL: &'static [u8] = b"null";
    const QUOTE: &'static [u8] = b"\"";
    const END: &'static [u8] = b"}\n";

    fn header(_: &TableSchema) -> Vec<u8> {
        Vec::new()
    }

    fn leads(schema: &TableSchema) -> Vec<Vec<u8>> {
        let lead = |(at, head): (usize, &super::super::schema::Head)| {
            let mut lead = vec![if at == 0 { b'{' } else { b',' }];
            Self::text(&mut lead, head.name.as_bytes());
            lead.push(b':');
            lead
        };
        schema.heads.iter().enumerate().map(lead).collect()
    }

    fn text(out: &mut Vec<u8>, text: &[u8]) {
        out.push(b'"');
        if text.iter().fold(false, |found, byte| found | is_special(*byte)) {
            text.iter().for_each(|byte| escape(out, *byte));
        } else {
            out.extend_from_slice(text);
        }
        out.push(b'"');
    }

    fn list<'t>(out: &mut Vec<u8>, texts: impl Iterator<Item = &'t [u8]>) {
        out.push(b'[');
        for (at, text) in texts.enumerate() {
            if at > 0 {
                out.push(b',');
            }
            Self::text(out, text);
        }
        out.push(b']');
    }
}

fn is_special(byte: u8) -> bool {
    byte < b' ' || byte == b'"' || byte == b'\\'
}

/// A byte of a string. (RFC 8259, section 7)
fn escape(out: &mut Vec<u8>, byte: u8) {
    let short = match byte {
        b'"' | b'\\' => byte,
        b'\n' => b'n',
        b'\r' => b'r',
        b'\t' => b't',
        0x08 => b'b',
        0x0c => b'f',
        0x00..=0x1f => {
            let digit = |number: u8| if number < 10 { b'0' + number } else { b'a' + (number - 10) };
            out.extend_from_slice(b"\\u00");
            out.extend_from_slice(&[digit(byte >> 4), digit(byte & 0x0f)]);
            return;
        }
        _ => {
            out.push(byte);
            return;
        }
    };
    out.extend_from_slice(&[b'\\', short]);
}
