//! The losses: one file each, and one line each in `ALL`. A loss turns a network's output and its target into
//! one number per batch (the mean over samples) and the gradient of that number, as IR operations.

mod binary_cross_entropy;
mod cosine;
mod elementwise;
mod formula;
mod hinge;
mod huber;
mod kl_divergence;
mod mean_absolute_error;
mod mean_squared_error;
mod softmax_cross_entropy;

pub use formula::formula;

use crate::diagnostics::Reported;
use crate::ir::builder::Builder;
use crate::ir::{Shape, ValueId};
use crate::layers::{ArgSpec, Args};

/// What the loss compares the output with; it types the target in the generated methods.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Target {
    /// Numbers, of the output's shape.
    Values,
    /// One class index per row (`rows` per sample), below `classes`.
    Classes { rows: usize, classes: usize },
}

/// Makes a loss of its words in `#[loss(…)]`.
pub type Build = fn(&mut Args<'_>, &Shape) -> Result<Box<dyn Loss>, Reported>;

/// A loss' entry in the language.
pub struct LossSpec {
    pub name: &'static str,
    /// One line, then formula, target, gradient, source.
    // Read by the test that keeps the reference.
    #[cfg_attr(not(test), allow(dead_code))]
    pub doc: &'static str,
    pub args: &'static [ArgSpec],
    /// Reads the arguments, checks the output's shape.
    pub build: Build,
}

/// A loss whose arguments and output shape were accepted.
pub trait Loss {
    fn target(&self) -> Target;

    /// Appends the loss of output number `output` with value `y`: its value by `b.accumulate_loss`, and,
    /// if `gradient`, the gradient with respect to `y`, returned. `weight` multiplies both.
    /// The loss of a batch is the mean over its samples; `Operand::InverseBatch` is that mean's factor in gradients
    /// (`accumulate_loss` divides by itself).
    fn lower(
        &self,
        b: &mut Builder<'_>,
        y: ValueId,
        output: usize,
        weight: f64,
        gradient: bool,
    ) -> Option<ValueId>;
}

/// Every loss of the language.
pub static ALL: &[&LossSpec] = &[
    &binary_cross_entropy::SPEC,
    &cosine::SPEC,
    &hinge::SPEC,
    &huber::SPEC,
    &kl_divergence::SPEC,
    &mean_absolute_error::SPEC,
    &mean_squared_error::SPEC,
    &softmax_cross_entropy::SPEC,
];

/// The loss of that name.
pub fn find(name: &str) -> Option<&'static LossSpec> {
    ALL.iter().copied().find(|l| l.name == name)
}
