//! The initialisers, given as `init = he_normal`. Written from the compiler's own descriptions by a test of nn-macros, in one file however long.

use super::kinds::*;

/// all 0.
pub const zeros: Initialiser = Initialiser;

/// all 1.
pub const ones: Initialiser = Initialiser;

/// all one number.
pub fn constant(value: Number) {}

/// uniform from `low` to below `high`.
pub fn uniform(low: Number, high: Number) {}

/// Gaussian.
pub fn normal(mean: Number, std: Number) {}

/// Gaussian, redrawn outside two standard deviations.
pub fn truncated_normal(mean: Number, std: Number) {}

/// uniform, up to `sqrt(6 / (fan_in + fan_out))`.
pub const glorot_uniform: Initialiser = Initialiser;

/// Gaussian, `sqrt(2 / (fan_in + fan_out))`.
pub const glorot_normal: Initialiser = Initialiser;

/// uniform, up to `sqrt(6 / fan_in)`.
pub const he_uniform: Initialiser = Initialiser;

/// Gaussian, `sqrt(2 / fan_in)`.
pub const he_normal: Initialiser = Initialiser;

/// uniform, up to `sqrt(3 / fan_in)`.
pub const lecun_uniform: Initialiser = Initialiser;

/// Gaussian, `sqrt(1 / fan_in)`.
pub const lecun_normal: Initialiser = Initialiser;

/// a random orthogonal matrix times `gain`.
pub fn orthogonal(gain: Number) {}
