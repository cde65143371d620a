//! The geometry of windows over images, as the compiler hands it to the operations.

use crate::fault::ensure;

/// A window's positions over an image. Of each pair the first number is the vertical one: position `o` of an axis
/// covers the input's elements `o · stride + t · dilation - before`, `t` below `kernel`. Those outside the input are
/// zeros to a convolution and nothing to a pool.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Window2d {
    /// Height and width of the input.
    pub input: [usize; 2],
    /// Height and width of the output.
    pub output: [usize; 2],
    /// Height and width of the window.
    pub kernel: [usize; 2],
    /// From one position to the next.
    pub stride: [usize; 2],
    /// From one element of the window to the next.
    pub dilation: [usize; 2],
    /// Rows above and columns left of the input.
    pub before: [usize; 2],
}

impl Window2d {
    /// Pixels of the input.
    pub(crate) const fn inputs(&self) -> usize {
        self.input[0] * self.input[1]
    }

    /// Pixels of the output.
    pub(crate) const fn outputs(&self) -> usize {
        self.output[0] * self.output[1]
    }

    /// Elements of the window.
    pub(crate) const fn taps(&self) -> usize {
        self.kernel[0] * self.kernel[1]
    }

    /// Taps `from..to` of position `o` that lie inside the input.
    #[inline(always)]
    pub(crate) fn inside(&self, axis: usize, o: usize) -> (usize, usize) {
        let (start, step) = (o * self.stride[axis], self.dilation[axis].max(1));
        let from = self.before[axis].saturating_sub(start);
        let to = (self.input[axis] + self.before[axis]).saturating_sub(start);
        // No division where none is needed: on a microcontroller this is half a pixel's cost.
        let (from, to) = if step == 1 {
            (from, to)
        } else {
            (from.div_ceil(step), to.div_ceil(step))
        };
        let to = to.min(self.kernel[axis]);
        (from.min(to), to)
    }

    /// Positions `from..to` whose window lies inside the input altogether.
    pub(crate) fn whole(&self, axis: usize) -> (usize, usize) {
        let step = self.stride[axis].max(1);
        let reach = self.dilation[axis] * self.kernel[axis].saturating_sub(1) + 1;
        let from = self.before[axis].div_ceil(step);
        let to = match (self.input[axis] + self.before[axis]).checked_sub(reach) {
            Some(last) => last / step + 1,
            None => 0,
        };
        let to = to.min(self.output[axis]);
        (from.min(to), to)
    }

    /// # Panics
    /// If a stride or dilation is 0: a fault of the compiler.
    #[cfg_attr(not(feature = "std"), inline(always))]
    pub(crate) fn check(&self) {
        let steps = [self.stride, self.dilation];
        ensure!(
            steps.iter().flatten().all(|s| *s > 0),
            "a window that does not move"
        );
    }
}

/// A convolution: a window with weights `[kernel height, kernel width, inputs / groups, outputs]`. Group `g` leads
/// from its share of the input channels to its share of the output channels.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Conv2d {
    /// Where the window lies.
    pub window: Window2d,
    /// Channels of the input.
    pub inputs: usize,
    /// Channels of the output.
    pub outputs: usize,
    /// Groups of channels that know nothing of each other.
    pub groups: usize,
}

impl Conv2d {
    pub(crate) const fn weights(&self) -> usize {
        let groups = if self.groups == 0 { 1 } else { self.groups };
        self.window.taps() * (self.inputs / groups) * self.outputs
    }

    pub(crate) const fn input_elems(&self) -> usize {
        self.window.inputs() * self.inputs
    }

    pub(crate) const fn output_elems(&self) -> usize {
        self.window.outputs() * self.outputs
    }

    /// One weight for each tap and channel.
    pub(crate) const fn is_depthwise(&self) -> bool {
        self.groups == self.inputs && self.groups == self.outputs
    }

    /// # Panics
    /// If the groups do not divide the channels: a fault of the compiler.
    #[cfg_attr(not(feature = "std"), inline(always))]
    pub(crate) fn check(&self) {
        self.window.check();
        ensure!(
            self.inputs.is_multiple_of(self.groups) && self.outputs.is_multiple_of(self.groups),
            "the groups of a convolution"
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn taps_inside() {
        for (input, kernel, stride, dilation, before) in [
            (5, 3, 1, 1, 1),
            (7, 3, 2, 2, 3),
            (2, 5, 3, 1, 4),
            (4, 2, 1, 3, 5),
            (1, 1, 1, 1, 0),
        ] {
            let w = Window2d {
                input: [input; 2],
                output: [4; 2],
                kernel: [kernel; 2],
                stride: [stride; 2],
                dilation: [dilation; 2],
                before: [before; 2],
            };
            for o in 0..4 {
                let inside = |t: &usize| {
                    let at = o * stride + t * dilation;
                    at >= before && at - before < input
                };
                let expected: Vec<usize> = (0..kernel).filter(inside).collect();
                let (from, to) = w.inside(1, o);
                assert_eq!((from..to).collect::<Vec<_>>(), expected, "{w:?} at {o}");
                let (from, to) = w.whole(1);
                assert_eq!((from..to).contains(&o), expected.len() == kernel, "{w:?} at {o}");
            }
        }
    }
}
