//! From gradients to better parameters: SGD, Adam, AdamW, RMSProp, Adagrad.
//!
//! ```
//! use nn_runtime::prelude::*;
//!
//! let mut optimizer = Adam::new(0.1).weight_decay(1e-4).clip_norm(1.0).schedule(Cosine::over(100));
//! // Minimises (w - 3)²:
//! let mut w = [0.0f64];
//! for _ in 0..100 {
//!     let gradient = [2.0 * (w[0] - 3.0)];
//!     optimizer.update(&mut w, &gradient)?;
//! }
//! assert!((w[0] - 3.0).abs() < 0.05);
//! # Ok::<(), nn_runtime::Error>(())
//! ```
//!
//! With a network it is `optimizer.step(&mut net)?` after a backward pass. An update is one vectorised pass over
//! parameters, gradient and moments; the moments are allocated by the first. Results do not depend on the number of
//! threads.
//!
//! A further rule is a [`Rule`] and its [`Update`] formula, no more: clipping, schedules, freezing, saving and threads
//! come with [`Descent`].

mod adagrad;
mod adam;
mod clip;
mod descent;
mod rms_prop;
mod sgd;
mod span;

use std::fmt::Display;
use std::ops::Range;

use crate::simd::Simd;
use crate::{Error, Network, Result, Scalar};

pub use adagrad::{Adagrad, AdagradRule};
pub use adam::{Adam, AdamRule, AdamW, AdamWRule};
pub use clip::{clip_norm, clip_value};
pub use descent::Descent;
pub use rms_prop::{RmsProp, RmsPropRule};
pub use sgd::{Sgd, SgdRule};
pub use span::Span;

/// What turns gradients into updates of the parameters.
pub trait Optimizer<T: Scalar> {
    /// Updates the first `gradients.len()` parameters, but for the frozen ones.
    ///
    /// # Errors
    /// [`Error::Setting`] where a setting makes no sense, or the moments are of another number of parameters;
    /// [`Error::NotFinite`] where the gradient's norm is to be clipped and is no number. Nothing has changed then.
    ///
    /// # Panics
    /// If there are more gradients than parameters.
    fn update(&mut self, parameters: &mut [T], gradients: &[T]) -> Result<()>;

    /// Whether the settings make sense, as [`Optimizer::update`] finds out too.
    ///
    /// # Errors
    /// [`Error::Setting`].
    fn check(&self) -> Result<()>;

    /// The learning rate of the next update.
    fn rate(&self) -> f64;

    /// Sets the learning rate that the schedule starts from.
    fn set_rate(&mut self, rate: f64);

    /// Leaves these parameters, and their moments, as they are from now on; their gradients count for no norm.
    fn freeze(&mut self, parameters: Range<usize>);

    /// Undoes every [`Optimizer::freeze`].
    fn unfreeze(&mut self);

    /// What must be kept to go on later as if nothing had happened, beside the settings.
    fn state(&self) -> State<'_, T>;

    /// Goes on from a state.
    ///
    /// # Errors
    /// [`Error::Setting`] where it is another optimizer's; the optimizer is unchanged then.
    fn load_state(&mut self, state: &State<'_, T>) -> Result<()>;

    /// Updates a network's trainable parameters from the gradients of its last backward pass.
    ///
    /// # Errors
    /// [`Error::NoGradient`] before the first backward pass, and those of [`Optimizer::update`].
    fn step<N: Network<Scalar = T>>(&mut self, network: &mut N) -> Result<()>
    where
        Self: Sized,
    {
        let (parameters, gradients) = network.update_parts();
        if gradients.is_empty() && !parameters.is_empty() {
            return Err(Error::NoGradient);
        }
        self.update(parameters, gradients)
    }

    /// Freezes every parameter of a layer, `"dense_1"`, or of all layers of a block, `"decoder_2"`.
    ///
    /// # Errors
    /// [`Error::Setting`] where the network has no parameters under that name.
    fn freeze_layer<N: Network<Scalar = T>>(&mut self, layer: &str) -> Result<()>
    where
        Self: Sized,
    {
        let of_layer = |name: &str| {
            name.strip_prefix(layer)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        let mut tensors = N::PARAMETERS.iter().filter(|p| of_layer(p.name)).peekable();
        if tensors.peek().is_none() {
            let mut known = Vec::new();
            for p in N::PARAMETERS {
                let layer = p.name.rsplit_once('.').map_or(p.name, |n| n.0);
                if !known.contains(&layer) {
                    known.push(layer);
                }
            }
            return Err(Error::Setting {
                name: "layer",
                message: format!("expected one of `{}`, found `{layer}`", known.join("`, `")),
            });
        }
        tensors.for_each(|p| self.freeze(p.range()));
        Ok(())
    }
}

impl<T: Scalar, O: Optimizer<T> + ?Sized> Optimizer<T> for &mut O {
    fn update(&mut self, parameters: &mut [T], gradients: &[T]) -> Result<()> {
        (**self).update(parameters, gradients)
    }

    fn check(&self) -> Result<()> {
        (**self).check()
    }

    fn rate(&self) -> f64 {
        (**self).rate()
    }

    fn set_rate(&mut self, rate: f64) {
        (**self).set_rate(rate);
    }

    fn freeze(&mut self, parameters: Range<usize>) {
        (**self).freeze(parameters);
    }

    fn unfreeze(&mut self) {
        (**self).unfreeze();
    }

    fn state(&self) -> State<'_, T> {
        (**self).state()
    }

    fn load_state(&mut self, state: &State<'_, T>) -> Result<()> {
        (**self).load_state(state)
    }
}

/// What an optimizer has gathered: to be stored in a checkpoint.
#[derive(Clone, Debug, PartialEq)]
pub struct State<'a, T> {
    /// The rule: `adam`.
    pub optimizer: &'a str,
    /// Updates made.
    pub steps: u64,
    /// Named moments, in the layout of the trainable parameters; empty slices before the first update.
    pub moments: Vec<(&'a str, &'a [T])>,
}

/// A rule of optimization: settings, how many moments it keeps per parameter, and the formula of one step.
///
/// ```
/// use nn_runtime::Result;
/// use nn_runtime::optimizers::{At, Descent, Optimizer, Rule, Span, Update};
/// use nn_runtime::simd::Simd;
/// use nn_runtime::Scalar;
///
/// /// Steps of one size, by the sign of the gradient's moving average.
/// #[derive(Clone, Debug)]
/// struct SignRule;
///
/// impl Rule for SignRule {
///     const NAME: &'static str = "sign";
///
///     fn check(&self) -> Result<()> {
///         Ok(())
///     }
///
///     fn moments(&self) -> &'static [&'static str] {
///         &["mean"]
///     }
///
///     fn update<T: Scalar>(&self, at: At, span: Span<'_, T>) {
///         span.sweep(Step(at.rate));
///     }
/// }
///
/// #[derive(Clone, Copy)]
/// struct Step(f64);
///
/// impl Update<1> for Step {
///     #[inline(always)]
///     fn eval<T: Scalar, S: Simd<T>>(self, s: S, w: S::V, g: S::V, [m]: [S::V; 1]) -> (S::V, [S::V; 1]) {
///         let m = s.splat(0.5) * (m + g);
///         let step = s.splat(self.0);
///         (w - s.where_gt(m, s.splat(0.0), step, -step), [m])
///     }
/// }
///
/// let mut w = [1.0f32, -1.0];
/// Descent::with(SignRule, 0.25).update(&mut w, &[0.1, -7.0])?;
/// assert_eq!(w, [0.75, -0.75]);
/// # Ok::<(), nn_runtime::Error>(())
/// ```
pub trait Rule: Send + Sync {
    /// In checkpoints.
    const NAME: &'static str;

    /// Whether the settings make sense.
    ///
    /// # Errors
    /// [`Error::Setting`] naming the one that does not.
    fn check(&self) -> Result<()>;

    /// Names of the numbers that are kept for each parameter.
    fn moments(&self) -> &'static [&'static str];

    /// What they start with.
    fn start(&self) -> f64 {
        0.0
    }

    /// One step: calls [`Span::sweep`] with the formula.
    fn update<T: Scalar>(&self, at: At, span: Span<'_, T>);
}

/// Where in training a step is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct At {
    /// Learning rate.
    pub rate: f64,
    /// Number of the step, from 1.
    pub step: u64,
    /// Factor of the parameters in the gradient, or what the rule makes of it.
    pub weight_decay: f64,
}

/// The formula of an update with `M` moments.
///
/// `eval` must be `#[inline(always)]`, so that it is compiled for the instruction set in use.
pub trait Update<const M: usize>: Copy + Send + Sync {
    /// New parameters and moments from the parameters `w`, the (clipped) gradients `g` and the moments.
    fn eval<T: Scalar, S: Simd<T>>(self, s: S, w: S::V, g: S::V, moments: [S::V; M]) -> (S::V, [S::V; M]);
}

/// [`Error::Setting`] unless `holds`.
pub(crate) fn expect(name: &'static str, holds: bool, expected: &str, found: impl Display) -> Result<()> {
    if holds {
        Ok(())
    } else {
        Err(Error::Setting {
            name,
            message: format!("expected {expected}, found {found}"),
        })
    }
}

pub(crate) fn finite_from(name: &'static str, least: f64, found: f64) -> Result<()> {
    let expected = format_args!("a finite number from {least} up");
    if found.is_finite() && found >= least {
        return Ok(());
    }
    expect(name, false, &expected.to_string(), found)
}
