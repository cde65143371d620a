//! The kernels behind [`crate::ops`]: each written once over [`crate::simd::Simd`], compiled per instruction set.

pub(crate) mod dispatch;
pub(crate) mod dropout;
pub(crate) mod gemm;
pub(crate) mod rows;
pub(crate) mod softmax;
pub(crate) mod vectors;
