//! Sums and maxima along a row, in an order that is the same on every instruction set.

use crate::Scalar;
use crate::simd::Simd;

/// Numbers in a chunk; a multiple of every instruction set's vector. A row's sum is kept as this many partial sums,
/// that of column `c` in number `c` modulo this.
pub(super) const CHUNK: usize = 16;

/// Partial results, or an operand spread out.
#[derive(Clone, Copy)]
#[repr(align(64))]
pub(super) struct Chunk<T>(pub [T; CHUNK]);

impl<T: Scalar> Chunk<T> {
    #[inline(always)]
    pub(super) fn new(x: T) -> Self {
        Self([x; CHUNK])
    }

    /// Puts `x` at place `at`, if there is one.
    #[inline(always)]
    pub(super) fn set(&mut self, at: usize, x: T) {
        if let Some(place) = self.0.get_mut(at) {
            *place = x;
        }
    }

    /// Replaces the partial results of the columns from `column` on by `f` of them and `v`; `column` is the first of
    /// a vector.
    #[inline(always)]
    pub(super) fn merge<S: Simd<T>>(
        &mut self,
        s: S,
        column: usize,
        v: S::V,
        f: impl FnOnce(S::V, S::V) -> S::V,
    ) {
        debug_assert!(column.is_multiple_of(S::LANES));
        // SAFETY: a chunk holds whole vectors, and `column` is a multiple of their size.
        unsafe {
            let partial = self.0.as_mut_ptr().add(column % CHUNK);
            s.store(partial, f(s.load(partial), v));
        }
    }

    /// The upper half added to the lower, until one number is left.
    #[inline(always)]
    pub(super) fn sum(self) -> T {
        self.fold(|a, b| a + b)
    }

    /// The greatest; NaN if any is NaN.
    #[inline(always)]
    pub(super) fn max(self) -> T {
        // NaN stays: it is not greater, but it does not compare with itself.
        self.fold(|a, b| {
            if a > b || a.partial_cmp(&a).is_none() {
                a
            } else {
                b
            }
        })
    }

    #[inline(always)]
    fn fold(mut self, f: impl Fn(T, T) -> T) -> T {
        let mut half = CHUNK / 2;
        while half > 0 {
            for i in 0..half {
                self.0[i] = f(self.0[i], self.0[i + half]);
            }
            half /= 2;
        }
        self.0[0]
    }
}
