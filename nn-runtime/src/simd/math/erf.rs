//! The error function.

use super::exp::exp;
use super::{abs, number, polynomial, with_sign};
use crate::Scalar;
use crate::simd::Vector;

/// At most 2 ulp off: `x + x·P(x²)` up to 1, `1 - e^(-x²)·Q(t)` with `t = (x - 2) / (x + 2)` beyond.
#[inline(always)]
pub(in crate::simd) fn erf<T: Scalar, S: Vector<T>>(s: S, x: S::V) -> S::V {
    let one = number(s, 1.0);
    let two = number(s, 2.0);
    let a = abs(s, x);
    let z = a * a;
    let near = s.fma(a, polynomial(s, z, T::K.erf), a);
    // NaN passes; beyond `erf_one` the subtrahend is below half an ulp of 1.
    let bounded = s.lesser(number(s, T::K.erf_one), a);
    let t = (bounded - two) / (bounded + two);
    let tail = exp(s, -(bounded * bounded)) * polynomial(s, t, T::K.erfc);
    with_sign(s, s.if_gt(a, one, one - tail, near), x)
}
