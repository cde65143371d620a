//! Arm's semihosting: the debugger (here QEMU) does what the breakpoint asks for.

use core::arch::asm;

/// Operations, by their numbers in Arm's specification.
const OPEN: u32 = 0x01;
const WRITE: u32 = 0x05;
const EXIT_EXTENDED: u32 = 0x20;

/// `ADP_Stopped_ApplicationExit`.
const STOPPED: u32 = 0x20026;

fn call(operation: u32, block: &[u32]) -> u32 {
    let result;
    // SAFETY: the debugger reads the block, which is borrowed for the call, and changes no register but `r0`.
    unsafe {
        asm!("bkpt #0xAB", inlateout("r0") operation => result, in("r1") block.as_ptr(), options(nostack));
    }
    result
}

/// Writes to the debugger's standard output.
pub fn write(text: &[u8]) {
    // ":tt" opened to write is standard output; opening it again gives the same one.
    let name = b":tt\0";
    let handle = call(OPEN, &[name.as_ptr() as u32, 4, name.len() as u32 - 1]);
    call(WRITE, &[handle, text.as_ptr() as u32, text.len() as u32]);
}

/// Ends the program; under QEMU the code is that of the process.
pub fn exit(code: u32) -> ! {
    call(EXIT_EXTENDED, &[STOPPED, code]);
    loop {}
}
