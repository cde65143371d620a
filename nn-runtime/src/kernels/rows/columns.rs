//! Sums over rows, each kept in a register while its column's numbers go by.

use super::source::{Kind, Repeated, Source};
use crate::Scalar;
use crate::simd::{Formula, Kernel, Simd};

/// `M` formulas of the same operands.
pub(in crate::kernels) trait Sums<const N: usize, const M: usize>:
    Copy + Send + Sync
{
    /// Must be `#[inline(always)]`.
    fn eval<T: Scalar, S: Simd<T>>(self, s: S, x: [S::V; N]) -> [S::V; M];
}

#[derive(Clone, Copy)]
pub(in crate::kernels) struct One<F>(pub F);

impl<F: Formula<N>, const N: usize> Sums<N, 1> for One<F> {
    #[inline(always)]
    fn eval<T: Scalar, S: Simd<T>>(self, s: S, x: [S::V; N]) -> [S::V; 1] {
        [self.0.eval(s, x)]
    }
}

#[derive(Clone, Copy)]
pub(in crate::kernels) struct Pair<F, G>(pub F, pub G);

impl<F: Formula<N>, G: Formula<N>, const N: usize> Sums<N, 2> for Pair<F, G> {
    #[inline(always)]
    fn eval<T: Scalar, S: Simd<T>>(self, s: S, x: [S::V; N]) -> [S::V; 2] {
        [self.0.eval(s, x), self.1.eval(s, x)]
    }
}

/// Numbers of an operand that stay in the first-level cache from one strip of columns to the next.
const BLOCK_ELEMS: usize = 2048;
/// Numbers of the widest strip: four vectors.
const STRIP: usize = 64;

/// `y[m][c] += f(…)[m]` of every row in order; the operands are plain.
pub(in crate::kernels) struct Columns<'a, T, F, const N: usize, const M: usize> {
    pub rows: usize,
    pub width: usize,
    pub x: &'a [Source<T>; N],
    pub f: F,
    pub y: [*mut T; M],
}

impl<T: Scalar, F: Sums<N, M>, const N: usize, const M: usize> Kernel<T> for Columns<'_, T, F, N, M> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, s: S) {
        // A sum waits four cycles for the one before it: so many of them side by side hide that.
        let strip = if M == 1 { 4 * S::LANES } else { 2 * S::LANES };
        let mut constants = [const { Repeated::<T, STRIP>::new() }; N];
        let mut p = [core::ptr::null(); N];
        let mut row_steps = [0; N];
        let mut moves = [0; N];
        for i in 0..N {
            let x = &self.x[i];
            (p[i], row_steps[i], moves[i]) = match x.kind {
                Kind::Vector => (x.p, x.row_step, 1),
                _ => (constants[i].fill(x.value), 0, 0),
            };
        }
        let block = (BLOCK_ELEMS / self.width.max(1)).max(8);
        let mut row = 0;
        while row < self.rows {
            let count = block.min(self.rows - row);
            let mut column = 0;
            while column < self.width {
                let left = self.width - column;
                let mut from = p;
                for i in 0..N {
                    from[i] = from[i].wrapping_add(column * moves[i]);
                }
                // SAFETY: `Source::new` checked that the operands hold the rows and columns; a constant's room is a strip.
                unsafe {
                    if left < strip {
                        self.strip::<S, 1, true>(s, from, &row_steps, count, column, s.first(left));
                        column += S::LANES;
                    } else if M == 1 {
                        self.strip::<S, 4, false>(s, from, &row_steps, count, column, s.first(left));
                        column += strip;
                    } else {
                        self.strip::<S, 2, false>(s, from, &row_steps, count, column, s.first(left));
                        column += strip;
                    }
                }
            }
            for i in 0..N {
                p[i] = p[i].wrapping_add(count * row_steps[i]);
            }
            row += count;
        }
    }
}

impl<T: Scalar, F: Sums<N, M>, const N: usize, const M: usize> Columns<'_, T, F, N, M> {
    /// `V` vectors of columns from `column` on, of `rows` rows.
    ///
    /// # Safety
    /// The pointers are valid for the rows and columns; `MASKED`: for the mask's columns of the last vector.
    #[inline(always)]
    unsafe fn strip<S: Simd<T>, const V: usize, const MASKED: bool>(
        &self,
        s: S,
        mut p: [*const T; N],
        row_steps: &[usize; N],
        rows: usize,
        column: usize,
        mask: S::Mask,
    ) {
        let mut sum = [[s.set(T::ZERO); V]; M];
        // SAFETY: the caller's.
        unsafe {
            for m in 0..M {
                for v in 0..V {
                    sum[m][v] = load::<T, S, MASKED>(s, self.y[m].add(column + v * S::LANES), mask);
                }
            }
            for _ in 0..rows {
                for v in 0..V {
                    let mut x = [s.set(T::ZERO); N];
                    for i in 0..N {
                        x[i] = load::<T, S, MASKED>(s, p[i].add(v * S::LANES), mask);
                    }
                    let values = self.f.eval(s, x);
                    for m in 0..M {
                        sum[m][v] = sum[m][v] + values[m];
                    }
                }
                for i in 0..N {
                    p[i] = p[i].wrapping_add(row_steps[i]);
                }
            }
            for m in 0..M {
                for v in 0..V {
                    let y = self.y[m].add(column + v * S::LANES);
                    if MASKED {
                        s.store_masked(y, mask, sum[m][v]);
                    } else {
                        s.store(y, sum[m][v]);
                    }
                }
            }
        }
    }
}

#[inline(always)]
unsafe fn load<T: Scalar, S: Simd<T>, const MASKED: bool>(s: S, p: *const T, mask: S::Mask) -> S::V {
    // SAFETY: the caller's.
    unsafe { if MASKED { s.load_masked(p, mask) } else { s.load(p) } }
}
