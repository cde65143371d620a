//! Shared by the examples.

mod arguments;
pub mod digits;

pub use arguments::Arguments;
