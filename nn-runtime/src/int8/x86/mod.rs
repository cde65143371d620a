//! Kernels for x86-64.
//!
//! A convolution's sums (`product.rs`) are products along a patch: of 16 numbers widened to 16 bits at a time with AVX2, whose
//! `vpmaddubsw` on bytes would saturate; of 64 bytes with AVX-512 VNNI, whose `vpdpbusd` takes the input without a sign. There
//! 128 is added to it, which the sums of 128 times the weights take out again. Everything else is plain code, compiled
//! once for each instruction set.

mod depthwise;
mod product;

pub(super) use depthwise::Depthwise;
pub(super) use product::run as product;

use crate::isa::Isa;

/// What is compiled for each instruction set; `run` is inlined.
pub(super) trait Kernel {
    fn run(self);
}

/// Runs it with the vectors of the current instruction set.
#[inline(always)]
pub(super) fn run(kernel: impl Kernel) {
    match Isa::current() {
        // SAFETY: the current instruction set is one that the processor has.
        Isa::Avx512 => unsafe { with_avx512(kernel) },
        // SAFETY: as above.
        Isa::Avx2 => unsafe { with_avx2(kernel) },
        _ => plain(kernel),
    }
}

#[target_feature(enable = "avx512f,avx512dq,avx512bw,avx512vl,avx2,fma")]
fn with_avx512(kernel: impl Kernel) {
    kernel.run();
}

#[target_feature(enable = "avx2,fma")]
fn with_avx2(kernel: impl Kernel) {
    kernel.run();
}

#[inline(never)]
fn plain(kernel: impl Kernel) {
    kernel.run();
}

/// Whether bytes can be multiplied without widening them.
#[inline(always)]
fn has_vnni() -> bool {
    #[cfg(feature = "std")]
    return std::is_x86_feature_detected!("avx512vnni");
    #[cfg(not(feature = "std"))]
    cfg!(target_feature = "avx512vnni")
}
