//! One number at a time: every machine, with or without an operating system.

use super::Vector;

/// The token of the scalar instruction set.
#[derive(Clone, Copy)]
pub(crate) struct Portable(());

impl Portable {
    /// Always sound: it needs nothing of the processor.
    #[inline(always)]
    pub(crate) const fn new() -> Self {
        Self(())
    }
}

macro_rules! portable {
    ($t:ty, $bits:ty, $mantissa:expr, $fma:path, $root:path) => {
        impl Vector<$t> for Portable {
            type V = $t;
            type Mask = bool;
            const LANES: usize = 1;
            const REGISTERS: usize = 16;

            #[inline(always)]
            fn set(self, x: $t) -> $t {
                x
            }
            #[inline(always)]
            fn set_bits(self, bits: u64) -> $t {
                <$t>::from_bits(bits as $bits)
            }
            #[inline(always)]
            unsafe fn load(self, p: *const $t) -> $t {
                // SAFETY: the caller's.
                unsafe { p.read() }
            }
            #[inline(always)]
            unsafe fn store(self, p: *mut $t, v: $t) {
                // SAFETY: the caller's.
                unsafe { p.write(v) }
            }
            #[inline(always)]
            fn first(self, n: usize) -> bool {
                n > 0
            }
            #[inline(always)]
            unsafe fn load_masked(self, p: *const $t, m: bool) -> $t {
                // SAFETY: the caller's, where the mask holds.
                if m { unsafe { p.read() } } else { 0.0 }
            }
            #[inline(always)]
            unsafe fn store_masked(self, p: *mut $t, m: bool, v: $t) {
                if m {
                    // SAFETY: the caller's.
                    unsafe { p.write(v) }
                }
            }
            #[inline(always)]
            fn select(self, m: bool, a: $t, b: $t) -> $t {
                if m { a } else { b }
            }
            #[inline(always)]
            unsafe fn transpose(self, from: *const $t, _: usize, to: *mut $t, _: usize) {
                // SAFETY: the caller's.
                unsafe { to.write(from.read()) }
            }
            #[inline(always)]
            fn fma(self, a: $t, b: $t, c: $t) -> $t {
                $fma(a, b, c)
            }
            #[inline(always)]
            fn root(self, x: $t) -> $t {
                $root(x)
            }
            #[inline(always)]
            fn lesser(self, a: $t, b: $t) -> $t {
                if a < b { a } else { b }
            }
            #[inline(always)]
            fn greater(self, a: $t, b: $t) -> $t {
                if a > b { a } else { b }
            }
            #[inline(always)]
            fn if_gt(self, a: $t, b: $t, then: $t, otherwise: $t) -> $t {
                if a > b { then } else { otherwise }
            }
            #[inline(always)]
            fn if_ge(self, a: $t, b: $t, then: $t, otherwise: $t) -> $t {
                if a >= b { then } else { otherwise }
            }
            #[inline(always)]
            fn if_eq(self, a: $t, b: $t, then: $t, otherwise: $t) -> $t {
                if a == b { then } else { otherwise }
            }
            #[inline(always)]
            fn any_gt(self, a: $t, b: $t) -> bool {
                a > b
            }
            #[inline(always)]
            fn and(self, a: $t, b: $t) -> $t {
                <$t>::from_bits(a.to_bits() & b.to_bits())
            }
            #[inline(always)]
            fn or(self, a: $t, b: $t) -> $t {
                <$t>::from_bits(a.to_bits() | b.to_bits())
            }
            #[inline(always)]
            fn xor(self, a: $t, b: $t) -> $t {
                <$t>::from_bits(a.to_bits() ^ b.to_bits())
            }
            #[inline(always)]
            fn add_bits(self, a: $t, b: $t) -> $t {
                <$t>::from_bits(a.to_bits().wrapping_add(b.to_bits()))
            }
            #[inline(always)]
            fn shl_mantissa(self, a: $t) -> $t {
                <$t>::from_bits(a.to_bits() << $mantissa)
            }
            #[inline(always)]
            fn shr_mantissa(self, a: $t) -> $t {
                <$t>::from_bits(a.to_bits() >> $mantissa)
            }
        }
    };
}
portable!(f32, u32, 23, fma_f32, root_f32);
portable!(f64, u64, 52, fma_f64, root_f64);

// A fused multiply-add in software costs a hundred times a multiplication, so it is used only where the
// build may assume the instruction.
macro_rules! multiply_add {
    ($name:ident, $t:ty) => {
        #[cfg(all(feature = "std", any(target_feature = "fma", target_arch = "aarch64")))]
        #[inline(always)]
        fn $name(a: $t, b: $t, c: $t) -> $t {
            a.mul_add(b, c)
        }
        #[cfg(not(all(feature = "std", any(target_feature = "fma", target_arch = "aarch64"))))]
        #[inline(always)]
        fn $name(a: $t, b: $t, c: $t) -> $t {
            a * b + c
        }
    };
}
multiply_add!(fma_f32, f32);
multiply_add!(fma_f64, f64);

#[cfg(feature = "std")]
#[inline(always)]
fn root_f32(x: f32) -> f32 {
    x.sqrt()
}

#[cfg(feature = "std")]
#[inline(always)]
fn root_f64(x: f64) -> f64 {
    x.sqrt()
}

#[cfg(not(feature = "std"))]
fn root_f32(x: f32) -> f32 {
    // A square root of 24 bits is rounded twice without harm if the first time is to 53 bits (Figueroa, 1995).
    soft_root(f64::from(x)) as f32
}

#[cfg(not(feature = "std"))]
fn root_f64(x: f64) -> f64 {
    soft_root(x)
}

/// Digit by digit, as one does by hand: `core` has no square root.
#[cfg(any(test, not(feature = "std")))]
fn soft_root(x: f64) -> f64 {
    if !(x > 0.0 && x < f64::INFINITY) {
        // Zeros, infinity and NaN are their own roots; below zero there is none.
        return if x < 0.0 { f64::NAN } else { x };
    }
    // x = m · 2^(e - 52) with 2^52 <= m < 2^53 and e even after the adjustment.
    let (mut m, mut e) = {
        let bits = x.to_bits();
        let (field, fraction) = ((bits >> 52) as i64, bits & ((1 << 52) - 1));
        if field == 0 {
            let shift = fraction.leading_zeros() as i64 - 11;
            (fraction << shift, 1 - shift - 1023)
        } else {
            (fraction | 1 << 52, field - 1023)
        }
    };
    if e & 1 != 0 {
        m <<= 1;
        e -= 1;
    }
    // Floor of sqrt(m · 2^54), 54 bits: one more than the result has, to round by.
    let mut rest = u128::from(m) << 54;
    let mut root: u128 = 0;
    let mut bit: u128 = 1 << 108;
    while bit > 0 {
        if rest >= root + bit {
            rest -= root + bit;
            root = (root >> 1) + bit;
        } else {
            root >>= 1;
        }
        bit >>= 2;
    }
    // Half-way cases cannot occur: a root that ends in exactly one more bit would have a square of more than 53 bits.
    let rounded = ((root + 1) >> 1) as u64;
    let exponent = (e / 2 + 1023) as u64;
    f64::from_bits((exponent << 52) + (rounded - (1 << 52)))
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_software_root_is_the_hardware_one() {
        let mut state = 1u64;
        for i in 0..200_000 {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let x = f64::from_bits(if i % 8 == 0 { state >> 13 } else { state >> 1 });
            if x.is_nan() {
                continue;
            }
            let soft = super::soft_root(x);
            assert_eq!(soft.to_bits(), x.sqrt().to_bits(), "sqrt({x:e})");
        }
        assert_eq!(super::soft_root(-0.0).to_bits(), (-0.0f64).to_bits());
        assert!(super::soft_root(-1.0).is_nan());
        assert_eq!(super::soft_root(f64::INFINITY), f64::INFINITY);
    }
}
