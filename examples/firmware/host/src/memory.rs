//! Holds the constants that a network says of its memory against what was linked and what was measured.

use firmware_networks::Digits;

use crate::{Elf, Report};

/// Bytes of stack that the calls of a prediction may take beside what the network says.
const CALLS: u32 = 768;

/// The reading of digits: its memory is on the stack, its weights are in flash, and nothing else is.
///
/// # Errors
/// What differs.
pub fn check(report: &Report, elf: &Elf<'_>) -> Result<String, String> {
    let (stack, ram) = (report.number("stack")?, Digits::RAM_BYTES as u32);
    if !(ram..=ram + CALLS).contains(&stack) {
        return Err(format!("RAM_BYTES are {ram}, the stack took {stack}"));
    }
    let (linked, flash) = (elf.symbols("WEIGHTS")?, Digits::FLASH_BYTES as u32);
    if linked != flash {
        return Err(format!("FLASH_BYTES are {flash}, {linked} are linked"));
    }
    Ok(format!(
        "RAM_BYTES {ram} of {stack} bytes of stack, FLASH_BYTES {flash} as linked"
    ))
}

/// The program has no memory of its own.
///
/// # Errors
/// It has.
pub fn only_stack(elf: &Elf<'_>) -> Result<(), String> {
    match elf.own_memory()? {
        0 => Ok(()),
        bytes => Err(format!("expected no memory but the stack, found {bytes} bytes")),
    }
}
