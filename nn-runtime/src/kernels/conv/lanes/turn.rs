//! From samples one after the other to samples side by side, and back.

use super::SAMPLES;
use crate::Scalar;
use crate::simd::Simd;

/// Samples into lanes, `[16, elems]` to `[elems, 16]` group by group, or back.
#[doc(hidden)]
#[derive(Clone, Copy)]
pub struct Turn<T> {
    pub(super) groups: usize,
    pub(super) elems: usize,
    pub(super) x: *const T,
    pub(super) y: *mut T,
    pub(super) back: bool,
}

impl<T: Scalar> Turn<T> {
    /// # Safety
    /// The pointers hold what the sizes say.
    #[inline(always)]
    pub(crate) unsafe fn run<S: Simd<T>>(&self, s: S) {
        let whole = self.elems / S::LANES * S::LANES;
        for group in 0..self.groups {
            let start = group * SAMPLES * self.elems;
            for sample in (0..SAMPLES).step_by(S::LANES) {
                for elem in (0..whole).step_by(S::LANES) {
                    let (row, lane) = (
                        start + sample * self.elems + elem,
                        start + elem * SAMPLES + sample,
                    );
                    // SAFETY: blocks within the group.
                    unsafe {
                        if self.back {
                            s.transpose(self.x.add(lane), SAMPLES, self.y.add(row), self.elems);
                        } else {
                            s.transpose(self.x.add(row), self.elems, self.y.add(lane), SAMPLES);
                        }
                    }
                }
            }
            for sample in 0..SAMPLES {
                for elem in whole..self.elems {
                    let (row, lane) = (
                        start + sample * self.elems + elem,
                        start + elem * SAMPLES + sample,
                    );
                    let (from, to) = if self.back { (lane, row) } else { (row, lane) };
                    // SAFETY: elements of the group.
                    unsafe { self.y.add(to).write(self.x.add(from).read()) };
                }
            }
        }
    }
}
