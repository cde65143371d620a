//! The weights' gradient: `K` taps by `O` output channels stay in registers while the pixels pass, one sum per lane.

use super::{MAX_TAPS, SAMPLES};
use crate::Scalar;
use crate::geometry::Conv2d;
use crate::kernels::chunk::Chunk;
use crate::kernels::conv::weights::Range;
use crate::simd::Simd;

/// Output channels at a time, at the most.
const GRADIENT_OUTPUTS: usize = 4;

/// `dw[tap, i, o] (+)= Σ over samples and pixels of x under the tap · dy`.
#[doc(hidden)]
#[derive(Clone, Copy)]
pub struct LanesWeights<T> {
    pub(super) conv: Conv2d,
    pub(super) groups: usize,
    pub(super) x: *const T,
    pub(super) dy: *const T,
    pub(super) dw: *mut T,
    pub(super) accumulate: bool,
}

/// The sums of all taps of one channel and some outputs, `[tap, output, lane]`.
type Sums<T> = [T; MAX_TAPS * GRADIENT_OUTPUTS * SAMPLES];

/// Pixels of a group that are added to the sums of some taps.
#[derive(Clone, Copy)]
struct Strip {
    group: usize,
    /// Row of taps, and the first column of taps.
    tap: [usize; 2],
    rows: (usize, usize),
    columns: (usize, usize),
    /// Channel of the input, first one of the outputs.
    input: usize,
    output: usize,
}

impl<T: Scalar> LanesWeights<T> {
    /// # Safety
    /// The pointers hold what the sizes say, and nobody else touches the gradient.
    #[inline(always)]
    pub(crate) unsafe fn run<S: Simd<T>>(&self, s: S) {
        let mut sums: Sums<T> = [T::ZERO; MAX_TAPS * GRADIENT_OUTPUTS * SAMPLES];
        for input in 0..self.conv.inputs {
            let mut output = 0;
            while output < self.conv.outputs {
                let left = self.conv.outputs - output;
                // SAFETY: the caller's.
                unsafe {
                    if S::REGISTERS >= 32 && left >= 4 {
                        self.outputs::<S, 4>(s, input, output, &mut sums);
                        output += 4;
                    } else if left >= 2 {
                        self.outputs::<S, 2>(s, input, output, &mut sums);
                        output += 2;
                    } else {
                        self.outputs::<S, 1>(s, input, output, &mut sums);
                        output += 1;
                    }
                }
            }
        }
    }

    /// The gradient of one input channel and some outputs; `sums` is room.
    ///
    /// # Safety
    /// As [`Self::run`].
    #[inline(always)]
    unsafe fn outputs<S: Simd<T>, const O: usize>(
        &self,
        s: S,
        input: usize,
        output: usize,
        sums: &mut Sums<T>,
    ) {
        let w = &self.conv.window;
        let (taps, interior) = (w.taps(), w.whole(1));
        sums[..taps * O * SAMPLES].fill(T::ZERO);
        for group in 0..self.groups {
            for j in 0..w.kernel[0] {
                let rows = self.positions(0, j);
                let mut k = 0;
                while k < w.kernel[1] {
                    let left = w.kernel[1] - k;
                    let strip = Strip {
                        group,
                        tap: [j, k],
                        rows,
                        columns: interior,
                        input,
                        output,
                    };
                    // SAFETY: the caller's; under the strip's taps lies the image.
                    unsafe {
                        if S::REGISTERS >= 32 && left >= 5 {
                            self.strip::<S, 5, O>(s, strip, sums);
                            k += 5;
                        } else if left >= 3 {
                            self.strip::<S, 3, O>(s, strip, sums);
                            k += 3;
                        } else {
                            self.strip::<S, 1, O>(s, strip, sums);
                            k += 1;
                        }
                    }
                }
                for k in 0..w.kernel[1] {
                    let (from, to) = self.positions(1, k);
                    for columns in [(from, interior.0.min(to)), (interior.1.max(from), to)] {
                        let strip = Strip {
                            group,
                            tap: [j, k],
                            rows,
                            columns,
                            input,
                            output,
                        };
                        // SAFETY: as above.
                        unsafe { self.strip::<S, 1, O>(s, strip, sums) };
                    }
                }
            }
        }
        for tap in 0..taps {
            for o in 0..O {
                let mut lanes = Chunk::new(T::ZERO);
                lanes
                    .0
                    .copy_from_slice(&sums[(tap * O + o) * SAMPLES..][..SAMPLES]);
                let to = (tap * self.conv.inputs + input) * self.conv.outputs + output + o;
                // SAFETY: the gradient holds every tap, channel and output.
                unsafe {
                    let to = self.dw.add(to);
                    let old = if self.accumulate { to.read() } else { T::ZERO };
                    to.write(old + lanes.sum());
                }
            }
        }
    }

    /// The outputs under whose tap `j` of an axis the image lies.
    #[inline(always)]
    fn positions(&self, axis: usize, j: usize) -> (usize, usize) {
        let w = &self.conv.window;
        let offset = (j * w.dilation[axis]) as isize;
        Range::of(
            &[offset],
            w.before[axis],
            w.stride[axis],
            w.input[axis],
            w.output[axis],
        )
        .any
    }

    /// `K` taps beside each other; nothing where the strip has no columns.
    ///
    /// # Safety
    /// As [`Self::run`], and all taps of the strip's pixels lie inside.
    #[inline(always)]
    unsafe fn strip<S: Simd<T>, const K: usize, const O: usize>(
        &self,
        s: S,
        strip: Strip,
        sums: &mut Sums<T>,
    ) {
        if strip.columns.0 >= strip.columns.1 {
            return;
        }
        let w = &self.conv.window;
        let (inputs, outputs) = (self.conv.inputs, self.conv.outputs);
        let tap = strip.tap[0] * w.kernel[1] + strip.tap[1];
        let image = strip.group * w.inputs();
        let result = strip.group * w.outputs();
        let right = strip.columns.0 * w.stride[1] + strip.tap[1] * w.dilation[1];
        for lane in (0..SAMPLES).step_by(S::LANES) {
            let sums = sums[tap * O * SAMPLES..][..K * O * SAMPLES].as_mut_ptr();
            let mut sum = [[s.set(T::ZERO); O]; K];
            for k in 0..K {
                for o in 0..O {
                    // SAFETY: the sums of `K` taps and `O` outputs.
                    sum[k][o] = unsafe { s.load(sums.add((k * O + o) * SAMPLES + lane)) };
                }
            }
            for row in strip.rows.0..strip.rows.1 {
                let down = row * w.stride[0] + strip.tap[0] * w.dilation[0] - w.before[0];
                let x = (image + down * w.input[1] + right).wrapping_sub(w.before[1]);
                let mut x = self.x.wrapping_add((x * inputs + strip.input) * SAMPLES + lane);
                let dy = result + row * w.output[1] + strip.columns.0;
                let mut dy = self
                    .dy
                    .wrapping_add((dy * outputs + strip.output) * SAMPLES + lane);
                for _ in strip.columns.0..strip.columns.1 {
                    // SAFETY: the strip's pixels and what lies under their taps.
                    unsafe {
                        let mut gradient = [s.set(T::ZERO); O];
                        for o in 0..O {
                            gradient[o] = s.load(dy.add(o * SAMPLES));
                        }
                        for k in 0..K {
                            let x = s.load(x.add(k * w.dilation[1] * inputs * SAMPLES));
                            for o in 0..O {
                                sum[k][o] = s.mul_add(x, gradient[o], sum[k][o]);
                            }
                        }
                    }
                    x = x.wrapping_add(w.stride[1] * inputs * SAMPLES);
                    dy = dy.wrapping_add(outputs * SAMPLES);
                }
            }
            for k in 0..K {
                for o in 0..O {
                    // SAFETY: as above.
                    unsafe { s.store(sums.add((k * O + o) * SAMPLES + lane), sum[k][o]) };
                }
            }
        }
    }
}
