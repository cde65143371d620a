//! From the chosen instruction set to the code compiled for it.

use super::gemm::Gemm;
use super::softmax::{CrossEntropy, Softmax};
use crate::isa::Isa;
use crate::simd::{Kernel, Portable};

/// How a number type reaches its kernels. The methods beside `dispatch` are kernels without a type of the
/// user's in them: they are compiled here, once, and not again in every crate that holds a network.
#[doc(hidden)]
pub trait Dispatch: Sized {
    /// Runs the kernel as compiled for the current instruction set.
    fn dispatch<K: Kernel<Self>>(kernel: K) -> K::Output
    where
        Self: crate::Scalar;
    fn gemm(gemm: &Gemm<Self>);
    fn softmax(softmax: &Softmax<Self>);
    fn cross_entropy(cross_entropy: &CrossEntropy<Self>);
}

macro_rules! dispatch {
    ($t:ty) => {
        impl Dispatch for $t {
            #[inline(always)]
            fn dispatch<K: Kernel<Self>>(kernel: K) -> K::Output {
                match Isa::current() {
                    _ => kernel.run(Portable::new()),
                }
            }
            fn gemm(gemm: &Gemm<Self>) {
                Self::dispatch(gemm);
            }
            fn softmax(softmax: &Softmax<Self>) {
                Self::dispatch(softmax);
            }
            fn cross_entropy(cross_entropy: &CrossEntropy<Self>) {
                Self::dispatch(cross_entropy);
            }
        }
    };
}
dispatch!(f32);
dispatch!(f64);
