//! Adam, and Adam with decoupled weight decay.

use super::{At, Descent, Rule, Span, Update, expect, finite_from};
use crate::simd::Simd;
use crate::{Result, Scalar};

/// Adam, as PyTorch's `Adam`.
///
/// ```text
/// g = g + weight_decay · w
/// m = β1 · m + (1 - β1) · g
/// v = β2 · v + (1 - β2) · g²
/// w = w - rate / (1 - β1^t) · m / (√(v / (1 - β2^t)) + ε)
/// ```
///
/// ```
/// # use nn_runtime::prelude::*;
/// let optimizer: Adam = Adam::new(1e-3).clip_norm(1.0);
/// ```
///
/// # Source
/// Kingma and Ba, "Adam: A Method for Stochastic Optimization" (2015), algorithm 1.
pub type Adam<T = f32> = Descent<AdamRule, T>;

/// Adam with decoupled weight decay, as PyTorch's `AdamW`: [`Adam`] without decay in `g`, after `w` has shrunk by
/// `rate · weight_decay` of itself (default decay: 0.01).
///
/// # Source
/// Loshchilov and Hutter, "Decoupled Weight Decay Regularization" (2019), algorithm 2.
pub type AdamW<T = f32> = Descent<AdamWRule, T>;

/// The rule of [`Adam`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AdamRule(Betas);

/// The rule of [`AdamW`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AdamWRule(Betas);

#[derive(Clone, Copy, Debug, PartialEq)]
struct Betas {
    beta1: f64,
    beta2: f64,
    eps: f64,
}

impl Default for Betas {
    fn default() -> Self {
        Self {
            beta1: 0.9,
            beta2: 0.999,
            eps: 1e-8,
        }
    }
}

const MOMENTS: &[&str] = &["mean", "square"];

impl<T: Scalar> Descent<AdamRule, T> {
    /// β1 = 0.9, β2 = 0.999, ε = 1e-8, no weight decay.
    #[must_use]
    pub fn new(rate: f64) -> Self {
        Self::with(AdamRule(Betas::default()), rate)
    }

    /// Shares of the moving averages that are kept in each step.
    #[must_use]
    pub fn betas(mut self, beta1: f64, beta2: f64) -> Self {
        self.rule.0 = Betas {
            beta1,
            beta2,
            ..self.rule.0
        };
        self
    }

    /// Keeps the division finite.
    #[must_use]
    pub fn eps(mut self, eps: f64) -> Self {
        self.rule.0.eps = eps;
        self
    }
}

impl<T: Scalar> Descent<AdamWRule, T> {
    /// β1 = 0.9, β2 = 0.999, ε = 1e-8, weight decay 0.01.
    #[must_use]
    pub fn new(rate: f64) -> Self {
        Self::with(AdamWRule(Betas::default()), rate).weight_decay(0.01)
    }

    /// Shares of the moving averages that are kept in each step.
    #[must_use]
    pub fn betas(mut self, beta1: f64, beta2: f64) -> Self {
        self.rule.0 = Betas {
            beta1,
            beta2,
            ..self.rule.0
        };
        self
    }

    /// Keeps the division finite.
    #[must_use]
    pub fn eps(mut self, eps: f64) -> Self {
        self.rule.0.eps = eps;
        self
    }
}

impl Rule for AdamRule {
    const NAME: &'static str = "adam";

    fn check(&self) -> Result<()> {
        self.0.check()
    }

    fn moments(&self) -> &'static [&'static str] {
        MOMENTS
    }

    fn update<T: Scalar>(&self, at: At, span: Span<'_, T>) {
        span.sweep(self.0.at(at, at.weight_decay, 1.0));
    }
}

impl Rule for AdamWRule {
    const NAME: &'static str = "adamw";

    fn check(&self) -> Result<()> {
        self.0.check()
    }

    fn moments(&self) -> &'static [&'static str] {
        MOMENTS
    }

    fn update<T: Scalar>(&self, at: At, span: Span<'_, T>) {
        span.sweep(self.0.at(at, 0.0, 1.0 - at.rate * at.weight_decay));
    }
}

impl Betas {
    fn check(&self) -> Result<()> {
        for (name, beta) in [("beta1", self.beta1), ("beta2", self.beta2)] {
            expect(
                name,
                (0.0..1.0).contains(&beta),
                "a number from 0 to below 1",
                beta,
            )?;
        }
        finite_from("eps", 0.0, self.eps)
    }

    fn at(&self, at: At, decay: f64, shrink: f64) -> Step {
        let steps = at.step as f64;
        Step {
            beta2: self.beta2,
            take1: 1.0 - self.beta1,
            take2: 1.0 - self.beta2,
            eps: self.eps,
            rate: at.rate / (1.0 - self.beta1.powf(steps)),
            unbias: 1.0 / (1.0 - self.beta2.powf(steps)).sqrt(),
            decay,
            shrink,
        }
    }
}

/// The formula of one step, its powers of β already taken.
#[derive(Clone, Copy)]
struct Step {
    beta2: f64,
    take1: f64,
    take2: f64,
    eps: f64,
    rate: f64,
    unbias: f64,
    decay: f64,
    shrink: f64,
}

impl Update<2> for Step {
    #[inline(always)]
    fn eval<T: Scalar, S: Simd<T>>(self, s: S, w: S::V, g: S::V, [m, v]: [S::V; 2]) -> (S::V, [S::V; 2]) {
        let g = s.mul_add(s.splat(self.decay), w, g);
        let m = s.mul_add(s.splat(self.take1), g - m, m);
        let v = s.mul_add(s.splat(self.take2) * g, g, s.splat(self.beta2) * v);
        let scale = s.mul_add(s.sqrt(v), s.splat(self.unbias), s.splat(self.eps));
        let w = w * s.splat(self.shrink);
        (w - s.splat(self.rate) * m / scale, [m, v])
    }
}
