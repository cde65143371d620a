//! The gradient of a convolution's weights.
//!
//! Legend: a tile is `M` weights' rows (a tap and an input channel each) by `V` vectors of output channels. It stays in
//! registers while the output's pixels pass: `dw[tap, i, o] += Σ over pixels of x[source(pixel, tap), i] · dy[pixel, o]`.

use super::registers::{load, store};
use crate::Scalar;
use crate::geometry::Conv2d;
use crate::simd::Simd;

#[doc(hidden)]
#[derive(Clone, Copy)]
pub struct Weights<T> {
    pub(super) conv: Conv2d,
    /// Taps `from .. to` of the kernel.
    pub(super) taps: (usize, usize),
    /// Rows of the output, sample after sample.
    pub(super) rows: (usize, usize),
    pub(super) x: *const T,
    pub(super) dy: *const T,
    /// `[taps, inputs / groups, outputs]`, of the taps above.
    pub(super) dw: *mut T,
    /// Start from the old `dw`.
    pub(super) accumulate: bool,
}

/// The weights' rows of one tile.
struct Tile {
    group: usize,
    /// Rows `first .. first + count`, counted over taps and channels.
    first: usize,
    count: usize,
}

impl<T: Scalar> Weights<T> {
    /// # Safety
    /// The pointers hold what the sizes say.
    #[inline(always)]
    pub(crate) unsafe fn run<S: Simd<T>>(&self, s: S) {
        // SAFETY: the caller's.
        unsafe {
            if S::REGISTERS >= 32 {
                self.columns::<S, 8, 3>(s);
            } else {
                self.columns::<S, 6, 2>(s);
            }
        }
    }

    #[inline(always)]
    unsafe fn columns<S: Simd<T>, const M: usize, const V: usize>(&self, s: S) {
        let width = self.conv.outputs / self.conv.groups;
        let vectors = width.div_ceil(S::LANES);
        let most = vectors.div_ceil(vectors.div_ceil(V).max(1)) * S::LANES;
        for group in 0..self.conv.groups {
            let mut column = 0;
            while column < width {
                let n = most.min(width - column);
                let first = group * width + column;
                // SAFETY: the caller's; the block lies within the group.
                unsafe {
                    match n.div_ceil(S::LANES) {
                        1 => self.tiles::<S, M, 1>(s, group, first, n),
                        2 => self.tiles::<S, M, 2>(s, group, first, n),
                        _ => self.tiles::<S, M, V>(s, group, first, n),
                    }
                }
                column += n;
            }
        }
    }

    /// With many channels a tile keeps to one tap, so that none of its pixels is half outside.
    #[inline(always)]
    unsafe fn tiles<S: Simd<T>, const M: usize, const V: usize>(
        &self,
        s: S,
        group: usize,
        column: usize,
        n: usize,
    ) {
        let width = self.conv.inputs / self.conv.groups;
        let all = (self.taps.1 - self.taps.0) * width;
        let span = if width >= M { width } else { all };
        let most = span.div_ceil(span.div_ceil(M).max(1));
        for start in (0..all).step_by(span.max(1)) {
            let mut first = start;
            while first < start + span {
                let count = most.min(start + span - first);
                let tile = Tile {
                    group,
                    first: self.taps.0 * width + first,
                    count,
                };
                // SAFETY: the caller's; the tile's rows are rows of the weights.
                unsafe { self.tile::<S, M, V>(s, &tile, column, n) };
                first += count;
            }
        }
    }

    #[inline(always)]
    unsafe fn tile<S: Simd<T>, const M: usize, const V: usize>(
        &self,
        s: S,
        tile: &Tile,
        column: usize,
        n: usize,
    ) {
        let Conv2d {
            window: w,
            inputs,
            outputs,
            groups,
        } = self.conv;
        let width = inputs / groups;
        let mask = s.first(n - (V - 1) * S::LANES);
        // Where each row's factor lies, from the window's first element on.
        let mut down = [0; M];
        let mut right = [0; M];
        let mut offset = [0; M];
        for i in 0..M {
            let row = tile.first + i.min(tile.count - 1);
            let (tap, channel) = (row / width, row % width);
            down[i] = (tap / w.kernel[1] * w.dilation[0]) as isize;
            right[i] = (tap % w.kernel[1] * w.dilation[1]) as isize;
            offset[i] = (down[i] * w.input[1] as isize + right[i]) * inputs as isize
                + (tile.group * width + channel) as isize;
        }
        let rows = Range::of(&down, w.before[0], w.stride[0], w.input[0], w.output[0]);
        let columns = Range::of(&right, w.before[1], w.stride[1], w.input[1], w.output[1]);

        let dw = |i: usize| {
            let at = tile.first - self.taps.0 * width + i;
            self.dw.wrapping_add(at * outputs + column)
        };
        let mut sum = [[s.set(T::ZERO); V]; M];
        if self.accumulate {
            for i in 0..tile.count {
                // SAFETY: the tile's rows and columns are the weights'.
                sum[i] = unsafe { load::<T, S, V>(s, dw(i), mask) };
            }
        }
        for r in self.rows.0..self.rows.1 {
            let (sample, o) = (r / w.output[0], r % w.output[0]);
            if o < rows.any.0 || o >= rows.any.1 {
                continue;
            }
            let whole = o >= rows.all.0 && o < rows.all.1;
            let top = (o * w.stride[0]) as isize - w.before[0] as isize;
            let image = self.x.wrapping_add(sample * w.inputs() * inputs);
            let dy = self.dy.wrapping_add(r * w.output[1] * outputs + column);
            // Pixels that lie inside for some rows of the tile, inside for all, and again for some.
            let (from, to) = if whole {
                columns.all
            } else {
                (columns.any.1, columns.any.1)
            };
            let span = Span {
                x: image
                    .wrapping_offset((top * w.input[1] as isize - w.before[1] as isize) * inputs as isize),
                x_step: w.stride[1] * inputs,
                dy,
                dy_step: outputs,
                offset: &offset,
            };
            let inside = |p: usize, i: usize| {
                let left = (p * w.stride[1]) as isize - w.before[1] as isize;
                let (r, c) = (top + down[i], left + right[i]);
                r >= 0 && r < w.input[0] as isize && c >= 0 && c < w.input[1] as isize
            };
            // SAFETY: the pixels are the output's; in the middle every factor lies inside the image.
            unsafe {
                span.add::<S, M, V, false>(s, &mut sum, columns.any.0..from, mask, inside);
                span.add::<S, M, V, true>(s, &mut sum, from..to, mask, inside);
                span.add::<S, M, V, false>(s, &mut sum, to..columns.any.1, mask, inside);
            }
        }
        for i in 0..tile.count {
            // SAFETY: as above.
            unsafe { store::<T, S, V>(s, dw(i), mask, &sum[i]) };
        }
    }
}

/// A row of the output, and of the input above it.
struct Span<'a, T> {
    /// The first element of the row's first window, which may lie outside.
    x: *const T,
    x_step: usize,
    dy: *const T,
    dy_step: usize,
    /// Of each factor, from the window's first element on.
    offset: &'a [isize],
}

impl<T: Scalar> Span<'_, T> {
    /// Adds the pixels' products; where `ALL` is false, `inside` tells which factors are not zeros.
    ///
    /// # Safety
    /// The pixels are the row's, and the factors that are read lie inside the image.
    #[inline(always)]
    unsafe fn add<S: Simd<T>, const M: usize, const V: usize, const ALL: bool>(
        &self,
        s: S,
        sum: &mut [[S::V; V]; M],
        pixels: core::ops::Range<usize>,
        mask: S::Mask,
        inside: impl Fn(usize, usize) -> bool,
    ) {
        let mut local = *sum;
        let mut x = self.x.wrapping_add(pixels.start * self.x_step);
        let mut dy = self.dy.wrapping_add(pixels.start * self.dy_step);
        for p in pixels {
            // SAFETY: the caller's.
            unsafe {
                let dy = load::<T, S, V>(s, dy, mask);
                for i in 0..M {
                    let factor = if ALL || inside(p, i) {
                        x.wrapping_offset(self.offset[i]).read()
                    } else {
                        T::ZERO
                    };
                    let factor = s.set(factor);
                    for v in 0..V {
                        local[i][v] = s.mul_add(factor, dy[v], local[i][v]);
                    }
                }
            }
            x = x.wrapping_add(self.x_step);
            dy = dy.wrapping_add(self.dy_step);
        }
        *sum = local;
    }
}

/// Positions of a window, `from .. to`.
pub(super) struct Range {
    /// One of the elements lies inside the input.
    pub any: (usize, usize),
    /// All of them do.
    pub all: (usize, usize),
}

impl Range {
    /// Of elements that lie `offsets` from the window's first one.
    #[inline(always)]
    pub(super) fn of(offsets: &[isize], before: usize, stride: usize, input: usize, output: usize) -> Self {
        let (mut least, mut most) = (isize::MAX, isize::MIN);
        for o in offsets {
            least = least.min(*o);
            most = most.max(*o);
        }
        // The first position at which the element at an offset has reached the input, and the first after it.
        let enters = |offset: isize| (before as isize - offset).max(0) as usize;
        let leaves = |offset: isize| (before as isize + input as isize - offset).max(0) as usize;
        let position = |elems: usize| elems.div_ceil(stride).min(output);
        let any = (position(enters(most)), position(leaves(least)));
        let any = (any.0.min(any.1), any.1);
        let all = (position(enters(least)), position(leaves(most)));
        let all = (all.0.clamp(any.0, any.1), all.1.clamp(any.0, any.1));
        Self {
            any,
            all: (all.0.min(all.1), all.1),
        }
    }
}
