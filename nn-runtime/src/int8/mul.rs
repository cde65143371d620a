//! The product of two tensors, number by number.

use super::pairs::Pair;
use super::rescale::Multiplier;
use crate::fault::ensure;

/// Constants of [`mul()`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Mul {
    /// Zero points of both inputs.
    pub zeros: [i8; 2],
    /// From the product of the inputs' scales to the output's.
    pub output: Multiplier,
    /// Zero point of the output.
    pub zero: i8,
    /// The least value of the output.
    pub low: i8,
    /// The greatest value of the output.
    pub high: i8,
}

impl Mul {
    /// From the scales and zero points of the inputs and of the output.
    #[must_use]
    pub const fn new(inputs: [(f32, i8); 2], output: (f32, i8), low: i8, high: i8) -> Self {
        let [(a, zero_a), (b, zero_b)] = inputs;
        Self {
            zeros: [zero_a, zero_b],
            output: Multiplier::new(a as f64 * b as f64 / output.0 as f64),
            zero: output.1,
            low,
            high,
        }
    }
}

impl Pair for Mul {
    #[inline(always)]
    fn one(&self, x0: i8, x1: i8) -> i8 {
        let [a, b] = self.zeros.map(i32::from);
        let product = (i32::from(x0) - a) * (i32::from(x1) - b);
        let y = self.output.apply(product).wrapping_add(i32::from(self.zero));
        y.max(i32::from(self.low)).min(i32::from(self.high)) as i8
    }

    fn swapped(self) -> Self {
        let [a, b] = self.zeros;
        Self {
            zeros: [b, a],
            ..self
        }
    }
}

/// `y = x0 · x1` of the numbers that the bytes stand for, within `[low, high]`.
///
/// # Shapes
/// All of one length.
///
/// # Panics
/// If the lengths differ.
#[cfg_attr(not(feature = "std"), inline(always))]
pub fn mul(x0: &[i8], x1: &[i8], m: &Mul, y: &mut [i8]) {
    ensure!(
        x0.len() == y.len() && x1.len() == y.len(),
        "lengths of a product of tensors"
    );
    m.apart(x0, x1, y);
}

/// `y = y · x`, in place: [`mul()`] whose first input is `y`.
///
/// # Shapes
/// Both of one length.
///
/// # Panics
/// If the lengths differ.
#[cfg_attr(not(feature = "std"), inline(always))]
pub fn mul_in_place(x: &[i8], m: &Mul, y: &mut [i8]) {
    ensure!(x.len() == y.len(), "lengths of a product of tensors");
    m.in_place(x, y);
}

#[cfg(test)]
mod tests {
    use super::super::pairs;
    use super::*;

    #[test]
    fn within_half_a_step() {
        for (scales, zeros, out) in [
            ([0.1, 0.3], [3, -5], 4.0),
            ([0.7, 0.7], [0, 0], 100.0),
            ([2.0, 1e-3], [-128, 127], 0.25),
        ] {
            let inputs = [(scales[0], zeros[0]), (scales[1], zeros[1])];
            let product = Mul::new(inputs, (out, -9), -100, 120);
            // The fixed point rounds twice: a half, and a half of a half.
            pairs::check(product, inputs, out, |a, b| a * b, 0.75);
        }
    }
}
