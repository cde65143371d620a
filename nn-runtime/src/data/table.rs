//! Named columns of numbers or text.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::Vocabulary;
use crate::{Error, Result, Scalar};

/// The cells of a column.
#[derive(Clone, Debug, PartialEq)]
pub enum Values {
    /// Every cell that is there is a finite number; a missing one is NaN.
    Numbers(Vec<f64>),
    /// Some cell is no number; a missing one is `None`.
    Text(Vec<Option<String>>),
}

/// A column of a [`Table`].
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// From the header.
    pub name: String,
    /// One cell a row.
    pub values: Values,
}

impl Column {
    /// Whether the cell of a row is missing.
    ///
    /// # Panics
    /// Where the table has no such row.
    #[must_use]
    pub fn is_missing(&self, row: usize) -> bool {
        match &self.values {
            Values::Numbers(x) => x[row].is_nan(),
            Values::Text(x) => x[row].is_none(),
        }
    }

    /// Number of missing cells.
    #[must_use]
    pub fn missing(&self) -> usize {
        match &self.values {
            Values::Numbers(x) => x.iter().filter(|x| x.is_nan()).count(),
            Values::Text(x) => x.iter().filter(|x| x.is_none()).count(),
        }
    }

    fn retain(&mut self, keep: &[bool]) {
        let mut keep = keep.iter();
        let mut next = || *keep.next().unwrap_or(&false);
        match &mut self.values {
            Values::Numbers(x) => x.retain(|_| next()),
            Values::Text(x) => x.retain(|_| next()),
        }
    }
}

/// What a CSV file holds: named columns of equal length, numeric or text, with missing cells.
///
/// A column is numeric where all its cells are numbers. Asking a text column for numbers is an error that names the
/// file, the line and the field at fault, so that one bad cell among thousands is found at once.
///
/// ```
/// # #[cfg(feature = "csv")] {
/// use nn_runtime::data::Table;
///
/// let mut table = Table::parse_csv("height,weight,species\n4,2,cat\n6,NA,dog\n5,3,cat\n")?;
/// assert_eq!(table.drop_missing(), 1);
/// let x: Vec<f32> = table.matrix(&["height", "weight"])?;
/// assert_eq!(x, [4.0, 2.0, 5.0, 3.0]);
/// # }
/// # Ok::<(), nn_runtime::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    path: PathBuf,
    columns: Vec<Column>,
    /// The line of the file on which each row starts.
    lines: Vec<usize>,
}

impl Table {
    /// A table from columns made in the program; errors call it `table` and count its rows as lines from 1.
    ///
    /// # Errors
    /// [`Error::Setting`] where columns differ in length or share a name; [`Error::Empty`] without a column.
    pub fn from_columns(columns: Vec<Column>) -> Result<Self> {
        let length = |column: &Column| match &column.values {
            Values::Numbers(x) => x.len(),
            Values::Text(x) => x.len(),
        };
        let rows = length(columns.first().ok_or(Error::Empty)?);
        for (i, column) in columns.iter().enumerate() {
            let fault = if columns[..i].iter().any(|other| other.name == column.name) {
                format!("a second column is called `{}`", column.name)
            } else if length(column) != rows {
                format!(
                    "expected {rows} cells in `{}`, found {}",
                    column.name,
                    length(column)
                )
            } else {
                continue;
            };
            return Err(Error::Setting {
                name: "columns",
                message: fault,
            });
        }
        Ok(Self::new("table".into(), columns, (1..=rows).collect()))
    }

    pub(super) fn new(path: PathBuf, columns: Vec<Column>, lines: Vec<usize>) -> Self {
        Self { path, columns, lines }
    }

    /// Number of rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.lines.len()
    }

    /// The columns, in the file's order.
    #[must_use]
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// The column of that name.
    ///
    /// # Errors
    /// [`Error::Format`] with the names there are.
    pub fn column(&self, name: &str) -> Result<&Column> {
        Ok(&self.columns[self.place(name)?])
    }

    /// Columns as a flat row-major matrix of shape `[rows, names.len()]`.
    ///
    /// # Errors
    /// [`Error::Format`] with line and field of the first cell that is missing or no number.
    pub fn matrix<T: Scalar>(&self, names: &[&str]) -> Result<Vec<T>> {
        let mut x = vec![T::ZERO; self.rows() * names.len()];
        for (c, name) in names.iter().enumerate() {
            for (row, &value) in self.numbers(name)?.iter().enumerate() {
                x[row * names.len() + c] = T::from_f64(value);
            }
        }
        Ok(x)
    }

    /// One column's numbers, none of them missing.
    ///
    /// # Errors
    /// As [`Table::matrix`].
    pub fn numbers(&self, name: &str) -> Result<Vec<f64>> {
        let place = self.place(name)?;
        match &self.columns[place].values {
            Values::Numbers(x) => match x.iter().position(|x| x.is_nan()) {
                Some(row) => Err(self.missing_cell(row, place)),
                None => Ok(x.clone()),
            },
            // What made it text may have gone with a dropped row.
            Values::Text(x) => {
                let parse = |(row, cell): (usize, &Option<String>)| {
                    let text = cell.as_ref().ok_or_else(|| self.missing_cell(row, place))?;
                    let bad = || format!("expected a number in `{name}`, found `{text}`");
                    number(text).ok_or_else(|| self.cell(row, place, bad()))
                };
                x.iter().enumerate().map(parse).collect()
            }
        }
    }

    /// A column as class indices into its sorted vocabulary; numbers (`0`, `1`, …) serve as well as text.
    ///
    /// # Errors
    /// [`Error::Format`] with line and field of the first missing cell.
    pub fn classes(&self, name: &str) -> Result<(Vocabulary, Vec<u32>)> {
        let vocabulary = Vocabulary::fit(self, name)?;
        let indices = vocabulary.encode(self, name)?;
        Ok((vocabulary, indices))
    }

    /// A copy of the chosen rows, in that order.
    ///
    /// # Errors
    /// [`Error::Row`].
    pub fn select(&self, rows: crate::Rows<'_>) -> Result<Self> {
        let rows = super::rows::indices(&rows, self.rows())?;
        let columns = self.columns.iter().map(|column| Column {
            name: column.name.clone(),
            values: match &column.values {
                Values::Numbers(x) => Values::Numbers(rows.iter().map(|&row| x[row]).collect()),
                Values::Text(x) => Values::Text(rows.iter().map(|&row| x[row].clone()).collect()),
            },
        });
        Ok(Self::new(
            self.path.clone(),
            columns.collect(),
            rows.iter().map(|&row| self.lines[row]).collect(),
        ))
    }

    /// Drops every row with a missing cell; says how many.
    pub fn drop_missing(&mut self) -> usize {
        let keep: Vec<bool> = (0..self.rows())
            .map(|row| !self.columns.iter().any(|c| c.is_missing(row)))
            .collect();
        self.retain(&keep)
    }

    /// Drops every row that repeats an earlier one in all columns; says how many.
    pub fn drop_duplicates(&mut self) -> usize {
        // Adding 0 makes -0 and 0 one number; a missing number is one NaN by construction.
        let key = |row: usize| -> Vec<(u64, Option<&str>)> {
            let cells = self.columns.iter().map(|column| match &column.values {
                Values::Numbers(x) => ((x[row] + 0.0).to_bits(), None),
                Values::Text(x) => (0, x[row].as_deref()),
            });
            cells.collect()
        };
        let mut seen = HashSet::with_capacity(self.rows());
        let keep: Vec<bool> = (0..self.rows()).map(|row| seen.insert(key(row))).collect();
        drop(seen);
        self.retain(&keep)
    }

    fn retain(&mut self, keep: &[bool]) -> usize {
        let before = self.rows();
        for column in &mut self.columns {
            column.retain(keep);
        }
        let mut kept = keep.iter();
        self.lines.retain(|_| *kept.next().unwrap_or(&false));
        before - self.rows()
    }

    pub(super) fn values_mut(&mut self, place: usize) -> &mut Values {
        &mut self.columns[place].values
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn place(&self, name: &str) -> Result<usize> {
        self.columns
            .iter()
            .position(|column| column.name == name)
            .ok_or_else(|| {
                let names: Vec<String> = self.columns.iter().map(|c| format!("`{}`", c.name)).collect();
                Error::Format {
                    path: self.path.clone(),
                    line: 0,
                    column: 0,
                    message: format!("no column `{name}`; there are {}", names.join(", ")),
                }
            })
    }

    pub(super) fn missing_cell(&self, row: usize, place: usize) -> Error {
        let name = &self.columns[place].name;
        let message = format!("`{name}` is missing; `drop_missing` or a `Filler` deals with that");
        self.cell(row, place, message)
    }

    pub(super) fn cell(&self, row: usize, place: usize, message: String) -> Error {
        Error::Format {
            path: self.path.clone(),
            line: self.lines[row],
            column: place + 1,
            message,
        }
    }
}

/// A cell as a finite number: `inf` and `nan` are text.
pub(super) fn number(cell: &str) -> Option<f64> {
    cell.parse().ok().filter(|x: &f64| x.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Rows;

    fn table() -> Table {
        let some = |text: &str| Some(text.to_owned());
        Table::from_columns(vec![
            Column {
                name: "age".into(),
                values: Values::Numbers(vec![1.0, 2.0, f64::NAN, 1.0, f64::NAN, 0.0, -0.0]),
            },
            Column {
                name: "kind".into(),
                values: Values::Text(vec![
                    some("a"),
                    None,
                    some("b"),
                    some("a"),
                    some("b"),
                    some("c"),
                    some("c"),
                ]),
            },
        ])
        .unwrap()
    }

    #[test]
    fn rows_with_a_missing_cell_are_dropped() {
        let mut table = table();
        assert_eq!(
            (table.columns()[0].missing(), table.columns()[1].missing()),
            (2, 1)
        );
        assert_eq!(table.drop_missing(), 3);
        assert_eq!(table.numbers("age").unwrap(), [1.0, 1.0, 0.0, 0.0]);
    }

    #[test]
    fn repeated_rows_are_dropped_missing_cells_included() {
        let mut table = table();
        assert_eq!(table.drop_duplicates(), 3);
        assert_eq!(table.rows(), 4);
        assert_eq!(table.drop_duplicates(), 0);
        // The line numbers went with the rows.
        assert_eq!(table.drop_missing(), 2);
        assert_eq!(
            table.numbers("kind").unwrap_err().to_string(),
            "table:1:2: expected a number in `kind`, found `a`"
        );
    }

    #[test]
    fn select_copies_rows() {
        let some = table().select(Rows::Index(&[6, 0])).unwrap();
        assert_eq!(some.matrix::<f32>(&["age", "age"]).unwrap(), [0.0, 0.0, 1.0, 1.0]);
        assert!(matches!(
            table().select(Rows::Index(&[7])),
            Err(Error::Row { .. })
        ));
    }

    #[test]
    fn faults_name_their_place() {
        let table = table();
        assert_eq!(
            table.matrix::<f32>(&["age"]).unwrap_err().to_string(),
            "table:3:1: `age` is missing; `drop_missing` or a `Filler` deals with that"
        );
        assert_eq!(
            table.column("Age").unwrap_err().to_string(),
            "table: no column `Age`; there are `age`, `kind`"
        );
    }

    #[test]
    fn columns_must_agree() {
        let column = |name: &str, n: usize| Column {
            name: name.into(),
            values: Values::Numbers(vec![0.0; n]),
        };
        let message = |columns| Table::from_columns(columns).unwrap_err().to_string();
        assert!(message(vec![column("a", 2), column("b", 3)]).contains("expected 2 cells in `b`, found 3"));
        assert!(message(vec![column("a", 2), column("a", 2)]).contains("a second column is called `a`"));
        assert!(matches!(Table::from_columns(vec![]), Err(Error::Empty)));
    }
}
