//! Elementwise operations and reductions over rows: one walk over the operands, three places to put the values.
//!
//! The formula is compiled once per operation and instruction set, so every kind of operand looks alike to the
//! inner loop: a pointer, and a step that is 0 where the operand stays the same along the row (then the pointer
//! leads to a chunk filled with it). Ends of rows are computed in chunks too.

#[cfg(test)]
mod tests;

use super::chunk::{CHUNK, Chunk};
use crate::Scalar;
use crate::ops::{Operand, Reduce};
use crate::simd::{Formula, Kernel, Simd};

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

    fn check(&self) {
        assert!(
            self.first_row + self.rows <= self.matrix_rows,
            "rows outside the matrix"
        );
        assert!(
            self.first_column + self.width <= self.matrix_width,
            "columns outside the matrix"
        );
    }

    const fn start(&self) -> usize {
        self.first_row * self.matrix_width + self.first_column
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
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
struct Source<T> {
    kind: Kind,
    /// The first row's first number (`Vector`) or number (`PerRow`).
    p: *const T,
    /// From one row's `p` to the next.
    row_step: usize,
    value: T,
    labels: *const u32,
}

impl<T: Scalar> Source<T> {
    /// Checks the operand's length against the area's matrix. `own` is what `Operand::Own` stands for.
    #[inline]
    fn new(area: &Area, x: Operand<'_, T>, own: Option<Self>) -> Self {
        let none = Self {
            kind: Kind::Constant,
            p: core::ptr::null(),
            row_step: 0,
            value: T::ZERO,
            labels: core::ptr::null(),
        };
        match x {
            Operand::Full(x) => {
                assert!(
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
                assert!(x.len() == area.matrix_rows, "a row operand's length");
                Self {
                    kind: Kind::PerRow,
                    p: x.as_ptr().wrapping_add(area.first_row),
                    row_step: 1,
                    ..none
                }
            }
            Operand::Col(x) => {
                assert!(x.len() == area.matrix_width, "a column operand's length");
                Self {
                    kind: Kind::Vector,
                    p: x.as_ptr().wrapping_add(area.first_column),
                    ..none
                }
            }
            Operand::Scalar(value) => Self { value, ..none },
            Operand::Own => own.expect("this operation has no `Own` operand"),
            Operand::OneHot(labels) => {
                assert!(labels.len() == area.matrix_rows, "a one-hot operand's length");
                Self {
                    kind: Kind::OneHot,
                    labels: labels.as_ptr().wrapping_add(area.first_row),
                    ..none
                }
            }
        }
    }

    fn full(p: *const T, row_step: usize) -> Self {
        Self {
            kind: Kind::Vector,
            p,
            row_step,
            value: T::ZERO,
            labels: core::ptr::null(),
        }
    }
}

/// Where the walk puts the values.
trait Sink<T: Scalar> {
    /// Whether values come in whole chunks, the same on every instruction set, rather than in vectors.
    const CHUNKED: bool;
    /// # Safety
    /// `row` is below the number of rows that the sink was made for.
    unsafe fn begin(&mut self, row: usize);
    /// `lanes` of `v` are values, for the columns from `column` on; the others mean nothing.
    /// # Safety
    /// The columns are within the row's width.
    unsafe fn take<S: Simd<T>>(&mut self, s: S, column: usize, lanes: usize, v: S::V);
    /// # Safety
    /// As `begin`, for the same row.
    unsafe fn end(&mut self, row: usize);
}

struct Walk<'a, T, F, K, const N: usize> {
    rows: usize,
    width: usize,
    first_column: usize,
    x: &'a [Source<T>; N],
    f: F,
    sink: K,
}

impl<T: Scalar, F: Formula<N>, K: Sink<T>, const N: usize> Kernel<T> for Walk<'_, T, F, K, N> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(mut self, s: S) {
        let step = if K::CHUNKED { CHUNK } else { S::LANES };
        let vectors = step / S::LANES;
        let whole = self.width / step * step;
        let mut chunks = [Chunk::new(T::ZERO); N];
        let mut p: [*const T; N] = [core::ptr::null(); N];
        let mut steps = [0; N];
        let mut hot = [usize::MAX; N];
        let mut any_hot = false;
        for i in 0..N {
            match self.x[i].kind {
                Kind::Vector => steps[i] = step,
                Kind::Constant => chunks[i] = Chunk::new(self.x[i].value),
                Kind::PerRow => {}
                Kind::OneHot => any_hot = true,
            }
        }
        // SAFETY: `Source::new` checked that every operand holds the rows and columns of the area that is walked
        // here, and the sink's maker did so for the sink. Reads at a row's end are masked to its width; a chunk
        // holds `step` numbers.
        unsafe {
            for row in 0..self.rows {
                for i in 0..N {
                    let x = &self.x[i];
                    p[i] = chunks[i].0.as_ptr();
                    match x.kind {
                        Kind::Vector => p[i] = x.p.add(row * x.row_step),
                        Kind::PerRow => chunks[i] = Chunk::new(x.p.add(row * x.row_step).read()),
                        Kind::Constant => {}
                        Kind::OneHot => {
                            let label = x.labels.add(row).read() as usize;
                            hot[i] = label.wrapping_sub(self.first_column);
                        }
                    }
                }
                self.sink.begin(row);
                let mut column = 0;
                while column < self.width {
                    // A run of vectors without an end of row or a one-hot's 1 in it, or one vector with.
                    let mut end = if column < whole { whole } else { self.width };
                    if any_hot {
                        for i in 0..N {
                            if self.x[i].kind == Kind::OneHot && hot[i] < self.width && hot[i] >= column {
                                if hot[i] < column + step {
                                    chunks[i].0[hot[i] - column] = T::ONE;
                                    end = end.min(column + step);
                                } else {
                                    end = end.min(hot[i] / step * step);
                                }
                            }
                        }
                    }
                    if column == whole {
                        let rest = self.width - column;
                        for i in 0..N {
                            if steps[i] > 0 {
                                let chunk = chunks[i].0.as_mut_ptr();
                                for u in 0..vectors {
                                    let at = u * S::LANES;
                                    let mask = s.first(rest.saturating_sub(at));
                                    s.store(chunk.add(at), s.load_masked(p[i].wrapping_add(at), mask));
                                }
                                p[i] = chunk;
                            }
                        }
                    }
                    let start = column;
                    while column < end {
                        for u in 0..vectors {
                            let at = u * S::LANES;
                            let v = self.f.eval(s, load_all::<T, S, N>(s, &p, at));
                            self.sink
                                .take(s, column + at, (self.width - column).saturating_sub(at), v);
                        }
                        for i in 0..N {
                            p[i] = p[i].wrapping_add(steps[i]);
                        }
                        column += step;
                    }
                    if any_hot {
                        for i in 0..N {
                            if self.x[i].kind == Kind::OneHot && hot[i] >= start && hot[i] < start + step {
                                chunks[i].0[hot[i] - start] = T::ZERO;
                            }
                        }
                    }
                }
                self.sink.end(row);
            }
        }
    }
}

/// # Safety
/// Every pointer is valid for reading a vector `at` numbers on.
#[inline(always)]
unsafe fn load_all<T: Scalar, S: Simd<T>, const N: usize>(s: S, p: &[*const T; N], at: usize) -> [S::V; N] {
    let mut v = [s.set(T::ZERO); N];
    for i in 0..N {
        // SAFETY: the caller's.
        v[i] = unsafe { s.load(p[i].add(at)) };
    }
    v
}

/// `y[row, column] = value`
struct Store<T> {
    y: *mut T,
    row_step: usize,
    row: *mut T,
}

impl<T: Scalar> Sink<T> for Store<T> {
    const CHUNKED: bool = false;

    #[inline(always)]
    unsafe fn begin(&mut self, row: usize) {
        self.row = self.y.wrapping_add(row * self.row_step);
    }

    #[inline(always)]
    unsafe fn take<S: Simd<T>>(&mut self, s: S, column: usize, lanes: usize, v: S::V) {
        // SAFETY: the caller's.
        unsafe {
            let y = self.row.add(column);
            if lanes >= S::LANES {
                s.store(y, v);
            } else {
                s.store_masked(y, s.first(lanes), v);
            }
        }
    }

    #[inline(always)]
    unsafe fn end(&mut self, _: usize) {}
}

/// `y[column] += value`
struct Add<T>(*mut T);

impl<T: Scalar> Sink<T> for Add<T> {
    const CHUNKED: bool = false;

    #[inline(always)]
    unsafe fn begin(&mut self, _: usize) {}

    #[inline(always)]
    unsafe fn take<S: Simd<T>>(&mut self, s: S, column: usize, lanes: usize, v: S::V) {
        // SAFETY: the caller's.
        unsafe {
            let y = self.0.add(column);
            if lanes >= S::LANES {
                s.store(y, s.load(y) + v);
            } else {
                let mask = s.first(lanes);
                s.store_masked(y, mask, s.load_masked(y, mask) + v);
            }
        }
    }

    #[inline(always)]
    unsafe fn end(&mut self, _: usize) {}
}

/// `y[row] = Σ value · scale`
struct Sum<T> {
    y: *mut T,
    divisor: T,
    partial: Chunk<T>,
}

impl<T: Scalar> Sink<T> for Sum<T> {
    const CHUNKED: bool = true;

    #[inline(always)]
    unsafe fn begin(&mut self, _: usize) {
        self.partial = Chunk::new(T::ZERO);
    }

    #[inline(always)]
    unsafe fn take<S: Simd<T>>(&mut self, s: S, column: usize, lanes: usize, v: S::V) {
        let v = s.select(s.first(lanes), v, s.set(T::ZERO));
        self.partial.merge(s, column, v, |a, b| a + b);
    }

    #[inline(always)]
    unsafe fn end(&mut self, row: usize) {
        // SAFETY: the caller's.
        unsafe { self.y.add(row).write(self.partial.sum() / self.divisor) }
    }
}

/// `y[row] = max value`
struct Max<T> {
    y: *mut T,
    partial: Chunk<T>,
}

impl<T: Scalar> Sink<T> for Max<T> {
    const CHUNKED: bool = true;

    #[inline(always)]
    unsafe fn begin(&mut self, _: usize) {
        self.partial = Chunk::new(T::from_f64(f64::NEG_INFINITY));
    }

    #[inline(always)]
    unsafe fn take<S: Simd<T>>(&mut self, s: S, column: usize, lanes: usize, v: S::V) {
        let v = s.select(s.first(lanes), v, s.splat(f64::NEG_INFINITY));
        self.partial.merge(s, column, v, |a, b| s.max(a, b));
    }

    #[inline(always)]
    unsafe fn end(&mut self, row: usize) {
        // SAFETY: the caller's.
        unsafe { self.y.add(row).write(self.partial.max()) }
    }
}

/// `y = f(x0, x1, …)` within the area; `y` is the whole matrix.
pub(crate) fn map<T: Scalar, F: Formula<N>, const N: usize>(
    area: Area,
    y: &mut [T],
    x: [Operand<'_, T>; N],
    f: F,
) {
    assert!(
        y.len() == area.matrix_rows * area.matrix_width,
        "the output's length"
    );
    // SAFETY: the output holds the whole matrix.
    unsafe { map_raw(area, y.as_mut_ptr(), x, f) }
}

/// [`map`] on a part of a matrix whose other parts may be in other hands.
///
/// # Safety
/// `y` points to a matrix of the area's size, of which nobody else touches the area meanwhile.
pub(crate) unsafe fn map_raw<T: Scalar, F: Formula<N>, const N: usize>(
    area: Area,
    y: *mut T,
    x: [Operand<'_, T>; N],
    f: F,
) {
    area.check();
    let y = y.wrapping_add(area.start());
    let mut x = x.map(|x| Source::new(&area, x, Some(Source::full(y, area.matrix_width))));
    let (mut rows, mut width) = (area.rows, area.width);
    if rows == 0 || width == 0 {
        return;
    }
    if area.matrix_width == 1 && x.iter().all(|x| x.kind != Kind::OneHot) {
        // A column is as good as a row.
        for x in &mut x {
            match x.kind {
                Kind::PerRow => x.kind = Kind::Vector,
                Kind::Vector if x.row_step == 0 => {
                    // SAFETY: the operand holds the area's one column.
                    x.value = unsafe { x.p.read() };
                    x.kind = Kind::Constant;
                }
                _ => {}
            }
        }
    }
    let flat = |x: &Source<T>| match x.kind {
        Kind::Vector => x.row_step == area.matrix_width,
        kind => kind == Kind::Constant,
    };
    if area.is_whole_rows() && x.iter().all(flat) {
        (rows, width) = (1, rows * width);
    }
    let sink = Store {
        y,
        row_step: area.matrix_width,
        row: y,
    };
    T::dispatch(Walk {
        rows,
        width,
        first_column: area.first_column,
        x: &x,
        f,
        sink,
    });
}

/// `y[r] = reduce over the row of f(x0, x1, …)` within the area; `y` has a number for each row of the matrix.
pub(crate) fn row_reduce<T: Scalar, F: Formula<N>, const N: usize>(
    area: Area,
    y: &mut [T],
    how: Reduce,
    x: [Operand<'_, T>; N],
    f: F,
) {
    area.check();
    assert!(y.len() == area.matrix_rows, "the output's length");
    let y = y.as_mut_ptr().wrapping_add(area.first_row);
    let own = Source {
        kind: Kind::PerRow,
        row_step: 1,
        ..Source::full(y, 1)
    };
    let x = x.map(|x| Source::new(&area, x, Some(own)));
    let (rows, width, first_column) = (area.rows, area.width, area.first_column);
    let divisor = match how {
        Reduce::Mean => T::from_f64(width as f64),
        _ => T::ONE,
    };
    if how == Reduce::Max {
        let sink = Max {
            y,
            partial: Chunk::new(T::ZERO),
        };
        T::dispatch(Walk {
            rows,
            width,
            first_column,
            x: &x,
            f,
            sink,
        });
    } else {
        let sink = Sum {
            y,
            divisor,
            partial: Chunk::new(T::ZERO),
        };
        T::dispatch(Walk {
            rows,
            width,
            first_column,
            x: &x,
            f,
            sink,
        });
    }
}

/// `y[c] (+)= Σ over the area's rows of f(x0, x1, …)`; `y` has a number for each column of the area.
pub(crate) fn col_reduce<T: Scalar, F: Formula<N>, const N: usize>(
    area: Area,
    y: &mut [T],
    accumulate: bool,
    x: [Operand<'_, T>; N],
    f: F,
) {
    area.check();
    assert!(y.len() == area.width, "the output's length");
    if !accumulate {
        y.fill(T::ZERO);
    }
    let x = x.map(|x| Source::new(&area, x, None));
    let sink = Add(y.as_mut_ptr());
    T::dispatch(Walk {
        rows: area.rows,
        width: area.width,
        first_column: area.first_column,
        x: &x,
        f,
        sink,
    });
}
