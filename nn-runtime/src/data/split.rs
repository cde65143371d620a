//! Parts of a data set as index lists.

use crate::{Error, Result, Rng};

/// Which samples train, which watch over the training, and which judge the end; no sample is in two parts.
///
/// ```
/// use nn_runtime::data::Split;
///
/// let labels = [0, 0, 0, 0, 0, 1, 1, 1, 1, 1];
/// let split = Split::stratified(&labels, [0.6, 0.2, 0.2], 42)?;
/// assert_eq!((split.train.len(), split.validation.len(), split.test.len()), (6, 2, 2));
/// // Every part holds both classes in the proportion of the whole.
/// assert_eq!(split.test.iter().map(|&i| labels[i as usize]).sum::<u32>(), 1);
/// # Ok::<(), nn_runtime::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Split {
    /// Samples to learn from, in random order.
    pub train: Vec<u32>,
    /// Samples that decide when to stop.
    pub validation: Vec<u32>,
    /// Samples that are looked at once, at the end.
    pub test: Vec<u32>,
}

impl Split {
    /// Splits at random: the shares of training, validation and test, which must sum to 1.
    ///
    /// # Errors
    /// [`Error::Setting`] for shares outside 0 to 1 or of another sum, or more than `u32::MAX` samples;
    /// [`Error::Empty`] where no sample is left for training.
    pub fn random(samples: usize, shares: [f64; 3], seed: u64) -> Result<Self> {
        let groups = vec![(0..to_u32(samples)?).collect()];
        Self::of_groups(groups, shares, seed)
    }

    /// The same, with every class in each part in the proportion of the whole, give or take one sample.
    ///
    /// # Errors
    /// As [`Split::random`].
    pub fn stratified(labels: &[u32], shares: [f64; 3], seed: u64) -> Result<Self> {
        Self::of_groups(group(labels)?, shares, seed)
    }

    fn of_groups(groups: Vec<Vec<u32>>, shares: [f64; 3], seed: u64) -> Result<Self> {
        let sum: f64 = shares.iter().sum();
        if shares.iter().any(|s| !(0.0..=1.0).contains(s)) || (sum - 1.0).abs() > 1e-6 {
            return Err(Error::Setting {
                name: "shares",
                message: format!("expected three shares that sum to 1, found {shares:?}"),
            });
        }
        let mut rng = Rng::new(seed);
        let mut groups = groups;
        for group in &mut groups {
            rng.shuffle(group);
        }
        // One cut after the other: each is exact in the whole and within one sample in every group.
        let (mut test, rest) = cut(groups, shares[2]);
        let left = shares[0] + shares[1];
        let of_left = if left > 0.0 { shares[1] / left } else { 0.0 };
        let (mut validation, rest) = cut(rest, of_left);
        let mut train = rest.concat();
        if train.is_empty() {
            return Err(Error::Empty);
        }
        for part in [&mut train, &mut validation, &mut test] {
            rng.shuffle(part);
        }
        Ok(Self {
            train,
            validation,
            test,
        })
    }
}

/// Takes `share` of each group away; the running total decides the rounding.
fn cut(groups: Vec<Vec<u32>>, share: f64) -> (Vec<u32>, Vec<Vec<u32>>) {
    let mut taken = Vec::new();
    let mut seen = 0;
    let mut rest = Vec::with_capacity(groups.len());
    for mut group in groups {
        let due = |n: usize| (n as f64 * share).round() as usize;
        let n = due(seen + group.len()) - due(seen);
        seen += group.len();
        rest.push(group.split_off(n));
        taken.append(&mut group);
    }
    (taken, rest)
}

/// One round of cross-validation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fold {
    /// Samples to learn from.
    pub train: Vec<u32>,
    /// Samples to judge by.
    pub test: Vec<u32>,
}

/// `k` rounds, in which every sample is tested once.
///
/// # Errors
/// [`Error::Setting`] where `k` is below 2 or above the number of samples.
pub fn k_fold(samples: usize, k: usize, seed: u64) -> Result<Vec<Fold>> {
    folds(vec![(0..to_u32(samples)?).collect()], k, seed)
}

/// The same, with every class spread evenly over the tests.
///
/// # Errors
/// As [`k_fold`].
pub fn stratified_k_fold(labels: &[u32], k: usize, seed: u64) -> Result<Vec<Fold>> {
    folds(group(labels)?, k, seed)
}

fn folds(mut groups: Vec<Vec<u32>>, k: usize, seed: u64) -> Result<Vec<Fold>> {
    let samples: usize = groups.iter().map(Vec::len).sum();
    if k < 2 || k > samples {
        return Err(Error::Setting {
            name: "k",
            message: format!("expected 2 to {samples} folds, as many as there are samples, found {k}"),
        });
    }
    let mut rng = Rng::new(seed);
    for group in &mut groups {
        rng.shuffle(group);
    }
    // Dealt like cards, one group after the other: the folds' sizes differ by one at most, and so do their
    // numbers of each class.
    let mut tests = vec![Vec::new(); k];
    for (i, sample) in groups.concat().into_iter().enumerate() {
        tests[i % k].push(sample);
    }
    let fold = |i: usize| {
        let others = tests.iter().enumerate().filter(|&(j, _)| j != i);
        let mut train: Vec<u32> = others.flat_map(|(_, test)| test).copied().collect();
        rng.shuffle(&mut train);
        Fold {
            train,
            test: tests[i].clone(),
        }
    };
    Ok((0..k).map(fold).collect())
}

/// The samples of each class, classes in ascending order.
fn group(labels: &[u32]) -> Result<Vec<Vec<u32>>> {
    let mut classes = std::collections::BTreeMap::<u32, Vec<u32>>::new();
    for (i, &label) in (0..to_u32(labels.len())?).zip(labels) {
        classes.entry(label).or_default().push(i);
    }
    Ok(classes.into_values().collect())
}

fn to_u32(samples: usize) -> Result<u32> {
    u32::try_from(samples).map_err(|_| Error::Setting {
        name: "samples",
        message: format!("expected at most {} samples, found {samples}", u32::MAX),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(parts: &[&[u32]]) -> Vec<u32> {
        let mut all = parts.concat();
        all.sort_unstable();
        all
    }

    fn class_counts(part: &[u32], labels: &[u32]) -> [usize; 3] {
        let mut counts = [0; 3];
        for &i in part {
            counts[labels[i as usize] as usize] += 1;
        }
        counts
    }

    #[test]
    fn parts_are_disjoint_exact_and_repeat_with_the_seed() {
        let split = Split::random(1000, [0.7, 0.1, 0.2], 5).unwrap();
        assert_eq!(
            (split.train.len(), split.validation.len(), split.test.len()),
            (700, 100, 200)
        );
        let together = all(&[&split.train, &split.validation, &split.test]);
        assert_eq!(together, (0..1000).collect::<Vec<_>>());
        assert_eq!(split, Split::random(1000, [0.7, 0.1, 0.2], 5).unwrap());
        assert_ne!(split, Split::random(1000, [0.7, 0.1, 0.2], 6).unwrap());
        assert!(!split.train.is_sorted());
    }

    #[test]
    fn stratified_keeps_the_proportions() {
        // 60, 30 and 11 of each class, interleaved.
        let mut labels: Vec<u32> = [vec![0; 60], vec![1; 30], vec![2; 11]].concat();
        Rng::new(1).shuffle(&mut labels);
        let split = Split::stratified(&labels, [0.6, 0.2, 0.2], 9).unwrap();
        let together = all(&[&split.train, &split.validation, &split.test]);
        assert_eq!(together, (0..101).collect::<Vec<_>>());
        for (part, share) in [(&split.train, 0.6), (&split.validation, 0.2), (&split.test, 0.2)] {
            for (count, whole) in class_counts(part, &labels).iter().zip([60.0, 30.0, 11.0]) {
                assert!(
                    (*count as f64 - whole * share).abs() <= 1.0,
                    "{count} of {whole} at {share}"
                );
            }
        }
    }

    #[test]
    fn a_class_of_one_sample_does_no_harm() {
        let labels = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
        let split = Split::stratified(&labels, [0.6, 0.2, 0.2], 3).unwrap();
        assert_eq!(
            (split.train.len(), split.validation.len(), split.test.len()),
            (6, 2, 2)
        );
    }

    #[test]
    fn nonsense_is_refused() {
        for shares in [[0.5, 0.2, 0.2], [1.2, -0.2, 0.0], [f64::NAN, 0.5, 0.5]] {
            assert!(
                matches!(Split::random(10, shares, 0), Err(Error::Setting { .. })),
                "{shares:?}"
            );
        }
        assert!(matches!(Split::random(0, [1.0, 0.0, 0.0], 0), Err(Error::Empty)));
        assert!(matches!(Split::random(9, [0.0, 0.0, 1.0], 0), Err(Error::Empty)));
        assert!(k_fold(10, 1, 0).is_err() && k_fold(10, 11, 0).is_err());
    }

    #[test]
    fn every_sample_is_tested_once() {
        let labels: Vec<u32> = [vec![0; 20], vec![1; 14], vec![2; 5]].concat();
        let folds = stratified_k_fold(&labels, 4, 8).unwrap();
        let tests: Vec<&[u32]> = folds.iter().map(|f| &f.test[..]).collect();
        assert_eq!(all(&tests), (0..39).collect::<Vec<_>>());
        for fold in &folds {
            assert_eq!(all(&[&fold.train, &fold.test]), (0..39).collect::<Vec<_>>());
            let counts = class_counts(&fold.test, &labels);
            assert!(
                counts[0] == 5 && (3..=4).contains(&counts[1]) && (1..=2).contains(&counts[2]),
                "{counts:?}"
            );
        }
        assert_eq!(k_fold(7, 7, 0).unwrap().len(), 7);
    }
}
