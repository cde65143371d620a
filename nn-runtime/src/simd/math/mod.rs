//! The elementary functions, written once over [`Vector`] for both number types.

use super::Vector;
use crate::Scalar;

/// What the elementary functions need to know of a number type.
#[doc(hidden)]
pub trait Math: Sized {
    /// The sign bit.
    const SIGN: u64;

    fn exp<S: Vector<Self>>(s: S, x: S::V) -> S::V
    where
        Self: Scalar;
    fn exp_m1<S: Vector<Self>>(s: S, x: S::V) -> S::V
    where
        Self: Scalar;
    fn ln<S: Vector<Self>>(s: S, x: S::V) -> S::V
    where
        Self: Scalar;
    fn ln_1p<S: Vector<Self>>(s: S, x: S::V) -> S::V
    where
        Self: Scalar;
    fn tanh<S: Vector<Self>>(s: S, x: S::V) -> S::V
    where
        Self: Scalar;
    fn sigmoid<S: Vector<Self>>(s: S, x: S::V) -> S::V
    where
        Self: Scalar;
    fn erf<S: Vector<Self>>(s: S, x: S::V) -> S::V
    where
        Self: Scalar;
    fn sin<S: Vector<Self>>(s: S, x: S::V) -> S::V
    where
        Self: Scalar;
    fn cos<S: Vector<Self>>(s: S, x: S::V) -> S::V
    where
        Self: Scalar;
}

#[inline(always)]
fn lanewise<T: Scalar, S: Vector<T>>(s: S, x: S::V, f: impl Fn(f64) -> f64) -> S::V {
    let mut lanes = [T::ZERO; 16];
    // SAFETY: no vector has more than 16 lanes.
    unsafe {
        s.store(lanes.as_mut_ptr(), x);
        for lane in &mut lanes[..S::LANES] {
            *lane = T::from_f64(f(lane.to_f64()));
        }
        s.load(lanes.as_ptr())
    }
}

/// Maclaurin series near 0, 1 beyond 6.
fn erf(x: f64) -> f64 {
    if x.is_nan() || x == 0.0 {
        return x;
    }
    if x.abs() > 6.0 {
        return x.signum();
    }
    let (mut term, mut sum, mut n) = (x, x, 0.0);
    while term.abs() > 1e-18 * sum.abs() && n < 300.0 {
        n += 1.0;
        // All terms positive: erf x = 2/√π e^(-x²) Σ 2^n x^(2n+1) / (2n+1)!!
        term *= 2.0 * x * x / (2.0 * n + 1.0);
        sum += term;
    }
    core::f64::consts::FRAC_2_SQRT_PI * (-x * x).exp() * sum
}

macro_rules! math {
    ($t:ty, $sign:expr) => {
        impl Math for $t {
            const SIGN: u64 = $sign;

            #[inline(always)]
            fn exp<S: Vector<Self>>(s: S, x: S::V) -> S::V {
                lanewise::<Self, S>(s, x, f64::exp)
            }
            #[inline(always)]
            fn exp_m1<S: Vector<Self>>(s: S, x: S::V) -> S::V {
                lanewise::<Self, S>(s, x, f64::exp_m1)
            }
            #[inline(always)]
            fn ln<S: Vector<Self>>(s: S, x: S::V) -> S::V {
                lanewise::<Self, S>(s, x, f64::ln)
            }
            #[inline(always)]
            fn ln_1p<S: Vector<Self>>(s: S, x: S::V) -> S::V {
                lanewise::<Self, S>(s, x, f64::ln_1p)
            }
            #[inline(always)]
            fn tanh<S: Vector<Self>>(s: S, x: S::V) -> S::V {
                lanewise::<Self, S>(s, x, f64::tanh)
            }
            #[inline(always)]
            fn sigmoid<S: Vector<Self>>(s: S, x: S::V) -> S::V {
                lanewise::<Self, S>(s, x, |x| 1.0 / (1.0 + (-x).exp()))
            }
            #[inline(always)]
            fn erf<S: Vector<Self>>(s: S, x: S::V) -> S::V {
                lanewise::<Self, S>(s, x, erf)
            }
            #[inline(always)]
            fn sin<S: Vector<Self>>(s: S, x: S::V) -> S::V {
                lanewise::<Self, S>(s, x, f64::sin)
            }
            #[inline(always)]
            fn cos<S: Vector<Self>>(s: S, x: S::V) -> S::V {
                lanewise::<Self, S>(s, x, f64::cos)
            }
        }
    };
}
math!(f32, 1 << 31);
math!(f64, 1 << 63);
