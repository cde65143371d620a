//! From files to what a network takes: reading, cleaning, scaling and splitting data.
//!
//! Nothing here knows a network. Numbers leave as flat row-major `[samples, width]` slices and class indices as
//! `u32`, which [`crate::Samples`] and [`crate::Classes`] view without a copy; parts of a data set are index lists
//! ([`Split`]), which [`crate::Rows`] takes, so that no split copies data either. What is learnt from data (the mean of a
//! column, a fill-in value, the names of the classes) is fitted on the training rows alone, then applied to all, and
//! has a text form that is saved with the weights.

mod array;
mod binary;
pub mod cifar;
#[cfg(feature = "csv")]
mod csv;
mod encode;
mod fill;
pub mod idx;
pub mod npy;
mod rows;
mod scale;
mod source;
mod split;
mod table;
pub(crate) mod text;

pub use array::Array;
#[cfg(feature = "csv")]
pub use csv::CsvOptions;
pub use encode::{Vocabulary, one_hot};
pub use fill::{Fill, Filler};
pub use rows::gather;
pub use scale::{Names, Scaler};
pub use split::{Fold, Split, k_fold, stratified_k_fold};
pub use table::{Column, Table, Values};
pub use text::Fitted;

#[cfg(test)]
pub(crate) mod testing;
