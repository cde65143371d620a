//! RMSProp.

use super::{At, Descent, Rule, Span, Update, expect, finite_from};
use crate::simd::Simd;
use crate::{Result, Scalar};

/// RMSProp, as PyTorch's `RMSprop`.
///
/// ```text
/// g = g + weight_decay · w
/// v = α · v + (1 - α) · g²
/// a = α · a + (1 - α) · g             (centered alone)
/// d = g / (√v + ε)                    (centered: √(v - a²))
/// u = momentum · u + d                (u = d without momentum)
/// w = w - rate · u
/// ```
///
/// ```
/// # use nn_runtime::prelude::*;
/// let optimizer: RmsProp = RmsProp::new(1e-3).momentum(0.9);
/// ```
///
/// # Source
/// Tieleman and Hinton, "Lecture 6.5: RMSProp" (2012); centered: Graves, "Generating Sequences With Recurrent Neural
/// Networks" (2013), eq. 38 to 41.
pub type RmsProp<T = f32> = Descent<RmsPropRule, T>;

/// The rule of [`RmsProp`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RmsPropRule {
    alpha: f64,
    eps: f64,
    momentum: f64,
    centered: bool,
}

impl<T: Scalar> Descent<RmsPropRule, T> {
    /// α = 0.99, ε = 1e-8, no momentum, not centered, no weight decay.
    #[must_use]
    pub fn new(rate: f64) -> Self {
        Self::with(
            RmsPropRule {
                alpha: 0.99,
                eps: 1e-8,
                momentum: 0.0,
                centered: false,
            },
            rate,
        )
    }

    /// Share of the moving averages that is kept in each step.
    #[must_use]
    pub fn alpha(mut self, alpha: f64) -> Self {
        self.rule.alpha = alpha;
        self
    }

    /// Keeps the division finite.
    #[must_use]
    pub fn eps(mut self, eps: f64) -> Self {
        self.rule.eps = eps;
        self
    }

    /// Share of the last step's direction that is kept.
    #[must_use]
    pub fn momentum(mut self, momentum: f64) -> Self {
        self.rule.momentum = momentum;
        self
    }

    /// Divides by an estimate of the gradient's deviation rather than of its size.
    #[must_use]
    pub fn centered(mut self, centered: bool) -> Self {
        self.rule.centered = centered;
        self
    }
}

impl Rule for RmsPropRule {
    const NAME: &'static str = "rmsprop";

    fn check(&self) -> Result<()> {
        expect(
            "alpha",
            (0.0..1.0).contains(&self.alpha),
            "a number from 0 to below 1",
            self.alpha,
        )?;
        finite_from("eps", 0.0, self.eps)?;
        finite_from("momentum", 0.0, self.momentum)
    }

    fn moments(&self) -> &'static [&'static str] {
        match (self.centered, self.momentum > 0.0) {
            (false, false) => &["square"],
            (false, true) => &["square", "momentum"],
            (true, false) => &["square", "mean"],
            (true, true) => &["square", "mean", "momentum"],
        }
    }

    fn update<T: Scalar>(&self, at: At, span: Span<'_, T>) {
        let step = Step {
            rule: *self,
            rate: at.rate,
            decay: at.weight_decay,
        };
        match (self.centered, self.momentum > 0.0) {
            (false, false) => span.sweep(Plain(step)),
            (false, true) => span.sweep(Momentum(step)),
            (true, false) => span.sweep(Centered(step)),
            (true, true) => span.sweep(CenteredMomentum(step)),
        }
    }
}

#[derive(Clone, Copy)]
struct Step {
    rule: RmsPropRule,
    rate: f64,
    decay: f64,
}

impl Step {
    /// The decayed gradient and the average of its square.
    #[inline(always)]
    fn square<T: Scalar, S: Simd<T>>(self, s: S, w: S::V, g: S::V, v: S::V) -> (S::V, S::V) {
        let g = s.mul_add(s.splat(self.decay), w, g);
        let v = s.mul_add(
            s.splat(1.0 - self.rule.alpha) * g,
            g,
            s.splat(self.rule.alpha) * v,
        );
        (g, v)
    }

    /// The average of the gradient, and the variance that it leaves of `v`; rounding must not make that negative.
    #[inline(always)]
    fn center<T: Scalar, S: Simd<T>>(self, s: S, g: S::V, v: S::V, a: S::V) -> (S::V, S::V) {
        let a = s.mul_add(s.splat(1.0 - self.rule.alpha), g - a, a);
        (a, s.max(s.mul_add(-a, a, v), s.splat(0.0)))
    }

    #[inline(always)]
    fn direction<T: Scalar, S: Simd<T>>(self, s: S, g: S::V, v: S::V) -> S::V {
        g / (s.sqrt(v) + s.splat(self.rule.eps))
    }

    #[inline(always)]
    fn gather<T: Scalar, S: Simd<T>>(self, s: S, direction: S::V, u: S::V) -> S::V {
        s.mul_add(s.splat(self.rule.momentum), u, direction)
    }

    #[inline(always)]
    fn go<T: Scalar, S: Simd<T>>(self, s: S, w: S::V, direction: S::V) -> S::V {
        s.mul_add(s.splat(-self.rate), direction, w)
    }
}

#[derive(Clone, Copy)]
struct Plain(Step);

impl Update<1> for Plain {
    #[inline(always)]
    fn eval<T: Scalar, S: Simd<T>>(self, s: S, w: S::V, g: S::V, [v]: [S::V; 1]) -> (S::V, [S::V; 1]) {
        let (g, v) = self.0.square(s, w, g, v);
        (self.0.go(s, w, self.0.direction(s, g, v)), [v])
    }
}

#[derive(Clone, Copy)]
struct Momentum(Step);

impl Update<2> for Momentum {
    #[inline(always)]
    fn eval<T: Scalar, S: Simd<T>>(self, s: S, w: S::V, g: S::V, [v, u]: [S::V; 2]) -> (S::V, [S::V; 2]) {
        let (g, v) = self.0.square(s, w, g, v);
        let u = self.0.gather(s, self.0.direction(s, g, v), u);
        (self.0.go(s, w, u), [v, u])
    }
}

#[derive(Clone, Copy)]
struct Centered(Step);

impl Update<2> for Centered {
    #[inline(always)]
    fn eval<T: Scalar, S: Simd<T>>(self, s: S, w: S::V, g: S::V, [v, a]: [S::V; 2]) -> (S::V, [S::V; 2]) {
        let (g, v) = self.0.square(s, w, g, v);
        let (a, variance) = self.0.center(s, g, v, a);
        (self.0.go(s, w, self.0.direction(s, g, variance)), [v, a])
    }
}

#[derive(Clone, Copy)]
struct CenteredMomentum(Step);

impl Update<3> for CenteredMomentum {
    #[inline(always)]
    fn eval<T: Scalar, S: Simd<T>>(self, s: S, w: S::V, g: S::V, [v, a, u]: [S::V; 3]) -> (S::V, [S::V; 3]) {
        let (g, v) = self.0.square(s, w, g, v);
        let (a, variance) = self.0.center(s, g, v, a);
        let u = self.0.gather(s, self.0.direction(s, g, variance), u);
        (self.0.go(s, w, u), [v, a, u])
    }
}
