//! Weights on disk: safetensors files in PyTorch's layout and under PyTorch's names.
//!
//! What is saved from a network loads with `torch.load_state_dict(load_file(path), strict=True)` into the same
//! network written in PyTorch, and the other way round. A file is replaced as a whole or not at all, and a network
//! whose load fails keeps its old weights.

mod atomic;
#[cfg(feature = "safetensors")]
mod header;
#[cfg(feature = "safetensors")]
mod layout;
#[cfg(feature = "safetensors")]
mod load;
#[cfg(feature = "safetensors")]
mod notes;
#[cfg(feature = "safetensors")]
mod save;
#[cfg(all(test, feature = "safetensors"))]
mod tests;

use std::path::Path;

use crate::Error;

pub(crate) use atomic::write_atomically;
#[cfg(feature = "safetensors")]
pub(crate) use header::{Entry, header};
#[cfg(feature = "safetensors")]
pub use load::{Loaded, load, load_partial};
#[cfg(feature = "safetensors")]
pub(crate) use load::{Weights, read};
#[cfg(feature = "safetensors")]
pub use notes::Notes;
#[cfg(feature = "safetensors")]
pub use save::save;

/// The same error, now that the file is known.
pub(crate) fn in_file(error: Error, path: &Path) -> Error {
    match error {
        Error::Format {
            line,
            column,
            message,
            ..
        } => Error::Format {
            path: path.to_owned(),
            line,
            column,
            message,
        },
        other => other,
    }
}
