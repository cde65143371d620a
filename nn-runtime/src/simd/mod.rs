//! One trait over the instruction sets. A kernel is written once against [`Simd`] and compiled for each of them.
//!
//! A token that implements [`Simd`] is made only by the dispatcher, inside a function that enables its
//! instruction set; a vector is made only by a token. So the safe methods and operators here are sound: whoever
//! holds a vector already runs where its instructions exist.
#![allow(
    clippy::needless_range_loop,
    reason = "several arrays at one index, which also unrolls well"
)]

mod math;
#[cfg(target_arch = "aarch64")]
pub(crate) mod neon;
mod portable;
#[cfg(any(
    target_arch = "x86_64",
    target_arch = "aarch64",
    all(target_arch = "wasm32", target_feature = "simd128")
))]
mod register;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
pub(crate) mod wasm;
#[cfg(target_arch = "x86_64")]
pub(crate) mod x86;

#[doc(hidden)]
pub use math::{Constants, Math};
pub(crate) use portable::Portable;

use crate::Scalar;
use core::ops::{Add, Div, Mul, Neg, Sub};

/// A vector of numbers with lanewise operators.
pub trait Lanes:
    Copy + Add<Output = Self> + Sub<Output = Self> + Mul<Output = Self> + Div<Output = Self> + Neg<Output = Self>
{
}

impl<V> Lanes for V where
    V: Copy
        + Add<Output = Self>
        + Sub<Output = Self>
        + Mul<Output = Self>
        + Div<Output = Self>
        + Neg<Output = Self>
{
}

/// What an instruction set does itself: the ground on which [`Simd`] and the kernels stand.
///
/// Bitwise methods treat a lane as an unsigned integer of its size.
#[doc(hidden)]
pub trait Vector<T: Scalar>: Copy {
    /// A vector.
    type V: Lanes;
    /// Which lanes take part.
    type Mask: Copy;
    /// Numbers per vector: 1, 2, 4, 8 or 16.
    const LANES: usize;
    /// Vector registers that a kernel may count on.
    const REGISTERS: usize;

    /// The number in every lane.
    fn set(self, x: T) -> Self::V;
    /// The bits in every lane.
    fn set_bits(self, bits: u64) -> Self::V;

    /// # Safety
    /// `p` is valid for reading `LANES` numbers.
    unsafe fn load(self, p: *const T) -> Self::V;
    /// # Safety
    /// `p` is valid for writing `LANES` numbers.
    unsafe fn store(self, p: *mut T, v: Self::V);
    /// Asks for the cache line of `p`, which need not be valid.
    #[inline(always)]
    fn prefetch(self, _: *const T) {}
    /// The first `n` lanes (all, for `n >= LANES`).
    fn first(self, n: usize) -> Self::Mask;
    /// Zero in the lanes outside the mask.
    /// # Safety
    /// `p` is valid for reading the mask's lanes.
    unsafe fn load_masked(self, p: *const T, m: Self::Mask) -> Self::V;
    /// Leaves the lanes outside the mask as they are.
    /// # Safety
    /// `p` is valid for writing the mask's lanes.
    unsafe fn store_masked(self, p: *mut T, m: Self::Mask, v: Self::V);
    /// `a` in the mask's lanes, `b` in the others.
    fn select(self, m: Self::Mask, a: Self::V, b: Self::V) -> Self::V;
    /// `to[j · to_row + i] = from[i · from_row + j]` for a block of `LANES` by `LANES` numbers.
    /// # Safety
    /// `from` is valid for reading and `to` for writing what the formula names.
    unsafe fn transpose(self, from: *const T, from_row: usize, to: *mut T, to_row: usize);

    /// `a · b + c`, rounded once where the instruction set has it (all but `simd128`, and `scalar` without hardware FMA).
    fn fma(self, a: Self::V, b: Self::V, c: Self::V) -> Self::V;
    /// `x · 2^n`, rounded once; `n` is an integer, not far beyond the exponents of the number type.
    #[inline(always)]
    fn scale(self, x: Self::V, n: Self::V) -> Self::V {
        math::exp::scale_in_two_steps(self, x, n)
    }
    /// Correctly rounded square root.
    fn root(self, x: Self::V) -> Self::V;
    /// `if a < b { a } else { b }`
    fn lesser(self, a: Self::V, b: Self::V) -> Self::V;
    /// `if a > b { a } else { b }`
    fn greater(self, a: Self::V, b: Self::V) -> Self::V;
    /// `if a > b { then } else { otherwise }`, lane by lane; false where a lane is NaN.
    fn if_gt(self, a: Self::V, b: Self::V, then: Self::V, otherwise: Self::V) -> Self::V;
    /// `if a >= b { then } else { otherwise }`
    fn if_ge(self, a: Self::V, b: Self::V, then: Self::V, otherwise: Self::V) -> Self::V;
    /// `if a == b { then } else { otherwise }`
    fn if_eq(self, a: Self::V, b: Self::V, then: Self::V, otherwise: Self::V) -> Self::V;
    /// Whether `a > b` in any lane.
    fn any_gt(self, a: Self::V, b: Self::V) -> bool;

    /// Bitwise and.
    fn and(self, a: Self::V, b: Self::V) -> Self::V;
    /// Bitwise or.
    fn or(self, a: Self::V, b: Self::V) -> Self::V;
    /// Bitwise exclusive or.
    fn xor(self, a: Self::V, b: Self::V) -> Self::V;
    /// Sum of the lanes as integers, modulo their size.
    fn add_bits(self, a: Self::V, b: Self::V) -> Self::V;
    /// The bits moved up by the size of the mantissa.
    fn shl_mantissa(self, a: Self::V) -> Self::V;
    /// The bits moved down by the size of the mantissa.
    fn shr_mantissa(self, a: Self::V) -> Self::V;
}

/// Elementwise mathematics on vectors of one instruction set.
///
/// Errors are in units in the last place (ulp) of the result, over the whole range of arguments, subnormals
/// included. Infinities, signed zeros and NaN give what IEEE 754 and C99 say. Every instruction set with fused
/// multiply-add gives the same bits.
pub trait Simd<T: Scalar>: Vector<T> {
    /// The number in every lane, rounded to `T`.
    #[inline(always)]
    fn splat(self, x: f64) -> Self::V {
        self.set(T::from_f64(x))
    }

    /// `-x`
    #[inline(always)]
    fn neg(self, x: Self::V) -> Self::V {
        -x
    }

    /// `|x|`
    #[inline(always)]
    fn abs(self, x: Self::V) -> Self::V {
        self.and(x, self.set_bits(T::K.sign - 1))
    }

    /// Square root, correctly rounded.
    #[inline(always)]
    fn sqrt(self, x: Self::V) -> Self::V {
        self.root(x)
    }

    /// The lesser; NaN if either is NaN (as PyTorch, unlike `f32::min`). Of two zeros, `b`.
    #[inline(always)]
    fn min(self, a: Self::V, b: Self::V) -> Self::V {
        self.if_eq(a, a, self.lesser(a, b), a)
    }

    /// The greater; NaN if either is NaN (as PyTorch, unlike `f32::max`). Of two zeros, `b`.
    #[inline(always)]
    fn max(self, a: Self::V, b: Self::V) -> Self::V {
        self.if_eq(a, a, self.greater(a, b), a)
    }

    /// `a · b + c`, rounded once wherever the instruction set has it.
    #[inline(always)]
    fn mul_add(self, a: Self::V, b: Self::V, c: Self::V) -> Self::V {
        self.fma(a, b, c)
    }

    /// `if a > b { then } else { otherwise }`, lane by lane; false where a lane is NaN.
    #[inline(always)]
    fn where_gt(self, a: Self::V, b: Self::V, then: Self::V, otherwise: Self::V) -> Self::V {
        self.if_gt(a, b, then, otherwise)
    }

    /// `if a >= b { then } else { otherwise }`, lane by lane; false where a lane is NaN.
    #[inline(always)]
    fn where_ge(self, a: Self::V, b: Self::V, then: Self::V, otherwise: Self::V) -> Self::V {
        self.if_ge(a, b, then, otherwise)
    }

    /// `if a == b { then } else { otherwise }`, lane by lane; false where a lane is NaN.
    #[inline(always)]
    fn where_eq(self, a: Self::V, b: Self::V, then: Self::V, otherwise: Self::V) -> Self::V {
        self.if_eq(a, b, then, otherwise)
    }

    /// `e^x`, at most 1 ulp off.
    #[inline(always)]
    fn exp(self, x: Self::V) -> Self::V {
        math::exp::exp(self, x)
    }

    /// `e^x - 1`, at most 1.5 ulp off, near 0 too.
    #[inline(always)]
    fn exp_m1(self, x: Self::V) -> Self::V {
        math::exp::exp_m1(self, x)
    }

    /// Natural logarithm, at most 1 ulp off; `-inf` at 0, NaN below.
    #[inline(always)]
    fn ln(self, x: Self::V) -> Self::V {
        math::ln::ln(self, x)
    }

    /// `ln(1 + x)`, at most 1.5 ulp off, near 0 too; `-inf` at -1, NaN below.
    #[inline(always)]
    fn ln_1p(self, x: Self::V) -> Self::V {
        math::ln::ln_1p(self, x)
    }

    /// Hyperbolic tangent, at most 2.5 ulp off.
    #[inline(always)]
    fn tanh(self, x: Self::V) -> Self::V {
        math::exp::tanh(self, x)
    }

    /// `1 / (1 + e^-x)`, at most 2.5 ulp off.
    #[inline(always)]
    fn sigmoid(self, x: Self::V) -> Self::V {
        math::exp::sigmoid(self, x)
    }

    /// The error function, `2/√π ∫₀ˣ e^(-t²) dt`, at most 2 ulp off.
    #[inline(always)]
    fn erf(self, x: Self::V) -> Self::V {
        math::erf::erf(self, x)
    }

    /// Sine of `x` radians, at most 1.5 ulp off.
    #[inline(always)]
    fn sin(self, x: Self::V) -> Self::V {
        math::trig::sin(self, x)
    }

    /// Cosine of `x` radians, at most 1.5 ulp off.
    #[inline(always)]
    fn cos(self, x: Self::V) -> Self::V {
        math::trig::cos(self, x)
    }
}

impl<T: Scalar, S: Vector<T>> Simd<T> for S {}

/// An elementwise expression of `N` operands: the expansion of `network!` implements it for each formula.
///
/// `eval` must be `#[inline(always)]`, so that it is compiled for the instruction set of the kernel that calls it.
pub trait Formula<const N: usize>: Copy + Send + Sync {
    /// Whether `eval` returns its first operand; lets a kernel skip a pass.
    #[doc(hidden)]
    const IDENTITY: bool = false;

    /// The expression's value, lane by lane.
    fn eval<T: Scalar, S: Simd<T>>(self, s: S, x: [S::V; N]) -> S::V;
}

/// `x`
#[derive(Clone, Copy, Debug, Default)]
pub struct Identity;

impl Formula<1> for Identity {
    const IDENTITY: bool = true;

    #[inline(always)]
    fn eval<T: Scalar, S: Simd<T>>(self, _: S, [x]: [S::V; 1]) -> S::V {
        x
    }
}

/// A computation that the dispatcher compiles once per instruction set.
#[doc(hidden)]
pub trait Kernel<T: Scalar> {
    /// Its result.
    type Output;
    /// Must be `#[inline(always)]`.
    fn run<S: Simd<T>>(self, s: S) -> Self::Output;
}
