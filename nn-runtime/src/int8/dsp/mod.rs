//! Kernels for the DSP extension of Arm's microcontrollers (Cortex-M4, M7, and M33 or M55 with it).
//!
//! `SMLAD` multiplies two pairs of 16-bit numbers and adds both products to a sum; `SXTB16` makes such a pair of two
//! bytes of a word, the even ones, or after a rotation the odd ones. So a word of four weights is two pairs, and so is one
//! of four inputs. What has to be widened is widened once and used several times:
//!
//! * a convolution (`product.rs`): the patches of four pixels are widened into a panel on the stack, then each word of
//!   weights meets four pixels: 13 instructions for 16 products;
//! * a row of a dense layer (`row.rs`): each word of the input meets the weights of four outputs;
//! * a depthwise convolution (`depthwise.rs`): the weights of four channels are widened once for the whole image.
//!
//! # Source
//! L. Lai, N. Suda, V. Chandra, "CMSIS-NN: Efficient Neural Network Kernels for Arm Cortex-M CPUs", 2018, whose convolution
//! has two pixels and two channels a block.

mod depthwise;
mod factor;
mod product;
mod row;

pub(super) use depthwise::run as depthwise;
pub(super) use factor::apply;
pub(super) use product::run as product;
pub(super) use row::run as row;

use core::arch::asm;

/// Bytes, word by word: the library's `memcpy` may be a loop over bytes where it is built for size.
///
/// # Safety
/// Both have room for `count` bytes and do not overlap.
#[inline(always)]
pub(super) unsafe fn copy(from: *const i8, to: *mut i8, count: usize) {
    // SAFETY: whole words within `count` bytes, then the rest one by one; loads and stores of words need no alignment.
    unsafe {
        asm!(
            "subs {count}, #4",
            "blo 3f",
            "2:",
            "ldr {word}, [{from}], #4",
            "str {word}, [{to}], #4",
            "subs {count}, #4",
            "bhs 2b",
            "3:",
            "adds {count}, #4",
            "beq 5f",
            "4:",
            "ldrb {word}, [{from}], #1",
            "strb {word}, [{to}], #1",
            "subs {count}, #1",
            "bne 4b",
            "5:",
            from = inout(reg) from => _,
            to = inout(reg) to => _,
            count = inout(reg) count => _,
            word = out(reg) _,
            options(nostack),
        );
    }
}

/// The last `count` bytes of a row, below four, as a word with zeros above.
///
/// # Safety
/// `from` points to so many.
#[inline(always)]
unsafe fn rest(from: *const i8, count: usize) -> u32 {
    let mut word = 0;
    for i in (0..count).rev() {
        // SAFETY: the caller's.
        word = word << 8 | u32::from(unsafe { *from.add(i) } as u8);
    }
    word
}
