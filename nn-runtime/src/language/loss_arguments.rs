//! The arguments of the losses, a module each. Written from the compiler's own descriptions by a test of nn-macros, in one file however long.

/// Of `binary_cross_entropy`.
pub mod binary_cross_entropy {}

/// Of `cosine`.
pub mod cosine {}

/// Of `hinge`.
pub mod hinge {}

/// Of `huber`.
pub mod huber {
    use super::super::kinds::*;

    /// where the parabola ends and the straight lines begin; `1.0` if left out.
    pub const delta: Number = Number;
}

/// Of `kl_divergence`.
pub mod kl_divergence {
    use super::super::kinds::*;

    /// the output is scores, not logarithms of probabilities; `false` if left out.
    pub const logits: Flag = Flag;
}

/// Of `mean_absolute_error`.
pub mod mean_absolute_error {}

/// Of `mean_squared_error`.
pub mod mean_squared_error {
    use super::super::kinds::*;

    /// half of it, so that the gradient is the error itself; `false` if left out.
    pub const half: Flag = Flag;
}

/// Of `softmax_cross_entropy`.
pub mod softmax_cross_entropy {
    use super::super::kinds::*;

    /// what a target is: a class index, or a probability for each class; `class` if left out.
    pub const target: Word = Word;

    /// the part of the target that is spread over all classes; `0.0` if left out.
    pub const label_smoothing: Number = Number;

    /// how much each class counts; all the same where left out.
    pub const class_weights: Numbers = Numbers;
}
