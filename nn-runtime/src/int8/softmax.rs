//! Softmax in fixed point: the output's scale is 1/256, its zero point -128.

use super::fixed::{doubling_high_multiply, rounding_shift, saturating_shift};
use super::rescale::Multiplier;
use crate::fault::ensure;

/// Bits before the point of a difference to the maximum.
const DIFFERENCE_BITS: u32 = 5;
/// Bits before the point of the sum of exponentials.
const SUM_BITS: u32 = 12;

/// Constants of [`softmax()`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Softmax {
    /// From the input's steps to 26 bits below the point.
    pub multiplier: Multiplier,
    /// Steps below the maximum from which on an exponential counts as 0; negative.
    pub least: i32,
}

impl Softmax {
    /// Of an input of this scale.
    #[must_use]
    pub const fn new(scale: f32) -> Self {
        let greatest = (1i64 << 31) as f64 - 1.0;
        let real = scale as f64 * (1i64 << (31 - DIFFERENCE_BITS)) as f64;
        let multiplier = Multiplier::new(if real < greatest { real } else { greatest });
        // A scale below 2^-26 cannot be shifted to the right here: it counts as one of 2^-26.
        let left = if multiplier.shift > 0 {
            multiplier.shift as u32
        } else {
            0
        };
        let range = ((1i64 << DIFFERENCE_BITS) - 1) << (31 - DIFFERENCE_BITS);
        Self {
            multiplier,
            least: -((range >> left) as i32),
        }
    }

    /// `exp` of a difference of so many steps, 0 bits before the point.
    #[inline(always)]
    fn exponential(&self, difference: i32) -> i32 {
        exponential(self.multiplier.apply(difference))
    }
}

/// `y = exp(x - max x) / Σ exp(x - max x)` along each row.
///
/// # Shapes
/// `x, y: [rows, width]`
///
/// # Panics
/// If a length is another one.
#[cfg_attr(not(feature = "std"), inline(always))]
pub fn softmax(rows: usize, width: usize, x: &[i8], s: &Softmax, y: &mut [i8]) {
    ensure!(
        x.len() == rows * width && y.len() == x.len(),
        "lengths of a softmax"
    );
    y.iter_mut().zip(x).for_each(|(y, x)| *y = *x);
    softmax_in_place(rows, width, s, y);
}

/// [`softmax()`] whose input is `y`.
///
/// # Shapes
/// `y: [rows, width]`
///
/// # Panics
/// If the length is another one.
#[cfg_attr(not(feature = "std"), inline(always))]
pub fn softmax_in_place(rows: usize, width: usize, s: &Softmax, y: &mut [i8]) {
    ensure!(y.len() == rows * width, "lengths of a softmax");
    if width > 0 {
        walk(width, s, y);
    }
}

#[inline(never)]
fn walk(width: usize, s: &Softmax, y: &mut [i8]) {
    // `max`: `width` is not 0, which the compiler of a device's program does not see here.
    for y in y.chunks_exact_mut(width.max(1)) {
        let max = y.iter().fold(i8::MIN, |a, b| a.max(*b));
        let difference = |x: i8| i32::from(x) - i32::from(max);
        let mut sum = 0i32;
        for x in y.iter().map(|x| difference(*x)).filter(|x| *x >= s.least) {
            sum = sum.wrapping_add(rounding_shift(s.exponential(x), SUM_BITS));
        }
        let (reciprocal, over_unit) = reciprocal(sum);
        for y in y.iter_mut() {
            let x = difference(*y);
            *y = if x >= s.least {
                let share = doubling_high_multiply(reciprocal, s.exponential(x));
                (rounding_shift(share, over_unit + 31 - 8) - 128).clamp(-128, 127) as i8
            } else {
                -128
            };
        }
    }
}

/// `exp(a)` for `a <= 0` with 5 bits before the point: `exp_on_negative_values` of gemmlowp.
#[inline(always)]
fn exponential(a: i32) -> i32 {
    const FRACTION: u32 = 31 - DIFFERENCE_BITS;
    // exp(-2^e) for e from -2 on.
    const POWERS: [i32; 7] = [
        1_672_461_947,
        1_302_514_674,
        790_015_084,
        290_630_308,
        39_332_535,
        720_401,
        242,
    ];
    const QUARTER: i32 = 1 << (FRACTION - 2);
    if a == 0 {
        return i32::MAX;
    }
    let rest = (a & (QUARTER - 1)) - QUARTER;
    let quarters = rest.wrapping_sub(a);
    let mut y = exponential_of_quarter(rest << DIFFERENCE_BITS);
    for (bit, power) in POWERS.into_iter().enumerate() {
        if quarters & QUARTER << bit != 0 {
            y = doubling_high_multiply(y, power);
        }
    }
    y
}

/// `exp(a)` for `-1/4 <= a < 0`, 0 bits before the point: the Taylor series around -1/8.
#[inline(always)]
fn exponential_of_quarter(a: i32) -> i32 {
    const EXP_MINUS_EIGHTH: i32 = 1_895_147_668;
    const THIRD: i32 = 715_827_883;
    let x = a + (1 << 28);
    let x2 = doubling_high_multiply(x, x);
    let x3 = doubling_high_multiply(x2, x);
    let x4 = doubling_high_multiply(x2, x2);
    let higher = doubling_high_multiply(rounding_shift(x4, 2) + x3, THIRD) + x2;
    EXP_MINUS_EIGHTH + doubling_high_multiply(EXP_MINUS_EIGHTH, x + rounding_shift(higher, 1))
}

/// `1 / sum` of a sum with 12 bits before the point, as a number with 0 bits and how often that is to be halved:
/// `GetReciprocal`.
#[inline(always)]
fn reciprocal(sum: i32) -> (i32, u32) {
    let headroom = (sum as u32).leading_zeros();
    let fraction = (sum as u32).wrapping_shl(headroom).wrapping_sub(1 << 31) as i32;
    (one_over_one_plus(fraction), SUM_BITS.saturating_sub(headroom))
}

/// `1 / (1 + a)` for `0 <= a < 1`: three steps of Newton and Raphson.
#[inline(always)]
fn one_over_one_plus(a: i32) -> i32 {
    // 48/17, -32/17 and 1 with 2 bits before the point.
    const A: i32 = 1_515_870_810;
    const B: i32 = -1_010_580_540;
    const ONE: i32 = 1 << 29;
    let half = ((i64::from(a) + i64::from(i32::MAX) + 1) / 2) as i32;
    let mut x = A + doubling_high_multiply(half, B);
    for _ in 0..3 {
        let rest = ONE - doubling_high_multiply(half, x);
        x += saturating_shift(doubling_high_multiply(x, rest), 2);
    }
    saturating_shift(x, 1)
}

#[cfg(test)]
mod tests {
    use super::super::testing::bytes;
    use super::*;

    #[test]
    fn within_one_step() {
        for (rows, width, scale) in [
            (1, 1, 0.1),
            (3, 2, 0.05),
            (2, 10, 0.2),
            (5, 33, 0.01),
            (1, 300, 1.0),
            (4, 10, 1e-7),
        ] {
            let x = bytes(rows * width, width as u64);
            let mut y = vec![0; x.len()];
            softmax(rows, width, &x, &Softmax::new(scale), &mut y);
            let mut over = x.clone();
            softmax_in_place(rows, width, &Softmax::new(scale), &mut over);
            assert_eq!(over, y, "{width}, {scale}: in place");
            for (x, y) in x.chunks(width).zip(y.chunks(width)) {
                let exp: Vec<f64> = x
                    .iter()
                    .map(|x| (f64::from(*x) * f64::from(scale)).exp())
                    .collect();
                let sum: f64 = exp.iter().sum();
                for (y, e) in y.iter().zip(exp) {
                    let exact = (e / sum * 256.0 - 128.0).min(127.0);
                    assert!(
                        (f64::from(*y) - exact).abs() <= 1.0,
                        "{width}, {scale}: {y}, not {exact}"
                    );
                }
            }
        }
    }
}
