//! Choosing rows of flat data.

use crate::{Error, Result, Rows};

/// The chosen rows in order, each checked to be below `samples`.
pub(super) fn indices(rows: &Rows<'_>, samples: usize) -> Result<Vec<usize>> {
    let chosen: Vec<usize> = match rows {
        Rows::All => (0..samples).collect(),
        Rows::Range(range) => {
            if range.end > samples {
                return Err(Error::Row {
                    found: range.end - 1,
                    samples,
                });
            }
            range.clone().collect()
        }
        Rows::Index(index) => index.iter().map(|&i| i as usize).collect(),
    };
    match chosen.iter().find(|&&i| i >= samples) {
        Some(&found) => Err(Error::Row { found, samples }),
        None => Ok(chosen),
    }
}

/// Number of whole rows of `width` numbers.
pub(super) fn count(what: &str, len: usize, width: usize) -> Result<usize> {
    if width == 0 || !len.is_multiple_of(width) {
        return Err(Error::Length {
            what: what.to_owned(),
            expected_multiple_of: width,
            found: len,
        });
    }
    Ok(len / width)
}

/// Copies the chosen rows of `[samples, width]` data, for the places where a view of [`Rows`] will not do.
///
/// # Errors
/// [`Error::Length`], [`Error::Row`].
pub fn gather<T: Copy>(data: &[T], width: usize, rows: Rows<'_>) -> Result<Vec<T>> {
    let samples = count("data", data.len(), width)?;
    let rows = indices(&rows, samples)?;
    Ok(rows
        .iter()
        .flat_map(|&i| &data[i * width..(i + 1) * width])
        .copied()
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gather_copies_in_the_order_asked_for() {
        let data = [0, 1, 10, 11, 20, 21];
        assert_eq!(
            gather(&data, 2, Rows::Index(&[2, 0, 2])).unwrap(),
            [20, 21, 0, 1, 20, 21]
        );
        assert_eq!(gather(&data, 2, Rows::Range(1..2)).unwrap(), [10, 11]);
        assert_eq!(gather(&data, 3, Rows::All).unwrap(), data);
    }

    #[test]
    fn rows_outside_the_data_are_refused() {
        let data = [0, 1, 10, 11, 20, 21];
        assert!(matches!(
            gather(&data, 2, Rows::Index(&[1, 3])),
            Err(Error::Row { found: 3, samples: 3 })
        ));
        assert!(matches!(
            gather(&data, 2, Rows::Range(2..5)),
            Err(Error::Row { found: 4, samples: 3 })
        ));
        assert!(matches!(gather(&data, 4, Rows::All), Err(Error::Length { .. })));
        assert!(matches!(gather(&data, 0, Rows::All), Err(Error::Length { .. })));
    }
}
