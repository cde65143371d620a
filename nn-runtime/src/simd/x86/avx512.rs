//! AVX-512: F, DQ, BW and VL.

use crate::simd::Vector;
use crate::simd::register::{intrinsic, vector_type};
use core::arch::x86_64::*;

/// The token of AVX-512.
#[derive(Clone, Copy)]
pub(crate) struct Avx512(());

impl Avx512 {
    /// # Safety
    /// The caller enables `avx512f,avx512dq,avx512bw,avx512vl,avx2,fma` and runs where they exist.
    #[inline(always)]
    pub(crate) unsafe fn new() -> Self {
        Self(())
    }
}

vector_type!(
    F32x16(__m512),
    _mm512_add_ps,
    _mm512_sub_ps,
    _mm512_mul_ps,
    _mm512_div_ps,
    neg(v) = _mm512_xor_ps(v, _mm512_set1_ps(-0.0))
);
vector_type!(
    F64x8(__m512d),
    _mm512_add_pd,
    _mm512_sub_pd,
    _mm512_mul_pd,
    _mm512_div_pd,
    neg(v) = _mm512_xor_pd(v, _mm512_set1_pd(-0.0))
);

impl Vector<f32> for Avx512 {
    type V = F32x16;
    type Mask = __mmask16;
    const LANES: usize = 16;
    const REGISTERS: usize = 32;

    #[inline(always)]
    fn set(self, x: f32) -> F32x16 {
        F32x16(intrinsic!(_mm512_set1_ps(x)))
    }
    #[inline(always)]
    fn set_bits(self, bits: u64) -> F32x16 {
        F32x16(intrinsic!(_mm512_castsi512_ps(_mm512_set1_epi32(bits as i32))))
    }
    #[inline(always)]
    unsafe fn load(self, p: *const f32) -> F32x16 {
        F32x16(intrinsic!(_mm512_loadu_ps(p)))
    }
    #[inline(always)]
    unsafe fn store(self, p: *mut f32, v: F32x16) {
        intrinsic!(_mm512_storeu_ps(p, v.0));
    }
    #[inline(always)]
    fn prefetch(self, p: *const f32) {
        intrinsic!(_mm_prefetch::<_MM_HINT_T0>(p.cast()));
    }
    #[inline(always)]
    fn first(self, n: usize) -> __mmask16 {
        ((1u32 << n.min(16)) - 1) as __mmask16
    }
    #[inline(always)]
    unsafe fn load_masked(self, p: *const f32, m: __mmask16) -> F32x16 {
        F32x16(intrinsic!(_mm512_maskz_loadu_ps(m, p)))
    }
    #[inline(always)]
    unsafe fn store_masked(self, p: *mut f32, m: __mmask16, v: F32x16) {
        intrinsic!(_mm512_mask_storeu_ps(p, m, v.0));
    }
    #[inline(always)]
    fn select(self, m: __mmask16, a: F32x16, b: F32x16) -> F32x16 {
        F32x16(intrinsic!(_mm512_mask_blend_ps(m, b.0, a.0)))
    }
    #[inline(always)]
    unsafe fn transpose(self, from: *const f32, from_row: usize, to: *mut f32, to_row: usize) {
        intrinsic!({
            // Four columns at a time: the 128-bit parts of register i hold rows i, 4 + i, 8 + i and 12 + i, so that a 4x4
            // transposition within the parts leaves whole columns.
            for column in (0..16).step_by(4) {
                let mut r = [_mm512_setzero_ps(); 4];
                for i in 0..4 {
                    let p = from.add(i * from_row + column);
                    r[i] = _mm512_castps128_ps512(_mm_loadu_ps(p));
                    r[i] = _mm512_insertf32x4::<1>(r[i], _mm_loadu_ps(p.add(4 * from_row)));
                    r[i] = _mm512_insertf32x4::<2>(r[i], _mm_loadu_ps(p.add(8 * from_row)));
                    r[i] = _mm512_insertf32x4::<3>(r[i], _mm_loadu_ps(p.add(12 * from_row)));
                }
                let (a, b) = (_mm512_unpacklo_ps(r[0], r[1]), _mm512_unpackhi_ps(r[0], r[1]));
                let (c, d) = (_mm512_unpacklo_ps(r[2], r[3]), _mm512_unpackhi_ps(r[2], r[3]));
                let to = to.add(column * to_row);
                _mm512_storeu_ps(to, _mm512_shuffle_ps::<0b01_00_01_00>(a, c));
                _mm512_storeu_ps(to.add(to_row), _mm512_shuffle_ps::<0b11_10_11_10>(a, c));
                _mm512_storeu_ps(to.add(2 * to_row), _mm512_shuffle_ps::<0b01_00_01_00>(b, d));
                _mm512_storeu_ps(to.add(3 * to_row), _mm512_shuffle_ps::<0b11_10_11_10>(b, d));
            }
        });
    }
    #[inline(always)]
    fn fma(self, a: F32x16, b: F32x16, c: F32x16) -> F32x16 {
        F32x16(intrinsic!(_mm512_fmadd_ps(a.0, b.0, c.0)))
    }
    #[inline(always)]
    fn scale(self, x: F32x16, n: F32x16) -> F32x16 {
        F32x16(intrinsic!(_mm512_scalef_ps(x.0, n.0)))
    }
    #[inline(always)]
    fn root(self, x: F32x16) -> F32x16 {
        F32x16(intrinsic!(_mm512_sqrt_ps(x.0)))
    }
    #[inline(always)]
    fn lesser(self, a: F32x16, b: F32x16) -> F32x16 {
        F32x16(intrinsic!(_mm512_min_ps(a.0, b.0)))
    }
    #[inline(always)]
    fn greater(self, a: F32x16, b: F32x16) -> F32x16 {
        F32x16(intrinsic!(_mm512_max_ps(a.0, b.0)))
    }
    #[inline(always)]
    fn if_gt(self, a: F32x16, b: F32x16, then: F32x16, otherwise: F32x16) -> F32x16 {
        let m = intrinsic!(_mm512_cmp_ps_mask::<_CMP_GT_OQ>(a.0, b.0));
        F32x16(intrinsic!(_mm512_mask_blend_ps(m, otherwise.0, then.0)))
    }
    #[inline(always)]
    fn if_ge(self, a: F32x16, b: F32x16, then: F32x16, otherwise: F32x16) -> F32x16 {
        let m = intrinsic!(_mm512_cmp_ps_mask::<_CMP_GE_OQ>(a.0, b.0));
        F32x16(intrinsic!(_mm512_mask_blend_ps(m, otherwise.0, then.0)))
    }
    #[inline(always)]
    fn if_eq(self, a: F32x16, b: F32x16, then: F32x16, otherwise: F32x16) -> F32x16 {
        let m = intrinsic!(_mm512_cmp_ps_mask::<_CMP_EQ_OQ>(a.0, b.0));
        F32x16(intrinsic!(_mm512_mask_blend_ps(m, otherwise.0, then.0)))
    }
    #[inline(always)]
    fn any_gt(self, a: F32x16, b: F32x16) -> bool {
        intrinsic!(_mm512_cmp_ps_mask::<_CMP_GT_OQ>(a.0, b.0)) != 0
    }
    #[inline(always)]
    fn and(self, a: F32x16, b: F32x16) -> F32x16 {
        F32x16(intrinsic!(_mm512_and_ps(a.0, b.0)))
    }
    #[inline(always)]
    fn or(self, a: F32x16, b: F32x16) -> F32x16 {
        F32x16(intrinsic!(_mm512_or_ps(a.0, b.0)))
    }
    #[inline(always)]
    fn xor(self, a: F32x16, b: F32x16) -> F32x16 {
        F32x16(intrinsic!(_mm512_xor_ps(a.0, b.0)))
    }
    #[inline(always)]
    fn add_bits(self, a: F32x16, b: F32x16) -> F32x16 {
        F32x16(intrinsic!(_mm512_castsi512_ps(_mm512_add_epi32(
            _mm512_castps_si512(a.0),
            _mm512_castps_si512(b.0)
        ))))
    }
    #[inline(always)]
    fn shl_mantissa(self, a: F32x16) -> F32x16 {
        F32x16(intrinsic!(_mm512_castsi512_ps(_mm512_slli_epi32::<23>(
            _mm512_castps_si512(a.0)
        ))))
    }
    #[inline(always)]
    fn shr_mantissa(self, a: F32x16) -> F32x16 {
        F32x16(intrinsic!(_mm512_castsi512_ps(_mm512_srli_epi32::<23>(
            _mm512_castps_si512(a.0)
        ))))
    }
}

impl Vector<f64> for Avx512 {
    type V = F64x8;
    type Mask = __mmask8;
    const LANES: usize = 8;
    const REGISTERS: usize = 32;

    #[inline(always)]
    fn set(self, x: f64) -> F64x8 {
        F64x8(intrinsic!(_mm512_set1_pd(x)))
    }
    #[inline(always)]
    fn set_bits(self, bits: u64) -> F64x8 {
        F64x8(intrinsic!(_mm512_castsi512_pd(_mm512_set1_epi64(bits as i64))))
    }
    #[inline(always)]
    unsafe fn load(self, p: *const f64) -> F64x8 {
        F64x8(intrinsic!(_mm512_loadu_pd(p)))
    }
    #[inline(always)]
    unsafe fn store(self, p: *mut f64, v: F64x8) {
        intrinsic!(_mm512_storeu_pd(p, v.0));
    }
    #[inline(always)]
    fn prefetch(self, p: *const f64) {
        intrinsic!(_mm_prefetch::<_MM_HINT_T0>(p.cast()));
    }
    #[inline(always)]
    fn first(self, n: usize) -> __mmask8 {
        ((1u32 << n.min(8)) - 1) as __mmask8
    }
    #[inline(always)]
    unsafe fn load_masked(self, p: *const f64, m: __mmask8) -> F64x8 {
        F64x8(intrinsic!(_mm512_maskz_loadu_pd(m, p)))
    }
    #[inline(always)]
    unsafe fn store_masked(self, p: *mut f64, m: __mmask8, v: F64x8) {
        intrinsic!(_mm512_mask_storeu_pd(p, m, v.0));
    }
    #[inline(always)]
    fn select(self, m: __mmask8, a: F64x8, b: F64x8) -> F64x8 {
        F64x8(intrinsic!(_mm512_mask_blend_pd(m, b.0, a.0)))
    }
    #[inline(always)]
    unsafe fn transpose(self, from: *const f64, from_row: usize, to: *mut f64, to_row: usize) {
        intrinsic!({
            // Two columns at a time: the 128-bit parts of register i hold rows i, 2 + i, 4 + i and 6 + i.
            for column in (0..8).step_by(2) {
                let mut r = [_mm512_setzero_pd(); 2];
                for i in 0..2 {
                    let p = from.add(i * from_row + column);
                    r[i] = _mm512_castpd128_pd512(_mm_loadu_pd(p));
                    r[i] = _mm512_insertf64x2::<1>(r[i], _mm_loadu_pd(p.add(2 * from_row)));
                    r[i] = _mm512_insertf64x2::<2>(r[i], _mm_loadu_pd(p.add(4 * from_row)));
                    r[i] = _mm512_insertf64x2::<3>(r[i], _mm_loadu_pd(p.add(6 * from_row)));
                }
                let to = to.add(column * to_row);
                _mm512_storeu_pd(to, _mm512_unpacklo_pd(r[0], r[1]));
                _mm512_storeu_pd(to.add(to_row), _mm512_unpackhi_pd(r[0], r[1]));
            }
        });
    }
    #[inline(always)]
    fn fma(self, a: F64x8, b: F64x8, c: F64x8) -> F64x8 {
        F64x8(intrinsic!(_mm512_fmadd_pd(a.0, b.0, c.0)))
    }
    #[inline(always)]
    fn scale(self, x: F64x8, n: F64x8) -> F64x8 {
        F64x8(intrinsic!(_mm512_scalef_pd(x.0, n.0)))
    }
    #[inline(always)]
    fn root(self, x: F64x8) -> F64x8 {
        F64x8(intrinsic!(_mm512_sqrt_pd(x.0)))
    }
    #[inline(always)]
    fn lesser(self, a: F64x8, b: F64x8) -> F64x8 {
        F64x8(intrinsic!(_mm512_min_pd(a.0, b.0)))
    }
    #[inline(always)]
    fn greater(self, a: F64x8, b: F64x8) -> F64x8 {
        F64x8(intrinsic!(_mm512_max_pd(a.0, b.0)))
    }
    #[inline(always)]
    fn if_gt(self, a: F64x8, b: F64x8, then: F64x8, otherwise: F64x8) -> F64x8 {
        let m = intrinsic!(_mm512_cmp_pd_mask::<_CMP_GT_OQ>(a.0, b.0));
        F64x8(intrinsic!(_mm512_mask_blend_pd(m, otherwise.0, then.0)))
    }
    #[inline(always)]
    fn if_ge(self, a: F64x8, b: F64x8, then: F64x8, otherwise: F64x8) -> F64x8 {
        let m = intrinsic!(_mm512_cmp_pd_mask::<_CMP_GE_OQ>(a.0, b.0));
        F64x8(intrinsic!(_mm512_mask_blend_pd(m, otherwise.0, then.0)))
    }
    #[inline(always)]
    fn if_eq(self, a: F64x8, b: F64x8, then: F64x8, otherwise: F64x8) -> F64x8 {
        let m = intrinsic!(_mm512_cmp_pd_mask::<_CMP_EQ_OQ>(a.0, b.0));
        F64x8(intrinsic!(_mm512_mask_blend_pd(m, otherwise.0, then.0)))
    }
    #[inline(always)]
    fn any_gt(self, a: F64x8, b: F64x8) -> bool {
        intrinsic!(_mm512_cmp_pd_mask::<_CMP_GT_OQ>(a.0, b.0)) != 0
    }
    #[inline(always)]
    fn and(self, a: F64x8, b: F64x8) -> F64x8 {
        F64x8(intrinsic!(_mm512_and_pd(a.0, b.0)))
    }
    #[inline(always)]
    fn or(self, a: F64x8, b: F64x8) -> F64x8 {
        F64x8(intrinsic!(_mm512_or_pd(a.0, b.0)))
    }
    #[inline(always)]
    fn xor(self, a: F64x8, b: F64x8) -> F64x8 {
        F64x8(intrinsic!(_mm512_xor_pd(a.0, b.0)))
    }
    #[inline(always)]
    fn add_bits(self, a: F64x8, b: F64x8) -> F64x8 {
        F64x8(intrinsic!(_mm512_castsi512_pd(_mm512_add_epi64(
            _mm512_castpd_si512(a.0),
            _mm512_castpd_si512(b.0)
        ))))
    }
    #[inline(always)]
    fn shl_mantissa(self, a: F64x8) -> F64x8 {
        F64x8(intrinsic!(_mm512_castsi512_pd(_mm512_slli_epi64::<52>(
            _mm512_castpd_si512(a.0)
        ))))
    }
    #[inline(always)]
    fn shr_mantissa(self, a: F64x8) -> F64x8 {
        F64x8(intrinsic!(_mm512_castsi512_pd(_mm512_srli_epi64::<52>(
            _mm512_castpd_si512(a.0)
        ))))
    }
}
