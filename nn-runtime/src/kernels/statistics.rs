//! Sums over all rows of a batch: pairs of sums in one pass, mean and variance in one pass.
//!
//! The order of a sum follows from the sizes alone. The rows are cut into up to [`PIECES`] pieces, which threads share.
//! In a piece of short rows, `together` of them make a long one: there are as many partial sums of a column, added up in
//! order, then come the rows that are left. Last the pieces are added up in order.

#[cfg(test)]
mod tests;

use super::blocks::{Shared, for_each};
use super::rows::Area;
use super::rows::columns::{Columns, One, Pair, Sums};
use super::rows::source::{Repeated, Source};
use crate::Scalar;
use crate::ops::Operand;
use crate::simd::{Formula, Identity, Simd};

/// Columns whose sums are on the stack at once.
const COLUMNS: usize = 64;
/// Pieces that the rows are cut into at most.
const PIECES: usize = 16;
/// Numbers of an operand that make a piece worth a hand-over to another thread.
const PIECE_ELEMS: usize = 1 << 15;
/// Rows from all over the batch whose mean is close to that of the batch.
const SAMPLE: usize = 16;

/// `M` sums of each of up to `COLUMNS` columns.
type Totals<T, const M: usize> = [[T; COLUMNS]; M];

/// `y0[c] = scale · Σ over r of f(x0[r, c], …)`, and `y1` of `g`.
pub(crate) fn sums<T: Scalar, F: Formula<N>, G: Formula<N>, const N: usize>(
    rows: usize,
    width: usize,
    [y0, y1]: [&mut [T]; 2],
    scale: T,
    x: [Operand<'_, T>; N],
    f: F,
    g: G,
) {
    assert!(
        y0.len() == width && y1.len() == width,
        "the lengths of the outputs"
    );
    for first in (0..width).step_by(COLUMNS) {
        let columns = COLUMNS.min(width - first);
        let x = x.map(|x| Source::new(&part(rows, width, first, columns), x, None));
        let totals = totals(rows, columns, &x, Pair(f, g));
        for (y, total) in [&mut *y0, &mut *y1].into_iter().zip(totals) {
            for (y, total) in y[first..first + columns].iter_mut().zip(total) {
                *y = total * scale;
            }
        }
    }
}

/// The distance from `k`, and its square.
#[derive(Clone, Copy)]
struct Moments;

impl Sums<2, 2> for Moments {
    #[inline(always)]
    fn eval<T: Scalar, S: Simd<T>>(self, _: S, [x, k]: [S::V; 2]) -> [S::V; 2] {
        let d = x - k;
        [d, d * d]
    }
}

/// `mean[c] = Σ over r of x[r, c] / rows`, `var[c] = Σ over r of (x[r, c] - mean[c])² / rows`.
///
/// Both sums are of the distances from the mean `k` of some rows: close to the mean of all, so that the difference
/// `Σ (x - k)² / rows - (mean - k)²` loses no digits to speak of.
pub(crate) fn moments<T: Scalar>(rows: usize, width: usize, x: &[T], mean: &mut [T], var: &mut [T]) {
    assert!(
        mean.len() == width && var.len() == width,
        "the lengths of the outputs"
    );
    let share = T::from_f64(1.0 / rows as f64);
    for first in (0..width).step_by(COLUMNS) {
        let columns = COLUMNS.min(width - first);
        let area = part(rows, width, first, columns);
        let x = Source::new(&area, Operand::Full(x), None);
        let k = sample_mean(rows, columns, x);
        let near = Source::new(&Area::whole(rows, columns), Operand::Col(&k[..columns]), None);
        let [distance, square] = totals(rows, columns, &[x, near], Moments);
        for c in 0..columns {
            let d = distance[c] * share;
            mean[first + c] = k[c] + d;
            let v = square[c] * share - d * d;
            // Rounding alone may make it negative; NaN stays.
            var[first + c] = if v < T::ZERO { T::ZERO } else { v };
        }
    }
}

/// The mean of every `rows / SAMPLE`-th row.
fn sample_mean<T: Scalar>(rows: usize, columns: usize, x: Source<T>) -> [T; COLUMNS] {
    let count = SAMPLE.min(rows);
    let spread = Source {
        row_step: x.row_step * (rows / count.max(1)),
        ..x
    };
    let mut mean = [T::ZERO; COLUMNS];
    T::dispatch(Columns {
        rows: count,
        width: columns,
        x: &[spread],
        f: One(Identity),
        y: [mean.as_mut_ptr()],
    });
    let share = T::from_f64(1.0 / count as f64);
    mean.map(|sum| sum * share)
}

const fn part(rows: usize, width: usize, first: usize, columns: usize) -> Area {
    Area {
        first_column: first,
        width: columns,
        ..Area::whole(rows, width)
    }
}

/// Sums over all rows; the operands begin with the first of the columns.
fn totals<T: Scalar, F: Sums<N, M>, const N: usize, const M: usize>(
    rows: usize,
    columns: usize,
    x: &[Source<T>; N],
    f: F,
) -> Totals<T, M> {
    assert!(x.iter().all(Source::is_plain), "sums of rows that differ in kind");
    let pieces = (rows * columns / PIECE_ELEMS).clamp(1, PIECES);
    let mut partial = [[[T::ZERO; COLUMNS]; M]; PIECES];
    let to = Shared(partial.as_mut_ptr());
    let x = Shared(*x);
    for_each(pieces, |i| {
        let (first, end) = (i * rows / pieces, (i + 1) * rows / pieces);
        let x = x.get().map(|x| x.skip(first));
        // SAFETY: every piece has totals of its own.
        let to = unsafe { &mut *to.get().add(i) };
        piece(end - first, columns, &x, f, to);
    });
    let [mut totals, rest @ ..] = partial;
    for piece in &rest[..pieces - 1] {
        for m in 0..M {
            for c in 0..columns {
                totals[m][c] += piece[m][c];
            }
        }
    }
    totals
}

/// Adds the sums of a piece to `totals`, which are 0.
fn piece<T: Scalar, F: Sums<N, M>, const N: usize, const M: usize>(
    rows: usize,
    columns: usize,
    x: &[Source<T>; N],
    f: F,
    totals: &mut Totals<T, M>,
) {
    let follow = |x: &Source<T>| x.row_step == columns || x.row_step == 0;
    let together = (COLUMNS / columns).min(rows);
    let mut rest = *x;
    let mut left = rows;
    if together > 1 && x.iter().all(follow) {
        let mut rooms = [const { Repeated::<T, COLUMNS>::new() }; N];
        let mut long = *x;
        for i in 0..N {
            // SAFETY: the operands hold the columns.
            long[i] = unsafe { rooms[i].long(x[i], columns, together) };
        }
        T::dispatch(Columns {
            rows: rows / together,
            width: together * columns,
            x: &long,
            f,
            y: totals.each_mut().map(|y| y.as_mut_ptr()),
        });
        for total in &mut *totals {
            for i in 1..together {
                for c in 0..columns {
                    let more = total[i * columns + c];
                    total[c] += more;
                }
            }
        }
        let done = rows / together * together;
        left -= done;
        rest = rest.map(|x| x.skip(done));
    }
    if left > 0 {
        T::dispatch(Columns {
            rows: left,
            width: columns,
            x: &rest,
            f,
            y: totals.each_mut().map(|y| y.as_mut_ptr()),
        });
    }
}
