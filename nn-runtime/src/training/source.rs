//! Where a training's batches come from: data in memory, or whatever makes them.

use crate::{Learn, Network, Result, Rng, Rows};

/// A training step on the chosen samples of some inputs and targets.
pub type Step<'s, N> =
    dyn FnMut(<N as Network>::Inputs<'_>, <N as Learn>::Targets<'_>, Rows<'_>) -> Result<()> + 's;

/// Batches that are made, read or varied anew in every epoch; [`super::Trainer::fit_source`] trains on them.
///
/// ```
/// use nn_runtime::prelude::*;
/// use nn_runtime::training::{BatchSource, Step};
///
/// network! {
///     #[loss(mean_squared_error)]
///     pub Line(x: Tensor<1>) -> Tensor<1> { x.dense(1) }
/// }
///
/// /// 64 fresh points of `y = 2 x + 1` in every epoch.
/// struct Points(Rng);
///
/// impl BatchSource<Line> for Points {
///     fn samples(&self) -> usize {
///         64
///     }
///
///     fn each_batch(&mut self, epoch: usize, batch: usize, step: &mut Step<'_, Line>) -> Result<()> {
///         let mut rng = self.0.split(epoch as u64);
///         for start in (0..64).step_by(batch) {
///             let x: Vec<f32> = (start..64.min(start + batch)).map(|_| rng.uniform() as f32).collect();
///             let y: Vec<f32> = x.iter().map(|x| 2.0 * x + 1.0).collect();
///             step((&x).into(), (&y).into(), Rows::All)?;
///         }
///         Ok(())
///     }
/// }
///
/// let mut net = Line::new(1);
/// Trainer::new()
///     .epochs(60)
///     .optimizer(Adam::new(0.05))
///     .progress(Progress::Silent)
///     .fit_source(&mut net, &mut Points(Rng::new(7)))?;
/// assert!((net.predict(&[0.5])[0] - 2.0).abs() < 0.05);
/// # Ok::<(), nn_runtime::Error>(())
/// ```
pub trait BatchSource<N: Learn> {
    /// Samples per epoch, for the progress that is shown.
    fn samples(&self) -> usize;

    /// Calls `step` on every batch of an epoch (counted from 0), each of at most `batch` samples, and stops at its
    /// first error, which it gives back.
    ///
    /// What comes must follow from the epoch and the source's own seed, never from timing, for the training to be
    /// repeatable.
    ///
    /// # Errors
    /// What `step` said, or why a batch could not be made.
    fn each_batch(&mut self, epoch: usize, batch: usize, step: &mut Step<'_, N>) -> Result<()>;
}

/// What a training goes through in each epoch.
pub(super) enum Data<'a, 'd, N: Learn> {
    Memory(Memory<'a, N>),
    Source(&'d mut dyn BatchSource<N>),
}

/// Samples in memory, and which of them train and validate.
pub(super) struct Memory<'a, N: Learn> {
    pub(super) inputs: N::Inputs<'a>,
    pub(super) targets: N::Targets<'a>,
    /// All of the data.
    pub(super) samples: usize,
    /// Rows to train on, in the order of the epoch.
    pub(super) order: Vec<u32>,
    /// Whether `order` counts up from 0, so that batches need no index.
    pub(super) in_order: bool,
    /// Gives every epoch another order; `None`: they keep this one.
    pub(super) shuffle: Option<Rng>,
    /// Rows to validate on.
    pub(super) held_out: Vec<u32>,
}

impl<N: Learn> Data<'_, '_, N> {
    /// Samples per epoch.
    pub(super) fn samples(&self) -> usize {
        match self {
            Self::Memory(memory) => memory.order.len(),
            Self::Source(source) => source.samples(),
        }
    }

    /// As [`BatchSource::each_batch`].
    pub(super) fn each_batch(&mut self, epoch: usize, batch: usize, step: &mut Step<'_, N>) -> Result<()> {
        match self {
            Self::Memory(memory) => memory.each_batch(batch, step),
            Self::Source(source) => source.each_batch(epoch, batch, step),
        }
    }
}

impl<N: Learn> Memory<'_, N> {
    fn each_batch(&mut self, batch: usize, step: &mut Step<'_, N>) -> Result<()> {
        if let Some(rng) = &mut self.shuffle {
            rng.shuffle(&mut self.order);
        }
        let mut done = 0;
        for rows in self.order.chunks(batch) {
            let next = done + rows.len();
            let rows = if self.in_order {
                Rows::Range(done..next)
            } else {
                Rows::Index(rows)
            };
            step(self.inputs, self.targets, rows)?;
            done = next;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{DATA, Scripted, falling, trainer};
    use super::*;
    use crate::Error;
    use crate::metrics::Metric;

    /// Five samples an epoch: its number and some more.
    #[derive(Default)]
    struct Counting {
        fails_in: Option<usize>,
        empty: bool,
    }

    impl BatchSource<Scripted> for Counting {
        fn samples(&self) -> usize {
            5
        }

        fn each_batch(&mut self, epoch: usize, batch: usize, step: &mut Step<'_, Scripted>) -> Result<()> {
            if self.empty {
                return Ok(());
            }
            let numbers = [0.0, 0.1, 0.2, 0.3, 0.4].map(|x| epoch as f64 + x);
            for (i, part) in numbers.chunks(batch).enumerate() {
                if self.fails_in == Some(epoch) && i == 1 {
                    return Err(Error::NoForward);
                }
                step(part.into(), part.into(), Rows::All)?;
            }
            Ok(())
        }
    }

    #[test]
    fn every_batch_is_trained_on_as_it_comes() {
        let mut net = Scripted::new(falling);
        let history = trainer()
            .epochs(2)
            .batch(3)
            .fit_source(&mut net, &mut Counting::default())
            .unwrap();
        let expected = [
            vec![0.0, 0.1, 0.2],
            vec![0.3, 0.4],
            vec![1.0, 1.1, 1.2],
            vec![1.3, 1.4],
        ];
        assert_eq!(net.trained, expected);
        // Three samples at 98, two at 97; the weights count the steps.
        assert_eq!(history.epochs.len(), 2);
        assert!((history.last().loss - (3.0 * 98.0 + 2.0 * 97.0) / 5.0).abs() < 1e-12);
        assert_eq!((history.last().metric, history.last().val_loss), (None, None));
    }

    #[test]
    fn validation_has_data_of_its_own() {
        let mut net = Scripted::new(|w| (w - 5.0).abs());
        let history = trainer()
            .epochs(20)
            .batch(2)
            .validation(&DATA, &DATA)
            .metric(Metric::MeanAbsoluteError)
            .early_stopping(2, 0.0)
            .fit_source(&mut net, &mut Counting::default())
            .unwrap();
        // Three steps an epoch: 3, 6, 9, 12; the second is the best.
        assert_eq!((history.epochs.len(), history.best, net.parameter), (4, 1, [6.0]));
        assert_eq!(
            (history.last().val_metric, history.last().metric),
            (Some(0.0), None)
        );
        assert_eq!(net.validated, DATA.repeat(4));
    }

    #[test]
    fn a_source_that_fails_leaves_the_last_good_weights() {
        let mut net = Scripted::new(falling);
        let mut source = Counting {
            fails_in: Some(2),
            empty: false,
        };
        let error = trainer()
            .epochs(9)
            .batch(2)
            .fit_source(&mut net, &mut source)
            .unwrap_err();
        assert!(matches!(error, Error::NoForward));
        assert_eq!((net.trained.len(), net.parameter), (7, [6.0]));
        let mut source = Counting {
            fails_in: None,
            empty: true,
        };
        let error = trainer().fit_source(&mut net, &mut source).unwrap_err();
        assert!(matches!(error, Error::Empty));
    }

    #[test]
    fn divergence_is_noticed_in_a_source_too() {
        let mut net = Scripted::new(|w| if w < 4.0 { 1.0 } else { f64::NAN });
        let error = trainer()
            .epochs(9)
            .batch(2)
            .fit_source(&mut net, &mut Counting::default())
            .unwrap_err();
        assert!(
            matches!(
                error,
                Error::Diverged {
                    epoch: 2,
                    batch: 2,
                    ..
                }
            ),
            "{error}"
        );
        assert_eq!(net.parameter, [3.0]);
    }

    #[test]
    fn what_needs_the_data_twice_is_refused() {
        let rows = [0, 1];
        for (trainer, name) in [
            (trainer().rows(&rows), "rows"),
            (trainer().validation_rows(&rows), "validation"),
            (trainer().validation_split(0.5), "validation"),
            (trainer().metric(Metric::R2), "metric"),
            (
                trainer().validation(&DATA, &DATA).metric_on_training(true),
                "metric",
            ),
            (trainer().batch(0), "batch"),
        ] {
            let mut net = Scripted::new(falling);
            let mut trainer = trainer;
            let error = trainer
                .fit_source(&mut net, &mut Counting::default())
                .unwrap_err();
            assert!(
                matches!(error, Error::Setting { name: found, .. } if found == name),
                "{error}"
            );
            assert!(net.trained.is_empty());
        }
    }
}
