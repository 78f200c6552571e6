//! A file of which is known, when it is written, whether it is still what was written.

use std::fs::File;
use std::io::{self, Read as _, Write};
use std::path::Path;

use twox_hash::xxhash3_128::Hasher;

use crate::hex::hex;

/// How much is read at a time.
const CHUNK: usize = 1 << 18;

/// How long a file is, and the hash of its bytes.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(in crate::outcome) struct Sum {
    pub(in crate::outcome) bytes: u64,
    pub(in crate::outcome) hash: String,
}

impl Sum {
    /// That of a file.
    pub(in crate::outcome) fn of(path: &Path) -> io::Result<Self> {
        let (mut file, mut summing) = (File::open(path)?, Summing::default());
        let mut chunk = vec![0; CHUNK];
        loop {
            match file.read(&mut chunk)? {
                0 => return Ok(summing.sum()),
                read => summing.add(chunk.get(..read).unwrap_or(&[])),
            }
        }
    }
}

/// Bytes gone by.
#[derive(Clone)]
pub(in crate::outcome) struct Summing {
    bytes: u64,
    hasher: Hasher,
}

impl Default for Summing {
    fn default() -> Self {
        Self { bytes: 0, hasher: Hasher::new() }
    }
}

impl Summing {
    pub(in crate::outcome) fn add(&mut self, bytes: &[u8]) {
        self.bytes += bytes.len() as u64;
        self.hasher.write(bytes);
    }

    pub(in crate::outcome) fn sum(&self) -> Sum {
        Sum { bytes: self.bytes, hash: hex(&self.hasher.finish_128().to_be_bytes()) }
    }
}

/// A file being written, and what was written where somebody wants to know.
pub(super) struct Checked {
    file: File,
    summing: Option<Box<Summing>>,
}

impl Checked {
    pub(super) fn new(file: File, with_sum: bool) -> Self {
        Self { file, summing: with_sum.then(Box::default) }
    }

    /// Ends the file; it is on the disk then.
    pub(super) fn finish(self) -> io::Result<Option<Sum>> {
        self.file.sync_all()?;
        Ok(self.summing.map(|summing| summing.sum()))
    }
}

impl Write for Checked {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        if let Some(summing) = &mut self.summing {
            summing.add(bytes.get(..written).unwrap_or(bytes));
        }
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
