//! From the chosen instruction set to the code compiled for it.

use super::dropout::Dropout;
use super::gemm::{self, Gemm};
use super::images::{self, Images};
use super::softmax::{CrossEntropy, Softmax};
use crate::isa::Isa;
use crate::simd::{Kernel, Portable, Simd};

/// How a number type reaches its kernels. The methods beside `dispatch` are kernels without a type of the
/// user's in them: they are compiled here, once, and not again in every crate that holds a network.
#[doc(hidden)]
pub trait Dispatch: Sized {
    /// Runs the kernel as compiled for the current instruction set.
    fn dispatch<K: Kernel<Self>>(kernel: K) -> K::Output
    where
        Self: crate::Scalar;
    fn gemm(gemm: &Gemm<Self>);
    fn images(kernel: &Images<Self>);
    fn softmax(softmax: &Softmax<Self>);
    fn cross_entropy(cross_entropy: &CrossEntropy<Self>);
    fn dropout(dropout: &Dropout<Self>);
}

// Out of line, so that the caller stays small.
#[inline(never)]
fn portable<T: crate::Scalar, K: Kernel<T>>(kernel: K) -> K::Output
where
    Portable: Simd<T>,
{
    kernel.run(Portable::new())
}

#[cfg(target_arch = "aarch64")]
#[inline(never)]
fn neon<T: crate::Scalar, K: Kernel<T>>(kernel: K) -> K::Output
where
    crate::simd::neon::Neon: Simd<T>,
{
    kernel.run(crate::simd::neon::Neon::new())
}

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
#[inline(never)]
fn simd128<T: crate::Scalar, K: Kernel<T>>(kernel: K) -> K::Output
where
    crate::simd::wasm::Simd128: Simd<T>,
{
    kernel.run(crate::simd::wasm::Simd128::new())
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use crate::Scalar;
    use crate::simd::x86::avx2::Avx2;
    use crate::simd::x86::avx512::Avx512;
    use crate::simd::{Kernel, Simd};

    #[target_feature(enable = "avx512f,avx512dq,avx512bw,avx512vl,avx2,fma")]
    pub(super) fn with_avx512<T: Scalar, K: Kernel<T>>(kernel: K) -> K::Output
    where
        Avx512: Simd<T>,
    {
        // SAFETY: this function enables what the token stands for.
        kernel.run(unsafe { Avx512::new() })
    }

    #[target_feature(enable = "avx2,fma")]
    pub(super) fn with_avx2<T: Scalar, K: Kernel<T>>(kernel: K) -> K::Output
    where
        Avx2: Simd<T>,
    {
        // SAFETY: this function enables what the token stands for.
        kernel.run(unsafe { Avx2::new() })
    }
}

macro_rules! dispatch {
    ($t:ty) => {
        impl Dispatch for $t {
            #[inline(always)]
            fn dispatch<K: Kernel<Self>>(kernel: K) -> K::Output {
                match Isa::current() {
                    // SAFETY: the current instruction set is one that the processor has.
                    #[cfg(target_arch = "x86_64")]
                    Isa::Avx512 => unsafe { x86::with_avx512(kernel) },
                    // SAFETY: as above.
                    #[cfg(target_arch = "x86_64")]
                    Isa::Avx2 => unsafe { x86::with_avx2(kernel) },
                    // NEON is part of the architecture.
                    #[cfg(target_arch = "aarch64")]
                    Isa::Neon => neon(kernel),
                    // The build assumes it.
                    #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
                    Isa::Simd128 => simd128(kernel),
                    _ => portable(kernel),
                }
            }
            #[cfg_attr(not(feature = "std"), inline(always))]
            fn gemm(gemm: &Gemm<Self>) {
                gemm::run(gemm);
            }
            #[cfg_attr(not(feature = "std"), inline(always))]
            fn images(kernel: &Images<Self>) {
                images::run(kernel);
            }
            #[cfg_attr(not(feature = "std"), inline(always))]
            fn softmax(softmax: &Softmax<Self>) {
                Self::dispatch(softmax);
            }
            #[cfg_attr(not(feature = "std"), inline(always))]
            fn cross_entropy(cross_entropy: &CrossEntropy<Self>) {
                Self::dispatch(cross_entropy);
            }
            #[cfg_attr(not(feature = "std"), inline(always))]
            fn dropout(dropout: &Dropout<Self>) {
                Self::dispatch(dropout);
            }
        }
    };
}
dispatch!(f32);
dispatch!(f64);
