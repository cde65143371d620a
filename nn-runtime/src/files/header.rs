//! The header of a safetensors file, written so that equal networks give equal bytes.
//!
//! The `safetensors` crate reads; it writes metadata in the random order of a hash map, hence this writer.

use std::fmt::Write;

use super::layout::file_shape;
use crate::{Network, Scalar};

/// What the header says of a tensor.
pub(crate) struct Entry {
    pub(crate) name: &'static str,
    pub(crate) dtype: &'static str,
    pub(crate) shape: Vec<usize>,
}

impl Entry {
    /// Bytes of the tensor's numbers.
    pub(crate) fn bytes(&self) -> usize {
        let size = match self.dtype {
            "F64" => 8,
            "F32" | "I32" => 4,
            _ => 1,
        };
        self.shape.iter().product::<usize>() * size
    }

    /// Of every parameter.
    pub(super) fn parameters<N: Network>() -> impl Iterator<Item = Self> {
        N::PARAMETERS.iter().map(|parameter| Self {
            name: parameter.name,
            dtype: N::Scalar::DTYPE,
            shape: file_shape(parameter),
        })
    }
}

/// Prefix of the metadata that this crate keeps for itself.
pub(super) const OWN: &str = "nn.";
/// Metadata: the network's type name.
pub(super) const NETWORK: &str = "nn.network";
/// Metadata: version of the agreement on names, layouts and metadata.
pub(super) const VERSION: &str = "nn.format";
/// The version that this code writes and reads.
pub(super) const CURRENT: &str = "1";

/// The 8 bytes of the length and the JSON, padded so that the numbers start at a multiple of 8.
pub(crate) fn header<N: Network>(entries: impl Iterator<Item = Entry>, notes: &[(&str, String)]) -> Vec<u8> {
    let mut json = String::from("{\"__metadata__\":{\"format\":\"pt\"");
    let own = [
        (NETWORK, N::NAME.to_owned()),
        (VERSION, CURRENT.to_owned()),
        (
            "nn.crate",
            concat!("nn-runtime ", env!("CARGO_PKG_VERSION")).to_owned(),
        ),
    ];
    for (name, text) in own.iter().chain(notes) {
        json.push(',');
        push_string(&mut json, name);
        json.push(':');
        push_string(&mut json, text);
    }
    json.push('}');
    let mut start = 0;
    for entry in entries {
        let end = start + entry.bytes();
        json.push(',');
        push_string(&mut json, entry.name);
        let (dtype, shape) = (entry.dtype, entry.shape);
        // `Debug` of a list of numbers is JSON.
        let _ = write!(
            json,
            ":{{\"dtype\":\"{dtype}\",\"shape\":{shape:?},\"data_offsets\":[{start},{end}]}}"
        );
        start = end;
    }
    json.push('}');
    while !json.len().is_multiple_of(8) {
        json.push(' ');
    }
    let mut bytes = (json.len() as u64).to_le_bytes().to_vec();
    bytes.extend(json.into_bytes());
    bytes
}

/// A JSON string (RFC 8259, section 7).
fn push_string(json: &mut String, text: &str) {
    json.push('"');
    for c in text.chars() {
        match c {
            '"' => json.push_str("\\\""),
            '\\' => json.push_str("\\\\"),
            '\n' => json.push_str("\\n"),
            c if u32::from(c) < 0x20 => {
                let _ = write!(json, "\\u{:04x}", u32::from(c));
            }
            c => json.push(c),
        }
    }
    json.push('"');
}
