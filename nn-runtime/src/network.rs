//! What every generated network is: the traits that `fit`, the optimizers and the files work with.

use core::ops::Range;

use crate::{Batch, Result, Rows, Scalar};

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

/// A network made by `network!`.
pub trait Network: Sized {
    /// `f32`, or `f64` under `#[scalar(f64)]`.
    type Scalar: Scalar;
    /// A view of input samples: `Samples<'a, T, W>`, or a tuple of them for several inputs.
    type Inputs<'a>: Batch;

    /// The type's name.
    const NAME: &'static str;
    /// Numbers that training can change, frozen ones included, running statistics not.
    const PARAMS: usize;
    /// Multiply-accumulates per sample.
    const MACS: u64;
    /// Shapes of the inputs, without the batch.
    const INPUTS: &'static [&'static [usize]];
    /// Shapes of the outputs, without the batch.
    const OUTPUTS: &'static [&'static [usize]];
    /// Every layer, in order.
    const LAYERS: &'static [LayerInfo];
    /// Every parameter tensor, in the order in which they lie in the flat parameters.
    const PARAMETERS: &'static [ParameterInfo];

    /// All parameters and running statistics, flat, in the order of [`Self::PARAMETERS`].
    fn parameters(&self) -> &[Self::Scalar];
    /// The same, to change.
    fn parameters_mut(&mut self) -> &mut [Self::Scalar];
    /// Gradients in the layout of [`Self::parameters`], from the last backward pass (empty before the first).
    fn gradients(&self) -> &[Self::Scalar];
    /// Parameters to change and gradients to read, at once: what an optimizer takes.
    fn update_parts(&mut self) -> (&mut [Self::Scalar], &mut [Self::Scalar]);

    /// Predicts the chosen samples; the result holds output 0 for all of them, then output 1, ….
    ///
    /// # Errors
    /// [`crate::Error::Length`], [`crate::Error::Row`], [`crate::Error::Empty`].
    fn predict_rows(&mut self, inputs: Self::Inputs<'_>, rows: Rows<'_>) -> Result<&[Self::Scalar]>;

    /// Saves all parameters as safetensors, which PyTorch loads; see [`crate::files::save`] for texts beside them.
    ///
    /// # Errors
    /// [`crate::Error::Io`].
    #[cfg(feature = "safetensors")]
    fn save(&self, path: impl AsRef<std::path::Path>) -> Result<()> {
        crate::files::save(self, path, &[])
    }

    /// Loads what [`Network::save`] or PyTorch saved, and gives the notes beside it; see [`crate::files::load`].
    ///
    /// # Errors
    /// [`crate::Error::Io`]; [`crate::Error::Weights`], and the network keeps its old weights.
    #[cfg(feature = "safetensors")]
    fn load(&mut self, path: impl AsRef<std::path::Path>) -> Result<crate::files::Notes> {
        crate::files::load(self, path)
    }
}

/// A network with a `#[loss(…)]`: it can be trained.
pub trait Learn: Network {
    /// A view of targets: `Classes<'a, PER, CLASSES>` or `Samples<'a, T, W>`, typed by the loss; a tuple for several.
    type Targets<'a>: Batch;

    /// Loss of the chosen samples in inference mode (no dropout), without a gradient.
    ///
    /// # Errors
    /// As [`Learn::gradient_rows`].
    fn loss_rows(
        &mut self,
        inputs: Self::Inputs<'_>,
        targets: Self::Targets<'_>,
        rows: Rows<'_>,
    ) -> Result<f64>;

    /// Loss of the chosen samples in training mode; leaves the gradients of all parameters in
    /// [`Network::gradients`].
    ///
    /// # Errors
    /// [`crate::Error::Length`], [`crate::Error::SampleCount`], [`crate::Error::Label`], [`crate::Error::Row`],
    /// [`crate::Error::Empty`].
    fn gradient_rows(
        &mut self,
        inputs: Self::Inputs<'_>,
        targets: Self::Targets<'_>,
        rows: Rows<'_>,
    ) -> Result<f64>;
}
