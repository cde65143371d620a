//! Missing cells filled with what the training rows say.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use super::rows;
use super::table::{Table, Values};
use super::text::{Fitted, Lines, escape};
use crate::{Error, Result, Rows};

/// What goes into a missing cell.
#[derive(Clone, Debug, PartialEq)]
pub enum Fill {
    /// The column's mean; numbers only.
    Mean,
    /// The middle number, or the mean of the middle two; numbers only.
    Median,
    /// The commonest cell; of equally common ones the smallest.
    MostFrequent,
    /// This number; numbers only.
    Number(f64),
    /// This text; text only.
    Text(String),
}

/// A value for every column it was fitted on.
///
/// ```
/// # #[cfg(feature = "csv")] {
/// use nn_runtime::data::{Fill, Filler, Table};
/// use nn_runtime::Rows;
///
/// let mut table = Table::parse_csv("age,city\n20,Rome\n,Rome\n40,\n90,Oslo\n")?;
/// // The first three rows train: the 90 must not be seen.
/// let mut filler = Filler::fit(&table, &["age"], &Fill::Mean, Rows::Range(0..3))?;
/// filler.add(&table, &["city"], &Fill::MostFrequent, Rows::Range(0..3))?;
/// assert_eq!(filler.apply(&mut table)?, 2);
/// assert_eq!(table.numbers("age")?, [20.0, 30.0, 40.0, 90.0]);
/// # }
/// # Ok::<(), nn_runtime::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Filler {
    columns: Vec<(String, Value)>,
}

#[derive(Clone, Debug, PartialEq)]
enum Value {
    Number(f64),
    Text(String),
}

impl Filler {
    /// Fits the columns on the chosen rows.
    ///
    /// # Errors
    /// [`Error::Format`] for a column that is not there, is text where numbers are wanted (or the reverse), or has no
    /// cell to learn from; [`Error::Row`].
    pub fn fit(table: &Table, columns: &[&str], fill: &Fill, rows: Rows<'_>) -> Result<Self> {
        let mut filler = Self::default();
        filler.add(table, columns, fill, rows)?;
        Ok(filler)
    }

    /// Fits more columns, perhaps in another way; the last fit of a column counts.
    ///
    /// # Errors
    /// As [`Filler::fit`]; the filler is then as it was.
    pub fn add(&mut self, table: &Table, columns: &[&str], fill: &Fill, rows: Rows<'_>) -> Result<()> {
        let rows = rows::indices(&rows, table.rows())?;
        let values: Result<Vec<Value>> = columns
            .iter()
            .map(|name| value(table, name, fill, &rows))
            .collect();
        for (&name, value) in columns.iter().zip(values?) {
            self.columns.retain(|(other, _)| other != name);
            self.columns.push((name.to_owned(), value));
        }
        Ok(())
    }

    /// Fills the missing cells of all fitted columns; says how many.
    ///
    /// # Errors
    /// [`Error::Format`] where the table lacks a column or holds text for numbers; the table is then as it was.
    pub fn apply(&self, table: &mut Table) -> Result<usize> {
        let mut places = Vec::with_capacity(self.columns.len());
        for (name, value) in &self.columns {
            let place = table.place(name)?;
            match (&table.columns()[place].values, value) {
                (Values::Numbers(_), Value::Number(_)) | (Values::Text(_), Value::Text(_)) => {
                    places.push(place)
                }
                (Values::Text(_), Value::Number(_)) => return Err(not_numbers(table, name)),
                (Values::Numbers(_), Value::Text(_)) => return Err(not_text(table, name)),
            }
        }
        let mut filled = 0;
        for (place, (_, value)) in places.into_iter().zip(&self.columns) {
            filled += table.columns()[place].missing();
            match (table.values_mut(place), value) {
                (Values::Numbers(x), Value::Number(value)) => {
                    x.iter_mut().filter(|x| x.is_nan()).for_each(|x| *x = *value);
                }
                (Values::Text(x), Value::Text(value)) => {
                    x.iter_mut()
                        .filter(|x| x.is_none())
                        .for_each(|x| *x = Some(value.clone()));
                }
                _ => unreachable!("checked above"),
            }
        }
        Ok(filled)
    }
}

fn value(table: &Table, name: &str, fill: &Fill, rows: &[usize]) -> Result<Value> {
    let nothing = || {
        fault(
            table,
            format!("`{name}` has no cell to learn from in the chosen rows"),
        )
    };
    match (&table.column(name)?.values, fill) {
        (Values::Numbers(_), Fill::Number(x)) if x.is_finite() => Ok(Value::Number(*x)),
        (Values::Numbers(_), Fill::Number(_)) => Err(Error::NotFinite {
            what: name.to_owned(),
        }),
        (Values::Text(_), Fill::Text(text)) => Ok(Value::Text(text.clone())),
        (Values::Text(x), Fill::MostFrequent) => {
            let cells = rows.iter().filter_map(|&row| x[row].as_deref());
            most_frequent(cells)
                .map(|text| Value::Text(text.to_owned()))
                .ok_or_else(nothing)
        }
        (Values::Text(_), _) => Err(not_numbers(table, name)),
        (Values::Numbers(_), Fill::Text(_)) => Err(not_text(table, name)),
        (Values::Numbers(x), fill) => {
            let mut x: Vec<f64> = rows
                .iter()
                .map(|&row| x[row] + 0.0)
                .filter(|x| !x.is_nan())
                .collect();
            x.sort_by(f64::total_cmp);
            let n = x.len();
            if n == 0 {
                return Err(nothing());
            }
            let number = match fill {
                Fill::Mean => x.iter().sum::<f64>() / n as f64,
                Fill::Median => x[(n - 1) / 2].midpoint(x[n / 2]),
                // Of equally long runs the last one wins, hence from the largest number to the smallest.
                _ => x
                    .chunk_by(|a, b| a == b)
                    .rev()
                    .max_by_key(|run| run.len())
                    .map_or(x[0], |run| run[0]),
            };
            if number.is_finite() {
                Ok(Value::Number(number))
            } else {
                Err(Error::NotFinite {
                    what: name.to_owned(),
                })
            }
        }
    }
}

fn most_frequent<'a>(cells: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let mut counts = BTreeMap::<&str, usize>::new();
    for cell in cells {
        *counts.entry(cell).or_default() += 1;
    }
    // `max_by_key` keeps the last of equals; reversed, the smallest.
    counts
        .into_iter()
        .rev()
        .max_by_key(|&(_, count)| count)
        .map(|(cell, _)| cell)
}

fn not_numbers(table: &Table, name: &str) -> Error {
    // The column's own complaint names the first cell that is no number.
    match table.numbers(name) {
        Err(error) => error,
        Ok(_) => fault(table, format!("expected numbers in `{name}`, found text")),
    }
}

fn not_text(table: &Table, name: &str) -> Error {
    fault(table, format!("expected text in `{name}`, found numbers"))
}

fn fault(table: &Table, message: String) -> Error {
    Error::Format {
        path: table.path().to_owned(),
        line: 0,
        column: 0,
        message,
    }
}

impl Fitted for Filler {}

impl fmt::Display for Filler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Two lines a column: its name, then its value as a name, since both may hold spaces.
        writeln!(f, "filler 1 {}", self.columns.len())?;
        for (name, value) in &self.columns {
            match value {
                Value::Number(x) => writeln!(f, "number {}\n{x:?}", escape(name))?,
                Value::Text(text) => writeln!(f, "text {}\n{}", escape(name), escape(text))?,
            }
        }
        Ok(())
    }
}

impl FromStr for Filler {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let (mut lines, count) = Lines::new(text, "filler")?;
        let mut filler = Self::default();
        for _ in 0..count {
            let ([kind], name) = lines.item()?;
            let value = match kind {
                "number" => {
                    let ([], value) = lines.item()?;
                    Value::Number(lines.number(&value)?)
                }
                "text" => Value::Text(lines.item::<0>()?.1),
                _ => return Err(lines.fault(format!("expected `number` or `text`, found `{kind}`"))),
            };
            filler.columns.push((name, value));
        }
        lines.end()?;
        Ok(filler)
    }
}

#[cfg(test)]
mod tests {
    use super::super::table::Column;
    use super::*;

    fn table() -> Table {
        let some = |text: &str| Some(text.to_owned());
        Table::from_columns(vec![
            Column {
                name: "n".into(),
                values: Values::Numbers(vec![5.0, f64::NAN, 1.0, 1.0, 9.0, 1000.0]),
            },
            Column {
                name: "t".into(),
                values: Values::Text(vec![some("b"), some("a"), None, some("b"), some("a"), some("z")]),
            },
        ])
        .unwrap()
    }

    const TRAINING: Rows<'static> = Rows::Range(0..5);

    #[test]
    fn numbers() {
        for (fill, expected) in [
            (Fill::Mean, 4.0),
            (Fill::Median, 3.0),
            (Fill::MostFrequent, 1.0),
            (Fill::Number(-7.0), -7.0),
        ] {
            let mut table = table();
            let filler = Filler::fit(&table, &["n"], &fill, TRAINING).unwrap();
            assert_eq!(filler.apply(&mut table).unwrap(), 1);
            assert_eq!(table.numbers("n").unwrap()[1], expected, "{fill:?}");
        }
    }

    #[test]
    fn text() {
        for (fill, expected) in [(Fill::MostFrequent, "a"), (Fill::Text("?".into()), "?")] {
            let mut table = table();
            let filler = Filler::fit(&table, &["t"], &fill, TRAINING).unwrap();
            assert_eq!(filler.apply(&mut table).unwrap(), 1);
            let Values::Text(t) = &table.column("t").unwrap().values else {
                panic!()
            };
            assert_eq!(t[2].as_deref(), Some(expected));
        }
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let message = |column: &str, fill: Fill, rows: Rows<'_>| {
            Filler::fit(&table(), &[column], &fill, rows)
                .unwrap_err()
                .to_string()
        };
        assert_eq!(
            message("t", Fill::Mean, TRAINING),
            "table:1:2: expected a number in `t`, found `b`"
        );
        assert_eq!(
            message("n", Fill::Text("x".into()), TRAINING),
            "table: expected text in `n`, found numbers"
        );
        assert_eq!(
            message("n", Fill::Mean, Rows::Index(&[1])),
            "table: `n` has no cell to learn from in the chosen rows"
        );
        assert!(message("n", Fill::Number(f64::NAN), TRAINING).contains("not finite"));
        assert!(message("x", Fill::Mean, TRAINING).contains("no column `x`"));
        assert!(message("n", Fill::Mean, Rows::Index(&[6])).contains("row 6"));
    }

    #[test]
    fn a_table_of_other_columns_is_left_alone() {
        let filler = Filler::fit(&table(), &["n", "t"], &Fill::MostFrequent, TRAINING).unwrap();
        let values = Values::Numbers(vec![f64::NAN]);
        let mut other = Table::from_columns(vec![Column {
            name: "n".into(),
            values,
        }])
        .unwrap();
        assert!(filler.apply(&mut other).is_err());
        assert_eq!(other.columns()[0].missing(), 1);
    }

    #[test]
    fn the_text_form_reads_back() {
        let mut filler = Filler::fit(&table(), &["t"], &Fill::Text("a b\nc".into()), TRAINING).unwrap();
        filler
            .add(&table(), &["n"], &Fill::Number(1.0 / 3.0), TRAINING)
            .unwrap();
        assert_eq!(filler.to_string().parse::<Filler>().unwrap(), filler);
        for text in [
            "filler 1 1\nnumber n\nx\n",
            "filler 1 1\nboth n\n1\n",
            "filler 1 1\nnumber n\n",
        ] {
            assert!(text.parse::<Filler>().is_err(), "{text}");
        }
    }
}
