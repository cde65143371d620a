//! The one error of the runtime: what was wrong with the data, the file or the numbers, with the culprit named.

use std::fmt;
use std::path::PathBuf;

use crate::Origin;

/// `std::result::Result` with this crate's [`Error`].
pub type Result<T> = std::result::Result<T, Error>;

/// Everything that can go wrong while a network runs, trains, or is read from a file.
///
/// Its `Debug` form is the message, too: a `main` that returns it, or an `unwrap`, ends with a sentence.
#[non_exhaustive]
pub enum Error {
    /// The length of the data is no multiple of a sample's size.
    Length {
        /// Which data: an input's name, or `target`.
        what: String,
        /// Numbers per sample.
        expected_multiple_of: usize,
        /// Numbers given.
        found: usize,
    },
    /// Inputs and targets hold different numbers of samples.
    SampleCount {
        /// Samples in the inputs.
        inputs: usize,
        /// Samples in the targets.
        targets: usize,
    },
    /// An input, or an output's gradient, of another number of samples than the first input.
    UnequalCount {
        /// Which one.
        what: String,
        /// Samples in the first input.
        expected: usize,
        /// Samples in this one.
        found: usize,
    },
    /// A batch or data set without a sample.
    Empty,
    /// `backward` without a `forward` before it, or a second one after the same.
    NoForward,
    /// An optimizer's `step` before a backward pass.
    NoGradient,
    /// A class index that is not below the number of classes.
    Label {
        /// Position of the label.
        sample: usize,
        /// The label.
        found: u32,
        /// Number of classes.
        classes: usize,
    },
    /// A row index outside the data.
    Row {
        /// The index.
        found: usize,
        /// Samples there are.
        samples: usize,
    },
    /// A number that is not finite where it must be.
    NotFinite {
        /// Where it appeared: `loss`, a layer, a column.
        what: String,
    },
    /// A training whose loss is no longer finite.
    Diverged {
        /// The epoch, from 1.
        epoch: usize,
        /// The batch in it, from 1.
        batch: usize,
        /// The loss of the batch, before its update.
        loss: f64,
        /// Where the first number that is not finite appeared.
        origin: Origin,
    },
    /// A setting that makes no sense (a batch of 0, a rate below 0).
    Setting {
        /// Its name.
        name: &'static str,
        /// What is expected and what was found.
        message: String,
    },
    /// A file that could not be read or written.
    Io {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// A file whose contents are not what is expected.
    Format {
        /// The file.
        path: PathBuf,
        /// Line, from 1; 0 where lines mean nothing.
        line: usize,
        /// Column, from 1; 0 where columns mean nothing.
        column: usize,
        /// What was expected and what was found.
        message: String,
    },
    /// Weights that are not this network's.
    Weights {
        /// The file.
        path: PathBuf,
        /// The tensor at fault, or empty for the file as a whole.
        tensor: String,
        /// What was expected and what was found.
        message: String,
    },
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Length {
                what,
                expected_multiple_of,
                found,
            } => {
                write!(
                    f,
                    "`{what}` holds {found} numbers, expected a multiple of {expected_multiple_of}"
                )
            }
            Self::SampleCount { inputs, targets } => {
                write!(f, "the inputs hold {inputs} samples, the targets {targets}")
            }
            Self::UnequalCount {
                what,
                expected,
                found,
            } => {
                write!(f, "`{what}` holds {found} samples, the first input {expected}")
            }
            Self::Empty => f.write_str("no samples"),
            Self::NoForward => f.write_str("`backward` needs a `forward` before it, each time"),
            Self::NoGradient => f.write_str("`step` needs a backward pass before it"),
            Self::Label {
                sample,
                found,
                classes,
            } => {
                write!(
                    f,
                    "label {found} of sample {sample} is not below {classes}, the number of classes"
                )
            }
            Self::Row { found, samples } => {
                write!(f, "row {found} is not below {samples}, the number of samples")
            }
            Self::Diverged {
                epoch,
                batch,
                loss,
                origin,
            } => write!(
                f,
                "training diverged in epoch {epoch}, batch {batch} (loss {loss}): the first value that is not finite is \
                 {origin}\nhelp: {}",
                origin.help()
            ),
            Self::NotFinite { what } => write!(f, "`{what}` is not finite"),
            Self::Setting { name, message } => write!(f, "`{name}`: {message}"),
            Self::Io { path, source } => write!(f, "{}: {source}", path.display()),
            Self::Format {
                path,
                line,
                column,
                message,
            } => {
                write!(f, "{}", path.display())?;
                if *line > 0 {
                    write!(f, ":{line}")?;
                    if *column > 0 {
                        write!(f, ":{column}")?;
                    }
                }
                write!(f, ": {message}")
            }
            Self::Weights {
                path,
                tensor,
                message,
            } => {
                write!(f, "{}: ", path.display())?;
                if !tensor.is_empty() {
                    write!(f, "`{tensor}`: ")?;
                }
                f.write_str(message)
            }
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { source, .. } => Some(source),
            _ => None,
        }
    }
}
