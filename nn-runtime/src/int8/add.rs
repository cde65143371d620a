//! The sum of two tensors of different scales.

use super::pairs::Pair;
use super::rescale::Multiplier;
use crate::fault::ensure;

/// Bits below the point of the sum.
const FRACTION: u32 = 20;

/// Constants of [`add()`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Add {
    /// Zero points of both inputs.
    pub zeros: [i8; 2],
    /// To the common scale, twice the greater of the inputs'.
    pub inputs: [Multiplier; 2],
    /// From the common scale with 20 bits below the point to the output's.
    pub output: Multiplier,
    /// Zero point of the output.
    pub zero: i8,
    /// The least value of the output.
    pub low: i8,
    /// The greatest value of the output.
    pub high: i8,
}

impl Add {
    /// From the scales and zero points of the inputs and of the output.
    #[must_use]
    pub const fn new(inputs: [(f32, i8); 2], output: (f32, i8), low: i8, high: i8) -> Self {
        let [(a, zero_a), (b, zero_b)] = inputs;
        let common = 2.0 * if a > b { a as f64 } else { b as f64 };
        let steps = (1 << FRACTION) as f64 * output.0 as f64;
        Self {
            zeros: [zero_a, zero_b],
            inputs: [
                Multiplier::new(a as f64 / common),
                Multiplier::new(b as f64 / common),
            ],
            output: Multiplier::new(common / steps),
            zero: output.1,
            low,
            high,
        }
    }
}

impl Pair for Add {
    #[inline(always)]
    fn one(&self, x0: i8, x1: i8) -> i8 {
        let scaled =
            |x: i8, i: usize| self.inputs[i].apply((i32::from(x) - i32::from(self.zeros[i])) << FRACTION);
        let sum = self.output.apply(scaled(x0, 0) + scaled(x1, 1)) + i32::from(self.zero);
        sum.max(i32::from(self.low)).min(i32::from(self.high)) as i8
    }

    fn swapped(self) -> Self {
        let ([a, b], [zero_a, zero_b]) = (self.inputs, self.zeros);
        Self {
            zeros: [zero_b, zero_a],
            inputs: [b, a],
            ..self
        }
    }
}

/// `y = x0 + x1` of the numbers that the bytes stand for, within `[low, high]`.
///
/// # Shapes
/// All of one length.
///
/// # Panics
/// If the lengths differ.
#[cfg_attr(not(feature = "std"), inline(always))]
pub fn add(x0: &[i8], x1: &[i8], a: &Add, y: &mut [i8]) {
    ensure!(x0.len() == y.len() && x1.len() == y.len(), "lengths of a sum");
    a.apart(x0, x1, y);
}

/// `y = y + x`, in place: [`add()`] whose first input is `y`.
///
/// # Shapes
/// Both of one length.
///
/// # Panics
/// If the lengths differ.
#[cfg_attr(not(feature = "std"), inline(always))]
pub fn add_in_place(x: &[i8], a: &Add, y: &mut [i8]) {
    ensure!(x.len() == y.len(), "lengths of a sum");
    a.in_place(x, y);
}

#[cfg(test)]
mod tests {
    use super::super::pairs;
    use super::*;

    #[test]
    fn within_half_a_step() {
        for (scales, zeros) in [
            ([0.1, 0.3], [3, -5]),
            ([0.7, 0.7], [0, 0]),
            ([2.0, 1e-3], [-128, 127]),
        ] {
            let out = (scales[0] + scales[1]) * 0.4;
            let inputs = [(scales[0], zeros[0]), (scales[1], zeros[1])];
            let sum = Add::new(inputs, (out, -9), -100, 120);
            pairs::check(sum, inputs, out, |a, b| a + b, 0.501);
        }
    }
}
