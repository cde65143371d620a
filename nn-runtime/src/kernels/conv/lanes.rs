//! Convolutions with samples in the lanes: where channels are few, vectors of channels would be half empty.
//!
//! Legend: 16 samples lie side by side, `[height, width, channels, 16]`; a group is so many samples. `P` pixels by `O` output
//! channels stay in registers, a weight is one number for all lanes. Each element is the chain of multiply-adds that it is
//! with channels in the lanes; a weight's gradient is 16 sums, one per lane, added up at the end.

use super::axis::Axis;
use crate::Scalar;
use crate::fault::ensure;
use crate::geometry::Conv2d;
use crate::kernels::rows::{self, Area};
use crate::ops::Operand;
use crate::simd::{Formula, Kernel, Simd};

/// Samples side by side: a cache line of `f32`.
pub(crate) const SAMPLES: usize = 16;
/// Taps of the largest window, so that the sums of its gradient fit on the stack.
pub(crate) const MAX_TAPS: usize = 49;
/// Elements of the result between two epilogues.
const BLOCK_ELEMS: usize = 8192;
/// Output channels of the weights' gradient at a time, at the most.
const GRADIENT_OUTPUTS: usize = 4;

/// One of the kernels, with its operands.
#[doc(hidden)]
pub enum Lanes<T> {
    #[doc(hidden)]
    Product(Product<T>),
    #[doc(hidden)]
    Weights(Weights<T>),
    #[doc(hidden)]
    Turn(Turn<T>),
}

/// Runs the kernel as compiled for the current instruction set, each behind a call of its own.
#[cfg_attr(not(feature = "std"), inline(always))]
pub(in crate::kernels) fn run<T: Scalar>(kernel: &Lanes<T>) {
    match kernel {
        Lanes::Product(k) => T::dispatch(k),
        Lanes::Weights(k) => T::dispatch(k),
        Lanes::Turn(k) => T::dispatch(k),
    }
}

/// Makes a type whose `run` is its kernel a [`Kernel`].
macro_rules! kernels {
    ($($name:ident)+) => {$(
        impl<T: Scalar> Kernel<T> for &$name<T> {
            type Output = ();

            #[inline(always)]
            fn run<S: Simd<T>>(self, s: S) {
                // SAFETY: whoever makes one checks that its pointers hold what its sizes say.
                unsafe { $name::run(self, s) }
            }
        }
    )+};
}
kernels! { Product Weights Turn }

/// `y[pixel, o] = bias[o] + Σ over taps and channels i of x[source(pixel, tap), i] · w[tap, i, o]`, of one group.
#[doc(hidden)]
#[derive(Clone, Copy)]
pub struct Product<T> {
    axes: [Axis; 2],
    /// Rows of the result.
    rows: (usize, usize),
    x: *const T,
    channels: usize,
    w: *const T,
    kernel_width: usize,
    /// `[outputs]`, or null.
    bias: *const T,
    y: *mut T,
    outputs: usize,
}

/// Where a tile of [`Product`] begins.
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

impl Axis {
    /// The taps of output `at` that lie inside the source.
    #[inline(always)]
    fn inside(&self, at: usize) -> (usize, usize) {
        let place = |j: usize| (at * self.source_step) as isize + self.offset + j as isize * self.offset_step;
        let inside = |j: usize| place(j) >= 0 && place(j) < self.source as isize;
        let (mut from, mut to) = (0, self.taps);
        while from < to && !inside(from) {
            from += 1;
        }
        while to > from && !inside(to - 1) {
            to -= 1;
        }
        (from, to)
    }

    /// The outputs all of whose taps lie inside.
    #[inline(always)]
    fn interior(&self) -> (usize, usize) {
        let whole = |at: usize| self.is_interior((at * self.source_step) as isize);
        let mut from = 0;
        while from < self.count && !whole(from) {
            from += 1;
        }
        let mut to = from;
        while to < self.count && whole(to) {
            to += 1;
        }
        (from, to)
    }
}

impl<T: Scalar> Product<T> {
    /// # Safety
    /// The pointers hold a group of what the sizes say; nobody else touches the rows of the result.
    #[inline(always)]
    unsafe fn run<S: Simd<T>>(&self, s: S) {
        for row in self.rows.0..self.rows.1 {
            let mut output = 0;
            while output < self.outputs {
                let left = self.outputs - output;
                // SAFETY: the caller's; the channels are some of the outputs.
                unsafe {
                    if S::REGISTERS >= 32 && left >= 6 {
                        self.row::<S, 4, 6>(s, row, output);
                        output += 6;
                    } else if left >= 4 {
                        if S::REGISTERS >= 32 {
                            self.row::<S, 4, 4>(s, row, output);
                        } else {
                            self.row::<S, 2, 4>(s, row, output);
                        }
                        output += 4;
                    } else if left >= 2 {
                        self.row::<S, 4, 2>(s, row, output);
                        output += 2;
                    } else {
                        self.row::<S, 4, 1>(s, row, output);
                        output += 1;
                    }
                }
            }
        }
    }

    /// # Safety
    /// As [`Self::run`].
    #[inline(always)]
    unsafe fn row<S: Simd<T>, const P: usize, const O: usize>(&self, s: S, row: usize, output: usize) {
        let [v, h] = &self.axes;
        let down = v.inside(row);
        let (from, to) = h.interior();
        for lane in (0..SAMPLES).step_by(S::LANES) {
            let mut column = 0;
            while column < h.count {
                let inner = column >= from && column < to;
                let across = if inner { (0, h.taps) } else { h.inside(column) };
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

/// `dw[tap, i, o] (+)= Σ over samples and pixels of x under the tap · dy`.
#[doc(hidden)]
#[derive(Clone, Copy)]
pub struct Weights<T> {
    conv: Conv2d,
    groups: usize,
    x: *const T,
    dy: *const T,
    dw: *mut T,
    accumulate: bool,
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

impl<T: Scalar> Weights<T> {
    /// # Safety
    /// The pointers hold what the sizes say, and nobody else touches the gradient.
    #[inline(always)]
    unsafe fn run<S: Simd<T>>(&self, s: S) {
        for input in 0..self.conv.inputs {
            let mut output = 0;
            while output < self.conv.outputs {
                let left = self.conv.outputs - output;
                // SAFETY: the caller's.
                unsafe {
                    if S::REGISTERS >= 32 && left >= 4 {
                        self.outputs::<S, 4>(s, input, output);
                        output += 4;
                    } else if left >= 2 {
                        self.outputs::<S, 2>(s, input, output);
                        output += 2;
                    } else {
                        self.outputs::<S, 1>(s, input, output);
                        output += 1;
                    }
                }
            }
        }
    }

    /// # Safety
    /// As [`Self::run`].
    #[inline(always)]
    unsafe fn outputs<S: Simd<T>, const O: usize>(&self, s: S, input: usize, output: usize) {
        let w = &self.conv.window;
        let [v, h] = [Axis::forward(w, 0), Axis::forward(w, 1)];
        let interior = h.interior();
        let mut sums: Sums<T> = [T::ZERO; MAX_TAPS * GRADIENT_OUTPUTS * SAMPLES];
        for group in 0..self.groups {
            for j in 0..w.kernel[0] {
                let rows = positions(&v, j);
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
                            self.strip::<S, 5, O>(s, strip, &mut sums);
                            k += 5;
                        } else if left >= 3 {
                            self.strip::<S, 3, O>(s, strip, &mut sums);
                            k += 3;
                        } else {
                            self.strip::<S, 1, O>(s, strip, &mut sums);
                            k += 1;
                        }
                    }
                }
                for k in 0..w.kernel[1] {
                    let (from, to) = positions(&h, k);
                    for columns in [(from, interior.0.min(to)), (interior.1.max(from), to)] {
                        let strip = Strip {
                            group,
                            tap: [j, k],
                            rows,
                            columns,
                            input,
                            output,
                        };
                        if columns.0 < columns.1 {
                            // SAFETY: as above.
                            unsafe { self.strip::<S, 1, O>(s, strip, &mut sums) };
                        }
                    }
                }
            }
        }
        for tap in 0..w.taps() {
            for o in 0..O {
                let mut lanes = [T::ZERO; SAMPLES];
                lanes.copy_from_slice(&sums[(tap * O + o) * SAMPLES..][..SAMPLES]);
                let to = (tap * self.conv.inputs + input) * self.conv.outputs + output + o;
                // SAFETY: the gradient holds every tap, channel and output.
                unsafe {
                    let to = self.dw.add(to);
                    let old = if self.accumulate { to.read() } else { T::ZERO };
                    to.write(old + folded(lanes));
                }
            }
        }
    }

    /// `K` taps beside each other.
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

/// The outputs whose tap `j` lies inside.
#[inline(always)]
fn positions(axis: &Axis, j: usize) -> (usize, usize) {
    let inside = |at: usize| {
        let place = (at * axis.source_step) as isize + axis.offset + j as isize * axis.offset_step;
        place >= 0 && place < axis.source as isize
    };
    let mut from = 0;
    while from < axis.count && !inside(from) {
        from += 1;
    }
    let mut to = from;
    while to < axis.count && inside(to) {
        to += 1;
    }
    (from, to)
}

/// The sum of the lanes, in halves.
fn folded<T: Scalar>(mut lanes: [T; SAMPLES]) -> T {
    let mut half = SAMPLES / 2;
    while half > 0 {
        for i in 0..half {
            lanes[i] += lanes[i + half];
        }
        half /= 2;
    }
    lanes[0]
}

/// Samples into lanes, `[16, elems]` to `[elems, 16]` group by group, or back.
#[doc(hidden)]
#[derive(Clone, Copy)]
pub struct Turn<T> {
    groups: usize,
    elems: usize,
    x: *const T,
    y: *mut T,
    back: bool,
}

impl<T: Scalar> Turn<T> {
    /// # Safety
    /// The pointers hold what the sizes say.
    #[inline(always)]
    unsafe fn run<S: Simd<T>>(&self, s: S) {
        let whole = self.elems / S::LANES * S::LANES;
        for group in 0..self.groups {
            let start = group * SAMPLES * self.elems;
            for sample in (0..SAMPLES).step_by(S::LANES) {
                for elem in (0..whole).step_by(S::LANES) {
                    let (row, lane) = (
                        start + sample * self.elems + elem,
                        start + elem * SAMPLES + sample,
                    );
                    // SAFETY: blocks within the group.
                    unsafe {
                        if self.back {
                            s.transpose(self.x.add(lane), SAMPLES, self.y.add(row), self.elems);
                        } else {
                            s.transpose(self.x.add(row), self.elems, self.y.add(lane), SAMPLES);
                        }
                    }
                }
            }
            for sample in 0..SAMPLES {
                for elem in whole..self.elems {
                    let (row, lane) = (
                        start + sample * self.elems + elem,
                        start + elem * SAMPLES + sample,
                    );
                    let (from, to) = if self.back { (lane, row) } else { (row, lane) };
                    // SAFETY: elements of the group.
                    unsafe { self.y.add(to).write(self.x.add(from).read()) };
                }
            }
        }
    }
}

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
    T::lanes(&Lanes::Turn(Turn {
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
            T::lanes(&Lanes::Product(Product {
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
    T::lanes(&Lanes::Weights(Weights {
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
        let mut lanes = [T::ZERO; SAMPLES];
        rows::col_reduce(area, &mut lanes, false, x, f);
        let old = if accumulate { *y } else { T::ZERO };
        *y = old + folded(lanes);
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
