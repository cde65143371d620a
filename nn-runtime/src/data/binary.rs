//! Number types of array files, and their bytes as a network's scalars.

use super::source::Source;
use crate::{Result, Scalar};

/// How one number lies in a file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Number {
    U8,
    I8,
    U16,
    I16,
    U32,
    I32,
    U64,
    I64,
    F32,
    F64,
}

impl Number {
    /// Bytes per number.
    pub(super) const fn size_bytes(self) -> usize {
        match self {
            Self::U8 | Self::I8 => 1,
            Self::U16 | Self::I16 => 2,
            Self::U32 | Self::I32 | Self::F32 => 4,
            Self::U64 | Self::I64 | Self::F64 => 8,
        }
    }

    /// Decodes `bytes`, rounding to the nearest `T`.
    fn decode<T: Scalar>(self, bytes: &[u8], big_endian: bool) -> Vec<T> {
        macro_rules! decode {
            ($($variant:ident $t:ty),+) => {
                match self {
                    $(Self::$variant => {
                        let (chunks, _) = bytes.as_chunks::<{ size_of::<$t>() }>();
                        let read = if big_endian { <$t>::from_be_bytes } else { <$t>::from_le_bytes };
                        chunks.iter().map(|&c| T::from_f64(read(c) as f64)).collect()
                    })+
                }
            };
        }
        decode!(U8 u8, I8 i8, U16 u16, I16 i16, U32 u32, I32 i32, U64 u64, I64 i64, F32 f32, F64 f64)
    }
}

/// Reads the numbers of an array of the given shape, which must be all that is left of the file.
pub(super) fn read_numbers<T: Scalar>(
    source: &mut Source,
    number: Number,
    big_endian: bool,
    shape: &[usize],
) -> Result<Vec<T>> {
    let len = shape
        .iter()
        .try_fold(number.size_bytes(), |n, &axis| n.checked_mul(axis))
        .ok_or_else(|| source.format(format!("the shape {shape:?} is larger than any memory")))?;
    let bytes = source.take(len, &format!("numbers for the shape {shape:?}"))?;
    source.end()?;
    Ok(number.decode(&bytes, big_endian))
}

/// Numbers that must be class indices; the one at fault is named by its place.
pub(super) fn to_labels(source: &Source, data: &[f64]) -> Result<Vec<u32>> {
    data.iter()
        .enumerate()
        .map(|(i, &x)| {
            if x >= 0.0 && x <= f64::from(u32::MAX) && x.fract() == 0.0 {
                Ok(x as u32)
            } else {
                Err(source.format(format!(
                    "expected class indices (0, 1, 2, …), found {x} at place {i}"
                )))
            }
        })
        .collect()
}
