//! CSV files as tables.

use std::io::BufRead;
use std::path::Path;

use super::source::Source;
use super::table::{Column, Table, Values, number};
use crate::{Error, Result};

/// How a CSV file is written.
#[derive(Clone, Debug)]
pub struct CsvOptions {
    /// Between fields: `b','`, `b';'`, `b'\t'`.
    pub delimiter: u8,
    /// Whether the first line names the columns; else they are called `1`, `2`, ….
    pub header: bool,
    /// Cells that mean "missing", beside the empty one.
    pub missing: Vec<String>,
}

impl Default for CsvOptions {
    fn default() -> Self {
        Self {
            delimiter: b',',
            header: true,
            missing: ["NA", "N/A", "NaN", "nan", "null", "?"]
                .map(str::to_owned)
                .to_vec(),
        }
    }
}

impl Table {
    /// Reads a CSV file with a header (RFC 4180; gzipped too, with the feature `gzip`).
    ///
    /// Fields are trimmed. A cell is missing where it is empty or `NA`, `N/A`, `NaN`, `null` or `?`. Lines without
    /// any character are skipped.
    ///
    /// # Errors
    /// [`Error::Io`]; [`Error::Format`] with line and field (both from 1) where a row has another number of fields
    /// than the first, is not UTF-8, two columns share a name, or there is no row at all.
    pub fn read_csv(path: impl AsRef<Path>) -> Result<Self> {
        Self::read_csv_with(path, &CsvOptions::default())
    }

    /// The same, for files that are written another way.
    ///
    /// # Errors
    /// As [`Table::read_csv`].
    pub fn read_csv_with(path: impl AsRef<Path>, options: &CsvOptions) -> Result<Self> {
        let path = path.as_ref();
        let source = Source::open(path)?;
        parse(source.into_reader(), path, options)
    }

    /// Reads CSV text; errors call it `table`.
    ///
    /// # Errors
    /// As [`Table::read_csv`].
    pub fn parse_csv(text: &str) -> Result<Self> {
        parse(text.as_bytes(), Path::new("table"), &CsvOptions::default())
    }
}

fn parse(reader: impl BufRead, path: &Path, options: &CsvOptions) -> Result<Table> {
    let fault = |line: u64, column: usize, message: String| Error::Format {
        path: path.to_owned(),
        line: line as usize,
        column,
        message,
    };
    // Lengths are checked below, where the message can say more.
    let mut reader = ::csv::ReaderBuilder::new()
        .delimiter(options.delimiter)
        .has_headers(false)
        .flexible(true)
        .trim(::csv::Trim::All)
        .from_reader(reader);
    let mut record = ::csv::ByteRecord::new();
    let mut names: Vec<String> = Vec::new();
    let mut cells: Vec<Vec<Option<String>>> = Vec::new();
    let mut lines = Vec::new();
    let mut in_header = options.header;
    while reader
        .read_byte_record(&mut record)
        .map_err(|e| read_failed(e, path))?
    {
        let line = record.position().map_or(0, ::csv::Position::line);
        if names.is_empty() {
            names = (1..=record.len()).map(|i| i.to_string()).collect();
            cells = vec![Vec::new(); record.len()];
        } else if record.len() != names.len() {
            let than = if options.header {
                "the header"
            } else {
                "the first row"
            };
            let message = format!(
                "expected {} fields, as in {than}, found {}",
                names.len(),
                record.len()
            );
            return Err(fault(line, record.len().min(names.len()) + 1, message));
        }
        for (i, field) in record.iter().enumerate() {
            let text = std::str::from_utf8(field).map_err(|_| {
                let shown = String::from_utf8_lossy(field);
                fault(line, i + 1, format!("expected UTF-8 text, found `{shown}`"))
            })?;
            if in_header {
                if names[..i].iter().any(|name| name == text) {
                    return Err(fault(line, i + 1, format!("a second column is called `{text}`")));
                }
                names[i] = text.to_owned();
            } else {
                let missing = text.is_empty() || options.missing.iter().any(|m| m == text);
                cells[i].push((!missing).then(|| text.to_owned()));
            }
        }
        if !in_header {
            lines.push(line as usize);
        }
        in_header = false;
    }
    if names.is_empty() {
        return Err(fault(1, 0, "expected a header, found an empty file".to_owned()));
    }
    if lines.is_empty() {
        return Err(fault(
            2,
            0,
            "expected rows below the header, found none".to_owned(),
        ));
    }
    let columns = names.into_iter().zip(cells).map(|(name, cells)| Column {
        name,
        values: values(cells),
    });
    Ok(Table::new(path.to_owned(), columns.collect(), lines))
}

/// Numbers where every cell that is there is one.
fn values(cells: Vec<Option<String>>) -> Values {
    let as_number = |cell: &Option<String>| match cell {
        Some(text) => number(text),
        None => Some(f64::NAN),
    };
    match cells.iter().map(as_number).collect() {
        Some(numbers) => Values::Numbers(numbers),
        None => Values::Text(cells),
    }
}

fn read_failed(error: ::csv::Error, path: &Path) -> Error {
    let line = error.position().map_or(0, ::csv::Position::line) as usize;
    let message = error.to_string();
    match error.into_kind() {
        ::csv::ErrorKind::Io(source) => Error::Io {
            path: path.to_owned(),
            source,
        },
        _ => Error::Format {
            path: path.to_owned(),
            line,
            column: 0,
            message,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::Folder;
    use super::*;

    fn message(text: &str) -> String {
        Table::parse_csv(text).unwrap_err().to_string()
    }

    #[test]
    fn columns_are_numbers_where_all_cells_are() {
        let table = Table::parse_csv("a, b ,c\n1,x,\r\n-2e3,?,NaN\n\n,\"y, z\",7\n").unwrap();
        assert_eq!(table.rows(), 3);
        let Values::Numbers(a) = &table.column("a").unwrap().values else {
            panic!()
        };
        assert_eq!(a[..2], [1.0, -2000.0]);
        assert!(a[2].is_nan());
        let text = vec![Some("x".to_owned()), None, Some("y, z".to_owned())];
        assert_eq!(table.column("b").unwrap().values, Values::Text(text));
        assert_eq!(table.column("c").unwrap().missing(), 2);
    }

    #[test]
    fn a_bad_number_says_line_and_field() {
        let table = Table::parse_csv("a,b\n1,2\n3,4\n5,6o\n").unwrap();
        assert_eq!(
            table.matrix::<f32>(&["a", "b"]).unwrap_err().to_string(),
            "table:4:2: expected a number in `b`, found `6o`"
        );
        let infinite = Table::parse_csv("a\n1\ninf\n").unwrap();
        assert!(
            infinite
                .numbers("a")
                .unwrap_err()
                .to_string()
                .starts_with("table:3:1: expected a number")
        );
    }

    #[test]
    fn lines_are_the_files_even_after_quoted_newlines() {
        let table = Table::parse_csv("a,b\n\"two\nlines\",1\nx,oops\n").unwrap();
        assert!(
            table
                .numbers("b")
                .unwrap_err()
                .to_string()
                .starts_with("table:4:2: ")
        );
    }

    #[test]
    fn faults_of_the_file() {
        assert_eq!(message(""), "table:1: expected a header, found an empty file");
        assert_eq!(message("\n\n"), "table:1: expected a header, found an empty file");
        assert_eq!(
            message("a,b\n"),
            "table:2: expected rows below the header, found none"
        );
        assert_eq!(
            message("a,b\n1,2\n3\n"),
            "table:3:2: expected 2 fields, as in the header, found 1"
        );
        assert_eq!(
            message("a,b\n1,2,3\n"),
            "table:2:3: expected 2 fields, as in the header, found 3"
        );
        assert_eq!(message("a,a\n1,2\n"), "table:1:2: a second column is called `a`");
        let folder = Folder::new();
        let latin1 = folder.write("l.csv", b"a,b\n1,caf\xe9\n");
        let error = Table::read_csv(&latin1).unwrap_err().to_string();
        assert!(
            error.contains("l.csv:2:2: expected UTF-8 text, found `caf"),
            "{error}"
        );
        let absent = folder.0.join("absent.csv");
        assert!(matches!(Table::read_csv(absent), Err(Error::Io { .. })));
    }

    #[test]
    fn byte_order_mark_is_no_part_of_the_first_name() {
        let table = Table::parse_csv("\u{feff}a,b\n1,2\n").unwrap();
        assert_eq!(table.numbers("a").unwrap(), [1.0]);
    }

    #[test]
    fn other_ways_of_writing() {
        let folder = Folder::new();
        let path = folder.write("x.tsv", b"1\t-\n2\t5\n");
        let options = CsvOptions {
            delimiter: b'\t',
            header: false,
            missing: vec!["-".into()],
        };
        let table = Table::read_csv_with(path, &options).unwrap();
        assert_eq!(table.numbers("1").unwrap(), [1.0, 2.0]);
        assert_eq!(table.column("2").unwrap().missing(), 1);
    }

    #[cfg(feature = "gzip")]
    #[test]
    fn gzipped_and_cut_short() {
        use std::io::Write;
        let folder = Folder::new();
        let mut zip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        zip.write_all(b"a,b\n1,2\n").unwrap();
        let zipped = zip.finish().unwrap();
        let table = Table::read_csv(folder.write("x.csv.gz", &zipped)).unwrap();
        assert_eq!(table.matrix::<f32>(&["b", "a"]).unwrap(), [2.0, 1.0]);
        let cut = folder.write("cut.csv.gz", &zipped[..zipped.len() / 2]);
        assert!(Table::read_csv(cut).is_err());
    }
}
