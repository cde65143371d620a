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
    let (words, length) = (k / 4, padded(k));
    let plain = plain(r);
    // SAFETY: the caller's; of less than four channels the last is computed again in place of the others.
    unsafe {
        let last = rest(x.add(4 * words), k % 4);
        let (multipliers, shifts) = (r.multipliers.as_ptr(), r.shifts.as_ptr());
        let mut c = 0;
        while c < n {
            let count = (n - c).min(4);
            let w = w.add(c * length);
            let mut group = Group {
                x,
                words,
                w: [w, w.add(length), w.add(2 * length), w.add(3 * length)],
                b: b.add(c),
                multipliers: multipliers.add(c),
                shifts: shifts.add(c),
                y: y.add(c),
                zero: 2 * r.zero + 1,
                last,
                left: k % 4,
            };
            if count == 4 && plain {
                group.bytes();
            } else {
                let at = |i: usize| if i < count { i } else { count - 1 };
                group.w = [0, 1, 2, 3].map(|i| w.add(at(i) * length));
                let biases = [0, 1, 2, 3].map(|i| *b.add(c + at(i)));
                group.b = biases.as_ptr();
                for (i, sum) in group.sums().into_iter().enumerate() {
                    if i < count {
                        *y.add(c + i) = r.apply(c + i, sum);
                    }
                }
            }
            c += 4;
        }
    }
}

/// Four outputs.
#[repr(C)]
struct Group {
    x: *const i8,
    /// Whole words of `x`.
    words: usize,
    /// A row of weights for each output.
    w: [*const i8; 4],
    b: *const i32,
    multipliers: *const i32,
    shifts: *const i8,
    y: *mut i8,
    /// Twice the zero point, and 1.
    zero: i32,
    /// What `x` holds after its whole words.
    last: u32,
    /// 0 where that is nothing.
    left: usize,
}

/// `b + Σ w · x` in `r8` to `r11`, one of each output, of the group that `lr` points to.
macro_rules! sums {
    () => {
        "push {{r6, r7, lr}}
         ldr r6, [lr, #24]
         ldm r6, {{r8, r9, r10, r11}}
         ldm lr, {{r0, r1, r2, r3, r4, r5}}
         cmp r1, #0
         beq 3f
         2:
         ldr r6, [r0], #4
         ldr r7, [r2], #4
         sxtb16 r12, r6
         sxtb16 r6, r6, ror #8
         sxtb16 lr, r7
         sxtb16 r7, r7, ror #8
         smlad r8, r12, lr, r8
         smlad r8, r6, r7, r8
         ldr r7, [r3], #4
         sxtb16 lr, r7
         sxtb16 r7, r7, ror #8
         smlad r9, r12, lr, r9
         smlad r9, r6, r7, r9
         ldr r7, [r4], #4
         sxtb16 lr, r7
         sxtb16 r7, r7, ror #8
         smlad r10, r12, lr, r10
         smlad r10, r6, r7, r10
         ldr r7, [r5], #4
         sxtb16 lr, r7
         sxtb16 r7, r7, ror #8
         smlad r11, r12, lr, r11
         smlad r11, r6, r7, r11
         subs r1, #1
         bne 2b
         3:
         ldr lr, [sp, #8]
         ldr r6, [lr, #48]
         cbz r6, 4f
         str r1, [lr, #48]
         mov r1, #1
         add r0, lr, #44
         b 2b
         4:
        "
    };
}

impl Group {
    /// The sums.
    ///
    /// # Safety
    /// The pointers point to what they are said to.
    #[inline(never)]
    unsafe fn sums(&mut self) -> [i32; 4] {
        let (s0, s1, s2, s3);
        // SAFETY: the caller's. `r6` and `r7`, which the compiler keeps to itself, are put back.
        unsafe {
            asm!(
                sums!(),
                "pop {{r6, r7, lr}}",
                inout("lr") &raw mut *self => _,
                out("r0") _,
                out("r1") _,
                out("r2") _,
                out("r3") _,
                out("r4") _,
                out("r5") _,
                out("r8") s0,
                out("r9") s1,
                out("r10") s2,
                out("r11") s3,
                out("r12") _,
            );
        }
        [s0, s1, s2, s3]
    }

    /// The outputs, whose factors are plain.
    ///
    /// # Safety
    /// As [`Self::sums`].
    #[inline(always)]
    unsafe fn bytes(&mut self) {
        // SAFETY: the caller's. `r6` and `r7`, which the compiler keeps to itself, are put back.
        unsafe {
            asm!(
                sums!(),
                "add r12, lr, #28",
                "ldm r12, {{r0, r1, r2, r3}}",
                factor!(),
                byte!("r8"),
                "strb r8, [r2]",
                factor!(),
                byte!("r9"),
                "strb r9, [r2, #1]",
                factor!(),
                byte!("r10"),
                "strb r10, [r2, #2]",
                factor!(),
                byte!("r11"),
                "strb r11, [r2, #3]",
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
