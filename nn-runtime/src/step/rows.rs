//! Rows of a whole batch's buffers, for tiles that run on several threads.

use super::{Arena, Buf, Views};

/// The whole batch's rows of one buffer, to be read by tiles on several threads.
#[derive(Clone, Copy, Debug)]
pub struct RowsOf<'a, T> {
    start: *mut T,
    elems: usize,
    n: usize,
    life: core::marker::PhantomData<&'a mut [T]>,
}

// SAFETY: `get` hands out shared slices of data that nobody writes; `get_mut` puts disjointness on its caller.
unsafe impl<T: Send + Sync> Send for RowsOf<'_, T> {}
// SAFETY: as above.
unsafe impl<T: Send + Sync> Sync for RowsOf<'_, T> {}

impl<'a, T> RowsOf<'a, T> {
    /// Rows `first .. first + n` of a buffer that was asked for to read.
    ///
    /// # Panics
    /// If they are not inside the batch.
    #[must_use]
    pub(crate) fn get(&self, first: usize, n: usize) -> &'a [T] {
        assert!(first + n <= self.n, "rows outside the batch");
        // SAFETY: inside the buffer, which `Arena::rows` found apart from all that are written.
        unsafe { core::slice::from_raw_parts(self.start.add(first * self.elems), n * self.elems) }
    }

    /// Rows `first .. first + n` of a buffer that was asked for to write.
    ///
    /// # Panics
    /// If they are not inside the batch.
    ///
    /// # Safety
    /// No two calls whose results are alive at once may overlap.
    #[must_use]
    pub(crate) unsafe fn get_mut(&self, first: usize, n: usize) -> &'a mut [T] {
        assert!(first + n <= self.n, "rows outside the batch");
        // SAFETY: inside the buffer, apart from all others (`Arena::rows`) and from other rows (the caller).
        unsafe { core::slice::from_raw_parts_mut(self.start.add(first * self.elems), n * self.elems) }
    }
}

impl<'a, T> Arena<'a, T> {
    /// As [`Arena::views`], but to be handed out row by row.
    pub(crate) fn rows<const R: usize, const W: usize>(
        self,
        views: Views<R, W>,
    ) -> ([RowsOf<'a, T>; R], [RowsOf<'a, T>; W]) {
        let n = self.n;
        self.check(views.end);
        let start = self.memory.as_mut_ptr();
        let rows = |b: Buf| RowsOf {
            start: start.wrapping_add(b.offset * n),
            elems: b.elems,
            n,
            life: core::marker::PhantomData,
        };
        (views.reads.map(rows), views.writes.map(rows))
    }
}
