//! AVX2 with FMA.

use crate::simd::Vector;
use crate::simd::register::{intrinsic, vector_type};
use core::arch::x86_64::*;

/// The token of AVX2 with FMA.
#[derive(Clone, Copy)]
pub(crate) struct Avx2(());

impl Avx2 {
    /// # Safety
    /// The caller enables `avx2,fma` and runs where they exist.
    #[inline(always)]
    pub(crate) unsafe fn new() -> Self {
        Self(())
    }
}

vector_type!(
    F32x8(__m256),
    _mm256_add_ps,
    _mm256_sub_ps,
    _mm256_mul_ps,
    _mm256_div_ps,
    neg(v) = _mm256_xor_ps(v, _mm256_set1_ps(-0.0))
);
vector_type!(
    F64x4(__m256d),
    _mm256_add_pd,
    _mm256_sub_pd,
    _mm256_mul_pd,
    _mm256_div_pd,
    neg(v) = _mm256_xor_pd(v, _mm256_set1_pd(-0.0))
);

/// Masks of the first lanes are windows of these tables.
static FIRST_32: [i32; 16] = [-1, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0];
static FIRST_64: [i64; 8] = [-1, -1, -1, -1, 0, 0, 0, 0];

impl Vector<f32> for Avx2 {
    type V = F32x8;
    type Mask = __m256i;
    const LANES: usize = 8;
    const REGISTERS: usize = 16;

    #[inline(always)]
    fn set(self, x: f32) -> F32x8 {
        F32x8(intrinsic!(_mm256_set1_ps(x)))
    }
    #[inline(always)]
    fn set_bits(self, bits: u64) -> F32x8 {
        F32x8(intrinsic!(_mm256_castsi256_ps(_mm256_set1_epi32(bits as i32))))
    }
    #[inline(always)]
    unsafe fn load(self, p: *const f32) -> F32x8 {
        F32x8(intrinsic!(_mm256_loadu_ps(p)))
    }
    #[inline(always)]
    unsafe fn store(self, p: *mut f32, v: F32x8) {
        intrinsic!(_mm256_storeu_ps(p, v.0));
    }
    #[inline(always)]
    fn prefetch(self, p: *const f32) {
        intrinsic!(_mm_prefetch::<_MM_HINT_T0>(p.cast()));
    }
    #[inline(always)]
    fn first(self, n: usize) -> __m256i {
        // SAFETY: the table is 8 integers longer than the window that is read.
        intrinsic!(_mm256_loadu_si256(FIRST_32.as_ptr().add(8 - n.min(8)).cast()))
    }
    #[inline(always)]
    unsafe fn load_masked(self, p: *const f32, m: __m256i) -> F32x8 {
        F32x8(intrinsic!(_mm256_maskload_ps(p, m)))
    }
    #[inline(always)]
    unsafe fn store_masked(self, p: *mut f32, m: __m256i, v: F32x8) {
        intrinsic!(_mm256_maskstore_ps(p, m, v.0));
    }
    #[inline(always)]
    fn select(self, m: __m256i, a: F32x8, b: F32x8) -> F32x8 {
        F32x8(intrinsic!(_mm256_blendv_ps(b.0, a.0, _mm256_castsi256_ps(m))))
    }
    #[inline(always)]
    unsafe fn transpose(self, from: *const f32, from_row: usize, to: *mut f32, to_row: usize) {
        intrinsic!({
            // Four columns at a time: the 128-bit halves of register i hold rows i and 4 + i, so that a 4x4 transposition
            // within the halves leaves whole columns.
            for column in (0..8).step_by(4) {
                let mut r = [_mm256_setzero_ps(); 4];
                for i in 0..4 {
                    let p = from.add(i * from_row + column);
                    let low = _mm256_castps128_ps256(_mm_loadu_ps(p));
                    r[i] = _mm256_insertf128_ps::<1>(low, _mm_loadu_ps(p.add(4 * from_row)));
                }
                let (a, b) = (_mm256_unpacklo_ps(r[0], r[1]), _mm256_unpackhi_ps(r[0], r[1]));
                let (c, d) = (_mm256_unpacklo_ps(r[2], r[3]), _mm256_unpackhi_ps(r[2], r[3]));
                let to = to.add(column * to_row);
                _mm256_storeu_ps(to, _mm256_shuffle_ps::<0b01_00_01_00>(a, c));
                _mm256_storeu_ps(to.add(to_row), _mm256_shuffle_ps::<0b11_10_11_10>(a, c));
                _mm256_storeu_ps(to.add(2 * to_row), _mm256_shuffle_ps::<0b01_00_01_00>(b, d));
                _mm256_storeu_ps(to.add(3 * to_row), _mm256_shuffle_ps::<0b11_10_11_10>(b, d));
            }
        });
    }
    #[inline(always)]
    fn fma(self, a: F32x8, b: F32x8, c: F32x8) -> F32x8 {
        F32x8(intrinsic!(_mm256_fmadd_ps(a.0, b.0, c.0)))
    }
    #[inline(always)]
    fn root(self, x: F32x8) -> F32x8 {
        F32x8(intrinsic!(_mm256_sqrt_ps(x.0)))
    }
    #[inline(always)]
    fn lesser(self, a: F32x8, b: F32x8) -> F32x8 {
        F32x8(intrinsic!(_mm256_min_ps(a.0, b.0)))
    }
    #[inline(always)]
    fn greater(self, a: F32x8, b: F32x8) -> F32x8 {
        F32x8(intrinsic!(_mm256_max_ps(a.0, b.0)))
    }
    #[inline(always)]
    fn if_gt(self, a: F32x8, b: F32x8, then: F32x8, otherwise: F32x8) -> F32x8 {
        let m = intrinsic!(_mm256_cmp_ps::<_CMP_GT_OQ>(a.0, b.0));
        F32x8(intrinsic!(_mm256_blendv_ps(otherwise.0, then.0, m)))
    }
    #[inline(always)]
    fn if_ge(self, a: F32x8, b: F32x8, then: F32x8, otherwise: F32x8) -> F32x8 {
        let m = intrinsic!(_mm256_cmp_ps::<_CMP_GE_OQ>(a.0, b.0));
        F32x8(intrinsic!(_mm256_blendv_ps(otherwise.0, then.0, m)))
    }
    #[inline(always)]
    fn if_eq(self, a: F32x8, b: F32x8, then: F32x8, otherwise: F32x8) -> F32x8 {
        let m = intrinsic!(_mm256_cmp_ps::<_CMP_EQ_OQ>(a.0, b.0));
        F32x8(intrinsic!(_mm256_blendv_ps(otherwise.0, then.0, m)))
    }
    #[inline(always)]
    fn any_gt(self, a: F32x8, b: F32x8) -> bool {
        intrinsic!(_mm256_movemask_ps(_mm256_cmp_ps::<_CMP_GT_OQ>(a.0, b.0))) != 0
    }
    #[inline(always)]
    fn and(self, a: F32x8, b: F32x8) -> F32x8 {
        F32x8(intrinsic!(_mm256_and_ps(a.0, b.0)))
    }
    #[inline(always)]
    fn or(self, a: F32x8, b: F32x8) -> F32x8 {
        F32x8(intrinsic!(_mm256_or_ps(a.0, b.0)))
    }
    #[inline(always)]
    fn xor(self, a: F32x8, b: F32x8) -> F32x8 {
        F32x8(intrinsic!(_mm256_xor_ps(a.0, b.0)))
    }
    #[inline(always)]
    fn add_bits(self, a: F32x8, b: F32x8) -> F32x8 {
        F32x8(intrinsic!(_mm256_castsi256_ps(_mm256_add_epi32(
            _mm256_castps_si256(a.0),
            _mm256_castps_si256(b.0)
        ))))
    }
    #[inline(always)]
    fn shl_mantissa(self, a: F32x8) -> F32x8 {
        F32x8(intrinsic!(_mm256_castsi256_ps(_mm256_slli_epi32::<23>(
            _mm256_castps_si256(a.0)
        ))))
    }
    #[inline(always)]
    fn shr_mantissa(self, a: F32x8) -> F32x8 {
        F32x8(intrinsic!(_mm256_castsi256_ps(_mm256_srli_epi32::<23>(
            _mm256_castps_si256(a.0)
        ))))
    }
}

impl Vector<f64> for Avx2 {
    type V = F64x4;
    type Mask = __m256i;
    const LANES: usize = 4;
    const REGISTERS: usize = 16;

    #[inline(always)]
    fn set(self, x: f64) -> F64x4 {
        F64x4(intrinsic!(_mm256_set1_pd(x)))
    }
    #[inline(always)]
    fn set_bits(self, bits: u64) -> F64x4 {
        F64x4(intrinsic!(_mm256_castsi256_pd(_mm256_set1_epi64x(bits as i64))))
    }
    #[inline(always)]
    unsafe fn load(self, p: *const f64) -> F64x4 {
        F64x4(intrinsic!(_mm256_loadu_pd(p)))
    }
    #[inline(always)]
    unsafe fn store(self, p: *mut f64, v: F64x4) {
        intrinsic!(_mm256_storeu_pd(p, v.0));
    }
    #[inline(always)]
    fn prefetch(self, p: *const f64) {
        intrinsic!(_mm_prefetch::<_MM_HINT_T0>(p.cast()));
    }
    #[inline(always)]
    fn first(self, n: usize) -> __m256i {
        // SAFETY: the table is 4 integers longer than the window that is read.
        intrinsic!(_mm256_loadu_si256(FIRST_64.as_ptr().add(4 - n.min(4)).cast()))
    }
    #[inline(always)]
    unsafe fn load_masked(self, p: *const f64, m: __m256i) -> F64x4 {
        F64x4(intrinsic!(_mm256_maskload_pd(p, m)))
    }
    #[inline(always)]
    unsafe fn store_masked(self, p: *mut f64, m: __m256i, v: F64x4) {
        intrinsic!(_mm256_maskstore_pd(p, m, v.0));
    }
    #[inline(always)]
    fn select(self, m: __m256i, a: F64x4, b: F64x4) -> F64x4 {
        F64x4(intrinsic!(_mm256_blendv_pd(b.0, a.0, _mm256_castsi256_pd(m))))
    }
    #[inline(always)]
    unsafe fn transpose(self, from: *const f64, from_row: usize, to: *mut f64, to_row: usize) {
        intrinsic!({
            // Two columns at a time: the 128-bit halves of register i hold rows i and 2 + i.
            for column in (0..4).step_by(2) {
                let mut r = [_mm256_setzero_pd(); 2];
                for i in 0..2 {
                    let p = from.add(i * from_row + column);
                    let low = _mm256_castpd128_pd256(_mm_loadu_pd(p));
                    r[i] = _mm256_insertf128_pd::<1>(low, _mm_loadu_pd(p.add(2 * from_row)));
                }
                let to = to.add(column * to_row);
                _mm256_storeu_pd(to, _mm256_unpacklo_pd(r[0], r[1]));
                _mm256_storeu_pd(to.add(to_row), _mm256_unpackhi_pd(r[0], r[1]));
            }
        });
    }
    #[inline(always)]
    fn fma(self, a: F64x4, b: F64x4, c: F64x4) -> F64x4 {
        F64x4(intrinsic!(_mm256_fmadd_pd(a.0, b.0, c.0)))
    }
    #[inline(always)]
    fn root(self, x: F64x4) -> F64x4 {
        F64x4(intrinsic!(_mm256_sqrt_pd(x.0)))
    }
    #[inline(always)]
    fn lesser(self, a: F64x4, b: F64x4) -> F64x4 {
        F64x4(intrinsic!(_mm256_min_pd(a.0, b.0)))
    }
    #[inline(always)]
    fn greater(self, a: F64x4, b: F64x4) -> F64x4 {
        F64x4(intrinsic!(_mm256_max_pd(a.0, b.0)))
    }
    #[inline(always)]
    fn if_gt(self, a: F64x4, b: F64x4, then: F64x4, otherwise: F64x4) -> F64x4 {
        let m = intrinsic!(_mm256_cmp_pd::<_CMP_GT_OQ>(a.0, b.0));
        F64x4(intrinsic!(_mm256_blendv_pd(otherwise.0, then.0, m)))
    }
    #[inline(always)]
    fn if_ge(self, a: F64x4, b: F64x4, then: F64x4, otherwise: F64x4) -> F64x4 {
        let m = intrinsic!(_mm256_cmp_pd::<_CMP_GE_OQ>(a.0, b.0));
        F64x4(intrinsic!(_mm256_blendv_pd(otherwise.0, then.0, m)))
    }
    #[inline(always)]
    fn if_eq(self, a: F64x4, b: F64x4, then: F64x4, otherwise: F64x4) -> F64x4 {
        let m = intrinsic!(_mm256_cmp_pd::<_CMP_EQ_OQ>(a.0, b.0));
        F64x4(intrinsic!(_mm256_blendv_pd(otherwise.0, then.0, m)))
    }
    #[inline(always)]
    fn any_gt(self, a: F64x4, b: F64x4) -> bool {
        intrinsic!(_mm256_movemask_pd(_mm256_cmp_pd::<_CMP_GT_OQ>(a.0, b.0))) != 0
    }
    #[inline(always)]
    fn and(self, a: F64x4, b: F64x4) -> F64x4 {
        F64x4(intrinsic!(_mm256_and_pd(a.0, b.0)))
    }
    #[inline(always)]
    fn or(self, a: F64x4, b: F64x4) -> F64x4 {
        F64x4(intrinsic!(_mm256_or_pd(a.0, b.0)))
    }
    #[inline(always)]
    fn xor(self, a: F64x4, b: F64x4) -> F64x4 {
        F64x4(intrinsic!(_mm256_xor_pd(a.0, b.0)))
    }
    #[inline(always)]
    fn add_bits(self, a: F64x4, b: F64x4) -> F64x4 {
        F64x4(intrinsic!(_mm256_castsi256_pd(_mm256_add_epi64(
            _mm256_castpd_si256(a.0),
            _mm256_castpd_si256(b.0)
        ))))
    }
    #[inline(always)]
    fn shl_mantissa(self, a: F64x4) -> F64x4 {
        F64x4(intrinsic!(_mm256_castsi256_pd(_mm256_slli_epi64::<52>(
            _mm256_castpd_si256(a.0)
        ))))
    }
    #[inline(always)]
    fn shr_mantissa(self, a: F64x4) -> F64x4 {
        F64x4(intrinsic!(_mm256_castsi256_pd(_mm256_srli_epi64::<52>(
            _mm256_castpd_si256(a.0)
        ))))
    }
}
