//! Appends operations to a program: what layers and losses write their forward and backward with.

mod images;

use super::{
    Direction, Epilogue, Mode, NodeId, Op, OpKind, Operand, ParamId, Reduce, Shape, Source, Space, Value,
    ValueId,
};
use crate::formula::Formula;

/// A straight-line program under construction.
#[derive(Default, Debug, Clone)]
pub struct Program {
    pub values: Vec<Value>,
    pub ops: Vec<Op>,
    pub inputs: Vec<ValueId>,
    pub outputs: Vec<ValueId>,
    /// The outputs that losses compare with a target: output `i` has target `i`. They stay when a program that
    /// gives only a loss drops its outputs.
    pub targets: Vec<ValueId>,
    /// Gradients of the outputs that the caller brings (a backward pass without a loss of its own).
    pub output_gradients: Vec<ValueId>,
    /// Gradients of the inputs, where the program computes them.
    pub input_gradients: Vec<Option<ValueId>>,
}

impl Program {
    pub fn shape(&self, v: ValueId) -> &Shape {
        &self.values[v.0].shape
    }

    /// Index of the one operation that reads `v`, if there is exactly one and `v` leaves the program nowhere.
    pub fn only_user(&self, v: ValueId) -> Option<usize> {
        if self.outputs.contains(&v) || self.input_gradients.contains(&Some(v)) {
            return None;
        }
        let reads = |(_, op): &(usize, &Op)| op.kind.reads().contains(&v);
        let mut users = self.ops.iter().enumerate().filter(reads);
        let first = users.next()?.0;
        users.next().is_none().then_some(first)
    }
}

/// Hands a layer the right to append operations on its own behalf.
pub struct Builder<'a> {
    pub program: &'a mut Program,
    pub mode: Mode,
    node: NodeId,
    direction: Direction,
    /// Prefix of the values' names: the layer's name.
    prefix: String,
}

impl<'a> Builder<'a> {
    pub fn new(
        program: &'a mut Program,
        mode: Mode,
        node: NodeId,
        direction: Direction,
        prefix: &str,
    ) -> Self {
        Self {
            program,
            mode,
            node,
            direction,
            prefix: prefix.to_string(),
        }
    }

    pub fn shape(&self, v: ValueId) -> Shape {
        self.program.shape(v).clone()
    }

    /// The layer on whose behalf operations are appended.
    pub fn node(&self) -> NodeId {
        self.node
    }

    fn push(&mut self, kind: OpKind) {
        self.program.ops.push(Op {
            kind,
            node: self.node,
            direction: self.direction,
        });
    }

    /// A fresh value named `<layer>` for `""`, else `<layer>_<suffix>`; gradients are `d_<layer>…`.
    pub fn value(&mut self, suffix: &str, shape: Shape, space: Space) -> ValueId {
        let mut name = self.prefix.clone();
        if !suffix.is_empty() {
            name = format!("{name}_{suffix}");
        }
        if self.direction == Direction::Backward {
            name = format!("d_{name}");
        }
        let base = name.clone();
        let mut n = 1;
        while self.program.values.iter().any(|v| v.name == name) {
            n += 1;
            name = format!("{base}_{n}");
        }
        self.program.values.push(Value {
            name,
            shape,
            space,
            lanes: false,
        });
        ValueId(self.program.values.len() - 1)
    }

    /// `y = f(x…)`, elementwise over `shape`.
    pub fn map(&mut self, suffix: &str, shape: &Shape, x: Vec<Operand>, f: Formula) -> ValueId {
        let y = self.value(suffix, shape.clone(), Space::Sample);
        self.push(OpKind::Map {
            y,
            x,
            f,
            width: shape.width(),
        });
        y
    }

    /// `y = f(x…)` on per-batch vectors of `shape`.
    pub fn map_batch(&mut self, suffix: &str, shape: &Shape, x: Vec<Operand>, f: Formula) -> ValueId {
        let y = self.value(suffix, shape.clone(), Space::Batch);
        self.push(OpKind::Map {
            y,
            x,
            f,
            width: shape.width(),
        });
        y
    }

    /// `y[r] = reduce over the last axis of f(x…)`; `shape` is the operands'.
    pub fn row_reduce(
        &mut self,
        suffix: &str,
        shape: &Shape,
        how: Reduce,
        x: Vec<Operand>,
        f: Formula,
    ) -> ValueId {
        let mut reduced = shape.clone();
        if let Some(last) = reduced.0.last_mut() {
            *last = 1;
        }
        let y = self.value(suffix, reduced, Space::Sample);
        self.push(OpKind::RowReduce {
            y,
            how,
            x,
            f,
            width: shape.width(),
        });
        y
    }

    /// Adds to the gradient of a `[width]` parameter.
    pub fn param_reduce(&mut self, param: ParamId, shape: &Shape, x: Vec<Operand>, f: Formula) {
        self.push(OpKind::ParamReduce {
            param,
            x,
            f,
            width: shape.width(),
        });
    }

    /// `y[c]` over all rows of the whole batch; `shape` is the operands'.
    pub fn batch_reduce(
        &mut self,
        suffix: &str,
        shape: &Shape,
        how: Reduce,
        x: Vec<Operand>,
        f: Formula,
    ) -> ValueId {
        let y = self.value(suffix, Shape(vec![shape.width()]), Space::Batch);
        self.push(OpKind::BatchReduce {
            sums: vec![(y, f)],
            how,
            x,
            width: shape.width(),
        });
        y
    }

    /// Mean and variance of each feature of `x` over all rows of the whole batch.
    pub fn moments(&mut self, x: ValueId) -> (ValueId, ValueId) {
        let width = self.shape(x).width();
        let mean = self.value("mean", Shape(vec![width]), Space::Batch);
        let var = self.value("var", Shape(vec![width]), Space::Batch);
        self.push(OpKind::Moments { mean, var, x, width });
        (mean, var)
    }

    pub fn update_state(&mut self, state: ParamId, x: ValueId, momentum: f64, unbiased_rows: Option<usize>) {
        self.push(OpKind::UpdateState {
            state,
            x,
            momentum,
            unbiased_rows,
        });
    }

    /// `y = x · w + b` over the last axis; `x: […, k]` gives `[…, n]`.
    pub fn dense(&mut self, x: ValueId, w: ParamId, b: Option<ParamId>, k: usize, n: usize) -> ValueId {
        let mut shape = self.shape(x);
        *shape.0.last_mut().expect("dense needs a rank of at least 1") = n;
        let y = self.value("", shape, Space::Sample);
        self.push(OpKind::Dense {
            y,
            x,
            w,
            b,
            k,
            n,
            epilogue: None,
        });
        y
    }

    pub fn dense_grad_input(
        &mut self,
        dy: ValueId,
        w: ParamId,
        k: usize,
        n: usize,
        epilogue: Option<Epilogue>,
    ) -> ValueId {
        let mut shape = self.shape(dy);
        *shape.0.last_mut().expect("dense needs a rank of at least 1") = k;
        let dx = self.value("x", shape, Space::Sample);
        self.push(OpKind::DenseGradInput {
            dx,
            dy,
            w,
            k,
            n,
            epilogue,
        });
        dx
    }

    pub fn dense_grad_weight(&mut self, w: ParamId, x: ValueId, dy: ValueId, k: usize, n: usize) {
        self.push(OpKind::DenseGradWeight { w, x, dy, k, n });
    }

    pub fn softmax(&mut self, x: ValueId, log: bool) -> ValueId {
        let shape = self.shape(x);
        let width = shape.width();
        let y = self.value("", shape, Space::Sample);
        self.push(OpKind::Softmax { y, x, width, log });
        y
    }

    /// Appends the fused loss; gives `(loss rows, dx if asked)`.
    #[allow(clippy::too_many_arguments)]
    pub fn softmax_cross_entropy(
        &mut self,
        x: ValueId,
        target: usize,
        smoothing: f64,
        class_weights: Vec<f64>,
        scale: f64,
        gradient: bool,
    ) -> (ValueId, Option<ValueId>) {
        let shape = self.shape(x);
        let mut reduced = shape.clone();
        *reduced.0.last_mut().expect("a loss needs a rank of at least 1") = 1;
        let loss = self.value("rows", reduced, Space::Sample);
        let width = shape.width();
        let dx = gradient.then(|| self.value("gradient", shape, Space::Sample));
        self.push(OpKind::SoftmaxCrossEntropy {
            x,
            target,
            loss,
            dx,
            width,
            smoothing,
            class_weights,
            scale,
        });
        (loss, dx)
    }

    /// `channels`: zeroes whole channels (the last axis) of a sample.
    pub fn dropout(&mut self, x: ValueId, rate: f64, stream: usize, channels: bool) -> ValueId {
        let shape = self.shape(x);
        let channels = channels.then(|| shape.width());
        let y = self.value("", shape, Space::Sample);
        self.push(OpKind::Dropout {
            y,
            x,
            rate,
            stream,
            channels,
        });
        y
    }

    /// `parts`: value and its width in elements per row of the `[rows, width]` view; `shape` is the result's.
    pub fn concat(&mut self, parts: Vec<(ValueId, usize)>, shape: Shape) -> ValueId {
        let y = self.value("", shape, Space::Sample);
        self.push(OpKind::Concat { y, parts });
        y
    }

    pub fn slice(
        &mut self,
        suffix: &str,
        x: ValueId,
        x_width: usize,
        at: usize,
        width: usize,
        shape: Shape,
    ) -> ValueId {
        let y = self.value(suffix, shape, Space::Sample);
        self.push(OpKind::Slice {
            y,
            x,
            x_width,
            at,
            width,
        });
        y
    }

    pub fn accumulate_loss(&mut self, x: ValueId) {
        self.push(OpKind::AccumulateLoss { x });
    }

    /// The same numbers under another shape: no operation, the value is handed on.
    pub fn reshape(&mut self, x: ValueId, shape: &Shape) -> ValueId {
        debug_assert_eq!(self.shape(x).elems(), shape.elems());
        let name = self.program.values[x.0].name.clone();
        let space = self.program.values[x.0].space;
        let y = self.value("", shape.clone(), space);
        self.program.values[y.0].name = format!("{name}_as_{}", y.0);
        self.push_alias(y, x);
        y
    }

    fn push_alias(&mut self, y: ValueId, x: ValueId) {
        self.push(OpKind::Alias { y, x });
    }
}

/// Shorthand for operands.
pub fn full(v: ValueId) -> Operand {
    Operand::Full(Source::Value(v))
}

/// One number per row.
pub fn row(v: ValueId) -> Operand {
    Operand::Row(Source::Value(v))
}

/// One number per column, from a per-batch value.
pub fn col(v: ValueId) -> Operand {
    Operand::Col(Source::Value(v))
}

/// One number per column, from a parameter.
pub fn param(p: ParamId) -> Operand {
    Operand::Col(Source::Param(p))
}

/// One number for all elements, from a `[1]` parameter.
pub fn scalar(p: ParamId) -> Operand {
    Operand::Scalar(Source::Param(p))
}

/// The target of output `i`, element by element.
pub fn target(i: usize) -> Operand {
    Operand::Full(Source::Target(i))
}
