//! What a network says about itself: its layers and its parameter tensors.

use core::ops::Range;

/// One layer, as the summary shows it.
#[derive(Clone, Copy, Debug)]
pub struct LayerInfo {
    /// Unique in the network: `dense_1`.
    pub name: &'static str,
    /// As written: `dense(128)`.
    pub text: &'static str,
    /// Shape of the output without the batch.
    pub output: &'static [usize],
    /// Numbers that training can change.
    pub params: usize,
    /// Multiply-accumulates per sample.
    pub macs: u64,
    /// Bytes that are in use while it predicts one sample: all that it or a later layer still reads, the network's inputs and
    /// outputs included, parameters not. 0 for a layer that became part of the one before.
    pub live_bytes: usize,
    /// Bytes of its parameters, running statistics included.
    pub param_bytes: usize,
}

/// What a parameter tensor is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ParameterKind {
    /// Has a gradient.
    Trainable,
    /// `frozen = true` in the network.
    Frozen,
    /// Running statistics.
    State,
}

/// How a parameter tensor starts; `fan_in` and `fan_out` are beside it in [`ParameterInfo`].
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Init {
    /// 0
    Zeros,
    /// 1
    Ones,
    /// One number everywhere.
    Constant(f64),
    /// Uniform in `[low, high)`.
    Uniform {
        /// Lower end.
        low: f64,
        /// Upper end.
        high: f64,
    },
    /// Gaussian.
    Normal {
        /// Mean.
        mean: f64,
        /// Standard deviation.
        std: f64,
    },
    /// Gaussian, redrawn outside two standard deviations.
    TruncatedNormal {
        /// Mean.
        mean: f64,
        /// Standard deviation before truncation.
        std: f64,
    },
    /// Uniform, `sqrt(6 / (fan_in + fan_out))`.
    GlorotUniform,
    /// Gaussian, `sqrt(2 / (fan_in + fan_out))`.
    GlorotNormal,
    /// Uniform, `sqrt(6 / fan_in)`.
    HeUniform,
    /// Gaussian, `sqrt(2 / fan_in)`.
    HeNormal,
    /// Uniform, `sqrt(3 / fan_in)`.
    LecunUniform,
    /// Gaussian, `sqrt(1 / fan_in)`.
    LecunNormal,
    /// A random (semi-)orthogonal matrix times `gain`.
    Orthogonal {
        /// The factor.
        gain: f64,
    },
}

/// One parameter tensor of a network.
#[derive(Clone, Copy, Debug)]
pub struct ParameterInfo {
    /// Stable name in files: `dense_1.weight`.
    pub name: &'static str,
    /// Its shape in memory (`[in, out]` for a dense weight).
    pub shape: &'static [usize],
    /// File axis `i` is memory axis `file_axes[i]`: files hold PyTorch's layout.
    pub file_axes: &'static [usize],
    /// Place in the flat parameters.
    pub offset: usize,
    /// How it starts.
    pub init: Init,
    /// For the scaled initialisers.
    pub fan_in: usize,
    /// For the scaled initialisers.
    pub fan_out: usize,
    /// Factor of `Σ w²` in the loss.
    pub l2: f64,
    /// What it is for.
    pub kind: ParameterKind,
}

impl ParameterInfo {
    /// Number of elements.
    #[must_use]
    pub const fn len(&self) -> usize {
        let mut n = 1;
        let mut i = 0;
        while i < self.shape.len() {
            n *= self.shape[i];
            i += 1;
        }
        n
    }

    /// Whether it has no elements.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Its place in the flat parameters.
    #[must_use]
    pub const fn range(&self) -> Range<usize> {
        self.offset..self.offset + self.len()
    }
}
