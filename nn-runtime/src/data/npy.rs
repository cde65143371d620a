//! `.npy`, NumPy's array file, versions 1 to 3.
//!
//! A file is `\x93NUMPY`, two version bytes, the header's length (2 bytes in version 1, else 4, little-endian), a
//! Python dictionary such as `{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }`, then the numbers.
//! Floats of 4 and 8 bytes, signed and unsigned integers of 1 to 8 bytes and booleans are read, of either byte order
//! and in C or Fortran order; anything else (objects above all) is refused.
//!
//! # Source
//! <https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html>

use std::path::Path;

use super::Array;
use super::binary::{Number, read_numbers, to_labels};
use super::source::Source;
use crate::{Result, Scalar};

/// More than any header of plain numbers; a longer one is hostile.
const MAX_HEADER_BYTES: usize = 65_536;

/// Reads an array; every number is rounded to the nearest `T`, and Fortran order becomes row-major.
///
/// # Errors
/// [`crate::Error::Io`]; [`crate::Error::Format`] where the file is no `.npy` file of numbers, is cut short or goes on
/// after its numbers.
pub fn read<T: Scalar>(path: impl AsRef<Path>) -> Result<Array<T>> {
    read_array(&mut Source::open(path.as_ref())?)
}

/// Reads class indices: whole numbers from 0, of any shape, flat.
///
/// # Errors
/// As [`read`]; [`crate::Error::Format`] for a number that is no class index.
pub fn read_labels(path: impl AsRef<Path>) -> Result<Vec<u32>> {
    let mut source = Source::open(path.as_ref())?;
    let array = read_array::<f64>(&mut source)?;
    to_labels(&source, &array.data)
}

fn read_array<T: Scalar>(source: &mut Source) -> Result<Array<T>> {
    let magic: [u8; 6] = source.bytes("magic number")?;
    if magic != *b"\x93NUMPY" {
        return Err(source.format(format!(
            "expected a `.npy` file (`\\x93NUMPY`), found `{}`",
            magic.escape_ascii()
        )));
    }
    let [major, minor] = source.bytes("version")?;
    let header_bytes = match major {
        1 => u16::from_le_bytes(source.bytes("header length")?).into(),
        2 | 3 => u32::from_le_bytes(source.bytes("header length")?) as usize,
        _ => {
            return Err(source.format(format!(
                "expected `.npy` version 1, 2 or 3, found {major}.{minor}"
            )));
        }
    };
    if header_bytes > MAX_HEADER_BYTES {
        return Err(source.format(format!(
            "expected a header of at most {MAX_HEADER_BYTES} bytes, found {header_bytes}"
        )));
    }
    let text = source.take(header_bytes, "header")?;
    let header = parse_header(&text).map_err(|message| source.format(message))?;
    let data = read_numbers(source, header.number, header.big_endian, &header.shape)?;
    let data = if header.fortran && header.shape.len() > 1 {
        to_row_major(&data, &header.shape)
    } else {
        data
    };
    Ok(Array {
        shape: header.shape,
        data,
    })
}

struct Header {
    number: Number,
    big_endian: bool,
    fortran: bool,
    shape: Vec<usize>,
}

/// The dictionary's three entries, in any order.
fn parse_header(text: &[u8]) -> std::result::Result<Header, String> {
    let text = std::str::from_utf8(text).map_err(|_| "the header is not text".to_owned())?;
    let mut rest = Cursor(text.trim());
    let (mut descr, mut fortran, mut shape) = (None, None, None);
    rest.expect("{")?;
    while !rest.eat("}") {
        let key = rest.string()?;
        rest.expect(":")?;
        match key {
            "descr" => descr = Some(parse_descr(rest.string()?)?),
            "fortran_order" => fortran = Some(rest.boolean()?),
            "shape" => shape = Some(rest.tuple()?),
            _ => {
                return Err(format!(
                    "expected `descr`, `fortran_order` or `shape`, found `{key}`"
                ));
            }
        }
        if !rest.eat(",") {
            rest.expect("}")?;
            break;
        }
    }
    if !rest.0.is_empty() {
        return Err(format!(
            "expected the end of the header, found `{}`",
            rest.start()
        ));
    }
    let missing = |name: &str| format!("the header has no `{name}`");
    let (number, big_endian) = descr.ok_or_else(|| missing("descr"))?;
    Ok(Header {
        number,
        big_endian,
        fortran: fortran.ok_or_else(|| missing("fortran_order"))?,
        shape: shape.ok_or_else(|| missing("shape"))?,
    })
}

/// `<f4`: byte order, kind, bytes.
fn parse_descr(descr: &str) -> std::result::Result<(Number, bool), String> {
    let (order, kind) = descr.split_at_checked(1).unwrap_or(("", ""));
    let big_endian = match order {
        "<" | "|" => false,
        ">" => true,
        "=" => cfg!(target_endian = "big"),
        _ => return Err(format!("expected a byte order (`<`, `>`, `|`), found `{descr}`")),
    };
    let number = match kind {
        "f4" => Number::F32,
        "f8" => Number::F64,
        "i1" => Number::I8,
        "i2" => Number::I16,
        "i4" => Number::I32,
        "i8" => Number::I64,
        "u1" | "b1" => Number::U8,
        "u2" => Number::U16,
        "u4" => Number::U32,
        "u8" => Number::U64,
        _ => {
            return Err(format!(
                "expected f4, f8, i1, i2, i4, i8, u1, u2, u4, u8 or b1, found `{descr}`"
            ));
        }
    };
    Ok((number, big_endian))
}

/// What is left of the header.
struct Cursor<'a>(&'a str);

impl<'a> Cursor<'a> {
    /// The next few characters, for an error.
    fn start(&self) -> String {
        self.0.chars().take(20).collect()
    }

    fn eat(&mut self, token: &str) -> bool {
        self.0 = self.0.trim_start();
        match self.0.strip_prefix(token) {
            Some(rest) => {
                self.0 = rest;
                true
            }
            None => false,
        }
    }

    fn expect(&mut self, token: &str) -> std::result::Result<(), String> {
        if self.eat(token) {
            Ok(())
        } else {
            Err(format!(
                "expected `{token}` in the header, found `{}`",
                self.start()
            ))
        }
    }

    fn string(&mut self) -> std::result::Result<&'a str, String> {
        let quote = if self.eat("\"") { '"' } else { '\'' };
        if quote == '\'' {
            self.expect("'")?;
        }
        let (string, rest) = self
            .0
            .split_once(quote)
            .ok_or_else(|| "the header ends within a string".to_owned())?;
        self.0 = rest;
        Ok(string)
    }

    fn boolean(&mut self) -> std::result::Result<bool, String> {
        if self.eat("True") {
            Ok(true)
        } else {
            self.expect("False").map(|()| false)
        }
    }

    /// `(3, 4)`, `(3,)`, `()`.
    fn tuple(&mut self) -> std::result::Result<Vec<usize>, String> {
        let mut axes = Vec::new();
        self.expect("(")?;
        while !self.eat(")") {
            let digits = self.0.find(|c: char| !c.is_ascii_digit()).unwrap_or(self.0.len());
            let axis = self.0[..digits].parse();
            axes.push(axis.map_err(|_| format!("expected an axis length, found `{}`", self.start()))?);
            self.0 = &self.0[digits..];
            if !self.eat(",") {
                self.expect(")")?;
                break;
            }
        }
        Ok(axes)
    }
}

/// Fortran order is the row-major order of the reversed axes.
fn to_row_major<T: Scalar>(data: &[T], shape: &[usize]) -> Vec<T> {
    let mut strides = Vec::with_capacity(shape.len());
    let mut stride = 1;
    for &axis in shape {
        strides.push(stride);
        stride *= axis;
    }
    let mut index = vec![0; shape.len()];
    let mut place = 0;
    let mut out = Vec::with_capacity(data.len());
    for _ in 0..data.len() {
        out.push(data[place]);
        for axis in (0..shape.len()).rev() {
            index[axis] += 1;
            place += strides[axis];
            if index[axis] < shape[axis] {
                break;
            }
            place -= strides[axis] * shape[axis];
            index[axis] = 0;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::testing::Folder;
    use super::*;

    fn file(header: &str, body: &[u8]) -> Vec<u8> {
        let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
        bytes.extend((header.len() as u16).to_le_bytes());
        bytes.extend(header.as_bytes());
        bytes.extend(body);
        bytes
    }

    fn read_bytes(bytes: &[u8]) -> Result<Array<f32>> {
        let folder = Folder::new();
        read(folder.write("a.npy", bytes))
    }

    #[test]
    fn as_numpy_writes_it() {
        let header = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }              \n";
        let body: Vec<u8> = (0..6).flat_map(|i| (i as f32 * 0.5).to_le_bytes()).collect();
        let array = read_bytes(&file(header, &body)).unwrap();
        assert_eq!(array.shape, [2, 3]);
        assert_eq!(array.data, [0.0, 0.5, 1.0, 1.5, 2.0, 2.5]);
    }

    #[test]
    fn number_types_and_byte_orders() {
        let check = |descr: &str, body: &[u8], expected: f32| {
            let header = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': (1,)}}");
            assert_eq!(
                read_bytes(&file(&header, body)).unwrap().data,
                [expected],
                "{descr}"
            );
        };
        check("<f8", &1.5f64.to_le_bytes(), 1.5);
        check(">f8", &1.5f64.to_be_bytes(), 1.5);
        check(">f4", &(-2.5f32).to_be_bytes(), -2.5);
        check("|i1", &[0xff], -1.0);
        check("|u1", &[0xff], 255.0);
        check("|b1", &[1], 1.0);
        check("<i2", &(-300i16).to_le_bytes(), -300.0);
        check(">u2", &300u16.to_be_bytes(), 300.0);
        check("<i4", &(-70_000i32).to_le_bytes(), -70_000.0);
        check(">u4", &70_000u32.to_be_bytes(), 70_000.0);
        check("<i8", &(-5i64).to_le_bytes(), -5.0);
        check(">u8", &5u64.to_be_bytes(), 5.0);
    }

    #[test]
    fn fortran_order_becomes_row_major() {
        // a[i][j][k] = 100 i + 10 j + k of shape (2, 3, 2); in Fortran order the first axis varies fastest.
        let mut body = Vec::new();
        for k in 0..2 {
            for j in 0..3 {
                for i in 0..2u8 {
                    body.push(100 * i + 10 * j + k);
                }
            }
        }
        let header = "{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3, 2)}";
        let array = read_bytes(&file(header, &body)).unwrap();
        let expected = [0, 1, 10, 11, 20, 21, 100, 101, 110, 111, 120, 121].map(|x: u8| f32::from(x));
        assert_eq!(array.data, expected);
    }

    #[test]
    fn scalars_empty_arrays_and_later_versions() {
        let scalar = read_bytes(&file(
            "{'descr': '|u1', 'fortran_order': False, 'shape': ()}",
            &[9],
        ))
        .unwrap();
        assert_eq!((scalar.samples(), scalar.width(), scalar.data), (1, 1, vec![9.0]));
        let empty = read_bytes(&file(
            "{'descr': '<f4', 'fortran_order': False, 'shape': (0, 4)}",
            &[],
        ))
        .unwrap();
        assert_eq!((empty.samples(), empty.width(), empty.data), (0, 4, vec![]));
        let header = b"{\"shape\": (1,), \"fortran_order\": False, \"descr\": \"|u1\"}";
        let mut v2 = b"\x93NUMPY\x02\x00".to_vec();
        v2.extend((header.len() as u32).to_le_bytes());
        v2.extend(header);
        v2.push(3);
        assert_eq!(read_bytes(&v2).unwrap().data, [3.0]);
    }

    #[test]
    fn labels() {
        let folder = Folder::new();
        let header = "{'descr': '<i8', 'fortran_order': False, 'shape': (2,)}";
        let body = |second: i64| [3i64.to_le_bytes(), second.to_le_bytes()].concat();
        let good = folder.write("good.npy", &file(header, &body(0)));
        assert_eq!(read_labels(good).unwrap(), [3, 0]);
        let bad = folder.write("bad.npy", &file(header, &body(-4)));
        let message = read_labels(bad).unwrap_err().to_string();
        assert!(message.contains("found -4 at place 1"), "{message}");
    }

    #[test]
    fn hostile_files_are_refused() {
        let check = |bytes: &[u8], part: &str| {
            let message = read_bytes(bytes).unwrap_err().to_string();
            assert!(message.contains("a.npy: ") && message.contains(part), "{message}");
        };
        let dictionary =
            |shape: &str| format!("{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}}}");
        check(b"", "ends within its magic number");
        check(b"PK\x03\x04zip", "expected a `.npy` file");
        check(
            b"\x93NUMPY\x09\x00\x00\x00",
            "expected `.npy` version 1, 2 or 3, found 9.0",
        );
        check(b"\x93NUMPY\x01\x00\x10\x00{'de", "expected 16 bytes of header");
        check(b"\x93NUMPY\x02\x00\xff\xff\xff\xff", "at most 65536 bytes");
        check(&file("", &[]), "expected `{`");
        check(
            &file("{'descr': '<f8'}", &[]),
            "the header has no `fortran_order`",
        );
        check(&file("{'descr': '<f8", &[]), "ends within a string");
        check(
            &file("{'descr': [('a', '<f8')]}", &[]),
            "expected `'` in the header, found `[('a'",
        );
        check(
            &file("{'descr': '|O', 'fortran_order': False}", &[]),
            "found `|O`",
        );
        check(&file("{'descr': '', 'fortran_order': False}", &[]), "byte order");
        check(
            &file("{'descr': '<f2', 'fortran_order': False}", &[]),
            "found `<f2`",
        );
        check(&file("{'pickle': True}", &[]), "found `pickle`");
        check(&file("{'fortran_order': Maybe}", &[]), "expected `False`");
        check(
            &file(&dictionary("(-1,)"), &[]),
            "expected an axis length, found `-1",
        );
        check(
            &file(&dictionary("(99999999999999999999,)"), &[]),
            "expected an axis length",
        );
        check(
            &file(&dictionary("(4294967296, 4294967296)"), &[]),
            "larger than any memory",
        );
        check(
            &file(&dictionary("(1000000000000,)"), &[0; 8]),
            "the file ends after 8",
        );
        check(&file(&dictionary("(2,)"), &[0; 15]), "the file ends after 15");
        check(&file(&dictionary("(1,)"), &[0; 9]), "goes on after");
        check(
            &file(&(dictionary("(1,)") + " import os"), &[0; 8]),
            "expected the end of the header",
        );
    }
}
