//! A file of text read piece by piece, each of whole rows, so that no more than a piece of it is in memory.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};

use encoding_rs::{Decoder, DecoderResult};

use super::columnar::Stop;
use super::cut::{Cutter, breaks};
use super::encodings;

/// The longest a row may be, in bytes.
const LONGEST: usize = 64 << 20;

/// The pieces of a file.
pub(crate) struct Pieces {
    file: File,
    decoder: Decoder,
    /// How many bytes are read at once.
    size: usize,
    /// What was read and is not yet of whole rows.
    rest: String,
    /// Bytes that do not make a character yet.
    undecoded: Vec<u8>,
    /// The line that the rest begins in, from 1.
    line: usize,
    ended: bool,
    name: String,
    /// Whether a broken character may be a sign of another encoding.
    undeclared: bool,
}

/// Where rows end.
#[derive(Clone, Copy)]
pub(crate) enum Rows {
    /// With their lines.
    Lines,
    /// As CSV with this delimiter has it.
    Delimited(u8),
}

/// Text of whole rows, and the line it begins in.
pub(crate) struct Piece {
    pub(crate) text: String,
    pub(crate) line: usize,
}

impl Pieces {
    /// Those of a file, about so many bytes each; the error is a message and its help.
    pub(crate) fn new(
        name: &str,
        mut file: File,
        declared: Option<&'static encoding_rs::Encoding>,
        size: usize,
    ) -> Result<Self, (String, String)> {
        let unreadable = |error: std::io::Error| (format!("`{name}` cannot be read: {error}"), String::new());
        let mut head = Vec::new();
        file.seek(SeekFrom::Start(0)).map_err(unreadable)?;
        (&mut file).take(4).read_to_end(&mut head).map_err(unreadable)?;
        let (encoding, mark) = encodings::of(name, &head, declared)?;
        file.seek(SeekFrom::Start(mark as u64)).map_err(unreadable)?;
        Ok(Self {
            file,
            decoder: encoding.new_decoder_without_bom_handling(),
            size,
            rest: String::new(),
            undecoded: Vec::new(),
            line: 1,
            ended: false,
            name: name.to_owned(),
            undeclared: declared.is_none() && mark == 0,
        })
    }

    /// The first piece: at least as much as `is_enough` wants, and whole rows from the byte that it gives on.
    pub(crate) fn first(&mut self, rows: Rows, is_enough: impl Fn(&str) -> Option<usize>) -> Result<Piece, Stop> {
        loop {
            self.read()?;
            let from = is_enough(&self.rest).or_else(|| self.ended.then_some(0));
            if let Some(end) = from.and_then(|from| self.whole_rows(rows, from)) {
                return Ok(self.cut(end));
            }
        }
    }

    /// The next piece.
    pub(crate) fn next(&mut self, rows: Rows) -> Result<Option<Piece>, Stop> {
        loop {
            if self.ended && self.rest.is_empty() {
                return Ok(None);
            }
            self.read()?;
            if let Some(end) = self.whole_rows(rows, 0) {
                return Ok(Some(self.cut(end)));
            }
        }
    }

    fn cut(&mut self, end: usize) -> Piece {
        let rest = self.rest.split_off(end);
        let text = std::mem::replace(&mut self.rest, rest);
        let line = self.line;
        self.line += breaks(text.as_bytes());
        Piece { text, line }
    }

    /// Where the last whole row of the rest ends; `None` where more has to be read.
    fn whole_rows(&self, rows: Rows, from: usize) -> Option<usize> {
        if self.ended {
            return Some(self.rest.len());
        }
        let last_line = self.rest.rfind('\n').map(|at| at + 1).filter(|end| *end > from);
        let Rows::Delimited(delimiter) = rows else { return last_line };
        if last_line.is_some() && !self.rest.contains('"') {
            return last_line;
        }
        let mut cutter = Cutter::new(&self.rest, delimiter, from, 1);
        let mut end = None;
        while let Some(row) = cutter.next() {
            // What reaches the end may go on.
            if cutter.end() == self.rest.len() && (row.unclosed || !self.rest.ends_with('\n')) {
                break;
            }
            end = Some(cutter.end());
        }
        end
    }

    /// Reads on.
    fn read(&mut self) -> Result<(), Stop> {
        if self.ended {
            return Ok(());
        }
        if self.rest.len() > LONGEST.max(self.size) {
            let why = format!(
                "the row in line {} has more than {} MB; perhaps a quote is not closed",
                self.line,
                LONGEST >> 20
            );
            return Err(Stop::Unreadable(why));
        }
        let mut bytes = std::mem::take(&mut self.undecoded);
        // The longer a row is, the more is read at once.
        let more = self.size.max(self.rest.len()) as u64;
        let read = (&mut self.file).take(more).read_to_end(&mut bytes);
        self.ended = read.map_err(|error| Stop::Unreadable(error.to_string()))? == 0;
        self.rest.reserve(self.decoder.max_utf8_buffer_length_without_replacement(bytes.len()).unwrap_or(bytes.len()));
        let (result, taken) = self.decoder.decode_to_string_without_replacement(&bytes, &mut self.rest, self.ended);
        match result {
            DecoderResult::InputEmpty => {
                self.undecoded = bytes.split_off(taken);
                Ok(())
            }
            DecoderResult::OutputFull => Err(Stop::Unreadable("it cannot be decoded".to_owned())),
            DecoderResult::Malformed(..) => {
                let line = self.line + breaks(self.rest.as_bytes());
                let encoding = self.decoder.encoding();
                let (message, help) = encodings::malformed(&self.name, encoding, line, &bytes, self.undeclared);
                Err(Stop::Told(message, help))
            }
        }
    }
}
