//! Convolutions and dense layers: four pixels at a time meet several rows of weights.

use core::arch::x86_64::*;
use core::mem::MaybeUninit;

use super::super::conv::Job;
use super::super::padded;
use super::super::patch::patch;
use super::super::rescale::LANES;
use crate::isa::Isa;

/// Bytes of the longest patch that is copied.
const LONGEST: usize = 8192;
/// Pixels of a block.
const PIXELS: usize = 4;

/// Computes all; with plain code alone, or where a patch of more than 8192 bytes lies scattered, nothing: `false`.
///
/// # Safety
/// The job's lengths fit.
#[inline(always)]
pub(in super::super) unsafe fn run(job: &Job<'_>) -> bool {
    let taps = job.conv.window.taps();
    if taps > 1 && taps * job.inputs > LONGEST {
        return false;
    }
    match Isa::current() {
        // SAFETY: the caller's; the current instruction set is one that the processor has.
        Isa::Avx512 if super::has_vnni() => unsafe { with_vnni(job) },
        // SAFETY: as above.
        Isa::Avx512 | Isa::Avx2 => unsafe { with_avx2(job) },
        _ => return false,
    }
    true
}

/// # Safety
/// The job's lengths fit.
#[target_feature(enable = "avx512f,avx512dq,avx512bw,avx512vl,avx512vnni,avx2,fma")]
unsafe fn with_vnni(job: &Job<'_>) {
    // SAFETY: the caller's; this function enables what the vectors need.
    unsafe { blocks::<Vnni, 4>(job) };
}

/// # Safety
/// The job's lengths fit.
#[target_feature(enable = "avx2,fma")]
unsafe fn with_avx2(job: &Job<'_>) {
    // SAFETY: as above.
    unsafe { blocks::<Avx2, 2>(job) };
}

/// Vectors along a patch.
///
/// # Safety
/// Every method demands a processor that has the instructions.
trait Vectors {
    type Bytes: Copy;
    type Sums: Copy;
    /// Elements of a vector.
    const STEP: usize;
    /// What [`Self::input`] adds to an element.
    const EXCESS: i8;
    unsafe fn zero() -> Self::Sums;
    /// The input where `count`, at most `STEP`, elements are left; the others count as any number.
    unsafe fn input(x: *const i8, count: usize) -> Self::Bytes;
    /// Weights, of which those beyond `count` are 0.
    unsafe fn weights(w: *const i8, count: usize) -> Self::Bytes;
    /// [`Self::input`] of zeros.
    unsafe fn excess() -> Self::Bytes;
    unsafe fn dot(sums: Self::Sums, x: Self::Bytes, w: Self::Bytes) -> Self::Sums;
    unsafe fn sum(sums: Self::Sums) -> i32;
}

struct Avx2;

impl Avx2 {
    /// # Safety
    /// As the trait's methods; there are `count` bytes.
    #[inline(always)]
    unsafe fn load(from: *const i8, count: usize) -> __m256i {
        // SAFETY: the caller's; fewer bytes than a vector are copied first.
        unsafe {
            if count >= Self::STEP {
                return _mm256_cvtepi8_epi16(_mm_loadu_si128(from.cast()));
            }
            let mut all = [0i8; Self::STEP];
            core::ptr::copy_nonoverlapping(from, all.as_mut_ptr(), count);
            _mm256_cvtepi8_epi16(_mm_loadu_si128(all.as_ptr().cast()))
        }
    }
}

impl Vectors for Avx2 {
    type Bytes = __m256i;
    type Sums = __m256i;
    const STEP: usize = 16;
    const EXCESS: i8 = 0;

    #[inline(always)]
    unsafe fn zero() -> __m256i {
        // SAFETY: the caller's.
        unsafe { _mm256_setzero_si256() }
    }

    #[inline(always)]
    unsafe fn input(x: *const i8, count: usize) -> __m256i {
        // SAFETY: the caller's.
        unsafe { Self::load(x, count) }
    }

    #[inline(always)]
    unsafe fn weights(w: *const i8, count: usize) -> __m256i {
        // SAFETY: the caller's.
        unsafe { Self::load(w, count) }
    }

    #[inline(always)]
    unsafe fn excess() -> __m256i {
        // SAFETY: the caller's.
        unsafe { _mm256_setzero_si256() }
    }

    #[inline(always)]
    unsafe fn dot(sums: __m256i, x: __m256i, w: __m256i) -> __m256i {
        // SAFETY: the caller's. Two products of bytes are far from 2^31.
        unsafe { _mm256_add_epi32(sums, _mm256_madd_epi16(x, w)) }
    }

    #[inline(always)]
    unsafe fn sum(sums: __m256i) -> i32 {
        // SAFETY: the caller's.
        unsafe {
            let half = _mm_add_epi32(_mm256_castsi256_si128(sums), _mm256_extracti128_si256::<1>(sums));
            let quarter = _mm_add_epi32(half, _mm_unpackhi_epi64(half, half));
            _mm_cvtsi128_si32(_mm_add_epi32(quarter, _mm_shuffle_epi32::<1>(quarter)))
        }
    }
}

struct Vnni;

impl Vnni {
    /// # Safety
    /// As the trait's methods; there are `count` bytes.
    #[inline(always)]
    unsafe fn load(from: *const i8, count: usize) -> __m512i {
        let mask = if count >= Self::STEP {
            !0
        } else {
            (1u64 << count) - 1
        };
        // SAFETY: the caller's; bytes without a bit in the mask are not touched.
        unsafe { _mm512_maskz_loadu_epi8(mask, from) }
    }
}

impl Vectors for Vnni {
    type Bytes = __m512i;
    type Sums = __m512i;
    const STEP: usize = 64;
    const EXCESS: i8 = i8::MIN;

    #[inline(always)]
    unsafe fn zero() -> __m512i {
        // SAFETY: the caller's.
        unsafe { _mm512_setzero_si512() }
    }

    #[inline(always)]
    unsafe fn input(x: *const i8, count: usize) -> __m512i {
        // SAFETY: the caller's. A changed sign is 128 more to a number without a sign.
        unsafe { _mm512_xor_si512(Self::load(x, count), Self::excess()) }
    }

    #[inline(always)]
    unsafe fn weights(w: *const i8, count: usize) -> __m512i {
        // SAFETY: the caller's.
        unsafe { Self::load(w, count) }
    }

    #[inline(always)]
    unsafe fn excess() -> __m512i {
        // SAFETY: the caller's.
        unsafe { _mm512_set1_epi8(Self::EXCESS) }
    }

    #[inline(always)]
    unsafe fn dot(sums: __m512i, x: __m512i, w: __m512i) -> __m512i {
        // SAFETY: the caller's.
        unsafe { _mm512_dpbusd_epi32(sums, x, w) }
    }

    #[inline(always)]
    unsafe fn sum(sums: __m512i) -> i32 {
        // SAFETY: the caller's.
        unsafe { _mm512_reduce_add_epi32(sums) }
    }
}

/// `C` rows of weights at a time.
///
/// # Safety
/// The job's lengths fit, and the processor has the instructions.
#[inline(always)]
unsafe fn blocks<V: Vectors, const C: usize>(job: &Job<'_>) {
    let window = &job.conv.window;
    let mut buffer = MaybeUninit::<[[i8; LONGEST]; PIXELS]>::uninit();
    let buffer = buffer.as_mut_ptr().cast::<i8>();
    for group in 0..job.conv.groups {
        let (mut pixel, mut done, all) = ([0, 0], 0, window.outputs());
        while done < all {
            let count = if all - done < PIXELS { 1 } else { PIXELS };
            let mut x = [job.x; PIXELS];
            // SAFETY: the pixels are some of the job's; a patch is copied where it fits the buffer alone.
            unsafe {
                for (p, x) in x.iter_mut().enumerate().take(count) {
                    *x = patch(job, pixel, group * job.inputs, buffer.add(p * LONGEST));
                    pixel[1] += 1;
                    if pixel[1] == window.output[1] {
                        pixel = [pixel[0] + 1, 0];
                    }
                }
                let y = job.y.add(done * job.conv.outputs);
                if count == PIXELS {
                    channels::<V, C, PIXELS>(job, group, x, y);
                } else {
                    channels::<V, C, 1>(job, group, [x[0]], y);
                }
            }
            done += count;
        }
    }
}

/// All channels of a group, of `P` pixels.
///
/// # Safety
/// As [`blocks`]; `x` are the pixels' patches, `y` points to the first pixel's outputs.
#[inline(always)]
unsafe fn channels<V: Vectors, const C: usize, const P: usize>(
    job: &Job<'_>,
    group: usize,
    x: [*const i8; P],
    y: *mut i8,
) {
    let k = job.conv.window.taps() * job.inputs;
    let length = padded(k);
    let end = (group + 1) * job.outputs;
    let mut first = end - job.outputs;
    while first < end {
        let lanes = LANES.min(end - first);
        let mut sums = [[0; LANES]; P];
        // SAFETY: the channels are some of the group's.
        unsafe {
            let mut c = 0;
            while c + C <= lanes {
                products::<V, C, P>(k, x, job.w.add((first + c) * length), length, c, &mut sums);
                c += C;
            }
            while c < lanes {
                products::<V, 1, P>(k, x, job.w.add((first + c) * length), length, c, &mut sums);
                c += 1;
            }
            for (p, sums) in sums.iter_mut().enumerate() {
                for (c, sum) in sums.iter_mut().enumerate().take(lanes) {
                    *sum = sum.wrapping_add(*job.b.add(first + c));
                }
                job.r
                    .apply_lanes(first, lanes, sums, y.add(p * job.conv.outputs + first));
            }
        }
        first += lanes;
    }
}

/// `Σ w · x` of `C` channels and `P` pixels, to lanes from `lane` on.
///
/// # Safety
/// As [`channels`]; `w` points to so many rows of `length` bytes.
#[inline(always)]
unsafe fn products<V: Vectors, const C: usize, const P: usize>(
    k: usize,
    x: [*const i8; P],
    w: *const i8,
    length: usize,
    lane: usize,
    sums: &mut [[i32; LANES]; P],
) {
    // SAFETY: the caller's.
    unsafe {
        let mut products = [[V::zero(); C]; P];
        let mut excess = [V::zero(); C];
        let mut at = 0;
        while at < k {
            let left = k - at;
            let mut inputs = [V::excess(); P];
            for (input, x) in inputs.iter_mut().zip(x) {
                *input = V::input(x.add(at), left);
            }
            for c in 0..C {
                let weights = V::weights(w.add(c * length + at), left);
                for p in 0..P {
                    products[p][c] = V::dot(products[p][c], inputs[p], weights);
                }
                if V::EXCESS != 0 {
                    excess[c] = V::dot(excess[c], V::excess(), weights);
                }
            }
            at += V::STEP;
        }
        for c in 0..C {
            let excess = if V::EXCESS != 0 { V::sum(excess[c]) } else { 0 };
            for p in 0..P {
                sums[p][lane + c] = V::sum(products[p][c]).wrapping_sub(excess);
            }
        }
    }
}
