//! The first CMSDK timer of the MPS2+ boards: counts down at 25 MHz.
//!
//! Under `qemu-system-arm -icount shift=6` an instruction takes 64 ns and a tick 40, so ticks count instructions exactly.
//! On silicon the DWT's cycle counter takes this place.

const CONTROL: *mut u32 = 0x4000_0000 as *mut u32;
const VALUE: *mut u32 = 0x4000_0004 as *mut u32;
const RELOAD: *mut u32 = 0x4000_0008 as *mut u32;

/// Ticks, counted upwards; starts the timer where it stands.
#[inline(always)]
pub fn now() -> u32 {
    // SAFETY: the timer's registers, which nobody else uses.
    unsafe {
        if CONTROL.read_volatile() & 1 == 0 {
            RELOAD.write_volatile(u32::MAX);
            VALUE.write_volatile(u32::MAX);
            CONTROL.write_volatile(1);
        }
        !VALUE.read_volatile()
    }
}

/// Instructions between two counts.
pub fn instructions(start: u32, end: u32) -> u32 {
    // 40 / 64 in lowest terms; the quotient fits where the difference does.
    let ticks = u64::from(end.wrapping_sub(start));
    (ticks * 5 / 8) as u32
}
