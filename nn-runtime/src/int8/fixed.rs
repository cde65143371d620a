//! Fixed-point primitives, by their names in gemmlowp (`fixedpoint/fixedpoint.h`).

/// `x · m / 2^31`, rounded to nearest, halves upwards: `SaturatingRoundingDoublingHighMul` for operands of which not both are
/// the least number.
#[inline(always)]
pub(super) const fn doubling_high_multiply(x: i32, m: i32) -> i32 {
    ((x as i64 * m as i64 + (1 << 30)) >> 31) as i32
}

/// `x / 2^bits`, rounded to nearest, halves away from zero: `RoundingDivideByPOT`, for `bits` below 32.
#[inline(always)]
pub(super) const fn rounding_shift(x: i32, bits: u32) -> i32 {
    // The sum may need a 33rd bit.
    let half = (1i64 << bits) >> 1;
    ((x as i64 + half - (x < 0 && bits > 0) as i64) >> bits) as i32
}

/// `x · 2^bits`, within `i32`.
#[inline(always)]
pub(super) const fn saturating_shift(x: i32, bits: u32) -> i32 {
    let y = (x as i64) << bits;
    if y > i32::MAX as i64 {
        i32::MAX
    } else if y < i32::MIN as i64 {
        i32::MIN
    } else {
        y as i32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roundings() {
        // gemmlowp's own wording: a nudge by the sign, then a division towards zero; a remainder against a threshold.
        let high = |a: i32, b: i32| {
            let product = i64::from(a) * i64::from(b);
            let nudge = if product >= 0 { 1 << 30 } else { 1 - (1 << 30) };
            ((product + nudge) / (1 << 31)) as i32
        };
        let divide = |x: i32, bits: u32| {
            let mask = ((1u64 << bits) - 1) as i32;
            let threshold = (mask >> 1) + i32::from(x < 0);
            (x >> bits) + i32::from((x & mask) > threshold)
        };
        let numbers = [
            0,
            1,
            2,
            3,
            5,
            8,
            127,
            128,
            1 << 14,
            (1 << 30) - 1,
            1 << 30,
            i32::MAX,
        ];
        for a in numbers.into_iter().flat_map(|n| [n, -n, !n]) {
            for b in numbers {
                assert_eq!(doubling_high_multiply(a, b), high(a, b), "{a} · {b}");
            }
            for bits in 0..31 {
                assert_eq!(rounding_shift(a, bits), divide(a, bits), "{a} / 2^{bits}");
            }
        }
    }

    #[test]
    fn saturation() {
        assert_eq!(saturating_shift(1 << 29, 1), 1 << 30);
        assert_eq!(saturating_shift(1 << 29, 2), i32::MAX);
        assert_eq!(saturating_shift(-(1 << 29) - 1, 2), i32::MIN);
    }
}
