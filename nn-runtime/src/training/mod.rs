//! Training: epochs of shuffled batches, validation, early stopping, progress and a history.
//!
//! ```
//! use nn_runtime::prelude::*;
//!
//! network! {
//!     #[loss(binary_cross_entropy)]
//!     pub Xor(x: Tensor<2>) -> Tensor<1> {
//!         x.dense(8).tanh().dense(1)
//!     }
//! }
//!
//! let x = [[0.0f32, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]];
//! let t = [[0.0f32], [1.0], [1.0], [0.0]];
//! let mut net = Xor::new(1);
//! let history = Trainer::new()
//!     .epochs(200)
//!     .batch(4)
//!     .optimizer(Adam::new(0.1))
//!     .metric(Metric::Accuracy)
//!     .progress(Progress::Silent)
//!     .fit(&mut net, &x, &t)?;
//! assert_eq!(history.last().metric, Some(1.0));
//! # Ok::<(), nn_runtime::Error>(())
//! ```
//!
//! Whoever wants another loop writes it: `gradient_rows` and [`Optimizer::step`] are all that one needs.

mod evaluate;
mod fit;
mod history;
mod origin;
mod progress;
mod source;

pub use evaluate::{Evaluation, evaluate};
pub use history::{End, Epoch, History};
pub use progress::Progress;
pub use source::{BatchSource, Step};

use crate::metrics::Metric;
use crate::optimizers::{Adam, Optimizer, expect, finite_from};
use crate::{IntoBatch, Learn, Network, Result};

/// Whether training goes on after an epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Control {
    /// With the next epoch.
    Continue,
    /// Not: this was the last.
    Stop,
}

/// Samples that are not trained on.
enum Validation<'v, N: Learn> {
    None,
    /// A share of the data.
    Split(f64),
    /// Rows of the data.
    Rows(&'v [u32]),
    /// Other data.
    Data(N::Inputs<'v>, N::Targets<'v>),
}

#[derive(Clone, Copy)]
struct EarlyStopping {
    patience: usize,
    min_delta: f64,
}

type OnEpoch<'v, N> = Box<dyn FnMut(&Epoch, &mut N) -> Control + 'v>;

/// How a network is trained; [`Trainer::fit`] does it.
///
/// Everything random follows from [`Trainer::seed`] and the seed that the network was made with; the result is bitwise
/// the same on every run, whatever the number of threads.
pub struct Trainer<'v, N: Learn> {
    epochs: usize,
    batch: usize,
    shuffle: bool,
    seed: u64,
    rows: Option<&'v [u32]>,
    validation: Validation<'v, N>,
    early_stopping: Option<EarlyStopping>,
    metric: Option<Metric>,
    metric_on_training: bool,
    progress: Progress,
    optimizer: Box<dyn Optimizer<<N as Network>::Scalar> + 'v>,
    on_epoch: Option<OnEpoch<'v, N>>,
}

impl<N: Learn> Default for Trainer<'_, N> {
    fn default() -> Self {
        Self::new()
    }
}

impl<'v, N: Learn> Trainer<'v, N> {
    /// 10 epochs of shuffled batches of 32, by [`Adam`] with a rate of 0.001.
    #[must_use]
    pub fn new() -> Self {
        Self {
            epochs: 10,
            batch: 32,
            shuffle: true,
            seed: 0,
            rows: None,
            validation: Validation::None,
            early_stopping: None,
            metric: None,
            metric_on_training: false,
            progress: Progress::Auto,
            optimizer: Box::new(Adam::new(1e-3)),
            on_epoch: None,
        }
    }

    /// Passes over the data, at least 1.
    #[must_use]
    pub fn epochs(mut self, epochs: usize) -> Self {
        self.epochs = epochs;
        self
    }

    /// Samples per step, at least 1. The last batch of an epoch holds what is left.
    #[must_use]
    pub fn batch(mut self, batch: usize) -> Self {
        self.batch = batch;
        self
    }

    /// Whether each epoch has an order of its own (true).
    #[must_use]
    pub fn shuffle(mut self, shuffle: bool) -> Self {
        self.shuffle = shuffle;
        self
    }

    /// Decides the validation split and the orders of the epochs (0).
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Trains on these samples of the data alone, as a [`crate::data::Split`] names them.
    #[must_use]
    pub fn rows(mut self, rows: &'v [u32]) -> Self {
        self.rows = Some(rows);
        self
    }

    /// Keeps a random share of the samples for validation.
    #[must_use]
    pub fn validation_split(mut self, share: f64) -> Self {
        self.validation = Validation::Split(share);
        self
    }

    /// Validates on these samples of the data.
    #[must_use]
    pub fn validation_rows(mut self, rows: &'v [u32]) -> Self {
        self.validation = Validation::Rows(rows);
        self
    }

    /// Validates on other data.
    #[must_use]
    pub fn validation(
        mut self,
        inputs: impl IntoBatch<N::Inputs<'v>>,
        targets: impl IntoBatch<N::Targets<'v>>,
    ) -> Self {
        self.validation = Validation::Data(inputs.into_batch(), targets.into_batch());
        self
    }

    /// Stops after `patience` epochs in a row in which the loss (of validation, where there is one) did not fall
    /// below the best so far by more than `min_delta`. At the end, however it came, the weights of the best epoch are
    /// restored.
    #[must_use]
    pub fn early_stopping(mut self, patience: usize, min_delta: f64) -> Self {
        self.early_stopping = Some(EarlyStopping { patience, min_delta });
        self
    }

    /// A metric after each epoch: of the validation, or of the training samples where there is none.
    #[must_use]
    pub fn metric(mut self, metric: Metric) -> Self {
        self.metric = Some(metric);
        self
    }

    /// Whether the metric of the training samples is taken beside that of the validation (false): it costs a forward
    /// pass over them per epoch.
    #[must_use]
    pub fn metric_on_training(mut self, wanted: bool) -> Self {
        self.metric_on_training = wanted;
        self
    }

    /// What is printed, to the standard error stream ([`Progress::Auto`]).
    #[must_use]
    pub fn progress(mut self, progress: Progress) -> Self {
        self.progress = progress;
        self
    }

    /// What makes steps of gradients: an optimizer, or `&mut` to one that is needed afterwards.
    #[must_use]
    pub fn optimizer(mut self, optimizer: impl Optimizer<<N as Network>::Scalar> + 'v) -> Self {
        self.optimizer = Box::new(optimizer);
        self
    }

    /// Called after each epoch with its results and the network: for a checkpoint, a metric of one's own, an end.
    #[must_use]
    pub fn on_epoch(mut self, f: impl FnMut(&Epoch, &mut N) -> Control + 'v) -> Self {
        self.on_epoch = Some(Box::new(f));
        self
    }

    fn check(&self) -> Result<()> {
        expect("epochs", self.epochs > 0, "at least 1", self.epochs)?;
        expect("batch", self.batch > 0, "at least 1 sample", self.batch)?;
        if let Validation::Split(share) = self.validation {
            expect(
                "validation_split",
                share > 0.0 && share < 1.0,
                "a share between 0 and 1",
                share,
            )?;
        }
        if let Some(early) = self.early_stopping {
            expect("patience", early.patience > 0, "at least 1 epoch", early.patience)?;
            finite_from("min_delta", 0.0, early.min_delta)?;
        }
        self.optimizer.check()
    }
}

impl<N: Learn> std::fmt::Debug for Trainer<'_, N> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Trainer")
            .field("network", &N::NAME)
            .field("epochs", &self.epochs)
            .field("batch", &self.batch)
            .field("shuffle", &self.shuffle)
            .field("seed", &self.seed)
            .field("metric", &self.metric)
            .field("progress", &self.progress)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
