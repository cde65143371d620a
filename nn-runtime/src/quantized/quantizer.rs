//! The parameters of the integers, from real numbers and the scales of all values.

use super::floats::Folded;
use super::program::{Arithmetic, Product, Scaling, Sum, Value};
use crate::int8::{Add, Mul, Multiplier, Softmax, map_table, quantize};
use crate::ops::{self, Operand};
use crate::simd::Formula;

/// Fills bytes and words while the program goes by.
pub(super) struct Quantizer<'a> {
    pub(super) parameters: &'a [f32],
    /// Scale and zero point of each group of values.
    pub(super) scales: &'a [(f32, i8)],
    /// Per value, scales of its weights that were set by hand.
    pub(super) weights: &'a [Vec<f32>],
    pub(super) bytes: Vec<i8>,
    pub(super) words: Vec<i32>,
}

impl Quantizer<'_> {
    fn bounds(&mut self, at: usize, clamp: [f32; 2], y: Value) {
        let (scale, zero) = self.scales[y.scale];
        quantize(&clamp, scale, zero, &mut self.bytes[at..at + 2]);
    }

    fn multiplier(&mut self, at: usize, m: Multiplier) {
        self.words[at] = m.multiplier;
        self.words[at + 1] = i32::from(m.shift);
    }
}

/// The greatest magnitude of a weight in bytes: symmetric, -128 is not used.
const MOST: f32 = 127.0;

/// The weights of output channel `c` in `[weights per output, outputs]`.
pub(super) fn channel(w: &[f32], outputs: usize, c: usize) -> impl Iterator<Item = &f32> {
    w.iter().skip(c).step_by(outputs)
}

/// The scale with which a channel's largest weight is 127; 0 of one without weights.
pub(super) fn scale_of<'w>(channel: impl Iterator<Item = &'w f32>) -> f32 {
    channel.fold(0.0, |most: f32, w| most.max(w.abs())) / MOST
}

impl Arithmetic for Quantizer<'_> {
    fn product(
        &mut self,
        p: &Product,
        x: Value,
        y: Value,
        normalize: impl FnOnce(&[f32], &mut [f32], &mut [f32]),
    ) {
        let Folded { w, b } = Folded::new(p, self.parameters, normalize);
        let ((x_scale, x_zero), (y_scale, _)) = (self.scales[x.scale], self.scales[y.scale]);
        let outputs = p.kind.outputs();
        for (c, b) in b.iter().enumerate() {
            // A channel without weights: its bias alone counts, to a step of the output.
            let own = Some(scale_of(channel(&w, outputs, c))).filter(|scale| *scale > 0.0);
            let own = own.unwrap_or(y_scale / x_scale);
            let scale = self.weights[y.index].get(c).copied().unwrap_or(own);
            let mut sum = 0;
            for (e, w) in channel(&w, outputs, c).enumerate() {
                let w = (w / scale).round().clamp(-MOST, MOST) as i8;
                self.bytes[p.bytes[0] + p.kind.weight_at(c, e)] = w;
                sum += i32::from(w);
            }
            let bias = (f64::from(*b) / (f64::from(x_scale) * f64::from(scale))).round() as i32;
            self.words[p.words[0] + c] = bias.saturating_sub(i32::from(x_zero) * sum);
            let m = Multiplier::new(f64::from(x_scale) * f64::from(scale) / f64::from(y_scale));
            self.words[p.words[1] + c] = m.multiplier;
            self.bytes[p.bytes[1] + c] = m.shift;
        }
        self.bounds(p.bytes[2], p.clamp, y);
    }

    fn add(&mut self, sum: &Sum, x: [Value; 2], y: Value) {
        let add = Add::new(
            x.map(|x| self.scales[x.scale]),
            self.scales[y.scale],
            i8::MIN,
            i8::MAX,
        );
        self.multiplier(sum.words, add.inputs[0]);
        self.multiplier(sum.words + 2, add.inputs[1]);
        self.multiplier(sum.words + 4, add.output);
        self.bounds(sum.bytes, sum.clamp, y);
    }

    fn mul(&mut self, scaling: &Scaling, x: [Value; 2], y: Value) {
        let x = x.map(|x| self.scales[x.scale]);
        let mul = Mul::new(x, self.scales[y.scale], i8::MIN, i8::MAX);
        self.multiplier(scaling.words, mul.output);
        self.bounds(scaling.bytes, scaling.clamp, y);
    }

    fn map(&mut self, table: usize, x: Value, y: Value, f: impl Formula<1>) {
        let of = |x: f32| {
            let mut y = [0.0];
            ops::map(1, 1, &mut y, [Operand::Full(&[x])], f);
            y[0]
        };
        let table_of = map_table(of, self.scales[x.scale], self.scales[y.scale]);
        self.bytes[table..table + 256].copy_from_slice(&table_of);
    }

    fn softmax(&mut self, _: usize, words: usize, x: Value, _: Value) {
        let constants = Softmax::new(self.scales[x.scale].0);
        self.multiplier(words, constants.multiplier);
        self.words[words + 2] = constants.least;
    }
}
