//! Shared by the examples.

mod arguments;
pub mod digits;
pub mod pictures;

pub use arguments::Arguments;
