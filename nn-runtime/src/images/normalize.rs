//! Every channel to mean 0 and deviation 1.

use std::fmt;
use std::str::FromStr;

use super::set::check_rows;
use super::{Image, ImageSource};
use crate::data::Fitted;
use crate::data::text::Lines;
use crate::{Error, Result};

/// `y = (x - mean) / std` with a mean and a deviation per channel, fitted on the training part and saved with the
/// weights, as [`crate::data::Scaler`] is for columns.
///
/// ```
/// use nn_runtime::images::{Image, ImageSet, Normalizer};
///
/// let set = ImageSet::from_flat(&[0.0, 1.0, 0.5, 0.5], [2, 1, 1], &[0, 1])?;
/// let normalizer = Normalizer::fit(&set, &[0])?; // the first image is the training part
/// assert_eq!((normalizer.mean(), normalizer.std()), (&[0.5f32][..], &[0.5f32][..]));
/// let mut image = set.images[0].clone();
/// normalizer.apply(&mut image)?;
/// assert_eq!(image.data(), [-1.0, 1.0]);
/// assert_eq!(normalizer.to_string().parse::<Normalizer>()?, normalizer);
/// # Ok::<(), nn_runtime::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Normalizer {
    mean: Vec<f32>,
    std: Vec<f32>,
}

impl Normalizer {
    /// From known numbers, such as those of the set that a network was pretrained on.
    ///
    /// # Errors
    /// [`Error::Setting`] where there are not as many of one as of the other, where a number is not finite or a
    /// deviation not above 0.
    pub fn new(mean: &[f32], std: &[f32]) -> Result<Self> {
        let sound = mean.len() == std.len()
            && !mean.is_empty()
            && mean.iter().all(|m| m.is_finite())
            && std.iter().all(|s| s.is_finite() && *s > 0.0);
        if !sound {
            return Err(Error::Setting {
                name: "normalizer",
                message: format!(
                    "expected a finite mean and a deviation above 0 per channel, found {mean:?} and {std:?}"
                ),
            });
        }
        Ok(Self {
            mean: mean.to_vec(),
            std: std.to_vec(),
        })
    }

    /// Mean and deviation over all pixels of the chosen images; a channel that is constant there only moves.
    ///
    /// # Errors
    /// [`Error::Row`]; [`Error::Empty`]; [`Error::Setting`] for images of different channels; [`Error::NotFinite`];
    /// what the source says.
    pub fn fit(source: &dyn ImageSource, rows: &[u32]) -> Result<Self> {
        check_rows(source, rows)?;
        let mut channels: Vec<Moments> = vec![];
        for &index in rows {
            let image = source.image(index as usize)?;
            if channels.is_empty() {
                channels.resize(image.channels(), Moments::default());
            }
            check_channels(channels.len(), &image)?;
            for (c, moments) in channels.iter_mut().enumerate() {
                moments.merge(Moments::of(image.data().iter().skip(c).step_by(image.channels())));
            }
        }
        if channels.is_empty() {
            return Err(Error::Empty);
        }
        if let Some(c) = channels.iter().position(|m| !m.squares.is_finite()) {
            return Err(Error::NotFinite {
                what: format!("channel {}", c + 1),
            });
        }
        let std = |m: &Moments| (m.squares / m.count).sqrt() as f32;
        Ok(Self {
            mean: channels.iter().map(|m| m.mean as f32).collect(),
            std: channels
                .iter()
                .map(std)
                .map(|s| if s > 1e-6 { s } else { 1.0 })
                .collect(),
        })
    }

    /// Per channel.
    #[must_use]
    pub fn mean(&self) -> &[f32] {
        &self.mean
    }

    /// Per channel.
    #[must_use]
    pub fn std(&self) -> &[f32] {
        &self.std
    }

    /// Normalises an image in place.
    ///
    /// # Errors
    /// [`Error::Setting`] for another number of channels.
    pub fn apply(&self, image: &mut Image) -> Result<()> {
        check_channels(self.mean.len(), image)?;
        self.each(image.data_mut(), |x, mean, std| (x - mean) / std);
        Ok(())
    }

    /// Undoes [`Normalizer::apply`] on pixels one after the other, to look at them.
    ///
    /// # Errors
    /// [`Error::Length`] where they end inside a pixel.
    pub fn inverse(&self, pixels: &mut [f32]) -> Result<()> {
        if !pixels.len().is_multiple_of(self.mean.len()) {
            return Err(Error::Length {
                what: "pixels".into(),
                expected_multiple_of: self.mean.len(),
                found: pixels.len(),
            });
        }
        self.each(pixels, |y, mean, std| y * std + mean);
        Ok(())
    }

    fn each(&self, data: &mut [f32], f: impl Fn(f32, f32, f32) -> f32) {
        for pixel in data.chunks_exact_mut(self.mean.len()) {
            for ((x, &mean), &std) in pixel.iter_mut().zip(&self.mean).zip(&self.std) {
                *x = f(*x, mean, std);
            }
        }
    }
}

fn check_channels(expected: usize, image: &Image) -> Result<()> {
    if image.channels() == expected {
        return Ok(());
    }
    Err(Error::Setting {
        name: "channels",
        message: format!(
            "expected images of {expected} channels, found {}",
            image.channels()
        ),
    })
}

/// Running mean and sum of squared deviations.
///
/// # Source
/// Chan, Golub and LeVeque, "Updating Formulae and a Pairwise Algorithm for Computing Sample Variances" (1979).
#[derive(Clone, Copy, Default)]
struct Moments {
    count: f64,
    mean: f64,
    squares: f64,
}

impl Moments {
    fn of<'a>(values: impl Iterator<Item = &'a f32> + Clone) -> Self {
        let (count, sum) = values
            .clone()
            .fold((0.0, 0.0), |(n, sum), &x| (n + 1.0, sum + f64::from(x)));
        let mean = sum / count;
        Self {
            count,
            mean,
            squares: values.map(|&x| (f64::from(x) - mean).powi(2)).sum(),
        }
    }

    fn merge(&mut self, other: Self) {
        let count = self.count + other.count;
        let delta = other.mean - self.mean;
        self.mean += delta * other.count / count;
        self.squares += other.squares + delta * delta * self.count * other.count / count;
        self.count = count;
    }
}

impl Fitted for Normalizer {}

impl fmt::Display for Normalizer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "normalizer 1 {}", self.mean.len())?;
        for (c, (mean, std)) in self.mean.iter().zip(&self.std).enumerate() {
            // The shortest text that reads back to the same bits.
            writeln!(f, "{mean:?} {std:?} channel {}", c + 1)?;
        }
        Ok(())
    }
}

impl FromStr for Normalizer {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let (mut lines, count) = Lines::new(text, "normalizer")?;
        let (mut means, mut stds) = (vec![], vec![]);
        for _ in 0..count {
            let ([mean, std], _) = lines.item()?;
            means.push(lines.number(mean)? as f32);
            stds.push(lines.number(std)? as f32);
            if Self::new(&means, &stds).is_err() {
                return Err(lines.fault(format!(
                    "expected a mean and a deviation above 0, found {mean} and {std}"
                )));
            }
        }
        if means.is_empty() {
            return Err(lines.fault("expected at least 1 channel".into()));
        }
        lines.end()?;
        Self::new(&means, &stds)
    }
}

#[cfg(test)]
mod tests {
    use super::super::ImageSet;
    use super::*;

    fn set() -> ImageSet {
        let image = |h, w, data: &[f32]| Image::new(h, w, 2, data.to_vec()).unwrap();
        ImageSet {
            images: vec![
                image(1, 1, &[0.1, 0.5]),
                image(1, 2, &[0.4, 0.5, 0.7, 0.5]),
                image(1, 1, &[9.0, 0.0]),
            ],
            labels: vec![0, 1, 0],
            ..ImageSet::default()
        }
    }

    #[test]
    fn every_pixel_of_the_training_part_counts_once() {
        let normalizer = Normalizer::fit(&set(), &[0, 1]).unwrap();
        assert!((normalizer.mean()[0] - 0.4).abs() < 1e-6);
        assert!((normalizer.std()[0] - 0.06f32.sqrt()).abs() < 1e-6);
        // A constant channel moves, it is not divided by zero.
        assert_eq!((normalizer.mean()[1], normalizer.std()[1]), (0.5, 1.0));
        let mut image = set().images[1].clone();
        normalizer.apply(&mut image).unwrap();
        assert!(image.data()[0].abs() < 1e-6 && image.data()[1] == 0.0);
        normalizer.inverse(image.data_mut()).unwrap();
        assert!((image.data()[2] - 0.7).abs() < 1e-6);
        assert!(normalizer.inverse(&mut [0.0; 3]).is_err());
    }

    #[test]
    fn faults_are_refused() {
        assert!(matches!(Normalizer::fit(&set(), &[]), Err(Error::Empty)));
        assert!(matches!(
            Normalizer::fit(&set(), &[3]),
            Err(Error::Row { found: 3, .. })
        ));
        let mut other = set();
        other.images[1] = Image::filled(1, 1, 3, 0.0).unwrap();
        assert!(matches!(
            Normalizer::fit(&other, &[0, 1]),
            Err(Error::Setting { .. })
        ));
        let mut nan = set();
        nan.images[0].data_mut()[1] = f32::NAN;
        let message = Normalizer::fit(&nan, &[0, 1]).unwrap_err().to_string();
        assert_eq!(message, "`channel 2` is not finite");
        for (mean, std) in [
            (&[0.0][..], &[][..]),
            (&[], &[]),
            (&[0.0], &[0.0]),
            (&[f32::NAN], &[1.0]),
        ] {
            assert!(Normalizer::new(mean, std).is_err());
        }
        let mut grey = Image::filled(2, 2, 1, 0.0).unwrap();
        assert!(Normalizer::fit(&set(), &[0]).unwrap().apply(&mut grey).is_err());
    }

    #[test]
    fn a_damaged_text_form_is_refused() {
        for (text, part) in [
            ("scaler 1 1\n0 1 0 a\n", "expected `normalizer 1`"),
            ("normalizer 1 0\n", "expected at least 1 channel"),
            (
                "normalizer 1 1\n0 0 channel 1\n",
                "normalizer:2: expected a mean and a deviation above 0",
            ),
            (
                "normalizer 1 1\n0 inf channel 1\n",
                "expected a number, found `inf`",
            ),
            (
                "normalizer 1 1\n0 1 channel 1\n2\n",
                "as many lines as the first one says",
            ),
            (
                "normalizer 1 99999999\n0 1 channel 1\n",
                "normalizer:3: expected 2 values",
            ),
        ] {
            let message = text.parse::<Normalizer>().unwrap_err().to_string();
            assert!(message.contains(part), "{message}");
        }
    }
}
