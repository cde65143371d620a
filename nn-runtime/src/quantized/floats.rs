//! The program in real numbers, normalisations folded: what calibration and the report observe.

use super::program::{Arithmetic, Columns, Kind, Memory, Product, Scaling, Sum, Value, over};
use crate::int8::Window2d;
use crate::kernels::arrange;
use crate::ops::{self, Averaging, Operand};
use crate::simd::{Formula, Identity};

/// Weights `[weights per output, outputs]` and bias of a product.
#[derive(Clone, Debug)]
pub struct Folded {
    pub(super) w: Vec<f32>,
    pub(super) b: Vec<f32>,
}

impl Folded {
    /// `(x · w + b) · s + t = x · (w · s) + (b · s + t)`
    pub(super) fn new(
        p: &Product,
        parameters: &[f32],
        normalize: impl FnOnce(&[f32], &mut [f32], &mut [f32]),
    ) -> Self {
        let outputs = p.kind.outputs();
        let (mut factors, mut terms) = (vec![1.0; outputs], vec![0.0; outputs]);
        normalize(parameters, &mut factors, &mut terms);
        let mut w = parameters[p.w..p.w + p.kind.per_output() * outputs].to_vec();
        for row in w.chunks_exact_mut(outputs) {
            row.iter_mut().zip(&factors).for_each(|(w, s)| *w *= s);
        }
        if let Some(b) = p.b {
            let b = &parameters[b..b + outputs];
            terms
                .iter_mut()
                .zip(b.iter().zip(&factors))
                .for_each(|(t, (b, s))| *t += b * s);
        }
        Self { w, b: terms }
    }
}

/// Gathers every product's folded weights.
pub(super) struct Fold<'a> {
    pub(super) parameters: &'a [f32],
    pub(super) products: Vec<Folded>,
}

impl Arithmetic for Fold<'_> {
    fn product(
        &mut self,
        p: &Product,
        _: Value,
        _: Value,
        normalize: impl FnOnce(&[f32], &mut [f32], &mut [f32]),
    ) {
        self.products.push(Folded::new(p, self.parameters, normalize));
    }
}

/// Runs one sample; `seen` is called with every value once it is whole.
pub(super) struct Floats<'a, S> {
    pub(super) products: &'a [Folded],
    pub(super) memory: Memory<'a, f32>,
    pub(super) seen: S,
}

fn clamp(y: &mut [f32], [low, high]: [f32; 2]) {
    y.iter_mut().for_each(|y| *y = y.max(low).min(high));
}

impl<S> Floats<'_, S> {
    /// `y = clamp(f(x0, x1))`, over one of them where that lies in its place; `f` does not mind their order.
    fn pair(&mut self, x: [Value; 2], y: Value, bounds: [f32; 2], f: impl Fn(f32, f32) -> f32) {
        if let Some(x) = over(x, y) {
            let ([x], y) = self.memory.views([x], y);
            y.iter_mut().zip(x).for_each(|(y, x)| *y = f(*y, *x));
            return clamp(y, bounds);
        }
        let ([x0, x1], y) = self.memory.views(x, y);
        y.iter_mut()
            .zip(x0.iter().zip(x1))
            .for_each(|(y, (a, b))| *y = f(*a, *b));
        clamp(y, bounds);
    }
}

impl<S: FnMut(Value, &[f32])> Arithmetic for Floats<'_, S> {
    fn product(&mut self, p: &Product, x: Value, y: Value, _: impl FnOnce(&[f32], &mut [f32], &mut [f32])) {
        let Folded { w, b } = &self.products[p.index];
        let ([x], y) = self.memory.views([x], y);
        match &p.kind {
            Kind::Dense { rows, k, n } => {
                ops::dense(*rows, *k, *n, x, w, Some(b), y, [Operand::Own], Identity);
            }
            Kind::Conv(conv) => ops::conv2d(1, conv, x, w, Some(b), y, [Operand::Own], Identity),
        }
        clamp(y, p.clamp);
    }

    fn add(&mut self, sum: &Sum, x: [Value; 2], y: Value) {
        self.pair(x, y, sum.clamp, |a, b| a + b);
    }

    fn mul(&mut self, scaling: &Scaling, x: [Value; 2], y: Value) {
        self.pair(x, y, scaling.clamp, |a, b| a * b);
    }

    fn map(&mut self, _: usize, x: Value, y: Value, f: impl Formula<1>) {
        if x.place == y.place {
            let ([], y_numbers) = self.memory.views([], y);
            return ops::map(1, y.elems, y_numbers, [Operand::Own], f);
        }
        let ([x], y_numbers) = self.memory.views([x], y);
        ops::map(1, y.elems, y_numbers, [Operand::Full(x)], f);
    }

    fn softmax(&mut self, width: usize, _: usize, x: Value, y: Value) {
        let rows = y.elems / width;
        if x.place == y.place {
            let ([], y) = self.memory.views([], y);
            return ops::softmax(rows, width, Operand::Own, y, false);
        }
        let ([x], y_numbers) = self.memory.views([x], y);
        ops::softmax(rows, width, Operand::Full(x), y_numbers, false);
    }

    fn average_pool2d(&mut self, window: &Window2d, channels: usize, x: Value, y: Value) {
        let ([x], y) = self.memory.views([x], y);
        ops::average_pool2d(1, window, channels, Averaging::Mean, x, y);
    }

    fn max_pool2d(&mut self, window: &Window2d, channels: usize, x: Value, y: Value) {
        let ([x], y) = self.memory.views([x], y);
        ops::max_pool2d(1, window, channels, x, y, None);
    }

    fn columns(&mut self, parts: &Columns, x: Value, y: Value) {
        let ([x], y) = self.memory.views([x], y);
        parts.copy(x, y);
    }

    fn permute(&mut self, dims: [usize; 4], axes: [usize; 4], x: Value, y: Value) {
        let ([x], y) = self.memory.views([x], y);
        arrange::permute_one(dims, axes, x, y);
    }

    fn copy_box(&mut self, from: [usize; 3], to: [usize; 3], at: [isize; 3], x: Value, y: Value) {
        let ([x], y) = self.memory.views([x], y);
        arrange::copy_box_one(from, to, at, 0.0, x, y);
    }

    fn done(&mut self, y: Value) {
        (self.seen)(y, self.memory.read(y));
    }
}
