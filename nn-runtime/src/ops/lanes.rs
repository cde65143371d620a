//! Operations on values with 16 samples side by side, for images of few channels: `[samples / 16, height, width, channels,
//! 16]`. Elementwise operations are the same in either order; pools take 16 times the channels of a 16th of the samples.

use crate::Scalar;
use crate::geometry::Conv2d;
use crate::kernels::conv::lanes;
use crate::ops::Operand;
use crate::simd::Formula;

/// Samples one after the other to samples side by side.
///
/// # Shapes
/// `x: [samples, elems]`, `y: [samples / 16, elems, 16]`
///
/// # Panics
/// If a slice has another length than its shape says, or the samples are no multiple of 16.
pub fn gather<T: Scalar>(samples: usize, elems: usize, x: &[T], y: &mut [T]) {
    lanes::turn(samples, elems, x, y, false);
}

/// Back from [`gather`].
///
/// # Panics
/// As there.
pub fn scatter<T: Scalar>(samples: usize, elems: usize, x: &[T], y: &mut [T]) {
    lanes::turn(samples, elems, x, y, true);
}

/// As [`conv2d`](super::conv2d), to the same bits. The operands of the epilogue are [`Operand::Full`], [`Operand::Own`] or
/// [`Operand::Scalar`].
///
/// # Panics
/// As there, and for groups of channels, a stride other than 1, or samples that are no multiple of 16.
#[expect(
    clippy::too_many_arguments,
    reason = "the operation's shape, operands and epilogue"
)]
pub fn conv2d<T: Scalar, F: Formula<N>, const N: usize>(
    samples: usize,
    conv: &Conv2d,
    x: &[T],
    w: &[T],
    b: Option<&[T]>,
    y: &mut [T],
    e: [Operand<'_, T>; N],
    f: F,
) {
    lanes::product(samples, conv, false, x, w, b, y, e, f);
}

/// As [`conv2d_grad_input`](super::conv2d_grad_input); the rest as [`conv2d`].
///
/// # Panics
/// As there.
pub fn conv2d_grad_input<T: Scalar, F: Formula<N>, const N: usize>(
    samples: usize,
    conv: &Conv2d,
    dy: &[T],
    w: &[T],
    dx: &mut [T],
    e: [Operand<'_, T>; N],
    f: F,
) {
    lanes::product(samples, conv, true, dy, w, None, dx, e, f);
}

/// As [`conv2d_grad_weight`](super::conv2d_grad_weight), but the sum is taken lane by lane, then over the lanes in halves.
///
/// # Panics
/// As [`conv2d`], and for windows of more than 49 taps.
pub fn conv2d_grad_weight<T: Scalar>(
    samples: usize,
    conv: &Conv2d,
    x: &[T],
    dy: &[T],
    dw: &mut [T],
    accumulate: bool,
) {
    lanes::grad_weight(samples, conv, x, dy, dw, accumulate);
}

/// As [`col_reduce`](super::col_reduce) over `[rows / 16, width, 16]`: lane by lane, then over the lanes in halves.
///
/// # Panics
/// As there, and for rows that are no multiple of 16.
pub fn col_reduce<T: Scalar, F: Formula<N>, const N: usize>(
    rows: usize,
    width: usize,
    y: &mut [T],
    accumulate: bool,
    x: [Operand<'_, T>; N],
    f: F,
) {
    lanes::col_reduce(rows, width, y, accumulate, x, f);
}
