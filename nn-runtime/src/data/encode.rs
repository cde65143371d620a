//! Text as class indices, class indices as one-hot rows.

use std::fmt;
use std::str::FromStr;

use super::table::{Table, Values};
use super::text::{Fitted, Lines, escape};
use crate::{Error, Result, Scalar};

/// The classes of a column, sorted: index `i` stands for `names()[i]`. Numbers sort as numbers.
///
/// ```
/// # #[cfg(feature = "csv")] {
/// use nn_runtime::data::Table;
///
/// let table = Table::parse_csv("species\ndog\ncat\ndog\n")?;
/// let (species, indices) = table.classes("species")?;
/// assert_eq!(species.names(), ["cat", "dog"]);
/// assert_eq!(indices, [1, 0, 1]);
/// # }
/// # Ok::<(), nn_runtime::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vocabulary {
    names: Vec<String>,
}

impl Vocabulary {
    /// These classes, in this order: the folders of an image set.
    ///
    /// # Errors
    /// [`Error::Setting`] for a name that is there twice.
    pub fn new<S: Into<String>>(names: impl IntoIterator<Item = S>) -> Result<Self> {
        let names: Vec<String> = names.into_iter().map(Into::into).collect();
        match (1..names.len()).find(|&i| names[..i].contains(&names[i])) {
            Some(twice) => Err(Error::Setting {
                name: "names",
                message: format!("expected every class once, found `{}` twice", names[twice]),
            }),
            None => Ok(Self { names }),
        }
    }

    /// The distinct cells of a column.
    ///
    /// # Errors
    /// [`Error::Format`] with line and field of the first missing cell.
    pub fn fit(table: &Table, column: &str) -> Result<Self> {
        let place = table.place(column)?;
        let column = &table.columns()[place];
        if let Some(row) = (0..table.rows()).find(|&row| column.is_missing(row)) {
            return Err(table.missing_cell(row, place));
        }
        let mut names: Vec<String> = match &column.values {
            Values::Numbers(x) => {
                let mut x: Vec<f64> = x.iter().map(|x| x + 0.0).collect();
                x.sort_by(f64::total_cmp);
                x.iter().map(f64::to_string).collect()
            }
            Values::Text(x) => {
                let mut x: Vec<String> = x.iter().flatten().cloned().collect();
                x.sort();
                x
            }
        };
        names.dedup();
        Ok(Self { names })
    }

    /// The index of every cell of a column.
    ///
    /// # Errors
    /// [`Error::Format`] with line and field of the first cell that is missing or no class of this vocabulary.
    pub fn encode(&self, table: &Table, column: &str) -> Result<Vec<u32>> {
        let place = table.place(column)?;
        let column = &table.columns()[place];
        let indices: std::collections::HashMap<&str, u32> =
            (0..).zip(&self.names).map(|(i, n)| (&n[..], i)).collect();
        let index = |row: usize, name: Option<&str>| {
            let name = name.ok_or_else(|| table.missing_cell(row, place))?;
            indices.get(name).copied().ok_or_else(|| {
                let message = format!(
                    "`{name}` is none of the {} classes of `{}`",
                    self.len(),
                    column.name
                );
                table.cell(row, place, message)
            })
        };
        match &column.values {
            Values::Numbers(x) => {
                let names = x.iter().map(|x| (!x.is_nan()).then(|| (x + 0.0).to_string()));
                names
                    .enumerate()
                    .map(|(row, name)| index(row, name.as_deref()))
                    .collect()
            }
            Values::Text(x) => x
                .iter()
                .enumerate()
                .map(|(row, name)| index(row, name.as_deref()))
                .collect(),
        }
    }

    /// The classes, in the order of their indices.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Number of classes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Whether there is no class.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// The class of an index.
    #[must_use]
    pub fn name(&self, index: u32) -> Option<&str> {
        self.names.get(index as usize).map(String::as_str)
    }
}

impl Fitted for Vocabulary {}

impl fmt::Display for Vocabulary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "vocabulary 1 {}", self.names.len())?;
        self.names
            .iter()
            .try_for_each(|name| writeln!(f, "{}", escape(name)))
    }
}

impl FromStr for Vocabulary {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let (mut lines, count) = Lines::new(text, "vocabulary")?;
        let mut names = Vec::new();
        for _ in 0..count {
            let ([], name) = lines.item()?;
            names.push(name);
        }
        lines.end()?;
        Ok(Self { names })
    }
}

/// Class indices as rows of shape `[labels.len(), classes]`: 1 at the index, 0 elsewhere.
///
/// # Errors
/// [`Error::Label`] for an index that is not below `classes`.
pub fn one_hot<T: Scalar>(labels: &[u32], classes: usize) -> Result<Vec<T>> {
    let mut rows = vec![T::ZERO; labels.len() * classes];
    for (sample, &label) in labels.iter().enumerate() {
        if label as usize >= classes {
            return Err(Error::Label {
                sample,
                found: label,
                classes,
            });
        }
        rows[sample * classes + label as usize] = T::ONE;
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::super::table::Column;
    use super::*;

    fn text(cells: &[&str]) -> Table {
        let cells = cells.iter().map(|&c| (!c.is_empty()).then(|| c.to_owned()));
        let values = Values::Text(cells.collect());
        Table::from_columns(vec![Column {
            name: "kind".into(),
            values,
        }])
        .unwrap()
    }

    #[test]
    fn names_keep_their_order_and_come_once() {
        let names = Vocabulary::new(["dog", "cat"]).unwrap();
        assert_eq!(names.names(), ["dog", "cat"]);
        assert_eq!(names.to_string().parse::<Vocabulary>().unwrap(), names);
        let message = Vocabulary::new(["dog", "cat", "dog"]).unwrap_err().to_string();
        assert!(message.ends_with("found `dog` twice"), "{message}");
    }

    #[test]
    fn text_is_sorted_and_encoded() {
        let (vocabulary, indices) = text(&["pear", "apple", "pear", "fig"]).classes("kind").unwrap();
        assert_eq!(vocabulary.names(), ["apple", "fig", "pear"]);
        assert_eq!(indices, [2, 0, 2, 1]);
        assert_eq!((vocabulary.name(1), vocabulary.name(3)), (Some("fig"), None));
    }

    #[test]
    fn numbers_sort_as_numbers() {
        let values = Values::Numbers(vec![10.0, 9.0, -0.0, 0.0, 2.5]);
        let table = Table::from_columns(vec![Column {
            name: "n".into(),
            values,
        }])
        .unwrap();
        let (vocabulary, indices) = table.classes("n").unwrap();
        assert_eq!(vocabulary.names(), ["0", "2.5", "9", "10"]);
        assert_eq!(indices, [3, 2, 0, 0, 1]);
    }

    #[test]
    fn unknown_and_missing_cells_say_where() {
        let vocabulary = Vocabulary::fit(&text(&["a", "b"]), "kind").unwrap();
        assert_eq!(
            vocabulary
                .encode(&text(&["a", "c"]), "kind")
                .unwrap_err()
                .to_string(),
            "table:2:1: `c` is none of the 2 classes of `kind`"
        );
        assert!(
            vocabulary
                .encode(&text(&["a", ""]), "kind")
                .unwrap_err()
                .to_string()
                .contains("is missing")
        );
        assert!(
            text(&["", "a"])
                .classes("kind")
                .unwrap_err()
                .to_string()
                .starts_with("table:1:1: `kind` is missing")
        );
    }

    #[test]
    fn the_text_form_reads_back() {
        let vocabulary = Vocabulary::fit(&text(&["a b", "c\\n\nd", " "]), "kind").unwrap();
        assert_eq!(vocabulary.to_string().parse::<Vocabulary>().unwrap(), vocabulary);
        assert!("vocabulary 1 2\na\n".parse::<Vocabulary>().is_err());
    }

    #[test]
    fn one_hot_rows() {
        assert_eq!(
            one_hot::<f32>(&[1, 0], 3).unwrap(),
            [0.0, 1.0, 0.0, 1.0, 0.0, 0.0]
        );
        assert!(matches!(
            one_hot::<f32>(&[1, 3], 3),
            Err(Error::Label {
                sample: 1,
                found: 3,
                classes: 3
            })
        ));
    }
}
