//! Bytes as text: UTF-8 only; any other encoding is named.

/// The text of a file, without a byte order mark; or what is wrong with it, as `message` and `help`.
pub fn decode(name: &str, bytes: Vec<u8>) -> Result<String, (String, String)> {
    let looks_like = other_encoding(&bytes);
    let text = match (looks_like, String::from_utf8(bytes)) {
        (None, Ok(text)) => text,
        (Some(encoding), _) => return Err(not_utf8(name, encoding)),
        (None, Err(error)) if is_gbk(error.as_bytes()) => return Err(not_utf8(name, "GBK (GB 18030)")),
        (None, Err(_)) => return Err(not_utf8(name, "an older one-byte encoding")),
    };
    Ok(match text.strip_prefix('\u{FEFF}') {
        Some(rest) => rest.to_owned(),
        None => text,
    })
}

fn not_utf8(name: &str, encoding: &str) -> (String, String) {
    let message = format!("`{name}` is not UTF-8 text; it looks like {encoding}");
    (message, "save it again as UTF-8 (in Excel: `CSV UTF-8`; in Notepad: `Save as`, encoding `UTF-8`)".to_owned())
}

/// An encoding that shows in the first bytes.
fn other_encoding(bytes: &[u8]) -> Option<&'static str> {
    let start = bytes.get(..4).unwrap_or(bytes);
    match start {
        [0xFF, 0xFE, 0, 0] | [0, 0, 0xFE, 0xFF] => Some("UTF-32"),
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] => Some("UTF-16"),
        _ if looks_like_utf16(start).is_some() => Some("UTF-16"),
        [b'P', b'K', 3, 4] => Some("a spreadsheet or an archive"),
        _ => None,
    }
}

/// Whether bytes without a mark are UTF-16, and then whether the low byte comes first.
pub(crate) fn looks_like_utf16(bytes: &[u8]) -> Option<bool> {
    match bytes {
        [1..=255, 0, 1..=255, 0, ..] => Some(true),
        [0, 1..=255, 0, 1..=255, ..] => Some(false),
        _ => None,
    }
}

/// Whether every byte past ASCII is half of a GBK pair.
pub(crate) fn is_gbk(bytes: &[u8]) -> bool {
    let mut rest = bytes;
    loop {
        rest = match rest {
            [] => return true,
            [0..=0x7F, rest @ ..] => rest,
            [0x81..=0xFE, 0x40..=0x7E | 0x80..=0xFE, rest @ ..] => rest,
            [0x81..=0xFE, 0x30..=0x39, 0x81..=0xFE, 0x30..=0x39, rest @ ..] => rest,
            _ => return false,
        };
    }
}
