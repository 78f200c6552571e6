//! What programs call the columns of a book: data, in `aliases.txt`.

const TEXT: &str = include_str!("aliases.txt");

/// How well a text fits one of the names of a key; 0 is the surest.
pub(super) fn rank(key: &str, text: &str) -> Option<usize> {
    names(key)?.position(|name| plain(name) == plain(text))
}

/// The key under a prefix that a text is a name of: `payments` for `kind.` and `DZ`.
pub(super) fn key_of(prefix: &str, text: &str) -> Option<&'static str> {
    let keys = lines().filter_map(|(key, _)| key.strip_prefix(prefix));
    keys.into_iter().find(|key| rank(&format!("{prefix}{key}"), text).is_some())
}

fn names(key: &str) -> Option<impl Iterator<Item = &'static str>> {
    let (_, names) = lines().find(|(known, _)| *known == key)?;
    Some(names.split(';').map(str::trim))
}

fn lines() -> impl Iterator<Item = (&'static str, &'static str)> {
    TEXT.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once(": "))
}

/// Letters and digits alone, in small letters.
fn plain(text: &str) -> String {
    // The last part of a key within objects says what it is.
    let last = text.rsplit('.').find(|part| !part.is_empty()).unwrap_or(text);
    last.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}
