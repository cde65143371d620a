//! Stochastic gradient descent.

use super::{At, Descent, Rule, Span, Update, expect, finite_from};
use crate::simd::Simd;
use crate::{Result, Scalar};

/// Stochastic gradient descent, as PyTorch's `SGD`.
///
/// ```text
/// g = g + weight_decay · w
/// v = momentum · v + g                (v = g without momentum)
/// w = w - rate · v                    (Nesterov: w - rate · (g + momentum · v))
/// ```
///
/// ```
/// # use nn_runtime::prelude::*;
/// let optimizer: Sgd = Sgd::new(0.1).momentum(0.9).nesterov(true);
/// ```
///
/// # Source
/// Sutskever, Martens, Dahl and Hinton, "On the importance of initialization and momentum in deep learning" (2013).
pub type Sgd<T = f32> = Descent<SgdRule, T>;

/// The rule of [`Sgd`].
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SgdRule {
    momentum: f64,
    nesterov: bool,
}

impl<T: Scalar> Descent<SgdRule, T> {
    /// Without momentum or weight decay.
    #[must_use]
    pub fn new(rate: f64) -> Self {
        Self::with(SgdRule::default(), rate)
    }

    /// Share of the last step's direction that is kept (0).
    #[must_use]
    pub fn momentum(mut self, momentum: f64) -> Self {
        self.rule.momentum = momentum;
        self
    }

    /// Looks ahead by one step of momentum (false).
    #[must_use]
    pub fn nesterov(mut self, nesterov: bool) -> Self {
        self.rule.nesterov = nesterov;
        self
    }
}

impl Rule for SgdRule {
    const NAME: &'static str = "sgd";

    fn check(&self) -> Result<()> {
        finite_from("momentum", 0.0, self.momentum)?;
        expect(
            "nesterov",
            !self.nesterov || self.momentum > 0.0,
            "a momentum above 0",
            self.momentum,
        )
    }

    fn moments(&self) -> &'static [&'static str] {
        if self.momentum > 0.0 { &["momentum"] } else { &[] }
    }

    fn update<T: Scalar>(&self, at: At, span: Span<'_, T>) {
        let plain = Plain {
            rate: at.rate,
            decay: at.weight_decay,
        };
        if self.momentum > 0.0 {
            span.sweep(Momentum {
                plain,
                momentum: self.momentum,
                nesterov: self.nesterov,
            });
        } else {
            span.sweep(plain);
        }
    }
}

#[derive(Clone, Copy)]
struct Plain {
    rate: f64,
    decay: f64,
}

impl Update<0> for Plain {
    #[inline(always)]
    fn eval<T: Scalar, S: Simd<T>>(self, s: S, w: S::V, g: S::V, []: [S::V; 0]) -> (S::V, [S::V; 0]) {
        let g = s.mul_add(s.splat(self.decay), w, g);
        (s.mul_add(s.splat(-self.rate), g, w), [])
    }
}

#[derive(Clone, Copy)]
struct Momentum {
    plain: Plain,
    momentum: f64,
    nesterov: bool,
}

impl Update<1> for Momentum {
    #[inline(always)]
    fn eval<T: Scalar, S: Simd<T>>(self, s: S, w: S::V, g: S::V, [v]: [S::V; 1]) -> (S::V, [S::V; 1]) {
        let momentum = s.splat(self.momentum);
        let g = s.mul_add(s.splat(self.plain.decay), w, g);
        let v = s.mul_add(momentum, v, g);
        let direction = if self.nesterov {
            s.mul_add(momentum, v, g)
        } else {
            v
        };
        (s.mul_add(s.splat(-self.plain.rate), direction, w), [v])
    }
}
