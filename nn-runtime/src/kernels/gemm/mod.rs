//! Matrix products: one blocked algorithm for the forward product and both gradients.
//!
//! Legend, after BLAS and BLIS: `c[m, n] = a[m, k] · b[k, n]`; `MR x NR` the tile of `c` that stays in registers,
//! `KC x NC` the panel of `b` that stays in the first-level cache.
//!
//! Every element of `c` is one chain of fused multiply-adds over `p = 0 … k-1`, begun with the bias, the old value
//! or 0. However the matrices are cut into tiles, panels, blocks of rows or threads, the chain is the same, and so
//! are the bits.

mod pack;
#[cfg(test)]
mod tests;
mod tile;

use crate::Scalar;
use crate::isa::Isa;
use crate::simd::{Kernel, Simd};
use core::mem::MaybeUninit;
use tile::Start;

/// `c[i, j] = start + Σ over p of a[i, p] · b[p, j]`, the sum in the order of `p`.
#[doc(hidden)]
#[derive(Clone, Copy)]
pub struct Gemm<T> {
    pub(crate) m: usize,
    pub(crate) n: usize,
    pub(crate) k: usize,
    /// `a[i, p]` lies at `i · a_row + p · a_step`.
    pub(crate) a: *const T,
    pub(crate) a_row: usize,
    pub(crate) a_step: usize,
    /// `b[p, j]` lies at `p · b_step + j · b_column`; one of the two is 1.
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

/// Vectors of a tile's row.
const NV: usize = 3;
/// Rows of a packed panel.
const KC: usize = 256;
/// Bytes of a packed panel: `KC` rows of `NV` vectors of 64 bytes.
const PANEL_BYTES: usize = KC * NV * 64;
/// The same for a short inner dimension.
const SHORT_KC: usize = 16;
/// Fewer rows than this do not pay for packing a `b` that lies in order.
const PACK_FROM_ROWS: usize = 48;
/// Steps of an unpacked product between two visits of `c`: rows of `b` are then read along, not across.
const KC_UNPACKED: usize = 256;

/// Room for a packed panel of `b`.
#[repr(align(64))]
struct Panel<const BYTES: usize>([MaybeUninit<u8>; BYTES]);

/// Runs the product. The makers of `gemm` vouch for its pointers: `gemm` is only made in this crate.
pub(crate) fn run<T: Scalar>(gemm: &Gemm<T>) {
    let pays = gemm.m >= PACK_FROM_ROWS && gemm.n > 64;
    if Isa::current() == Isa::Scalar || gemm.b_column == 1 && !pays {
        T::dispatch(Blocked {
            gemm,
            panel: core::ptr::null_mut(),
        });
    } else if gemm.k <= SHORT_KC {
        run_packed::<T, { SHORT_KC * NV * 64 }>(gemm);
    } else {
        run_packed::<T, PANEL_BYTES>(gemm);
    }
}

/// Apart, so that small products do not pay for the large frame.
#[inline(never)]
fn run_packed<T: Scalar, const BYTES: usize>(gemm: &Gemm<T>) {
    let mut panel = MaybeUninit::<Panel<BYTES>>::uninit();
    T::dispatch(Blocked {
        gemm,
        panel: panel.as_mut_ptr().cast(),
    });
}

/// The product with room for a panel, or null to leave `b` where it lies.
struct Blocked<'a, T> {
    gemm: &'a Gemm<T>,
    panel: *mut T,
}

impl<T: Scalar> Kernel<T> for Blocked<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, s: S) {
        let g = self.gemm;
        let packed = !self.panel.is_null();
        let kc_most = if packed { KC } else { KC_UNPACKED };
        let nc = if packed { NV * S::LANES } else { g.n };
        // Blocks of nearly equal size; whole vectors each, for packing's sake.
        let kc = if g.k <= kc_most {
            g.k
        } else {
            g.k.div_ceil(g.k.div_ceil(kc_most)).next_multiple_of(S::LANES)
        };
        let mut j = 0;
        while j < g.n {
            let n = nc.min(g.n - j);
            let mut p = 0;
            loop {
                let k = kc.min(g.k - p);
                // SAFETY: `p + k` and `j + n` stay within the matrices, which `Gemm`'s makers checked; the panel holds
                // `KC` rows (`SHORT_KC`, for no larger `k`) of `nc` numbers, and `kc <= KC`.
                unsafe {
                    let mut b = g.b.wrapping_add(p * g.b_step + j * g.b_column);
                    let (mut b_step, mut b_column) = (g.b_step, g.b_column);
                    if packed {
                        if g.b_column == 1 {
                            pack::rows(s, b, b_step, self.panel, k, n);
                        } else {
                            pack::columns(s, b, b_column, self.panel, k, n);
                        }
                        b = self.panel;
                        (b_step, b_column) = (nc, 1);
                    }
                    let start = if p > 0 || g.accumulate {
                        Start::Old
                    } else if g.bias.is_null() {
                        Start::Zero
                    } else {
                        Start::Bias(g.bias.add(j))
                    };
                    let (m, a_row, a_step, c_row) = (g.m, g.a_row, g.a_step, g.c_row);
                    let (a, c) = (g.a.wrapping_add(p * a_step), g.c.add(j));
                    tile::strips(
                        s,
                        tile::Block {
                            m,
                            n,
                            k,
                            a,
                            a_row,
                            a_step,
                            b,
                            b_step,
                            b_column,
                            start,
                            c,
                            c_row,
                        },
                    );
                }
                p += k;
                if p >= g.k {
                    break;
                }
            }
            j += n;
        }
    }
}
