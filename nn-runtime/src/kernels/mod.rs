//! The kernels behind [`crate::ops`]: each written once over [`crate::simd::Simd`], compiled per instruction set.
#![allow(
    clippy::needless_range_loop,
    reason = "several arrays at one index, which also unrolls well"
)]

pub(crate) mod arrange;
pub(crate) mod blocks;
mod chunk;
pub(crate) mod conv;
pub(crate) mod dense;
pub(crate) mod dispatch;
pub(crate) mod dropout;
pub(crate) mod gemm;
pub(crate) mod images;
pub(crate) mod pool;
#[cfg(feature = "std")]
pub(crate) mod product;
pub(crate) mod rows;
pub(crate) mod softmax;
pub(crate) mod statistics;
#[cfg(feature = "std")]
pub(crate) mod update;
pub(crate) mod vectors;
