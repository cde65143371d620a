//! Training that knows of the rounding of weights.

use std::marker::PhantomData;
use std::ops::Range;

use super::Quantize;
use super::program::{Arithmetic, Product, Value};
use super::quantizer::{channel, scale_of};
use crate::Result;
use crate::optimizers::{Optimizer, State};

/// An optimizer for fine-tuning before a network is quantised: the network computes with the weights that int8 will have, and the
/// optimizer goes on with exact ones.
///
/// After each update every weight of a dense layer or convolution is rounded in its output channel as [`super::Quantized::new`]
/// rounds it, `w = round(w / s) · s` with `s = max |w| / 127`. So loss and gradient are those of the rounded weights, and the
/// gradient is taken for that of the exact ones, which are kept aside: the rounding's derivative counts as 1 (the straight-through
/// estimator). When training ends the network holds rounded weights, and quantising it does not change them again.
///
/// Where rounding costs little, with one scale a channel the rule, it is of no use, and a short training with it ends behind
/// one without: look at the report first. It pays where single large weights make a channel's steps coarse.
///
/// Weights alone are rounded in training. Activations are not: their rounding is what calibration and the report are about.
///
/// # Source
/// B. Jacob et al., "Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference", 2018, section
/// 3; Y. Bengio et al., "Estimating or Propagating Gradients Through Stochastic Neurons", 2013.
///
/// ```
/// use nn_runtime::prelude::*;
/// use nn_runtime::quantized::Aware;
///
/// network! {
///     #[loss(mean_squared_error)]
///     #[quantize(int8)]
///     Net(x: Tensor<2>) -> Tensor<1> {
///         x.dense(8).relu().dense(1)
///     }
/// }
///
/// # fn main() -> Result<()> {
/// let (x, y) = ([[0.0, 1.0], [1.0, 0.5]], [[1.0], [0.0]]);
/// let mut network = Net::new(1); // trained
/// let mut optimizer = Aware::<Net, _>::new(Sgd::new(0.01));
/// for _ in 0..10 {
///     network.train_step(&x, &y, &mut optimizer)?;
/// }
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct Aware<N, O> {
    optimizer: O,
    weights: Vec<Weights>,
    network: PhantomData<fn() -> N>,
}

/// Of one product.
#[derive(Clone, Debug)]
struct Weights {
    range: Range<usize>,
    outputs: usize,
    /// What the optimizer goes on with.
    exact: Vec<f32>,
    /// What the network was given; empty before the first update.
    rounded: Vec<f32>,
}

impl Weights {
    /// `[weights per output, outputs]`
    fn round(&mut self) {
        self.rounded.clone_from(&self.exact);
        for c in 0..self.outputs {
            let scale = scale_of(channel(&self.exact, self.outputs, c));
            if scale > 0.0 {
                let rounded = self.rounded.iter_mut().skip(c).step_by(self.outputs);
                rounded.for_each(|w| *w = (*w / scale).round() * scale);
            }
        }
    }
}

impl Arithmetic for Vec<Weights> {
    fn product(&mut self, p: &Product, _: Value, _: Value, _: impl FnOnce(&[f32], &mut [f32], &mut [f32])) {
        let outputs = p.kind.outputs();
        self.push(Weights {
            range: p.w..p.w + p.kind.per_output() * outputs,
            outputs,
            exact: Vec::new(),
            rounded: Vec::new(),
        });
    }
}

impl<N: Quantize, O: Optimizer<f32>> Aware<N, O> {
    /// Around another optimizer, which makes the updates.
    #[must_use]
    pub fn new(optimizer: O) -> Self {
        let mut weights = Vec::new();
        N::int8(&mut weights);
        Self {
            optimizer,
            weights,
            network: PhantomData,
        }
    }
}

impl<N: Quantize, O: Optimizer<f32>> Optimizer<f32> for Aware<N, O> {
    fn update(&mut self, parameters: &mut [f32], gradients: &[f32]) -> Result<()> {
        for weights in &mut self.weights {
            let own = &mut parameters[weights.range.clone()];
            // Weights that somebody else has put there are the exact ones.
            if *own != *weights.rounded {
                weights.exact = own.to_vec();
                weights.rounded = own.to_vec();
            }
            own.copy_from_slice(&weights.exact);
        }
        let updated = self.optimizer.update(parameters, gradients);
        for weights in &mut self.weights {
            let own = &mut parameters[weights.range.clone()];
            if updated.is_ok() {
                weights.exact.copy_from_slice(own);
                weights.round();
            }
            own.copy_from_slice(&weights.rounded);
        }
        updated
    }

    fn check(&self) -> Result<()> {
        self.optimizer.check()
    }

    fn rate(&self) -> f64 {
        self.optimizer.rate()
    }

    fn set_rate(&mut self, rate: f64) {
        self.optimizer.set_rate(rate);
    }

    fn freeze(&mut self, parameters: Range<usize>) {
        self.optimizer.freeze(parameters);
    }

    fn unfreeze(&mut self) {
        self.optimizer.unfreeze();
    }

    fn state(&self) -> State<'_, f32> {
        self.optimizer.state()
    }

    fn load_state(&mut self, state: &State<'_, f32>) -> Result<()> {
        self.optimizer.load_state(state)
    }
}
