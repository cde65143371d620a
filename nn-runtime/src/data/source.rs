//! A file as a stream of bytes, gunzipped where it is gzipped, with errors that name it.

use std::fs::File;
use std::io::{self, BufRead, BufReader, ErrorKind, Read};
use std::path::{Path, PathBuf};

use crate::{Error, Result};

/// An open data file.
pub(super) struct Source {
    path: PathBuf,
    reader: Box<dyn BufRead>,
}

impl Source {
    /// Opens a file; the gzip magic decides whether it is unpacked, not its name.
    pub(super) fn open(path: &Path) -> Result<Self> {
        let io = |source| Error::Io {
            path: path.to_owned(),
            source,
        };
        let mut file = BufReader::new(File::open(path).map_err(io)?);
        let reader = if file.fill_buf().map_err(io)?.starts_with(&[0x1f, 0x8b]) {
            gunzip(path, file)?
        } else {
            Box::new(file)
        };
        Ok(Self {
            path: path.to_owned(),
            reader,
        })
    }

    /// An error about the whole file.
    pub(super) fn format(&self, message: impl Into<String>) -> Error {
        Error::Format {
            path: self.path.clone(),
            line: 0,
            column: 0,
            message: message.into(),
        }
    }

    /// The next `N` bytes; `what` says what they are where the file ends before.
    pub(super) fn bytes<const N: usize>(&mut self, what: &str) -> Result<[u8; N]> {
        let mut bytes = [0; N];
        match self.reader.read_exact(&mut bytes) {
            Ok(()) => Ok(bytes),
            Err(e) if e.kind() == ErrorKind::UnexpectedEof => {
                Err(self.format(format!("the file ends within its {what}")))
            }
            Err(e) => Err(self.read_failed(e)),
        }
    }

    /// The next `n` bytes. Memory grows with what the file really holds, whatever its header promised.
    pub(super) fn take(&mut self, n: usize, what: &str) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        match self.reader.by_ref().take(n as u64).read_to_end(&mut bytes) {
            Ok(found) if found == n => Ok(bytes),
            Ok(found) => Err(self.format(format!(
                "expected {n} bytes of {what}, the file ends after {found}"
            ))),
            Err(e) => Err(self.read_failed(e)),
        }
    }

    /// Whether nothing follows.
    pub(super) fn is_at_end(&mut self) -> Result<bool> {
        match self.reader.fill_buf() {
            Ok(rest) => Ok(rest.is_empty()),
            Err(e) => Err(self.read_failed(e)),
        }
    }

    /// Checks that nothing follows.
    pub(super) fn end(&mut self) -> Result<()> {
        if self.is_at_end()? {
            Ok(())
        } else {
            Err(self.format("the file goes on after its last number"))
        }
    }

    /// A truncated or damaged gzip stream is a matter of the contents, all else of the system.
    pub(super) fn read_failed(&self, source: io::Error) -> Error {
        match source.kind() {
            ErrorKind::UnexpectedEof => self.format("the gzip stream is cut short"),
            ErrorKind::InvalidData | ErrorKind::InvalidInput => {
                self.format(format!("the gzip stream is damaged: {source}"))
            }
            _ => Error::Io {
                path: self.path.clone(),
                source,
            },
        }
    }

    /// The bytes, for a reader that brings its own buffer.
    #[cfg(feature = "csv")]
    pub(super) fn into_reader(self) -> Box<dyn BufRead> {
        self.reader
    }
}

#[cfg(feature = "gzip")]
#[allow(clippy::unnecessary_wraps, reason = "without the feature it fails")]
fn gunzip(_: &Path, file: BufReader<File>) -> Result<Box<dyn BufRead>> {
    Ok(Box::new(BufReader::new(flate2::bufread::MultiGzDecoder::new(
        file,
    ))))
}

#[cfg(not(feature = "gzip"))]
fn gunzip(path: &Path, _: BufReader<File>) -> Result<Box<dyn BufRead>> {
    Err(Error::Format {
        path: path.to_owned(),
        line: 0,
        column: 0,
        message: "the file is gzipped; build `nn-runtime` with the feature `gzip`, or unpack it".into(),
    })
}
