//! Sine and cosine.

use super::{abs, large, number, polynomial};
use crate::Scalar;
use crate::simd::Vector;

/// At most 1.5 ulp off, for every finite argument; NaN for infinities.
#[inline(always)]
pub(in crate::simd) fn sin<T: Scalar, S: Vector<T>>(s: S, x: S::V) -> S::V {
    let y = sin_of_sum(s, x, 0);
    s.if_gt(abs(s, x), number(s, T::K.tiny), y, x)
}

/// At most 1.5 ulp off, for every finite argument; NaN for infinities.
#[inline(always)]
pub(in crate::simd) fn cos<T: Scalar, S: Vector<T>>(s: S, x: S::V) -> S::V {
    sin_of_sum(s, x, 1)
}

/// `sin(x + quarters · π/2)`
///
/// `x = n π/2 + high + low` after Cody and Waite; the lanes where that is not exact enough, because `x` is large or very
/// near a multiple of π/2, are done again one by one (Payne and Hanek, `large.rs`).
#[inline(always)]
fn sin_of_sum<T: Scalar, S: Vector<T>>(s: S, x: S::V, quarters: u64) -> S::V {
    let zero = number(s, 0.0);
    let magic = number(s, T::K.magic);
    let shifted = s.fma(x, number(s, core::f64::consts::FRAC_2_PI), magic);
    let n = shifted - magic;
    // Exact: few digits in `n` and in the first two parts of π/2, and what cancels is close.
    let first = s.fma(n, number(s, -T::K.half_pi[0]), x);
    let second = n * number(s, T::K.half_pi[1]);
    let r = first - second;
    let low = s.fma(n, number(s, -T::K.half_pi[2]), (first - r) - second);
    let high = r + low;
    let low = (r - high) + low;

    let turned = s.add_bits(shifted, s.set_bits(quarters));
    let y = eval(s, turned, high, low);

    let too_large = s.if_gt(abs(s, x), number(s, T::K.trig_limit), number(s, 1.0), zero);
    let cancelled = s.if_gt(abs(s, n), zero, number(s, T::K.trig_least), zero);
    let again = s.if_gt(cancelled, abs(s, high), number(s, 1.0), too_large);
    if s.any_gt(again, zero) {
        one_by_one(s, x, y, again, quarters)
    } else {
        y
    }
}

/// Sine of `r = high + low`, `|r| <= π/4`, turned by as many quarters as the low bits of `quarters` say.
#[inline(always)]
fn eval<T: Scalar, S: Vector<T>>(s: S, quarters: S::V, high: S::V, low: S::V) -> S::V {
    let zero = number(s, 0.0);
    let z = high * high;
    let sine = high + s.fma(high * z, polynomial(s, z, T::K.sin), low);
    let half = number(s, 0.5) * z;
    let w = number(s, 1.0) - half;
    // What the subtraction lost, and the derivative times `low`.
    let lost = (number(s, 1.0) - w) - half;
    let cosine = w + s.fma(z * z, polynomial(s, z, T::K.cos), lost - high * low);
    // A lone low bit, moved to where the exponent is, makes a number above 0.
    let odd = s.shl_mantissa(s.and(quarters, s.set_bits(1)));
    let negative = s.shl_mantissa(s.and(quarters, s.set_bits(2)));
    let y = s.if_gt(odd, zero, cosine, sine);
    s.if_gt(negative, zero, -y, y)
}

/// Computes the lanes again where `again` is above 0.
#[inline(always)]
fn one_by_one<T: Scalar, S: Vector<T>>(s: S, x: S::V, y: S::V, again: S::V, quarters: u64) -> S::V {
    let mut lanes = [[T::ZERO; 16]; 3];
    // SAFETY: no vector has more than 16 lanes.
    unsafe {
        s.store(lanes[0].as_mut_ptr(), x);
        s.store(lanes[1].as_mut_ptr(), y);
        s.store(lanes[2].as_mut_ptr(), again);
    }
    large::sin_lanes(&mut lanes, S::LANES, quarters);
    // SAFETY: as above.
    unsafe { s.load(lanes[1].as_ptr()) }
}

/// [`eval`] for one number in double precision.
pub(super) fn eval_one(quarters: u64, high: f64, low: f64) -> f64 {
    eval::<f64, _>(crate::simd::Portable::new(), f64::from_bits(quarters), high, low)
}
