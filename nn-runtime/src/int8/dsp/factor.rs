//! From a sum to a byte in six instructions.

use core::arch::asm;

use super::super::Rescale;

/// `x · m / 2^31`, rounded to nearest, halves upwards, for `|x|` below `2^30`.
#[inline(always)]
fn doubling_high_multiply(x: i32, m: i32) -> i32 {
    let y;
    // SAFETY: arithmetic on registers.
    unsafe {
        asm!("smmulr {}, {}, {}", out(reg) y, in(reg) x << 1, in(reg) m, options(pure, nomem, nostack));
    }
    y
}

/// [`super::super::Multiplier::apply`] of a number of parts.
#[inline(always)]
pub(in super::super) fn apply(multiplier: i32, shift: i8, x: i32) -> i32 {
    let shift = i32::from(shift);
    if shift >= 0 {
        return doubling_high_multiply(x << (shift & 31), multiplier);
    }
    let right = (-shift) as u32 & 31;
    let y = doubling_high_multiply(x, multiplier);
    (y + (y >> 31) + (1 << (right - 1))) >> right
}

/// What one channel makes of its sum.
#[derive(Clone, Copy)]
pub(super) struct Factor {
    multiplier: i32,
    right: u32,
    /// Half of what the shift drops, and the zero point before the shift.
    offset: i32,
}

impl Factor {
    /// Of a channel whose shift goes to the right, by so little that the zero point can be added before it.
    ///
    /// # Safety
    /// `channel` is one of the output's.
    #[inline(always)]
    pub(super) unsafe fn new(r: &Rescale<'_>, channel: usize) -> Option<Self> {
        // SAFETY: the caller's.
        let (multiplier, shift) = unsafe {
            let shift = *r.shifts.get_unchecked(channel);
            (*r.multipliers.get_unchecked(channel), i32::from(shift))
        };
        let right = (-shift) as u32;
        if right.wrapping_sub(1) >= 22 {
            return None;
        }
        let offset = (1 << (right - 1)) + (r.zero << right);
        Some(Self {
            multiplier,
            right,
            offset,
        })
    }

    /// The byte, before the clamp to less than a byte.
    #[inline(always)]
    pub(super) fn apply(self, sum: i32) -> i32 {
        let y = doubling_high_multiply(sum, self.multiplier);
        // Halves away from zero: below zero a little less than half is added.
        let y = (y + (y >> 31) + self.offset) >> (self.right & 31);
        y.clamp(-128, 127)
    }
}

/// Sums of one channel to bytes, of which the first `count` are stored, each `stride` bytes after the one before.
///
/// # Safety
/// `channel` is one of the output's, and so many bytes may be written.
#[inline(always)]
pub(super) unsafe fn store<const N: usize>(
    r: &Rescale<'_>,
    channel: usize,
    sums: [i32; N],
    y: *mut i8,
    stride: usize,
    count: usize,
) {
    // SAFETY: the caller's.
    let factor = unsafe { Factor::new(r, channel) };
    let mut bytes = match factor {
        Some(factor) => sums.map(|sum| factor.apply(sum)),
        // SAFETY: the caller's.
        None => sums.map(|sum| i32::from(unsafe { r.apply(channel, sum) })),
    };
    if r.low != i8::MIN || r.high != i8::MAX {
        bytes = bytes.map(|byte| byte.max(i32::from(r.low)).min(i32::from(r.high)));
    }
    for (p, byte) in bytes.into_iter().enumerate() {
        if N == 1 || p < count {
            // SAFETY: the caller's.
            unsafe { *y.add(p * stride) = byte as i8 };
        }
    }
}
