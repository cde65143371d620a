//! The layers: one file each, and one line each in `ALL`.
//!
//! A layer's file holds its documentation (formula, shapes, gradient, source), its arguments, its shape rule, its
//! forward and backward as IR operations, its error texts and its tests. Layers never import each other.

mod affine;
mod arguments;
mod avg_pool1d;
mod avg_pool2d;
mod batch_norm;
mod concat;
mod conv1d;
mod conv2d;
mod conv_transpose2d;
mod convolution;
mod crop;
mod dense;
mod depthwise_conv2d;
mod dropout;
mod elementwise;
mod elu;
mod flatten;
mod formula;
mod gelu;
mod global_avg_pool1d;
mod global_avg_pool2d;
mod global_max_pool1d;
mod global_max_pool2d;
mod group_norm;
mod hard_sigmoid;
mod hard_swish;
mod layer_norm;
mod leaky_relu;
mod log_softmax;
mod max_pool1d;
mod max_pool2d;
mod operators;
mod pad;
mod pooling;
mod prelu;
mod relu;
mod reshape;
mod rms_norm;
mod selu;
mod sigmoid;
mod silu;
mod slice;
mod softmax;
mod softplus;
mod split;
mod tanh;
mod transpose;
mod upsample2d;
mod windows;

pub use affine::affine;
pub use arguments::{Arg, ArgKind, ArgSpec, Args, FROZEN, NAME};
pub use formula::formula;

use crate::diagnostics::Reported;
use crate::ir::builder::Builder;
use crate::ir::{ParamId, ParamSpec, Shape, ValueId};

/// How a layer is written: `x.dense(…)`, `concat(a, b)`, or an operator.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Call {
    /// `x.name(…)`, one tensor input.
    Method,
    /// `name(a, b, …)`, one or more tensors by position.
    Function,
    /// `a + b`; the name is the operator.
    Operator,
}

/// Makes a layer of a call.
pub type Build = fn(&mut Args<'_>, &[Shape]) -> Result<Box<dyn Layer>, Reported>;

/// A layer's entry in the language.
pub struct LayerSpec {
    pub name: &'static str,
    pub call: Call,
    /// One line, then formula, shapes, gradient, source: shown on hover and in the reference.
    // Read by the test that keeps the reference.
    #[cfg_attr(not(test), allow(dead_code))]
    pub doc: &'static str,
    pub args: &'static [ArgSpec],
    /// Reads the arguments, checks the inputs' shapes. Faults are reported through `Args`.
    pub build: Build,
}

/// What a layer's forward gives back.
pub struct Forward {
    pub outputs: Vec<ValueId>,
    /// Values that only the backward pass needs (a mean, a mask).
    pub saved: Vec<ValueId>,
}

impl From<ValueId> for Forward {
    fn from(y: ValueId) -> Self {
        Self {
            outputs: vec![y],
            saved: Vec::new(),
        }
    }
}

/// What a layer's backward gets.
pub struct Backward<'a> {
    pub x: &'a [ValueId],
    pub y: &'a [ValueId],
    pub saved: &'a [ValueId],
    pub params: &'a [ParamId],
    /// Gradient of the loss with respect to each output.
    pub dy: &'a [ValueId],
    /// Which inputs need a gradient; for the others `None` may be returned.
    pub needs: &'a [bool],
    /// Which parameters need one (a frozen layer's do not).
    pub needs_params: &'a [bool],
}

/// A layer whose arguments and shapes were accepted.
pub trait Layer {
    /// Shapes of the outputs.
    fn outputs(&self) -> Vec<Shape>;

    fn params(&self) -> Vec<ParamSpec> {
        Vec::new()
    }

    /// Multiply-accumulates of one sample's forward pass.
    fn macs(&self) -> u64 {
        0
    }

    /// Appends the forward operations. `b.mode` tells training from inference.
    fn forward(&self, b: &mut Builder<'_>, x: &[ValueId], params: &[ParamId]) -> Forward;

    /// Appends the backward operations: parameter gradients by `b.param_reduce` and its like, input gradients
    /// returned, one entry per input.
    fn backward(&self, b: &mut Builder<'_>, io: &Backward<'_>) -> Vec<Option<ValueId>>;
}

/// Every layer of the language.
pub static ALL: &[&LayerSpec] = &[
    &operators::ADD,
    &operators::SUB,
    &operators::MUL,
    &avg_pool1d::SPEC,
    &avg_pool2d::SPEC,
    &batch_norm::SPEC,
    &concat::SPEC,
    &conv1d::SPEC,
    &conv2d::SPEC,
    &conv_transpose2d::SPEC,
    &crop::SPEC,
    &dense::SPEC,
    &depthwise_conv2d::SPEC,
    &dropout::SPEC,
    &elu::SPEC,
    &flatten::SPEC,
    &gelu::SPEC,
    &global_avg_pool1d::SPEC,
    &global_avg_pool2d::SPEC,
    &global_max_pool1d::SPEC,
    &global_max_pool2d::SPEC,
    &group_norm::SPEC,
    &hard_sigmoid::SPEC,
    &hard_swish::SPEC,
    &layer_norm::SPEC,
    &leaky_relu::SPEC,
    &log_softmax::SPEC,
    &max_pool1d::SPEC,
    &max_pool2d::SPEC,
    &pad::SPEC,
    &prelu::SPEC,
    &relu::SPEC,
    &reshape::SPEC,
    &rms_norm::SPEC,
    &selu::SPEC,
    &sigmoid::SPEC,
    &silu::SPEC,
    &slice::SPEC,
    &softmax::SPEC,
    &softplus::SPEC,
    &split::SPEC,
    &tanh::SPEC,
    &transpose::SPEC,
    &upsample2d::SPEC,
];

/// The layer of that name: a method, a function or an operator.
pub fn find(name: &str) -> Option<&'static LayerSpec> {
    ALL.iter().copied().find(|l| l.name == name)
}
