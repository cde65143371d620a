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

/// [`Multiplier::apply`](super::super::Multiplier::apply), of its parts.
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

/// Whether [`byte!`] serves: every shift goes to the right, by at most 16, and the output has the whole range.
#[inline(always)]
pub(super) fn plain(r: &Rescale<'_>) -> bool {
    // Bytes from -16 to -1 begin with four ones.
    let mut all = 0xffff_ffff;
    let words = r.shifts.chunks_exact(4);
    for shift in words.remainder() {
        all &= i32::from(*shift) as u32;
    }
    for word in words {
        if let Ok(word) = <[i8; 4]>::try_from(word) {
            all &= u32::from_le_bytes(word.map(|s| s as u8));
        }
    }
    all & 0xf0f0_f0f0 == 0xf0f0_f0f0 && r.low == i8::MIN && r.high == i8::MAX
}

/// What [`byte!`] takes of one channel.
///
/// # Safety
/// The channel is one of the output's, all of which are [`plain`].
#[inline(always)]
pub(super) unsafe fn plain_factor(r: &Rescale<'_>, channel: usize) -> [i32; 3] {
    // SAFETY: the caller's.
    let (multiplier, shift) = unsafe {
        (
            *r.multipliers.get_unchecked(channel),
            *r.shifts.get_unchecked(channel),
        )
    };
    let right = -i32::from(shift);
    [multiplier, right, ((2 * r.zero + 1) << (right & 31)) >> 1]
}

/// The sum in a register to a byte, of the multiplier in `r5`, the shift to the right in `r6`, and in `r7` the zero point,
/// shifted to the left, and half of what the shift to the right drops. A half is rounded away from zero: below zero a
/// little less than half is added.
macro_rules! byte {
    ($sum:literal) => {
        concat!(
            concat!("lsl ", $sum, ", ", $sum, ", #1\n"),
            concat!("smmulr ", $sum, ", ", $sum, ", r5\n"),
            concat!("add ", $sum, ", ", $sum, ", ", $sum, ", asr #31\n"),
            concat!("add ", $sum, ", ", $sum, ", r7\n"),
            concat!("asr ", $sum, ", ", $sum, ", r6\n"),
            concat!("ssat ", $sum, ", #8, ", $sum, "\n"),
        )
    };
}
pub(super) use byte;

/// The next channel's numbers for [`byte!`], from pointers to multipliers in `r0` and to shifts in `r1`; in `r3` is twice the
/// zero point and 1.
macro_rules! factor {
    () => {
        "ldr r5, [r0], #4
         ldrsb r6, [r1], #1
         rsb r6, r6, #0
         lsl r7, r3, r6
         asr r7, r7, #1
        "
    };
}
pub(super) use factor;
