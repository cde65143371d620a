//! Operations on images: `[samples, height, width, channels]`.

use crate::Scalar;
use crate::geometry::{Conv2d, Window2d};
use crate::kernels::{arrange, conv, dropout, pool};
use crate::ops::Operand;
use crate::simd::Formula;

/// What an average makes of a window's sum.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Averaging<T> {
    /// Over the number of the window's elements inside the image.
    Mean,
    /// Times a constant.
    Sum(T),
}

/// A pool in the tail of a convolution.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Pool2d<T> {
    /// Over the convolution's result. Vertically the windows neither overlap nor leave out rows.
    pub window: Window2d,
    /// `None`: the maximum.
    pub average: Option<Averaging<T>>,
}

/// `y = f(b + x * w, …)`, the window's taps and channels in order; in `e`, [`Operand::Own`] is the convolution's
/// result.
///
/// # Shapes
/// `x: [samples, input, inputs]`, `w: [kernel, inputs / groups, outputs]`, `b: [outputs]`, `y: [samples, output,
/// outputs]`; the epilogue's rows are pixels.
///
/// # Panics
/// If a slice has another length than its shape says, or the geometry is none.
#[expect(
    clippy::too_many_arguments,
    reason = "the operation's shape, operands and epilogue"
)]
#[inline]
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
    conv::Job::forward(samples, conv, x, w, b).run_all(y, e, f);
}

/// [`conv2d`], then the pool, a few rows at a time: the convolution's whole result is never in memory. The numbers are those
/// of the two operations one after the other.
///
/// # Shapes
/// As [`conv2d`], but for `y: [samples, pool's output, outputs]`; `rows` has room for some windows' rows of the convolution's
/// result, `[kernel height of the pool, its input's width, outputs]` at least. Its content does not matter. [`Operand::Full`]
/// in `e` has the convolution's shape.
///
/// # Panics
/// If a slice has another length than its shape says, or the geometry is none.
#[expect(
    clippy::too_many_arguments,
    reason = "the operation's shape, operands, epilogue and pool"
)]
#[inline]
pub fn conv2d_pool<T: Scalar, F: Formula<N>, const N: usize>(
    samples: usize,
    conv: &Conv2d,
    x: &[T],
    w: &[T],
    b: Option<&[T]>,
    e: [Operand<'_, T>; N],
    f: F,
    pool: &Pool2d<T>,
    rows: &mut [T],
    y: &mut [T],
) {
    conv::Job::forward(samples, conv, x, w, b).run_pooled(pool, rows, y, e, f);
}

/// `dx = f(Σ over the windows that cover it of dy · wᵀ, …)`: the gradient of [`conv2d`] with respect to `x`, and a
/// transposed convolution.
///
/// # Shapes
/// `dy: [samples, output, outputs]`, `w: [kernel, outputs / groups, inputs]` (transposed), `dx: [samples, input,
/// inputs]`; the epilogue's rows are pixels.
///
/// # Panics
/// If a slice has another length than its shape says, or the geometry is none.
#[inline]
pub fn conv2d_grad_input<T: Scalar, F: Formula<N>, const N: usize>(
    samples: usize,
    conv: &Conv2d,
    dy: &[T],
    w: &[T],
    dx: &mut [T],
    e: [Operand<'_, T>; N],
    f: F,
) {
    conv::Job::backward(samples, conv, dy, w, dx).run_all(dx, e, f);
}

/// `dw = Σ over samples and pixels of x under the window · dy`, in that order; `accumulate` starts from the old `dw`.
///
/// # Shapes
/// `x: [samples, input, inputs]`, `dy: [samples, output, outputs]`, `dw: [kernel, inputs / groups, outputs]`
///
/// # Panics
/// If a slice has another length than its shape says, or the geometry is none.
pub fn conv2d_grad_weight<T: Scalar>(
    samples: usize,
    conv: &Conv2d,
    x: &[T],
    dy: &[T],
    dw: &mut [T],
    accumulate: bool,
) {
    assert!(
        dw.len() == conv.weights(),
        "the length of a convolution's weights"
    );
    conv::grad_weight(samples, conv, x, dy, 0, dw, accumulate);
}

/// Each window's maximum, channel by channel; NaN if one is NaN. `index` gets where in the window the first of them
/// lies, as a number.
///
/// # Shapes
/// `x: [samples, input, channels]`, `y, index: [samples, output, channels]`
///
/// # Panics
/// If a slice has another length than its shape says, or the geometry is none.
pub fn max_pool2d<T: Scalar>(
    samples: usize,
    window: &Window2d,
    channels: usize,
    x: &[T],
    y: &mut [T],
    index: Option<&mut [T]>,
) {
    pool::max(samples, window, channels, x, y, index);
}

/// The gradient of [`max_pool2d`]: `dy` goes to where the maximum was.
///
/// # Shapes
/// `dy, index: [samples, output, channels]`, `dx: [samples, input, channels]`
///
/// # Panics
/// If a slice has another length than its shape says, or the geometry is none.
pub fn max_pool2d_grad<T: Scalar>(
    samples: usize,
    window: &Window2d,
    channels: usize,
    dy: &[T],
    index: &[T],
    dx: &mut [T],
) {
    pool::max_grad(samples, window, channels, dy, index, dx);
}

/// Each window's mean or sum, channel by channel.
///
/// # Shapes
/// `x: [samples, input, channels]`, `y: [samples, output, channels]`
///
/// # Panics
/// If a slice has another length than its shape says, or the geometry is none.
pub fn average_pool2d<T: Scalar>(
    samples: usize,
    window: &Window2d,
    channels: usize,
    how: Averaging<T>,
    x: &[T],
    y: &mut [T],
) {
    pool::average(samples, window, channels, how, x, y);
}

/// The gradient of [`average_pool2d`], and, of the sum, nearest upsampling.
///
/// # Shapes
/// `dy: [samples, output, channels]`, `dx: [samples, input, channels]`
///
/// # Panics
/// If a slice has another length than its shape says, or the geometry is none.
pub fn average_pool2d_grad<T: Scalar>(
    samples: usize,
    window: &Window2d,
    channels: usize,
    how: Averaging<T>,
    dy: &[T],
    dx: &mut [T],
) {
    pool::average_grad(samples, window, channels, how, dy, dx);
}

/// Axis `i` of `y` is axis `axes[i]` of `x`.
///
/// # Shapes
/// `x: [samples, dims]`, `y: [samples, dims in the order of axes]`
///
/// # Panics
/// If a slice has another length than its shape says, or `axes` is no permutation.
pub fn permute<T: Scalar>(samples: usize, dims: [usize; 4], axes: [usize; 4], x: &[T], y: &mut [T]) {
    arrange::permute(samples, dims, axes, x, y);
}

/// `y[i] = x[i - at]` where that is inside `x`, else `fill`: padding, or cropping where `at` is below 0.
///
/// # Shapes
/// `x: [samples, from]`, `y: [samples, to]`
///
/// # Panics
/// If a slice has another length than its shape says.
pub fn copy_box<T: Scalar>(
    samples: usize,
    from: [usize; 3],
    to: [usize; 3],
    at: [isize; 3],
    fill: T,
    x: &[T],
    y: &mut [T],
) {
    arrange::copy_box(samples, from, to, at, fill, x, y);
}

/// Resizes images with weights that fall off linearly. Centres of pixels lie at halves, beyond the outermost ones
/// the image goes on as they are: Keras' and PyTorch's bilinear interpolation (`align_corners = False`).
///
/// # Shapes
/// `x: [samples, from, channels]`, `y: [samples, to, channels]`
///
/// # Panics
/// If a slice has another length than its shape says.
pub fn bilinear2d<T: Scalar>(
    samples: usize,
    from: [usize; 2],
    to: [usize; 2],
    channels: usize,
    x: &[T],
    y: &mut [T],
) {
    arrange::bilinear(samples, from, to, channels, x, y);
}

/// The gradient of [`bilinear2d`].
///
/// # Shapes
/// `dy: [samples, to, channels]`, `dx: [samples, from, channels]`
///
/// # Panics
/// If a slice has another length than its shape says.
pub fn bilinear2d_grad<T: Scalar>(
    samples: usize,
    from: [usize; 2],
    to: [usize; 2],
    channels: usize,
    dy: &[T],
    dx: &mut [T],
) {
    arrange::bilinear_grad(samples, from, to, channels, dy, dx);
}

/// As [`dropout`](super::dropout), with one draw for each channel of a sample instead of each element. `first` is
/// the number of the first sample.
///
/// # Panics
/// If `y` is no whole samples of `[pixels, channels]`, or `x` has another length or is neither [`Operand::Full`] nor
/// [`Operand::Own`].
pub fn dropout_channels<T: Scalar>(
    pixels: usize,
    channels: usize,
    y: &mut [T],
    x: Operand<'_, T>,
    rate: f64,
    key: u64,
    first: usize,
) {
    dropout::channels(pixels, channels, y, x, rate, key, first as u64);
}
