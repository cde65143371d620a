//! The passes, in the order in which `pipeline` calls them.

pub mod parse;
pub mod shape;
