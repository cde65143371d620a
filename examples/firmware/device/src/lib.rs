//! What the programs need of the board: text to the debugger, a count of instructions, the depth of the stack.
//!
//! Numbers are printed by hand: `core::fmt` would bring its panic paths into the program.
#![no_std]

mod report;
mod semihosting;
mod stack;
mod timer;

pub use report::{bits, line, named, number, text};
pub use semihosting::exit;

/// What one call took.
#[derive(Clone, Copy, Default)]
pub struct Cost {
    /// Instructions, under QEMU with `-icount shift=6` (without it a time, in units of 64 ns).
    pub instructions: u32,
    /// Bytes of stack below the caller's frame.
    pub stack: u32,
}

impl Cost {
    /// The greater of each.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self {
            instructions: self.instructions.max(other.instructions),
            stack: self.stack.max(other.stack),
        }
    }

    /// Prints both, and the flash that the program takes.
    pub fn print(self) {
        named("instructions", self.instructions);
        named("stack", self.stack);
        named("flash", flash());
    }
}

/// Runs `call` on freshly painted stack, and says what it took.
#[inline(never)]
pub fn measure(mut call: impl FnMut()) -> Cost {
    stack::paint();
    let start = timer::now();
    call();
    let end = timer::now();
    Cost {
        instructions: timer::instructions(start, end),
        stack: stack::used(),
    }
}

/// Bytes of the program and of its constants, without the table of interrupts.
fn flash() -> u32 {
    unsafe extern "C" {
        static __stext: u8;
        static __etext: u8;
        static __srodata: u8;
        static __erodata: u8;
    }
    let length = |from: *const u8, to: *const u8| (to as u32).wrapping_sub(from as u32);
    let text = length(&raw const __stext, &raw const __etext);
    let rodata = length(&raw const __srodata, &raw const __erodata);
    text + rodata
}

/// Nothing in the programs panics; the linker drops this, and the run script looks whether it did.
#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    exit(101)
}
