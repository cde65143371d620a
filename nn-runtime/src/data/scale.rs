//! Bringing columns to a common scale.

use std::fmt;
use std::str::FromStr;

use super::rows;
use super::text::{Fitted, Lines, escape};
use crate::{Error, Result, Rows, Scalar};

/// One column's map `y = (x - center) / scale + offset`.
#[derive(Clone, Copy, PartialEq, Debug)]
struct Affine {
    center: f64,
    scale: f64,
    offset: f64,
}

/// A map per column of row-major `[samples, width]` data, fitted on the training rows and applied to all.
///
/// A network learns faster where its inputs are of one size, and the test's statistics must not leak into training;
/// hence fit on the split's training part. A column that is constant there only moves, it is not divided by zero.
///
/// ```
/// use nn_runtime::data::Scaler;
/// use nn_runtime::Rows;
///
/// // Age and income of three people; the first two are the training part.
/// let mut x = [20.0f32, 1000.0, 40.0, 3000.0, 30.0, 5000.0];
/// let scaler = Scaler::standardize(&x, ["age", "income"], Rows::Range(0..2))?;
/// scaler.transform(&mut x)?;
/// assert_eq!(x, [-1.0, -1.0, 1.0, 1.0, 0.0, 3.0]);
/// scaler.inverse(&mut x)?;
/// assert_eq!(x[5], 5000.0);
/// # Ok::<(), nn_runtime::Error>(())
/// ```
#[derive(Clone, PartialEq, Debug)]
pub struct Scaler {
    names: Vec<String>,
    columns: Vec<Affine>,
}

impl Scaler {
    /// To mean 0 and standard deviation 1: `(x - mean) / std`, with the deviation of the population (divided by `n`).
    ///
    /// # Errors
    /// [`Error::NotFinite`] with the column's name, also where a number stands outside `rows`; [`Error::Length`],
    /// [`Error::Row`], [`Error::Empty`].
    pub fn standardize<T: Scalar>(x: &[T], names: impl Into<Names>, rows: Rows<'_>) -> Result<Self> {
        Self::fit(x, names.into(), rows, |column| {
            let n = column.len() as f64;
            let mean = column.iter().sum::<f64>() / n;
            let variance = column.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n;
            // A constant's sum is rounded, so that its computed deviation need not be 0.
            if column.iter().all(|&x| x == column[0]) {
                Affine {
                    center: column[0],
                    scale: 1.0,
                    offset: 0.0,
                }
            } else {
                Affine {
                    center: mean,
                    scale: variance.sqrt(),
                    offset: 0.0,
                }
            }
        })
    }

    /// To `low..high`: `low + (x - min) · (high - low) / (max - min)`. Rows outside the training part may fall
    /// outside; a constant column becomes `low`.
    ///
    /// # Errors
    /// As [`Scaler::standardize`]; [`Error::Setting`] where `low` is not below `high`.
    pub fn min_max<T: Scalar>(
        x: &[T],
        names: impl Into<Names>,
        rows: Rows<'_>,
        low: f64,
        high: f64,
    ) -> Result<Self> {
        if !(low < high && (high - low).is_finite()) {
            return Err(Error::Setting {
                name: "low",
                message: format!("expected a number below `high` ({high}), found {low}"),
            });
        }
        Self::fit(x, names.into(), rows, |column| {
            let min = column.iter().copied().fold(f64::INFINITY, f64::min);
            let max = column.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let scale = if min == max {
                1.0
            } else {
                (max - min) / (high - low)
            };
            Affine {
                center: min,
                scale,
                offset: low,
            }
        })
    }

    fn fit<T: Scalar>(
        x: &[T],
        Names(names): Names,
        rows: Rows<'_>,
        mut affine: impl FnMut(&[f64]) -> Affine,
    ) -> Result<Self> {
        let width = names.len();
        let rows = rows::indices(&rows, rows::count("x", x.len(), width)?)?;
        if rows.is_empty() {
            return Err(Error::Empty);
        }
        let mut scaler = Self {
            names,
            columns: Vec::with_capacity(width),
        };
        scaler.check(x)?;
        let mut column = Vec::with_capacity(rows.len());
        for c in 0..width {
            column.clear();
            column.extend(rows.iter().map(|&r| x[r * width + c].to_f64()));
            let fitted = affine(&column);
            // Numbers near the end of f64's range overflow the statistics, or underflow them to a scale of 0.
            if !(fitted.center.is_finite() && fitted.scale.is_finite() && fitted.scale > 0.0) {
                return Err(scaler.not_finite(c));
            }
            scaler.columns.push(fitted);
        }
        Ok(scaler)
    }

    /// Numbers per sample.
    #[must_use]
    pub fn width(&self) -> usize {
        self.names.len()
    }

    /// Scales every sample in place.
    ///
    /// # Errors
    /// [`Error::Length`]; [`Error::NotFinite`] with the column's name. `x` is then as it was.
    pub fn transform<T: Scalar>(&self, x: &mut [T]) -> Result<()> {
        self.apply(x, |a, x| (x - a.center) / a.scale + a.offset)
    }

    /// Undoes [`Scaler::transform`], for predictions in the data's own unit.
    ///
    /// # Errors
    /// As [`Scaler::transform`].
    pub fn inverse<T: Scalar>(&self, y: &mut [T]) -> Result<()> {
        self.apply(y, |a, y| (y - a.offset) * a.scale + a.center)
    }

    fn apply<T: Scalar>(&self, x: &mut [T], map: impl Fn(&Affine, f64) -> f64) -> Result<()> {
        rows::count("x", x.len(), self.width())?;
        self.check(x)?;
        for row in x.chunks_exact_mut(self.width()) {
            for (x, affine) in row.iter_mut().zip(&self.columns) {
                *x = T::from_f64(map(affine, x.to_f64()));
            }
        }
        Ok(())
    }

    fn check<T: Scalar>(&self, x: &[T]) -> Result<()> {
        match x.iter().position(|x| !x.to_f64().is_finite()) {
            Some(i) => Err(self.not_finite(i % self.width())),
            None => Ok(()),
        }
    }

    fn not_finite(&self, column: usize) -> Error {
        Error::NotFinite {
            what: self.names[column].clone(),
        }
    }
}

impl Fitted for Scaler {}

impl fmt::Display for Scaler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "scaler 1 {}", self.columns.len())?;
        for (
            Affine {
                center,
                scale,
                offset,
            },
            name,
        ) in self.columns.iter().zip(&self.names)
        {
            // The shortest text that reads back to the same bits.
            writeln!(f, "{center:?} {scale:?} {offset:?} {}", escape(name))?;
        }
        Ok(())
    }
}

impl FromStr for Scaler {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let (mut lines, count) = Lines::new(text, "scaler")?;
        let mut scaler = Self {
            names: Vec::new(),
            columns: Vec::new(),
        };
        for _ in 0..count {
            let ([center, scale, offset], name) = lines.item()?;
            let column = Affine {
                center: lines.number(center)?,
                scale: lines.number(scale)?,
                offset: lines.number(offset)?,
            };
            if column.scale <= 0.0 {
                return Err(lines.fault(format!("expected a scale above 0, found {}", column.scale)));
            }
            scaler.columns.push(column);
            scaler.names.push(name);
        }
        lines.end()?;
        Ok(scaler)
    }
}

/// What the columns of a matrix are called: their names, or only how many there are (`column 1`, `column 2`, …).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Names(Vec<String>);

impl From<usize> for Names {
    fn from(width: usize) -> Self {
        Self((1..=width).map(|i| format!("column {i}")).collect())
    }
}

impl From<&[&str]> for Names {
    fn from(names: &[&str]) -> Self {
        Self(names.iter().map(|&name| name.to_owned()).collect())
    }
}

impl<const N: usize> From<[&str; N]> for Names {
    fn from(names: [&str; N]) -> Self {
        Self::from(&names[..])
    }
}

impl<const N: usize> From<&[&str; N]> for Names {
    fn from(names: &[&str; N]) -> Self {
        Self::from(&names[..])
    }
}

impl From<Vec<String>> for Names {
    fn from(names: Vec<String>) -> Self {
        Self(names)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const X: [f64; 8] = [1.0, 10.0, 2.0, 10.0, 4.0, 10.0, 900.0, 11.0];

    #[test]
    fn standardize_uses_the_training_rows_alone() {
        let scaler = Scaler::standardize(&X, 2, Rows::Index(&[0, 1, 2])).unwrap();
        let mut x = X;
        scaler.transform(&mut x).unwrap();
        let mean: f64 = 7.0 / 3.0;
        let std = [1.0, 2.0, 4.0]
            .map(|x: f64| (x - mean).powi(2))
            .iter()
            .sum::<f64>()
            / 3.0;
        assert!((x[0] - (1.0 - mean) / std.sqrt()).abs() < 1e-12);
        assert!((x[0] + x[2] + x[4]).abs() < 1e-12);
        // The constant column only moves.
        assert_eq!([x[1], x[3], x[5], x[7]], [0.0, 0.0, 0.0, 1.0]);
    }

    #[test]
    fn a_constant_that_does_not_sum_exactly_is_still_constant() {
        let x = [0.1f64; 7];
        let mut y = x;
        Scaler::standardize(&x, 1, Rows::All)
            .unwrap()
            .transform(&mut y)
            .unwrap();
        assert_eq!(y, [0.0; 7]);
    }

    #[test]
    fn min_max_spans_the_range() {
        let scaler = Scaler::min_max(&X, 2, Rows::Range(0..3), -1.0, 1.0).unwrap();
        let mut x = X;
        scaler.transform(&mut x).unwrap();
        assert!((x[0] + 1.0).abs() < 1e-12 && (x[4] - 1.0).abs() < 1e-12 && x[6] > 1.0);
        assert_eq!([x[1], x[3], x[5]], [-1.0; 3]);
        scaler.inverse(&mut x).unwrap();
        assert!(x.iter().zip(X).all(|(a, b)| (a - b).abs() < 1e-9 * b), "{x:?}");
        for (low, high) in [(1.0, 1.0), (0.0, f64::NAN), (f64::NEG_INFINITY, 0.0)] {
            assert!(matches!(
                Scaler::min_max(&X, 2, Rows::All, low, high),
                Err(Error::Setting { .. })
            ));
        }
    }

    #[test]
    fn numbers_that_are_not_finite_name_their_column() {
        let mut x = [1.0f32, 2.0, 3.0, f32::NAN];
        for error in [
            Scaler::standardize(&x, ["age", "bmi"], Rows::All).unwrap_err(),
            Scaler::standardize(&[1.0f32, 2.0], ["age", "bmi"], Rows::All)
                .unwrap()
                .transform(&mut x)
                .unwrap_err(),
        ] {
            assert_eq!(error.to_string(), "`bmi` is not finite");
        }
        assert_eq!(x[..3], [1.0, 2.0, 3.0]);
        let huge = [f64::MAX, -f64::MAX];
        assert!(matches!(
            Scaler::standardize(&huge, 1, Rows::All),
            Err(Error::NotFinite { .. })
        ));
        assert!(matches!(
            Scaler::min_max(&huge, 1, Rows::All, 0.0, 1.0),
            Err(Error::NotFinite { .. })
        ));
    }

    #[test]
    fn lengths_and_rows_are_checked() {
        assert!(matches!(
            Scaler::standardize(&X, 3, Rows::All),
            Err(Error::Length { .. })
        ));
        assert!(matches!(
            Scaler::standardize(&X, 0, Rows::All),
            Err(Error::Length { .. })
        ));
        assert!(matches!(
            Scaler::standardize(&X, 2, Rows::Index(&[4])),
            Err(Error::Row { .. })
        ));
        assert!(matches!(
            Scaler::standardize(&X, 2, Rows::Index(&[])),
            Err(Error::Empty)
        ));
    }

    #[test]
    fn the_text_form_reads_back_exactly() {
        let x = [0.1f64, 1e-300, 0.7, 3.0, 1.0 / 3.0, -1e300];
        let scaler =
            Scaler::min_max(&x, ["with space\nand line", "back\\slash"], Rows::All, 0.1, 0.7).unwrap();
        assert_eq!(scaler.to_string().parse::<Scaler>().unwrap(), scaler);
    }

    #[test]
    fn a_damaged_text_form_is_refused() {
        for (text, part) in [
            ("", "expected `scaler 1` and a count, found ``"),
            ("vocabulary 1 0\n", "found `vocabulary 1 0`"),
            ("scaler 2 1\n1 1 0 a\n", "expected `scaler 1`"),
            (
                "scaler 1 2\n1 1 0 a\n",
                "scaler:3: expected 3 values and a name, found ``",
            ),
            (
                "scaler 1 1\n1 1 0 a\n1 1 0 b\n",
                "as many lines as the first one says",
            ),
            ("scaler 1 1\n1 1 0 a", "as many lines as the first one says"),
            ("scaler 1 1\n1 x 0 a\n", "scaler:2: expected a number, found `x`"),
            ("scaler 1 1\n1 NaN 0 a\n", "expected a number, found `NaN`"),
            ("scaler 1 1\n1 0 0 a\n", "expected a scale above 0, found 0"),
            ("scaler 1 99999999999999\n", "expected 3 values"),
        ] {
            let message = text.parse::<Scaler>().unwrap_err().to_string();
            assert!(message.contains(part), "{message}");
        }
    }
}
