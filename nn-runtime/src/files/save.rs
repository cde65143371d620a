//! A network's parameters to a safetensors file.

use std::fmt::Display;
use std::io::Write;
use std::path::Path;

use super::header::{Entry, OWN, header};
use super::layout::file_order;
use super::write_atomically;
use crate::{Error, Network, Result, Scalar};

/// Saves all parameters and running statistics, and texts beside them ([`super::Notes`]).
///
/// Every tensor is written in PyTorch's layout under its name in [`Network::PARAMETERS`]. Equal networks give equal
/// bytes. An old file is replaced only once the new one is on the disk.
///
/// # Errors
/// [`Error::Io`]; [`Error::Setting`] for two notes of one name, or a name that the format keeps for itself (`format`,
/// `nn.…`).
pub fn save<N: Network>(network: &N, path: impl AsRef<Path>, notes: &[(&str, &dyn Display)]) -> Result<()> {
    let mut texts: Vec<(&str, String)> = Vec::with_capacity(notes.len());
    for (name, text) in notes {
        let taken =
            *name == "format" || name.starts_with(OWN) || texts.iter().any(|(other, _)| other == name);
        if taken {
            return Err(Error::Setting {
                name: "notes",
                message: format!("expected a name that is free, found `{name}`"),
            });
        }
        texts.push((name, text.to_string()));
    }
    let header = header::<N>(Entry::parameters::<N>(), &texts);
    write_atomically(path.as_ref(), |file| {
        file.write_all(&header)?;
        for parameter in N::PARAMETERS {
            let values = &network.parameters()[parameter.range()];
            for place in file_order(parameter) {
                let value = values[place].to_f64();
                // Both conversions are exact.
                if N::Scalar::DTYPE == "F32" {
                    file.write_all(&(value as f32).to_le_bytes())?;
                } else {
                    file.write_all(&value.to_le_bytes())?;
                }
            }
        }
        Ok(())
    })
}
