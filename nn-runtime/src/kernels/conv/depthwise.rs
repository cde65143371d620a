//! Depthwise convolutions, their input gradient and their weights' gradient: lanes go over the channels.

use super::axis::Axis;
use super::product::{Places, ZERO, places};
use super::registers::{load, start, store};
use super::weights::Range;
use crate::Scalar;
use crate::geometry::Window2d;
use crate::simd::Simd;

/// `y[pixel, c] = bias[c] + Σ over taps of x[source(pixel, tap), c] · w[tap, c]`
#[doc(hidden)]
#[derive(Clone, Copy)]
pub struct Depthwise<T> {
    pub(super) axes: [Axis; 2],
    /// Outputs `first .. first + pixels` of this phase.
    pub(super) first: usize,
    pub(super) pixels: usize,
    pub(super) x: *const T,
    /// `[kernel height, kernel width, channels]`
    pub(super) w: *const T,
    pub(super) kernel_width: usize,
    /// `[channels]`, or null.
    pub(super) bias: *const T,
    pub(super) y: *mut T,
    pub(super) channels: usize,
}

impl<T: Scalar> Depthwise<T> {
    /// # Safety
    /// The pointers hold what the sizes say, and nobody else touches the output's pixels.
    #[inline(always)]
    pub(crate) unsafe fn run<S: Simd<T>>(&self, s: S) {
        let mut done = 0;
        while done < self.pixels {
            let left = self.pixels - done;
            // SAFETY: the caller's; the tile lies within the pixels.
            unsafe {
                if left >= 4 {
                    self.tile::<S, 4>(s, self.first + done);
                    done += 4;
                } else {
                    self.tile::<S, 1>(s, self.first + done);
                    done += 1;
                }
            }
        }
    }

    /// All channels of `M` pixels.
    #[inline(always)]
    unsafe fn tile<S: Simd<T>, const M: usize>(&self, s: S, at: usize) {
        // SAFETY: the caller's.
        let places =
            unsafe { places::<T, M>(&self.axes, self.x, self.channels, self.y, self.channels, at, M) };
        let rows = &self.axes[0];
        // SAFETY: the caller's.
        unsafe {
            if places.interior && places.row.iter().all(|&r| rows.is_interior(r)) {
                self.channels::<S, M, true>(s, &places);
            } else {
                self.channels::<S, M, false>(s, &places);
            }
        }
    }

    #[inline(always)]
    unsafe fn channels<S: Simd<T>, const M: usize, const WHOLE: bool>(&self, s: S, places: &Places<T, M>) {
        let mut c = 0;
        while c < self.channels {
            let left = (self.channels - c).div_ceil(S::LANES);
            // SAFETY: the caller's; the vectors are the channels'.
            unsafe {
                if S::REGISTERS >= 32 && left >= 4 {
                    self.vectors::<S, M, 4, WHOLE>(s, places, c);
                    c += 4 * S::LANES;
                } else if left >= 2 {
                    self.vectors::<S, M, 2, WHOLE>(s, places, c);
                    c += 2 * S::LANES;
                } else {
                    self.vectors::<S, M, 1, WHOLE>(s, places, c);
                    c += S::LANES;
                }
            }
        }
    }

    /// `V` vectors of channels from `c` on, of `M` pixels; `WHOLE`: all taps of all of them lie inside the image.
    #[inline(always)]
    unsafe fn vectors<S: Simd<T>, const M: usize, const V: usize, const WHOLE: bool>(
        &self,
        s: S,
        places: &Places<T, M>,
        c: usize,
    ) {
        let [v, h] = &self.axes;
        let mask = s.first((self.channels - c).saturating_sub((V - 1) * S::LANES));
        // SAFETY: the bias holds all channels.
        let mut sum = unsafe { start::<T, S, M, V>(s, self.bias, c, mask) };
        // Under the first tap.
        let mut first = places.image;
        for i in 0..M {
            let (r, p) = (places.row[i] + v.offset, places.column[i] + h.offset);
            let pixel = r * h.source as isize + p;
            first[i] = first[i]
                .wrapping_offset(pixel * self.channels as isize)
                .wrapping_add(c);
        }
        for j in 0..v.taps {
            let down = j as isize * v.offset_step;
            let tap = (v.tap_first + j * v.tap_step) * self.kernel_width + h.tap_first;
            for k in 0..h.taps {
                let right = k as isize * h.offset_step;
                let w = self.w.wrapping_add((tap + k * h.tap_step) * self.channels + c);
                let at = (down * h.source as isize + right) * self.channels as isize;
                // SAFETY: a weight for each channel; a pixel's channels where it lies inside the image, else zeros.
                unsafe {
                    let w = load::<T, S, V>(s, w, mask);
                    for i in 0..M {
                        let (r, p) = (
                            places.row[i] + v.offset + down,
                            places.column[i] + h.offset + right,
                        );
                        let inside =
                            WHOLE || r >= 0 && r < v.source as isize && p >= 0 && p < h.source as isize;
                        let x = if inside {
                            load::<T, S, V>(s, first[i].wrapping_offset(at), mask)
                        } else {
                            load::<T, S, V>(s, ZERO.as_ptr().cast(), mask)
                        };
                        for u in 0..V {
                            sum[i][u] = s.mul_add(x[u], w[u], sum[i][u]);
                        }
                    }
                }
            }
        }
        for i in 0..M {
            // SAFETY: the pixel's channels lie inside the output; the mask cuts the last vector.
            unsafe { store::<T, S, V>(s, places.y[i].wrapping_add(c), mask, &sum[i]) };
        }
    }
}

/// `dw[tap, c] += Σ over pixels of x[source(pixel, tap), c] · dy[pixel, c]`
#[doc(hidden)]
#[derive(Clone, Copy)]
pub struct DepthwiseWeights<T> {
    pub(super) window: Window2d,
    pub(super) channels: usize,
    /// Rows of the output, sample after sample.
    pub(super) rows: (usize, usize),
    pub(super) x: *const T,
    pub(super) dy: *const T,
    /// `[taps, channels]`
    pub(super) dw: *mut T,
    /// Start from the old `dw`.
    pub(super) accumulate: bool,
}

/// Taps of a tile: all of a 3 x 3 kernel.
const TAPS: usize = 9;

impl<T: Scalar> DepthwiseWeights<T> {
    /// # Safety
    /// The pointers hold what the sizes say.
    #[inline(always)]
    pub(crate) unsafe fn run<S: Simd<T>>(&self, s: S) {
        let all = self.window.taps();
        for tap in (0..all).step_by(TAPS) {
            for c in (0..self.channels).step_by(S::LANES) {
                // SAFETY: the caller's.
                unsafe { self.tile(s, tap, TAPS.min(all - tap), c) };
            }
        }
    }

    /// `count` taps from `first` on, one vector of channels from `c` on.
    #[inline(always)]
    unsafe fn tile<S: Simd<T>>(&self, s: S, first: usize, count: usize, c: usize) {
        let w = &self.window;
        let mask = s.first(self.channels - c);
        let mut down = [0; TAPS];
        let mut right = [0; TAPS];
        let mut offset = [0; TAPS];
        for i in 0..TAPS {
            let tap = first + i.min(count - 1);
            down[i] = (tap / w.kernel[1] * w.dilation[0]) as isize;
            right[i] = (tap % w.kernel[1] * w.dilation[1]) as isize;
            offset[i] = (down[i] * w.input[1] as isize + right[i]) * self.channels as isize;
        }
        let rows = Range::of(&down, w.before[0], w.stride[0], w.input[0], w.output[0]);
        let columns = Range::of(&right, w.before[1], w.stride[1], w.input[1], w.output[1]);
        let mut sum = [s.set(T::ZERO); TAPS];
        let dw = |i: usize| self.dw.wrapping_add((first + i) * self.channels + c);
        if self.accumulate {
            for i in 0..count {
                // SAFETY: the tile's taps and channels are the weights'.
                sum[i] = unsafe { s.load_masked(dw(i), mask) };
            }
        }
        for r in self.rows.0..self.rows.1 {
            let (sample, o) = (r / w.output[0], r % w.output[0]);
            if o < rows.any.0 || o >= rows.any.1 {
                continue;
            }
            let whole = o >= rows.all.0 && o < rows.all.1;
            let top = (o * w.stride[0]) as isize - w.before[0] as isize;
            let image = self.x.wrapping_add(sample * w.inputs() * self.channels + c);
            let dy = self.dy.wrapping_add(r * w.output[1] * self.channels + c);
            for p in columns.any.0..columns.any.1 {
                let left = (p * w.stride[1]) as isize - w.before[1] as isize;
                let x = image.wrapping_offset((top * w.input[1] as isize + left) * self.channels as isize);
                let whole = whole && p >= columns.all.0 && p < columns.all.1;
                // SAFETY: the pixel is one of the output's; a factor is read where it lies inside the image.
                unsafe {
                    let dy = s.load_masked(dy.wrapping_add(p * self.channels), mask);
                    for i in 0..TAPS {
                        let (r, c) = (top + down[i], left + right[i]);
                        let inside =
                            whole || (r >= 0 && r < w.input[0] as isize && c >= 0 && c < w.input[1] as isize);
                        if inside {
                            let x = s.load_masked(x.wrapping_offset(offset[i]), mask);
                            sum[i] = s.mul_add(x, dy, sum[i]);
                        }
                    }
                }
            }
        }
        for i in 0..count {
            // SAFETY: as above.
            unsafe { s.store_masked(dw(i), mask, sum[i]) };
        }
    }
}
