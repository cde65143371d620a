//! Shared by the examples.

mod arguments;

pub use arguments::Arguments;
