//! Natural logarithms.

use super::{abs, number, polynomial};
use crate::Scalar;
use crate::simd::Vector;

/// `x = m · 2^e` with `m` between `√½` and `√2`, for a positive normal number.
#[inline(always)]
fn split<T: Scalar, S: Vector<T>>(s: S, x: S::V) -> (S::V, S::V) {
    let moved = s.add_bits(x, s.set_bits(T::K.one - T::K.root_half));
    let m = s.add_bits(
        s.and(moved, s.set_bits(T::K.mantissa)),
        s.set_bits(T::K.root_half),
    );
    // The exponent field as the low bits of a number whose last digit counts 1.
    let unit = number(s, T::K.unit);
    let e = s.or(s.shr_mantissa(moved), unit) - number(s, T::K.unit + T::K.bias);
    (m, e)
}

/// `ln(m · 2^e) + correction`
///
/// With `f = m - 1` and `s = f / (2 + f)`: `ln(1 + f) = ln((1 + s)/(1 - s)) = f - f²/2 + s (f²/2 + R(s²))`, which
/// keeps the large terms exact (Tang, 1990, and the Sun libraries after him).
#[inline(always)]
fn join<T: Scalar, S: Vector<T>>(s: S, m: S::V, e: S::V, correction: S::V) -> S::V {
    let f = m - number(s, 1.0);
    let half_square = number(s, 0.5) * f * f;
    let q = f / (number(s, 2.0) + f);
    let z = q * q;
    let r = z * polynomial(s, z, T::K.ln);
    let low = s.fma(e, number(s, T::K.ln2[1]), correction);
    let small = s.fma(q, half_square + r, low);
    s.fma(e, number(s, T::K.ln2[0]), f - (half_square - small))
}

/// At most 1 ulp off.
#[inline(always)]
pub(in crate::simd) fn ln<T: Scalar, S: Vector<T>>(s: S, x: S::V) -> S::V {
    let least = number(s, T::K.least);
    let zero = number(s, 0.0);
    let infinity = number(s, f64::INFINITY);
    let normal = s.if_gt(least, x, x * number(s, T::K.unit), x);
    let (m, e) = split(s, normal);
    let e = e - s.if_gt(least, x, number(s, T::K.digits), zero);
    let y = join(s, m, e, zero);
    let y = s.if_eq(x, infinity, x, y);
    let outside = s.if_eq(x, zero, -infinity, number(s, f64::NAN));
    s.if_gt(x, zero, y, outside)
}

/// At most 1.5 ulp off. `1 + x` rounds to `u`; what the rounding lost comes back as `(x - (u - 1)) / u`.
#[inline(always)]
pub(in crate::simd) fn ln_1p<T: Scalar, S: Vector<T>>(s: S, x: S::V) -> S::V {
    let one = number(s, 1.0);
    let infinity = number(s, f64::INFINITY);
    let u = one + x;
    let lost = (x - (u - one)) / u;
    let (m, e) = split(s, u);
    let y = join(s, m, e, lost);
    let y = s.if_eq(x, infinity, x, y);
    let outside = s.if_eq(x, -one, -infinity, number(s, f64::NAN));
    let y = s.if_gt(x, -one, y, outside);
    // Also where x is NaN.
    s.if_gt(abs(s, x), number(s, T::K.tiny), y, x)
}
