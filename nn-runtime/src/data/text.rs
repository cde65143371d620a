//! The text form of what was fitted: a first line that says what it is, then one line per item, a name last.

use std::fmt::Display;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use crate::{Error, Result, files};

/// What was learnt from the training rows and must go where the weights go: [`super::Scaler`], [`super::Filler`],
/// [`super::Vocabulary`].
///
/// Its `Display` is its saved form and reads back exactly, in a file of its own or beside the weights.
///
/// ```
/// use nn_runtime::data::{Fitted, Scaler};
///
/// let scaler = Scaler::standardize(&[1.0f32, 3.0], 1, nn_runtime::Rows::All)?;
/// # let path = std::env::temp_dir().join("nn-doc-scaler.txt");
/// scaler.save(&path)?;
/// assert_eq!(Scaler::load(&path)?, scaler);
/// # std::fs::remove_file(path).unwrap();
/// # Ok::<(), nn_runtime::Error>(())
/// ```
pub trait Fitted: Display + FromStr<Err = Error> {
    /// Writes the text form; an old file is replaced only once the new one is whole.
    ///
    /// # Errors
    /// [`Error::Io`].
    fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        files::write_atomically(path.as_ref(), |file| file.write_all(self.to_string().as_bytes()))
    }

    /// Reads what [`Fitted::save`] wrote.
    ///
    /// # Errors
    /// [`Error::Io`]; [`Error::Format`] with the line where it is something else or damaged.
    fn load(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let text = std::fs::read_to_string(path).map_err(|source| Error::Io {
            path: path.to_owned(),
            source,
        })?;
        text.parse().map_err(|error| files::in_file(error, path))
    }
}

/// A name on one line.
pub(super) fn escape(name: &str) -> String {
    name.replace('\\', "\\\\")
        .replace('\n', "\\n")
        .replace('\r', "\\r")
}

fn unescape(text: &str) -> String {
    let mut name = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (c, c == '\\') {
            (_, true) => match chars.next() {
                Some('n') => name.push('\n'),
                Some('r') => name.push('\r'),
                Some(other) => name.push(other),
                None => {}
            },
            (c, false) => name.push(c),
        }
    }
    name
}

/// The lines of a text form, with errors that say which.
pub(crate) struct Lines<'a> {
    lines: std::str::Split<'a, char>,
    kind: &'static str,
    line: usize,
}

impl<'a> Lines<'a> {
    /// Checks the first line, `KIND 1 COUNT`, and gives the number of items too.
    pub(crate) fn new(text: &'a str, kind: &'static str) -> Result<(Self, usize)> {
        let mut lines = Self {
            lines: text.split('\n'),
            kind,
            line: 0,
        };
        let first = lines.next().unwrap_or("");
        let count = first.strip_prefix(kind).and_then(|rest| rest.strip_prefix(" 1 "));
        match count.and_then(|count| count.parse().ok()) {
            Some(count) => Ok((lines, count)),
            None => Err(lines.fault(format!(
                "expected `{kind} 1` and a count, found `{}`",
                start(first)
            ))),
        }
    }

    /// One item: `N` words and a name.
    pub(crate) fn item<const N: usize>(&mut self) -> Result<([&'a str; N], String)> {
        let line = self.next().unwrap_or("");
        let mut words = line.splitn(N + 1, ' ');
        let mut found = [""; N];
        for word in &mut found {
            *word = words.next().unwrap_or("");
        }
        match words.next() {
            Some(name) => Ok((found, unescape(name))),
            None => Err(self.fault(format!("expected {N} values and a name, found `{}`", start(line)))),
        }
    }

    /// A finite number in an item.
    pub(crate) fn number(&self, word: &str) -> Result<f64> {
        match word.parse::<f64>() {
            Ok(x) if x.is_finite() => Ok(x),
            _ => Err(self.fault(format!("expected a number, found `{}`", start(word)))),
        }
    }

    /// Checks that nothing follows but the last line's end.
    pub(crate) fn end(mut self) -> Result<()> {
        match (self.next(), self.next()) {
            (Some(""), None) => Ok(()),
            _ => Err(self.fault("expected as many lines as the first one says".into())),
        }
    }

    /// An error at the current line; the kind stands where a path is not known yet.
    pub(crate) fn fault(&self, message: String) -> Error {
        Error::Format {
            path: PathBuf::from(self.kind),
            line: self.line,
            column: 0,
            message,
        }
    }

    fn next(&mut self) -> Option<&'a str> {
        self.line += 1;
        self.lines.next()
    }
}

fn start(text: &str) -> String {
    text.chars().take(40).collect()
}
