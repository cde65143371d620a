//! Elementwise operations and reductions over rows.
//!
//! The formula is compiled once per operation and instruction set, so every kind of operand looks alike to the
//! inner loop: a pointer, and a step that is 0 where the operand stays the same along the row (then the pointer
//! leads to a chunk filled with it). Ends of rows are computed in chunks too. Short rows that follow each other are
//! walked several at a time, with the column operands written as often as it takes.

pub(super) mod columns;
pub(super) mod source;
#[cfg(test)]
mod tests;
mod walk;

use super::chunk::Chunk;
use crate::Scalar;
use crate::fault::ensure;
use crate::ops::{Operand, Reduce};
use crate::simd::Formula;
use columns::{Columns, One};
pub(crate) use source::Area;
use source::{Kind, Long, Source, rows_together};
use walk::{Add, Max, Store, Sum, Walk};

/// `y = f(x0, x1, …)` within the area; `y` is the whole matrix.
#[cfg_attr(not(feature = "std"), inline(always))]
pub(crate) fn map<T: Scalar, F: Formula<N>, const N: usize>(
    area: Area,
    y: &mut [T],
    x: [Operand<'_, T>; N],
    f: F,
) {
    ensure!(
        y.len() == area.matrix_rows * area.matrix_width,
        "the output's length"
    );
    // SAFETY: the output holds the whole matrix.
    unsafe { map_raw(area, y.as_mut_ptr(), x, f) }
}

/// [`map`] on a part of a matrix whose other parts may be in other hands.
///
/// # Safety
/// `y` points to a matrix of the area's size, of which nobody else touches the area meanwhile.
#[cfg_attr(not(feature = "std"), inline(always))]
pub(crate) unsafe fn map_raw<T: Scalar, F: Formula<N>, const N: usize>(
    area: Area,
    y: *mut T,
    x: [Operand<'_, T>; N],
    f: F,
) {
    area.check();
    let y = y.wrapping_add(area.start());
    let mut x = x.map(|x| Source::new(&area, x, Some(Source::full(y, area.matrix_width))));
    let (mut rows, mut width) = (area.rows, area.width);
    if rows == 0 || width == 0 {
        return;
    }
    if area.matrix_width == 1 && x.iter().all(|x| x.kind != Kind::OneHot) {
        // A column is as good as a row.
        for x in &mut x {
            match x.kind {
                Kind::PerRow => x.kind = Kind::Vector,
                Kind::Vector if x.row_step == 0 => {
                    // SAFETY: the operand holds the area's one column.
                    x.value = unsafe { x.p.read() };
                    x.kind = Kind::Constant;
                }
                _ => {}
            }
        }
    }
    let flat = |x: &Source<T>| match x.kind {
        Kind::Vector => x.row_step == area.matrix_width,
        kind => kind == Kind::Constant,
    };
    if area.is_whole_rows() && x.iter().all(flat) {
        (rows, width) = (1, rows * width);
    }
    let together = if area.is_whole_rows() && x.iter().all(|x| flat(x) || x.is_column()) {
        rows_together(rows, width)
    } else {
        1
    };
    let store = |y: *mut T, rows: usize, width: usize, x: &[Source<T>; N]| {
        let sink = Store {
            y,
            row_step: if together > 1 { width } else { area.matrix_width },
            row: y,
        };
        T::dispatch(Walk {
            rows,
            width,
            first_column: area.first_column,
            x,
            f,
            sink,
        });
    };
    if together > 1 {
        let mut rooms = [const { Long::new() }; N];
        let mut long = x;
        for i in 0..N {
            // SAFETY: the operands hold whole rows.
            long[i] = unsafe { rooms[i].long(x[i], width, together) };
        }
        store(y, rows / together, together * width, &long);
        let done = rows / together * together;
        (x, rows) = (x.map(|x| x.skip(done)), rows - done);
        if rows > 0 {
            store(y.wrapping_add(done * width), rows, width, &x);
        }
    } else {
        store(y, rows, width, &x);
    }
}

/// `y[r] = reduce over the row of f(x0, x1, …)` within the area; `y` has a number for each row of the matrix.
#[cfg_attr(not(feature = "std"), inline(always))]
pub(crate) fn row_reduce<T: Scalar, F: Formula<N>, const N: usize>(
    area: Area,
    y: &mut [T],
    how: Reduce,
    x: [Operand<'_, T>; N],
    f: F,
) {
    area.check();
    ensure!(y.len() == area.matrix_rows, "the output's length");
    let y = y.as_mut_ptr().wrapping_add(area.first_row);
    let own = Source {
        kind: Kind::PerRow,
        row_step: 1,
        ..Source::full(y, 1)
    };
    let x = x.map(|x| Source::new(&area, x, Some(own)));
    let (rows, width, first_column) = (area.rows, area.width, area.first_column);
    let divisor = match how {
        Reduce::Mean => T::from_f64(width as f64),
        _ => T::ONE,
    };
    if how == Reduce::Max {
        let sink = Max {
            y,
            partial: Chunk::new(T::ZERO),
        };
        T::dispatch(Walk {
            rows,
            width,
            first_column,
            x: &x,
            f,
            sink,
        });
    } else {
        let sink = Sum {
            y,
            divisor,
            partial: Chunk::new(T::ZERO),
        };
        T::dispatch(Walk {
            rows,
            width,
            first_column,
            x: &x,
            f,
            sink,
        });
    }
}

/// `y[c] (+)= Σ over the area's rows of f(x0, x1, …)`; `y` has a number for each column of the area.
#[cfg_attr(not(feature = "std"), inline(always))]
pub(crate) fn col_reduce<T: Scalar, F: Formula<N>, const N: usize>(
    area: Area,
    y: &mut [T],
    accumulate: bool,
    x: [Operand<'_, T>; N],
    f: F,
) {
    area.check();
    ensure!(y.len() == area.width, "the output's length");
    if !accumulate {
        y.fill(T::ZERO);
    }
    let x = x.map(|x| Source::new(&area, x, None));
    if x.iter().all(Source::is_plain) {
        T::dispatch(Columns {
            rows: area.rows,
            width: area.width,
            x: &x,
            f: One(f),
            y: [y.as_mut_ptr()],
        });
        return;
    }
    let sink = Add(y.as_mut_ptr());
    T::dispatch(Walk {
        rows: area.rows,
        width: area.width,
        first_column: area.first_column,
        x: &x,
        f,
        sink,
    });
}
