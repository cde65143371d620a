//! Rectangles of matrices, and operands as the kernels see them.

use super::super::chunk::CHUNK;
use crate::Scalar;
use crate::fault::ensure;
use crate::ops::Operand;
use core::mem::MaybeUninit;

/// A rectangle of a matrix: where an operation takes place, and where in `Full` operands its numbers lie.
#[derive(Clone, Copy)]
pub(crate) struct Area {
    /// Rows of the matrix.
    pub matrix_rows: usize,
    /// Columns of the matrix.
    pub matrix_width: usize,
    pub first_row: usize,
    pub rows: usize,
    pub first_column: usize,
    pub width: usize,
}

impl Area {
    /// The whole matrix.
    #[inline(always)]
    pub(crate) const fn whole(rows: usize, width: usize) -> Self {
        Self {
            matrix_rows: rows,
            matrix_width: width,
            first_row: 0,
            rows,
            first_column: 0,
            width,
        }
    }

    /// The same rectangle seen from a slice that holds its rows alone.
    #[inline(always)]
    pub(crate) const fn is_whole_rows(&self) -> bool {
        self.width == self.matrix_width
    }

    #[inline(always)]
    pub(super) fn check(&self) {
        ensure!(
            self.first_row + self.rows <= self.matrix_rows,
            "rows outside the matrix"
        );
        ensure!(
            self.first_column + self.width <= self.matrix_width,
            "columns outside the matrix"
        );
    }

    pub(super) const fn start(&self) -> usize {
        self.first_row * self.matrix_width + self.first_column
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::kernels) enum Kind {
    /// Numbers side by side.
    Vector,
    /// One number per row.
    PerRow,
    /// One number.
    Constant,
    /// One index per row.
    OneHot,
}

/// An operand as the walk sees it.
#[derive(Clone, Copy)]
pub(in crate::kernels) struct Source<T> {
    pub(in crate::kernels) kind: Kind,
    /// The first row's first number (`Vector`) or number (`PerRow`).
    pub(in crate::kernels) p: *const T,
    /// From one row's `p` to the next.
    pub(in crate::kernels) row_step: usize,
    pub(in crate::kernels) value: T,
    pub(in crate::kernels) labels: *const u32,
}

impl<T: Scalar> Source<T> {
    /// Whether it is read in vectors alone: nothing of it changes from row to row but the place.
    pub(in crate::kernels) fn is_plain(&self) -> bool {
        matches!(self.kind, Kind::Vector | Kind::Constant)
    }

    /// Whether it is one number per column.
    pub(in crate::kernels) fn is_column(&self) -> bool {
        self.kind == Kind::Vector && self.row_step == 0
    }

    /// From `rows` rows on.
    pub(in crate::kernels) fn skip(self, rows: usize) -> Self {
        Self {
            p: self.p.wrapping_add(rows * self.row_step),
            ..self
        }
    }

    /// Checks the operand's length against the area's matrix. `own` is what `Operand::Own` stands for.
    #[cfg_attr(not(feature = "std"), inline(always))]
    #[cfg_attr(feature = "std", inline)]
    pub(in crate::kernels) fn new(area: &Area, x: Operand<'_, T>, own: Option<Self>) -> Self {
        let none = Self {
            kind: Kind::Constant,
            p: core::ptr::null(),
            row_step: 0,
            value: T::ZERO,
            labels: core::ptr::null(),
        };
        match x {
            Operand::Full(x) => {
                ensure!(
                    x.len() == area.matrix_rows * area.matrix_width,
                    "a full operand's length"
                );
                Self {
                    kind: Kind::Vector,
                    p: x.as_ptr().wrapping_add(area.start()),
                    row_step: area.matrix_width,
                    ..none
                }
            }
            Operand::Row(x) => {
                ensure!(x.len() == area.matrix_rows, "a row operand's length");
                Self {
                    kind: Kind::PerRow,
                    p: x.as_ptr().wrapping_add(area.first_row),
                    row_step: 1,
                    ..none
                }
            }
            Operand::Col(x) => {
                ensure!(x.len() == area.matrix_width, "a column operand's length");
                Self {
                    kind: Kind::Vector,
                    p: x.as_ptr().wrapping_add(area.first_column),
                    ..none
                }
            }
            Operand::Scalar(value) => Self { value, ..none },
            Operand::Own => {
                ensure!(own.is_some(), "this operation has no `Own` operand");
                own.unwrap_or(none)
            }
            Operand::OneHot(labels) => {
                ensure!(labels.len() == area.matrix_rows, "a one-hot operand's length");
                Self {
                    kind: Kind::OneHot,
                    labels: labels.as_ptr().wrapping_add(area.first_row),
                    ..none
                }
            }
        }
    }

    pub(super) fn full(p: *const T, row_step: usize) -> Self {
        Self {
            kind: Kind::Vector,
            p,
            row_step,
            value: T::ZERO,
            labels: core::ptr::null(),
        }
    }
}

/// Several short rows are walked as one long row: of about so many numbers.
const LONG: usize = 256;
/// Of so many at most.
const LONGEST: usize = 512;

/// How many rows make a long row: as many as end with a whole chunk, if that is not too long. 1 where rows are long, or
/// too few for a copy of the column operands to pay.
pub(super) fn rows_together(rows: usize, width: usize) -> usize {
    let fits = LONG / width.max(1);
    let whole = CHUNK >> width.trailing_zeros().min(CHUNK.trailing_zeros());
    let together = if fits < whole && whole * width <= LONGEST {
        whole
    } else {
        fits
    };
    let together = together.min(rows / 2).max(1);
    if together > whole {
        together / whole * whole
    } else {
        together
    }
}

/// Room for a column operand along a long row.
#[repr(align(64))]
pub(in crate::kernels) struct Repeated<T, const ROOM: usize>([MaybeUninit<T>; ROOM]);

/// The room for the rows of [`rows_together`].
pub(super) type Long<T> = Repeated<T, LONGEST>;

impl<T: Scalar, const ROOM: usize> Repeated<T, ROOM> {
    pub(in crate::kernels) const fn new() -> Self {
        Self([const { MaybeUninit::uninit() }; ROOM])
    }

    /// One number throughout.
    #[inline(always)]
    pub(super) fn fill(&mut self, x: T) -> *const T {
        self.0.fill(MaybeUninit::new(x));
        self.0.as_ptr().cast()
    }

    /// The operand as it looks along `times` rows at once, every row of which is `width` long.
    ///
    /// # Safety
    /// A column operand points to `width` numbers.
    pub(in crate::kernels) unsafe fn long(&mut self, x: Source<T>, width: usize, times: usize) -> Source<T> {
        if x.kind != Kind::Vector {
            return x;
        }
        if x.row_step > 0 {
            return Source {
                row_step: times * x.row_step,
                ..x
            };
        }
        ensure!(times * width <= ROOM, "room for the long row");
        let p = self.0.as_mut_ptr().cast::<T>();
        for i in 0..times {
            // SAFETY: `times · width` numbers have room, and the caller vouches for those that are read.
            unsafe { core::ptr::copy_nonoverlapping(x.p, p.add(i * width), width) };
        }
        Source { p, ..x }
    }
}
