//! Result and input gradient: `P` pixels by `O` output channels stay in registers, a weight is one number for all lanes.

use super::SAMPLES;
use crate::Scalar;
use crate::kernels::conv::axis::Axis;
use crate::simd::Simd;

/// `y[pixel, o] = bias[o] + Σ over taps and channels i of x[source(pixel, tap), i] · w[tap, i, o]`, of one group.
#[doc(hidden)]
#[derive(Clone, Copy)]
pub struct LanesProduct<T> {
    pub(super) axes: [Axis; 2],
    /// Rows of the result.
    pub(super) rows: (usize, usize),
    pub(super) x: *const T,
    pub(super) channels: usize,
    pub(super) w: *const T,
    pub(super) kernel_width: usize,
    /// `[outputs]`, or null.
    pub(super) bias: *const T,
    pub(super) y: *mut T,
    pub(super) outputs: usize,
}

/// Where a tile of [`LanesProduct`] begins.
#[derive(Clone, Copy)]
struct At {
    row: usize,
    column: usize,
    /// First output channel.
    output: usize,
    /// First lane.
    lane: usize,
    /// Taps that lie inside, vertically and horizontally.
    taps: [(usize, usize); 2],
}

impl<T: Scalar> LanesProduct<T> {
    /// # Safety
    /// The pointers hold a group of what the sizes say; nobody else touches the rows of the result.
    #[inline(always)]
    pub(crate) unsafe fn run<S: Simd<T>>(&self, s: S) {
        let interior = self.axes[1].interior();
        for row in self.rows.0..self.rows.1 {
            let mut output = 0;
            while output < self.outputs {
                let left = self.outputs - output;
                // SAFETY: the caller's; the channels are some of the outputs.
                unsafe {
                    if S::REGISTERS >= 32 && left >= 6 {
                        self.row::<S, 4, 6>(s, row, output, interior);
                        output += 6;
                    } else if left >= 4 {
                        if S::REGISTERS >= 32 {
                            self.row::<S, 4, 4>(s, row, output, interior);
                        } else {
                            self.row::<S, 2, 4>(s, row, output, interior);
                        }
                        output += 4;
                    } else if left >= 2 {
                        self.row::<S, 4, 2>(s, row, output, interior);
                        output += 2;
                    } else {
                        self.row::<S, 4, 1>(s, row, output, interior);
                        output += 1;
                    }
                }
            }
        }
    }

    /// One row of some output channels; `from .. to` are the columns all of whose taps lie inside.
    ///
    /// # Safety
    /// As [`Self::run`].
    #[inline(always)]
    unsafe fn row<S: Simd<T>, const P: usize, const O: usize>(
        &self,
        s: S,
        row: usize,
        output: usize,
        (from, to): (usize, usize),
    ) {
        let [v, h] = &self.axes;
        let down = v.taps_inside(row);
        for lane in (0..SAMPLES).step_by(S::LANES) {
            let mut column = 0;
            while column < h.count {
                let inner = column >= from && column < to;
                let across = if inner { (0, h.taps) } else { h.taps_inside(column) };
                let at = At {
                    row,
                    column,
                    output,
                    lane,
                    taps: [down, across],
                };
                // SAFETY: the caller's; all taps of the tile's pixels lie inside.
                unsafe {
                    if inner && to - column >= P {
                        self.tile::<S, P, O>(s, at);
                        column += P;
                    } else {
                        self.tile::<S, 1, O>(s, at);
                        column += 1;
                    }
                }
            }
        }
    }

    /// # Safety
    /// As [`Self::run`], and the taps of all pixels lie inside.
    #[inline(always)]
    unsafe fn tile<S: Simd<T>, const P: usize, const O: usize>(&self, s: S, at: At) {
        let [v, h] = &self.axes;
        let mut sum = [[s.set(T::ZERO); O]; P];
        if !self.bias.is_null() {
            for o in 0..O {
                // SAFETY: the bias holds all channels.
                let bias = s.set(unsafe { self.bias.add(at.output + o).read() });
                for p in 0..P {
                    sum[p][o] = bias;
                }
            }
        }
        let pixel_step = h.source_step * self.channels * SAMPLES;
        for j in at.taps[0].0..at.taps[0].1 {
            let row = (at.row * v.source_step) as isize + v.offset + j as isize * v.offset_step;
            let tap_row = (v.tap_first + j * v.tap_step) * self.kernel_width + h.tap_first;
            for k in at.taps[1].0..at.taps[1].1 {
                let column = (at.column * h.source_step) as isize + h.offset + k as isize * h.offset_step;
                let from = (row as usize * h.source + column as usize) * self.channels * SAMPLES + at.lane;
                let mut x = self.x.wrapping_add(from);
                let tap = tap_row + k * h.tap_step;
                let mut w = self
                    .w
                    .wrapping_add(tap * self.channels * self.outputs + at.output);
                for _ in 0..self.channels {
                    // SAFETY: the taps lie inside, the weights hold every tap, channel and output.
                    unsafe {
                        let mut weights = [s.set(T::ZERO); O];
                        for o in 0..O {
                            weights[o] = s.set(w.add(o).read());
                        }
                        for p in 0..P {
                            let x = s.load(x.add(p * pixel_step));
                            for o in 0..O {
                                sum[p][o] = s.mul_add(x, weights[o], sum[p][o]);
                            }
                        }
                    }
                    x = x.wrapping_add(SAMPLES);
                    w = w.wrapping_add(self.outputs);
                }
            }
        }
        for p in 0..P {
            let pixel = at.row * h.count + at.column + p;
            for o in 0..O {
                let to = (pixel * self.outputs + at.output + o) * SAMPLES + at.lane;
                // SAFETY: the pixel's channels lie inside the result.
                unsafe { s.store(self.y.add(to), sum[p][o]) };
            }
        }
    }
}
