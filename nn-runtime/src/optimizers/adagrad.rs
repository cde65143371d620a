//! Adagrad.

use super::{At, Descent, Rule, Span, Update, finite_from};
use crate::simd::Simd;
use crate::{Result, Scalar};

/// Adagrad, as PyTorch's `Adagrad`.
///
/// ```text
/// g = g + weight_decay · w
/// v = v + g²
/// w = w - rate / (1 + (t - 1) · rate_decay) · g / (√v + ε)
/// ```
///
/// ```
/// # use nn_runtime::prelude::*;
/// let optimizer: Adagrad = Adagrad::new(0.01);
/// ```
///
/// # Source
/// Duchi, Hazan and Singer, "Adaptive Subgradient Methods for Online Learning and Stochastic Optimization" (2011).
pub type Adagrad<T = f32> = Descent<AdagradRule, T>;

/// The rule of [`Adagrad`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AdagradRule {
    eps: f64,
    rate_decay: f64,
    start: f64,
}

impl<T: Scalar> Descent<AdagradRule, T> {
    /// ε = 1e-10, sums from 0, no decay of rate or weights.
    #[must_use]
    pub fn new(rate: f64) -> Self {
        Self::with(
            AdagradRule {
                eps: 1e-10,
                rate_decay: 0.0,
                start: 0.0,
            },
            rate,
        )
    }

    /// Keeps the division finite.
    #[must_use]
    pub fn eps(mut self, eps: f64) -> Self {
        self.rule.eps = eps;
        self
    }

    /// How fast the rate itself falls.
    #[must_use]
    pub fn rate_decay(mut self, rate_decay: f64) -> Self {
        self.rule.rate_decay = rate_decay;
        self
    }

    /// What the sums of squares start with.
    #[must_use]
    pub fn initial_sum(mut self, start: f64) -> Self {
        self.rule.start = start;
        self
    }
}

impl Rule for AdagradRule {
    const NAME: &'static str = "adagrad";

    fn check(&self) -> Result<()> {
        finite_from("eps", 0.0, self.eps)?;
        finite_from("rate_decay", 0.0, self.rate_decay)?;
        finite_from("initial_sum", 0.0, self.start)
    }

    fn moments(&self) -> &'static [&'static str] {
        &["sum"]
    }

    fn start(&self) -> f64 {
        self.start
    }

    fn update<T: Scalar>(&self, at: At, span: Span<'_, T>) {
        let rate = at.rate / (1.0 + (at.step - 1) as f64 * self.rate_decay);
        span.sweep(Step {
            rate,
            decay: at.weight_decay,
            eps: self.eps,
        });
    }
}

#[derive(Clone, Copy)]
struct Step {
    rate: f64,
    decay: f64,
    eps: f64,
}

impl Update<1> for Step {
    #[inline(always)]
    fn eval<T: Scalar, S: Simd<T>>(self, s: S, w: S::V, g: S::V, [v]: [S::V; 1]) -> (S::V, [S::V; 1]) {
        let g = s.mul_add(s.splat(self.decay), w, g);
        let v = s.mul_add(g, g, v);
        (w - s.splat(self.rate) * g / (s.sqrt(v) + s.splat(self.eps)), [v])
    }
}
