//! The kernels on images behind one entry, so that each is compiled once per number type and instruction set.

use super::arrange::Bilinear;
use super::conv::lanes::{LanesProduct, LanesWeights, Turn};
use super::conv::{Depthwise, DepthwiseWeights, Product, Weights};
use super::pool::{Pool, PoolGrad};
use crate::Scalar;
use crate::simd::{Kernel, Simd};

/// One of the kernels, with its operands.
#[doc(hidden)]
pub enum Images<T> {
    #[doc(hidden)]
    Product(Product<T>),
    #[doc(hidden)]
    Weights(Weights<T>),
    #[doc(hidden)]
    Depthwise(Depthwise<T>),
    #[doc(hidden)]
    DepthwiseWeights(DepthwiseWeights<T>),
    #[doc(hidden)]
    LanesProduct(LanesProduct<T>),
    #[doc(hidden)]
    LanesWeights(LanesWeights<T>),
    #[doc(hidden)]
    Turn(Turn<T>),
    #[doc(hidden)]
    Pool(Pool<T>),
    #[doc(hidden)]
    PoolGrad(PoolGrad<T>),
    #[doc(hidden)]
    Bilinear(Bilinear<T>),
}

/// Runs the kernel as compiled for the current instruction set, each behind a call of its own.
#[cfg_attr(not(feature = "std"), inline(always))]
pub(super) fn run<T: Scalar>(kernel: &Images<T>) {
    match kernel {
        Images::Product(k) => T::dispatch(k),
        Images::Weights(k) => T::dispatch(k),
        Images::Depthwise(k) => T::dispatch(k),
        Images::DepthwiseWeights(k) => T::dispatch(k),
        Images::LanesProduct(k) => T::dispatch(k),
        Images::LanesWeights(k) => T::dispatch(k),
        Images::Turn(k) => T::dispatch(k),
        Images::Pool(k) => T::dispatch(k),
        Images::PoolGrad(k) => T::dispatch(k),
        Images::Bilinear(k) => T::dispatch(k),
    }
}

/// Makes a type whose `run` is its kernel a [`Kernel`].
macro_rules! kernels {
    ($($name:ident)+) => {$(
        impl<T: Scalar> Kernel<T> for &$name<T> {
            type Output = ();

            #[inline(always)]
            fn run<S: Simd<T>>(self, s: S) {
                // SAFETY: whoever makes one checks that its pointers hold what its sizes say.
                unsafe { $name::run(self, s) }
            }
        }
    )+};
}
kernels! { Product Weights Depthwise DepthwiseWeights LanesProduct LanesWeights Turn Pool PoolGrad Bilinear }
