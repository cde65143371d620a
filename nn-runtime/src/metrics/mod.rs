//! How good predictions are, in numbers that people read: accuracy, F1, mean absolute error, R².
//!
//! On slices:
//!
//! ```
//! use nn_runtime::metrics;
//!
//! let scores = [0.1f32, 2.0, -1.0, 0.3, 0.2, 0.9]; // [2 samples, 3 classes]
//! assert_eq!(metrics::accuracy(&scores, &[1, 0])?, 0.5);
//! assert_eq!(metrics::top_k(&scores, &[1, 0], 2)?, 1.0);
//! # Ok::<(), nn_runtime::Error>(())
//! ```
//!
//! While training, a [`Metric`] is chosen by [`crate::training::Trainer::metric`].

mod classification;
mod confusion;
mod regression;
mod score;

pub use classification::{accuracy, argmax, binary_accuracy, top_k};
pub use confusion::{Average, Confusion};
pub use regression::{mean_absolute_error, mean_squared_error, r2};
pub use score::{Score, Tally};

use std::fmt;

/// A number that says how good a network's predictions are.
///
/// Which ones suit depends on the targets; another is refused before training starts.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Metric {
    /// Share of samples whose highest output is the right class. Where the target is one number, it and the output (a
    /// logit) are only looked at for being above 0.5 and above 0.
    Accuracy,
    /// Share of samples whose right class is among the `k` highest outputs. Class indices only.
    TopK(usize),
    /// Of what was predicted to be a class, the share that is.
    Precision(Average),
    /// Of what is of a class, the share that was predicted to be.
    Recall(Average),
    /// Harmonic mean of precision and recall.
    F1(Average),
    /// Share of outputs (logits) that are above the threshold exactly where the target is above 0.5; 0 is a
    /// probability of one half. For one or more independent yes-or-no answers.
    BinaryAccuracy {
        /// Of the logit.
        threshold: f64,
    },
    /// `mean |t - y|`
    MeanAbsoluteError,
    /// `mean (t - y)²`
    MeanSquaredError,
    /// `1 - Σ (t - y)² / Σ (t - mean t)²`, averaged over the outputs: 1 is perfect, 0 as good as the mean.
    R2,
}

/// As in the heading of a column: `accuracy`, `top-5`, `macro f1`.
impl fmt::Display for Metric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Accuracy => f.write_str("accuracy"),
            Self::TopK(k) => write!(f, "top-{k}"),
            Self::Precision(average) => write!(f, "{average} precision"),
            Self::Recall(average) => write!(f, "{average} recall"),
            Self::F1(average) => write!(f, "{average} f1"),
            Self::BinaryAccuracy { .. } => f.write_str("binary accuracy"),
            Self::MeanAbsoluteError => f.write_str("mae"),
            Self::MeanSquaredError => f.write_str("mse"),
            Self::R2 => f.write_str("r2"),
        }
    }
}

#[cfg(test)]
mod tests;
