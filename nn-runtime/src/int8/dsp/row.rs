//! One row of a dense layer: each word of the input meets the weights of four outputs.

use core::arch::asm;

use super::super::{Rescale, padded};
use super::factor::store;
use super::{dot, rest};

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
    // SAFETY: the caller's.
    unsafe { channels(k, n, x, w, b, r, 0, y) };
}

/// As [`run`], where the first of the `n` channels is `first` to `r`.
///
/// # Safety
/// As [`run`].
#[allow(clippy::too_many_arguments)]
#[inline(always)]
pub(super) unsafe fn channels(
    k: usize,
    n: usize,
    x: *const i8,
    mut w: *const i8,
    b: *const i32,
    r: &Rescale<'_>,
    first: usize,
    y: *mut i8,
) {
    let (words, length) = (k / 4, padded(k));
    // SAFETY: the caller's; a row of weights has a whole word for what is left of the input.
    unsafe {
        let (left, last) = (k % 4, rest(x.add(4 * words), k % 4));
        let mut c = 0;
        while c + 4 <= n {
            let b = b.add(c);
            let mut sums = [*b, *b.add(1), *b.add(2), *b.add(3)];
            if words > 0 {
                four(words, x, w, length, &mut sums);
            }
            for (i, sum) in sums.into_iter().enumerate() {
                let tail = w.add(i * length + 4 * words).cast::<u32>();
                let sum = if left > 0 {
                    dot(last, tail.read_unaligned(), sum)
                } else {
                    sum
                };
                store(r, first + c + i, [sum], y.add(c + i), 1, 1);
            }
            w = w.add(4 * length);
            c += 4;
        }
        while c < n {
            let mut sum = *b.add(c);
            for i in 0..words {
                let at = |row: *const i8| row.add(4 * i).cast::<u32>().read_unaligned();
                sum = dot(at(x), at(w), sum);
            }
            if left > 0 {
                sum = dot(last, w.add(4 * words).cast::<u32>().read_unaligned(), sum);
            }
            store(r, first + c, [sum], y.add(c), 1, 1);
            w = w.add(length);
            c += 1;
        }
    }
}

/// Adds the products of `words` words, at least one, and four rows of weights, `length` bytes apart.
///
/// # Safety
/// `x` and each row point to so many words.
#[inline(always)]
unsafe fn four(words: usize, x: *const i8, w: *const i8, length: usize, sums: &mut [i32; 4]) {
    let [mut s0, mut s1, mut s2, mut s3] = *sums;
    // SAFETY: the caller's. `r6` and `r7`, which the compiler keeps to itself, are put back.
    unsafe {
        asm!(
            "push {{r6, r7}}",
            "add r3, r2, r12",
            "add r4, r3, r12",
            "add r5, r4, r12",
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
            "bne 2b",
            "pop {{r6, r7}}",
            inout("r0") x => _,
            inout("r1") words => _,
            inout("r2") w => _,
            inout("r12") length => _,
            out("r3") _,
            out("r4") _,
            out("r5") _,
            out("lr") _,
            inout("r8") s0,
            inout("r9") s1,
            inout("r10") s2,
            inout("r11") s3,
        );
    }
    *sums = [s0, s1, s2, s3];
}
