//! The reference interpreter: a program's meaning, written as plainly as it can be, in f64.
//!
//! It is the specification of the kernels and of the emitted code, and what gradients are checked with. Only
//! tests use it.

mod images;

use super::builder::Program;
use super::{Epilogue, OpKind, Operand, ParamId, Reduce, Source, Space, ValueId};
use crate::formula::Formula;

/// The target of one output for a whole batch.
#[derive(Clone, Debug)]
pub enum TargetData {
    /// `[samples, output]`
    Values(Vec<f64>),
    /// `[samples, rows]`
    Classes(Vec<usize>),
}

/// What a run of a program left.
#[derive(Debug)]
pub struct Run {
    samples: usize,
    /// Per value: `[samples, shape]`, or `[shape]` in `Space::Batch`; empty before it is written.
    pub values: Vec<Vec<f64>>,
    /// The batch's loss: the accumulated sum over the number of samples.
    pub loss: f64,
    /// Parameters after the run: running statistics may have changed.
    pub params: Vec<Vec<f64>>,
    /// Gradient of each parameter.
    pub gradients: Vec<Vec<f64>>,
    targets: Vec<TargetData>,
}

/// Runs `program` on `samples` samples. `given` holds the values that no operation writes: the inputs and the
/// gradients that the caller brings.
pub fn interpret(
    program: &Program,
    params: &[Vec<f64>],
    given: &[(ValueId, Vec<f64>)],
    targets: &[TargetData],
    samples: usize,
) -> Run {
    let mut run = Run::new(program, params, targets, samples);
    for (value, data) in given {
        assert_eq!(
            data.len(),
            run.len_of(program, *value),
            "`{}`",
            program.values[value.0].name
        );
        run.values[value.0].clone_from(data);
    }
    for op in &program.ops {
        run.step(program, &op.kind);
    }
    run.loss /= samples as f64;
    run
}

impl Run {
    /// Before the first operation.
    pub fn new(program: &Program, params: &[Vec<f64>], targets: &[TargetData], samples: usize) -> Self {
        Self {
            samples,
            values: vec![Vec::new(); program.values.len()],
            loss: 0.0,
            params: params.to_vec(),
            gradients: params.iter().map(|p| vec![0.0; p.len()]).collect(),
            targets: targets.to_vec(),
        }
    }

    /// Elements of a value for the whole batch.
    pub fn len_of(&self, program: &Program, v: ValueId) -> usize {
        let value = &program.values[v.0];
        match value.space {
            Space::Sample => self.samples * value.shape.elems(),
            Space::Batch => value.shape.elems(),
        }
    }

    /// Runs one operation.
    pub fn step(&mut self, program: &Program, op: &OpKind) {
        match op {
            OpKind::Map { y, x, f, width } => {
                let rows = self.len_of(program, *y) / width;
                self.values[y.0] = self.map(rows, *width, x, f);
            }
            OpKind::RowReduce { y, how, x, f, width } => {
                let rows = self.len_of(program, *y);
                let all = self.map(rows, *width, x, f);
                self.values[y.0] = all
                    .chunks(*width)
                    .map(|row| reduce(*how, row.iter().copied()))
                    .collect();
            }
            OpKind::ParamReduce { param, x, f, width } => {
                let all = self.map(self.rows_of(x, *width), *width, x, f);
                for (i, v) in all.iter().enumerate() {
                    self.gradients[param.0][i % width] += v;
                }
            }
            OpKind::BatchReduce { sums, how, x, width } => {
                for (y, f) in sums {
                    let all = self.map(self.rows_of(x, *width), *width, x, f);
                    self.values[y.0] = columns(&all, *width, |column| reduce(*how, column));
                }
            }
            OpKind::Moments { mean, var, x, width } => {
                let x = &self.values[x.0];
                let means = columns(x, *width, |column| reduce(Reduce::Mean, column));
                let squares: Vec<f64> = x
                    .iter()
                    .enumerate()
                    .map(|(i, x)| (x - means[i % width]).powi(2))
                    .collect();
                self.values[var.0] = columns(&squares, *width, |column| reduce(Reduce::Mean, column));
                self.values[mean.0] = means;
            }
            OpKind::UpdateState {
                state,
                x,
                momentum,
                unbiased_rows,
            } => {
                let m = unbiased_rows.map(|rows| (self.samples * rows) as f64);
                // A single row has no unbiased variance; it counts as it is.
                let factor = m.map_or(1.0, |m| if m > 1.0 { m / (m - 1.0) } else { 1.0 });
                for (s, x) in self.params[state.0].iter_mut().zip(&self.values[x.0]) {
                    *s = (1.0 - momentum) * *s + momentum * factor * x;
                }
            }
            OpKind::Dense {
                y,
                x,
                w,
                b,
                k,
                n,
                epilogue,
            } => {
                let (x, w) = (&self.values[x.0], &self.params[w.0]);
                let mut product = Vec::new();
                for row in x.chunks(*k) {
                    for j in 0..*n {
                        let bias = b.map_or(0.0, |b| self.params[b.0][j]);
                        product.push(bias + (0..*k).map(|i| row[i] * w[i * n + j]).sum::<f64>());
                    }
                }
                self.values[y.0] = self.epilogue(product, *n, epilogue);
            }
            OpKind::DenseGradInput {
                dx,
                dy,
                w,
                k,
                n,
                epilogue,
            } => {
                let (dy, w) = (&self.values[dy.0], &self.params[w.0]);
                let mut product = Vec::new();
                for row in dy.chunks(*n) {
                    for i in 0..*k {
                        product.push((0..*n).map(|j| row[j] * w[i * n + j]).sum::<f64>());
                    }
                }
                self.values[dx.0] = self.epilogue(product, *k, epilogue);
            }
            OpKind::DenseGradWeight { w, x, dy, k, n } => {
                let (x, dy) = (&self.values[x.0], &self.values[dy.0]);
                for (x, dy) in x.chunks(*k).zip(dy.chunks(*n)) {
                    for (i, x) in x.iter().enumerate() {
                        for (j, dy) in dy.iter().enumerate() {
                            self.gradients[w.0][i * n + j] += x * dy;
                        }
                    }
                }
            }
            OpKind::Softmax { y, x, width, log } => {
                let x = &self.values[x.0];
                self.values[y.0] = x
                    .chunks(*width)
                    .flat_map(|row| {
                        let lse = log_sum_exp(row);
                        row.iter()
                            .map(move |x| if *log { x - lse } else { (x - lse).exp() })
                    })
                    .collect();
            }
            OpKind::SoftmaxCrossEntropy {
                x,
                target,
                loss,
                dx,
                width,
                smoothing,
                class_weights,
                scale,
            } => {
                let TargetData::Classes(labels) = &self.targets[*target] else {
                    panic!("target {target} holds no class indices");
                };
                let s = *smoothing;
                let (mut losses, mut gradient) = (Vec::new(), Vec::new());
                for (row, &label) in self.values[x.0].chunks(*width).zip(labels) {
                    let weight = class_weights.get(label).copied().unwrap_or(1.0);
                    let lse = log_sum_exp(row);
                    let mean = row.iter().sum::<f64>() / *width as f64;
                    losses.push(scale * weight * ((1.0 - s) * (lse - row[label]) + s * (lse - mean)));
                    for (c, x) in row.iter().enumerate() {
                        let hit = if c == label { 1.0 - s } else { 0.0 };
                        let d = (x - lse).exp() - hit - s / *width as f64;
                        gradient.push(scale * weight * d / self.samples as f64);
                    }
                }
                self.values[loss.0] = losses;
                if let Some(dx) = dx {
                    self.values[dx.0] = gradient;
                }
            }
            OpKind::Dropout {
                y,
                x,
                rate,
                stream,
                channels,
            } => {
                let elems = program.shape(*y).elems();
                // What of the mask an element takes: its own bit, or its sample's and channel's.
                let place = |i: usize| channels.map_or(i, |c| i / elems * c + i % c);
                let x = &self.values[x.0];
                self.values[y.0] = x
                    .iter()
                    .enumerate()
                    .map(|(i, x)| {
                        if kept(*stream, place(i), *rate) {
                            x / (1.0 - rate)
                        } else {
                            0.0
                        }
                    })
                    .collect();
            }
            OpKind::Concat { y, parts } => {
                let (first, width) = parts[0];
                let rows = self.values[first.0].len() / width;
                let mut joined = Vec::new();
                for r in 0..rows {
                    for (part, width) in parts {
                        joined.extend_from_slice(&self.values[part.0][r * width..(r + 1) * width]);
                    }
                }
                self.values[y.0] = joined;
            }
            OpKind::Slice {
                y,
                x,
                x_width,
                at,
                width,
            } => {
                let x = &self.values[x.0];
                self.values[y.0] = x
                    .chunks(*x_width)
                    .flat_map(|row| row[*at..at + width].iter().copied())
                    .collect();
            }
            OpKind::Conv2d { .. }
            | OpKind::Conv2dGradInput { .. }
            | OpKind::Conv2dGradWeight { .. }
            | OpKind::Pool { .. }
            | OpKind::PoolGrad { .. }
            | OpKind::Permute { .. }
            | OpKind::CopyBox { .. }
            | OpKind::Bilinear { .. } => self.image_step(op),
            OpKind::Turn { y, x } | OpKind::Alias { y, x } => self.values[y.0] = self.values[x.0].clone(),
            OpKind::AccumulateLoss { x } => self.loss += self.values[x.0].iter().sum::<f64>(),
        }
    }

    fn epilogue(&self, product: Vec<f64>, width: usize, epilogue: &Option<Epilogue>) -> Vec<f64> {
        let Some(Epilogue { x, f }) = epilogue else {
            return product;
        };
        product
            .iter()
            .enumerate()
            .map(|(i, own)| {
                let mut inputs = vec![*own];
                inputs.extend(x.iter().map(|o| self.operand(o, i / width, i % width, width)));
                f.eval(&inputs)
            })
            .collect()
    }

    /// `f(x…)` over `[rows, width]`.
    fn map(&self, rows: usize, width: usize, x: &[Operand], f: &Formula) -> Vec<f64> {
        let mut y = Vec::with_capacity(rows * width);
        for r in 0..rows {
            for c in 0..width {
                let inputs: Vec<f64> = x.iter().map(|o| self.operand(o, r, c, width)).collect();
                y.push(f.eval(&inputs));
            }
        }
        y
    }

    fn operand(&self, operand: &Operand, r: usize, c: usize, width: usize) -> f64 {
        match operand {
            Operand::Full(s) => self.source(*s)[r * width + c],
            Operand::Row(s) => self.source(*s)[r],
            Operand::Col(s) => self.source(*s)[c],
            Operand::Scalar(s) => self.source(*s)[0],
            Operand::InverseBatch => 1.0 / self.samples as f64,
        }
    }

    fn source(&self, source: Source) -> &[f64] {
        match source {
            Source::Value(v) => &self.values[v.0],
            Source::Param(ParamId(p)) => &self.params[p],
            Source::Target(t) => match &self.targets[t] {
                TargetData::Values(values) => values,
                TargetData::Classes(_) => panic!("target {t} holds no numbers"),
            },
        }
    }

    /// Rows of a reduction, from the first operand that has rows.
    fn rows_of(&self, x: &[Operand], width: usize) -> usize {
        x.iter()
            .find_map(|o| match o {
                Operand::Full(s) => Some(self.source(*s).len() / width),
                Operand::Row(s) => Some(self.source(*s).len()),
                Operand::Col(_) | Operand::Scalar(_) | Operand::InverseBatch => None,
            })
            .expect("a reduction over rows has an operand with rows")
    }
}

/// `f` of every column.
fn columns(all: &[f64], width: usize, f: impl Fn(&mut dyn ExactSizeIterator<Item = f64>) -> f64) -> Vec<f64> {
    (0..width)
        .map(|c| f(&mut all.iter().copied().skip(c).step_by(width)))
        .collect()
}

fn reduce(how: Reduce, all: impl ExactSizeIterator<Item = f64>) -> f64 {
    let n = all.len() as f64;
    match how {
        Reduce::Sum => all.sum(),
        Reduce::Mean => all.sum::<f64>() / n,
    }
}

fn log_sum_exp(row: &[f64]) -> f64 {
    let max = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    max + row.iter().map(|x| (x - max).exp()).sum::<f64>().ln()
}

/// Whether dropout keeps an element: any function of its place will do here.
fn kept(stream: usize, element: usize, rate: f64) -> bool {
    let seed = (stream as u64) << 32 | element as u64;
    crate::testing::Random::new(seed).uniform(0.0, 1.0) >= rate
}
