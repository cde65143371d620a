//! How far off.

use crate::{Error, Result, Scalar};

/// `mean |t - y|`
///
/// # Errors
/// [`Error::Empty`], [`Error::SampleCount`].
pub fn mean_absolute_error<T: Scalar>(outputs: &[T], targets: &[T]) -> Result<f64> {
    mean(outputs, targets, f64::abs)
}

/// `mean (t - y)²`
///
/// # Errors
/// As [`mean_absolute_error`].
pub fn mean_squared_error<T: Scalar>(outputs: &[T], targets: &[T]) -> Result<f64> {
    mean(outputs, targets, |d| d * d)
}

/// `1 - Σ (t - y)² / Σ (t - mean t)²` for each of `width` outputs, averaged; both slices are `[samples, width]`.
///
/// An output whose targets are all equal counts 1 if it is met exactly, else 0.
///
/// # Errors
/// As [`mean_absolute_error`], and [`Error::Length`].
pub fn r2<T: Scalar>(outputs: &[T], targets: &[T], width: usize) -> Result<f64> {
    same_length(outputs, targets)?;
    if width == 0 || !targets.len().is_multiple_of(width) {
        return Err(Error::Length {
            what: "targets".to_string(),
            expected_multiple_of: width,
            found: targets.len(),
        });
    }
    let mut spreads = vec![Spread::default(); width];
    for (y, t) in outputs.chunks_exact(width).zip(targets.chunks_exact(width)) {
        spreads
            .iter_mut()
            .zip(y.iter().zip(t))
            .for_each(|(s, (y, t))| s.add(y.to_f64(), t.to_f64()));
    }
    Ok(Spread::r2(&spreads))
}

fn mean<T: Scalar>(outputs: &[T], targets: &[T], f: impl Fn(f64) -> f64) -> Result<f64> {
    same_length(outputs, targets)?;
    let sum: f64 = outputs
        .iter()
        .zip(targets)
        .map(|(y, t)| f(t.to_f64() - y.to_f64()))
        .sum();
    Ok(sum / outputs.len() as f64)
}

pub(super) fn same_length<T>(outputs: &[T], targets: &[T]) -> Result<()> {
    if outputs.len() != targets.len() {
        return Err(Error::SampleCount {
            inputs: outputs.len(),
            targets: targets.len(),
        });
    }
    if outputs.is_empty() {
        Err(Error::Empty)
    } else {
        Ok(())
    }
}

/// One output's squared errors, and the spread of its targets around their mean.
///
/// # Source
/// Welford, "Note on a Method for Calculating Corrected Sums of Squares and Products" (1962).
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Spread {
    n: f64,
    mean: f64,
    around_mean: f64,
    errors: f64,
}

impl Spread {
    pub(super) fn add(&mut self, output: f64, target: f64) {
        self.n += 1.0;
        let distance = target - self.mean;
        self.mean += distance / self.n;
        self.around_mean += distance * (target - self.mean);
        self.errors += (target - output) * (target - output);
    }

    pub(super) fn r2(outputs: &[Self]) -> f64 {
        let one = |s: &Self| match (s.errors == 0.0, s.around_mean == 0.0) {
            (true, _) => 1.0,
            (false, true) => 0.0,
            (false, false) => 1.0 - s.errors / s.around_mean,
        };
        outputs.iter().map(one).sum::<f64>() / outputs.len() as f64
    }
}
