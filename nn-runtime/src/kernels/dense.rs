//! The dense layer's product and its two gradients, as matrix products.

use super::blocks;
use super::gemm::Gemm;
use crate::Scalar;
use crate::fault::ensure;
use crate::ops::Operand;
use crate::simd::Formula;
use core::marker::PhantomData;

/// A product over borrowed matrices whose lengths were checked.
pub(crate) struct Product<'a, T> {
    gemm: Gemm<T>,
    borrowed: PhantomData<(&'a [T], &'a mut [T])>,
}

impl<T: Scalar> Product<'_, T> {
    /// On this thread.
    #[inline]
    pub(crate) fn run<F: Formula<N>, const N: usize>(self, e: [Operand<'_, T>; N], f: F) {
        // SAFETY: only made below, from slices of the lengths that the sizes say, which are borrowed as long as `self`.
        unsafe { blocks::product(self.gemm, e, f) };
    }

    /// Over threads.
    pub(crate) fn run_wide<F: Formula<N>, const N: usize>(self, e: [Operand<'_, T>; N], f: F) {
        // SAFETY: as above.
        unsafe { blocks::wide_product(self.gemm, e, f) };
    }
}

/// `y = x · w + b`
#[inline]
pub(crate) fn forward<'a, T: Scalar>(
    [rows, k, n]: [usize; 3],
    x: &'a [T],
    w: &'a [T],
    b: Option<&'a [T]>,
    y: &'a mut [T],
) -> Product<'a, T> {
    ensure!(
        x.len() == rows * k && w.len() == k * n && y.len() == rows * n,
        "lengths of a dense product"
    );
    ensure!(b.is_none_or(|b| b.len() == n), "the bias' length");
    let gemm = Gemm {
        m: rows,
        n,
        k,
        a: x.as_ptr(),
        a_row: k,
        a_step: 1,
        b: w.as_ptr(),
        b_step: n,
        b_column: 1,
        bias: b.map_or(core::ptr::null(), <[T]>::as_ptr),
        c: y.as_mut_ptr(),
        c_row: n,
        accumulate: false,
    };
    Product {
        gemm,
        borrowed: PhantomData,
    }
}

/// `dx = dy · wᵀ`
#[inline]
pub(crate) fn grad_input<'a, T: Scalar>(
    [rows, k, n]: [usize; 3],
    dy: &'a [T],
    w: &'a [T],
    dx: &'a mut [T],
) -> Product<'a, T> {
    ensure!(
        dy.len() == rows * n && w.len() == k * n && dx.len() == rows * k,
        "lengths of an input gradient"
    );
    let gemm = Gemm {
        m: rows,
        n: k,
        k: n,
        a: dy.as_ptr(),
        a_row: n,
        a_step: 1,
        b: w.as_ptr(),
        b_step: 1,
        b_column: n,
        bias: core::ptr::null(),
        c: dx.as_mut_ptr(),
        c_row: k,
        accumulate: false,
    };
    Product {
        gemm,
        borrowed: PhantomData,
    }
}

/// `dw (+)= xᵀ · dy`
#[inline]
pub(crate) fn grad_weight<'a, T: Scalar>(
    [rows, k, n]: [usize; 3],
    x: &'a [T],
    dy: &'a [T],
    dw: &'a mut [T],
    accumulate: bool,
) -> Product<'a, T> {
    ensure!(
        x.len() == rows * k && dy.len() == rows * n && dw.len() == k * n,
        "lengths of a weight gradient"
    );
    let gemm = Gemm {
        m: k,
        n,
        k: rows,
        a: x.as_ptr(),
        a_row: 1,
        a_step: k,
        b: dy.as_ptr(),
        b_step: n,
        b_column: 1,
        bias: core::ptr::null(),
        c: dw.as_mut_ptr(),
        c_row: n,
        accumulate,
    };
    Product {
        gemm,
        borrowed: PhantomData,
    }
}
