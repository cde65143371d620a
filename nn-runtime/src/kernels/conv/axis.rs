//! What a convolution and its input gradient have in common: on each axis, which element of the source lies under
//! which tap of which output.

use crate::geometry::Window2d;

/// Output `t` of this axis (of this phase) lies at `first + t · step`; under its tap `j`, which has the weights of tap
/// `tap_first + j · tap_step`, lies the source's element `t · source_step + offset + j · offset_step`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Axis {
    pub count: usize,
    pub first: usize,
    pub step: usize,
    pub source_step: usize,
    pub taps: usize,
    pub tap_first: usize,
    pub tap_step: usize,
    pub offset: isize,
    pub offset_step: isize,
    /// Elements of the source.
    pub source: usize,
    /// Elements of the output, all phases together.
    pub output: usize,
}

impl Axis {
    /// Outputs are positions of the window.
    pub(super) fn forward(w: &Window2d, axis: usize) -> Self {
        Self {
            count: w.output[axis],
            first: 0,
            step: 1,
            source_step: w.stride[axis],
            taps: w.kernel[axis],
            tap_first: 0,
            tap_step: 1,
            offset: -(w.before[axis] as isize),
            offset_step: w.dilation[axis] as isize,
            source: w.input[axis],
            output: w.output[axis],
        }
    }

    /// Outputs are the window's input. Only every `stride`-th of them has the same taps over it: those make a phase,
    /// and each phase is a convolution of stride 1.
    pub(super) fn backward(w: &Window2d, axis: usize, phase: usize) -> Self {
        let (stride, dilation) = (w.stride[axis].max(1), w.dilation[axis].max(1));
        // Tap k leads from position o to o · stride + k · dilation - before.
        let from = (phase + w.before[axis]) as isize;
        let position = |k: usize| from - (k * dilation) as isize;
        let hits = |k: &usize| position(*k).rem_euclid(stride as isize) == 0;
        let tap_step = stride / gcd(stride, dilation).max(1);
        let tap_first = (0..tap_step.min(w.kernel[axis])).find(hits);
        let taps = tap_first.map_or(0, |k| (w.kernel[axis] - k).div_ceil(tap_step));
        Self {
            count: (w.input[axis] - phase).div_ceil(stride),
            first: phase,
            step: stride,
            source_step: 1,
            taps,
            tap_first: tap_first.unwrap_or(0),
            tap_step,
            offset: position(tap_first.unwrap_or(0)).div_euclid(stride as isize),
            offset_step: -((tap_step * dilation / stride) as isize),
            source: w.output[axis],
            output: w.input[axis],
        }
    }

    /// Phases of [`Self::backward`].
    pub(super) fn phases(w: &Window2d, axis: usize) -> usize {
        w.stride[axis].min(w.input[axis])
    }

    /// Whether all taps of the outputs whose first source element is `at` (without the offset) lie inside.
    #[inline(always)]
    pub(super) fn is_interior(&self, at: isize) -> bool {
        let first = at + self.offset;
        let last = first + (self.taps as isize - 1) * self.offset_step;
        first.min(last) >= 0 && first.max(last) < self.source as isize
    }

    /// The taps of output `at` that lie inside the source.
    #[inline(always)]
    pub(super) fn taps_inside(&self, at: usize) -> (usize, usize) {
        let first = (at * self.source_step) as isize + self.offset;
        run_where(self.taps, |j| {
            let place = first + j as isize * self.offset_step;
            place >= 0 && place < self.source as isize
        })
    }

    /// The outputs all of whose taps lie inside.
    #[inline(always)]
    pub(super) fn interior(&self) -> (usize, usize) {
        run_where(self.count, |at| {
            self.is_interior((at * self.source_step) as isize)
        })
    }
}

/// The first run of numbers below `count` for which `f` holds.
#[inline(always)]
fn run_where(count: usize, f: impl Fn(usize) -> bool) -> (usize, usize) {
    let mut from = 0;
    while from < count && !f(from) {
        from += 1;
    }
    let mut to = from;
    while to < count && f(to) {
        to += 1;
    }
    (from, to)
}

fn gcd(a: usize, b: usize) -> usize {
    if b == 0 { a } else { gcd(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Both directions name the same pairs of elements under the same taps.
    #[test]
    fn backward_turns_forward_around() {
        for (input, kernel, stride, dilation, before) in [
            (5, 3, 1, 1, 1),
            (9, 3, 2, 1, 0),
            (7, 2, 3, 1, 1),
            (11, 4, 2, 2, 3),
            (12, 3, 4, 6, 5),
            (2, 5, 6, 1, 4),
        ] {
            let w = Window2d {
                input: [input; 2],
                output: [(input + 2 * before - dilation * (kernel - 1) - 1) / stride + 1; 2],
                kernel: [kernel; 2],
                stride: [stride; 2],
                dilation: [dilation; 2],
                before: [before; 2],
            };
            // Output, source, tap.
            let pairs = |a: Axis| {
                let mut all = Vec::new();
                for t in 0..a.count {
                    for j in 0..a.taps {
                        let source = (t * a.source_step) as isize + a.offset + j as isize * a.offset_step;
                        if (0..a.source as isize).contains(&source) {
                            all.push((
                                a.first + t * a.step,
                                source as usize,
                                a.tap_first + j * a.tap_step,
                            ));
                        }
                    }
                }
                all
            };
            let mut forward: Vec<_> = pairs(Axis::forward(&w, 0))
                .iter()
                .map(|p| (p.1, p.0, p.2))
                .collect();
            let mut backward: Vec<_> = (0..Axis::phases(&w, 0))
                .flat_map(|phase| pairs(Axis::backward(&w, 0, phase)))
                .collect();
            forward.sort_unstable();
            backward.sort_unstable();
            assert_eq!(forward, backward, "{w:?}");
        }
    }
}
