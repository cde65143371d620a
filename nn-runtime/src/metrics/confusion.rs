//! What was taken for what.

use std::fmt;

use super::classification::{argmax, check, classes};
use crate::{Error, Result, Scalar};

/// How the values of several classes become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Average {
    /// Mean over the classes that appear, as labels or as predictions: each counts the same.
    Macro,
    /// Over all samples at once: for one label per sample it is the accuracy.
    Micro,
    /// The value of one class.
    Class(usize),
}

impl fmt::Display for Average {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Macro => f.write_str("macro"),
            Self::Micro => f.write_str("micro"),
            Self::Class(class) => write!(f, "class {class}"),
        }
    }
}

/// Counts of samples by label and by predicted class; `{}` prints the table.
///
/// ```
/// use nn_runtime::metrics::{Average, Confusion};
///
/// let labels = [0, 0, 1, 1, 1];
/// let confusion = Confusion::of(&labels, &[0, 1, 1, 1, 1], 2)?.with_names(["cat", "dog"]);
/// assert_eq!(confusion.accuracy(), 0.8);
/// assert_eq!(confusion.precision(Average::Class(1)), 0.75);
/// let table = [
///     "             cat    dog  recall",
///     "cat            1      1   0.500",
///     "dog            0      3   1.000",
///     "precision  1.000  0.750   0.800",
/// ];
/// assert_eq!(confusion.to_string().lines().collect::<Vec<_>>(), table);
/// # Ok::<(), nn_runtime::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Confusion {
    classes: usize,
    /// `[classes, classes]`: label, prediction.
    counts: Vec<u64>,
    names: Vec<String>,
}

impl Confusion {
    /// No samples yet.
    #[must_use]
    pub fn new(classes: usize) -> Self {
        Self {
            classes,
            counts: vec![0; classes * classes],
            names: Vec::new(),
        }
    }

    /// Of labels and predicted classes.
    ///
    /// # Errors
    /// [`Error::SampleCount`], [`Error::Label`] for a label or a prediction that is no class.
    pub fn of(labels: &[u32], predictions: &[u32], classes: usize) -> Result<Self> {
        if labels.len() != predictions.len() {
            return Err(Error::SampleCount {
                inputs: predictions.len(),
                targets: labels.len(),
            });
        }
        check(labels, classes)?;
        check(predictions, classes)?;
        let mut confusion = Self::new(classes);
        for (&label, &prediction) in labels.iter().zip(predictions) {
            confusion.add(label as usize, prediction as usize);
        }
        Ok(confusion)
    }

    /// Of labels and a network's outputs, `[samples, classes]`: the highest is the prediction.
    ///
    /// # Errors
    /// As [`super::accuracy`].
    pub fn of_scores<T: Scalar>(scores: &[T], labels: &[u32]) -> Result<Self> {
        let mut confusion = Self::new(classes(scores, labels)?);
        for (scores, &label) in scores.chunks_exact(confusion.classes).zip(labels) {
            confusion.add(label as usize, argmax(scores));
        }
        Ok(confusion)
    }

    /// Names for the table's rows and columns, in the order of the classes; classes beyond them go by number.
    #[must_use]
    pub fn with_names<S: Into<String>>(mut self, names: impl IntoIterator<Item = S>) -> Self {
        self.names = names.into_iter().map(Into::into).collect();
        self
    }

    /// One more sample.
    ///
    /// # Panics
    /// If either is no class.
    pub fn add(&mut self, label: usize, prediction: usize) {
        assert!(
            label < self.classes && prediction < self.classes,
            "classes are below {}",
            self.classes
        );
        self.counts[label * self.classes + prediction] += 1;
    }

    /// Number of classes.
    #[must_use]
    pub fn classes(&self) -> usize {
        self.classes
    }

    /// Samples of the class `label` that were taken for `prediction`.
    ///
    /// # Panics
    /// If either is no class.
    #[must_use]
    pub fn count(&self, label: usize, prediction: usize) -> u64 {
        assert!(
            label < self.classes && prediction < self.classes,
            "classes are below {}",
            self.classes
        );
        self.counts[label * self.classes + prediction]
    }

    /// Counts, `[classes, classes]`: a row per label, a column per prediction.
    #[must_use]
    pub fn counts(&self) -> &[u64] {
        &self.counts
    }

    /// Share of samples on the diagonal; 0 without samples.
    #[must_use]
    pub fn accuracy(&self) -> f64 {
        ratio(
            (0..self.classes).map(|c| self.count(c, c)).sum(),
            self.counts.iter().sum(),
        )
    }

    /// Of what was predicted to be a class, the share that is; 0 where nothing was.
    ///
    /// # Panics
    /// If [`Average::Class`] names no class.
    #[must_use]
    pub fn precision(&self, average: Average) -> f64 {
        self.average(average, |c| ratio(self.count(c, c), self.predicted(c)))
    }

    /// Of what is of a class, the share that was predicted to be; 0 where nothing is.
    ///
    /// # Panics
    /// As [`Confusion::precision`].
    #[must_use]
    pub fn recall(&self, average: Average) -> f64 {
        self.average(average, |c| ratio(self.count(c, c), self.labelled(c)))
    }

    /// Harmonic mean of precision and recall, `2 tp / (2 tp + fp + fn)`; 0 where that is 0 / 0.
    ///
    /// # Panics
    /// As [`Confusion::precision`].
    #[must_use]
    pub fn f1(&self, average: Average) -> f64 {
        self.average(average, |c| {
            ratio(2 * self.count(c, c), self.predicted(c) + self.labelled(c))
        })
    }

    pub(super) fn clear(&mut self) {
        self.counts.fill(0);
    }

    fn labelled(&self, class: usize) -> u64 {
        self.counts[class * self.classes..][..self.classes].iter().sum()
    }

    fn predicted(&self, class: usize) -> u64 {
        self.counts.iter().skip(class).step_by(self.classes).sum()
    }

    fn average(&self, average: Average, value: impl Fn(usize) -> f64) -> f64 {
        match average {
            // Each wrong sample is one false positive and one false negative: all three values are the accuracy.
            Average::Micro => self.accuracy(),
            Average::Class(class) => value(class),
            Average::Macro => {
                let seen = (0..self.classes).filter(|&c| self.labelled(c) + self.predicted(c) > 0);
                let (sum, n) = seen.fold((0.0, 0), |(sum, n), c| (sum + value(c), n + 1));
                if n == 0 { 0.0 } else { sum / f64::from(n) }
            }
        }
    }
}

fn ratio(part: u64, whole: u64) -> f64 {
    if whole == 0 {
        0.0
    } else {
        part as f64 / whole as f64
    }
}

/// A row per label, a column per prediction; recall at the right, precision below, accuracy in the corner.
impl fmt::Display for Confusion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const PRECISION: &str = "precision";
        const RECALL: &str = "recall";
        let name = |c: usize| self.names.get(c).cloned().unwrap_or_else(|| c.to_string());
        let names: Vec<String> = (0..self.classes).map(name).collect();
        let longest =
            |from: usize, texts: &[String]| texts.iter().map(|t| t.chars().count()).fold(from, usize::max);
        let first = longest(PRECISION.len(), &names);
        let largest = self.counts.iter().max().map_or(0, |n| n.to_string().len());
        let width = longest(largest.max("0.000".len()), &names);
        write!(f, "{:first$}", "")?;
        for name in &names {
            write!(f, "  {name:>width$}")?;
        }
        writeln!(f, "  {RECALL}")?;
        for (c, name) in names.iter().enumerate() {
            write!(f, "{name:first$}")?;
            for p in 0..self.classes {
                write!(f, "  {:>width$}", self.count(c, p))?;
            }
            writeln!(f, "  {:>w$.3}", self.recall(Average::Class(c)), w = RECALL.len())?;
        }
        write!(f, "{PRECISION:first$}")?;
        for c in 0..self.classes {
            write!(f, "  {:>width$.3}", self.precision(Average::Class(c)))?;
        }
        writeln!(f, "  {:>w$.3}", self.accuracy(), w = RECALL.len())
    }
}
