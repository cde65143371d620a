//! The product of pixels with weights: a convolution, or its input gradient with the weights transposed.
//!
//! Legend: `M` output pixels by `V` vectors of output channels stay in registers while all taps and source channels
//! pass. Each pixel has a pointer of its own into the source, so that a tile may turn around the end of a row. Where windows
//! reach over the edge, the rows under them are copied with the zeros around them (`sheets.rs`); what no sheet serves
//! (groups, rows too long for one, a microcontroller's stack) asks of each tap whether it lies inside, and its pointer leads
//! to zeros where not. No patch is ever copied.

use super::axis::Axis;
use super::registers::{run, start, store};
use super::sheet::Room;
use crate::Scalar;
use crate::simd::Simd;

/// `y[pixel, o] = bias[o] + Σ over taps and channels i of x[source(pixel, tap), i] · w[tap, i, o]`
#[doc(hidden)]
#[derive(Clone, Copy)]
pub struct Product<T> {
    pub(super) axes: [Axis; 2],
    /// Outputs `first .. first + pixels` of this phase, sample after sample, row after row.
    pub(super) first: usize,
    pub(super) pixels: usize,
    /// `[samples, source height, source width, channels]`
    pub(super) x: *const T,
    pub(super) channels: usize,
    /// `[kernel height, kernel width, channels / groups, outputs]`
    pub(super) w: *const T,
    pub(super) kernel_width: usize,
    /// `[outputs]`, or null.
    pub(super) bias: *const T,
    /// `[samples, output height, output width, outputs]`
    pub(super) y: *mut T,
    pub(super) outputs: usize,
    pub(super) groups: usize,
}

/// What lies outside an image, for so many channels at a time.
pub(super) const ZEROS: usize = 256;
/// Numbers of any type: 0.0 is all zero bits.
pub(super) static ZERO: [u64; ZEROS] = [0; ZEROS];

/// Where the pixels of a tile lie.
pub(super) struct Places<T, const M: usize> {
    /// The sample in the source.
    pub image: [*const T; M],
    /// Row and column of the source under the window, before the taps' offsets.
    pub row: [isize; M],
    pub column: [isize; M],
    /// The pixel in the output.
    pub y: [*mut T; M],
    /// All columns of all taps lie inside.
    pub interior: bool,
}

/// The `count` pixels from number `at` on; the last one fills the tile up.
///
/// # Safety
/// They are outputs of the phase.
#[inline(always)]
pub(super) unsafe fn places<T: Scalar, const M: usize>(
    axes: &[Axis; 2],
    x: *const T,
    channels: usize,
    y: *mut T,
    outputs: usize,
    at: usize,
    count: usize,
) -> Places<T, M> {
    let [v, h] = axes;
    let mut found = Places {
        image: [x; M],
        row: [0; M],
        column: [0; M],
        y: [y; M],
        interior: true,
    };
    // At least 1, as any phase with an output has it: a division that cannot fail.
    let (image, line) = ((v.count * h.count).max(1), h.count.max(1));
    let (mut n, rest) = (at / image, at % image);
    let (mut r, mut c) = (rest / line, rest % line);
    for i in 0..M {
        found.image[i] = x.wrapping_add(n * v.source * h.source * channels);
        found.row[i] = (r * v.source_step) as isize;
        found.column[i] = (c * h.source_step) as isize;
        let pixel = (n * v.output + v.first + r * v.step) * h.output + h.first + c * h.step;
        found.y[i] = y.wrapping_add(pixel * outputs);
        found.interior &= h.is_interior(found.column[i]);
        if i + 1 < count {
            c += 1;
            if c == h.count {
                (r, c) = (r + 1, 0);
                if r == v.count {
                    (n, r) = (n + 1, 0);
                }
            }
        }
    }
    found
}

impl<T: Scalar> Product<T> {
    /// # Safety
    /// The pointers hold what the sizes say, and nobody else touches the output's pixels.
    #[inline(always)]
    pub(crate) unsafe fn run<S: Simd<T>>(&self, s: S) {
        let rows = if cfg!(feature = "std") && self.groups == 1 {
            Room::rows::<T>(&self.axes, self.channels)
        } else {
            0
        };
        // SAFETY: the caller's.
        unsafe {
            if rows > 0 {
                self.sheets(s, rows);
            } else if S::REGISTERS >= 32 {
                self.columns::<S, 8, 3>(s);
            } else {
                self.columns::<S, 6, 2>(s);
            }
        }
    }

    /// Blocks of at most `V` vectors of output channels, all of nearly the same size.
    #[inline(always)]
    unsafe fn columns<S: Simd<T>, const M: usize, const V: usize>(&self, s: S) {
        let width = self.outputs / self.groups.max(1);
        let vectors = width.div_ceil(S::LANES);
        let most = vectors.div_ceil(vectors.div_ceil(V).max(1)) * S::LANES;
        for group in 0..self.groups {
            let mut column = 0;
            while column < width {
                let n = most.min(width - column);
                let first = group * width + column;
                // SAFETY: the caller's; the block lies within the group.
                unsafe {
                    match n.div_ceil(S::LANES) {
                        1 => self.pixels::<S, M, 1>(s, group, first, n),
                        2 => self.pixels::<S, M, 2>(s, group, first, n),
                        _ => self.pixels::<S, M, V>(s, group, first, n),
                    }
                }
                column += n;
            }
        }
    }

    #[inline(always)]
    unsafe fn pixels<S: Simd<T>, const M: usize, const V: usize>(
        &self,
        s: S,
        group: usize,
        column: usize,
        n: usize,
    ) {
        let mut done = 0;
        while done < self.pixels {
            let left = self.pixels - done;
            let at = self.first + done;
            // SAFETY: the caller's; the tile lies within the pixels.
            unsafe {
                if left > 2 {
                    self.tile::<S, M, V>(s, group, column, n, at, left.min(M));
                    done += left.min(M);
                } else {
                    self.tile::<S, 1, V>(s, group, column, n, at, 1);
                    done += 1;
                }
            }
        }
    }

    /// Output channels `column .. column + n`, of which the last vector may be cut, of `count` pixels.
    #[inline(always)]
    unsafe fn tile<S: Simd<T>, const M: usize, const V: usize>(
        &self,
        s: S,
        group: usize,
        column: usize,
        n: usize,
        at: usize,
        count: usize,
    ) {
        let [v, h] = &self.axes;
        let width = self.channels / self.groups.max(1);
        let mask = s.first(n - (V - 1) * S::LANES);
        // SAFETY: the caller's.
        let places =
            unsafe { places::<T, M>(&self.axes, self.x, self.channels, self.y, self.outputs, at, count) };
        // SAFETY: the bias holds all channels.
        let mut sum = unsafe { start::<T, S, M, V>(s, self.bias, column, mask) };
        // One filter row under an interior pixel is contiguous: all its taps are one run.
        let joined = self.groups == 1 && h.tap_step == 1 && (h.offset_step == 1 || h.taps == 1);
        let joined = joined && places.interior;
        for j in 0..v.taps {
            let offset = v.offset + j as isize * v.offset_step;
            let mut rows = [core::ptr::null(); M];
            let (mut any, mut all) = (false, true);
            for i in 0..M {
                let r = places.row[i] + offset;
                let inside = r >= 0 && r < v.source as isize;
                if inside {
                    rows[i] = places.image[i].wrapping_offset(r * (h.source * self.channels) as isize);
                }
                any |= inside;
                all &= inside;
            }
            if !any {
                continue;
            }
            let tap = (v.tap_first + j * v.tap_step) * self.kernel_width;
            if joined && all {
                let mut a = rows;
                for i in 0..M {
                    let c = (places.column[i] + h.offset) * self.channels as isize;
                    a[i] = rows[i].wrapping_offset(c);
                }
                let b = self
                    .w
                    .wrapping_add((tap + h.tap_first) * width * self.outputs + column);
                // SAFETY: all taps of all pixels lie inside the image, and the weights of a row follow each other.
                unsafe { run::<T, S, M, V>(s, &mut sum, &a, h.taps * width, b, self.outputs, mask) };
                continue;
            }
            for k in 0..h.taps {
                let offset = h.offset + k as isize * h.offset_step;
                let mut a = rows;
                let (mut any, mut all) = (false, true);
                for i in 0..M {
                    let c = places.column[i] + offset;
                    let inside = !rows[i].is_null() && c >= 0 && c < h.source as isize;
                    a[i] = if inside {
                        rows[i].wrapping_add(c as usize * self.channels + group * width)
                    } else {
                        core::ptr::null()
                    };
                    any |= inside;
                    all &= inside;
                }
                if !any {
                    continue;
                }
                let tap = tap + h.tap_first + k * h.tap_step;
                let b = self.w.wrapping_add(tap * width * self.outputs + column);
                let step = if all { width } else { ZEROS };
                let mut from = 0;
                while from < width {
                    let len = step.min(width - from);
                    let mut a = a;
                    for i in 0..M {
                        a[i] = if a[i].is_null() {
                            ZERO.as_ptr().cast()
                        } else {
                            a[i].wrapping_add(from)
                        };
                    }
                    let b = b.wrapping_add(from * self.outputs);
                    // SAFETY: each pointer leads to `len` channels inside the image, or to as many zeros.
                    unsafe { run::<T, S, M, V>(s, &mut sum, &a, len, b, self.outputs, mask) };
                    from += len;
                }
            }
        }
        for i in 0..count {
            // SAFETY: the pixel's channels lie inside the output; the mask cuts the last vector.
            unsafe { store::<T, S, V>(s, places.y[i].wrapping_add(column), mask, &sum[i]) };
        }
    }
}
