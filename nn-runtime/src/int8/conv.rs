//! Convolutions.

use super::{Rescale, conv2d_weight_bytes, depthwise, padded};
use crate::fault::ensure;
use crate::geometry::Conv2d;
#[cfg(target_arch = "x86_64")]
use crate::isa::Isa;

/// `y[p, c] = rescale(b[c] + Σ w[c, t, i] · x[p · stride + t · dilation - before, i])`, where a tap `t` outside the image
/// counts as `zero`, the zero point of `x`, which stands for the real number 0.
///
/// # Shapes
/// `x: [input height, input width, inputs]`, `y: [output height, output width, outputs]`, `b: [outputs]`,
/// `w: [outputs, padded(taps · inputs / groups)]`, or `[taps, channels]` where `groups == inputs == outputs`
///
/// # Panics
/// If a length is another one, or the geometry is none.
#[cfg_attr(not(feature = "std"), inline(always))]
pub fn conv2d(conv: &Conv2d, x: &[i8], zero: i8, w: &[i8], b: &[i32], r: Rescale<'_>, y: &mut [i8]) {
    conv.check();
    ensure!(
        x.len() == conv.input_elems() && y.len() == conv.output_elems(),
        "lengths of a convolution"
    );
    ensure!(
        w.len() == conv2d_weight_bytes(conv) && b.len() == conv.outputs,
        "the parameters of a convolution"
    );
    ensure!(
        r.multipliers.len() == conv.outputs && r.shifts.len() == conv.outputs,
        "the multipliers of a convolution"
    );
    let job = Job {
        conv: *conv,
        inputs: conv.inputs / conv.groups,
        outputs: conv.outputs / conv.groups,
        x: x.as_ptr(),
        zero,
        w: w.as_ptr(),
        b: b.as_ptr(),
        r,
        y: y.as_mut_ptr(),
    };
    // SAFETY: the lengths were checked.
    unsafe {
        if conv.is_depthwise() {
            #[cfg(all(target_arch = "arm", nn_dsp))]
            if super::dsp::depthwise(&job) {
                return;
            }
            #[cfg(target_arch = "x86_64")]
            if Isa::current() != Isa::Scalar {
                return super::x86::run(super::x86::Depthwise::new(&job));
            }
            depthwise::scalar(&job);
        } else {
            product(&job);
        }
    }
}

/// Of a convolution that is not depthwise.
///
/// # Safety
/// The job's lengths fit.
#[inline(always)]
pub(super) unsafe fn product(job: &Job<'_>) {
    // SAFETY: the caller's.
    unsafe {
        #[cfg(all(target_arch = "arm", nn_dsp))]
        if super::dsp::product(job) {
            return;
        }
        #[cfg(target_arch = "x86_64")]
        if super::x86::product(job) {
            return;
        }
        scalar(job);
    }
}

/// A convolution whose lengths were checked.
#[derive(Clone, Copy)]
pub(super) struct Job<'a> {
    pub(super) conv: Conv2d,
    /// Channels of a group's input.
    pub(super) inputs: usize,
    /// Channels of a group's output.
    pub(super) outputs: usize,
    pub(super) x: *const i8,
    pub(super) zero: i8,
    pub(super) w: *const i8,
    pub(super) b: *const i32,
    pub(super) r: Rescale<'a>,
    pub(super) y: *mut i8,
}

impl Job<'_> {
    /// Where the input's pixel under a tap lies, the tap being inside.
    ///
    /// # Safety
    /// `pixel` is a position of the window and `tap` one that lies inside the image there.
    #[inline(always)]
    pub(super) unsafe fn source(&self, pixel: [usize; 2], tap: [usize; 2]) -> *const i8 {
        let w = &self.conv.window;
        let [i, j] = [0, 1].map(|a| pixel[a] * w.stride[a] + tap[a] * w.dilation[a] - w.before[a]);
        // SAFETY: the caller's.
        unsafe { self.x.add((i * w.input[1] + j) * self.conv.inputs) }
    }
}

/// # Safety
/// The job's lengths fit.
#[inline(never)]
unsafe fn scalar(job: &Job<'_>) {
    let window = &job.conv.window;
    let row = padded(window.taps() * job.inputs);
    let mut y = job.y;
    for i in 0..window.output[0] {
        for j in 0..window.output[1] {
            for group in 0..job.conv.groups {
                for c in group * job.outputs..(group + 1) * job.outputs {
                    // SAFETY: the pixel, the group and the channel are some of the job's.
                    unsafe {
                        let w = job.w.add(c * row);
                        let sum = *job.b.add(c) + sum(job, [i, j], group * job.inputs, w);
                        *y = job.r.apply(c, sum);
                        y = y.add(1);
                    }
                }
            }
        }
    }
}

/// Of one pixel and output channel.
///
/// # Safety
/// As [`scalar`]; the group's input channels begin at `first`, and `w` is a channel's row of weights.
#[inline(always)]
unsafe fn sum(job: &Job<'_>, pixel: [usize; 2], first: usize, mut w: *const i8) -> i32 {
    let window = &job.conv.window;
    let inside = [0, 1].map(|axis| window.inside(axis, pixel[axis]));
    let mut sum = 0;
    for i in 0..window.kernel[0] {
        for j in 0..window.kernel[1] {
            let here = inside[0].0 <= i && i < inside[0].1 && inside[1].0 <= j && j < inside[1].1;
            // SAFETY: the tap lies inside where its elements are read.
            unsafe {
                if here {
                    let x = job.source(pixel, [i, j]).add(first);
                    for e in 0..job.inputs {
                        sum += i32::from(*x.add(e)) * i32::from(*w.add(e));
                    }
                } else {
                    for e in 0..job.inputs {
                        sum += i32::from(job.zero) * i32::from(*w.add(e));
                    }
                }
                w = w.add(job.inputs);
            }
        }
    }
    sum
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::testing::{Channels, bytes};
    use super::*;
    use crate::isa::forced::on_every_isa;
    use crate::kernels::conv::tests::windows;

    /// Of weights `[outputs, taps, inputs / groups]`.
    fn reference(conv: &Conv2d, x: &[i8], zero: i8, channels: &Channels) -> Vec<i8> {
        let (inputs, outputs) = (conv.inputs / conv.groups, conv.outputs / conv.groups);
        let mut y = Vec::new();
        for pixel in 0..conv.window.outputs() {
            for c in 0..conv.outputs {
                let mut sum = 0;
                for tap in 0..conv.window.taps() {
                    let source = conv.window.source(pixel, tap);
                    for e in 0..inputs {
                        let x = source.map_or(zero, |s| x[s * conv.inputs + c / outputs * inputs + e]);
                        sum +=
                            i32::from(x) * i32::from(channels.w[(c * conv.window.taps() + tap) * inputs + e]);
                    }
                }
                y.push(channels.expect(c, sum));
            }
        }
        y
    }

    /// Inputs, outputs, groups.
    fn check(shapes: &[(usize, usize, usize)]) {
        for (i, window) in windows().into_iter().enumerate() {
            for &(inputs, outputs, groups) in shapes {
                let conv = Conv2d {
                    window,
                    inputs,
                    outputs,
                    groups,
                };
                let x = bytes(conv.input_elems(), i as u64);
                let channels = Channels::new(outputs, window.taps() * inputs / groups, i as u64);
                let w = if conv.is_depthwise() {
                    let taps = window.taps();
                    let of = |o: usize| channels.w[o % outputs * taps + o / outputs];
                    (0..taps * outputs).map(of).collect()
                } else {
                    channels.rows()
                };
                let expected = reference(&conv, &x, 11, &channels);
                on_every_isa(|isa| {
                    let mut y = vec![0; conv.output_elems()];
                    conv2d(&conv, &x, 11, &w, &channels.b, channels.rescale(), &mut y);
                    assert_eq!(y, expected, "{isa:?}: {conv:?}");
                });
            }
        }
    }

    #[test]
    fn by_definition() {
        check(&[(1, 8, 1), (3, 5, 1), (16, 16, 1), (21, 2, 1), (64, 9, 1)]);
    }

    #[test]
    fn in_groups() {
        check(&[(4, 6, 2), (3, 9, 3), (24, 16, 8)]);
    }

    #[test]
    fn depthwise() {
        check(&[(1, 1, 1), (3, 3, 3), (8, 8, 8), (21, 21, 21), (70, 70, 70)]);
    }
}
