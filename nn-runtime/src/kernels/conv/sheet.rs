//! The source under a few rows of outputs with the zeros around it: a copy where the window reaches over the edge, the
//! image itself where it does not. So no tap needs to ask whether it lies inside, and each filter row is one run.

use super::axis::Axis;
use crate::Scalar;
use crate::fault::ensure;
use core::mem::MaybeUninit;

/// What a sheet may take, in bytes: a part of a common first-level cache. A microcontroller's stack has no room for it.
const ROOM_BYTES: usize = if cfg!(feature = "std") { 32 * 1024 } else { 64 };

/// Memory for a [`Sheet`].
#[repr(align(64))]
pub(super) struct Room([MaybeUninit<u64>; ROOM_BYTES / 8]);

/// An image of which some rows may be read, and all columns that a window reaches.
#[derive(Clone, Copy)]
pub(super) struct Sheet<T> {
    /// Where row 0 and column 0 of the source would lie.
    pub origin: *const T,
    /// From one row to the next.
    pub row_step: isize,
}

impl Axis {
    /// The source's elements `from .. to` under outputs `first .. end`, which may lie outside.
    fn reach(&self, first: usize, end: usize) -> (isize, isize) {
        let last = (self.taps as isize - 1) * self.offset_step;
        let from = (first * self.source_step) as isize + self.offset + last.min(0);
        let to = ((end - 1) * self.source_step) as isize + self.offset + last.max(0) + 1;
        (from, to)
    }

    /// Whether outputs `first .. end` reach over an edge.
    fn reaches_over(&self, first: usize, end: usize) -> bool {
        let (from, to) = self.reach(first, end);
        from < 0 || to > self.source as isize
    }
}

impl Room {
    #[inline(always)]
    pub(super) fn new() -> Self {
        Self([MaybeUninit::uninit(); ROOM_BYTES / 8])
    }

    /// Rows of outputs whose source fits; 0 if none does.
    pub(super) fn rows<T>([v, h]: &[Axis; 2], channels: usize) -> usize {
        if v.count == 0 || h.count == 0 || v.taps == 0 || h.taps == 0 {
            return 0;
        }
        if !v.reaches_over(0, v.count) && !h.reaches_over(0, h.count) {
            return v.count;
        }
        let (from, to) = h.reach(0, h.count);
        let row_bytes = (to - from) as usize * channels * size_of::<T>();
        let (top, bottom) = v.reach(0, 1);
        let (rows, first) = (ROOM_BYTES / row_bytes.max(1), (bottom - top) as usize);
        if rows < first {
            0
        } else {
            ((rows - first) / v.source_step + 1).min(v.count)
        }
    }

    /// Rows `first .. end` of the outputs of the image `x`, not more than [`Self::rows`].
    ///
    /// # Safety
    /// `x` is a whole image of the axes' source.
    pub(super) unsafe fn sheet<T: Scalar>(
        &mut self,
        [v, h]: &[Axis; 2],
        channels: usize,
        x: *const T,
        first: usize,
        end: usize,
    ) -> Sheet<T> {
        let x_step = h.source * channels;
        if !v.reaches_over(first, end) && !h.reaches_over(0, h.count) {
            return Sheet {
                origin: x,
                row_step: x_step as isize,
            };
        }
        let (top, bottom) = v.reach(first, end);
        let (left, right) = h.reach(0, h.count);
        let row = (right - left) as usize * channels;
        let rows = (bottom - top) as usize;
        ensure!(rows * row * size_of::<T>() <= ROOM_BYTES, "a sheet's room");
        let start: *mut T = self.0.as_mut_ptr().cast();
        // Columns of the image that are copied.
        let (from, to) = (
            left.clamp(0, h.source as isize),
            right.clamp(0, h.source as isize),
        );
        let (before, inside) = ((from - left) as usize * channels, (to - from) as usize * channels);
        for r in 0..rows {
            let from_row = top + r as isize;
            // SAFETY: the row lies in the room; what is copied lies inside the image. Zero bits are 0.0.
            unsafe {
                let to = start.add(r * row);
                if from_row < 0 || from_row >= v.source as isize {
                    to.write_bytes(0, row);
                } else {
                    let x = x.add(from_row as usize * x_step + from as usize * channels);
                    to.write_bytes(0, before);
                    to.add(before).copy_from_nonoverlapping(x, inside);
                    to.add(before + inside).write_bytes(0, row - before - inside);
                }
            }
        }
        Sheet {
            origin: start.wrapping_offset(-(top * row as isize + left * channels as isize)),
            row_step: row as isize,
        }
    }
}
