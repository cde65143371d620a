//! NEON: the vectors that every 64-bit Arm processor has.

use super::Vector;
use super::register::{intrinsic, vector_type};
use core::arch::aarch64::*;

/// The token of NEON.
#[derive(Clone, Copy)]
pub(crate) struct Neon(());

impl Neon {
    /// Always sound on `aarch64`, whose baseline includes NEON.
    #[inline(always)]
    pub(crate) const fn new() -> Self {
        Self(())
    }
}

vector_type!(
    F32x4(float32x4_t),
    vaddq_f32,
    vsubq_f32,
    vmulq_f32,
    vdivq_f32,
    neg(v) = vnegq_f32(v)
);
vector_type!(
    F64x2(float64x2_t),
    vaddq_f64,
    vsubq_f64,
    vmulq_f64,
    vdivq_f64,
    neg(v) = vnegq_f64(v)
);

/// Numbers of the lanes, which a mask of the first lanes is made from.
static LANES_32: [u32; 4] = [0, 1, 2, 3];
static LANES_64: [u64; 2] = [0, 1];

impl Vector<f32> for Neon {
    type V = F32x4;
    /// How many.
    type Mask = usize;
    const LANES: usize = 4;
    const REGISTERS: usize = 32;

    #[inline(always)]
    fn set(self, x: f32) -> F32x4 {
        F32x4(intrinsic!(vdupq_n_f32(x)))
    }
    #[inline(always)]
    fn set_bits(self, bits: u64) -> F32x4 {
        F32x4(intrinsic!(vreinterpretq_f32_u32(vdupq_n_u32(bits as u32))))
    }
    #[inline(always)]
    unsafe fn load(self, p: *const f32) -> F32x4 {
        F32x4(intrinsic!(vld1q_f32(p)))
    }
    #[inline(always)]
    unsafe fn store(self, p: *mut f32, v: F32x4) {
        intrinsic!(vst1q_f32(p, v.0));
    }
    #[inline(always)]
    fn first(self, n: usize) -> usize {
        n
    }
    #[inline(always)]
    unsafe fn load_masked(self, p: *const f32, m: usize) -> F32x4 {
        let mut lanes = [0.0; 4];
        // SAFETY: the caller's, for the mask's lanes; the copy holds a vector.
        unsafe {
            if m >= 4 {
                return self.load(p);
            }
            for i in 0..m {
                lanes[i] = p.add(i).read();
            }
            self.load(lanes.as_ptr())
        }
    }
    #[inline(always)]
    unsafe fn store_masked(self, p: *mut f32, m: usize, v: F32x4) {
        let mut lanes = [0.0; 4];
        // SAFETY: as for the load.
        unsafe {
            if m >= 4 {
                return self.store(p, v);
            }
            self.store(lanes.as_mut_ptr(), v);
            for i in 0..m {
                p.add(i).write(lanes[i]);
            }
        }
    }
    #[inline(always)]
    fn select(self, m: usize, a: F32x4, b: F32x4) -> F32x4 {
        F32x4(intrinsic!({
            let inside = vcltq_u32(vld1q_u32(LANES_32.as_ptr()), vdupq_n_u32(m.min(4) as u32));
            vbslq_f32(inside, a.0, b.0)
        }))
    }
    #[inline(always)]
    unsafe fn transpose(self, from: *const f32, from_row: usize, to: *mut f32, to_row: usize) {
        intrinsic!({
            let r0 = vld1q_f32(from);
            let r1 = vld1q_f32(from.add(from_row));
            let r2 = vld1q_f32(from.add(2 * from_row));
            let r3 = vld1q_f32(from.add(3 * from_row));
            // Pairs of columns 0 and 2, then 1 and 3, of two rows each; then their halves.
            let a = vreinterpretq_f64_f32(vtrn1q_f32(r0, r1));
            let b = vreinterpretq_f64_f32(vtrn2q_f32(r0, r1));
            let c = vreinterpretq_f64_f32(vtrn1q_f32(r2, r3));
            let d = vreinterpretq_f64_f32(vtrn2q_f32(r2, r3));
            vst1q_f32(to, vreinterpretq_f32_f64(vtrn1q_f64(a, c)));
            vst1q_f32(to.add(to_row), vreinterpretq_f32_f64(vtrn1q_f64(b, d)));
            vst1q_f32(to.add(2 * to_row), vreinterpretq_f32_f64(vtrn2q_f64(a, c)));
            vst1q_f32(to.add(3 * to_row), vreinterpretq_f32_f64(vtrn2q_f64(b, d)));
        });
    }
    #[inline(always)]
    fn fma(self, a: F32x4, b: F32x4, c: F32x4) -> F32x4 {
        F32x4(intrinsic!(vfmaq_f32(c.0, a.0, b.0)))
    }
    #[inline(always)]
    fn root(self, x: F32x4) -> F32x4 {
        F32x4(intrinsic!(vsqrtq_f32(x.0)))
    }
    #[inline(always)]
    fn lesser(self, a: F32x4, b: F32x4) -> F32x4 {
        F32x4(intrinsic!(vbslq_f32(vcltq_f32(a.0, b.0), a.0, b.0)))
    }
    #[inline(always)]
    fn greater(self, a: F32x4, b: F32x4) -> F32x4 {
        F32x4(intrinsic!(vbslq_f32(vcgtq_f32(a.0, b.0), a.0, b.0)))
    }
    #[inline(always)]
    fn if_gt(self, a: F32x4, b: F32x4, then: F32x4, otherwise: F32x4) -> F32x4 {
        F32x4(intrinsic!(vbslq_f32(vcgtq_f32(a.0, b.0), then.0, otherwise.0)))
    }
    #[inline(always)]
    fn if_ge(self, a: F32x4, b: F32x4, then: F32x4, otherwise: F32x4) -> F32x4 {
        F32x4(intrinsic!(vbslq_f32(vcgeq_f32(a.0, b.0), then.0, otherwise.0)))
    }
    #[inline(always)]
    fn if_eq(self, a: F32x4, b: F32x4, then: F32x4, otherwise: F32x4) -> F32x4 {
        F32x4(intrinsic!(vbslq_f32(vceqq_f32(a.0, b.0), then.0, otherwise.0)))
    }
    #[inline(always)]
    fn any_gt(self, a: F32x4, b: F32x4) -> bool {
        intrinsic!(vmaxvq_u32(vcgtq_f32(a.0, b.0))) != 0
    }
    #[inline(always)]
    fn and(self, a: F32x4, b: F32x4) -> F32x4 {
        F32x4(intrinsic!(vreinterpretq_f32_u32(vandq_u32(
            vreinterpretq_u32_f32(a.0),
            vreinterpretq_u32_f32(b.0)
        ))))
    }
    #[inline(always)]
    fn or(self, a: F32x4, b: F32x4) -> F32x4 {
        F32x4(intrinsic!(vreinterpretq_f32_u32(vorrq_u32(
            vreinterpretq_u32_f32(a.0),
            vreinterpretq_u32_f32(b.0)
        ))))
    }
    #[inline(always)]
    fn xor(self, a: F32x4, b: F32x4) -> F32x4 {
        F32x4(intrinsic!(vreinterpretq_f32_u32(veorq_u32(
            vreinterpretq_u32_f32(a.0),
            vreinterpretq_u32_f32(b.0)
        ))))
    }
    #[inline(always)]
    fn add_bits(self, a: F32x4, b: F32x4) -> F32x4 {
        F32x4(intrinsic!(vreinterpretq_f32_u32(vaddq_u32(
            vreinterpretq_u32_f32(a.0),
            vreinterpretq_u32_f32(b.0)
        ))))
    }
    #[inline(always)]
    fn shl_mantissa(self, a: F32x4) -> F32x4 {
        F32x4(intrinsic!(vreinterpretq_f32_u32(vshlq_n_u32::<23>(
            vreinterpretq_u32_f32(a.0)
        ))))
    }
    #[inline(always)]
    fn shr_mantissa(self, a: F32x4) -> F32x4 {
        F32x4(intrinsic!(vreinterpretq_f32_u32(vshrq_n_u32::<23>(
            vreinterpretq_u32_f32(a.0)
        ))))
    }
}

impl Vector<f64> for Neon {
    type V = F64x2;
    /// How many.
    type Mask = usize;
    const LANES: usize = 2;
    const REGISTERS: usize = 32;

    #[inline(always)]
    fn set(self, x: f64) -> F64x2 {
        F64x2(intrinsic!(vdupq_n_f64(x)))
    }
    #[inline(always)]
    fn set_bits(self, bits: u64) -> F64x2 {
        F64x2(intrinsic!(vreinterpretq_f64_u64(vdupq_n_u64(bits as u64))))
    }
    #[inline(always)]
    unsafe fn load(self, p: *const f64) -> F64x2 {
        F64x2(intrinsic!(vld1q_f64(p)))
    }
    #[inline(always)]
    unsafe fn store(self, p: *mut f64, v: F64x2) {
        intrinsic!(vst1q_f64(p, v.0));
    }
    #[inline(always)]
    fn first(self, n: usize) -> usize {
        n
    }
    #[inline(always)]
    unsafe fn load_masked(self, p: *const f64, m: usize) -> F64x2 {
        let mut lanes = [0.0; 2];
        // SAFETY: the caller's, for the mask's lanes; the copy holds a vector.
        unsafe {
            if m >= 2 {
                return self.load(p);
            }
            for i in 0..m {
                lanes[i] = p.add(i).read();
            }
            self.load(lanes.as_ptr())
        }
    }
    #[inline(always)]
    unsafe fn store_masked(self, p: *mut f64, m: usize, v: F64x2) {
        let mut lanes = [0.0; 2];
        // SAFETY: as for the load.
        unsafe {
            if m >= 2 {
                return self.store(p, v);
            }
            self.store(lanes.as_mut_ptr(), v);
            for i in 0..m {
                p.add(i).write(lanes[i]);
            }
        }
    }
    #[inline(always)]
    fn select(self, m: usize, a: F64x2, b: F64x2) -> F64x2 {
        F64x2(intrinsic!({
            let inside = vcltq_u64(vld1q_u64(LANES_64.as_ptr()), vdupq_n_u64(m.min(2) as u64));
            vbslq_f64(inside, a.0, b.0)
        }))
    }
    #[inline(always)]
    unsafe fn transpose(self, from: *const f64, from_row: usize, to: *mut f64, to_row: usize) {
        intrinsic!({
            let r0 = vld1q_f64(from);
            let r1 = vld1q_f64(from.add(from_row));
            vst1q_f64(to, vtrn1q_f64(r0, r1));
            vst1q_f64(to.add(to_row), vtrn2q_f64(r0, r1));
        });
    }
    #[inline(always)]
    fn fma(self, a: F64x2, b: F64x2, c: F64x2) -> F64x2 {
        F64x2(intrinsic!(vfmaq_f64(c.0, a.0, b.0)))
    }
    #[inline(always)]
    fn root(self, x: F64x2) -> F64x2 {
        F64x2(intrinsic!(vsqrtq_f64(x.0)))
    }
    #[inline(always)]
    fn lesser(self, a: F64x2, b: F64x2) -> F64x2 {
        F64x2(intrinsic!(vbslq_f64(vcltq_f64(a.0, b.0), a.0, b.0)))
    }
    #[inline(always)]
    fn greater(self, a: F64x2, b: F64x2) -> F64x2 {
        F64x2(intrinsic!(vbslq_f64(vcgtq_f64(a.0, b.0), a.0, b.0)))
    }
    #[inline(always)]
    fn if_gt(self, a: F64x2, b: F64x2, then: F64x2, otherwise: F64x2) -> F64x2 {
        F64x2(intrinsic!(vbslq_f64(vcgtq_f64(a.0, b.0), then.0, otherwise.0)))
    }
    #[inline(always)]
    fn if_ge(self, a: F64x2, b: F64x2, then: F64x2, otherwise: F64x2) -> F64x2 {
        F64x2(intrinsic!(vbslq_f64(vcgeq_f64(a.0, b.0), then.0, otherwise.0)))
    }
    #[inline(always)]
    fn if_eq(self, a: F64x2, b: F64x2, then: F64x2, otherwise: F64x2) -> F64x2 {
        F64x2(intrinsic!(vbslq_f64(vceqq_f64(a.0, b.0), then.0, otherwise.0)))
    }
    #[inline(always)]
    fn any_gt(self, a: F64x2, b: F64x2) -> bool {
        intrinsic!(vmaxvq_u32(vreinterpretq_u32_u64(vcgtq_f64(a.0, b.0)))) != 0
    }
    #[inline(always)]
    fn and(self, a: F64x2, b: F64x2) -> F64x2 {
        F64x2(intrinsic!(vreinterpretq_f64_u64(vandq_u64(
            vreinterpretq_u64_f64(a.0),
            vreinterpretq_u64_f64(b.0)
        ))))
    }
    #[inline(always)]
    fn or(self, a: F64x2, b: F64x2) -> F64x2 {
        F64x2(intrinsic!(vreinterpretq_f64_u64(vorrq_u64(
            vreinterpretq_u64_f64(a.0),
            vreinterpretq_u64_f64(b.0)
        ))))
    }
    #[inline(always)]
    fn xor(self, a: F64x2, b: F64x2) -> F64x2 {
        F64x2(intrinsic!(vreinterpretq_f64_u64(veorq_u64(
            vreinterpretq_u64_f64(a.0),
            vreinterpretq_u64_f64(b.0)
        ))))
    }
    #[inline(always)]
    fn add_bits(self, a: F64x2, b: F64x2) -> F64x2 {
        F64x2(intrinsic!(vreinterpretq_f64_u64(vaddq_u64(
            vreinterpretq_u64_f64(a.0),
            vreinterpretq_u64_f64(b.0)
        ))))
    }
    #[inline(always)]
    fn shl_mantissa(self, a: F64x2) -> F64x2 {
        F64x2(intrinsic!(vreinterpretq_f64_u64(vshlq_n_u64::<52>(
            vreinterpretq_u64_f64(a.0)
        ))))
    }
    #[inline(always)]
    fn shr_mantissa(self, a: F64x2) -> F64x2 {
        F64x2(intrinsic!(vreinterpretq_f64_u64(vshrq_n_u64::<52>(
            vreinterpretq_u64_f64(a.0)
        ))))
    }
}
