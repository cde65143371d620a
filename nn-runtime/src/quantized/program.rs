//! What the compiler hands over of a network in int8: its values, its operations, and where their numbers lie.

use crate::fault::ensure;
use crate::int8::{Conv2d, Window2d, conv2d_weight_bytes, padded};
use crate::kernels::vectors::part_of_row;
use crate::simd::Formula;

/// A tensor of one sample.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Value {
    /// Which one of [`Layout::values`].
    pub index: usize,
    /// Which scale and zero point it has: values that are moved and not computed share one.
    pub scale: usize,
    /// Where it lies.
    pub place: Place,
    /// Its numbers.
    pub elems: usize,
}

/// Where a value lies.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Place {
    /// The caller's, of this number.
    Input(usize),
    /// In the arena, from this element on.
    Arena(usize),
    /// The caller's, of this number.
    Output(usize),
}

/// `y = clamp(x · w + b)`, its normalisation folded in.
#[derive(Clone, Copy, Debug)]
pub struct Product {
    /// Which one of the network's products.
    pub index: usize,
    /// The geometry.
    pub kind: Kind,
    /// Start of the weights in the network's flat parameters.
    pub w: usize,
    /// Start of the bias there, if there is one.
    pub b: Option<usize>,
    /// The least and the greatest output: those of a relu.
    pub clamp: [f32; 2],
    /// Place of the `[weight, shift, clamp]` in the bytes.
    pub bytes: [usize; 3],
    /// Place of the `[bias, multiplier]` in the words.
    pub words: [usize; 2],
}

/// The kinds of product.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// `rows` times `k` to `n`.
    Dense {
        /// Pixels.
        rows: usize,
        /// Channels of the input.
        k: usize,
        /// Channels of the output.
        n: usize,
    },
    /// A convolution.
    Conv(Conv2d),
}

impl Kind {
    /// Channels of the output.
    pub(super) const fn outputs(&self) -> usize {
        match self {
            Self::Dense { n, .. } => *n,
            Self::Conv(conv) => conv.outputs,
        }
    }

    #[cfg(feature = "std")]
    /// Weights of an output channel.
    pub(super) const fn per_output(&self) -> usize {
        match self {
            Self::Dense { k, .. } => *k,
            Self::Conv(conv) => conv.window.taps() * (conv.inputs / conv.groups),
        }
    }

    /// Bytes of the weights as the kernels read them.
    pub(super) const fn weight_bytes(&self) -> usize {
        match self {
            Self::Dense { k, n, .. } => *n * padded(*k),
            Self::Conv(conv) => conv2d_weight_bytes(conv),
        }
    }

    /// Where weight `e` of output channel `c` lies among the bytes.
    #[cfg(feature = "std")]
    pub(super) const fn weight_at(&self, c: usize, e: usize) -> usize {
        match self {
            Self::Conv(conv) if conv.is_depthwise() => e * conv.outputs + c,
            _ => c * padded(self.per_output()) + e,
        }
    }
}

/// `y = clamp(x0 + x1)`
#[derive(Clone, Copy, Debug)]
pub struct Sum {
    /// The least and the greatest output.
    pub clamp: [f32; 2],
    /// Place of its two bounds in the bytes.
    pub bytes: usize,
    /// Place of its three multipliers with their shifts in the words.
    pub words: usize,
}

/// `y = clamp(x0 · x1)`, number by number
#[derive(Clone, Copy, Debug)]
pub struct Scaling {
    /// The least and the greatest output.
    pub clamp: [f32; 2],
    /// Place of its two bounds in the bytes.
    pub bytes: usize,
    /// Place of its multiplier with the shift in the words.
    pub words: usize,
}

/// A part of rows of numbers that goes into a part of other rows.
#[derive(Clone, Copy, Debug)]
pub struct Columns {
    /// Rows of both.
    pub rows: usize,
    /// Width of the source's rows.
    pub from: usize,
    /// First column there.
    pub from_at: usize,
    /// Width of the target's rows.
    pub to: usize,
    /// First column there.
    pub to_at: usize,
    /// Columns to copy.
    pub width: usize,
}

impl Columns {
    #[inline]
    pub(super) fn copy<T: Copy>(&self, x: &[T], y: &mut [T]) {
        let rows = x
            .chunks_exact(self.from.max(1))
            .zip(y.chunks_exact_mut(self.to.max(1)));
        for (x, y) in rows.take(self.rows) {
            part_of_row(x, self.from_at, y, self.to_at, self.width);
        }
    }
}

/// What a quantised network's program is written for: integers, real numbers that are observed, or the making of the
/// integers' parameters. The compiler emits one function that is generic over it. Who only makes parameters leaves out the
/// operations that have none.
pub trait Arithmetic {
    /// A dense layer or a convolution; `normalize` gives the factors and terms of the normalisation behind it.
    fn product(
        &mut self,
        p: &Product,
        x: Value,
        y: Value,
        normalize: impl FnOnce(&[f32], &mut [f32], &mut [f32]),
    );
    /// A sum of two values.
    fn add(&mut self, _sum: &Sum, _x: [Value; 2], _y: Value) {}
    /// A product of two values, number by number.
    fn mul(&mut self, _scaling: &Scaling, _x: [Value; 2], _y: Value) {}
    /// `y = f(x)`, number by number; its table lies in the bytes at `table`.
    fn map(&mut self, _table: usize, _x: Value, _y: Value, _f: impl Formula<1>) {}
    /// Softmax along rows of `width`; its three numbers lie in the words at `words`.
    fn softmax(&mut self, _width: usize, _words: usize, _x: Value, _y: Value) {}
    /// The mean of windows.
    fn average_pool2d(&mut self, _window: &Window2d, _channels: usize, _x: Value, _y: Value) {}
    /// The maximum of windows.
    fn max_pool2d(&mut self, _window: &Window2d, _channels: usize, _x: Value, _y: Value) {}
    /// Copies columns of rows; a value may be written by several.
    fn columns(&mut self, _parts: &Columns, _x: Value, _y: Value) {}
    /// Axis `i` of `y` is axis `axes[i]` of `x: dims`.
    fn permute(&mut self, _dims: [usize; 4], _axes: [usize; 4], _x: Value, _y: Value) {}
    /// `y[i] = x[i - at]` where that is inside, else the number 0.
    fn copy_box(&mut self, _from: [usize; 3], _to: [usize; 3], _at: [isize; 3], _x: Value, _y: Value) {}
    /// The value is whole.
    fn done(&mut self, _y: Value) {}
}

/// The input that is left to read where the other one lies in the output's place and is written over.
#[inline(always)]
pub(super) fn over(x: [Value; 2], y: Value) -> Option<Value> {
    let [first, second] = x;
    if first.place == y.place {
        Some(second)
    } else if second.place == y.place {
        Some(first)
    } else {
        None
    }
}

/// The buffers of one sample.
pub(super) struct Memory<'a, T> {
    pub(super) inputs: &'a [&'a [T]],
    pub(super) arena: &'a mut [T],
    pub(super) outputs: &'a mut [&'a mut [T]],
}

impl<T> Memory<'_, T> {
    /// Values to read beside one to write, which overlaps none of them.
    #[inline(always)]
    pub(super) fn views<const R: usize>(&mut self, reads: [Value; R], write: Value) -> ([&[T]; R], &mut [T]) {
        match write.place {
            Place::Arena(at) => {
                let (before, rest) = self.arena.split_at_mut(at);
                let (y, after) = rest.split_at_mut(write.elems);
                let (before, after, skipped): (&[T], &[T], usize) = (before, after, at + write.elems);
                let read = |v: Value| match v.place {
                    Place::Input(i) => self.inputs[i],
                    Place::Output(i) => &*self.outputs[i],
                    Place::Arena(from) if from + v.elems <= at => &before[from..from + v.elems],
                    Place::Arena(from) => {
                        ensure!(from >= skipped, "internal error, please report: values overlap");
                        &after[from - skipped..from - skipped + v.elems]
                    }
                };
                (reads.map(read), y)
            }
            Place::Output(at) => {
                let (before, rest) = self.outputs.split_at_mut(at);
                let (y, after) = rest.split_at_mut(1);
                let arena: &[T] = self.arena;
                let read = |v: Value| match v.place {
                    Place::Input(i) => self.inputs[i],
                    Place::Arena(from) => &arena[from..from + v.elems],
                    Place::Output(i) if i < at => &*before[i],
                    Place::Output(i) => &*after[i - at - 1],
                };
                (reads.map(read), &mut *y[0])
            }
            Place::Input(_) => unreachable!("internal error, please report: an input is written"),
        }
    }

    /// One value.
    #[inline(always)]
    pub(super) fn read(&self, v: Value) -> &[T] {
        match v.place {
            Place::Input(i) => self.inputs[i],
            Place::Arena(from) => &self.arena[from..from + v.elems],
            Place::Output(i) => &*self.outputs[i],
        }
    }
}

/// A named part of the parameters of a network in int8.
#[derive(Clone, Copy, Debug)]
pub struct Section {
    /// Its name in files.
    pub name: &'static str,
    /// What its numbers are.
    pub dtype: Dtype,
    /// Its shape in files.
    pub shape: &'static [usize],
    /// Where it starts: among the bytes or among the words.
    pub offset: usize,
}

/// What the numbers of a section are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Dtype {
    /// Bytes.
    I8,
    /// Words.
    I32,
    /// Words that hold the bits of a number.
    F32,
}

/// What is known of a network in int8 when it is compiled.
#[derive(Clone, Copy, Debug)]
pub struct Layout {
    /// Every tensor: its name and its scale's index.
    pub values: &'static [(&'static str, usize)],
    /// Scales and zero points, each of a group of values.
    pub scales: usize,
    /// Those that follow from the operation: index, scale, zero point.
    pub fixed: &'static [(usize, f32, i8)],
    /// The inputs.
    pub inputs: &'static [Value],
    /// The outputs.
    pub outputs: &'static [Value],
    /// All parameters.
    pub sections: &'static [Section],
    /// Numbers of the parameters that are bytes; the zero points come first.
    pub bytes: usize,
    /// Numbers of the parameters that are words; the scales' bits come first.
    pub words: usize,
    /// Working memory in numbers.
    pub arena: usize,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_of_rows() {
        let parts = Columns {
            rows: 2,
            from: 3,
            from_at: 1,
            to: 4,
            to_at: 2,
            width: 2,
        };
        let mut y = [0; 8];
        parts.copy(&[1, 2, 3, 4, 5, 6], &mut y);
        assert_eq!(y, [0, 0, 2, 3, 0, 0, 5, 6]);
    }
}
