//! Shared by the examples.

mod arguments;
pub mod digits;
#[cfg(feature = "image")]
pub mod pictures;
mod predictions;

use std::fmt::Display;
use std::path::Path;

use nn_runtime::files::{self, Notes};
use nn_runtime::{Error, Network, Result, Rows};

pub use arguments::Arguments;
pub use predictions::Predictions;

/// A file or folder of `examples/data`: by the short path where the program runs in the repository.
#[must_use]
pub fn data_folder(name: &str) -> String {
    let short = format!("examples/data/{name}");
    if Path::new(&short).exists() {
        short
    } else {
        format!("{}/data/{name}", env!("CARGO_MANIFEST_DIR"))
    }
}

/// Makes a folder, and those that it lies in, where they are not there yet.
///
/// # Errors
/// `Io`.
pub fn create_folder(path: &Path) -> Result<()> {
    std::fs::create_dir_all(path).map_err(|source| Error::Io {
        path: path.to_owned(),
        source,
    })
}

/// Computes with this many threads; 0: one per core.
///
/// # Panics
/// If the threads were used already.
pub fn use_threads(threads: usize) {
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build_global()
        .expect("nothing has run in parallel yet");
}

/// Saves a network with notes, loads the file into another one, and checks that it predicts the same bits.
///
/// # Errors
/// `Io` and `Weights` of the file, and what is wrong with the inputs.
///
/// # Panics
/// If a prediction differs.
pub fn save_and_reload<'a, N: Network<Scalar = f32>>(
    network: &mut N,
    other: &mut N,
    x: N::Inputs<'a>,
    path: &Path,
    notes: &[(&str, &dyn Display)],
) -> Result<Notes> {
    files::save(network, path, notes)?;
    let notes = other.load(path)?;
    let bits = |y: &[f32]| -> Vec<u32> { y.iter().map(|y| y.to_bits()).collect() };
    let expected = bits(network.predict_rows(x, Rows::All)?);
    let found = bits(other.predict_rows(x, Rows::All)?);
    assert!(found == expected, "the loaded network predicts something else");
    println!(
        "{} predictions of the loaded weights are bitwise the same",
        found.len()
    );
    Ok(notes)
}
