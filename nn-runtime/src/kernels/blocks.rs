//! Matrices cut into rectangles, and the rectangles spread over threads.

#[cfg(test)]
pub(super) mod tests;

use super::gemm::Gemm;
use super::rows::{self, Area};
use crate::Scalar;
use crate::ops::Operand;
use crate::simd::Formula;

/// Elements of a product's result that stay in the second-level cache until the epilogue.
const EPILOGUE_ELEMS: usize = 1 << 15;
/// Rows of a block that is worth packing panels for.
const PRODUCT_ROWS: usize = 128;
/// Multiply-accumulates of a block that is worth a hand-over to another thread: some tens of microseconds.
const PRODUCT_MACS: usize = 1 << 22;
/// Columns of a block of a product are a multiple of this, which all tiles divide.
const PRODUCT_COLUMNS: usize = 96;
/// Elements of a block of an elementwise operation.
const MAP_ELEMS: usize = 1 << 16;

/// Pointers that threads share; each touches its own part.
#[derive(Clone, Copy)]
pub(super) struct Shared<P>(pub(super) P);

// SAFETY: the only uses are below and in `statistics`, where every part is written by one call and what is read is not
// written.
unsafe impl<P> Sync for Shared<P> {}
// SAFETY: as above.
unsafe impl<P> Send for Shared<P> {}

impl<P> Shared<P> {
    /// A method rather than the field, so that a closure takes the whole.
    #[inline(always)]
    pub(super) fn get(&self) -> &P {
        &self.0
    }
}

/// A grid of rectangles over a matrix.
#[derive(Clone, Copy)]
struct Grid {
    rows: usize,
    width: usize,
    block_rows: usize,
    block_width: usize,
}

impl Grid {
    /// For a product: by its sizes alone.
    fn product(rows: usize, width: usize, k: usize) -> Self {
        let block_rows = rows.min(PRODUCT_ROWS);
        let worth = PRODUCT_MACS / (block_rows * k).max(1);
        let block_width = worth.max(1).next_multiple_of(PRODUCT_COLUMNS).min(width);
        Self {
            rows,
            width,
            block_rows,
            block_width,
        }
    }

    /// For an elementwise operation.
    fn map(rows: usize, width: usize) -> Self {
        let block_width = width.min(MAP_ELEMS);
        let block_rows = (MAP_ELEMS / block_width.max(1)).clamp(1, rows.max(1));
        Self {
            rows,
            width,
            block_rows,
            block_width,
        }
    }

    fn across(&self) -> usize {
        self.width.div_ceil(self.block_width.max(1))
    }

    fn count(&self) -> usize {
        self.rows.div_ceil(self.block_rows.max(1)) * self.across()
    }

    fn area(&self, index: usize) -> Area {
        let first_row = index / self.across() * self.block_rows;
        let first_column = index % self.across() * self.block_width;
        Area {
            matrix_rows: self.rows,
            matrix_width: self.width,
            first_row,
            rows: self.block_rows.min(self.rows - first_row),
            first_column,
            width: self.block_width.min(self.width - first_column),
        }
    }
}

/// The product and its epilogue on this thread, in blocks of rows that are still in cache when the epilogue comes.
///
/// # Safety
/// The pointers of `gemm` hold what its sizes say, its `c` a whole matrix.
#[cfg_attr(not(feature = "std"), inline(always))]
#[cfg_attr(feature = "std", inline)]
pub(super) unsafe fn product<T: Scalar, F: Formula<N>, const N: usize>(
    gemm: Gemm<T>,
    e: [Operand<'_, T>; N],
    f: F,
) {
    if F::IDENTITY && matches!(e[0], Operand::Own) {
        return T::gemm(&gemm);
    }
    let block = (EPILOGUE_ELEMS / gemm.n.max(1)).next_multiple_of(8).max(64);
    let mut row = 0;
    while row < gemm.m {
        let rows = block.min(gemm.m - row);
        let area = Area {
            first_row: row,
            rows,
            ..Area::whole(gemm.m, gemm.n)
        };
        // SAFETY: the caller's.
        unsafe { rectangle(&gemm, area, e, f) };
        row += rows;
    }
}

/// The same over threads, in blocks that depend on the sizes alone.
///
/// # Safety
/// As [`product`].
pub(crate) unsafe fn wide_product<T: Scalar, F: Formula<N>, const N: usize>(
    gemm: Gemm<T>,
    e: [Operand<'_, T>; N],
    f: F,
) {
    let grid = Grid::product(gemm.m, gemm.n, gemm.k);
    let gemm = Shared(gemm);
    for_each(grid.count(), |i| {
        // SAFETY: the caller's; the grid's areas do not overlap.
        unsafe { rectangle(gemm.get(), grid.area(i), e, f) };
    });
}

/// One rectangle of the product.
///
/// # Safety
/// As [`product`], and nobody else touches the rectangle of `c` meanwhile.
#[cfg_attr(not(feature = "std"), inline(always))]
unsafe fn rectangle<T: Scalar, F: Formula<N>, const N: usize>(
    gemm: &Gemm<T>,
    area: Area,
    e: [Operand<'_, T>; N],
    f: F,
) {
    let (i, j) = (area.first_row, area.first_column);
    T::gemm(&Gemm {
        m: area.rows,
        n: area.width,
        a: gemm.a.wrapping_add(i * gemm.a_row),
        b: gemm.b.wrapping_add(j * gemm.b_column),
        bias: if gemm.bias.is_null() {
            gemm.bias
        } else {
            gemm.bias.wrapping_add(j)
        },
        c: gemm.c.wrapping_add(i * gemm.c_row + j),
        ..*gemm
    });
    if !(F::IDENTITY && matches!(e[0], Operand::Own)) {
        // SAFETY: the caller's.
        unsafe { rows::map_raw(area, gemm.c, e, f) };
    }
}

pub(crate) fn wide_map<T: Scalar, F: Formula<N>, const N: usize>(
    rows: usize,
    width: usize,
    y: &mut [T],
    x: [Operand<'_, T>; N],
    f: F,
) {
    assert!(y.len() == rows * width, "the output's length");
    let grid = Grid::map(rows, width);
    let y = Shared(y.as_mut_ptr());
    for_each(grid.count(), |i| {
        // SAFETY: the output holds the matrix; the grid's areas do not overlap.
        unsafe { rows::map_raw(grid.area(i), *y.get(), x, f) };
    });
}

pub(crate) fn wide_col_reduce<T: Scalar, F: Formula<N>, const N: usize>(
    rows: usize,
    width: usize,
    y: &mut [T],
    accumulate: bool,
    x: [Operand<'_, T>; N],
    f: F,
) {
    assert!(y.len() == width, "the output's length");
    let block_width = (MAP_ELEMS / rows.max(1)).max(1).next_multiple_of(16).min(width);
    let grid = Grid {
        rows: 1,
        width,
        block_rows: 1,
        block_width,
    };
    let y = Shared(y.as_mut_ptr());
    for_each(grid.count(), |i| {
        let Area {
            first_column,
            width: columns,
            ..
        } = grid.area(i);
        let area = Area {
            first_column,
            width: columns,
            ..Area::whole(rows, width)
        };
        // SAFETY: the output holds the columns; the grid's areas do not overlap.
        let y = unsafe { core::slice::from_raw_parts_mut(y.get().add(first_column), columns) };
        rows::col_reduce(area, y, accumulate, x, f);
    });
}

pub(super) fn for_each(count: usize, f: impl Fn(usize) + Sync + Send) {
    #[cfg(feature = "std")]
    crate::parallel::for_each_index(count, f);
    #[cfg(not(feature = "std"))]
    (0..count).for_each(f);
}
