//! A heap buffer that starts on a 64-byte boundary: parameters, gradients and arenas.

use std::alloc::{Layout, alloc_zeroed, dealloc, handle_alloc_error};
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;

use crate::Scalar;

const ALIGN_BYTES: usize = 64;

/// A fixed number of scalars, zero at first. Large ones cost no memory until they are touched.
pub struct Aligned<T> {
    start: NonNull<T>,
    len: usize,
}

// SAFETY: it owns its scalars like a `Box<[T]>`.
unsafe impl<T: Send> Send for Aligned<T> {}
// SAFETY: shared access reads only.
unsafe impl<T: Sync> Sync for Aligned<T> {}

impl<T: Scalar> Aligned<T> {
    /// `len` zeros.
    ///
    /// # Panics
    /// If the size in bytes overflows.
    #[must_use]
    pub fn zeros(len: usize) -> Self {
        if len == 0 {
            return Self {
                start: NonNull::dangling(),
                len,
            };
        }
        let layout = Self::layout(len);
        // SAFETY: `layout` has a size above 0. All bits zero is the number 0 for f32 and f64, the only scalars.
        let start = unsafe { alloc_zeroed(layout) }.cast::<T>();
        let Some(start) = NonNull::new(start) else {
            handle_alloc_error(layout)
        };
        Self { start, len }
    }

    /// Grows to at least `len`; the content is then zero, not kept.
    pub fn reserve(&mut self, len: usize) {
        if self.len < len {
            *self = Self::zeros(len);
        }
    }
}

impl<T> Aligned<T> {
    fn layout(len: usize) -> Layout {
        let bytes = len
            .checked_mul(size_of::<T>())
            .expect("a buffer's size overflows");
        Layout::from_size_align(bytes, ALIGN_BYTES).expect("a buffer's size overflows")
    }
}

impl<T> Drop for Aligned<T> {
    fn drop(&mut self) {
        if self.len > 0 {
            // SAFETY: allocated in `zeros` with this layout, freed once.
            unsafe { dealloc(self.start.as_ptr().cast(), Self::layout(self.len)) }
        }
    }
}

impl<T> Deref for Aligned<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        // SAFETY: `start` is valid for `len` initialised scalars (or dangling for none), owned by `self`.
        unsafe { std::slice::from_raw_parts(self.start.as_ptr(), self.len) }
    }
}

impl<T> DerefMut for Aligned<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        // SAFETY: as in `deref`, and borrowed mutably.
        unsafe { std::slice::from_raw_parts_mut(self.start.as_ptr(), self.len) }
    }
}

impl<T: Scalar> Clone for Aligned<T> {
    fn clone(&self) -> Self {
        let mut copy = Self::zeros(self.len);
        copy.copy_from_slice(self);
        copy
    }
}

impl<T: Scalar> Default for Aligned<T> {
    fn default() -> Self {
        Self::zeros(0)
    }
}

impl<T: std::fmt::Debug> std::fmt::Debug for Aligned<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} scalars", self.len)
    }
}
