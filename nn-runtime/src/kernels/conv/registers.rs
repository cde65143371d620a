//! A tile's sums in registers: `M` pixels by `V` vectors of channels, of which the last may be cut.

use crate::Scalar;
use crate::simd::Simd;

/// `V` vectors, the last one masked.
///
/// # Safety
/// `p` is valid for reading them.
#[inline(always)]
pub(super) unsafe fn load<T: Scalar, S: Simd<T>, const V: usize>(
    s: S,
    p: *const T,
    mask: S::Mask,
) -> [S::V; V] {
    let mut row = [s.set(T::ZERO); V];
    for v in 0..V {
        // SAFETY: the caller's.
        row[v] = unsafe {
            if v + 1 < V {
                s.load(p.add(v * S::LANES))
            } else {
                s.load_masked(p.add(v * S::LANES), mask)
            }
        };
    }
    row
}

/// Writes `V` vectors, the last one masked.
///
/// # Safety
/// `p` is valid for writing them.
#[inline(always)]
pub(super) unsafe fn store<T: Scalar, S: Simd<T>, const V: usize>(
    s: S,
    p: *mut T,
    mask: S::Mask,
    row: &[S::V; V],
) {
    for v in 0..V {
        let to = p.wrapping_add(v * S::LANES);
        // SAFETY: the caller's.
        unsafe {
            if v + 1 < V {
                s.store(to, row[v]);
            } else {
                s.store_masked(to, mask, row[v]);
            }
        }
    }
}

/// The sums of a tile before its first tap: the bias of the channels from `channel` on, or 0 where `bias` is null.
///
/// # Safety
/// A bias holds the channels.
#[inline(always)]
pub(super) unsafe fn start<T: Scalar, S: Simd<T>, const M: usize, const V: usize>(
    s: S,
    bias: *const T,
    channel: usize,
    mask: S::Mask,
) -> [[S::V; V]; M] {
    if bias.is_null() {
        return [[s.set(T::ZERO); V]; M];
    }
    // SAFETY: the caller's.
    [unsafe { load::<T, S, V>(s, bias.add(channel), mask) }; M]
}

/// `sum[i, :] += Σ over p below len of a[i][p] · b[p, :]`
///
/// # Safety
/// Each of `a` holds `len` numbers, `b` as many rows, `b_step` apart, of the vectors that the mask leaves.
#[inline(always)]
pub(super) unsafe fn run<T: Scalar, S: Simd<T>, const M: usize, const V: usize>(
    s: S,
    sum: &mut [[S::V; V]; M],
    a: &[*const T; M],
    len: usize,
    b: *const T,
    b_step: usize,
    mask: S::Mask,
) {
    let mut b = b;
    let mut local = *sum;
    for p in 0..len {
        // SAFETY: the caller's.
        unsafe {
            let weights = load::<T, S, V>(s, b, mask);
            for i in 0..M {
                let x = s.set(a[i].add(p).read());
                for v in 0..V {
                    local[i][v] = s.mul_add(x, weights[v], local[i][v]);
                }
            }
        }
        b = b.wrapping_add(b_step);
    }
    *sum = local;
}
