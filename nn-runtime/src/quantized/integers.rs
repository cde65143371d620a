//! The program in integers: what runs on a device and on a host alike.

use super::program::{Arithmetic, Columns, Kind, Memory, Product, Scaling, Sum, Value, over};
use crate::int8::{self, Add, Mul, Multiplier, Pair, Rescale, Softmax, Window2d};
use crate::kernels::arrange;
use crate::simd::Formula;

/// The parameters of a network in int8: [`super::program::Layout::sections`].
#[derive(Clone, Copy, Debug)]
pub struct Parameters<'a> {
    /// Weights, shifts, tables, bounds.
    pub bytes: &'a [i8],
    /// Biases, multipliers, the scales' bits.
    pub words: &'a [i32],
}

impl<'a> Parameters<'a> {
    #[inline(always)]
    fn bytes(&self, at: usize, len: usize) -> &'a [i8] {
        &self.bytes[at..at + len]
    }

    #[inline(always)]
    fn words(&self, at: usize, len: usize) -> &'a [i32] {
        &self.words[at..at + len]
    }

    #[inline(always)]
    fn multiplier(&self, at: usize) -> Multiplier {
        Multiplier {
            multiplier: self.words[at],
            shift: self.words[at + 1] as i8,
        }
    }

    #[cfg(feature = "std")]
    /// Scale and zero point of a value.
    #[inline(always)]
    pub(super) fn scale(&self, v: Value) -> (f32, i8) {
        (f32::from_bits(self.words[v.scale] as u32), self.bytes[v.scale])
    }
}

/// Runs one sample; `seen` is called with every value once it is whole.
pub struct Integers<'a, S> {
    pub(super) parameters: Parameters<'a>,
    pub(super) memory: Memory<'a, i8>,
    pub(super) seen: S,
}

impl<S> Integers<'_, S> {
    /// `y` from the numbers of two values, over one of them where that lies in its place.
    #[inline(always)]
    fn pair(&mut self, pair: impl Pair, x: [Value; 2], y: Value) {
        if let Some(left) = over(x, y) {
            let pair = if x[0].place == y.place {
                pair
            } else {
                pair.swapped()
            };
            let ([x], y) = self.memory.views([left], y);
            return pair.in_place(x, y);
        }
        let ([x0, x1], y) = self.memory.views(x, y);
        pair.apart(x0, x1, y);
    }
}

impl<S: FnMut(Value, &[i8])> Arithmetic for Integers<'_, S> {
    #[inline(always)]
    fn product(&mut self, p: &Product, x: Value, y: Value, _: impl FnOnce(&[f32], &mut [f32], &mut [f32])) {
        let (parameters, outputs) = (self.parameters, p.kind.outputs());
        let (zero_x, zero_y) = (parameters.bytes[x.scale], parameters.bytes[y.scale]);
        let w = parameters.bytes(p.bytes[0], p.kind.weight_bytes());
        let b = parameters.words(p.words[0], outputs);
        let rescale = Rescale {
            multipliers: parameters.words(p.words[1], outputs),
            shifts: parameters.bytes(p.bytes[1], outputs),
            zero: i32::from(zero_y),
            low: parameters.bytes[p.bytes[2]],
            high: parameters.bytes[p.bytes[2] + 1],
        };
        let ([x], y) = self.memory.views([x], y);
        match &p.kind {
            Kind::Dense { rows, k, n } => int8::dense(*rows, *k, *n, x, w, b, rescale, y),
            Kind::Conv(conv) => int8::conv2d(conv, x, zero_x, w, b, rescale, y),
        }
    }

    #[inline(always)]
    fn add(&mut self, sum: &Sum, x: [Value; 2], y: Value) {
        let p = self.parameters;
        let add = Add {
            zeros: x.map(|x| p.bytes[x.scale]),
            inputs: [p.multiplier(sum.words), p.multiplier(sum.words + 2)],
            output: p.multiplier(sum.words + 4),
            zero: p.bytes[y.scale],
            low: p.bytes[sum.bytes],
            high: p.bytes[sum.bytes + 1],
        };
        self.pair(add, x, y);
    }

    #[inline(always)]
    fn mul(&mut self, scaling: &Scaling, x: [Value; 2], y: Value) {
        let p = self.parameters;
        let mul = Mul {
            zeros: x.map(|x| p.bytes[x.scale]),
            output: p.multiplier(scaling.words),
            zero: p.bytes[y.scale],
            low: p.bytes[scaling.bytes],
            high: p.bytes[scaling.bytes + 1],
        };
        self.pair(mul, x, y);
    }

    #[inline(always)]
    fn map(&mut self, table: usize, x: Value, y: Value, _: impl Formula<1>) {
        let bytes: &[i8] = self.parameters.bytes;
        let Some(table) = bytes[table..].first_chunk() else {
            return;
        };
        if x.place == y.place {
            let ([], y) = self.memory.views([], y);
            return int8::lookup_in_place(table, y);
        }
        let ([x], y) = self.memory.views([x], y);
        int8::lookup(x, table, y);
    }

    #[inline(always)]
    fn softmax(&mut self, width: usize, words: usize, x: Value, y: Value) {
        let constants = Softmax {
            multiplier: self.parameters.multiplier(words),
            least: self.parameters.words[words + 2],
        };
        let rows = y.elems / width;
        if x.place == y.place {
            let ([], y) = self.memory.views([], y);
            return int8::softmax_in_place(rows, width, &constants, y);
        }
        let ([x], y) = self.memory.views([x], y);
        int8::softmax(rows, width, x, &constants, y);
    }

    #[inline(always)]
    fn average_pool2d(&mut self, window: &Window2d, channels: usize, x: Value, y: Value) {
        let ([x], y) = self.memory.views([x], y);
        int8::average_pool2d(window, channels, x, i8::MIN, i8::MAX, y);
    }

    #[inline(always)]
    fn max_pool2d(&mut self, window: &Window2d, channels: usize, x: Value, y: Value) {
        let ([x], y) = self.memory.views([x], y);
        int8::max_pool2d(window, channels, x, y);
    }

    #[inline(always)]
    fn columns(&mut self, parts: &Columns, x: Value, y: Value) {
        let ([x], y) = self.memory.views([x], y);
        parts.copy(x, y);
    }

    #[inline(always)]
    fn permute(&mut self, dims: [usize; 4], axes: [usize; 4], x: Value, y: Value) {
        let ([x], y) = self.memory.views([x], y);
        arrange::permute_one(dims, axes, x, y);
    }

    #[inline(always)]
    fn copy_box(&mut self, from: [usize; 3], to: [usize; 3], at: [isize; 3], x: Value, y: Value) {
        let zero = self.parameters.bytes[x.scale];
        let ([x], y) = self.memory.views([x], y);
        arrange::copy_box_one(from, to, at, zero, x, y);
    }

    #[inline(always)]
    fn done(&mut self, y: Value) {
        (self.seen)(y, self.memory.read(y));
    }
}

/// For a program without a heap: the arithmetic of one sample in memory that the caller gives.
#[inline(always)]
pub fn integers<'a>(
    parameters: Parameters<'a>,
    inputs: &'a [&'a [i8]],
    arena: &'a mut [i8],
    outputs: &'a mut [&'a mut [i8]],
) -> Integers<'a, impl FnMut(Value, &[i8])> {
    let memory = Memory {
        inputs,
        arena,
        outputs,
    };
    Integers {
        parameters,
        memory,
        seen: |_, _: &[i8]| {},
    }
}
