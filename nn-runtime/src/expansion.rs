//! What the code that `network!` writes refers to. Not for use by hand; it changes with the compiler.

pub use crate::agreement::agree;
pub use crate::baked::{Baked, bake_f32, bake_f64, bake_i8, bake_i32};
#[cfg(feature = "std")]
pub use crate::counts::{check_labels, count_rows, count_samples, equal_count, same_count};
#[cfg(feature = "std")]
pub use crate::model::{Feed, Model};
pub use crate::ops::{self, Averaging, Conv2d, Operand, Pool2d, Reduce, Window2d};
#[cfg(feature = "std")]
pub use crate::optimizers::Optimizer;
pub use crate::origin::{Origin, see};
pub use crate::program::Program;
pub use crate::quantized;
pub use crate::simd::{Formula, Identity, Simd};
pub use crate::step::{Arena, Buf, Step, Tile, Views, Whole, inverse, penalty};
pub use crate::{
    Classes, Init, IntoBatch, LayerInfo, ParameterInfo, ParameterKind, Rows, Samples, Scalar, wide,
};
#[cfg(feature = "std")]
pub use crate::{Learn, Network, Result, Summary};
pub use crate::{device, functions, host};

/// Keeps what needs `std`: the heap, threads, errors that own text.
#[cfg(feature = "std")]
#[doc(hidden)]
#[macro_export]
macro_rules! host {
    ($($item:tt)*) => { $($item)* };
}

/// Keeps what needs `std`: without it, nothing.
#[cfg(not(feature = "std"))]
#[doc(hidden)]
#[macro_export]
macro_rules! host {
    ($($item:tt)*) => {};
}

/// Keeps what stands in for the host's side where there is no `std`.
#[cfg(not(feature = "std"))]
#[doc(hidden)]
#[macro_export]
macro_rules! device {
    ($($item:tt)*) => { $($item)* };
}

/// Keeps what stands in for the host's side where there is no `std`: with it, nothing.
#[cfg(feature = "std")]
#[doc(hidden)]
#[macro_export]
macro_rules! device {
    ($($item:tt)*) => {};
}

/// The functions of layers and segments, as they are.
#[cfg(feature = "std")]
#[doc(hidden)]
#[macro_export]
macro_rules! functions {
    ($($item:tt)*) => { $($item)* };
}

/// The functions of layers and segments, inlined into the entries that a device calls: these know every size, so that all checks
/// are decided while the program is compiled, wherever else a function is called too.
#[cfg(not(feature = "std"))]
#[doc(hidden)]
#[macro_export]
macro_rules! functions {
    ($($(#[$attribute:meta])* fn $name:ident $(<const $flag:ident: bool>)? ($($parameters:tt)*) $body:block)*) => {
        $($(#[$attribute])* #[inline(always)] fn $name $(<const $flag: bool>)? ($($parameters)*) $body)*
    };
}

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
