//! Tiles of the product in registers.

use super::NV;
use crate::Scalar;
use crate::simd::Simd;

/// How far ahead a single row reads.
const PREFETCH_ROWS: usize = 8;

/// What a chain of additions begins with.
#[derive(Clone, Copy)]
pub(super) enum Start<T> {
    Zero,
    /// One number per column.
    Bias(*const T),
    /// The old content of `c`.
    Old,
}

/// A product without further blocking.
#[derive(Clone, Copy)]
pub(super) struct Block<T> {
    pub m: usize,
    pub n: usize,
    pub k: usize,
    pub a: *const T,
    pub a_row: usize,
    pub a_step: usize,
    pub b: *const T,
    pub b_step: usize,
    /// 1, save for vectors of one lane.
    pub b_column: usize,
    pub start: Start<T>,
    pub c: *mut T,
    pub c_row: usize,
}

/// The block in strips of as many rows as fit into registers, then of fewer.
///
/// # Safety
/// The block's pointers hold what its sizes say.
#[inline(always)]
pub(super) unsafe fn strips<T: Scalar, S: Simd<T>>(s: S, mut block: Block<T>) {
    while block.m > 0 {
        let left = block.m;
        // SAFETY: the caller's; a strip is no taller than what is left.
        let done = unsafe {
            if S::REGISTERS >= 32 && left >= 8 {
                strip::<T, S, 8, NV>(s, block)
            } else if left >= 4 {
                strip::<T, S, 4, NV>(s, block)
            } else if left >= 2 {
                strip::<T, S, 2, NV>(s, block)
            } else {
                strip::<T, S, 1, 8>(s, block)
            }
        };
        block.m -= done;
        block.a = block.a.wrapping_add(done * block.a_row);
        block.c = block.c.wrapping_add(done * block.c_row);
    }
}

/// The first `M` rows of the block: tiles of `V` vectors, then of two or one (a single row: of as many as are left, lest each
/// addition wait for the last). Gives `M`.
///
/// # Safety
/// As [`strips`], with at least `M` rows.
#[inline(always)]
unsafe fn strip<T: Scalar, S: Simd<T>, const M: usize, const V: usize>(s: S, mut block: Block<T>) -> usize {
    while block.n > 0 {
        let columns = if block.n >= V * S::LANES {
            V * S::LANES
        } else if M == 1 {
            block.n
        } else if block.n >= 2 * S::LANES {
            2 * S::LANES
        } else {
            S::LANES.min(block.n)
        };
        let vectors = columns.div_ceil(S::LANES);
        // SAFETY: the caller's; the masks leave out the columns from `columns` on.
        unsafe {
            if columns == V * S::LANES {
                tile::<T, S, M, V, false>(s, &block, columns);
            } else if M > 1 && vectors == 2 {
                tile::<T, S, M, 2, false>(s, &block, columns);
            } else if M > 1 || vectors == 1 {
                tile::<T, S, M, 1, true>(s, &block, columns);
            } else if vectors <= 4 {
                tile::<T, S, 1, 4, true>(s, &block, columns);
            } else {
                tile::<T, S, 1, 8, true>(s, &block, columns);
            }
        }
        block.n -= columns;
        block.b = block.b.wrapping_add(columns * block.b_column);
        block.c = block.c.wrapping_add(columns);
        if let Start::Bias(bias) = block.start {
            block.start = Start::Bias(bias.wrapping_add(columns));
        }
    }
    M
}

/// The block's first `M` rows and `columns` columns: `V` vectors, or, `MASKED`, as many or fewer.
///
/// # Safety
/// The block holds these rows and columns.
#[inline(always)]
unsafe fn tile<T: Scalar, S: Simd<T>, const M: usize, const V: usize, const MASKED: bool>(
    s: S,
    block: &Block<T>,
    columns: usize,
) {
    let mut mask = [s.first(0); V];
    for v in 0..V {
        mask[v] = s.first(columns.saturating_sub(v * S::LANES));
    }
    let b_column = if S::LANES == 1 { block.b_column } else { 1 };
    let mut c = [[s.set(T::ZERO); V]; M];
    let mut a = [block.a; M];
    for i in 0..M {
        a[i] = block.a.wrapping_add(i * block.a_row);
    }
    // SAFETY: the caller's.
    unsafe {
        match block.start {
            Start::Zero => {}
            Start::Bias(bias) => {
                for v in 0..V {
                    let bias = load::<T, S, MASKED>(s, bias.wrapping_add(v * S::LANES), mask[v]);
                    for i in 0..M {
                        c[i][v] = bias;
                    }
                }
            }
            Start::Old => {
                for i in 0..M {
                    for v in 0..V {
                        let old = block.c.wrapping_add(i * block.c_row + v * S::LANES);
                        c[i][v] = load::<T, S, MASKED>(s, old, mask[v]);
                    }
                }
            }
        }
        let mut b = block.b;
        let mut at = 0;
        for _ in 0..block.k {
            if M == 1 {
                // A single row uses each number of `b` once: memory is what it waits for.
                for v in 0..V {
                    s.prefetch(b.wrapping_add(PREFETCH_ROWS * block.b_step + v * S::LANES));
                }
            }
            let mut row = [s.set(T::ZERO); V];
            for v in 0..V {
                row[v] = load::<T, S, MASKED>(s, b.wrapping_add(v * S::LANES * b_column), mask[v]);
            }
            for i in 0..M {
                let x = s.set(a[i].add(at).read());
                for v in 0..V {
                    c[i][v] = s.mul_add(x, row[v], c[i][v]);
                }
            }
            b = b.wrapping_add(block.b_step);
            at += block.a_step;
        }
        for i in 0..M {
            for v in 0..V {
                let new = block.c.wrapping_add(i * block.c_row + v * S::LANES);
                if MASKED {
                    s.store_masked(new, mask[v], c[i][v]);
                } else {
                    s.store(new, c[i][v]);
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
