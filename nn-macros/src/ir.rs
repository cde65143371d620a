//! The typed intermediate form: straight-line primitive operations over named, shaped values.
//!
//! Shapes leave out the batch. A tensor of shape `[d0, …, dk]` is seen by the operations as rows of `width =
//! dk`: `rows = d0 · … · d(k-1)` of them per sample. Each value is written by exactly one operation (SSA);
//! buffers and in-place reuse are the planner's business.
//!
//! The operations are few and closed; layers are many and open and compose them.

mod access;
pub mod builder;
pub mod geometry;
#[cfg(test)]
pub mod interpret;
pub mod verify;

use crate::formula::Formula;
use geometry::{Conv, Pooling, Window};

#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct ValueId(pub usize);

#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct ParamId(pub usize);

/// Index into `graph::Graph::nodes`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct NodeId(pub usize);

/// Dimensions without the batch.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Shape(pub Vec<usize>);

impl Shape {
    pub fn elems(&self) -> usize {
        self.0.iter().product()
    }

    /// Size of the last dimension; 1 for a scalar.
    pub fn width(&self) -> usize {
        self.0.last().copied().unwrap_or(1)
    }

    /// Product of all dimensions but the last.
    pub fn rows(&self) -> usize {
        if self.0.is_empty() {
            1
        } else {
            self.0[..self.0.len() - 1].iter().product()
        }
    }
}

impl std::fmt::Display for Shape {
    /// `28 x 28 x 1`
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.0.is_empty() {
            return f.write_str("scalar");
        }
        for (i, d) in self.0.iter().enumerate() {
            if i > 0 {
                f.write_str(" x ")?;
            }
            write!(f, "{d}")?;
        }
        Ok(())
    }
}

/// Where a value lives.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Space {
    /// One tensor per sample.
    Sample,
    /// One tensor for the whole batch (batch statistics).
    Batch,
}

#[derive(Clone, Debug)]
pub struct Value {
    /// Unique within the program, a valid Rust identifier: `dense_1`, `d_dense_1`, `layer_norm_1_mean`.
    pub name: String,
    pub shape: Shape,
    pub space: Space,
    /// 16 samples side by side, behind all other axes, instead of one after the other.
    pub lanes: bool,
}

/// How a parameter starts.
#[derive(Clone, PartialEq, Debug)]
pub enum Init {
    Zeros,
    Ones,
    Constant(f64),
    Uniform { low: f64, high: f64 },
    Normal { mean: f64, std: f64 },
    TruncatedNormal { mean: f64, std: f64 },
    GlorotUniform,
    GlorotNormal,
    HeUniform,
    HeNormal,
    LecunUniform,
    LecunNormal,
    Orthogonal { gain: f64 },
}

/// What a layer asks for; the network gives it a name and a place.
#[derive(Clone, Debug)]
pub struct ParamSpec {
    /// PyTorch's name of the tensor inside its layer: `weight`, `bias`, `running_mean`.
    pub suffix: &'static str,
    pub shape: Shape,
    pub init: Init,
    /// For the scaled initialisers.
    pub fan_in: usize,
    pub fan_out: usize,
    /// Adds `l2 · Σ w²` to the loss (Keras' convention).
    pub l2: f64,
    pub kind: ParamKind,
    /// The axes' order in files, as PyTorch lays the tensor out: file axis `i` is our axis `file_axes[i]`.
    pub file_axes: Vec<usize>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ParamKind {
    /// Has a gradient.
    Trainable,
    /// `frozen = true`: no gradient is computed.
    Frozen,
    /// Running statistics: saved with the weights, never touched by an optimizer, not counted in `PARAMS`.
    State,
}

impl ParamKind {
    /// Of a layer's weights.
    pub fn of(frozen: bool) -> Self {
        if frozen { Self::Frozen } else { Self::Trainable }
    }
}

/// Where an operand's numbers come from.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Source {
    Value(ValueId),
    Param(ParamId),
    /// The target of output `i` (programs with a loss only).
    Target(usize),
}

/// An operand of an elementwise or reducing operation over `[rows, width]`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Operand {
    /// `[rows, width]`, element by element.
    Full(Source),
    /// `[rows]`: one number per row, the same along the row.
    Row(Source),
    /// `[width]`: one number per column, the same for all rows (a parameter or a `Space::Batch` value).
    Col(Source),
    /// One number for all elements: the only element of a parameter or of a `Space::Batch` value.
    Scalar(Source),
    /// 1 / number of samples in the batch: the mean in a loss' gradient.
    InverseBatch,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Reduce {
    Sum,
    Mean,
}

/// An elementwise tail run on the result while it is in cache. Operand 0 of the formula is the result
/// itself; operands 1.. are `x`.
#[derive(Clone, PartialEq, Debug)]
pub struct Epilogue {
    pub x: Vec<Operand>,
    pub f: Formula,
}

/// A pool run on a few rows of a convolution's result while they are in cache; the whole result is nowhere.
#[derive(Clone, PartialEq, Debug)]
pub struct Pooled {
    pub window: Window,
    pub how: Pooling,
    /// Memory for the rows of some windows, without meaning afterwards.
    pub rows: ValueId,
}

#[derive(Clone, PartialEq, Debug)]
pub enum OpKind {
    /// `y[r, c] = f(x0[r, c], x1[r, c], …)`
    Map {
        y: ValueId,
        x: Vec<Operand>,
        f: Formula,
        width: usize,
    },
    /// `y[r] = reduce over c of f(x0[r, c], …)`
    RowReduce {
        y: ValueId,
        how: Reduce,
        x: Vec<Operand>,
        f: Formula,
        width: usize,
    },
    /// Gradient of a parameter: `dp[c] += Σ over all rows of all samples f(x0[r, c], …)`
    ParamReduce {
        param: ParamId,
        x: Vec<Operand>,
        f: Formula,
        width: usize,
    },
    /// Statistics over the batch, one or two in one pass: `y[c] = mean or sum over all rows of all samples of f(…)`; a sync
    /// point. The mean divides by batch · rows.
    BatchReduce {
        sums: Vec<(ValueId, Formula)>,
        how: Reduce,
        x: Vec<Operand>,
        width: usize,
    },
    /// `mean[c]` and `var[c] = mean of (x - mean[c])²` over all rows of all samples, in one pass; a sync point.
    Moments {
        mean: ValueId,
        var: ValueId,
        x: ValueId,
        width: usize,
    },
    /// `state = (1 - momentum) · state + momentum · f(x)`, once per training step. `x` is `Space::Batch`.
    /// `unbiased`: multiplies x by m / (m - 1), m = batch · rows (PyTorch's running variance).
    UpdateState {
        state: ParamId,
        x: ValueId,
        momentum: f64,
        unbiased_rows: Option<usize>,
    },
    /// `y[r, :] = epilogue(x[r, :] · w + b)`, `w: [k, n]`.
    Dense {
        y: ValueId,
        x: ValueId,
        w: ParamId,
        b: Option<ParamId>,
        k: usize,
        n: usize,
        epilogue: Option<Epilogue>,
    },
    /// `dx[r, :] = epilogue(dy[r, :] · wᵀ)`
    DenseGradInput {
        dx: ValueId,
        dy: ValueId,
        w: ParamId,
        k: usize,
        n: usize,
        epilogue: Option<Epilogue>,
    },
    /// `dw += Σ over rows and samples xᵀ · dy`
    DenseGradWeight {
        w: ParamId,
        x: ValueId,
        dy: ValueId,
        k: usize,
        n: usize,
    },
    /// `y = pool(epilogue(x * w + b))`: the rows of the epilogue are pixels. `w: [KH, KW, inputs / groups, outputs]`.
    Conv2d {
        y: ValueId,
        x: ValueId,
        w: ParamId,
        b: Option<ParamId>,
        conv: Conv,
        epilogue: Option<Epilogue>,
        pool: Option<Pooled>,
    },
    /// `dx = epilogue(Σ over the windows that cover it)`; also a transposed convolution's forward. `w` lies
    /// transposed, `[KH, KW, outputs / groups, inputs]` (a `Permute` of the parameter; a depthwise one is its own).
    Conv2dGradInput {
        dx: ValueId,
        dy: ValueId,
        w: Source,
        conv: Conv,
        epilogue: Option<Epilogue>,
    },
    /// `dw += Σ over pixels and samples of x under the window · dy`
    Conv2dGradWeight {
        w: ParamId,
        x: ValueId,
        dy: ValueId,
        conv: Conv,
    },
    /// A window's maximum, mean or sum, channel by channel. `index`: where in the window the maximum was, as a
    /// number, for the backward pass.
    Pool {
        y: ValueId,
        x: ValueId,
        index: Option<ValueId>,
        window: Window,
        channels: usize,
        how: Pooling,
    },
    /// `dx[i] = Σ over the windows that cover it of its share of dy`; also nearest upsampling's forward.
    PoolGrad {
        dx: ValueId,
        dy: ValueId,
        index: Option<ValueId>,
        window: Window,
        channels: usize,
        how: Pooling,
    },
    /// Axis `i` of `y` is axis `axes[i]` of `x: dims`. `x` may be a parameter, then `y` is `Space::Batch`.
    Permute {
        y: ValueId,
        x: Source,
        dims: [usize; 4],
        axes: [usize; 4],
    },
    /// `y[i] = x[i - at]` where that is inside `x: from`, else `fill`, for `y: to`: padding, cropping, and each the
    /// other's gradient.
    CopyBox {
        y: ValueId,
        x: ValueId,
        from: [usize; 3],
        to: [usize; 3],
        at: [isize; 3],
        fill: f64,
    },
    /// Resizes images of `channels` from `from` to `to` pixels with weights that fall off linearly, pixel centres at
    /// halves. `transposed`: the gradient, from `y: to` back to `x: from`.
    Bilinear {
        y: ValueId,
        x: ValueId,
        from: [usize; 2],
        to: [usize; 2],
        channels: usize,
        transposed: bool,
    },
    /// `y[r, :] = softmax(x[r, :])` or its logarithm.
    Softmax {
        y: ValueId,
        x: ValueId,
        width: usize,
        log: bool,
    },
    /// Softmax and cross-entropy against class indices in one pass over `x: [rows, width]`.
    /// `loss[r] = weight[t] · ((1-s)·(lse - x[t]) + s·(lse - mean x))`, `dx = inverse_batch · scale · d loss/d x`.
    SoftmaxCrossEntropy {
        x: ValueId,
        target: usize,
        loss: ValueId,
        dx: Option<ValueId>,
        width: usize,
        smoothing: f64,
        class_weights: Vec<f64>,
        /// Multiplies both the loss and its gradient (1 / rows, times the output's weight).
        scale: f64,
    },
    /// `y = x · mask / (1 - rate)`; the mask is a function of (seed, step, `stream`, sample, element), so the
    /// backward pass is the same operation on `dy`. `channels`: the mask is drawn for each channel of a sample (the
    /// last axis, of this size) instead of each element.
    Dropout {
        y: ValueId,
        x: ValueId,
        rate: f64,
        stream: usize,
        channels: Option<usize>,
    },
    /// `y[r, at .. at + x_width] = x[r, :]` for each part in order: concatenation along the last axis, seen
    /// as `[rows, width]`.
    Concat {
        y: ValueId,
        parts: Vec<(ValueId, usize)>,
    },
    /// `y[r, :] = x[r, at .. at + width]` of rows `x_width` wide.
    Slice {
        y: ValueId,
        x: ValueId,
        x_width: usize,
        at: usize,
        width: usize,
    },
    /// The same numbers, turned from samples one after the other to samples side by side, or back.
    Turn { y: ValueId, x: ValueId },
    /// The same numbers under another shape; costs nothing, the planner gives both one buffer.
    Alias { y: ValueId, x: ValueId },
    /// Adds `Σ over rows of x[r]` to the batch's loss sum (which ends divided by the batch).
    AccumulateLoss { x: ValueId },
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Direction {
    Forward,
    Loss,
    Backward,
}

#[derive(Clone, Debug)]
pub struct Op {
    pub kind: OpKind,
    /// The layer it came from.
    pub node: NodeId,
    pub direction: Direction,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Mode {
    Inference,
    Training,
}
