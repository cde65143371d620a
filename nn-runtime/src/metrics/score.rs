//! A metric gathered batch by batch, from whatever targets the network has.

use super::classification::{argmax, check, is_hit, is_in_top};
use super::regression::Spread;
use super::{Confusion, Metric};
use crate::optimizers::expect;
use crate::{Batch, Classes, Error, Result, Rows, Samples, Scalar};

/// Targets that outputs can be compared with.
pub trait Score: Batch {
    /// Starts a metric.
    ///
    /// # Errors
    /// [`Error::Setting`] where it does not suit these targets.
    fn tally(metric: Metric) -> Result<Tally>;

    /// Whether every label is a class.
    ///
    /// # Errors
    /// [`Error::Label`].
    fn check(&self) -> Result<()>;

    /// Adds the outputs of the chosen samples, one sample after the other, to the metric. Of several outputs, which
    /// lie one after the other, the first counts.
    ///
    /// # Panics
    /// If a row is outside the targets, or there are fewer outputs than rows.
    fn gather<T: Scalar>(&self, rows: &Rows<'_>, outputs: &[T], tally: &mut Tally);
}

/// A metric over the samples seen so far.
#[derive(Clone, Debug)]
pub struct Tally {
    metric: Metric,
    kind: Kind,
}

#[derive(Clone, Debug)]
enum Kind {
    /// Right ones, or a sum of errors, and how many numbers they are of.
    Mean {
        sum: f64,
        n: u64,
    },
    Confusion(Confusion),
    Spreads(Vec<Spread>),
}

impl Tally {
    /// The metric's value; NaN before the first sample of a mean.
    #[must_use]
    pub fn value(&self) -> f64 {
        match (&self.kind, self.metric) {
            (Kind::Mean { sum, n }, _) => sum / *n as f64,
            (Kind::Spreads(spreads), _) => Spread::r2(spreads),
            (Kind::Confusion(c), Metric::Precision(average)) => c.precision(average),
            (Kind::Confusion(c), Metric::Recall(average)) => c.recall(average),
            (Kind::Confusion(c), Metric::F1(average)) => c.f1(average),
            (Kind::Confusion(c), _) => c.accuracy(),
        }
    }

    /// As new, without allocating.
    pub fn clear(&mut self) {
        match &mut self.kind {
            Kind::Mean { sum, n } => (*sum, *n) = (0.0, 0),
            Kind::Confusion(confusion) => confusion.clear(),
            Kind::Spreads(spreads) => spreads.fill(Spread::default()),
        }
    }

    fn mean(metric: Metric) -> Self {
        Self {
            metric,
            kind: Kind::Mean { sum: 0.0, n: 0 },
        }
    }

    /// One that needs the counts of `classes`.
    fn confusion(metric: Metric, classes: usize) -> Result<Self> {
        use super::Average::Class;
        if let Metric::Precision(Class(c)) | Metric::Recall(Class(c)) | Metric::F1(Class(c)) = metric {
            expect("metric", c < classes, &format!("a class below {classes}"), c)?;
        }
        Ok(Self {
            metric,
            kind: Kind::Confusion(Confusion::new(classes)),
        })
    }

    fn add(&mut self, value: f64) {
        if let Kind::Mean { sum, n } = &mut self.kind {
            *sum += value;
            *n += 1;
        }
    }
}

fn unsuitable(metric: Metric, targets: &str) -> Error {
    Error::Setting {
        name: "metric",
        message: format!("`{metric}` is not for targets that are {targets}"),
    }
}

/// Calls `f` with the place in the outputs and the row in the data of every chosen sample of `samples`.
fn each_row(rows: &Rows<'_>, samples: usize, mut f: impl FnMut(usize, usize)) {
    match rows {
        Rows::All => (0..samples).for_each(|i| f(i, i)),
        Rows::Range(range) => range.clone().enumerate().for_each(|(i, row)| f(i, row)),
        Rows::Index(index) => index.iter().enumerate().for_each(|(i, &row)| f(i, row as usize)),
    }
}

impl<const PER: usize, const CLASSES: usize> Score for Classes<'_, PER, CLASSES> {
    fn tally(metric: Metric) -> Result<Tally> {
        match metric {
            Metric::Accuracy => Ok(Tally::mean(metric)),
            Metric::TopK(k) => {
                expect("metric", k > 0, "at least the top 1", k)?;
                Ok(Tally::mean(metric))
            }
            Metric::Precision(_) | Metric::Recall(_) | Metric::F1(_) => Tally::confusion(metric, CLASSES),
            _ => Err(unsuitable(metric, "class indices")),
        }
    }

    fn check(&self) -> Result<()> {
        check(self.data, CLASSES).map_err(|error| match error {
            Error::Label {
                sample,
                found,
                classes,
            } => Error::Label {
                sample: sample / PER,
                found,
                classes,
            },
            other => other,
        })
    }

    fn gather<T: Scalar>(&self, rows: &Rows<'_>, outputs: &[T], tally: &mut Tally) {
        each_row(rows, self.data.len() / PER, |i, row| {
            let outputs = &outputs[i * PER * CLASSES..][..PER * CLASSES];
            for (scores, &label) in outputs.chunks_exact(CLASSES).zip(&self.data[row * PER..][..PER]) {
                let label = label as usize;
                match (&mut tally.kind, tally.metric) {
                    (Kind::Confusion(confusion), _) => confusion.add(label, argmax(scores)),
                    (_, Metric::TopK(k)) => tally.add(f64::from(is_in_top(scores, label, k))),
                    _ => tally.add(f64::from(argmax(scores) == label)),
                }
            }
        });
    }
}

impl<S: Scalar, const W: usize> Score for Samples<'_, S, W> {
    fn tally(metric: Metric) -> Result<Tally> {
        match metric {
            Metric::Accuracy
            | Metric::BinaryAccuracy { .. }
            | Metric::MeanAbsoluteError
            | Metric::MeanSquaredError => Ok(Tally::mean(metric)),
            // One output is a yes-or-no answer.
            Metric::Precision(_) | Metric::Recall(_) | Metric::F1(_) => Tally::confusion(metric, W.max(2)),
            Metric::R2 => Ok(Tally {
                metric,
                kind: Kind::Spreads(vec![Spread::default(); W]),
            }),
            Metric::TopK(_) => Err(unsuitable(metric, "numbers")),
        }
    }

    fn check(&self) -> Result<()> {
        Ok(())
    }

    fn gather<T: Scalar>(&self, rows: &Rows<'_>, outputs: &[T], tally: &mut Tally) {
        /// The class of a sample's numbers: the highest, or whether the only one is above `threshold`.
        fn class<N: Scalar>(numbers: &[N], threshold: f64) -> usize {
            match numbers {
                [one] => usize::from(one.to_f64() > threshold),
                _ => argmax(numbers),
            }
        }
        each_row(rows, self.data.len() / W, |i, row| {
            let (y, t) = (&outputs[i * W..][..W], &self.data[row * W..][..W]);
            let pairs = || y.iter().map(|y| y.to_f64()).zip(t.iter().map(|t| t.to_f64()));
            match (&mut tally.kind, tally.metric) {
                (Kind::Confusion(confusion), _) => confusion.add(class(t, 0.5), class(y, 0.0)),
                (Kind::Spreads(spreads), _) => spreads
                    .iter_mut()
                    .zip(pairs())
                    .for_each(|(s, (y, t))| s.add(y, t)),
                (_, Metric::BinaryAccuracy { threshold }) => {
                    pairs().for_each(|(y, t)| tally.add(f64::from(is_hit(y, t, threshold))));
                }
                (_, Metric::MeanAbsoluteError) => pairs().for_each(|(y, t)| tally.add((t - y).abs())),
                (_, Metric::MeanSquaredError) => pairs().for_each(|(y, t)| tally.add((t - y) * (t - y))),
                _ => tally.add(f64::from(class(t, 0.5) == class(y, 0.0))),
            }
        });
    }
}

macro_rules! score_tuples {
    ($($other:ident)+) => {
        impl<First: Score, $($other: Score),+> Score for (First, $($other),+) {
            fn tally(metric: Metric) -> Result<Tally> {
                First::tally(metric)
            }

            #[allow(non_snake_case)]
            fn check(&self) -> Result<()> {
                let (first, $($other),+) = self;
                first.check()?;
                $($other.check()?;)+
                Ok(())
            }

            fn gather<T: Scalar>(&self, rows: &Rows<'_>, outputs: &[T], tally: &mut Tally) {
                self.0.gather(rows, outputs, tally);
            }
        }
    };
}
score_tuples!(B);
score_tuples!(B C);
score_tuples!(B C D);
