//! Convolutions, and dense layers of several rows: four pixels meet each word of weights.

use core::arch::asm;
use core::mem::MaybeUninit;

use super::super::conv::Job;
use super::super::patch::patch;
use super::super::{Rescale, padded};
use super::factor::{byte, factor, plain};
use super::{rest, row};

/// Pixels of a block.
const PIXELS: usize = 4;

/// Computes all, with a patch's widened words on the stack; where a patch has more than 576 bytes, nothing: `false`.
///
/// # Safety
/// The job's lengths fit.
#[inline(always)]
pub(in super::super) unsafe fn run(job: &Job<'_>) -> bool {
    // SAFETY: the caller's; a patch has at most the words of its scratch.
    unsafe {
        match padded(job.conv.window.taps() * job.inputs) {
            ..=32 => on_stack::<8>(job),
            ..=96 => on_stack::<24>(job),
            ..=256 => on_stack::<64>(job),
            ..=576 => on_stack::<144>(job),
            _ => return false,
        }
    }
    true
}

/// Where the patches of one block lie, of so many words each.
#[repr(C)]
struct Scratch<const WORDS: usize> {
    /// Of each word the pairs of its even bytes, then those of its odd ones.
    panel: [[[u32; PIXELS]; 2]; WORDS],
    /// One patch as bytes.
    patch: [[i8; 4]; WORDS],
}

/// # Safety
/// The job's lengths fit, and its patches have at most so many words.
#[inline(never)]
unsafe fn on_stack<const WORDS: usize>(job: &Job<'_>) {
    let mut scratch = MaybeUninit::<Scratch<WORDS>>::uninit();
    let scratch = scratch.as_mut_ptr();
    // SAFETY: the caller's.
    unsafe {
        blocks(
            job,
            (&raw mut (*scratch).panel).cast(),
            (&raw mut (*scratch).patch).cast(),
        )
    };
}

/// # Safety
/// The job's lengths fit, and the panel and the buffer hold a block's patches.
#[inline(never)]
unsafe fn blocks(job: &Job<'_>, panel: *mut u32, buffer: *mut i8) {
    let window = &job.conv.window;
    let k = window.taps() * job.inputs;
    let length = padded(k);
    let words = job.inputs.is_multiple_of(4) && window.taps() > 1;
    for group in 0..job.conv.groups {
        let [channels, first] = [group * job.outputs, group * job.inputs];
        // SAFETY: the group is one of the job's.
        let (w, b, rescale) = unsafe {
            let rescale = part(&job.r, channels, job.outputs);
            (job.w.add(channels * length), job.b.add(channels), rescale)
        };
        let plain = plain(&rescale);
        let (mut pixel, mut done, all) = ([0, 0], 0, window.outputs());
        while done < all {
            let count = (all - done).min(PIXELS);
            // SAFETY: the pixels are some of the job's.
            unsafe {
                let y = job.y.add(done * job.conv.outputs + channels);
                if count == 1 {
                    let x = patch(job, pixel, first, buffer);
                    row::run(k, job.outputs, x, w, b, &rescale, y);
                    break;
                }
                for p in 0..count {
                    let place = panel.add(p);
                    if words {
                        widen_rows(job, pixel, first, place);
                    } else {
                        let x = patch(job, pixel, first, buffer);
                        widen_rest(k, x, widen(k / 4, x, place));
                    }
                    pixel[1] += 1;
                    if pixel[1] == window.output[1] {
                        pixel = [pixel[0] + 1, 0];
                    }
                }
                let mut block = Block {
                    panel,
                    w,
                    words: length / 4,
                    b,
                    multipliers: rescale.multipliers.as_ptr(),
                    shifts: rescale.shifts.as_ptr(),
                    y,
                    zero: 2 * job.r.zero + 1,
                    stride: job.conv.outputs,
                    channels: job.outputs,
                };
                if plain && count == PIXELS {
                    block.all();
                } else {
                    for c in 0..job.outputs {
                        let sums = block.sums();
                        for (p, sum) in sums.into_iter().enumerate().take(count) {
                            *y.add(p * job.conv.outputs + c) = rescale.apply(c, sum);
                        }
                    }
                }
            }
            done += count;
        }
    }
}

/// Of `count` channels from `first` on.
///
/// # Safety
/// There are so many.
#[inline(always)]
unsafe fn part<'a>(r: &Rescale<'a>, first: usize, count: usize) -> Rescale<'a> {
    // SAFETY: the caller's.
    unsafe {
        Rescale {
            multipliers: r.multipliers.get_unchecked(first..first + count),
            shifts: r.shifts.get_unchecked(first..first + count),
            ..*r
        }
    }
}

/// One pixel's patch into its place in the panel, where every tap is a number of whole words.
///
/// # Safety
/// The pixel is one of the job's, whose group begins at channel `first`, and the panel has a place for each word.
#[inline(never)]
unsafe fn widen_rows(job: &Job<'_>, pixel: [usize; 2], first: usize, mut panel: *mut u32) {
    let window = &job.conv.window;
    let [rows, columns] = [0, 1].map(|axis| window.inside(axis, pixel[axis]));
    let words = job.inputs / 4;
    // Taps of a row that follow each other in the image are one piece.
    let joined = window.dilation[1] == 1 && job.inputs == job.conv.inputs;
    let step = window.dilation[1] * job.conv.inputs;
    for i in 0..window.kernel[0] {
        // SAFETY: those within `columns` of a row within `rows` lie inside the image.
        unsafe {
            if rows.0 <= i && i < rows.1 && columns.0 < columns.1 {
                panel = outside(columns.0 * words, job.zero, panel);
                let mut x = job.source(pixel, [i, columns.0]).add(first);
                if joined {
                    panel = widen((columns.1 - columns.0) * words, x, panel);
                } else {
                    for _ in columns.0..columns.1 {
                        panel = widen(words, x, panel);
                        x = x.wrapping_add(step);
                    }
                }
                panel = outside((window.kernel[1] - columns.1) * words, job.zero, panel);
            } else {
                panel = outside(window.kernel[1] * words, job.zero, panel);
            }
        }
    }
}

/// So many words of the zero point; the place after them.
///
/// # Safety
/// The panel has a place for each.
#[inline(always)]
unsafe fn outside(words: usize, zero: i8, mut panel: *mut u32) -> *mut u32 {
    let pair = i32::from(zero) as u32;
    let pair = pair << 16 | pair & 0xffff;
    for _ in 0..words {
        // SAFETY: the caller's.
        unsafe {
            *panel = pair;
            *panel.add(PIXELS) = pair;
            panel = panel.add(2 * PIXELS);
        }
    }
    panel
}

/// So many words of a patch; the place after them.
///
/// # Safety
/// `x` points to them, and the panel has a place for each.
#[inline(always)]
unsafe fn widen(words: usize, mut x: *const i8, mut panel: *mut u32) -> *mut u32 {
    // SAFETY: the caller's; loads need no alignment.
    unsafe {
        asm!(
            "subs {words}, #2",
            "blo 3f",
            "2:",
            "ldr {odd}, [{x}], #4",
            "sxtb16 {even}, {odd}",
            "sxtb16 {odd}, {odd}, ror #8",
            "str {odd}, [{panel}, #16]",
            "str {even}, [{panel}], #32",
            "ldr {odd}, [{x}], #4",
            "sxtb16 {even}, {odd}",
            "sxtb16 {odd}, {odd}, ror #8",
            "str {odd}, [{panel}, #16]",
            "str {even}, [{panel}], #32",
            "subs {words}, #2",
            "bhs 2b",
            "3:",
            "adds {words}, #2",
            "beq 4f",
            "ldr {odd}, [{x}], #4",
            "sxtb16 {even}, {odd}",
            "sxtb16 {odd}, {odd}, ror #8",
            "str {odd}, [{panel}, #16]",
            "str {even}, [{panel}], #32",
            "4:",
            x = inout(reg) x,
            panel = inout(reg) panel,
            words = inout(reg) words => _,
            odd = out(reg) _,
            even = out(reg) _,
            options(nostack),
        );
    }
    let _ = x;
    panel
}

/// The last bytes of a patch of `k`, and zeros.
///
/// # Safety
/// `x` points to the patch, `panel` to the place of its last word.
#[inline(always)]
unsafe fn widen_rest(k: usize, x: *const i8, panel: *mut u32) {
    if k.is_multiple_of(4) {
        return;
    }
    // SAFETY: the caller's.
    unsafe {
        let word = rest(x.add(k & !3), k % 4);
        widen(1, (&raw const word).cast(), panel);
    }
}

/// Four pixels and the channels that are left to compute.
#[repr(C)]
struct Block {
    /// The pixels' patches.
    panel: *const u32,
    /// The next channel's row of weights.
    w: *const i8,
    /// Words of a row, at least one.
    words: usize,
    /// The next channel's.
    b: *const i32,
    /// The next channel's.
    multipliers: *const i32,
    /// The next channel's.
    shifts: *const i8,
    /// The first pixel's next byte.
    y: *mut i8,
    /// Twice the zero point, and 1.
    zero: i32,
    /// From pixel to pixel.
    stride: usize,
    /// At least one.
    channels: usize,
}

/// Of one word of weights.
macro_rules! word {
    () => {
        "ldr r7, [r1], #4
         ldm r0!, {{r3, r4, r5, r6}}
         sxtb16 r12, r7
         smlad r8, r3, r12, r8
         smlad r9, r4, r12, r9
         smlad r10, r5, r12, r10
         smlad r11, r6, r12, r11
         ldm r0!, {{r3, r4, r5, r6}}
         sxtb16 r12, r7, ror #8
         smlad r8, r3, r12, r8
         smlad r9, r4, r12, r9
         smlad r10, r5, r12, r10
         smlad r11, r6, r12, r11
        "
    };
}

/// `b + Σ w · x` of one row of weights in `r8` to `r11`, one of each pixel; then `r1` points to the next row.
macro_rules! sums {
    () => {
        concat!(
            "ldm lr, {{r0, r1, r2, r3}}\n",
            "ldr r8, [r3], #4\n",
            "str r3, [lr, #12]\n",
            "mov r9, r8\nmov r10, r8\nmov r11, r8\n",
            "subs r2, #4\n",
            "blo 3f\n",
            "2:\n",
            word!(),
            word!(),
            word!(),
            word!(),
            "subs r2, #4\n",
            "bhs 2b\n",
            "3:\n",
            "adds r2, #4\n",
            "beq 5f\n",
            "4:\n",
            word!(),
            "subs r2, #1\n",
            "bne 4b\n",
            "5:\n",
        )
    };
}

impl Block {
    /// The sums of the next channel.
    ///
    /// # Safety
    /// There is one, of which all pointers hold.
    #[inline(never)]
    unsafe fn sums(&mut self) -> [i32; PIXELS] {
        let (s0, s1, s2, s3);
        // SAFETY: the caller's. `r6` and `r7`, which the compiler keeps to itself, are put back.
        unsafe {
            asm!(
                "push {{r6, r7}}",
                sums!(),
                "str r1, [lr, #4]",
                "pop {{r6, r7}}",
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

    /// All channels, whose factors are plain.
    ///
    /// # Safety
    /// As [`Self::sums`], and four pixels may be written.
    #[inline(never)]
    unsafe fn all(&mut self) {
        // SAFETY: the caller's. `r6` and `r7`, which the compiler keeps to itself, are put back.
        unsafe {
            asm!(
                "push {{r6, r7}}",
                "6:",
                sums!(),
                "str r1, [lr, #4]",
                // Pointers to multiplier, shift and byte, the zero point, the stride.
                "add r12, lr, #16",
                "ldm r12, {{r0, r1, r2, r3, r4}}",
                factor!(),
                "stm r12!, {{r0, r1}}",
                "add r0, r2, #1",
                "str r0, [r12]",
                byte!("r8"),
                "strb r8, [r2]",
                byte!("r9"),
                "add r2, r4",
                "strb r9, [r2]",
                byte!("r10"),
                "strb r10, [r2, r4]",
                byte!("r11"),
                "strb r11, [r2, r4, lsl #1]",
                "ldr r0, [lr, #36]",
                "subs r0, #1",
                "str r0, [lr, #36]",
                "bne 6b",
                "pop {{r6, r7}}",
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
