//! Convolutions without a copied patch: channels lie last, so that under one filter row of a pixel `kernel width ·
//! channels` numbers follow each other, and a convolution is a matrix product with a stride of its own.

mod axis;
mod depthwise;
pub(crate) mod lanes;
mod pooled;
mod product;
mod registers;
mod sheet;
mod sheets;
#[cfg(test)]
pub(crate) mod tests;
mod weights;

use super::images::Images;
use super::rows::{self, Area};
use crate::Scalar;
use crate::fault::ensure;
use crate::geometry::Conv2d;
use crate::ops::Operand;
use crate::simd::Formula;
use axis::Axis;
pub(crate) use depthwise::{Depthwise, DepthwiseWeights};
pub(crate) use product::Product;
pub(crate) use weights::Weights;

/// Output elements between two epilogues: they are still in the first-level cache.
const BLOCK_ELEMS: usize = 4096;
/// Pixels of a block at the least, so that the weights are read seldom.
const BLOCK_PIXELS: usize = 48;
/// Elements of input and output under which the weights' gradient stays in cache.
const GRADIENT_ELEMS: usize = 32 * 1024;

/// A convolution or its input gradient, for a part of the samples.
#[derive(Clone, Copy)]
pub(crate) struct Job<'a, T> {
    conv: &'a Conv2d,
    samples: usize,
    backward: bool,
    x: &'a [T],
    w: &'a [T],
    bias: Option<&'a [T]>,
}

impl<'a, T: Scalar> Job<'a, T> {
    /// `y = x * w + b`
    #[cfg_attr(not(feature = "std"), inline(always))]
    pub(crate) fn forward(
        samples: usize,
        conv: &'a Conv2d,
        x: &'a [T],
        w: &'a [T],
        bias: Option<&'a [T]>,
    ) -> Self {
        conv.check();
        ensure!(
            x.len() == samples * conv.input_elems(),
            "the length of a convolution's input"
        );
        ensure!(w.len() == conv.weights(), "the length of a convolution's weights");
        ensure!(bias.is_none_or(|b| b.len() == conv.outputs), "the bias' length");
        Self {
            conv,
            samples,
            backward: false,
            x,
            w,
            bias,
        }
    }

    /// From `dy` to `dx`, with transposed weights.
    pub(crate) fn backward(samples: usize, conv: &'a Conv2d, dy: &'a [T], w: &'a [T], dx: &[T]) -> Self {
        conv.check();
        ensure!(
            dy.len() == samples * conv.output_elems() && dx.len() == samples * conv.input_elems(),
            "lengths of a convolution's gradient"
        );
        ensure!(w.len() == conv.weights(), "the length of a convolution's weights");
        Self {
            conv,
            samples,
            backward: true,
            x: dy,
            w,
            bias: None,
        }
    }

    /// Channels of the result.
    pub(crate) const fn width(&self) -> usize {
        if self.backward {
            self.conv.inputs
        } else {
            self.conv.outputs
        }
    }

    /// Pixels of the result.
    pub(crate) const fn pixels(&self) -> usize {
        self.samples * self.sample_pixels()
    }

    const fn sample_pixels(&self) -> usize {
        if self.backward {
            self.conv.window.inputs()
        } else {
            self.conv.window.outputs()
        }
    }

    /// Pixels that can be computed alone: any, or whole samples where several phases write between each other.
    pub(crate) fn block(&self) -> usize {
        let pixels = (BLOCK_ELEMS / self.width().max(1)).max(BLOCK_PIXELS);
        if self.backward && self.conv.window.stride != [1, 1] {
            let sample = self.sample_pixels().max(1);
            (pixels / sample).max(1) * sample
        } else {
            pixels
        }
    }

    /// Computes `pixels` from `first` on, then the epilogue over them.
    ///
    /// # Safety
    /// `y` points to the whole result, of which nobody else touches these pixels meanwhile.
    #[cfg_attr(not(feature = "std"), inline(always))]
    pub(crate) unsafe fn run<F: Formula<N>, const N: usize>(
        &self,
        y: *mut T,
        first: usize,
        pixels: usize,
        e: [Operand<'_, T>; N],
        f: F,
    ) {
        ensure!(first + pixels <= self.pixels(), "pixels outside the result");
        // SAFETY: the caller's.
        unsafe { self.product(y, first, pixels) };
        if !(F::IDENTITY && matches!(e[0], Operand::Own)) {
            let area = Area {
                matrix_rows: self.pixels(),
                matrix_width: self.width(),
                first_row: first,
                rows: pixels,
                first_column: 0,
                width: self.width(),
            };
            // SAFETY: the caller's.
            unsafe { rows::map_raw(area, y, e, f) };
        }
    }

    /// # Safety
    /// As [`Self::run`].
    #[cfg_attr(not(feature = "std"), inline(always))]
    unsafe fn product(&self, y: *mut T, first: usize, pixels: usize) {
        let w = &self.conv.window;
        if !self.backward {
            // SAFETY: the caller's; the lengths were checked when the job was made.
            unsafe { self.phase([Axis::forward(w, 0), Axis::forward(w, 1)], y, first, pixels) };
        } else {
            // SAFETY: the caller's.
            unsafe { self.phases(y, first, pixels) };
        }
    }

    /// # Safety
    /// As [`Self::run`].
    unsafe fn phases(&self, y: *mut T, first: usize, pixels: usize) {
        let w = &self.conv.window;
        // Of whole samples, or of any pixels where there is a single phase.
        let sample = self.sample_pixels().max(1);
        for v in 0..Axis::phases(w, 0) {
            for h in 0..Axis::phases(w, 1) {
                let axes = [Axis::backward(w, 0, v), Axis::backward(w, 1, h)];
                let count = axes[0].count * axes[1].count;
                // SAFETY: as above.
                unsafe {
                    self.phase(axes, y, first / sample * count + first % sample, {
                        pixels / sample * count + pixels % sample
                    })
                };
            }
        }
    }

    /// # Safety
    /// As [`Self::run`], with pixels counted in the phase.
    #[cfg_attr(not(feature = "std"), inline(always))]
    unsafe fn phase(&self, axes: [Axis; 2], y: *mut T, first: usize, pixels: usize) {
        let conv = self.conv;
        let bias = self.bias.map_or(core::ptr::null(), <[T]>::as_ptr);
        if conv.is_depthwise() {
            T::images(&Images::Depthwise(Depthwise {
                axes,
                first,
                pixels,
                x: self.x.as_ptr(),
                w: self.w.as_ptr(),
                kernel_width: conv.window.kernel[1],
                bias,
                y,
                channels: conv.inputs,
            }));
        } else {
            let (channels, outputs) = if self.backward {
                (conv.outputs, conv.inputs)
            } else {
                (conv.inputs, conv.outputs)
            };
            T::images(&Images::Product(Product {
                axes,
                first,
                pixels,
                x: self.x.as_ptr(),
                channels,
                w: self.w.as_ptr(),
                kernel_width: conv.window.kernel[1],
                bias,
                y,
                outputs,
                groups: conv.groups,
            }));
        }
    }

    /// All pixels, block by block.
    #[cfg_attr(not(feature = "std"), inline(always))]
    pub(crate) fn run_all<F: Formula<N>, const N: usize>(&self, y: &mut [T], e: [Operand<'_, T>; N], f: F) {
        let (all, block) = (self.pixels(), self.block());
        ensure!(y.len() == all * self.width(), "the result's length");
        for first in (0..all).step_by(block) {
            // SAFETY: `y` is borrowed whole.
            unsafe { self.run(y.as_mut_ptr(), first, block.min(all - first), e, f) };
        }
    }
}

/// `dw (+)= …`, of the taps `from .. from + dw.len() / (inputs / groups · outputs)`.
pub(crate) fn grad_weight<T: Scalar>(
    samples: usize,
    conv: &Conv2d,
    x: &[T],
    dy: &[T],
    from: usize,
    dw: &mut [T],
    accumulate: bool,
) {
    conv.check();
    ensure!(
        x.len() == samples * conv.input_elems() && dy.len() == samples * conv.output_elems(),
        "lengths of a convolution's gradient"
    );
    let tap = conv.inputs / conv.groups * conv.outputs;
    let taps = dw.len() / tap.max(1);
    ensure!(
        dw.len() == taps * tap && from + taps <= conv.window.taps(),
        "the length of a convolution's weights"
    );
    let all = samples * conv.window.output[0];
    if all == 0 || taps == 0 {
        if !accumulate {
            dw.fill(T::ZERO);
        }
        return;
    }
    let row = (conv.input_elems() + conv.output_elems()) / conv.window.output[0];
    let block = (GRADIENT_ELEMS / row.max(1)).max(BLOCK_PIXELS.div_ceil(conv.window.output[1]));
    for first in (0..all).step_by(block) {
        let rows = (first, (first + block).min(all));
        let accumulate = accumulate || first > 0;
        if conv.is_depthwise() && taps == conv.window.taps() {
            T::images(&Images::DepthwiseWeights(DepthwiseWeights {
                window: conv.window,
                channels: conv.inputs,
                rows,
                x: x.as_ptr(),
                dy: dy.as_ptr(),
                dw: dw.as_mut_ptr(),
                accumulate,
            }));
        } else {
            T::images(&Images::Weights(Weights {
                conv: *conv,
                taps: (from, from + taps),
                rows,
                x: x.as_ptr(),
                dy: dy.as_ptr(),
                dw: dw.as_mut_ptr(),
                accumulate,
            }));
        }
    }
}
