//! Bytes of a book's files as text, in whatever encoding a program exports.

use encoding_rs::{Encoding, UTF_8};

use crate::policy::encoding::{is_gbk, looks_like_utf16};

/// The text of a file, without a byte order mark; or what is wrong with it, as message and help.
pub(crate) fn decode(
    name: &str,
    mut bytes: Vec<u8>,
    declared: Option<&'static Encoding>,
) -> Result<String, (String, String)> {
    let marked = Encoding::for_bom(&bytes);
    let (encoding, mark) = of(name, &bytes, declared)?;
    bytes.drain(..mark);
    if encoding != UTF_8 {
        return match encoding.decode_without_bom_handling_and_without_replacement(&bytes) {
            Some(text) => Ok(text.into_owned()),
            None => Err(undecodable(name, encoding, broken_line(encoding, &bytes))),
        };
    }
    if marked.is_none() && looks_like_utf16(&bytes).is_none() {
        match String::from_utf8(bytes) {
            Ok(text) => return Ok(text),
            Err(error) => bytes = error.into_bytes(),
        }
    }
    if marked.is_none()
        && declared.is_none()
        && let Some(other) = other(&bytes)
    {
        return Err(looks_like(name, other));
    }
    String::from_utf8(bytes).map_err(|error| undecodable(name, UTF_8, broken_line(UTF_8, error.as_bytes())))
}

/// The encoding of a file that begins with these bytes, and how long its mark is.
pub(crate) fn of(
    name: &str,
    bytes: &[u8],
    declared: Option<&'static Encoding>,
) -> Result<(&'static Encoding, usize), (String, String)> {
    match (Encoding::for_bom(bytes), declared) {
        (Some((marked, _)), Some(declared)) if marked != declared => {
            let message =
                format!("`{name}` begins with the mark of {}, and `book.yaml` says {}", shown(marked), shown(declared));
            Err((message, format!("leave out `encoding`, or write `encoding: {}`", shown(marked))))
        }
        (Some(marked), _) => Ok(marked),
        (None, Some(declared)) => Ok((declared, 0)),
        (None, None) => match looks_like_utf16(bytes).and_then(|_| other(bytes)) {
            Some(other) => Err(looks_like(name, other)),
            None => Ok((UTF_8, 0)),
        },
    }
}

/// What is wrong with a file of which these bytes cannot be decoded.
pub(crate) fn malformed(
    name: &str,
    encoding: &'static Encoding,
    line: usize,
    bytes: &[u8],
    undeclared: bool,
) -> (String, String) {
    match other(bytes).filter(|_| undeclared) {
        Some(other) => looks_like(name, other),
        None => undecodable(name, encoding, line),
    }
}

fn looks_like(name: &str, other: &str) -> (String, String) {
    let message = format!("`{name}` is not UTF-8 text; it looks like {other}");
    (message, format!("declare `encoding: {other}` for its table in book.yaml, or save it again as UTF-8"))
}

/// The encoding that bytes without a mark seem to be in, where that is not UTF-8.
pub(crate) fn other(bytes: &[u8]) -> Option<&'static str> {
    match looks_like_utf16(bytes) {
        Some(true) => Some("utf-16le"),
        Some(false) => Some("utf-16be"),
        None if std::str::from_utf8(bytes).is_ok() => None,
        None if is_gbk(bytes) => Some("gb18030"),
        None => Some("windows-1252"),
    }
}

/// An encoding by one of its names.
pub(crate) fn named(name: &str) -> Option<&'static Encoding> {
    Encoding::for_label(name.as_bytes()).filter(|encoding| *encoding != encoding_rs::REPLACEMENT)
}

/// As people write it.
pub(crate) fn shown(encoding: &'static Encoding) -> String {
    encoding.name().to_ascii_lowercase()
}

fn broken_line(encoding: &'static Encoding, bytes: &[u8]) -> usize {
    let (text, _) = encoding.decode_without_bom_handling(bytes);
    text.split('\u{FFFD}').next().unwrap_or("").matches('\n').count() + 1
}

fn undecodable(name: &str, encoding: &'static Encoding, line: usize) -> (String, String) {
    let message = format!("`{name}` is not {} text: line {line} cannot be decoded", shown(encoding));
    (message, "declare the encoding it is in, as in `encoding: gb18030`, or save it again as UTF-8".to_owned())
}
