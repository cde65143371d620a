//! The dense layer's product and its two gradients, each with its epilogue.

use super::gemm::Gemm;
use super::rows::{self, Area};
use crate::Scalar;
use crate::ops::Operand;
use crate::simd::Formula;

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
