//! Right or wrong.

use crate::{Error, Result, Scalar};

/// Index of the highest number, the first of equals; 0 for no numbers. A NaN is never higher.
#[must_use]
pub fn argmax<T: Scalar>(scores: &[T]) -> usize {
    let mut best = 0;
    for (i, score) in scores.iter().enumerate() {
        let (score, highest) = (score.to_f64(), scores[best].to_f64());
        if score > highest || (highest.is_nan() && !score.is_nan()) {
            best = i;
        }
    }
    best
}

/// Whether `label` is among the `k` highest scores; of equal ones the earlier is higher. A NaN is not.
pub(super) fn is_in_top<T: Scalar>(scores: &[T], label: usize, k: usize) -> bool {
    let Some(mine) = scores.get(label).map(|s| s.to_f64()).filter(|s| !s.is_nan()) else {
        return false;
    };
    let higher = |(i, s): (usize, &T)| s.to_f64() > mine || (s.to_f64() == mine && i < label);
    scores.iter().enumerate().filter(|&s| higher(s)).count() < k
}

/// Share of samples whose highest score is that of their label. `scores` is `[samples, classes]`.
///
/// # Errors
/// [`Error::Empty`], [`Error::Length`] where the scores are no multiple of the labels, [`Error::Label`].
pub fn accuracy<T: Scalar>(scores: &[T], labels: &[u32]) -> Result<f64> {
    let classes = classes(scores, labels)?;
    let hits = scores
        .chunks_exact(classes)
        .zip(labels)
        .filter(|(s, label)| argmax(s) == **label as usize);
    Ok(hits.count() as f64 / labels.len() as f64)
}

/// Share of samples whose label is among the `k` highest scores. `scores` is `[samples, classes]`.
///
/// # Errors
/// As [`accuracy`].
pub fn top_k<T: Scalar>(scores: &[T], labels: &[u32], k: usize) -> Result<f64> {
    let classes = classes(scores, labels)?;
    let hits = scores
        .chunks_exact(classes)
        .zip(labels)
        .filter(|(s, label)| is_in_top(s, **label as usize, k));
    Ok(hits.count() as f64 / labels.len() as f64)
}

/// Share of logits that are above `threshold` exactly where the target is above 0.5. A threshold of 0 is a probability
/// of one half.
///
/// # Errors
/// [`Error::Empty`], [`Error::SampleCount`].
pub fn binary_accuracy<T: Scalar>(logits: &[T], targets: &[T], threshold: f64) -> Result<f64> {
    super::regression::same_length(logits, targets)?;
    let hits = logits
        .iter()
        .zip(targets)
        .filter(|(y, t)| is_hit(**y, **t, threshold));
    Ok(hits.count() as f64 / logits.len() as f64)
}

pub(super) fn is_hit<T: Scalar>(logit: T, target: T, threshold: f64) -> bool {
    (logit.to_f64() > threshold) == (target.to_f64() > 0.5)
}

/// Number of classes, all labels below it.
pub(super) fn classes<T>(scores: &[T], labels: &[u32]) -> Result<usize> {
    if labels.is_empty() || scores.is_empty() {
        return Err(Error::Empty);
    }
    if !scores.len().is_multiple_of(labels.len()) {
        return Err(Error::Length {
            what: "scores".to_string(),
            expected_multiple_of: labels.len(),
            found: scores.len(),
        });
    }
    let classes = scores.len() / labels.len();
    check(labels, classes)?;
    Ok(classes)
}

/// Every label below the number of classes.
pub(super) fn check(labels: &[u32], classes: usize) -> Result<()> {
    match labels.iter().position(|&l| l as usize >= classes) {
        Some(sample) => Err(Error::Label {
            sample,
            found: labels[sample],
            classes,
        }),
        None => Ok(()),
    }
}
