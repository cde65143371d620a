//! Matrix products.

use super::rows::{self, Area};
use crate::Scalar;
use crate::ops::Operand;
use crate::simd::{Formula, Kernel, Simd};

/// `c[i, j] = start + Σ over p of a[i, p] · b[p, j]`, the sum in the order of `p`.
#[doc(hidden)]
pub struct Gemm<T> {
    pub(crate) m: usize,
    pub(crate) n: usize,
    pub(crate) k: usize,
    /// `a[i, p]` lies at `i · a_row + p · a_step`.
    pub(crate) a: *const T,
    pub(crate) a_row: usize,
    pub(crate) a_step: usize,
    /// `b[p, j]` lies at `p · b_step + j · b_column`.
    pub(crate) b: *const T,
    pub(crate) b_step: usize,
    pub(crate) b_column: usize,
    /// `[n]` to start from, or null.
    pub(crate) bias: *const T,
    /// `c[i, j]` lies at `i · c_row + j`.
    pub(crate) c: *mut T,
    pub(crate) c_row: usize,
    /// Start from the old `c`.
    pub(crate) accumulate: bool,
}

impl<T: Scalar> Kernel<T> for &Gemm<T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, _: S) {
        for i in 0..self.m {
            for j in 0..self.n {
                // SAFETY: `Gemm`'s makers checked the sizes.
                unsafe {
                    let c = self.c.add(i * self.c_row + j);
                    let mut sum = if self.accumulate {
                        c.read()
                    } else if self.bias.is_null() {
                        T::ZERO
                    } else {
                        self.bias.add(j).read()
                    };
                    for p in 0..self.k {
                        let a = self.a.add(i * self.a_row + p * self.a_step).read();
                        let b = self.b.add(p * self.b_step + j * self.b_column).read();
                        sum += a * b;
                    }
                    c.write(sum);
                }
            }
        }
    }
}

#[expect(
    clippy::too_many_arguments,
    reason = "the operation's shape, operands and epilogue"
)]
pub(crate) fn dense<T: Scalar, F: Formula<N>, const N: usize>(
    rows: usize,
    k: usize,
    n: usize,
    x: &[T],
    w: &[T],
    b: Option<&[T]>,
    y: &mut [T],
    e: [Operand<'_, T>; N],
    f: F,
) {
    assert!(
        x.len() == rows * k && w.len() == k * n && y.len() == rows * n,
        "lengths of a dense product"
    );
    assert!(b.is_none_or(|b| b.len() == n), "the bias' length");
    T::gemm(&Gemm {
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
    });
    epilogue(rows, n, y, e, f);
}

#[expect(
    clippy::too_many_arguments,
    reason = "the operation's shape, operands and epilogue"
)]
pub(crate) fn dense_grad_input<T: Scalar, F: Formula<N>, const N: usize>(
    rows: usize,
    k: usize,
    n: usize,
    dy: &[T],
    w: &[T],
    dx: &mut [T],
    e: [Operand<'_, T>; N],
    f: F,
) {
    assert!(
        dy.len() == rows * n && w.len() == k * n && dx.len() == rows * k,
        "lengths of an input gradient"
    );
    T::gemm(&Gemm {
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
    });
    epilogue(rows, k, dx, e, f);
}

pub(crate) fn dense_grad_weight<T: Scalar>(
    rows: usize,
    k: usize,
    n: usize,
    x: &[T],
    dy: &[T],
    dw: &mut [T],
    accumulate: bool,
) {
    assert!(
        x.len() == rows * k && dy.len() == rows * n && dw.len() == k * n,
        "lengths of a weight gradient"
    );
    T::gemm(&Gemm {
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
    });
}

fn epilogue<T: Scalar, F: Formula<N>, const N: usize>(
    rows: usize,
    width: usize,
    y: &mut [T],
    e: [Operand<'_, T>; N],
    f: F,
) {
    if !(F::IDENTITY && matches!(e[0], Operand::Own)) {
        rows::map(Area::whole(rows, width), y, e, f);
    }
}
