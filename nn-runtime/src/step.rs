//! What an emitted function is handed: the tile it works on, the arenas, the parameters.
//!
//! Nothing here allocates or needs `std`: the same functions run on a microcontroller.

use crate::Scalar;
use crate::fault::ensure;
use crate::origin::Trace;

#[cfg(feature = "std")]
mod rows;

/// A buffer's place in an arena, in elements per sample: it lies at `offset · n .. (offset + elems) · n` for `n` samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Buf {
    /// Start.
    pub offset: usize,
    /// Length.
    pub elems: usize,
}

impl Buf {
    /// `elems` elements per sample at `offset`.
    #[must_use]
    pub const fn new(offset: usize, elems: usize) -> Self {
        Self { offset, elems }
    }

    /// Its content in a memory that holds one of it.
    ///
    /// # Panics
    /// If it lies outside: a fault of the compiler.
    #[inline]
    #[must_use]
    pub fn of<T>(self, memory: &[T]) -> &[T] {
        &memory[self.offset..self.offset + self.elems]
    }
}

/// Buffers that one function borrows at once: `R` to read, `W` to write, none of these over any other. Made in a constant,
/// so that a plan in which live buffers overlap does not compile.
#[derive(Clone, Copy, Debug)]
pub struct Views<const R: usize, const W: usize> {
    reads: [Buf; R],
    writes: [Buf; W],
    /// One past the last element of all, per sample.
    end: usize,
}

impl<const R: usize, const W: usize> Views<R, W> {
    /// Checks that no buffer to write overlaps another.
    ///
    /// # Panics
    /// If one does: a fault of the compiler, found when the constant is evaluated.
    #[must_use]
    pub const fn new(reads: [Buf; R], writes: [Buf; W]) -> Self {
        let mut end = 0;
        let mut i = 0;
        while i < R {
            end = later(end, reads[i]);
            i += 1;
        }
        i = 0;
        while i < W {
            end = later(end, writes[i]);
            let mut j = 0;
            while j < R {
                assert!(
                    apart(writes[i], reads[j]),
                    "internal error, please report: two live buffers overlap"
                );
                j += 1;
            }
            j = 0;
            while j < i {
                assert!(
                    apart(writes[i], writes[j]),
                    "internal error, please report: two live buffers overlap"
                );
                j += 1;
            }
            i += 1;
        }
        Self { reads, writes, end }
    }
}

const fn apart(a: Buf, b: Buf) -> bool {
    end_of(a) <= b.offset || end_of(b) <= a.offset
}

const fn end_of(b: Buf) -> usize {
    match b.offset.checked_add(b.elems) {
        Some(end) => end,
        None => panic!("internal error, please report: a buffer ends nowhere"),
    }
}

const fn later(end: usize, b: Buf) -> usize {
    let own = end_of(b);
    if own > end { own } else { end }
}

/// Working memory for `n` samples, handed out as the planned buffers.
#[derive(Debug)]
pub struct Arena<'a, T> {
    memory: &'a mut [T],
    n: usize,
}

impl<'a, T> Arena<'a, T> {
    /// The memory must hold the plan's size times `n`; [`Arena::views`] checks it.
    #[inline]
    pub fn new(memory: &'a mut [T], n: usize) -> Self {
        Self { memory, n }
    }

    /// Borrows buffers to read and buffers to write at once.
    ///
    /// # Panics
    /// If a buffer lies outside the memory: a fault of the compiler.
    #[inline(always)]
    pub fn views<const R: usize, const W: usize>(
        &mut self,
        views: Views<R, W>,
    ) -> ([&[T]; R], [&mut [T]; W]) {
        let n = self.n;
        self.check(views.end);
        let start = self.memory.as_mut_ptr();
        (
            views.reads.map(|b| {
                // SAFETY: inside the memory (`check`: (offset + elems) · n <= end · n <= len), and apart from every buffer
                // that is written (`Views::new`); the lifetime is that of the borrow of `self`.
                unsafe { core::slice::from_raw_parts(start.add(b.offset * n), b.elems * n) }
            }),
            views.writes.map(|b| {
                // SAFETY: as above, and apart from every other buffer handed out.
                unsafe { core::slice::from_raw_parts_mut(start.add(b.offset * n), b.elems * n) }
            }),
        )
    }

    #[inline(always)]
    fn check(&self, end: usize) {
        ensure!(
            end.checked_mul(self.n)
                .is_some_and(|end| end <= self.memory.len()),
            "internal error, please report: a buffer lies outside its arena"
        );
    }
}

/// What is the same for all tiles of a step.
#[derive(Debug)]
pub struct Step<'a, T> {
    /// Flat parameters, running statistics last.
    pub parameters: &'a [T],
    /// Per-batch values, in the plan's layout.
    pub stats: &'a [T],
    /// Samples in the batch.
    pub batch: usize,
    /// 1 / `batch`
    pub inverse_batch: T,
    /// Seed of this step's random masks.
    pub seed: u64,
    /// Whether the gradients of the inputs are wanted.
    pub input_gradients: bool,
}

impl<T> Step<'_, T> {
    /// The key of one dropout layer's mask in this step.
    #[inline]
    #[must_use]
    pub fn key(&self, stream: u64) -> u64 {
        mix(self.seed ^ mix(stream.wrapping_add(0x9e37_79b9_7f4a_7c15)))
    }
}

/// The finaliser of splitmix64 (Steele, Lea and Flood, 2014): every input bit reaches every output bit.
#[inline]
pub(crate) const fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// `l2 · Σ w²`; its gradient `2 · l2 · w` is added where gradients are given.
///
/// # Panics
/// If the gradients are not as many.
pub fn penalty<T: Scalar>(l2: f64, w: &[T], gradients: Option<&mut [T]>) -> f64 {
    if let Some(gradients) = gradients {
        crate::ops::axpy(T::from_f64(2.0 * l2), w, gradients);
    }
    l2 * w.iter().map(|w| w.to_f64() * w.to_f64()).sum::<f64>()
}

/// `1 / batch`
#[must_use]
pub fn inverse<T: Scalar>(batch: usize) -> T {
    T::from_f64(1.0 / batch as f64)
}

/// A run of samples that goes through a whole segment on one thread.
#[derive(Debug)]
pub struct Tile<'a, T> {
    /// Samples in this tile.
    pub n: usize,
    /// Place of its first sample in the batch.
    pub first: usize,
    /// Whether gradients are added to what earlier tiles left, or written over it.
    pub accumulate: bool,
    /// What lives inside the segment.
    pub arena: Arena<'a, T>,
    /// Gradients of this slot's tiles, in the layout of the trainable parameters.
    pub gradients: &'a mut [T],
    /// Sum of the losses of this slot's samples.
    pub loss: &'a mut f64,
    /// Where a step that is looked at says what was not finite.
    pub trace: Option<&'a mut Trace>,
}

/// A whole batch, for the operations that need it at once.
#[derive(Debug)]
pub struct Whole<'a, T> {
    /// Samples in the batch.
    pub n: usize,
    /// Whether the gradients of the inputs are wanted.
    pub input_gradients: bool,
    /// What crosses segments.
    pub arena: Arena<'a, T>,
    /// Per-batch values, one "sample" of them.
    pub stats: Arena<'a, T>,
    /// Trainable and frozen parameters.
    pub parameters: &'a [T],
    /// Running statistics.
    pub state: &'a mut [T],
    /// Gradients, in the layout of the trainable parameters.
    pub gradients: &'a mut [T],
    /// 1 / `n`
    pub inverse_batch: T,
    /// As [`Tile::trace`].
    pub trace: Option<&'a mut Trace>,
}
