//! Compressed files: gzip, Zstandard, and the members of a zip archive. What a file is shows in its first bytes.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Cursor, Read, Seek, SeekFrom};
use std::path::Path;

use flate2::read::MultiGzDecoder;
use ruzstd::decoding::StreamingDecoder;
use zip::ZipArchive;

use crate::diag::{Code, Diagnostic};

/// The most that a compressed file may unpack to, in bytes: 1 GiB. A few kilobytes can be made to unpack to terabytes.
pub(crate) const MOST: u64 = 1 << 30;

/// A file's bytes with gzip or Zstandard undone; `None` where they are compressed in neither way.
pub(crate) fn unpacked(name: &str, bytes: &[u8], most: u64) -> Result<Option<Vec<u8>>, Box<Diagnostic>> {
    Ok(match Compressed::of(bytes) {
        Some(Compressed::Gzip) => Some(bounded(name, MultiGzDecoder::new(bytes), most, Vec::new())?),
        Some(Compressed::Zstandard) => {
            let (mut rest, mut out) = (bytes, Vec::new());
            // A file may be several frames, one after the other.
            while !rest.is_empty() {
                let frame = StreamingDecoder::new(&mut rest).map_err(|error| broken(name, &error))?;
                out = bounded(name, frame, most, out)?;
            }
            Some(out)
        }
        None => None,
    })
}

/// How a file is compressed, by its first bytes.
enum Compressed {
    Gzip,
    Zstandard,
}

impl Compressed {
    fn of(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [0x1F, 0x8B, ..] => Some(Self::Gzip),
            [0x28, 0xB5, 0x2F, 0xFD, ..] => Some(Self::Zstandard),
            _ => None,
        }
    }
}

/// Whether these bytes are an archive or compressed.
pub(crate) fn is_packed(bytes: &[u8]) -> bool {
    is_zip(bytes) || Compressed::of(bytes).is_some()
}

/// Whether these bytes are a zip archive.
pub(crate) fn is_zip(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06")
}

/// The names of the files in an archive, sorted; not those that operating systems leave there.
pub(crate) fn members(name: &str, bytes: &[u8]) -> Result<Vec<String>, Box<Diagnostic>> {
    members_of(name, Cursor::new(bytes))
}

/// The same of an archive on the disk.
pub(crate) fn members_of(name: &str, from: impl Read + Seek) -> Result<Vec<String>, Box<Diagnostic>> {
    let archive = ZipArchive::new(from).map_err(|error| broken(name, &error))?;
    let mut names = Vec::new();
    for member in archive.file_names() {
        let member = member.map_err(|error| broken(name, &error))?.into_owned();
        let last = member.rsplit('/').next().unwrap_or("");
        if !last.is_empty() && !last.starts_with('.') && !member.starts_with("__MACOSX/") {
            names.push(member);
        }
    }
    if names.iter().any(|member| member == "[Content_Types].xml") {
        let finding = Diagnostic::placeless(Code::UnreadableFile, format!("`{name}` is a spreadsheet, not a text"));
        return Err(Box::new(finding.help("save its sheet as `CSV UTF-8` and name that file")));
    }
    names.sort();
    Ok(names)
}

/// One file of an archive, itself unpacked where it is compressed.
pub(crate) fn member(name: &str, bytes: &[u8], member: &str, most: u64) -> Result<Vec<u8>, Box<Diagnostic>> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| broken(name, &error))?;
    let file = archive.by_name(member).map_err(|error| broken(name, &error))?;
    let bytes = bounded(name, file, most, Vec::new())?;
    Ok(unpacked(name, &bytes, most)?.unwrap_or(bytes))
}

/// The first bytes of a file, which is read from its beginning again.
pub(crate) fn head(file: &mut File) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    file.seek(SeekFrom::Start(0))?;
    file.take(8).read_to_end(&mut head)?;
    file.seek(SeekFrom::Start(0))?;
    Ok(head)
}

/// One file of an archive on the disk, in a file within a folder.
pub(crate) fn member_into(
    name: &str,
    from: &File,
    member: &str,
    most: u64,
    aside: &Path,
) -> Result<File, Box<Diagnostic>> {
    let mut archive = ZipArchive::new(from).map_err(|error| broken(name, &error))?;
    let member = archive.by_name(member).map_err(|error| broken(name, &error))?;
    let mut to = tempfile::tempfile_in(aside).map_err(|error| broken(name, &error))?;
    copied(name, member, most, 0, &mut to)?;
    Ok(to)
}

/// A file with gzip or Zstandard undone, in another within a folder; others as they are.
pub(crate) fn unpacked_into(name: &str, mut file: File, most: u64, aside: &Path) -> Result<File, Box<Diagnostic>> {
    let aside = || tempfile::tempfile_in(aside).map_err(|error| broken(name, &error));
    match Compressed::of(&head(&mut file).map_err(|error| broken(name, &error))?) {
        Some(Compressed::Gzip) => {
            let mut to = aside()?;
            copied(name, MultiGzDecoder::new(BufReader::new(file)), most, 0, &mut to)?;
            Ok(to)
        }
        Some(Compressed::Zstandard) => {
            let (mut to, mut rest, mut length) = (aside()?, BufReader::new(file), 0);
            while !rest.fill_buf().map_err(|error| broken(name, &error))?.is_empty() {
                let frame = StreamingDecoder::new(&mut rest).map_err(|error| broken(name, &error))?;
                length = copied(name, frame, most, length, &mut to)?;
            }
            Ok(to)
        }
        None => Ok(file),
    }
}

/// Copies what is unpacked behind so many bytes; gives how many there are then.
fn copied(name: &str, from: impl Read, most: u64, length: u64, to: &mut File) -> Result<u64, Box<Diagnostic>> {
    let left = most.saturating_sub(length);
    let length = length + io::copy(&mut from.take(left + 1), to).map_err(|error| broken(name, &error))?;
    within(name, length, most)?;
    Ok(length)
}

fn bounded(name: &str, from: impl Read, most: u64, mut out: Vec<u8>) -> Result<Vec<u8>, Box<Diagnostic>> {
    let left = most.saturating_sub(out.len() as u64);
    from.take(left + 1).read_to_end(&mut out).map_err(|error| broken(name, &error))?;
    within(name, out.len() as u64, most)?;
    Ok(out)
}

fn within(name: &str, length: u64, most: u64) -> Result<(), Box<Diagnostic>> {
    if length > most {
        let message = format!("`{name}` unpacks to more than {}", size(most));
        let finding = Diagnostic::placeless(Code::TooLarge, message);
        return Err(Box::new(
            finding.help("split it: several files may make up one table, as `files: [a.csv.gz, b.csv.gz]`"),
        ));
    }
    Ok(())
}

fn size(bytes: u64) -> String {
    if bytes >= 1 << 30 { format!("{} GiB", bytes >> 30) } else { format!("{bytes} bytes") }
}

fn broken(name: &str, error: &dyn std::error::Error) -> Box<Diagnostic> {
    let message = format!("`{name}` cannot be unpacked: {error}");
    Box::new(Diagnostic::placeless(Code::UnreadableFile, message).help("it may be cut off or protected; make it again"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::io::Write as _;

    use super::*;

    #[test]
    fn a_small_file_that_unpacks_to_much_is_refused() {
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        packed.write_all(&vec![b'0'; 1_000_000]).unwrap();
        let packed = packed.finish().unwrap();
        assert!(packed.len() < 2_000);
        assert_eq!(unpacked("a.gz", &packed, 1_000_000).map(|b| b.map(|b| b.len())), Ok(Some(1_000_000)));
        let refused = unpacked("a.gz", &packed, 999_999).unwrap_err();
        assert_eq!(refused.message, "`a.gz` unpacks to more than 999999 bytes");
        assert_eq!(refused.code, Code::TooLarge);
    }

    #[test]
    fn a_member_of_an_archive_is_bounded_too() {
        let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
        archive.start_file("a.csv", zip::write::SimpleFileOptions::default()).unwrap();
        archive.write_all(&[b'0'; 100_000]).unwrap();
        let bytes = archive.finish().unwrap().into_inner();
        assert_eq!(members("a.zip", &bytes).unwrap(), ["a.csv"]);
        assert_eq!(member("a.zip", &bytes, "a.csv", 100_000).map(|b| b.len()), Ok(100_000));
        assert_eq!(member("a.zip", &bytes, "a.csv", 99_999).unwrap_err().code, Code::TooLarge);
    }

    #[test]
    fn every_frame_is_read_and_a_broken_one_is_no_end() {
        let frame = |text: &str| {
            ruzstd::encoding::compress_to_vec(text.as_bytes(), ruzstd::encoding::CompressionLevel::Fastest)
        };
        let both = [frame("id\n1\n"), frame("2\n")].concat();
        assert_eq!(unpacked("a.zst", &both, 7), Ok(Some(b"id\n1\n2\n".to_vec())));
        assert_eq!(unpacked("a.zst", &both, 6).unwrap_err().code, Code::TooLarge);
        let cut = both.get(..both.len() - 2).unwrap().to_vec();
        assert_eq!(unpacked("a.zst", &cut, 100).unwrap_err().code, Code::UnreadableFile);
    }
}
