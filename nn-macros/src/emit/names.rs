//! Rust identifiers for values and parameters.

use std::collections::HashSet;

use proc_macro2::{Ident, Span};

use crate::ir::builder::Program;

/// Names that the emitted functions use for themselves.
const RESERVED: &[&str] = &[
    "samples",
    "parameters",
    "gradients",
    "accumulate",
    "state",
    "inverse_batch",
    "key",
    "first",
    "loss",
    "step",
    "tile",
    "whole",
    "model",
    "feed",
    "rt",
    "target",
    "labels",
    "n",
    "s",
    "rows",
    "arena",
    "inputs",
    "values",
    "params",
    "stats",
    "seed",
    "name",
    "source",
    "offset",
    "batch",
    "optimizer",
    "output",
    "output_gradient",
    "input_gradients",
    "copied_inputs",
    "i",
    "rate",
];

pub fn ident(name: &str) -> Ident {
    Ident::new(name, Span::call_site())
}

/// `name`, or the nearest name that is an identifier and not ours.
pub fn free_ident(name: &str) -> String {
    let mut name: String = name
        .chars()
        .map(|c| if c.is_alphanumeric() { c } else { '_' })
        .collect();
    while RESERVED.contains(&name.as_str()) || syn::parse_str::<Ident>(&name).is_err() || name == "_" {
        name.push('_');
        if name.starts_with(char::is_numeric) {
            name.insert(0, '_');
        }
    }
    name
}

/// One identifier per value, unique.
pub fn values(program: &Program) -> Vec<Ident> {
    let mut used = HashSet::new();
    program
        .values
        .iter()
        .map(|v| {
            let mut name = free_ident(&v.name);
            while !used.insert(name.clone()) {
                name.push('_');
            }
            ident(&name)
        })
        .collect()
}

/// `DENSE_1_WEIGHT` from `dense_1.weight`.
pub fn constant(name: &str) -> Ident {
    let upper: String = name
        .chars()
        .map(|c| {
            if c.is_alphanumeric() {
                c.to_ascii_uppercase()
            } else {
                '_'
            }
        })
        .collect();
    ident(&free_ident(&upper))
}
