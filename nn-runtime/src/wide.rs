//! The operations of [`crate::ops`] that pay for threads, for a whole batch at once: spread over rayon's current
//! pool in blocks that the sizes alone decide, so that the bits do not depend on the number of threads.

mod images;

pub use images::{conv2d, conv2d_grad_input, conv2d_grad_weight};

use crate::Scalar;
use crate::ops::{self, Operand};
use crate::simd::Formula;

/// [`ops::dense`] over threads.
///
/// # Panics
/// As [`ops::dense`].
#[expect(
    clippy::too_many_arguments,
    reason = "the operation's shape, operands and epilogue"
)]
pub fn dense<T: Scalar, F: Formula<N>, const N: usize>(
    rows: usize,
    k: usize,
    n: usize,
    x: &[T],
    w: &[T],
    b: Option<&[T]>,
    y: &mut [T],
    e: [Operand<'_, T>; N],
    f: F,
) {
    ops::dense(rows, k, n, x, w, b, y, e, f);
}

/// [`ops::dense_grad_input`] over threads.
///
/// # Panics
/// As [`ops::dense_grad_input`].
#[expect(
    clippy::too_many_arguments,
    reason = "the operation's shape, operands and epilogue"
)]
pub fn dense_grad_input<T: Scalar, F: Formula<N>, const N: usize>(
    rows: usize,
    k: usize,
    n: usize,
    dy: &[T],
    w: &[T],
    dx: &mut [T],
    e: [Operand<'_, T>; N],
    f: F,
) {
    ops::dense_grad_input(rows, k, n, dy, w, dx, e, f);
}

/// [`ops::dense_grad_weight`] over threads.
///
/// # Panics
/// As [`ops::dense_grad_weight`].
pub fn dense_grad_weight<T: Scalar>(
    rows: usize,
    k: usize,
    n: usize,
    x: &[T],
    dy: &[T],
    dw: &mut [T],
    accumulate: bool,
) {
    ops::dense_grad_weight(rows, k, n, x, dy, dw, accumulate);
}

/// [`ops::map`] over threads.
///
/// # Panics
/// As [`ops::map`].
pub fn map<T: Scalar, F: Formula<N>, const N: usize>(
    rows: usize,
    width: usize,
    y: &mut [T],
    x: [Operand<'_, T>; N],
    f: F,
) {
    ops::map(rows, width, y, x, f);
}

/// [`ops::col_reduce`] over threads: blocks of columns, each summed in the order of the rows.
///
/// # Panics
/// As [`ops::col_reduce`].
pub fn col_reduce<T: Scalar, F: Formula<N>, const N: usize>(
    rows: usize,
    width: usize,
    y: &mut [T],
    accumulate: bool,
    x: [Operand<'_, T>; N],
    f: F,
) {
    ops::col_reduce(rows, width, y, accumulate, x, f);
}
