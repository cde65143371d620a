//! The passes, in the order in which `pipeline` calls them.

pub mod differentiate;
pub mod fuse;
pub mod lanes;
pub mod lower;
pub mod parse;
pub mod plan;
pub mod quantize;
pub mod shape;

#[cfg(test)]
mod tests;
