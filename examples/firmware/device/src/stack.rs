//! The depth of the stack: what is below is painted, then looked at.

use core::arch::asm;

const PAINT: u32 = 0xCCCC_CCCC;
/// Bytes that are painted; more than any call here uses.
const DEPTH: usize = 64 * 1024;
/// Bytes below the stack pointer that are left to this file's own calls.
const OWN: usize = 64;

#[inline(always)]
fn pointer() -> usize {
    let pointer;
    // SAFETY: reads a register.
    unsafe { asm!("mov {}, sp", out(reg) pointer, options(nomem, nostack, preserves_flags)) };
    pointer
}

/// Paints what lies below the caller.
#[inline(always)]
pub fn paint() {
    let end = (pointer() - OWN) & !3;
    let mut at = end - DEPTH;
    while at < end {
        // SAFETY: the stack ends megabytes further down, and nothing lives below the stack pointer.
        unsafe { (at as *mut u32).write_volatile(PAINT) };
        at += 4;
    }
}

/// Bytes below the caller that were written since.
#[inline(always)]
pub fn used() -> u32 {
    let end = (pointer() - OWN) & !3;
    let mut at = end - DEPTH;
    // SAFETY: as above, and every word was written by `paint`.
    while at < end && unsafe { (at as *const u32).read_volatile() } == PAINT {
        at += 4;
    }
    (end + OWN - at) as u32
}
