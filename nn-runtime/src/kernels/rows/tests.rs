//! Every kind of operand in every place, on sizes around every edge, against loops over the definition.

use super::Area;
use crate::isa::forced::on_every_isa;
use crate::ops::{Operand, Reduce, axpy, col_reduce, copy_columns, lerp, map, row_reduce, sum};
use crate::simd::{Formula, Identity, Simd};
use crate::{Isa, Scalar};

/// `x · 2 + y - z`: exact in the small integers of these tests, whatever the order of rounding.
#[derive(Clone, Copy)]
struct Combine;

impl Formula<3> for Combine {
    #[inline(always)]
    fn eval<T: Scalar, S: Simd<T>>(self, s: S, [x, y, z]: [S::V; 3]) -> S::V {
        s.mul_add(x, s.splat(2.0), y) - z
    }
}

fn combine(x: f64, y: f64, z: f64) -> f64 {
    2.0 * x + y - z
}

/// Small integers.
fn numbers<T: Scalar>(count: usize, seed: usize) -> Vec<T> {
    (0..count)
        .map(|i| T::from_f64(((i * 31 + seed * 17) % 23) as f64 - 11.0))
        .collect()
}

/// The data behind the six kinds of operand.
struct Data<T> {
    full: Vec<T>,
    row: Vec<T>,
    column: Vec<T>,
    labels: Vec<u32>,
}

impl<T: Scalar> Data<T> {
    fn new(rows: usize, width: usize, seed: usize) -> Self {
        Self {
            full: numbers(rows * width, seed),
            row: numbers(rows, seed + 1),
            column: numbers(width, seed + 2),
            // Some of them outside.
            labels: (0..rows).map(|r| ((r * 5 + seed) % (width + 2)) as u32).collect(),
        }
    }

    fn operand(&self, kind: usize) -> Operand<'_, T> {
        match kind {
            0 => Operand::Full(&self.full),
            1 => Operand::Row(&self.row),
            2 => Operand::Col(&self.column),
            3 => Operand::Scalar(T::from_f64(3.0)),
            4 => Operand::OneHot(&self.labels),
            _ => Operand::Own,
        }
    }
}

/// What an operand is at one place.
fn at<T: Scalar>(x: &Operand<'_, T>, r: usize, c: usize, width: usize, own: T) -> f64 {
    match x {
        Operand::Full(x) => x[r * width + c].to_f64(),
        Operand::Row(x) => x[r].to_f64(),
        Operand::Col(x) => x[c].to_f64(),
        Operand::Scalar(x) => x.to_f64(),
        Operand::Own => own.to_f64(),
        Operand::OneHot(labels) => f64::from(u8::from(labels[r] as usize == c)),
    }
}

const SIZES: [(usize, usize); 19] = [
    (0, 3),
    (3, 0),
    (1, 1),
    (5, 1),
    (40, 1),
    (4, 3),
    (3, 7),
    (2, 8),
    (3, 15),
    (2, 16),
    (5, 17),
    (1, 31),
    (2, 32),
    (3, 33),
    (2, 100),
    (7, 64),
    // Several rows at a time, and a rest.
    (75, 10),
    (70, 8),
    (9, 30),
];

fn every_kind<T: Scalar>() {
    for (rows, width) in SIZES {
        let data = [1, 2, 3].map(|seed| Data::<T>::new(rows, width, seed));
        for kinds in 0..216 {
            let kinds = [kinds % 6, kinds / 6 % 6, kinds / 36];
            let operands = || [0, 1, 2].map(|i| data[i].operand(kinds[i]));
            let value = |r: usize, c: usize, own: T| {
                let [x, y, z] = operands().map(|x| at(&x, r, c, width, own));
                combine(x, y, z)
            };

            let old = numbers::<T>(rows * width, 9);
            let mut y = old.clone();
            map(rows, width, &mut y, operands(), Combine);
            for r in 0..rows {
                for c in 0..width {
                    let i = r * width + c;
                    assert_eq!(
                        y[i].to_f64(),
                        value(r, c, old[i]),
                        "map {rows}x{width} {kinds:?} at {r}, {c}"
                    );
                }
            }

            let old = numbers::<T>(rows, 8);
            for how in [Reduce::Sum, Reduce::Mean, Reduce::Max] {
                let mut y = old.clone();
                row_reduce(rows, width, &mut y, how, operands(), Combine);
                for r in 0..rows {
                    let values = (0..width).map(|c| value(r, c, old[r]));
                    let expected = match how {
                        Reduce::Sum => values.sum(),
                        Reduce::Mean => T::from_f64(values.sum::<f64>() / width as f64).to_f64(),
                        Reduce::Max => values.fold(f64::NEG_INFINITY, f64::max),
                    };
                    let found = y[r].to_f64();
                    let same = found == expected || found.is_nan() && expected.is_nan();
                    assert!(
                        same,
                        "{how:?} {rows}x{width} {kinds:?} row {r}: {found}, not {expected}"
                    );
                }
            }

            if kinds.contains(&5) {
                continue;
            }
            for accumulate in [false, true] {
                let old = numbers::<T>(width, 7);
                let mut y = old.clone();
                col_reduce(rows, width, &mut y, accumulate, operands(), Combine);
                for c in 0..width {
                    let start = if accumulate { old[c].to_f64() } else { 0.0 };
                    let expected = (0..rows).fold(start, |sum, r| sum + value(r, c, T::ZERO));
                    assert_eq!(
                        y[c].to_f64(),
                        expected,
                        "columns {rows}x{width} {kinds:?} column {c}"
                    );
                }
            }
        }
    }
}

#[test]
fn every_kind_of_operand_f32() {
    on_every_isa(|_| every_kind::<f32>());
}

#[test]
fn every_kind_of_operand_f64() {
    on_every_isa(|_| every_kind::<f64>());
}

#[test]
fn a_part_of_a_matrix_leaves_the_rest() {
    let (rows, width) = (9, 53);
    let data = Data::<f32>::new(rows, width, 4);
    on_every_isa(|isa| {
        for (first_row, rows_in, first_column, width_in) in [(2, 5, 7, 33), (0, 9, 16, 20), (8, 1, 52, 1)] {
            let area = Area {
                matrix_rows: rows,
                matrix_width: width,
                first_row,
                rows: rows_in,
                first_column,
                width: width_in,
            };
            let old = numbers::<f32>(rows * width, 5);
            let mut y = old.clone();
            let operands = || [data.operand(4), data.operand(2), data.operand(5)];
            super::map(area, &mut y, operands(), Combine);
            for r in 0..rows {
                for c in 0..width {
                    let i = r * width + c;
                    let inside = (first_row..first_row + rows_in).contains(&r)
                        && (first_column..first_column + width_in).contains(&c);
                    let [x, y_, z] = operands().map(|x| at(&x, r, c, width, old[i]));
                    let expected = if inside {
                        combine(x, y_, z)
                    } else {
                        f64::from(old[i])
                    };
                    assert_eq!(f64::from(y[i]), expected, "{isa:?} at {r}, {c}");
                }
            }
        }
    });
}

#[test]
fn sums_have_the_same_bits_on_every_isa() {
    let x: Vec<f32> = (0..3 * 1000).map(|i| (i as f32 * 0.37).sin()).collect();
    let mut first: Option<Vec<f32>> = None;
    on_every_isa(|isa| {
        let mut rows = vec![0.0; 3];
        row_reduce(3, 1000, &mut rows, Reduce::Sum, [Operand::Full(&x)], Identity);
        let mut columns = vec![0.0; 1000];
        col_reduce(3, 1000, &mut columns, false, [Operand::Full(&x)], Identity);
        rows.extend(columns);
        let first = first.get_or_insert_with(|| rows.clone());
        assert_eq!(*first, rows, "{isa:?}");
    });
}

#[test]
fn the_greatest_of_a_row_with_nan_is_nan() {
    on_every_isa(|isa: Isa| {
        for at in [0, 5, 15, 16, 20] {
            let mut x = numbers::<f64>(21, 1);
            x[at] = f64::NAN;
            let mut y = [0.0];
            row_reduce(1, 21, &mut y, Reduce::Max, [Operand::Full(&x)], Identity);
            assert!(y[0].is_nan(), "{isa:?}: NaN at {at}");
        }
    });
}

#[test]
fn plain_passes() {
    let x = numbers::<f32>(77, 1);
    let y = numbers::<f32>(77, 2);
    on_every_isa(|_| {
        let mut z = y.clone();
        axpy(3.0, &x, &mut z);
        let mut state = y.clone();
        lerp(&mut state, &x, 0.25, 2.0);
        for i in 0..77 {
            assert_eq!(z[i], 3.0 * x[i] + y[i]);
            assert_eq!(state[i], 0.75 * y[i] + 0.5 * x[i]);
        }
        assert_eq!(sum(&x), x.iter().map(|&x| f64::from(x)).sum::<f64>());
    });
    let mut z = numbers::<f32>(22, 3);
    let old = z.clone();
    copy_columns(2, &x[..14], 7, 2, &mut z, 11, 6, 4);
    for r in 0..2 {
        for c in 0..11 {
            let expected = if (6..10).contains(&c) {
                x[r * 7 + c - 4]
            } else {
                old[r * 11 + c]
            };
            assert_eq!(z[r * 11 + c], expected);
        }
    }
}

#[test]
#[should_panic(expected = "a column operand's length")]
fn a_wrong_length_is_caught() {
    map(2, 3, &mut [0.0; 6], [Operand::Col(&[1.0; 2])], Identity);
}
