//! What happens to an image between the file and the network, step by step.

use super::{Filter, Image, Normalizer};
use crate::{Error, Result, Rng};

/// A sequence of steps, some fixed, some random.
///
/// ```
/// use nn_runtime::images::{Filter, Image, Pipeline, sample_rng};
///
/// let training = Pipeline::new()
///     .random_crop(28, 28, 2)
///     .random_flip(0.5)
///     .random_rotation(10.0)
///     .random_brightness(0.2)
///     .random_contrast(0.2);
/// let photograph = Image::filled(40, 30, 3, 0.5)?;
/// let prepared = Pipeline::new().resize_shorter(28, Filter::Antialiased).apply_fixed(photograph)?;
/// // The seed, the epoch and the sample's index decide, nothing else.
/// let a = training.apply(prepared.clone(), &mut sample_rng(1, 0, 7))?;
/// let b = training.apply(prepared, &mut sample_rng(1, 0, 7))?;
/// assert_eq!((a.shape(), a == b), ([28, 28, 3], true));
/// # Ok::<(), nn_runtime::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pipeline {
    steps: Vec<Step>,
}

#[derive(Clone, Debug, PartialEq)]
enum Step {
    Resize(usize, usize, Filter),
    ResizeShorter(usize, Filter),
    CenterCrop(usize, usize),
    Normalize(Normalizer),
    RandomCrop {
        height: usize,
        width: usize,
        padding: usize,
    },
    RandomFlip(f64),
    RandomRotation(f64),
    RandomBrightness(f64),
    RandomContrast(f64),
}

impl Pipeline {
    /// No steps: an image as it is.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn then(mut self, step: Step) -> Self {
        self.steps.push(step);
        self
    }

    /// [`Image::resize`].
    #[must_use]
    pub fn resize(self, height: usize, width: usize, filter: Filter) -> Self {
        self.then(Step::Resize(height, width, filter))
    }

    /// [`Image::resize_shorter`].
    #[must_use]
    pub fn resize_shorter(self, side: usize, filter: Filter) -> Self {
        self.then(Step::ResizeShorter(side, filter))
    }

    /// [`Image::center_crop`].
    #[must_use]
    pub fn center_crop(self, height: usize, width: usize) -> Self {
        self.then(Step::CenterCrop(height, width))
    }

    /// [`Normalizer::apply`].
    #[must_use]
    pub fn normalize(self, normalizer: &Normalizer) -> Self {
        self.then(Step::Normalize(normalizer.clone()))
    }

    /// Cuts out `height` x `width` pixels at a random place, after adding `padding` black pixels on every side.
    #[must_use]
    pub fn random_crop(self, height: usize, width: usize, padding: usize) -> Self {
        self.then(Step::RandomCrop {
            height,
            width,
            padding,
        })
    }

    /// Mirrors left and right with the given probability.
    #[must_use]
    pub fn random_flip(self, probability: f64) -> Self {
        self.then(Step::RandomFlip(probability))
    }

    /// Turns by an angle between `-degrees` and `degrees`; what comes from outside is black.
    #[must_use]
    pub fn random_rotation(self, degrees: f64) -> Self {
        self.then(Step::RandomRotation(degrees))
    }

    /// [`Image::adjust_brightness`] by a factor between `1 - amount` and `1 + amount`.
    #[must_use]
    pub fn random_brightness(self, amount: f64) -> Self {
        self.then(Step::RandomBrightness(amount))
    }

    /// [`Image::adjust_contrast`] by a factor between `1 - amount` and `1 + amount`.
    #[must_use]
    pub fn random_contrast(self, amount: f64) -> Self {
        self.then(Step::RandomContrast(amount))
    }

    /// Applies the steps in order; the random ones draw from `rng` ([`super::sample_rng`]).
    ///
    /// # Errors
    /// [`Error::Setting`] for a step that makes no sense, or that this image is too small for.
    pub fn apply(&self, mut image: Image, rng: &mut Rng) -> Result<Image> {
        self.check()?;
        for step in &self.steps {
            step.apply(&mut image, rng)?;
        }
        Ok(image)
    }

    /// Applies the steps of a pipeline without random ones.
    ///
    /// # Errors
    /// As [`Pipeline::apply`]; [`Error::Setting`] where there is a random step.
    pub fn apply_fixed(&self, image: Image) -> Result<Image> {
        self.check_fixed()?;
        self.apply(image, &mut Rng::new(0))
    }

    /// Numbers that no image makes sensible; sizes are checked where they meet the image.
    pub(super) fn check(&self) -> Result<()> {
        self.steps.iter().try_for_each(Step::check)
    }

    pub(super) fn check_fixed(&self) -> Result<()> {
        self.check()?;
        match self.steps.iter().find(|step| step.is_random()) {
            Some(step) => Err(Error::Setting {
                name: "pipeline",
                message: format!("expected no random steps here, found {step:?}"),
            }),
            None => Ok(()),
        }
    }
}

impl Step {
    fn is_random(&self) -> bool {
        match self {
            Self::Resize(..) | Self::ResizeShorter(..) | Self::CenterCrop(..) | Self::Normalize(_) => false,
            Self::RandomCrop { .. }
            | Self::RandomFlip(_)
            | Self::RandomRotation(_)
            | Self::RandomBrightness(_)
            | Self::RandomContrast(_) => true,
        }
    }

    fn check(&self) -> Result<()> {
        let (name, value, high) = match *self {
            Self::RandomFlip(probability) => ("random_flip", probability, 1.0),
            Self::RandomRotation(degrees) => ("random_rotation", degrees, 180.0),
            Self::RandomBrightness(amount) => ("random_brightness", amount, 1.0),
            Self::RandomContrast(amount) => ("random_contrast", amount, 1.0),
            _ => return Ok(()),
        };
        if (0.0..=high).contains(&value) {
            return Ok(());
        }
        Err(Error::Setting {
            name,
            message: format!("expected 0 to {high}, found {value}"),
        })
    }

    fn apply(&self, image: &mut Image, rng: &mut Rng) -> Result<()> {
        let mut around = |middle: f64, amount: f64| middle + amount * (2.0 * rng.uniform() - 1.0);
        match *self {
            Self::Resize(height, width, filter) => *image = image.resize(height, width, filter)?,
            Self::ResizeShorter(side, filter) => *image = image.resize_shorter(side, filter)?,
            Self::CenterCrop(height, width) => *image = image.center_crop(height, width)?,
            Self::Normalize(ref normalizer) => normalizer.apply(image)?,
            Self::RandomCrop {
                height,
                width,
                padding,
            } => {
                if padding > 0 {
                    *image = image.pad(padding, 0.0)?;
                }
                let mut place =
                    |all: usize, len: usize| rng.below((all.saturating_sub(len) + 1) as u64) as usize;
                let (top, left) = (place(image.height(), height), place(image.width(), width));
                *image = image.crop(top, left, height, width)?;
            }
            Self::RandomFlip(probability) => {
                if rng.uniform() < probability {
                    image.flip_horizontal();
                }
            }
            Self::RandomRotation(degrees) => *image = image.rotate(around(0.0, degrees), 0.0),
            Self::RandomBrightness(amount) => image.adjust_brightness(around(1.0, amount) as f32),
            Self::RandomContrast(amount) => image.adjust_contrast(around(1.0, amount) as f32),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample_rng;
    use super::super::testing::ramp;
    use super::*;

    #[test]
    fn steps_run_in_order() {
        let normalizer = Normalizer::new(&[0.5], &[0.5]).unwrap();
        let image = Pipeline::new()
            .resize(4, 6, Filter::Nearest)
            .center_crop(2, 2)
            .resize_shorter(1, Filter::Nearest)
            .normalize(&normalizer)
            .apply_fixed(Image::filled(3, 3, 1, 1.0).unwrap());
        assert_eq!(image.unwrap(), Image::filled(1, 1, 1, 1.0).unwrap());
    }

    #[test]
    fn random_steps_reach_their_bounds_and_stay_inside() {
        let image = Image::filled(1, 1, 1, 0.5).unwrap();
        let pipeline = Pipeline::new().random_brightness(0.4);
        let values = (0..2000).map(|i| {
            pipeline
                .apply(image.clone(), &mut sample_rng(3, 0, i))
                .unwrap()
                .data()[0]
        });
        let (low, high) = values.fold((1f32, 0f32), |(l, h), x| (l.min(x), h.max(x)));
        assert!(
            (0.3..0.301).contains(&low) && (0.699..0.7).contains(&high),
            "{low} {high}"
        );
    }

    #[test]
    fn crops_come_from_everywhere() {
        let image = ramp(5, 6, 1);
        let pipeline = Pipeline::new().random_crop(3, 4, 1);
        let mut places = std::collections::BTreeSet::new();
        for i in 0..500 {
            let crop = pipeline.apply(image.clone(), &mut sample_rng(0, 0, i)).unwrap();
            assert_eq!(crop.shape(), [3, 4, 1]);
            places.insert(crop.data().iter().map(|x| x.to_bits()).collect::<Vec<_>>());
        }
        // 5 rows by 5 columns, as the border lets the crop begin at -1.
        assert_eq!(places.len(), 25);
    }

    #[test]
    fn half_of_the_pictures_are_mirrored() {
        let image = ramp(1, 2, 1);
        let flipped = |p: f64| {
            let pipeline = Pipeline::new().random_flip(p);
            (0..400)
                .filter(|&i| pipeline.apply(image.clone(), &mut sample_rng(9, 1, i)).unwrap() != image)
                .count()
        };
        assert_eq!((flipped(0.0), flipped(1.0)), (0, 400));
        assert!(flipped(0.5).abs_diff(200) < 50);
    }

    #[test]
    fn nonsense_is_refused() {
        let image = ramp(2, 2, 1);
        for pipeline in [
            Pipeline::new().random_flip(1.5),
            Pipeline::new().random_rotation(f64::NAN),
            Pipeline::new().random_brightness(-0.1),
            Pipeline::new().random_contrast(2.0),
            Pipeline::new().random_crop(3, 1, 0),
            Pipeline::new().random_crop(0, 1, 0),
            Pipeline::new().resize(0, 3, Filter::Nearest),
            Pipeline::new().normalize(&Normalizer::new(&[0.0; 3], &[1.0; 3]).unwrap()),
        ] {
            let error = pipeline.apply(image.clone(), &mut Rng::new(1)).unwrap_err();
            assert!(matches!(error, Error::Setting { .. }), "{pipeline:?}");
        }
        let message = Pipeline::new()
            .random_flip(0.5)
            .apply_fixed(image)
            .unwrap_err()
            .to_string();
        assert!(message.contains("found RandomFlip(0.5)"), "{message}");
    }
}
