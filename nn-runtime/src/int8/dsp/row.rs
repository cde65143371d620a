//! One row of a dense layer: each word of the input meets the weights of four outputs.

use core::arch::asm;

use super::super::{Rescale, padded};
use super::factor::{byte, factor, plain};
use super::rest;

/// `y[c] = rescale(b[c] + Σ w[c, i] · x[i])` of `n` channels.
///
/// # Safety
/// `x` points to `k` bytes, `w` to `n` rows of `padded(k)`, `b` and `y` to `n` elements, and `r` has as many channels.
#[allow(clippy::too_many_arguments)]
#[inline(never)]
pub(in super::super) unsafe fn run(
    k: usize,
    n: usize,
    x: *const i8,
    w: *const i8,
    b: *const i32,
    r: &Rescale<'_>,
    y: *mut i8,
) {
    let length = padded(k);
    let whole = if n >= 4 && plain(r) { n & !3 } else { 0 };
    // SAFETY: the caller's.
    unsafe {
        let last = rest(x.add(k & !3), k % 4);
        if whole > 0 {
            let mut groups = Groups {
                x,
                words: k / 4,
                w,
                length,
                b,
                multipliers: r.multipliers.as_ptr(),
                shifts: r.shifts.as_ptr(),
                y,
                zero: 2 * r.zero + 1,
                last,
                left: k % 4,
                outputs: whole,
            };
            groups.all();
        }
        for c in whole..n {
            let w = w.add(c * length);
            let mut sum = *b.add(c);
            for i in 0..k / 4 {
                sum = dot(word(x.add(4 * i)), word(w.add(4 * i)), sum);
            }
            if !k.is_multiple_of(4) {
                sum = dot(last, word(w.add(k & !3)), sum);
            }
            *y.add(c) = r.apply(c, sum);
        }
    }
}

/// # Safety
/// `from` points to four bytes.
#[inline(always)]
unsafe fn word(from: *const i8) -> u32 {
    // SAFETY: the caller's.
    unsafe { from.cast::<u32>().read_unaligned() }
}

/// `sum` and four products of bytes.
#[inline(always)]
fn dot(x: u32, w: u32, mut sum: i32) -> i32 {
    // SAFETY: arithmetic on registers.
    unsafe {
        asm!(
            "sxtb16 {a}, {x}",
            "sxtb16 {b}, {w}",
            "smlad {sum}, {a}, {b}, {sum}",
            "sxtb16 {a}, {x}, ror #8",
            "sxtb16 {b}, {w}, ror #8",
            "smlad {sum}, {a}, {b}, {sum}",
            x = in(reg) x,
            w = in(reg) w,
            a = out(reg) _,
            b = out(reg) _,
            sum = inout(reg) sum,
            options(pure, nomem, nostack),
        );
    }
    sum
}

/// The outputs that are left to compute, four at a time.
#[repr(C)]
struct Groups {
    x: *const i8,
    /// Whole words of `x`.
    words: usize,
    /// The next output's row.
    w: *const i8,
    /// Bytes of a row.
    length: usize,
    /// The next output's.
    b: *const i32,
    /// The next output's.
    multipliers: *const i32,
    /// The next output's.
    shifts: *const i8,
    /// The next output.
    y: *mut i8,
    /// Twice the zero point, and 1.
    zero: i32,
    /// What `x` holds after its whole words.
    last: u32,
    /// 0 where that is nothing.
    left: usize,
    /// A multiple of four, at least four.
    outputs: usize,
}

impl Groups {
    /// All outputs, whose factors are plain.
    ///
    /// # Safety
    /// The pointers point to what they are said to.
    #[inline(always)]
    unsafe fn all(&mut self) {
        // SAFETY: the caller's. `r6` and `r7`, which the compiler keeps to itself, are put back.
        unsafe {
            asm!(
                "push {{r6, r7, lr}}",
                "6:",
                "ldm lr, {{r0, r1, r2, r3, r6}}",
                "ldm r6!, {{r8, r9, r10, r11}}",
                "str r6, [lr, #16]",
                // The rows; `r3` is their length until the last is found.
                "add r4, r2, r3, lsl #1",
                "add r5, r4, r3",
                "add r3, r2",
                "cbz r1, 3f",
                "2:",
                "ldr r6, [r0], #4",
                "ldr r7, [r2], #4",
                "sxtb16 r12, r6",
                "sxtb16 r6, r6, ror #8",
                "sxtb16 lr, r7",
                "sxtb16 r7, r7, ror #8",
                "smlad r8, r12, lr, r8",
                "smlad r8, r6, r7, r8",
                "ldr r7, [r3], #4",
                "sxtb16 lr, r7",
                "sxtb16 r7, r7, ror #8",
                "smlad r9, r12, lr, r9",
                "smlad r9, r6, r7, r9",
                "ldr r7, [r4], #4",
                "sxtb16 lr, r7",
                "sxtb16 r7, r7, ror #8",
                "smlad r10, r12, lr, r10",
                "smlad r10, r6, r7, r10",
                "ldr r7, [r5], #4",
                "sxtb16 lr, r7",
                "sxtb16 r7, r7, ror #8",
                "smlad r11, r12, lr, r11",
                "smlad r11, r6, r7, r11",
                "subs r1, #1",
                "bgt 2b",
                "3:",
                "ldr lr, [sp, #8]",
                // Once more for what is left of the input: `r1` is 0 before, and -1 after.
                "ldr r6, [lr, #40]",
                "cbz r6, 4f",
                "cbnz r1, 4f",
                "add r0, lr, #36",
                "b 2b",
                "4:",
                "str r5, [lr, #8]",
                "add r12, lr, #20",
                "ldm r12, {{r0, r1, r2, r3}}",
                factor!(),
                byte!("r8"),
                "strb r8, [r2], #1",
                factor!(),
                byte!("r9"),
                "strb r9, [r2], #1",
                factor!(),
                byte!("r10"),
                "strb r10, [r2], #1",
                factor!(),
                byte!("r11"),
                "strb r11, [r2], #1",
                "stm r12, {{r0, r1, r2}}",
                "ldr r0, [lr, #44]",
                "subs r0, #4",
                "str r0, [lr, #44]",
                "bne 6b",
                "pop {{r6, r7, lr}}",
                inout("lr") &raw mut *self => _,
                out("r0") _,
                out("r1") _,
                out("r2") _,
                out("r3") _,
                out("r4") _,
                out("r5") _,
                out("r8") _,
                out("r9") _,
                out("r10") _,
                out("r11") _,
                out("r12") _,
            );
        }
    }
}
