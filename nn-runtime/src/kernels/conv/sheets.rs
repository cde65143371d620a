//! The product of [`Product`] over sheets: no tap asks whether it lies inside the image, and each filter row is one run.

use super::product::Product;
use super::registers::{run, start, store};
use super::sheet::{Room, Sheet};
use crate::Scalar;
use crate::simd::Simd;

/// Pixels of one sample above one sheet.
struct Block<T> {
    sheet: Sheet<T>,
    sample: usize,
    /// `from .. to`, counted within the sample.
    pixels: (usize, usize),
}

impl<T: Scalar> Product<T> {
    /// Sheet by sheet, of so many rows at the most.
    #[inline(always)]
    pub(super) unsafe fn sheets<S: Simd<T>>(&self, s: S, most: usize) {
        let [v, h] = &self.axes;
        let sample = v.count * h.count;
        let mut room = Room::new();
        let (mut at, end) = (self.first, self.first + self.pixels);
        while at < end {
            let n = at / sample;
            let (first, last) = (at - n * sample, (end - n * sample).min(sample));
            let top = first / h.count;
            let bottom = (top + most).min(last.div_ceil(h.count));
            let last = last.min(bottom * h.count);
            // SAFETY: the caller's; the pixels are the phase's and lie above the sheet.
            unsafe {
                let image = self.x.wrapping_add(n * v.source * h.source * self.channels);
                let sheet = room.sheet(&self.axes, self.channels, image, top, bottom);
                let block = Block {
                    sheet,
                    sample: n,
                    pixels: (first, last),
                };
                if S::REGISTERS >= 32 {
                    self.sheet_columns::<S, 12, 12, 8, 3>(s, &block);
                } else {
                    self.sheet_columns::<S, 8, 6, 6, 2>(s, &block);
                }
            }
            at = n * sample + last;
        }
    }

    /// Tiles are `M1` pixels by one vector, `M2` by two, or `M` by `V`, the most vectors.
    #[inline(always)]
    unsafe fn sheet_columns<S: Simd<T>, const M1: usize, const M2: usize, const M: usize, const V: usize>(
        &self,
        s: S,
        block: &Block<T>,
    ) {
        let vectors = self.outputs.div_ceil(S::LANES);
        let most = vectors.div_ceil(vectors.div_ceil(V).max(1)) * S::LANES;
        let mut column = 0;
        while column < self.outputs {
            let n = most.min(self.outputs - column);
            // SAFETY: the caller's.
            unsafe {
                match n.div_ceil(S::LANES) {
                    1 => self.sheet_tiles::<S, M1, 1>(s, block, column, n),
                    2 => self.sheet_tiles::<S, M2, 2>(s, block, column, n),
                    _ => self.sheet_tiles::<S, M, V>(s, block, column, n),
                }
            }
            column += n;
        }
    }

    #[inline(always)]
    unsafe fn sheet_tiles<S: Simd<T>, const M: usize, const V: usize>(
        &self,
        s: S,
        block: &Block<T>,
        column: usize,
        n: usize,
    ) {
        let (mut at, end) = block.pixels;
        while at < end {
            let left = end - at;
            // SAFETY: the caller's; the tile lies within the pixels.
            unsafe {
                if left > 2 {
                    self.sheet_tile::<S, M, V>(s, block, column, n, at, left.min(M));
                    at += left.min(M);
                } else {
                    self.sheet_tile::<S, 2, V>(s, block, column, n, at, left);
                    at += left;
                }
            }
        }
    }

    /// Output channels `column .. column + n`, of which the last vector may be cut, of the `count` pixels from number
    /// `at` of the sample on.
    #[inline(always)]
    unsafe fn sheet_tile<S: Simd<T>, const M: usize, const V: usize>(
        &self,
        s: S,
        block: &Block<T>,
        column: usize,
        n: usize,
        at: usize,
        count: usize,
    ) {
        let [v, h] = &self.axes;
        let width = self.channels;
        let row_step = block.sheet.row_step;
        let mask = s.first(n - (V - 1) * S::LANES);
        let (top, mut c) = (at / h.count, at % h.count);
        let mut r = top;
        let mut x = [block.sheet.origin; M];
        let mut y = [self.y; M];
        for i in 0..M {
            let down = (r * v.source_step) as isize * row_step;
            x[i] = x[i].wrapping_offset(down + (c * h.source_step * width) as isize);
            let row = block.sample * v.output + v.first + r * v.step;
            y[i] = y[i].wrapping_add((row * h.output + h.first + c * h.step) * self.outputs + column);
            // The last pixel fills the tile up.
            if i + 1 < count {
                c += 1;
                if c == h.count {
                    (r, c) = (r + 1, 0);
                }
            }
        }
        // SAFETY: the bias holds all channels.
        let mut sum = unsafe { start::<T, S, M, V>(s, self.bias, column, mask) };
        // One filter row is contiguous: all its taps are one run.
        let joined = h.tap_step == 1 && h.offset_step == 1;
        let (runs, len) = if joined {
            (1, h.taps * width)
        } else {
            (h.taps, width)
        };
        for j in 0..v.taps {
            let offset = v.offset + j as isize * v.offset_step;
            let first = (top * v.source_step) as isize + offset;
            let last = (r * v.source_step) as isize + offset;
            if last < 0 || first >= v.source as isize {
                continue;
            }
            let tap = (v.tap_first + j * v.tap_step) * self.kernel_width + h.tap_first;
            for k in 0..runs {
                let right = h.offset + k as isize * h.offset_step;
                let from = offset * row_step + right * width as isize;
                let mut a = x;
                for i in 0..M {
                    a[i] = x[i].wrapping_offset(from);
                }
                let b = (tap + k * h.tap_step) * width * self.outputs + column;
                let b = self.w.wrapping_add(b);
                // SAFETY: the taps of all pixels lie in the sheet, and the weights of a run follow each other.
                unsafe { run::<T, S, M, V>(s, &mut sum, &a, len, b, self.outputs, mask) };
            }
        }
        for i in 0..count {
            // SAFETY: the pixel's channels lie inside the output; the mask cuts the last vector.
            unsafe { store::<T, S, V>(s, y[i], mask, &sum[i]) };
        }
    }
}
