//! Windows that slide over images: the geometry of convolutions and pools, and its arithmetic.
//!
//! Images are `[height, width, channels]`; of each pair of numbers the first is the vertical one. A sequence is an
//! image of height 1.

use super::Shape;

/// What lies around an image where a window reaches over its edge.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Padding {
    /// Nothing: windows lie inside.
    Valid,
    /// As much as makes the output `⌈input / stride⌉`; an odd row or column goes to the end, as in Keras.
    Same,
    /// Above, below, left, right.
    Explicit([usize; 4]),
}

/// A window's positions: position `o` of an axis covers the input's elements `o · stride + t · dilation - before`,
/// `t` below `kernel`; those outside the input are zeros to a convolution and nothing to a pool.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Window {
    pub input: [usize; 2],
    pub output: [usize; 2],
    pub kernel: [usize; 2],
    pub stride: [usize; 2],
    pub dilation: [usize; 2],
    /// Rows above and columns left of the input. What lies below and right follows from the output.
    pub before: [usize; 2],
}

impl Window {
    /// `None` where the window is larger than the padded input.
    pub fn new(
        input: [usize; 2],
        kernel: [usize; 2],
        stride: [usize; 2],
        dilation: [usize; 2],
        padding: Padding,
    ) -> Option<Self> {
        let mut window = Self {
            input,
            output: [0; 2],
            kernel,
            stride,
            dilation,
            before: [0; 2],
        };
        for a in 0..2 {
            let extent = window.extent()[a];
            let total = match padding {
                Padding::Valid => 0,
                Padding::Same => {
                    let output = input[a].div_ceil(stride[a]);
                    let total = ((output - 1) * stride[a] + extent).saturating_sub(input[a]);
                    window.before[a] = total / 2;
                    total
                }
                Padding::Explicit(sides) => {
                    window.before[a] = sides[2 * a];
                    sides[2 * a] + sides[2 * a + 1]
                }
            };
            window.output[a] = (input[a] + total).checked_sub(extent)? / stride[a] + 1;
        }
        Some(window)
    }

    /// The window of the convolution that leads back from a transposed convolution's output to its `input`: that
    /// output is the window's `input`, `(input - 1) · stride + extent - padding` or, for `same`, `input · stride`. `None`
    /// where the padding leaves nothing.
    pub fn transposed(
        input: [usize; 2],
        kernel: [usize; 2],
        stride: [usize; 2],
        dilation: [usize; 2],
        padding: Padding,
    ) -> Option<Self> {
        let mut window = Self {
            input: [0; 2],
            output: input,
            kernel,
            stride,
            dilation,
            before: [0; 2],
        };
        for a in 0..2 {
            let extent = window.extent()[a];
            let full = (input[a] - 1) * stride[a] + extent;
            window.input[a] = match padding {
                Padding::Valid => full,
                Padding::Same => {
                    window.before[a] = extent.saturating_sub(stride[a]) / 2;
                    input[a] * stride[a]
                }
                Padding::Explicit(sides) => {
                    window.before[a] = sides[2 * a];
                    full.checked_sub(sides[2 * a] + sides[2 * a + 1])?
                }
            };
        }
        (window.input[0] > 0 && window.input[1] > 0).then_some(window)
    }

    /// Rows and columns from a window's first element to its last.
    pub fn extent(&self) -> [usize; 2] {
        [0, 1].map(|a| self.dilation[a] * (self.kernel[a] - 1) + 1)
    }

    /// Elements in a window.
    pub fn taps(&self) -> usize {
        self.kernel[0] * self.kernel[1]
    }

    /// Pixels of the output.
    pub fn outputs(&self) -> usize {
        self.output[0] * self.output[1]
    }

    /// Pixels of the input.
    pub fn inputs(&self) -> usize {
        self.input[0] * self.input[1]
    }

    /// The input's element under tap `t` at position `o` of an axis, if it is inside.
    pub fn source(&self, axis: usize, o: usize, t: usize) -> Option<usize> {
        (o * self.stride[axis] + t * self.dilation[axis])
            .checked_sub(self.before[axis])
            .filter(|i| *i < self.input[axis])
    }

    /// Whether each of the input's rows lies in one row of windows: none in two, none between them.
    pub fn parts_rows(&self) -> bool {
        self.stride[0] == self.kernel[0] && self.dilation[0] == 1
    }

    /// Pixels of the input's rows under one row of windows.
    pub fn row_pixels(&self) -> usize {
        self.kernel[0] * self.input[1]
    }

    /// The window is a single pixel that visits every pixel once.
    pub fn is_pointwise(&self) -> bool {
        self.taps() == 1 && self.stride == [1, 1] && self.input == self.output && self.before == [0, 0]
    }
}

/// A convolution: a window with weights `[kernel height, kernel width, inputs / groups, outputs]`. Group `g` leads
/// from its share of the input channels to its share of the output channels.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Conv {
    pub window: Window,
    pub inputs: usize,
    pub outputs: usize,
    pub groups: usize,
}

impl Conv {
    /// Elements of the weights.
    pub fn weights(&self) -> usize {
        self.window.taps() * (self.inputs / self.groups) * self.outputs
    }

    pub fn weight_shape(&self) -> Shape {
        let [height, width] = self.window.kernel;
        Shape(vec![height, width, self.inputs / self.groups, self.outputs])
    }

    /// Elements of an input.
    pub fn input_elems(&self) -> usize {
        self.window.inputs() * self.inputs
    }

    /// Elements of an output.
    pub fn output_elems(&self) -> usize {
        self.window.outputs() * self.outputs
    }

    /// Multiply-accumulates of one sample, those with the padding's zeros included, as everybody counts them.
    pub fn macs(&self) -> u64 {
        (self.window.outputs() * self.weights()) as u64
    }

    /// One weight for each tap and channel: lanes go over the channels.
    pub fn is_depthwise(&self) -> bool {
        self.groups == self.inputs && self.groups == self.outputs
    }

    /// The product of each pixel with one matrix.
    pub fn is_dense(&self) -> bool {
        self.window.is_pointwise() && self.groups == 1
    }
}

/// What a pool makes of a window's elements.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Pooling {
    Max,
    /// Their mean; what lies outside the input does not count.
    Mean,
    /// Their sum times a constant; `1 / taps` is the mean that counts what lies outside as zeros.
    Sum(f64),
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Output sizes and paddings that Keras and PyTorch give.
    #[test]
    fn sizes() {
        let new = |i, k, s, d, p| Window::new([i, i], [k, k], [s, s], [d, d], p);
        let size = |i, k, s, d, p| new(i, k, s, d, p).map(|w| (w.output[1], w.before[1]));
        assert_eq!(size(28, 5, 1, 1, Padding::Valid), Some((24, 0)));
        assert_eq!(size(28, 5, 1, 1, Padding::Same), Some((28, 2)));
        // An odd column goes to the end.
        assert_eq!(size(28, 4, 1, 1, Padding::Same), Some((28, 1)));
        assert_eq!(size(32, 3, 2, 1, Padding::Same), Some((16, 0)));
        assert_eq!(size(33, 3, 2, 1, Padding::Same), Some((17, 1)));
        // A stride over the kernel needs no padding.
        assert_eq!(size(7, 1, 2, 1, Padding::Same), Some((4, 0)));
        assert_eq!(size(7, 3, 1, 2, Padding::Valid), Some((3, 0)));
        assert_eq!(size(7, 3, 1, 2, Padding::Same), Some((7, 2)));
        assert_eq!(size(224, 7, 2, 1, Padding::Explicit([3; 4])), Some((112, 3)));
        assert_eq!(size(4, 5, 1, 1, Padding::Valid), None);
        assert_eq!(size(4, 5, 1, 1, Padding::Explicit([0, 0, 1, 0])), None);
        let sides = new(4, 5, 1, 1, Padding::Explicit([1, 0, 0, 3])).expect("it fits");
        assert_eq!((sides.output, sides.before), ([1, 3], [1, 0]));
    }

    #[test]
    fn transposed_sizes() {
        let new = |i, k, s, p| Window::transposed([i, i], [k, k], [s, s], [1, 1], p);
        let size = |i, k, s, p| new(i, k, s, p).map(|w| (w.input[0], w.before[0]));
        assert_eq!(size(4, 3, 2, Padding::Valid), Some((9, 0)));
        assert_eq!(size(4, 3, 2, Padding::Same), Some((8, 0)));
        assert_eq!(size(4, 4, 2, Padding::Same), Some((8, 1)));
        assert_eq!(size(4, 3, 2, Padding::Explicit([1, 0, 1, 0])), Some((8, 1)));
        assert_eq!(size(1, 2, 1, Padding::Explicit([1, 1, 0, 0])), None);
        // The convolution of the result has the size that one came from.
        for (i, k, s) in [(5, 3, 2), (4, 4, 3), (3, 1, 1), (6, 5, 1)] {
            for padding in [Padding::Valid, Padding::Same] {
                let w = new(i, k, s, padding).expect("it fits");
                let back = Window::new(w.input, w.kernel, w.stride, w.dilation, padding).expect("it fits");
                assert_eq!(back, w, "{i} {k} {s} {padding:?}");
            }
        }
    }

    #[test]
    fn sources() {
        let w = Window::new([5, 5], [3, 3], [2, 2], [1, 1], Padding::Same).expect("it fits");
        assert_eq!((w.output, w.before), ([3, 3], [1, 1]));
        assert_eq!([0, 1, 2].map(|t| w.source(0, 0, t)), [None, Some(0), Some(1)]);
        assert_eq!([0, 1, 2].map(|t| w.source(0, 2, t)), [Some(3), Some(4), None]);
    }
}
