//! Plain passes over vectors and columns.

use crate::Scalar;
use crate::fault::ensure;
use crate::kernels::rows::{self, Area};
use crate::ops::Operand;
use crate::simd::{Formula, Simd};

#[expect(clippy::too_many_arguments, reason = "two areas of two matrices")]
pub(crate) fn copy_columns<T: Scalar>(
    rows: usize,
    x: &[T],
    x_width: usize,
    x_at: usize,
    y: &mut [T],
    y_width: usize,
    y_at: usize,
    width: usize,
) {
    ensure!(
        x.len() == rows * x_width && y.len() == rows * y_width,
        "lengths of a copy"
    );
    ensure!(
        x_at + width <= x_width && y_at + width <= y_width,
        "columns of a copy"
    );
    let rows = x
        .chunks_exact(x_width.max(1))
        .zip(y.chunks_exact_mut(y_width.max(1)));
    rows.for_each(|(x, y)| part_of_row(x, x_at, y, y_at, width));
}

/// Of one row, of any numbers; nothing where the columns end outside, without a path that panics.
#[inline]
pub(crate) fn part_of_row<T: Copy>(x: &[T], x_at: usize, y: &mut [T], y_at: usize, width: usize) {
    if let (Some(x), Some(y)) = (x.get(x_at..x_at + width), y.get_mut(y_at..y_at + width)) {
        y.iter_mut().zip(x).for_each(|(y, x)| *y = *x);
    }
}

/// Eight interleaved partial sums, added in order.
pub(crate) fn sum<T: Scalar>(x: &[T]) -> f64 {
    let mut partial = [0.0; 8];
    let (whole, rest) = x.as_chunks::<8>();
    for chunk in whole {
        for (partial, x) in partial.iter_mut().zip(chunk) {
            *partial += x.to_f64();
        }
    }
    for (partial, x) in partial.iter_mut().zip(rest) {
        *partial += x.to_f64();
    }
    partial.iter().sum()
}

#[derive(Clone, Copy)]
struct MulAdd;

impl Formula<3> for MulAdd {
    #[inline(always)]
    fn eval<T: Scalar, S: Simd<T>>(self, s: S, [a, b, c]: [S::V; 3]) -> S::V {
        s.mul_add(a, b, c)
    }
}

pub(crate) fn axpy<T: Scalar>(alpha: T, x: &[T], y: &mut [T]) {
    let x = [Operand::Scalar(alpha), Operand::Full(x), Operand::Own];
    rows::map(Area::whole(1, y.len()), y, x, MulAdd);
}

#[derive(Clone, Copy)]
struct Lerp;

impl Formula<4> for Lerp {
    #[inline(always)]
    fn eval<T: Scalar, S: Simd<T>>(self, s: S, [keep, state, take, x]: [S::V; 4]) -> S::V {
        s.mul_add(take, x, keep * state)
    }
}

pub(crate) fn lerp<T: Scalar>(state: &mut [T], x: &[T], momentum: T, factor: T) {
    let x = [
        Operand::Scalar(T::ONE - momentum),
        Operand::Own,
        Operand::Scalar(momentum * factor),
        Operand::Full(x),
    ];
    rows::map(Area::whole(1, state.len()), state, x, Lerp);
}
