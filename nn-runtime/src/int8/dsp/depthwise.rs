//! Depthwise convolutions: four channels a time, whose weights are widened once for all pixels.

use core::arch::asm;
use core::mem::MaybeUninit;

use super::super::conv::Job;
use super::super::depthwise::channel;
use super::factor::Factor;

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
    // SAFETY: the caller's.
    unsafe {
        for c in (0..whole).step_by(4) {
            four(job, c);
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
unsafe fn four(job: &Job<'_>, c: usize) {
    let window = &job.conv.window;
    let channels = job.conv.outputs;
    let mut weights = MaybeUninit::<[[u32; 2]; TAPS]>::uninit();
    let weights = weights.as_mut_ptr().cast::<u32>();
    let mut buffer = MaybeUninit::<[u32; TAPS]>::uninit();
    let buffer = buffer.as_mut_ptr().cast::<u32>();
    // SAFETY: the caller's; the stack has room for every tap.
    unsafe {
        for tap in 0..window.taps() {
            let w = job.w.add(tap * channels + c).cast::<u32>().read_unaligned();
            let (even, odd) = pairs(w);
            *weights.add(2 * tap) = even;
            *weights.add(2 * tap + 1) = odd;
        }
        let b = job.b.add(c).cast::<[i32; 4]>().read_unaligned();
        let factors = Factors::new(job, c);
        let direct = window.kernel == [3, 3] && window.dilation[1] == 1;
        let line = window.dilation[0] * window.input[1] * channels;
        let mut y = job.y.add(c);
        for i in 0..window.output[0] {
            let rows = window.inside(0, i);
            for j in 0..window.output[1] {
                let columns = window.inside(1, j);
                let sums = if direct && rows == (0, 3) && columns == (0, 3) {
                    let x = job.source([i, j], [0, 0]).add(c);
                    three_by_three(x, channels, line, weights, b)
                } else {
                    gather(job, [i, j], c, [rows, columns], buffer);
                    taps(window.taps(), buffer, weights, b)
                };
                y.cast::<u32>().write_unaligned(factors.apply(job, sums));
                y = y.add(channels);
            }
        }
    }
}

/// What becomes of the sums of four channels.
enum Factors {
    /// To bytes of the whole range, each by its factor.
    Plain([Factor; 4]),
    /// In whatever way, from this channel on.
    Any(usize),
}

impl Factors {
    /// # Safety
    /// There are four channels from `c` on.
    #[inline(always)]
    unsafe fn new(job: &Job<'_>, c: usize) -> Self {
        // SAFETY: the caller's.
        let factors = unsafe { [0, 1, 2, 3].map(|i| Factor::new(&job.r, c + i)) };
        match factors {
            [Some(f0), Some(f1), Some(f2), Some(f3)] if job.r.low == i8::MIN && job.r.high == i8::MAX => {
                Self::Plain([f0, f1, f2, f3])
            }
            _ => Self::Any(c),
        }
    }

    /// Four bytes.
    ///
    /// # Safety
    /// These are the factors of the job.
    #[inline(always)]
    unsafe fn apply(&self, job: &Job<'_>, sums: [i32; 4]) -> u32 {
        match self {
            Self::Plain(factors) => {
                let byte = |i: usize| factors[i].apply(sums[i]) as u32;
                byte(0) & 0xff | (byte(1) & 0xff) << 8 | (byte(2) & 0xff) << 16 | byte(3) << 24
            }
            // SAFETY: the caller's.
            Self::Any(c) => unsafe { any(job, *c, sums) },
        }
    }
}

/// # Safety
/// There are four channels from `c` on.
#[inline(never)]
unsafe fn any(job: &Job<'_>, c: usize, sums: [i32; 4]) -> u32 {
    // SAFETY: the caller's.
    u32::from_le_bytes([0, 1, 2, 3].map(|i| unsafe { job.r.apply(c + i, sums[i]) } as u8))
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

/// The elements under a window that lies partly outside.
///
/// # Safety
/// As [`four`]; `inside` are the rows and columns of the window that lie inside the image.
#[inline(never)]
unsafe fn gather(
    job: &Job<'_>,
    pixel: [usize; 2],
    c: usize,
    inside: [(usize, usize); 2],
    mut buffer: *mut u32,
) {
    let outside = u32::from_ne_bytes([job.zero as u8; 4]);
    let [rows, columns] = inside;
    let window = &job.conv.window;
    let step = window.dilation[1] * job.conv.inputs;
    for i in 0..window.kernel[0] {
        let within = rows.0 <= i && i < rows.1 && columns.0 < columns.1;
        // SAFETY: the taps that are read lie inside.
        unsafe {
            let mut x = if within {
                job.source(pixel, [i, columns.0]).add(c)
            } else {
                job.x
            };
            for j in 0..window.kernel[1] {
                *buffer = if within && columns.0 <= j && j < columns.1 {
                    let word = x.cast::<u32>().read_unaligned();
                    x = x.wrapping_add(step);
                    word
                } else {
                    outside
                };
                buffer = buffer.add(1);
            }
        }
    }
}

/// The four sums of words that follow each other.
///
/// # Safety
/// There are so many, at least one, and twice as many words of weights.
#[inline(always)]
unsafe fn taps(count: usize, x: *const u32, w: *const u32, b: [i32; 4]) -> [i32; 4] {
    let [mut s0, mut s1, mut s2, mut s3] = b;
    // SAFETY: the caller's; the weights lie on the stack, whose words are aligned.
    unsafe {
        asm!(
            "2:",
            "ldr {odd}, [{x}], #4",
            "ldr {v}, [{w}], #4",
            "sxtb16 {even}, {odd}",
            "smlabb {s0}, {even}, {v}, {s0}",
            "smlatt {s2}, {even}, {v}, {s2}",
            "ldr {v}, [{w}], #4",
            "sxtb16 {odd}, {odd}, ror #8",
            "smlabb {s1}, {odd}, {v}, {s1}",
            "smlatt {s3}, {odd}, {v}, {s3}",
            "subs {count}, #1",
            "bne 2b",
            x = inout(reg) x => _,
            w = inout(reg) w => _,
            count = inout(reg) count => _,
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
