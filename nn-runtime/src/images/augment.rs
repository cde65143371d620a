//! An epoch's images, varied at random, in batches made while the network trains.

use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use super::prefetch::Prefetch;
use super::set::{check_rows, put};
use super::{ImageSource, Pipeline};
use crate::training::{BatchSource, Step};
use crate::{Error, Learn, Result, Rng, Rows};

/// The random stream of one sample in one epoch: it depends on these three numbers alone.
#[must_use]
pub fn sample_rng(seed: u64, epoch: usize, index: usize) -> Rng {
    Rng::new(seed).split(epoch as u64).split(index as u64)
}

/// Images in random order, each one varied anew in every epoch, made in the background: what
/// [`crate::training::Trainer::fit_source`] trains on, or a loop of one's own.
///
/// ```
/// use std::sync::Arc;
/// use nn_runtime::images::{Augmented, ImageSet, Pipeline};
///
/// let set = Arc::new(ImageSet::from_flat(&[0.5; 5 * 4 * 4], [4, 4, 1], &[0, 1, 0, 1, 0])?);
/// let pipeline = Pipeline::new().random_crop(3, 3, 0).random_brightness(0.2);
/// let training = Augmented::new(set, vec![0, 1, 2, 4], pipeline, [3, 3, 1], 42)?;
/// // Three samples, then one, in each of two epochs.
/// let mut batches = training.batches(0..2, 3)?;
/// let mut sizes = vec![];
/// while let Some(batch) = batches.next_batch()? {
///     assert_eq!(batch.images.len(), batch.labels.len() * 9);
///     sizes.push((batch.epoch, batch.labels.len()));
/// }
/// assert_eq!(sizes, [(0, 3), (0, 1), (1, 3), (1, 1)]);
/// # Ok::<(), nn_runtime::Error>(())
/// ```
pub struct Augmented {
    recipe: Arc<Recipe>,
    threads: usize,
    /// What a training is in the middle of.
    running: Option<Running>,
}

/// How a batch is made; shared with the threads that make them.
struct Recipe {
    source: Arc<dyn ImageSource>,
    rows: Vec<u32>,
    pipeline: Pipeline,
    shape: [usize; 3],
    seed: u64,
    /// An epoch and its order: most batches are of the same epoch as the one before.
    last_order: Mutex<Option<(usize, Arc<[u32]>)>>,
}

struct Running {
    batch: usize,
    next_epoch: usize,
    batches: Batches,
}

impl Augmented {
    /// The chosen images of a source, which go through `pipeline` and have the shape `[height, width, channels]` then.
    ///
    /// # Errors
    /// [`Error::Empty`] without a row; [`Error::Row`]; [`Error::Setting`] for a step that makes no sense.
    pub fn new(
        source: Arc<dyn ImageSource>,
        rows: Vec<u32>,
        pipeline: Pipeline,
        shape: [usize; 3],
        seed: u64,
    ) -> Result<Self> {
        pipeline.check()?;
        check_rows(&*source, &rows)?;
        super::image::elems(shape[0], shape[1], shape[2])?;
        if rows.is_empty() {
            return Err(Error::Empty);
        }
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Ok(Self {
            recipe: Arc::new(Recipe {
                source,
                rows,
                pipeline,
                shape,
                seed,
                last_order: Mutex::new(None),
            }),
            threads: (cores / 2).clamp(1, 8),
            running: None,
        })
    }

    /// How many threads make batches (half of the cores, if not set); 0: the one that asks for them. No result depends
    /// on it.
    #[must_use]
    pub fn threads(mut self, threads: usize) -> Self {
        self.threads = threads;
        self
    }

    /// The order of an epoch's samples, as indices into the source.
    #[must_use]
    pub fn order(&self, epoch: usize) -> Arc<[u32]> {
        self.recipe.order(epoch)
    }

    /// The batches of some epochs, one after the other, made in the background; the last one of an epoch may be
    /// smaller.
    ///
    /// # Errors
    /// [`Error::Setting`] for a batch of 0.
    pub fn batches(&self, epochs: Range<usize>, batch: usize) -> Result<Batches> {
        if batch == 0 {
            return Err(Error::Setting {
                name: "batch",
                message: "expected at least 1, found 0".into(),
            });
        }
        let per_epoch = self.recipe.rows.len().div_ceil(batch) as u64;
        let recipe = Arc::clone(&self.recipe);
        let make = move |job: u64, spare: Option<Made>| {
            let (epoch, part) = (
                epochs.start + (job / per_epoch) as usize,
                (job % per_epoch) as usize,
            );
            let mut made = spare.and_then(Result::ok).unwrap_or_default();
            let order = recipe.order(epoch);
            let samples = &order[part * batch..order.len().min((part + 1).saturating_mul(batch))];
            recipe.fill(epoch, samples, &mut made)?;
            Ok(made)
        };
        let jobs = per_epoch.saturating_mul(epochs.len() as u64);
        Ok(Batches {
            prefetch: Prefetch::start(jobs, self.threads, 2 * self.threads.max(1), make),
            current: None,
        })
    }
}

impl<N> BatchSource<N> for Augmented
where
    N: Learn,
    for<'a> N::Inputs<'a>: From<&'a [f32]>,
    for<'a> N::Targets<'a>: From<&'a [u32]>,
{
    fn samples(&self) -> usize {
        self.recipe.rows.len()
    }

    fn each_batch(&mut self, epoch: usize, batch: usize, step: &mut Step<'_, N>) -> Result<()> {
        // The threads have begun with this epoch while the last one was trained on, if it is the one after it.
        let running = self
            .running
            .take()
            .filter(|r| (r.batch, r.next_epoch) == (batch, epoch));
        let mut running = match running {
            Some(running) => running,
            None => Running {
                batch,
                next_epoch: epoch,
                batches: self.batches(epoch..usize::MAX, batch)?,
            },
        };
        let mut left = self.recipe.rows.len();
        while left > 0
            && let Some(made) = running.batches.next_batch()?
        {
            step(made.images[..].into(), made.labels[..].into(), Rows::All)?;
            left -= made.labels.len();
        }
        running.next_epoch += 1;
        self.running = Some(running);
        Ok(())
    }
}

impl Recipe {
    fn order(&self, epoch: usize) -> Arc<[u32]> {
        let mut last = self.last_order.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((found, order)) = &*last
            && *found == epoch
        {
            return Arc::clone(order);
        }
        let mut order: Arc<[u32]> = self.rows.as_slice().into();
        let rng = Rng::new(self.seed).split_named("order");
        rng.split(epoch as u64).shuffle(Arc::make_mut(&mut order));
        *last = Some((epoch, Arc::clone(&order)));
        order
    }

    /// Makes one batch of the given samples.
    fn fill(&self, epoch: usize, samples: &[u32], batch: &mut ImageBatch) -> Result<()> {
        let elems: usize = self.shape.iter().product();
        batch.epoch = epoch;
        batch.samples.clear();
        batch.samples.extend_from_slice(samples);
        batch.labels.clear();
        batch
            .labels
            .extend(samples.iter().map(|&i| self.source.label(i as usize)));
        batch.images.resize(samples.len() * elems, 0.0);
        for (x, &index) in batch.images.chunks_exact_mut(elems).zip(samples) {
            let index = index as usize;
            let image = self.source.image(index)?.into_owned();
            let image = self
                .pipeline
                .apply(image, &mut sample_rng(self.seed, epoch, index))?;
            put(&image, index, self.shape, x)?;
        }
        Ok(())
    }
}

/// Some samples of an epoch, as a network takes them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ImageBatch {
    /// Counted from 0.
    pub epoch: usize,
    /// `[samples, height, width, channels]`
    pub images: Vec<f32>,
    /// The class of each sample.
    pub labels: Vec<u32>,
    /// Each sample's index in the source.
    pub samples: Vec<u32>,
}

type Made = Result<ImageBatch>;

/// Batches in their order, while others are made in the background.
pub struct Batches {
    prefetch: Prefetch<Made>,
    current: Option<ImageBatch>,
}

impl Batches {
    /// The next batch, which is valid until the one after it is asked for; `None` after the last one.
    ///
    /// # Errors
    /// What the source or a step of the pipeline said, at the batch that it happened in.
    ///
    /// # Panics
    /// Where the thread that made the batch did.
    pub fn next_batch(&mut self) -> Result<Option<&ImageBatch>> {
        if let Some(old) = self.current.take() {
            self.prefetch.give_back(Ok(old));
        }
        self.current = self.prefetch.next().transpose()?;
        Ok(self.current.as_ref())
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use super::super::testing::ramp;
    use super::super::{Image, ImageSet};
    use super::*;

    fn set(n: usize) -> Arc<ImageSet> {
        // Of different sizes.
        let images = (0..n).map(|i| ramp(6 + i % 3, 6 + i % 2, 3)).collect();
        let labels = (0..n as u32).map(|i| i % 5).collect();
        Arc::new(ImageSet {
            images,
            labels,
            ..ImageSet::default()
        })
    }

    fn training(source: Arc<dyn ImageSource>, rows: Vec<u32>, seed: u64) -> Augmented {
        let pipeline = Pipeline::new()
            .random_rotation(20.0)
            .random_crop(5, 5, 1)
            .random_flip(0.5)
            .random_contrast(0.3);
        Augmented::new(source, rows, pipeline, [5, 5, 3], seed).unwrap()
    }

    fn all(augmented: &Augmented, batch: usize, epochs: usize) -> Vec<ImageBatch> {
        let mut batches = augmented.batches(0..epochs, batch).unwrap();
        let mut all = vec![];
        while let Some(batch) = batches.next_batch().unwrap() {
            all.push(batch.clone());
        }
        all
    }

    #[test]
    fn the_number_of_threads_changes_nothing() {
        let all = |seed, threads| all(&training(set(23), (0..23).collect(), seed).threads(threads), 4, 3);
        let expected = all(7, 0);
        assert_eq!(expected.len(), 18);
        for threads in [1, 2, 8] {
            assert!(all(7, threads) == expected, "{threads} threads");
        }
        assert!(all(8, 1) != expected);
    }

    #[test]
    fn every_epoch_has_every_sample_once_and_anew() {
        let rows: Vec<u32> = (0..20).filter(|i| i % 3 != 0).collect();
        let training = training(set(20), rows.clone(), 1);
        let batches = all(&training, 5, 2);
        let epoch = |e: usize| batches.iter().filter(move |b| b.epoch == e);
        for e in 0..2 {
            let mut samples: Vec<u32> = epoch(e).flat_map(|b| b.samples.clone()).collect();
            assert_eq!(samples, *training.order(e));
            samples.sort_unstable();
            assert_eq!(samples, rows);
            assert!(epoch(e).all(|b| b.labels.iter().zip(&b.samples).all(|(l, s)| *l == s % 5)));
        }
        assert_ne!(training.order(0), training.order(1));
        // The same sample in both epochs, in two forms.
        let form = |e: usize| {
            epoch(e).find_map(|b| {
                let at = b.samples.iter().position(|&s| s == 4)?;
                Some(b.images[at * 75..(at + 1) * 75].to_vec())
            })
        };
        assert!(form(0).is_some() && form(0) != form(1));
    }

    #[test]
    fn a_sample_s_form_does_not_depend_on_the_batch() {
        let training = training(set(9), (0..9).collect(), 5);
        let together: Vec<f32> = all(&training, 9, 1).into_iter().flat_map(|b| b.images).collect();
        let apart: Vec<f32> = all(&training, 2, 1).into_iter().flat_map(|b| b.images).collect();
        assert_eq!(together, apart);
    }

    /// Fails at one image, in one of two ways.
    struct Broken {
        at: usize,
        panics: bool,
    }

    impl ImageSource for Broken {
        fn len(&self) -> usize {
            10
        }

        fn label(&self, _: usize) -> u32 {
            0
        }

        fn image(&self, index: usize) -> Result<Cow<'_, Image>> {
            if index == self.at {
                assert!(!self.panics, "image {index} is broken");
                return Err(Error::Empty);
            }
            Ok(Cow::Owned(ramp(6, 6, 3)))
        }
    }

    #[test]
    fn errors_and_panics_arrive_at_their_batch() {
        for (panics, threads) in [(false, 0), (false, 2), (true, 0), (true, 2)] {
            let training =
                training(Arc::new(Broken { at: 3, panics }), (0..10).collect(), 2).threads(threads);
            let place = training.order(0).iter().position(|&i| i == 3).unwrap() / 2;
            let mut batches = training.batches(0..1, 2).unwrap();
            for _ in 0..place {
                assert!(batches.next_batch().unwrap().is_some());
            }
            let outcome = catch_unwind(AssertUnwindSafe(|| batches.next_batch().map(|_| ())));
            match outcome {
                Ok(result) => assert!(!panics && matches!(result, Err(Error::Empty))),
                Err(panic) => {
                    assert!(panics && panic.downcast_ref::<String>().unwrap() == "image 3 is broken")
                }
            }
        }
    }

    #[test]
    fn faults_are_refused_before_the_training() {
        let new = |rows: Vec<u32>, pipeline, shape| Augmented::new(set(4), rows, pipeline, shape, 0);
        assert!(matches!(
            new(vec![], Pipeline::new(), [5, 5, 3]).err(),
            Some(Error::Empty)
        ));
        assert!(matches!(
            new(vec![4], Pipeline::new(), [5, 5, 3]).err(),
            Some(Error::Row { .. })
        ));
        assert!(new(vec![0], Pipeline::new().random_flip(2.0), [5, 5, 3]).is_err());
        assert!(new(vec![0], Pipeline::new(), [5, 0, 3]).is_err());
        let other = new(vec![0], Pipeline::new(), [5, 5, 3]).unwrap();
        assert!(other.batches(0..1, 0).is_err());
        let message = other
            .batches(0..1, 1)
            .unwrap()
            .next_batch()
            .unwrap_err()
            .to_string();
        assert!(
            message.contains("expected 5 x 5 x 3 at the end of the pipeline, found 6 x 6 x 3 (image 0)"),
            "{message}"
        );
    }
}
