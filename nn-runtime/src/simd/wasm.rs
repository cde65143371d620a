//! SIMD128: the vectors of WebAssembly, where the build may assume them (`-C target-feature=+simd128`). They have no fused
//! multiply-add: products and sums are rounded apart, as in scalar code without the instruction.

use super::Vector;
use super::register::{intrinsic, vector_type};
use core::arch::wasm32::*;

/// The token of SIMD128.
#[derive(Clone, Copy)]
pub(crate) struct Simd128(());

impl Simd128 {
    /// Always sound: a build that has this file assumes the instructions.
    #[inline(always)]
    pub(crate) const fn new() -> Self {
        Self(())
    }
}

vector_type!(
    F32x4(v128),
    f32x4_add,
    f32x4_sub,
    f32x4_mul,
    f32x4_div,
    neg(v) = f32x4_neg(v)
);
vector_type!(
    F64x2(v128),
    f64x2_add,
    f64x2_sub,
    f64x2_mul,
    f64x2_div,
    neg(v) = f64x2_neg(v)
);

/// Intrinsics by their names' first halves, for both number types.
macro_rules! simd128 {
    (
        $t:ty, $v:ident, $lanes:literal, $mantissa:literal,
        $splat:ident, $splat_bits:ident($bits:ty), $sqrt:ident, $gt:ident, $lt:ident, $ge:ident, $eq:ident,
        $add_bits:ident, $shl:ident, $shr:ident, inside($m:ident) = $inside:expr,
        transpose($from:ident, $from_row:ident, $to:ident, $to_row:ident) = $transpose:block
    ) => {
        impl Vector<$t> for Simd128 {
            type V = $v;
            /// How many.
            type Mask = usize;
            const LANES: usize = $lanes;
            const REGISTERS: usize = 16;

            #[inline(always)]
            fn set(self, x: $t) -> $v {
                $v($splat(x))
            }
            #[inline(always)]
            fn set_bits(self, bits: u64) -> $v {
                $v($splat_bits(bits as $bits))
            }
            #[inline(always)]
            unsafe fn load(self, p: *const $t) -> $v {
                $v(intrinsic!(v128_load(p.cast())))
            }
            #[inline(always)]
            unsafe fn store(self, p: *mut $t, v: $v) {
                intrinsic!(v128_store(p.cast(), v.0));
            }
            #[inline(always)]
            fn first(self, n: usize) -> usize {
                n
            }
            #[inline(always)]
            unsafe fn load_masked(self, p: *const $t, m: usize) -> $v {
                let mut lanes = [0.0; $lanes];
                // SAFETY: the caller's, for the mask's lanes; the copy holds a vector.
                unsafe {
                    if m >= $lanes {
                        return self.load(p);
                    }
                    for i in 0..m {
                        lanes[i] = p.add(i).read();
                    }
                    self.load(lanes.as_ptr())
                }
            }
            #[inline(always)]
            unsafe fn store_masked(self, p: *mut $t, m: usize, v: $v) {
                let mut lanes = [0.0; $lanes];
                // SAFETY: as for the load.
                unsafe {
                    if m >= $lanes {
                        return self.store(p, v);
                    }
                    self.store(lanes.as_mut_ptr(), v);
                    for i in 0..m {
                        p.add(i).write(lanes[i]);
                    }
                }
            }
            #[inline(always)]
            fn select(self, $m: usize, a: $v, b: $v) -> $v {
                $v(v128_bitselect(a.0, b.0, $inside))
            }
            #[inline(always)]
            unsafe fn transpose(self, $from: *const $t, $from_row: usize, $to: *mut $t, $to_row: usize) {
                intrinsic!($transpose);
            }
            #[inline(always)]
            fn fma(self, a: $v, b: $v, c: $v) -> $v {
                a * b + c
            }
            #[inline(always)]
            fn root(self, x: $v) -> $v {
                $v($sqrt(x.0))
            }
            #[inline(always)]
            fn lesser(self, a: $v, b: $v) -> $v {
                $v(v128_bitselect(a.0, b.0, $lt(a.0, b.0)))
            }
            #[inline(always)]
            fn greater(self, a: $v, b: $v) -> $v {
                $v(v128_bitselect(a.0, b.0, $gt(a.0, b.0)))
            }
            #[inline(always)]
            fn if_gt(self, a: $v, b: $v, then: $v, otherwise: $v) -> $v {
                $v(v128_bitselect(then.0, otherwise.0, $gt(a.0, b.0)))
            }
            #[inline(always)]
            fn if_ge(self, a: $v, b: $v, then: $v, otherwise: $v) -> $v {
                $v(v128_bitselect(then.0, otherwise.0, $ge(a.0, b.0)))
            }
            #[inline(always)]
            fn if_eq(self, a: $v, b: $v, then: $v, otherwise: $v) -> $v {
                $v(v128_bitselect(then.0, otherwise.0, $eq(a.0, b.0)))
            }
            #[inline(always)]
            fn any_gt(self, a: $v, b: $v) -> bool {
                v128_any_true($gt(a.0, b.0))
            }
            #[inline(always)]
            fn and(self, a: $v, b: $v) -> $v {
                $v(v128_and(a.0, b.0))
            }
            #[inline(always)]
            fn or(self, a: $v, b: $v) -> $v {
                $v(v128_or(a.0, b.0))
            }
            #[inline(always)]
            fn xor(self, a: $v, b: $v) -> $v {
                $v(v128_xor(a.0, b.0))
            }
            #[inline(always)]
            fn add_bits(self, a: $v, b: $v) -> $v {
                $v($add_bits(a.0, b.0))
            }
            #[inline(always)]
            fn shl_mantissa(self, a: $v) -> $v {
                $v($shl(a.0, $mantissa))
            }
            #[inline(always)]
            fn shr_mantissa(self, a: $v) -> $v {
                $v($shr(a.0, $mantissa))
            }
        }
    };
}

simd128!(
    f32,
    F32x4,
    4,
    23,
    f32x4_splat,
    u32x4_splat(u32),
    f32x4_sqrt,
    f32x4_gt,
    f32x4_lt,
    f32x4_ge,
    f32x4_eq,
    u32x4_add,
    u32x4_shl,
    u32x4_shr,
    inside(m) = u32x4_lt(u32x4(0, 1, 2, 3), u32x4_splat(m.min(4) as u32)),
    transpose(from, from_row, to, to_row) = {
        let r0 = v128_load(from.cast());
        let r1 = v128_load(from.add(from_row).cast());
        let r2 = v128_load(from.add(2 * from_row).cast());
        let r3 = v128_load(from.add(3 * from_row).cast());
        // The first two columns of two rows each, then the last two; then their halves.
        let a = u32x4_shuffle::<0, 4, 1, 5>(r0, r1);
        let b = u32x4_shuffle::<2, 6, 3, 7>(r0, r1);
        let c = u32x4_shuffle::<0, 4, 1, 5>(r2, r3);
        let d = u32x4_shuffle::<2, 6, 3, 7>(r2, r3);
        v128_store(to.cast(), u64x2_shuffle::<0, 2>(a, c));
        v128_store(to.add(to_row).cast(), u64x2_shuffle::<1, 3>(a, c));
        v128_store(to.add(2 * to_row).cast(), u64x2_shuffle::<0, 2>(b, d));
        v128_store(to.add(3 * to_row).cast(), u64x2_shuffle::<1, 3>(b, d));
    }
);
simd128!(
    f64,
    F64x2,
    2,
    52,
    f64x2_splat,
    u64x2_splat(u64),
    f64x2_sqrt,
    f64x2_gt,
    f64x2_lt,
    f64x2_ge,
    f64x2_eq,
    u64x2_add,
    u64x2_shl,
    u64x2_shr,
    inside(m) = i64x2_lt(i64x2(0, 1), i64x2_splat(m.min(2) as i64)),
    transpose(from, from_row, to, to_row) = {
        let r0 = v128_load(from.cast());
        let r1 = v128_load(from.add(from_row).cast());
        v128_store(to.cast(), u64x2_shuffle::<0, 2>(r0, r1));
        v128_store(to.add(to_row).cast(), u64x2_shuffle::<1, 3>(r0, r1));
    }
);
