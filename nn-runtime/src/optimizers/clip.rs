//! Limits to gradients.

use super::span::norm;
use crate::Scalar;

/// What is added to a norm before the division, as PyTorch does.
const MARGIN: f64 = 1e-6;

/// The factor that brings gradients of this norm down to `max_norm`; 1 if they are below it.
pub(super) fn scale_to(max_norm: f64, norm: f64) -> f64 {
    (max_norm / (norm + MARGIN)).min(1.0)
}

/// Clamps every gradient to `[-max, max]`: PyTorch's `clip_grad_value_`. In custom loops; optimizers clip by
/// [`super::Descent::clip_value`] without a pass of its own.
///
/// ```
/// let mut gradients = [0.5f32, -3.0];
/// nn_runtime::optimizers::clip_value(&mut gradients, 1.0);
/// assert_eq!(gradients, [0.5, -1.0]);
/// ```
pub fn clip_value<T: Scalar>(gradients: &mut [T], max: f64) {
    let max = T::from_f64(max);
    for g in gradients {
        if *g > max {
            *g = max;
        } else if *g < -max {
            *g = -max;
        }
    }
}

/// Scales the gradients so that their Euclidean norm is at most `max_norm`, and gives the norm they had: PyTorch's
/// `clip_grad_norm_`. In custom loops; optimizers clip by [`super::Descent::clip_norm`] without writing the gradient.
///
/// Gradients whose norm is not finite stay as they are; the caller sees it in the result.
///
/// ```
/// let mut gradients = [3.0f32, 4.0];
/// let norm = nn_runtime::optimizers::clip_norm(&mut gradients, 1.0);
/// assert_eq!(norm, 5.0);
/// assert!((gradients[0] - 0.6).abs() < 1e-5);
/// ```
///
/// # Source
/// Pascanu, Mikolov and Bengio, "On the difficulty of training recurrent neural networks" (2013), algorithm 1.
pub fn clip_norm<T: Scalar>(gradients: &mut [T], max_norm: f64) -> f64 {
    let norm = norm(gradients, f64::INFINITY);
    let scale = scale_to(max_norm, norm);
    if norm.is_finite() && scale < 1.0 {
        let scale = T::from_f64(scale);
        gradients.iter_mut().for_each(|g| *g *= scale);
    }
    norm
}
