//! Convolutions, and dense layers of several rows: four pixels meet each word of weights.

use core::arch::asm;
use core::mem::MaybeUninit;

use super::super::conv::Job;
use super::super::padded;
use super::super::patch::patch;
use super::factor::store;
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
    for group in 0..job.conv.groups {
        let [channels, first] = [group * job.outputs, group * job.inputs];
        // SAFETY: the group is one of the job's.
        let (w, b) = unsafe { (job.w.add(channels * length), job.b.add(channels)) };
        let (mut pixel, mut done, all) = ([0, 0], 0, window.outputs());
        while done < all {
            let count = (all - done).min(PIXELS);
            // SAFETY: the pixels are some of the job's.
            unsafe {
                let y = job.y.add(done * job.conv.outputs + channels);
                if count == 1 {
                    let x = patch(job, pixel, first, buffer);
                    row::channels(k, job.outputs, x, w, b, &job.r, channels, y);
                    break;
                }
                for p in 0..count {
                    widen(k, patch(job, pixel, first, buffer), panel.add(p));
                    pixel[1] += 1;
                    if pixel[1] == window.output[1] {
                        pixel = [pixel[0] + 1, 0];
                    }
                }
                let mut weights = w;
                for c in 0..job.outputs {
                    let sums = dots(length / 4, panel, weights, *b.add(c));
                    store(&job.r, channels + c, sums, y.add(c), job.conv.outputs, count);
                    weights = weights.add(length);
                }
            }
            done += count;
        }
    }
}

/// One pixel's patch of `k` bytes into its place in the panel.
///
/// # Safety
/// `x` points to so many bytes, the panel to a place for each word.
#[inline(always)]
unsafe fn widen(k: usize, mut x: *const i8, mut panel: *mut u32) {
    let mut words = k / 4;
    // SAFETY: the caller's; loads need no alignment.
    unsafe {
        if words > 0 {
            asm!(
                "2:",
                "ldr {odd}, [{x}], #4",
                "subs {words}, #1",
                "sxtb16 {even}, {odd}",
                "sxtb16 {odd}, {odd}, ror #8",
                "str {odd}, [{panel}, #16]",
                "str {even}, [{panel}], #32",
                "bne 2b",
                x = inout(reg) x,
                panel = inout(reg) panel,
                words = inout(reg) words,
                odd = out(reg) _,
                even = out(reg) _,
                options(nostack),
            );
        }
        let _ = words;
        if !k.is_multiple_of(4) {
            let word = rest(x, k % 4);
            for half in 0..2 {
                let pair = word >> (8 * half);
                let (low, high) = (pair as i8, (pair >> 16) as i8);
                *panel.add(4 * half) =
                    u32::from(i16::from(low) as u16) | u32::from(i16::from(high) as u16) << 16;
            }
        }
    }
}

/// `b + Σ w · x` of one row of weights and four patches, of so many words, at least one.
///
/// # Safety
/// The panel holds the patches, and `w` points to so many words.
#[inline(always)]
unsafe fn dots(words: usize, panel: *const u32, w: *const i8, b: i32) -> [i32; PIXELS] {
    let [mut s0, mut s1, mut s2, mut s3] = [b; 4];
    /// Of one word of weights, in `r7`.
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
             smlad r11, r6, r12, r11"
        };
    }
    // SAFETY: the caller's. `r6` and `r7`, which the compiler keeps to itself, are put back.
    unsafe {
        asm!(
            "push {{r6, r7}}",
            "subs r2, #4",
            "blo 3f",
            "2:",
            word!(),
            word!(),
            word!(),
            word!(),
            "subs r2, #4",
            "bhs 2b",
            "3:",
            "adds r2, #4",
            "beq 5f",
            "4:",
            word!(),
            "subs r2, #1",
            "bne 4b",
            "5:",
            "pop {{r6, r7}}",
            inout("r0") panel => _,
            inout("r1") w => _,
            inout("r2") words => _,
            out("r3") _,
            out("r4") _,
            out("r5") _,
            inout("r8") s0,
            inout("r9") s1,
            inout("r10") s2,
            inout("r11") s3,
            out("r12") _,
        );
    }
    [s0, s1, s2, s3]
}
