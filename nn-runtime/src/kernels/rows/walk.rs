//! One walk over the operands, row by row, three places to put the values.

use super::super::chunk::{CHUNK, Chunk};
use super::source::{Kind, Source};
use crate::Scalar;
use crate::simd::{Formula, Kernel, Simd};

/// Where the walk puts the values.
pub(super) trait Sink<T: Scalar> {
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

pub(super) struct Walk<'a, T, F, K, const N: usize> {
    pub(super) rows: usize,
    pub(super) width: usize,
    pub(super) first_column: usize,
    pub(super) x: &'a [Source<T>; N],
    pub(super) f: F,
    pub(super) sink: K,
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
        let mut start = p;
        let mut row_steps = [0; N];
        let mut steps = [0; N];
        let mut hot = [usize::MAX; N];
        let (mut any_hot, mut plain) = (false, true);
        for i in 0..N {
            let x = &self.x[i];
            start[i] = chunks[i].0.as_ptr();
            match x.kind {
                Kind::Vector => (start[i], row_steps[i], steps[i]) = (x.p, x.row_step, step),
                Kind::Constant => chunks[i] = Chunk::new(x.value),
                Kind::PerRow => plain = false,
                Kind::OneHot => (any_hot, plain) = (true, false),
            }
        }
        // SAFETY: `Source::new` checked that every operand holds the rows and columns of the area that is walked
        // here, and the sink's maker did so for the sink. Reads at a row's end are masked to its width; a chunk
        // holds `step` numbers.
        unsafe {
            for row in 0..self.rows {
                p = start;
                for i in 0..N {
                    start[i] = start[i].wrapping_add(row_steps[i]);
                }
                if !plain {
                    for i in 0..N {
                        let x = &self.x[i];
                        match x.kind {
                            Kind::Vector | Kind::Constant => {}
                            Kind::PerRow => chunks[i] = Chunk::new(x.p.add(row * x.row_step).read()),
                            Kind::OneHot => {
                                let label = x.labels.add(row).read() as usize;
                                hot[i] = label.wrapping_sub(self.first_column);
                            }
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
                                    chunks[i].set(hot[i] - column, T::ONE);
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
                                chunks[i].set(hot[i] - start, T::ZERO);
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
pub(super) struct Store<T> {
    pub(super) y: *mut T,
    pub(super) row_step: usize,
    pub(super) row: *mut T,
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
pub(super) struct Add<T>(pub(super) *mut T);

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
pub(super) struct Sum<T> {
    pub(super) y: *mut T,
    pub(super) divisor: T,
    pub(super) partial: Chunk<T>,
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
pub(super) struct Max<T> {
    pub(super) y: *mut T,
    pub(super) partial: Chunk<T>,
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
