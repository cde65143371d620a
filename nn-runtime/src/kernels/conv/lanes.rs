//! Convolutions with samples in the lanes: where channels are few, vectors of channels would be half empty.
//!
//! 16 samples lie side by side, `[height, width, channels, 16]`; a group is so many samples. Each element is the chain of
//! multiply-adds that it is with channels in the lanes; a weight's gradient is 16 sums, one per lane, added up at the end.

mod product;
mod turn;
mod weights;

use super::axis::Axis;
use crate::Scalar;
use crate::fault::ensure;
use crate::geometry::Conv2d;
use crate::kernels::chunk::{CHUNK, Chunk};
use crate::kernels::images::Images;
use crate::kernels::rows::{self, Area};
use crate::ops::Operand;
use crate::simd::Formula;
pub(crate) use product::LanesProduct;
pub(crate) use turn::Turn;
pub(crate) use weights::LanesWeights;

/// Samples side by side: a cache line of `f32`. Their sums are partial sums of a chunk.
pub(crate) const SAMPLES: usize = CHUNK;
/// Taps of the largest window, so that the sums of its gradient fit on the stack.
const MAX_TAPS: usize = 49;
/// Elements of the result between two epilogues.
const BLOCK_ELEMS: usize = 8192;

/// Whole groups in so many samples.
fn groups(samples: usize) -> usize {
    ensure!(samples.is_multiple_of(SAMPLES), "whole groups of samples");
    samples / SAMPLES
}

pub(crate) fn turn<T: Scalar>(samples: usize, elems: usize, x: &[T], y: &mut [T], back: bool) {
    ensure!(
        x.len() == samples * elems && y.len() == samples * elems,
        "samples of so many elements"
    );
    T::images(&Images::Turn(Turn {
        groups: groups(samples),
        elems,
        x: x.as_ptr(),
        y: y.as_mut_ptr(),
        back,
    }));
}

/// A convolution, or with `backward` its input gradient (`x` is the result's, `w` lies transposed), then the epilogue.
#[expect(
    clippy::too_many_arguments,
    reason = "the operation's shape, operands and epilogue"
)]
pub(crate) fn product<T: Scalar, F: Formula<N>, const N: usize>(
    samples: usize,
    conv: &Conv2d,
    backward: bool,
    x: &[T],
    w: &[T],
    bias: Option<&[T]>,
    y: &mut [T],
    e: [Operand<'_, T>; N],
    f: F,
) {
    check(conv);
    let window = &conv.window;
    let (axes, channels, outputs) = if backward {
        let axes = [Axis::backward(window, 0, 0), Axis::backward(window, 1, 0)];
        (axes, conv.outputs, conv.inputs)
    } else {
        let axes = [Axis::forward(window, 0), Axis::forward(window, 1)];
        (axes, conv.inputs, conv.outputs)
    };
    let [v, h] = &axes;
    let source = v.source * h.source * channels * SAMPLES;
    let line = h.count * outputs * SAMPLES;
    let result = v.count * line;
    let groups = groups(samples);
    ensure!(
        x.len() == groups * source && y.len() == groups * result,
        "lengths of a convolution's operands"
    );
    ensure!(w.len() == conv.weights(), "the length of a convolution's weights");
    ensure!(bias.is_none_or(|b| b.len() == outputs), "the bias' length");
    let plain = F::IDENTITY && matches!(e[0], Operand::Own);
    let block = (BLOCK_ELEMS / line.max(1)).max(1);
    for group in 0..groups {
        for first in (0..v.count).step_by(block) {
            let rows = (first, (first + block).min(v.count));
            T::images(&Images::LanesProduct(LanesProduct {
                axes,
                rows,
                x: x[group * source..].as_ptr(),
                channels,
                w: w.as_ptr(),
                kernel_width: window.kernel[1],
                bias: bias.map_or(core::ptr::null(), <[T]>::as_ptr),
                y: y[group * result..].as_mut_ptr(),
                outputs,
            }));
            if !plain {
                let area = Area {
                    matrix_rows: groups * result / SAMPLES,
                    matrix_width: SAMPLES,
                    first_row: (group * result + rows.0 * line) / SAMPLES,
                    rows: (rows.1 - rows.0) * line / SAMPLES,
                    first_column: 0,
                    width: SAMPLES,
                };
                rows::map(area, y, e, f);
            }
        }
    }
}

pub(crate) fn grad_weight<T: Scalar>(
    samples: usize,
    conv: &Conv2d,
    x: &[T],
    dy: &[T],
    dw: &mut [T],
    accumulate: bool,
) {
    check(conv);
    ensure!(conv.window.taps() <= MAX_TAPS, "a window of few taps");
    ensure!(
        x.len() == samples * conv.input_elems() && dy.len() == samples * conv.output_elems(),
        "lengths of a convolution's gradient"
    );
    ensure!(
        dw.len() == conv.weights(),
        "the length of a convolution's weights"
    );
    T::images(&Images::LanesWeights(LanesWeights {
        conv: *conv,
        groups: groups(samples),
        x: x.as_ptr(),
        dy: dy.as_ptr(),
        dw: dw.as_mut_ptr(),
        accumulate,
    }));
}

/// `y[c] = Σ over the rows of f(…)`, of operands with samples in the lanes.
pub(crate) fn col_reduce<T: Scalar, F: Formula<N>, const N: usize>(
    rows: usize,
    width: usize,
    y: &mut [T],
    accumulate: bool,
    x: [Operand<'_, T>; N],
    f: F,
) {
    ensure!(y.len() == width, "a number for each column");
    for (c, y) in y.iter_mut().enumerate() {
        let area = Area {
            matrix_rows: groups(rows),
            matrix_width: width * SAMPLES,
            first_row: 0,
            rows: groups(rows),
            first_column: c * SAMPLES,
            width: SAMPLES,
        };
        let mut lanes = Chunk::new(T::ZERO);
        rows::col_reduce(area, &mut lanes.0, false, x, f);
        let old = if accumulate { *y } else { T::ZERO };
        *y = old + lanes.sum();
    }
}

/// The kernels serve a single group of channels and a step of one pixel.
fn check(conv: &Conv2d) {
    conv.check();
    ensure!(
        conv.groups == 1 && conv.window.stride == [1, 1],
        "a convolution of one group by single pixels"
    );
}
