//! Sine of large arguments, and of arguments next to a multiple of π/2 (Payne and Hanek, 1983).

use super::trig;
use crate::Scalar;

/// The first 1280 bits of 2/π behind the point.
const TWO_OVER_PI: [u64; 20] = [
    0xa2f9_836e_4e44_1529,
    0xfc27_57d1_f534_ddc0,
    0xdb62_9599_3c43_9041,
    0xfe51_63ab_debb_c561,
    0xb724_6e3a_424d_d2e0,
    0x0649_2eea_09d1_921c,
    0xfe1d_eb1c_b129_a73e,
    0xe882_35f5_2ebb_4484,
    0xe99c_7026_b45f_7e41,
    0x3991_d639_8353_39f4,
    0x9c84_5f8b_bdf9_283b,
    0x1ff8_97ff_de05_980f,
    0xef2f_118b_5a0a_6d1f,
    0x6d36_7ecf_27cb_09b7,
    0x4f46_3f66_9e5f_ea2d,
    0x7527_bac7_ebe5_f17b,
    0x3d07_39f7_8a52_92ea,
    0x6bfb_5fb1_1f8d_5d08,
    0x5603_3046_fc7b_6bab,
    0xf0cf_bc20_9af4_361d,
];

/// π/2 · 2^127
const HALF_PI: u128 = 0xc90fdaa22168c234c4c6628b80dc1cd1;

/// Puts `sin(x + quarters · π/2)` into `lanes[1]` where `lanes[2]` is above 0; x is `lanes[0]`.
#[cold]
#[inline(never)]
pub(super) fn sin_lanes<T: Scalar>(lanes: &mut [[T; 16]; 3], count: usize, quarters: u64) {
    for i in 0..count {
        if lanes[2][i] > T::ZERO {
            let (n, high, low) = reduce(lanes[0][i].to_f64());
            lanes[1][i] = T::from_f64(trig::eval_one(n.wrapping_add(quarters), high, low));
        }
    }
}

/// `x = n π/2 + high + low`, `n` modulo 4, to about 2^-100 of the remainder.
fn reduce(x: f64) -> (u64, f64, f64) {
    if !x.is_finite() {
        return (0, f64::NAN, f64::NAN);
    }
    let bits = x.to_bits();
    let field = (bits >> 52 & 0x7ff) as i32;
    let m = if field == 0 {
        bits << 1 & ((1 << 53) - 1)
    } else {
        bits & ((1 << 52) - 1) | 1 << 52
    };
    // |x| = m · 2^e. Only |x| · 2/π modulo 4 matters: 256 bits of it, 254 of them behind the point.
    let e = field - 1075;
    let mut y = [0u64; 4];
    let mut carry = 0u128;
    for (i, y) in y.iter_mut().enumerate() {
        carry += u128::from(m) * u128::from(bits_of_two_over_pi(e + 254 - 64 * i as i32));
        *y = carry as u64;
        carry >>= 64;
    }
    // To the nearest multiple of a quarter turn.
    let n = (y[3] >> 62) + (y[3] >> 61 & 1);
    y[3] &= (1 << 62) - 1;
    let negative = y[3] >> 61 & 1 == 1;
    if negative {
        // 2^254 - y
        let mut borrow = true;
        for word in &mut y {
            let (inverted, overflow) = (!*word).overflowing_add(u64::from(borrow));
            *word = inverted;
            borrow = overflow;
        }
        y[3] &= (1 << 62) - 1;
    }
    // Its 128 leading digits, f · 2^-shift below 2^-126 units.
    let high = u128::from(y[3]) << 64 | u128::from(y[2]);
    let low = u128::from(y[1]) << 64 | u128::from(y[0]);
    let shift = if high == 0 { 127 } else { high.leading_zeros() };
    let f = if shift == 0 {
        high
    } else {
        high << shift | low >> (128 - shift)
    };
    // r = f · 2^-(126 + shift) · π/2, as an integer of 128 digits in units of 2^-(125 + shift).
    let r = multiply_high(f, HALF_PI);
    let unit = |exponent: u32| f64::from_bits(u64::from(1023 - exponent) << 52);
    let top = r >> 75 << 75;
    let (mut head, mut tail) = (top as f64, (r - top) as f64);
    head *= unit(125 + shift);
    tail *= unit(125 + shift);
    let sign = if negative != (x < 0.0) { -1.0 } else { 1.0 };
    let n = if x < 0.0 { n.wrapping_neg() } else { n };
    (n & 3, sign * head, sign * tail)
}

/// The 64 bits of 2/π that end at bit `end` behind the point; those before the point are 0.
fn bits_of_two_over_pi(end: i32) -> u64 {
    let word = |i: i32| {
        if (0..20).contains(&i) {
            TWO_OVER_PI[i as usize]
        } else {
            0
        }
    };
    let (i, used) = (end.div_euclid(64), end.rem_euclid(64));
    let before = word(i - 1);
    if used == 0 {
        before
    } else {
        before << used | word(i) >> (64 - used)
    }
}

/// `a · b / 2^128`, rounded down.
fn multiply_high(a: u128, b: u128) -> u128 {
    let low_half = |x: u128| x & u128::from(u64::MAX);
    let (a1, a0) = (a >> 64, low_half(a));
    let (b1, b0) = (b >> 64, low_half(b));
    let (left, right) = (a1 * b0, a0 * b1);
    let middle = ((a0 * b0) >> 64) + low_half(left) + low_half(right);
    a1 * b1 + (left >> 64) + (right >> 64) + (middle >> 64)
}
