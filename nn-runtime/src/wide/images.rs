//! Convolutions over threads.

use crate::Scalar;
use crate::geometry::Conv2d;
use crate::kernels::conv::{self, Job};
use crate::ops::Operand;
use crate::simd::Formula;

/// Pieces of a weights' gradient at the most: as many passes over the images.
const PIECES: usize = 16;

/// [`crate::ops::conv2d`] over threads.
///
/// # Panics
/// As [`crate::ops::conv2d`].
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
    spread(&Job::forward(samples, conv, x, w, b), y, e, f);
}

/// [`crate::ops::conv2d_grad_input`] over threads.
///
/// # Panics
/// As [`crate::ops::conv2d_grad_input`].
pub fn conv2d_grad_input<T: Scalar, F: Formula<N>, const N: usize>(
    samples: usize,
    conv: &Conv2d,
    dy: &[T],
    w: &[T],
    dx: &mut [T],
    e: [Operand<'_, T>; N],
    f: F,
) {
    spread(&Job::backward(samples, conv, dy, w, dx), dx, e, f);
}

/// [`crate::ops::conv2d_grad_weight`] over threads: each takes some of the taps.
///
/// # Panics
/// As [`crate::ops::conv2d_grad_weight`].
pub fn conv2d_grad_weight<T: Scalar>(
    samples: usize,
    conv: &Conv2d,
    x: &[T],
    dy: &[T],
    dw: &mut [T],
    accumulate: bool,
) {
    let tap = conv.inputs / conv.groups * conv.outputs;
    assert!(
        dw.len() == conv.window.taps() * tap,
        "the length of a convolution's weights"
    );
    let taps = conv.window.taps().div_ceil(PIECES);
    for_each_chunk(dw, taps * tap, |at, dw| {
        conv::grad_weight(samples, conv, x, dy, at / tap, dw, accumulate);
    });
}

fn spread<T: Scalar, F: Formula<N>, const N: usize>(
    job: &Job<'_, T>,
    y: &mut [T],
    e: [Operand<'_, T>; N],
    f: F,
) {
    let width = job.width();
    assert!(y.len() == job.pixels() * width, "the result's length");
    for_each_chunk(y, job.block() * width, |at, y| {
        let whole = y.as_mut_ptr().wrapping_sub(at);
        // SAFETY: of the whole result, this piece is ours, and the job touches these pixels alone.
        unsafe { job.run(whole, at / width, y.len() / width, e, f) };
    });
}

/// Calls `f` with pieces of `len` and where they begin.
fn for_each_chunk<T: Scalar>(y: &mut [T], len: usize, f: impl Fn(usize, &mut [T]) + Sync + Send) {
    if len == 0 {
        return;
    }
    #[cfg(feature = "std")]
    crate::parallel::for_each_chunk_mut(y, len, f);
    #[cfg(not(feature = "std"))]
    y.chunks_mut(len).enumerate().for_each(|(i, y)| f(i * len, y));
}
