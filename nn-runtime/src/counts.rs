//! Whether the data of a call fit the network and each other: numbers of samples, chosen rows, labels.

use crate::{Error, Result, Rows};

/// Number of chosen rows of data that hold `samples` samples.
///
/// # Errors
/// [`Error::Empty`], [`Error::Row`].
pub fn count_rows(rows: &Rows<'_>, samples: usize) -> Result<usize> {
    let n = match rows {
        Rows::All => samples,
        Rows::Range(r) if r.end > samples => {
            return Err(Error::Row {
                found: r.end - 1,
                samples,
            });
        }
        Rows::Range(r) => r.len(),
        Rows::Index(index) => {
            if let Some(&found) = index.iter().find(|&&i| i as usize >= samples) {
                return Err(Error::Row {
                    found: found as usize,
                    samples,
                });
            }
            index.len()
        }
    };
    if n == 0 { Err(Error::Empty) } else { Ok(n) }
}

/// Number of whole samples of `width` numbers in an input or target called `what`.
///
/// # Errors
/// [`Error::Length`].
pub fn count_samples(what: &str, len: usize, width: usize) -> Result<usize> {
    if len.is_multiple_of(width) {
        Ok(len / width)
    } else {
        Err(Error::Length {
            what: what.to_string(),
            expected_multiple_of: width,
            found: len,
        })
    }
}

/// Fails where the data called `what` hold another number of samples than the first input.
///
/// # Errors
/// [`Error::UnequalCount`].
pub fn equal_count(expected: usize, what: &str, found: usize) -> Result<()> {
    if expected == found {
        Ok(())
    } else {
        Err(Error::UnequalCount {
            what: what.to_string(),
            expected,
            found,
        })
    }
}

/// Fails where a target holds another number of samples than the inputs.
///
/// # Errors
/// [`Error::SampleCount`].
pub fn same_count(inputs: usize, targets: usize) -> Result<()> {
    if inputs == targets {
        Ok(())
    } else {
        Err(Error::SampleCount { inputs, targets })
    }
}

/// Fails on the first chosen label that is no class.
///
/// # Errors
/// [`Error::Label`].
pub fn check_labels(labels: &[u32], per: usize, classes: usize, rows: &Rows<'_>) -> Result<()> {
    let check = |row: usize| {
        let bad = labels[row * per..][..per]
            .iter()
            .find(|&&l| l as usize >= classes);
        bad.map_or(Ok(()), |&found| {
            Err(Error::Label {
                sample: row,
                found,
                classes,
            })
        })
    };
    match rows {
        Rows::All => (0..labels.len() / per).try_for_each(check),
        Rows::Range(r) => r.clone().try_for_each(check),
        Rows::Index(index) => index.iter().try_for_each(|&row| check(row as usize)),
    }
}
