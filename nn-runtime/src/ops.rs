//! What the expansion of `network!` calls: one operation a statement, over rows of numbers.
//!
//! Every function picks the instruction set at run time, allocates nothing, and gives the same bits whatever the
//! number of threads and however a batch is cut into tiles. Lengths are the compiler's affair: a slice of another
//! length than the documented one panics.

mod images;
pub mod lanes;

pub use crate::geometry::{Conv2d, Window2d};
pub use images::{
    Averaging, Pool2d, average_pool2d, average_pool2d_grad, bilinear2d, bilinear2d_grad, conv2d,
    conv2d_grad_input, conv2d_grad_weight, conv2d_pool, copy_box, dropout_channels, max_pool2d,
    max_pool2d_grad, permute,
};

use crate::Scalar;
use crate::kernels::rows::{self, Area};
use crate::kernels::{dense as dense_kernel, dropout as dropout_kernel, softmax as softmax_kernel, vectors};
use crate::simd::{Formula, Identity};

/// An operand of an elementwise or reducing operation over `[rows, width]`.
#[derive(Clone, Copy, Debug)]
pub enum Operand<'a, T> {
    /// `[rows, width]`
    Full(&'a [T]),
    /// `[rows]`: one number per row, the same along the row.
    Row(&'a [T]),
    /// `[width]`: one number per column, the same for all rows.
    Col(&'a [T]),
    /// One number.
    Scalar(T),
    /// The output's old content (in place), or the product in the epilogue of [`dense`] and [`dense_grad_input`].
    Own,
    /// `[rows]`: 1 where the column equals the row's index, 0 elsewhere.
    OneHot(&'a [u32]),
}

/// How [`row_reduce`] brings a row down to one number.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reduce {
    /// `Σ`
    Sum,
    /// `Σ / width`
    Mean,
    /// The greatest; NaN if any is NaN, `-inf` for an empty row.
    Max,
}

/// `y[r, c] = f(x0[r, c], x1[r, c], …)`
///
/// # Shapes
/// `y: [rows, width]`
///
/// # Panics
/// If a slice has another length than its shape says.
#[inline]
pub fn map<T: Scalar, F: Formula<N>, const N: usize>(
    rows: usize,
    width: usize,
    y: &mut [T],
    x: [Operand<'_, T>; N],
    f: F,
) {
    rows::map(Area::whole(rows, width), y, x, f);
}

/// `y[r] = reduce over c of f(x0[r, c], x1[r, c], …)`
///
/// A sum is taken as 16 interleaved partial sums that are then added pairwise, on every instruction set.
///
/// # Shapes
/// `y: [rows]`; [`Operand::Own`] is `y`, the same along the row.
///
/// # Panics
/// If a slice has another length than its shape says.
#[inline]
pub fn row_reduce<T: Scalar, F: Formula<N>, const N: usize>(
    rows: usize,
    width: usize,
    y: &mut [T],
    how: Reduce,
    x: [Operand<'_, T>; N],
    f: F,
) {
    rows::row_reduce(Area::whole(rows, width), y, how, x, f);
}

/// `y[c] = Σ over r of f(x0[r, c], …)`, in the order of the rows; `accumulate` starts from the old `y`.
///
/// # Shapes
/// `y: [width]`; [`Operand::Own`] makes no sense here.
///
/// # Panics
/// If a slice has another length than its shape says, or an operand is [`Operand::Own`].
#[inline]
pub fn col_reduce<T: Scalar, F: Formula<N>, const N: usize>(
    rows: usize,
    width: usize,
    y: &mut [T],
    accumulate: bool,
    x: [Operand<'_, T>; N],
    f: F,
) {
    rows::col_reduce(Area::whole(rows, width), y, accumulate, x, f);
}

/// `y[r, j] = f(b[j] + Σ over p of x[r, p] · w[p, j], …)`; in `e`, [`Operand::Own`] is the product.
///
/// The sum runs over `p` in order, each step one fused multiply-add where the instruction set has it: a sample's
/// result does not depend on the samples beside it.
///
/// # Shapes
/// `x: [rows, k]`, `w: [k, n]`, `b: [n]`, `y: [rows, n]`
///
/// # Panics
/// If a slice has another length than its shape says.
#[expect(
    clippy::too_many_arguments,
    reason = "the operation's shape, operands and epilogue"
)]
#[inline]
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
    dense_kernel::forward([rows, k, n], x, w, b, y).run(e, f);
}

/// `dx[r, p] = f(Σ over j of dy[r, j] · w[p, j], …)`, the sum in the order of `j`.
///
/// # Shapes
/// `dy: [rows, n]`, `w: [k, n]`, `dx: [rows, k]`
///
/// # Panics
/// If a slice has another length than its shape says.
#[expect(
    clippy::too_many_arguments,
    reason = "the operation's shape, operands and epilogue"
)]
#[inline]
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
    dense_kernel::grad_input([rows, k, n], dy, w, dx).run(e, f);
}

/// `dw[p, j] = Σ over r of x[r, p] · dy[r, j]`, in the order of the rows; `accumulate` starts from the old `dw`,
/// so that a batch in pieces gives the bits of the whole.
///
/// # Shapes
/// `x: [rows, k]`, `dy: [rows, n]`, `dw: [k, n]`
///
/// # Panics
/// If a slice has another length than its shape says.
#[inline]
pub fn dense_grad_weight<T: Scalar>(
    rows: usize,
    k: usize,
    n: usize,
    x: &[T],
    dy: &[T],
    dw: &mut [T],
    accumulate: bool,
) {
    dense_kernel::grad_weight([rows, k, n], x, dy, dw, accumulate).run([Operand::Own], Identity);
}

/// `y[r, :] = softmax(x[r, :])`, or its logarithm; the row's maximum is taken off first.
///
/// # Shapes
/// `x: [rows, width]` ([`Operand::Full`] or [`Operand::Own`]), `y: [rows, width]`
///
/// # Panics
/// If a slice has another length than its shape says, or `x` is another kind of operand.
pub fn softmax<T: Scalar>(rows: usize, width: usize, x: Operand<'_, T>, y: &mut [T], log: bool) {
    softmax_kernel::softmax(rows, width, x, y, log);
}

/// Softmax and cross-entropy against class indices in one pass; with `lse` the logarithm of the sum of the
/// exponentials, `s` the smoothing, `t` the label and `u[t]` the class weight (1 without):
///
/// `loss[r] = scale · u[t] · ((1-s)·(lse - x[t]) + s·(lse - mean x))`,
/// `dx = gradient_scale · u[t] · (softmax x - (1-s)·onehot t - s/width)`.
///
/// A label that is not below `width` gives a loss of NaN.
///
/// # Shapes
/// `x: [rows, width]` ([`Operand::Full`], or [`Operand::Own`] for the content of `dx`), `labels: [rows]`,
/// `class_weights: [width]` or empty, `loss: [rows]`, `dx: [rows, width]`
///
/// # Panics
/// If a slice has another length than its shape says, or `x` is another kind of operand.
#[expect(clippy::too_many_arguments, reason = "the loss, its options and its gradient")]
pub fn softmax_cross_entropy<T: Scalar>(
    rows: usize,
    width: usize,
    x: Operand<'_, T>,
    labels: &[u32],
    smoothing: T,
    class_weights: &[T],
    scale: T,
    loss: &mut [T],
    dx: Option<&mut [T]>,
    gradient_scale: T,
) {
    softmax_kernel::cross_entropy(
        rows,
        width,
        x,
        labels,
        smoothing,
        class_weights,
        scale,
        loss,
        dx,
        gradient_scale,
    );
}

/// `y[i] = x[i] / (1 - rate)` with probability `1 - rate`, else 0. Whether element `first + i` is kept is a function
/// of that number and `key` alone: the backward pass is the same call on the gradient.
///
/// # Panics
/// If `x` has another length than `y` or is neither [`Operand::Full`] nor [`Operand::Own`].
pub fn dropout<T: Scalar>(y: &mut [T], x: Operand<'_, T>, rate: f64, key: u64, first: u64) {
    dropout_kernel::dropout(y, x, rate, key, first);
}

/// `y[r, y_at + i] = x[r, x_at + i]` for `i` below `width`: a slice, or one part of a concatenation.
///
/// # Shapes
/// `x: [rows, x_width]`, `y: [rows, y_width]`
///
/// # Panics
/// If a slice has another length than its shape says, or the columns end outside it.
#[expect(clippy::too_many_arguments, reason = "two areas of two matrices")]
pub fn copy_columns<T: Scalar>(
    rows: usize,
    x: &[T],
    x_width: usize,
    x_at: usize,
    y: &mut [T],
    y_width: usize,
    y_at: usize,
    width: usize,
) {
    vectors::copy_columns(rows, x, x_width, x_at, y, y_width, y_at, width);
}

/// `Σ x[i]` in double precision, in a fixed order.
#[must_use]
pub fn sum<T: Scalar>(x: &[T]) -> f64 {
    vectors::sum(x)
}

/// `y[i] += alpha · x[i]`
///
/// # Panics
/// If the lengths differ.
pub fn axpy<T: Scalar>(alpha: T, x: &[T], y: &mut [T]) {
    vectors::axpy(alpha, x, y);
}

/// `state[i] = (1 - momentum) · state[i] + momentum · factor · x[i]`
///
/// # Panics
/// If the lengths differ.
pub fn lerp<T: Scalar>(state: &mut [T], x: &[T], momentum: T, factor: T) {
    vectors::lerp(state, x, momentum, factor);
}
