//! Which instruction set the kernels use: found once, restricted by the environment variable `NN_ISA`.

#[cfg(feature = "std")]
use core::sync::atomic::{AtomicU8, Ordering};

/// An instruction set that the kernels are compiled for, from the plainest to the widest.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[repr(u8)]
#[non_exhaustive]
pub enum Isa {
    /// One number at a time; every machine.
    Scalar = 1,
    /// 128-bit vectors of Arm's 64-bit processors.
    Neon = 2,
    /// 128-bit vectors of WebAssembly, which has no fused multiply-add.
    Simd128 = 3,
    /// 256-bit vectors with fused multiply-add (x86-64 since 2013).
    Avx2 = 4,
    /// 512-bit vectors (x86-64 servers, and desktops from Zen 4 on).
    Avx512 = 5,
}

impl Isa {
    /// Every instruction set, plainest first.
    pub const ALL: [Self; 5] = [Self::Scalar, Self::Neon, Self::Simd128, Self::Avx2, Self::Avx512];

    /// As `NN_ISA` spells it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Scalar => "scalar",
            Self::Neon => "neon",
            Self::Simd128 => "simd128",
            Self::Avx2 => "avx2",
            Self::Avx512 => "avx512",
        }
    }

    /// Whether this processor has it.
    #[must_use]
    pub fn is_available(self) -> bool {
        match self {
            Self::Scalar => true,
            Self::Neon => cfg!(target_arch = "aarch64"),
            Self::Simd128 => cfg!(all(target_arch = "wasm32", target_feature = "simd128")),
            Self::Avx2 => avx2_detected(),
            Self::Avx512 => avx512_detected(),
        }
    }

    /// The instruction set that the kernels run on: the widest that this processor has and, with `std`, that
    /// `NN_ISA` (`scalar`, `neon`, `simd128`, `avx2`, `avx512`) allows. The variable is read once; an unknown or
    /// unavailable name is ignored. Without `std` the build's target features decide.
    #[inline(always)]
    #[must_use]
    pub fn current() -> Self {
        #[cfg(test)]
        if let Some(isa) = forced::get() {
            return isa;
        }
        #[cfg(feature = "std")]
        match CURRENT.load(Ordering::Relaxed) {
            1 => Self::Scalar,
            2 => Self::Neon,
            3 => Self::Simd128,
            4 => Self::Avx2,
            5 => Self::Avx512,
            _ => choose(),
        }
        #[cfg(not(feature = "std"))]
        const {
            if avx512_detected() {
                Self::Avx512
            } else if avx2_detected() {
                Self::Avx2
            } else if cfg!(target_arch = "aarch64") {
                Self::Neon
            } else if cfg!(all(target_arch = "wasm32", target_feature = "simd128")) {
                Self::Simd128
            } else {
                Self::Scalar
            }
        }
    }
}

/// The chosen instruction set's number; 0 until the first use.
#[cfg(feature = "std")]
static CURRENT: AtomicU8 = AtomicU8::new(0);

#[cfg(feature = "std")]
#[cold]
fn choose() -> Isa {
    let mut isa = Isa::Scalar;
    for candidate in Isa::ALL {
        if candidate.is_available() {
            isa = candidate;
        }
    }
    if let Ok(name) = std::env::var("NN_ISA") {
        for candidate in Isa::ALL {
            if candidate.name() == name && candidate.is_available() {
                isa = candidate;
            }
        }
    }
    CURRENT.store(isa as u8, Ordering::Relaxed);
    isa
}

#[cfg(all(target_arch = "x86_64", feature = "std"))]
fn avx2_detected() -> bool {
    std::is_x86_feature_detected!("avx2") && std::is_x86_feature_detected!("fma")
}

#[cfg(all(target_arch = "x86_64", feature = "std"))]
fn avx512_detected() -> bool {
    avx2_detected()
        && std::is_x86_feature_detected!("avx512f")
        && std::is_x86_feature_detected!("avx512dq")
        && std::is_x86_feature_detected!("avx512vl")
        && std::is_x86_feature_detected!("avx512bw")
}

// Without `std` there is nobody to ask: what the build was told to assume counts.
#[cfg(not(all(target_arch = "x86_64", feature = "std")))]
const fn avx2_detected() -> bool {
    cfg!(all(target_feature = "avx2", target_feature = "fma"))
}

#[cfg(not(all(target_arch = "x86_64", feature = "std")))]
const fn avx512_detected() -> bool {
    avx2_detected()
        && cfg!(all(
            target_feature = "avx512f",
            target_feature = "avx512dq",
            target_feature = "avx512vl",
            target_feature = "avx512bw"
        ))
}

/// Lets a unit test run every instruction set of one machine, each test on its own thread.
#[cfg(test)]
pub(crate) mod forced {
    use super::Isa;
    use std::cell::Cell;

    thread_local! {
        static FORCED: Cell<Option<Isa>> = const { Cell::new(None) };
    }

    pub(super) fn get() -> Option<Isa> {
        FORCED.with(Cell::get)
    }

    /// Runs `f` once on every instruction set that this machine has.
    pub(crate) fn on_every_isa(mut f: impl FnMut(Isa)) {
        for isa in Isa::ALL {
            if isa.is_available() {
                FORCED.with(|forced| forced.set(Some(isa)));
                f(isa);
            }
        }
        FORCED.with(|forced| forced.set(None));
    }
}
