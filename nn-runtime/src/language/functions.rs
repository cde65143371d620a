//! The functions of formulas. Written from the compiler's own descriptions by a test of nn-macros, in one file however long.

use super::kinds::*;

/// `|x|`; its derivative is 0 at 0.
pub fn abs(x: Number) {}

/// the square root.
pub fn sqrt(x: Number) {}

/// `e^x`.
pub fn exp(x: Number) {}

/// `e^x - 1`, exact near 0.
pub fn exp_m1(x: Number) {}

/// the natural logarithm.
pub fn ln(x: Number) {}

/// `ln(1 + x)`, exact near 0.
pub fn ln_1p(x: Number) {}

/// the hyperbolic tangent.
pub fn tanh(x: Number) {}

/// `1 / (1 + e^-x)`.
pub fn sigmoid(x: Number) {}

/// the error function.
pub fn erf(x: Number) {}

/// the sine of an angle in radians.
pub fn sin(x: Number) {}

/// the cosine of an angle in radians.
pub fn cos(x: Number) {}

/// `max(0, x)`; its derivative is 0 at 0.
pub fn relu(x: Number) {}

/// `ln(1 + e^x)`, without overflow.
pub fn softplus(x: Number) {}

/// `x · x`.
pub fn square(x: Number) {}

/// the smaller of two.
pub fn min(a: Number, b: Number) {}

/// the larger of two.
pub fn max(a: Number, b: Number) {}

/// `x` to a whole constant power.
pub fn pow(x: Number, n: Size) {}
