//! Between real numbers and bytes.

use crate::fault::ensure;

/// `y = x / scale + zero`, rounded to nearest, halves away from zero, within -128 and 127; a NaN becomes `zero`.
///
/// # Shapes
/// `x` and `y` have one length.
///
/// # Panics
/// If the lengths differ.
#[cfg_attr(not(feature = "std"), inline(always))]
pub fn quantize(x: &[f32], scale: f32, zero: i8, y: &mut [i8]) {
    ensure!(x.len() == y.len(), "lengths of a conversion");
    for (y, x) in y.iter_mut().zip(x) {
        *y = quantize_one(*x, scale, zero);
    }
}

/// One number of [`quantize`].
#[inline(always)]
pub(super) fn quantize_one(x: f32, scale: f32, zero: i8) -> i8 {
    let q = x / scale;
    // Beyond these bounds all is clamped; within them the fraction is exact.
    let q = q.clamp(-512.0, 512.0);
    let whole = q as i32;
    let fraction = q - whole as f32;
    let away = i32::from(fraction >= 0.5) - i32::from(fraction <= -0.5);
    (whole + away + i32::from(zero)).clamp(-128, 127) as i8
}

/// `y = (x - zero) · scale`
///
/// # Shapes
/// `x` and `y` have one length.
///
/// # Panics
/// If the lengths differ.
#[cfg_attr(not(feature = "std"), inline(always))]
pub fn dequantize(x: &[i8], scale: f32, zero: i8, y: &mut [f32]) {
    ensure!(x.len() == y.len(), "lengths of a conversion");
    for (y, x) in y.iter_mut().zip(x) {
        *y = (i32::from(*x) - i32::from(zero)) as f32 * scale;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back() {
        let all: Vec<i8> = (-128..=127).collect();
        let (mut reals, mut back) = (vec![0.0; 256], vec![0; 256]);
        for (scale, zero) in [(0.1, 3), (1.0 / 256.0, -128), (7.3e-5, 127), (12.0, 0)] {
            dequantize(&all, scale, zero, &mut reals);
            quantize(&reals, scale, zero, &mut back);
            assert_eq!(back, all, "scale {scale}, zero {zero}");
        }
    }

    #[test]
    fn rounding_and_bounds() {
        let x = [0.5, -0.5, 1.5, 0.499_999_97, 1e30, -1e30, f32::NAN, f32::INFINITY];
        let mut y = [0; 8];
        quantize(&x, 1.0, 0, &mut y);
        assert_eq!(y, [1, -1, 2, 0, 127, -128, 0, 127]);
    }
}
