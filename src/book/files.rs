//! The files of a table: named one by one, by a pattern, or as members of an archive.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use rayon::prelude::*;
use sha2::{Digest, Sha256};

use super::unpack;
use crate::diag::{Code, Diagnostic, nearest};
use crate::hex::hex;

/// How many bytes a thread reads in one go.
const PIECE: usize = 1 << 22;

/// A file, read and unpacked.
#[derive(Debug)]
pub(crate) struct Loaded {
    /// As people know it: its path in the book, and behind it the member of an archive.
    pub(crate) name: String,
    /// SHA-256 of the file as it lies on the disk, in hex; `None` where its bytes lie here and nobody worked it out yet.
    pub(crate) sha256: Option<String>,
    /// Its bytes, unpacked; the first few where it is left on the disk.
    pub(crate) bytes: Vec<u8>,
    /// Itself, unpacked, where it is left on the disk.
    pub(crate) file: Option<File>,
}

impl Loaded {
    /// Works out the SHA-256: what comes next changes the bytes.
    pub(crate) fn hash(&mut self) {
        self.sha256.get_or_insert_with(|| sha256(&self.bytes));
    }
}

/// The names of the files that a path of `book.yaml` means, sorted. Only its last part may be a pattern, so that a path
/// leads nowhere but where it says.
pub(crate) fn expand(dir: &Path, written: &str) -> Result<Vec<String>, Diagnostic> {
    if !written.contains('*') || dir.join(written).is_file() {
        return Ok(vec![written.to_owned()]);
    }
    let (folder, pattern) = written.rsplit_once('/').unwrap_or(("", written));
    let (beside, prefix) = match archive(written) {
        Some((path, _)) => {
            let bytes = bytes(dir, path)?;
            (unpack::members(path, &bytes).map_err(|finding| *finding)?, format!("{path}/"))
        }
        None if folder.is_empty() => (names(dir), String::new()),
        None => (names(&dir.join(folder)), format!("{folder}/")),
    };
    let pattern = archive(written).map_or(pattern, |(_, member)| member);
    let found: Vec<String> =
        beside.iter().filter(|name| matches(pattern, name)).map(|name| format!("{prefix}{name}")).collect();
    if found.is_empty() {
        let finding = Diagnostic::placeless(Code::UnreadableFile, format!("no file matches `{written}`"));
        let some: Vec<String> = beside.iter().take(5).map(|name| format!("`{name}`")).collect();
        return Err(finding.help(match some.is_empty() {
            true => "paths are relative to `book.yaml`".to_owned(),
            false => format!("beside it are {}", some.join(", ")),
        }));
    }
    Ok(found)
}

/// Reads a file.
pub(crate) fn load(dir: &Path, name: &str, most: u64) -> Result<Loaded, Diagnostic> {
    let (path, wanted) =
        archive(name).filter(|_| !dir.join(name).is_file()).map_or((name, None), |(p, m)| (p, Some(m)));
    let bytes = bytes(dir, path)?;
    if !unpack::is_packed(&bytes) {
        return Ok(Loaded { name: name.to_owned(), sha256: None, bytes, file: None });
    }
    let unpack = || match unpack::is_zip(&bytes) {
        true => {
            let members = unpack::members(path, &bytes)?;
            unpack::member(name, &bytes, one_of(path, &members, wanted).map_err(Box::new)?, most)
        }
        false => Ok(unpack::unpacked(name, &bytes, most)?.unwrap_or_else(|| bytes.clone())),
    };
    let (sha256, bytes) = rayon::join(|| sha256(&bytes), unpack);
    Ok(Loaded { name: name.to_owned(), sha256: Some(sha256), bytes: bytes.map_err(|finding| *finding)?, file: None })
}

/// Opens a file and leaves it on the disk; what is compressed is unpacked into a file without a name within a folder.
pub(crate) fn unpack_into(dir: &Path, name: &str, most: u64, aside: &Path) -> Result<Loaded, Diagnostic> {
    let (path, wanted) =
        archive(name).filter(|_| !dir.join(name).is_file()).map_or((name, None), |(p, m)| (p, Some(m)));
    let mut packed = File::open(dir.join(path)).map_err(|error| unreadable(dir, path, &error))?;
    let broken = |error: std::io::Error| unreadable(dir, path, &error);
    let sha256 = sha256_of(&mut packed).map_err(broken)?;
    let mut file = packed;
    if unpack::is_zip(&unpack::head(&mut file).map_err(broken)?) {
        let members = unpack::members_of(path, &file).map_err(|finding| *finding)?;
        let member = one_of(path, &members, wanted)?;
        file = unpack::member_into(name, &file, member, most, aside).map_err(|finding| *finding)?;
    }
    let mut file = unpack::unpacked_into(name, file, most, aside).map_err(|finding| *finding)?;
    let bytes = unpack::head(&mut file).map_err(broken)?;
    Ok(Loaded { name: name.to_owned(), sha256: Some(sha256), bytes, file: Some(file) })
}

/// How many bytes a file has as it lies on the disk, and whether it holds more than these say.
pub(crate) fn size(dir: &Path, name: &str) -> (u64, bool) {
    let path = archive(name).filter(|_| !dir.join(name).is_file()).map_or(name, |(path, _)| path);
    let bytes = std::fs::metadata(dir.join(path)).map_or(0, |known| known.len());
    let lower = path.to_ascii_lowercase();
    (bytes, is_columnar(path) || PACKED.iter().any(|packed| !packed.is_empty() && lower.ends_with(packed)))
}

/// The member that is meant.
fn one_of<'m>(path: &str, members: &'m [String], wanted: Option<&str>) -> Result<&'m str, Diagnostic> {
    if let Some(wanted) = wanted {
        return members.iter().find(|member| *member == wanted).map(String::as_str).ok_or_else(|| {
            let finding = Diagnostic::placeless(Code::UnreadableFile, format!("`{path}` has no file `{wanted}`"));
            match nearest(wanted, members.iter().map(String::as_str)) {
                Some(near) => finding.help(format!("did you mean `{path}/{near}`?")),
                None => finding.help(format!("it has {}", listed(members))),
            }
        });
    }
    match members {
        [one] => Ok(one),
        [] => Err(Diagnostic::placeless(Code::Nothing, format!("`{path}` has no file in it"))),
        [first, ..] => {
            let message = format!("`{path}` holds {} files: {}", members.len(), listed(members));
            let finding = Diagnostic::placeless(Code::UnreadableFile, message);
            Err(finding.help(format!(
                "name those of this table: `file: {path}/{first}`, or a pattern: `file: \"{path}/*.csv\"`"
            )))
        }
    }
}

fn listed(names: &[String]) -> String {
    let some: Vec<String> = names.iter().take(5).map(|name| format!("`{name}`")).collect();
    let more = if names.len() > 5 { " …" } else { "" };
    format!("{}{more}", some.join(", "))
}

/// A path into an archive: the archive and the member.
fn archive(path: &str) -> Option<(&str, &str)> {
    let at = path.to_ascii_lowercase().find(".zip/")?;
    let (archive, member) = path.split_at_checked(at + ".zip".len())?;
    Some((archive, member.strip_prefix('/')?))
}

/// The bytes of a file, as they lie on the disk.
pub(crate) fn bytes(dir: &Path, file: &str) -> Result<Vec<u8>, Diagnostic> {
    read(&dir.join(file)).map_err(|error| unreadable(dir, file, &error))
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    let known = file.metadata()?;
    let length = usize::try_from(known.len()).unwrap_or(usize::MAX);
    if known.is_file() && length > PIECE {
        let mut bytes = vec![0; length];
        fill(&file, &mut bytes)?;
        return Ok(bytes);
    }
    let mut bytes = Vec::with_capacity(length.min(PIECE));
    file.read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Reads a file, several threads a part each.
#[cfg(unix)]
fn fill(file: &File, bytes: &mut [u8]) -> io::Result<()> {
    use std::os::unix::fs::FileExt as _;

    let read = |(at, piece): (usize, &mut [u8])| file.read_exact_at(piece, (at * PIECE) as u64);
    bytes.par_chunks_mut(PIECE).enumerate().try_for_each(read)
}

#[cfg(not(unix))]
fn fill(mut file: &File, bytes: &mut [u8]) -> io::Result<()> {
    file.read_exact(bytes)
}

/// A file that cannot be read, or is not there.
fn unreadable(dir: &Path, file: &str, error: &std::io::Error) -> Diagnostic {
    if error.kind() != std::io::ErrorKind::NotFound {
        let finding = Diagnostic::placeless(Code::UnreadableFile, format!("`{file}` cannot be read: {error}"));
        return finding.help("paths are relative to `book.yaml`");
    }
    let path = dir.join(file);
    let finding = Diagnostic::placeless(Code::UnreadableFile, format!("there is no file `{file}`"));
    let beside = path.parent().map(names).unwrap_or_default();
    let last = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    match nearest(&last, beside.iter().map(String::as_str)) {
        Some(near) => finding.help(format!("did you mean `{}`?", with_last(file, near))),
        None => finding.help("paths are relative to `book.yaml`"),
    }
}

/// The path with another last part.
fn with_last(path: &str, last: &str) -> String {
    path.rsplit_once('/').map_or_else(|| last.to_owned(), |(dir, _)| format!("{dir}/{last}"))
}

/// The names of the files in a folder, sorted.
pub(crate) fn names(dir: &Path) -> Vec<String> {
    let dir = if dir.as_os_str().is_empty() { Path::new(".") } else { dir };
    let entries = std::fs::read_dir(dir).into_iter().flatten().filter_map(Result::ok);
    let files = entries.filter(|entry| entry.path().is_file());
    let mut names: Vec<String> = files.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// Endings of the files that hold tables; each may have one of a compressed file behind it.
const FORMS: &[&str] = &[".csv", ".tsv", ".jsonl", ".ndjson", ".parquet", ".arrow", ".feather"];
const PACKED: &[&str] = &["", ".gz", ".zst", ".zip"];

/// The name of a table's file without its endings: `invoices` of `invoices.csv.gz`.
pub(crate) fn stem(name: &str) -> Option<&str> {
    let lower = name.to_ascii_lowercase();
    let endings = FORMS.iter().flat_map(|form| PACKED.iter().map(move |packed| format!("{form}{packed}")));
    let ending = endings.filter(|ending| lower.ends_with(ending.as_str())).max_by_key(String::len)?;
    name.get(..name.len() - ending.len())
}

/// Whether a file, by its name, has one JSON object a line.
pub(crate) fn is_json_lines(name: &str) -> bool {
    ends(name, &[".jsonl", ".ndjson"])
}

/// Whether a file, by its name, has typed columns.
pub(crate) fn is_columnar(name: &str) -> bool {
    ends(name, &[".parquet", ".arrow", ".feather"])
}

/// Whether a name has one of these endings, and perhaps that of a compressed file behind it.
fn ends(name: &str, endings: &[&str]) -> bool {
    let lower = name.to_ascii_lowercase();
    let plain = PACKED.iter().filter(|p| !p.is_empty()).find_map(|packed| lower.strip_suffix(packed)).unwrap_or(&lower);
    endings.iter().any(|ending| plain.ends_with(ending))
}

/// Whether a file, by its name, is separated by tabs.
pub(crate) fn is_tabs(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    PACKED.iter().any(|packed| lower.ends_with(&format!(".tsv{packed}")))
}

/// Whether a name fits a pattern, in which `*` stands for any text.
fn matches(pattern: &str, name: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else { return pattern == name };
    let Some(name) = name.strip_prefix(first) else { return false };
    name.char_indices()
        .map(|(at, _)| at)
        .chain([name.len()])
        .any(|at| name.get(at..).is_some_and(|end| matches(rest, end)))
}

/// That of a file.
fn sha256_of(file: &mut File) -> std::io::Result<String> {
    let (mut hash, mut some) = (Sha256::new(), vec![0; 1 << 16]);
    loop {
        let read = file.read(&mut some)?;
        match some.get(..read) {
            None | Some([]) => return Ok(hex(&hash.finalize())),
            Some(bytes) => hash.update(bytes),
        }
    }
}

/// SHA-256 in hex.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_fit_names() {
        for (pattern, name, fits) in [
            ("a*.csv", "a.csv", true),
            ("a*.csv", "a-2026.csv", true),
            ("a*.csv", "b.csv", false),
            ("*2026*", "a-2026.csv", true),
            ("a*.csv", "a.csv.gz", false),
            ("应收*.csv", "应收单2.csv", true),
        ] {
            assert_eq!(matches(pattern, name), fits, "{pattern} {name}");
        }
        assert_eq!(stem("invoices.csv.gz"), Some("invoices"));
        assert_eq!(stem("readme.txt"), None);
        assert!(is_json_lines("a.ndjson.zst") && !is_json_lines("a.csv"));
    }
}
