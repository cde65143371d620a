//! What every generated network is: the traits that `fit`, the optimizers and the files work with.

use crate::{Batch, LayerInfo, Origin, ParameterInfo, Result, Rows, Scalar};

/// A shaped view of a parameter or of its gradient.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Tensor<'a, T> {
    /// Sizes, the last one contiguous.
    pub shape: &'static [usize],
    /// The numbers, row by row.
    pub data: &'a [T],
}

/// A network made by `network!`.
pub trait Network: Sized + 'static {
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

    /// One parameter tensor by its name, `dense_1.weight`; `None` where the network has none of that name.
    fn parameter(&self, name: &str) -> Option<Tensor<'_, Self::Scalar>> {
        let info = Self::PARAMETERS.iter().find(|p| p.name == name)?;
        Some(Tensor {
            shape: info.shape,
            data: &self.parameters()[info.range()],
        })
    }

    /// The numbers of one parameter tensor, to change.
    fn parameter_mut(&mut self, name: &str) -> Option<&mut [Self::Scalar]> {
        let info = Self::PARAMETERS.iter().find(|p| p.name == name)?;
        Some(&mut self.parameters_mut()[info.range()])
    }

    /// The gradient of one parameter tensor from the last backward pass; `None` where there was none yet, or the
    /// parameter has no gradient (it is frozen, or a running statistic).
    fn gradient_of(&self, name: &str) -> Option<Tensor<'_, Self::Scalar>> {
        let info = Self::PARAMETERS.iter().find(|p| p.name == name)?;
        let data = self.gradients().get(info.range())?;
        Some(Tensor {
            shape: info.shape,
            data,
        })
    }

    /// Predicts the chosen samples; the result holds output 0 for all of them, then output 1, ….
    ///
    /// # Errors
    /// [`crate::Error::Length`], [`crate::Error::UnequalCount`], [`crate::Error::Row`], [`crate::Error::Empty`].
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
    /// [`crate::Error::Length`], [`crate::Error::UnequalCount`], [`crate::Error::SampleCount`], [`crate::Error::Label`],
    /// [`crate::Error::Row`], [`crate::Error::Empty`].
    fn gradient_rows(
        &mut self,
        inputs: Self::Inputs<'_>,
        targets: Self::Targets<'_>,
        rows: Rows<'_>,
    ) -> Result<f64>;

    /// Runs the last [`Learn::gradient_rows`] again, on the same samples, and looks at the data, at what every layer
    /// hands on and at the gradient it passes back: where the first number that is not finite appeared. `None` where there
    /// is none.
    ///
    /// Slow, and running statistics move once more; a training calls it once, when it has diverged.
    ///
    /// # Errors
    /// As [`Learn::gradient_rows`].
    fn trace_rows(
        &mut self,
        inputs: Self::Inputs<'_>,
        targets: Self::Targets<'_>,
        rows: Rows<'_>,
    ) -> Result<Option<Origin>>;
}
