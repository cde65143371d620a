//! The operations of [`crate::ops`] that pay for threads, for a whole batch at once: spread over rayon's current
//! pool in blocks that the sizes alone decide, so that the bits do not depend on the number of threads.

mod images;

pub use images::{conv2d, conv2d_grad_input, conv2d_grad_weight};

use crate::Scalar;
use crate::kernels::{blocks, dense as dense_kernel, statistics};
use crate::ops::Operand;
use crate::simd::{Formula, Identity};

/// [`crate::ops::dense`] over threads.
///
/// # Panics
/// As [`crate::ops::dense`].
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
    dense_kernel::forward([rows, k, n], x, w, b, y).run_wide(e, f);
}

/// [`crate::ops::dense_grad_input`] over threads.
///
/// # Panics
/// As [`crate::ops::dense_grad_input`].
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
    dense_kernel::grad_input([rows, k, n], dy, w, dx).run_wide(e, f);
}

/// [`crate::ops::dense_grad_weight`] over threads.
///
/// # Panics
/// As [`crate::ops::dense_grad_weight`].
pub fn dense_grad_weight<T: Scalar>(
    rows: usize,
    k: usize,
    n: usize,
    x: &[T],
    dy: &[T],
    dw: &mut [T],
    accumulate: bool,
) {
    dense_kernel::grad_weight([rows, k, n], x, dy, dw, accumulate).run_wide([Operand::Own], Identity);
}

/// [`crate::ops::map`] over threads.
///
/// # Panics
/// As [`crate::ops::map`].
pub fn map<T: Scalar, F: Formula<N>, const N: usize>(
    rows: usize,
    width: usize,
    y: &mut [T],
    x: [Operand<'_, T>; N],
    f: F,
) {
    blocks::wide_map(rows, width, y, x, f);
}

/// [`crate::ops::col_reduce`] over threads: blocks of columns, each summed in the order of the rows.
///
/// # Panics
/// As [`crate::ops::col_reduce`].
pub fn col_reduce<T: Scalar, F: Formula<N>, const N: usize>(
    rows: usize,
    width: usize,
    y: &mut [T],
    accumulate: bool,
    x: [Operand<'_, T>; N],
    f: F,
) {
    blocks::wide_col_reduce(rows, width, y, accumulate, x, f);
}

/// `y0[c] = scale · Σ over r of f(x0[r, c], …)` and `y1[c]` the same of `g`, in one pass, over threads.
///
/// The rows are cut into pieces by the sizes alone, and the pieces' sums added up in order; where rows are short, a piece
/// has several partial sums.
///
/// # Shapes
/// `y0, y1: [width]`; operands are [`Operand::Full`], [`Operand::Col`] or [`Operand::Scalar`].
///
/// # Panics
/// If a slice has another length than its shape says, or an operand is of another kind.
pub fn col_reduce_pair<T: Scalar, F: Formula<N>, G: Formula<N>, const N: usize>(
    rows: usize,
    width: usize,
    y: [&mut [T]; 2],
    scale: T,
    x: [Operand<'_, T>; N],
    f: F,
    g: G,
) {
    statistics::sums(rows, width, y, scale, x, f, g);
}

/// `mean[c] = Σ over r of x[r, c] / rows` and `var[c] = Σ over r of (x[r, c] - mean[c])² / rows`, in one pass, over threads;
/// the sums' order is that of [`col_reduce_pair`].
///
/// # Shapes
/// `x: [rows, width]`, `mean, var: [width]`
///
/// # Panics
/// If a slice has another length than its shape says.
pub fn moments<T: Scalar>(rows: usize, width: usize, x: &[T], mean: &mut [T], var: &mut [T]) {
    statistics::moments(rows, width, x, mean, var);
}
