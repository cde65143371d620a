//! The handwritten digits that ship with the examples.

use std::path::Path;

use nn_runtime::Result;
use nn_runtime::data::idx;

/// Where the data lie in this repository.
#[must_use]
pub fn folder() -> String {
    crate::data_folder("digits")
}

/// Images as `[samples, 64]` numbers from 0 (paper) to 1 (ink), and the digit of each.
///
/// # Errors
/// `Io`, `Format`, `SampleCount`: what is wrong with the files.
pub fn read(folder: impl AsRef<Path>) -> Result<(Vec<f32>, Vec<u32>)> {
    let folder = folder.as_ref();
    let (images, labels) = idx::read_labelled::<f32>(
        folder.join("images-idx3-ubyte.gz"),
        folder.join("labels-idx1-ubyte.gz"),
    )?;
    Ok((images.data.iter().map(|pixel| pixel / 16.0).collect(), labels))
}
