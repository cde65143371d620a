//! `e^x` and what is made of it: `e^x - 1`, the hyperbolic tangent, the logistic function.

use super::{abs, number, polynomial, with_sign};
use crate::Scalar;
use crate::simd::Vector;

/// `x = n ln 2 + r` with `|r| <= ln 2 / 2`; gives `n` and `e^r - 1`.
#[inline(always)]
fn reduce<T: Scalar, S: Vector<T>>(s: S, x: S::V) -> (S::V, S::V) {
    let magic = number(s, T::K.magic);
    let n = s.fma(x, number(s, core::f64::consts::LOG2_E), magic) - magic;
    let r = s.fma(n, number(s, -T::K.ln2[0]), x);
    let r = s.fma(n, number(s, -T::K.ln2[1]), r);
    (n, s.fma(r * r, polynomial(s, r, T::K.exp), r))
}

/// `2^n` for an integer `n` among the exponents of normal numbers.
#[inline(always)]
pub(in crate::simd) fn power_of_two<T: Scalar, S: Vector<T>>(s: S, n: S::V) -> S::V {
    s.shl_mantissa(n + number(s, T::K.magic + T::K.bias))
}

/// `x · 2^n`, rounded once, in two steps, so that `n` may go somewhat beyond the exponents of normal numbers.
#[inline(always)]
pub(in crate::simd) fn scale_in_two_steps<T: Scalar, S: Vector<T>>(s: S, x: S::V, n: S::V) -> S::V {
    let magic = number(s, T::K.magic);
    let half = s.fma(n, number(s, 0.5), magic) - magic;
    x * power_of_two(s, half) * power_of_two(s, n - half)
}

/// At most 1 ulp off.
#[inline(always)]
pub(in crate::simd) fn exp<T: Scalar, S: Vector<T>>(s: S, x: S::V) -> S::V {
    let [least, most] = T::K.exp_range;
    // In this order NaN passes through.
    let x = s.lesser(number(s, most), s.greater(number(s, least), x));
    let (n, p) = reduce(s, x);
    s.scale(number(s, 1.0) + p, n)
}

/// At most 1.5 ulp off.
#[inline(always)]
pub(in crate::simd) fn exp_m1<T: Scalar, S: Vector<T>>(s: S, x: S::V) -> S::V {
    let bounded = s.greater(number(s, T::K.exp_m1_least), x);
    let bounded = s.lesser(number(s, T::K.exp_range[1]), bounded);
    let (n, p) = reduce(s, bounded);
    // 2^n (p + 1) - 1, halved meanwhile because 2^n itself may be out of range.
    let half = power_of_two(s, n - number(s, 1.0));
    let y = s.fma(half, p, half - number(s, 0.5));
    s.if_gt(abs(s, x), number(s, T::K.tiny), y + y, x)
}

/// At most 2.5 ulp off. `tanh |x| = (1 - e) / (1 + e)` with `e = e^(-2|x|)`, without cancellation.
#[inline(always)]
pub(in crate::simd) fn tanh<T: Scalar, S: Vector<T>>(s: S, x: S::V) -> S::V {
    let e = exp_m1(s, abs(s, x) * number(s, -2.0));
    let y = with_sign(s, -e / (e + number(s, 2.0)), x);
    // The quotient of a tiny number rounds where it would not need to.
    s.if_gt(abs(s, x), number(s, T::K.tiny), y, x)
}

/// At most 2.5 ulp off: with `e = e^(-|x|)`, `1 / (1 + e)` on the right, `e / (1 + e)` on the left.
#[inline(always)]
pub(in crate::simd) fn sigmoid<T: Scalar, S: Vector<T>>(s: S, x: S::V) -> S::V {
    let e = exp(s, -abs(s, x));
    let one = number(s, 1.0);
    // NaN takes the right side, where it stays NaN.
    s.if_gt(number(s, 0.0), x, e, one) / (one + e)
}
