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
    for r in 0..rows {
        let x = &x[r * x_width + x_at..][..width];
        y[r * y_width + y_at..][..width].copy_from_slice(x);
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
