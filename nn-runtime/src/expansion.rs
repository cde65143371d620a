//! What the code that `network!` writes refers to. Not for use by hand; it changes with the compiler.

pub use crate::model::{Feed, Model, Program, check_labels, count_rows, count_samples, same_count};
pub use crate::ops::{self, Operand, Reduce};
pub use crate::simd::{Formula, Identity, Simd};
pub use crate::step::{Buf, Step, Tile, Whole};
pub use crate::{
    Classes, Init, LayerInfo, Learn, Network, ParameterInfo, ParameterKind, Result, Rows, Samples, Scalar,
    Summary, wide,
};

/// `m / (m - 1)`: from a batch's variance to the population's estimate; 1 for a single row.
#[must_use]
pub fn unbiased<T: Scalar>(rows: usize) -> T {
    T::from_f64(if rows > 1 {
        rows as f64 / (rows - 1) as f64
    } else {
        1.0
    })
}

/// The data as rows of `W`.
#[must_use]
pub fn rows_of<T, const W: usize>(data: &[T]) -> &[[T; W]] {
    data.as_chunks().0
}

/// The data as one row of `W`.
///
/// # Panics
/// If they are fewer: a fault of the compiler.
#[must_use]
pub fn row_of<T, const W: usize>(data: &[T]) -> &[T; W] {
    data.first_chunk().expect("an output is smaller than its row")
}
