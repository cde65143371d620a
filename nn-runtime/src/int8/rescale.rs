//! From a sum to a byte: a multiplication by a positive real number, in fixed point.

#[cfg(not(all(target_arch = "arm", nn_dsp)))]
use super::fixed::{doubling_high_multiply, rounding_shift};

/// Channels whose sums become bytes together.
#[cfg(target_arch = "x86_64")]
pub(super) const LANES: usize = 16;

/// A positive real number as `multiplier / 2^31 · 2^shift`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Multiplier {
    /// From `2^30` to `2^31 - 1`; 0 for the number 0.
    pub multiplier: i32,
    /// From -31 to 30, to the left.
    pub shift: i8,
}

impl Multiplier {
    /// The nearest to `real`, which is finite and not negative: `QuantizeMultiplier` of TensorFlow Lite.
    #[must_use]
    pub const fn new(real: f64) -> Self {
        const FRACTION: u32 = 52;
        let bits = real.to_bits();
        let exponent = (bits >> FRACTION & 0x7ff) as i32;
        if exponent == 0 {
            return Self {
                multiplier: 0,
                shift: 0,
            };
        }
        // real = significand / 2^53 · 2^shift, of which 31 bits stay.
        let significand = bits & ((1 << FRACTION) - 1) | 1 << FRACTION;
        let mut shift = exponent - 1022;
        let mut multiplier = (significand + (1 << 21)) >> 22;
        if multiplier == 1 << 31 {
            multiplier = 1 << 30;
            shift += 1;
        }
        if shift < -31 {
            return Self {
                multiplier: 0,
                shift: 0,
            };
        }
        if shift > 30 {
            return Self {
                multiplier: i32::MAX,
                shift: 30,
            };
        }
        Self {
            multiplier: multiplier as i32,
            shift: shift as i8,
        }
    }

    /// `x` times the number: `MultiplyByQuantizedMultiplier`. The product is rounded to nearest, halves upwards; where the
    /// shift goes to the right it is rounded once more, halves away from zero. `|x| · 2^(shift + 1)` must stay below `2^31`
    /// where the shift is to the left, `|x| · 2` where it is not.
    #[inline(always)]
    #[must_use]
    pub fn apply(self, x: i32) -> i32 {
        #[cfg(all(target_arch = "arm", nn_dsp))]
        return super::dsp::apply(self.multiplier, self.shift, x);
        #[cfg(not(all(target_arch = "arm", nn_dsp)))]
        self.scalar(x)
    }

    #[cfg(not(all(target_arch = "arm", nn_dsp)))]
    #[inline(always)]
    const fn scalar(self, x: i32) -> i32 {
        let left = if self.shift > 0 { self.shift as u32 } else { 0 };
        let right = if self.shift > 0 {
            0
        } else {
            -(self.shift as i32) as u32
        };
        let x = x.wrapping_shl(left);
        rounding_shift(doubling_high_multiply(x, self.multiplier), right)
    }
}

/// What makes bytes of the sums of a layer.
#[derive(Clone, Copy, Debug)]
pub struct Rescale<'a> {
    /// One of each output channel: [`Multiplier::multiplier`] of `input scale · weight scale / output scale`.
    pub multipliers: &'a [i32],
    /// One of each output channel: [`Multiplier::shift`].
    pub shifts: &'a [i8],
    /// Zero point of the output.
    pub zero: i32,
    /// The least value of the output: -128, or the zero point under a relu.
    pub low: i8,
    /// The greatest value of the output: 127, or less under a clamp.
    pub high: i8,
}

impl Rescale<'_> {
    /// Of one channel's sum: [`Multiplier::apply`], then the zero point, then the clamp.
    ///
    /// # Safety
    /// `channel` is one of the output's.
    #[inline(always)]
    pub(super) unsafe fn apply(&self, channel: usize, sum: i32) -> i8 {
        // SAFETY: both slices have an element per channel, which the entries check.
        let multiplier = unsafe {
            Multiplier {
                multiplier: *self.multipliers.get_unchecked(channel),
                shift: *self.shifts.get_unchecked(channel),
            }
        };
        self.clamp(multiplier.apply(sum))
    }

    /// Of `lanes` channels' sums, from channel `first` on.
    ///
    /// # Safety
    /// There are so many channels, and `y` has room for them.
    #[cfg(target_arch = "x86_64")]
    #[inline(always)]
    pub(super) unsafe fn apply_lanes(&self, first: usize, lanes: usize, sums: &[i32; LANES], y: *mut i8) {
        // SAFETY: the caller's.
        unsafe {
            if lanes == LANES {
                let multipliers = *self.multipliers.as_ptr().add(first).cast::<[i32; LANES]>();
                let shifts = *self.shifts.as_ptr().add(first).cast::<[i8; LANES]>();
                let mut bytes = [0; LANES];
                for (l, byte) in bytes.iter_mut().enumerate() {
                    let shift = i32::from(shifts[l]);
                    // As `Multiplier::apply`, without a branch: after a shift to the right 31 bits are left.
                    let (left, right) = (shift.max(0) as u32, (-shift).max(0) as u32);
                    let y = doubling_high_multiply(sums[l].wrapping_shl(left), multipliers[l]);
                    let half = (1u32.wrapping_shl(right) >> 1) as i32;
                    let below = (y >> 31) & i32::from(half != 0).wrapping_neg();
                    *byte = self.clamp(y.wrapping_add(half).wrapping_add(below).wrapping_shr(right));
                }
                y.cast::<[i8; LANES]>().write_unaligned(bytes);
            } else {
                for (l, sum) in sums.iter().enumerate().take(lanes) {
                    *y.add(l) = self.apply(first + l, *sum);
                }
            }
        }
    }

    /// Adds the zero point and clamps.
    #[inline(always)]
    pub(super) fn clamp(&self, y: i32) -> i8 {
        let y = y.wrapping_add(self.zero);
        y.max(i32::from(self.low)).min(i32::from(self.high)) as i8
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `std::frexp` and a rounding, as TensorFlow Lite has it.
    fn by_frexp(real: f64) -> Multiplier {
        if real == 0.0 {
            return Multiplier::default();
        }
        let mut shift = 0i32;
        let mut fraction = real;
        while fraction >= 1.0 {
            fraction /= 2.0;
            shift += 1;
        }
        while fraction < 0.5 {
            fraction *= 2.0;
            shift -= 1;
        }
        let mut multiplier = (fraction * f64::from(1u32 << 31)).round() as i64;
        if multiplier == 1 << 31 {
            multiplier /= 2;
            shift += 1;
        }
        if shift < -31 {
            return Multiplier::default();
        }
        Multiplier {
            multiplier: multiplier as i32,
            shift: shift as i8,
        }
    }

    #[test]
    fn multipliers_of_real_numbers() {
        for real in [
            0.0,
            1.0,
            0.5,
            0.25,
            0.1,
            3.7,
            1e-5,
            0.999_999_999_9,
            4e-10,
            1e-10,
            1e-300,
            1e6,
        ] {
            assert_eq!(Multiplier::new(real), by_frexp(real), "{real}");
        }
        let mut real = 1.3e-9;
        while real < 1e8 {
            real *= 1.000_37;
            assert_eq!(Multiplier::new(real), by_frexp(real), "{real}");
        }
    }

    #[test]
    fn apply_rounds_twice() {
        for (real, x, expected) in [
            (0.5, 3, 2),
            (0.5, -3, -1),
            (0.25, 2, 1),
            (0.25, -2, -1),
            // 3/8: 1.5 is rounded to 2, then 2/4.
            (0.125, 3, 1),
            (2.0, 21, 42),
            (1.0, -7, -7),
            (0.0, 1000, 0),
        ] {
            assert_eq!(Multiplier::new(real).apply(x), expected, "{real} · {x}");
        }
        // Within one and a half of the real product.
        let mut x = -(1 << 29);
        while x < 1 << 29 {
            for real in [0.9, 0.3, 0.01, 3e-5, 2e-7] {
                let y = f64::from(Multiplier::new(real).apply(x));
                let exact = real * f64::from(x);
                assert!((y - exact).abs() <= 1.5 + exact.abs() * 1e-9, "{real} · {x}: {y}");
            }
            x += 999_331;
        }
    }
}
