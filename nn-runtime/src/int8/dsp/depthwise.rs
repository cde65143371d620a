//! Depthwise convolutions: four channels a time, whose weights are widened once for all pixels.

use core::arch::asm;
use core::mem::MaybeUninit;

use super::super::conv::Job;
use super::super::depthwise::channel;
use super::factor::{self, byte, plain};

/// Taps whose weights find room on the stack.
const TAPS: usize = 32;

/// Computes all; where a window has more than 32 taps, nothing: `false`.
///
/// # Safety
/// The job's lengths fit.
#[inline(always)]
pub(in super::super) unsafe fn run(job: &Job<'_>) -> bool {
    if job.conv.window.taps() > TAPS {
        return false;
    }
    // SAFETY: the caller's.
    unsafe { all(job) };
    true
}

/// # Safety
/// As [`run`], with at most 32 taps.
#[inline(never)]
unsafe fn all(job: &Job<'_>) {
    let channels = job.conv.outputs;
    let whole = channels & !3;
    let plain = plain(&job.r);
    // SAFETY: the caller's.
    unsafe {
        for c in (0..whole).step_by(4) {
            four(job, c, plain);
        }
        for c in whole..channels {
            let mut y = job.y.add(c);
            for i in 0..job.conv.window.output[0] {
                for j in 0..job.conv.window.output[1] {
                    *y = channel(job, [i, j], c);
                    y = y.add(channels);
                }
            }
        }
    }
}

/// Four channels from `c` on, of every pixel.
///
/// # Safety
/// As [`all`], and the channels are some of the job's.
#[inline(always)]
unsafe fn four(job: &Job<'_>, c: usize, plain: bool) {
    let window = &job.conv.window;
    let channels = job.conv.outputs;
    let mut weights = MaybeUninit::<[[u32; 2]; TAPS]>::uninit();
    let weights = weights.as_mut_ptr().cast::<u32>();
    // SAFETY: the caller's; the stack has room for every tap.
    unsafe {
        let b = *job.b.add(c).cast::<[i32; 4]>();
        let mut elsewhere = b;
        for tap in 0..window.taps() {
            let w = job.w.add(tap * channels + c).cast::<u32>().read_unaligned();
            let (even, odd) = pairs(w);
            *weights.add(2 * tap) = even;
            *weights.add(2 * tap + 1) = odd;
            let zero = i32::from(job.zero);
            elsewhere[0] += zero * i32::from(even as i16);
            elsewhere[1] += zero * i32::from(odd as i16);
            elsewhere[2] += zero * (even as i32 >> 16);
            elsewhere[3] += zero * (odd as i32 >> 16);
        }
        let mut finish = Finish::new(job, c, plain);
        let direct = window.kernel == [3, 3] && window.dilation[1] == 1;
        let line = window.dilation[0] * window.input[1] * channels;
        let step = window.stride[1] * channels;
        let middle = window.whole(1);
        for i in 0..window.output[0] {
            let rows = window.inside(0, i);
            let mut j = 0;
            while j < window.output[1] {
                if direct && rows == (0, 3) && j == middle.0 {
                    let mut x = job.source([i, j], [0, 0]).add(c);
                    while j < middle.1 {
                        let sums = three_by_three(x, channels, line, weights, b);
                        finish.store(sums, job, c, plain);
                        x = x.add(step);
                        j += 1;
                    }
                }
                if j < window.output[1] {
                    let sums = inside(job, [i, j], c, rows, weights, elsewhere);
                    finish.store(sums, job, c, plain);
                    j += 1;
                }
            }
        }
    }
}

/// What becomes of the sums of four channels.
#[repr(C)]
struct Finish {
    /// Of each, where they are plain, multiplier, shift and offset.
    factors: [[i32; 3]; 4],
    /// The next pixel's.
    y: *mut i8,
}

impl Finish {
    /// # Safety
    /// There are four channels from `c` on.
    #[inline(always)]
    unsafe fn new(job: &Job<'_>, c: usize, plain: bool) -> Self {
        let mut factors = [[0; 3]; 4];
        if plain {
            for (i, factor) in factors.iter_mut().enumerate() {
                // SAFETY: the caller's.
                *factor = unsafe { factor::plain_factor(&job.r, c + i) };
            }
        }
        // SAFETY: the caller's.
        let y = unsafe { job.y.add(c) };
        Self { factors, y }
    }

    /// Stores four bytes, and goes on to the next pixel.
    ///
    /// # Safety
    /// The channels from `c` on are those of the pointers; `plain` is what [`plain`] says.
    #[inline(always)]
    unsafe fn store(&mut self, [s0, s1, s2, s3]: [i32; 4], job: &Job<'_>, c: usize, plain: bool) {
        // SAFETY: the caller's. `r6` and `r7`, which the compiler keeps to itself, are put back.
        unsafe {
            if plain {
                asm!(
                    "push {{r6, r7}}",
                    "ldm r12!, {{r5, r6, r7}}",
                    byte!("r8"),
                    "ldm r12!, {{r5, r6, r7}}",
                    byte!("r9"),
                    "ldm r12!, {{r5, r6, r7}}",
                    byte!("r10"),
                    "ldm r12!, {{r5, r6, r7}}",
                    byte!("r11"),
                    "ldr r5, [r12]",
                    "strb r8, [r5]",
                    "strb r9, [r5, #1]",
                    "strb r10, [r5, #2]",
                    "strb r11, [r5, #3]",
                    "add r5, r0",
                    "str r5, [r12]",
                    "pop {{r6, r7}}",
                    in("r0") job.conv.outputs,
                    inout("r12") &raw mut *self => _,
                    out("r5") _,
                    inout("r8") s0 => _,
                    inout("r9") s1 => _,
                    inout("r10") s2 => _,
                    inout("r11") s3 => _,
                );
            } else {
                for (i, sum) in [s0, s1, s2, s3].into_iter().enumerate() {
                    *self.y.add(i) = job.r.apply(c + i, sum);
                }
                self.y = self.y.add(job.conv.outputs);
            }
        }
    }
}

/// A word's even and odd bytes, widened.
#[inline(always)]
fn pairs(word: u32) -> (u32, u32) {
    let (even, odd);
    // SAFETY: arithmetic on registers.
    unsafe {
        asm!(
            "sxtb16 {even}, {word}",
            "sxtb16 {odd}, {word}, ror #8",
            word = in(reg) word,
            even = out(reg) even,
            odd = lateout(reg) odd,
            options(pure, nomem, nostack),
        );
    }
    (even, odd)
}

/// The four sums of any window: what they were if the image were `zero` everywhere, and the difference under the taps
/// inside.
///
/// # Safety
/// As [`four`]; `rows` are those of the window that lie inside the image.
#[inline(never)]
unsafe fn inside(
    job: &Job<'_>,
    pixel: [usize; 2],
    c: usize,
    rows: (usize, usize),
    w: *const u32,
    mut sums: [i32; 4],
) -> [i32; 4] {
    let window = &job.conv.window;
    let columns = window.inside(1, pixel[1]);
    let count = columns.1 - columns.0;
    if count == 0 {
        return sums;
    }
    let step = window.dilation[1] * job.conv.inputs;
    let zero = i32::from(job.zero) as u32;
    let zero = zero << 16 | zero & 0xffff;
    for i in rows.0..rows.1 {
        // SAFETY: the taps lie inside; each has two words of weights.
        unsafe {
            let x = job.source(pixel, [i, columns.0]).add(c);
            let w = w.add(2 * (i * window.kernel[1] + columns.0));
            sums = taps(count, x, step, w, zero, sums);
        }
    }
    sums
}

/// Adds the products of taps that follow each other `step` bytes apart, less `zero` in both halves.
///
/// # Safety
/// There are so many, at least one, and twice as many words of weights.
#[inline(always)]
unsafe fn taps(
    count: usize,
    x: *const i8,
    step: usize,
    w: *const u32,
    zero: u32,
    sums: [i32; 4],
) -> [i32; 4] {
    let [mut s0, mut s1, mut s2, mut s3] = sums;
    // SAFETY: the caller's.
    unsafe {
        asm!(
            "2:",
            "ldr {odd}, [{x}]",
            "ldr {v}, [{w}], #4",
            "add {x}, {step}",
            "sxtb16 {even}, {odd}",
            "ssub16 {even}, {even}, {zero}",
            "smlabb {s0}, {even}, {v}, {s0}",
            "smlatt {s2}, {even}, {v}, {s2}",
            "ldr {v}, [{w}], #4",
            "sxtb16 {odd}, {odd}, ror #8",
            "ssub16 {odd}, {odd}, {zero}",
            "smlabb {s1}, {odd}, {v}, {s1}",
            "smlatt {s3}, {odd}, {v}, {s3}",
            "subs {count}, #1",
            "bne 2b",
            x = inout(reg) x => _,
            w = inout(reg) w => _,
            count = inout(reg) count => _,
            step = in(reg) step,
            zero = in(reg) zero,
            odd = out(reg) _,
            even = out(reg) _,
            v = out(reg) _,
            s0 = inout(reg) s0,
            s1 = inout(reg) s1,
            s2 = inout(reg) s2,
            s3 = inout(reg) s3,
            options(nostack, readonly),
        );
    }
    [s0, s1, s2, s3]
}

/// The four sums of a window of three rows of three taps where it lies in the image: `step` bytes from tap to tap, `line`
/// from row to row.
///
/// # Safety
/// The window lies inside the image, and the weights have two words for each tap.
#[inline(always)]
unsafe fn three_by_three(x: *const i8, step: usize, line: usize, w: *const u32, b: [i32; 4]) -> [i32; 4] {
    let [mut s0, mut s1, mut s2, mut s3] = b;
    /// Of the word in `r3` and the weights in two registers.
    macro_rules! tap {
        ($load:literal, $even:literal, $odd:literal) => {
            concat!(
                $load,
                "\nsxtb16 r12, r3\nsxtb16 r3, r3, ror #8",
                concat!("\nsmlabb r8, r12, ", $even, ", r8"),
                concat!("\nsmlatt r10, r12, ", $even, ", r10"),
                concat!("\nsmlabb r9, r3, ", $odd, ", r9"),
                concat!("\nsmlatt r11, r3, ", $odd, ", r11"),
            )
        };
    }
    // SAFETY: the caller's. `r6` and `r7`, which the compiler keeps to itself, are put back. The weights lie on the stack,
    // whose words are aligned.
    unsafe {
        asm!(
            "push {{r6, r7}}",
            "ldm r1!, {{r4, r5, r6, r7}}",
            tap!("ldr r3, [r0]", "r4", "r5"),
            tap!("ldr r3, [r0, lr]", "r6", "r7"),
            "ldm r1!, {{r4, r5, r6, r7}}",
            tap!("ldr r3, [r0, lr, lsl #1]", "r4", "r5"),
            "add r0, r0, r2",
            tap!("ldr r3, [r0]", "r6", "r7"),
            "ldm r1!, {{r4, r5, r6, r7}}",
            tap!("ldr r3, [r0, lr]", "r4", "r5"),
            tap!("ldr r3, [r0, lr, lsl #1]", "r6", "r7"),
            "add r0, r0, r2",
            "ldm r1!, {{r4, r5, r6, r7}}",
            tap!("ldr r3, [r0]", "r4", "r5"),
            tap!("ldr r3, [r0, lr]", "r6", "r7"),
            "ldm r1, {{r4, r5}}",
            tap!("ldr r3, [r0, lr, lsl #1]", "r4", "r5"),
            "pop {{r6, r7}}",
            inout("r0") x => _,
            inout("r1") w => _,
            in("r2") line,
            out("r3") _,
            out("r4") _,
            out("r5") _,
            inout("r8") s0,
            inout("r9") s1,
            inout("r10") s2,
            inout("r11") s3,
            out("r12") _,
            in("lr") step,
        );
    }
    [s0, s1, s2, s3]
}
