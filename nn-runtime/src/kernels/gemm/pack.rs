//! Copies of a part of `b`, row by row in memory as the tiles read it.

use super::NV;
use crate::Scalar;
use crate::simd::Simd;
use core::mem::MaybeUninit;

/// So many numbers are copied one by one rather than as an edge of a block.
const FEW: usize = 32;

/// `panel[p, j] = b[p · step + j]`, `panel: [k, NV · LANES]`, zero beyond column `n`.
///
/// # Safety
/// `b` holds `k` rows of `n` numbers, `panel` room for `k` whole rows.
#[inline(always)]
pub(super) unsafe fn rows<T: Scalar, S: Simd<T>>(
    s: S,
    b: *const T,
    step: usize,
    panel: *mut T,
    k: usize,
    n: usize,
) {
    let mut masks = [s.first(0); NV];
    for v in 0..NV {
        masks[v] = s.first(n.saturating_sub(v * S::LANES));
    }
    for p in 0..k {
        for v in 0..NV {
            // SAFETY: the caller's; the mask leaves out the columns from `n` on.
            unsafe {
                let from = b.add(p * step).wrapping_add(v * S::LANES);
                s.store(panel.add((p * NV + v) * S::LANES), s.load_masked(from, masks[v]));
            }
        }
    }
}

/// `panel[p, j] = b[p + j · column]`, `panel: [k, NV · LANES]`; beyond column `n` it holds whatever was there.
///
/// # Safety
/// `b` holds `n` columns of `k` numbers, `panel` room for `k` whole rows, `k` rounded up to whole vectors.
#[inline(always)]
pub(super) unsafe fn columns<T: Scalar, S: Simd<T>>(
    s: S,
    b: *const T,
    column: usize,
    panel: *mut T,
    k: usize,
    n: usize,
) {
    for v in 0..NV {
        let columns = n.saturating_sub(v * S::LANES).min(S::LANES);
        if columns == 0 {
            break;
        }
        let mut p = 0;
        while p < k {
            let steps = S::LANES.min(k - p);
            // SAFETY: the caller's; blocks at the edges go through a copy that holds a whole block.
            unsafe {
                let from = b.add(p + v * S::LANES * column);
                let to = panel.add((p * NV + v) * S::LANES);
                if columns == S::LANES && steps == S::LANES {
                    s.transpose(from, column, to, NV * S::LANES);
                } else if columns * steps <= FEW {
                    for step in 0..steps {
                        for j in 0..columns {
                            to.add(step * NV * S::LANES + j)
                                .write(from.add(j * column + step).read());
                        }
                    }
                } else {
                    let mut edge = MaybeUninit::<[T; 16 * 16]>::uninit();
                    let edge = edge.as_mut_ptr().cast::<T>();
                    for j in 0..S::LANES {
                        let mask = s.first(if j < columns { steps } else { 0 });
                        let v = s.load_masked(from.wrapping_add(j * column), mask);
                        s.store(edge.add(j * S::LANES), v);
                    }
                    s.transpose(edge, S::LANES, to, NV * S::LANES);
                }
            }
            p += S::LANES;
        }
    }
}
