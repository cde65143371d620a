//! The sum of two tensors of different scales.

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

    /// The same sum of the inputs in the other order.
    #[must_use]
    pub const fn swapped(self) -> Self {
        let ([a, b], [zero_a, zero_b]) = (self.inputs, self.zeros);
        Self {
            zeros: [zero_b, zero_a],
            inputs: [b, a],
            ..self
        }
    }

    #[inline(always)]
    fn one(&self, x0: i8, x1: i8) -> i8 {
        let scaled =
            |x: i8, i: usize| self.inputs[i].apply((i32::from(x) - i32::from(self.zeros[i])) << FRACTION);
        let sum = self.output.apply(scaled(x0, 0) + scaled(x1, 1)) + i32::from(self.zero);
        sum.max(i32::from(self.low)).min(i32::from(self.high)) as i8
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
    #[cfg(target_arch = "x86_64")]
    super::x86::run(Sum { x0, x1, a, y });
    #[cfg(not(target_arch = "x86_64"))]
    out_of_line(x0, x1, a, y);
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
    #[cfg(target_arch = "x86_64")]
    super::x86::run(SumInPlace { x, a, y });
    #[cfg(not(target_arch = "x86_64"))]
    in_place_out_of_line(x, a, y);
}

#[cfg(target_arch = "x86_64")]
struct Sum<'a> {
    x0: &'a [i8],
    x1: &'a [i8],
    a: &'a Add,
    y: &'a mut [i8],
}

#[cfg(target_arch = "x86_64")]
impl super::x86::Kernel for Sum<'_> {
    #[inline(always)]
    fn run(self) {
        sum(self.x0, self.x1, self.a, self.y);
    }
}

#[cfg(target_arch = "x86_64")]
struct SumInPlace<'a> {
    x: &'a [i8],
    a: &'a Add,
    y: &'a mut [i8],
}

#[cfg(target_arch = "x86_64")]
impl super::x86::Kernel for SumInPlace<'_> {
    #[inline(always)]
    fn run(self) {
        sum_in_place(self.x, self.a, self.y);
    }
}

#[cfg(not(target_arch = "x86_64"))]
#[inline(never)]
fn out_of_line(x0: &[i8], x1: &[i8], a: &Add, y: &mut [i8]) {
    sum(x0, x1, a, y);
}

#[cfg(not(target_arch = "x86_64"))]
#[inline(never)]
fn in_place_out_of_line(x: &[i8], a: &Add, y: &mut [i8]) {
    sum_in_place(x, a, y);
}

#[inline(always)]
fn sum(x0: &[i8], x1: &[i8], a: &Add, y: &mut [i8]) {
    for ((y, x0), x1) in y.iter_mut().zip(x0).zip(x1) {
        *y = a.one(*x0, *x1);
    }
}

#[inline(always)]
fn sum_in_place(x: &[i8], a: &Add, y: &mut [i8]) {
    for (y, x) in y.iter_mut().zip(x) {
        *y = a.one(*y, *x);
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::bytes;
    use super::*;
    use crate::isa::forced::on_every_isa;

    #[test]
    fn within_half_a_step() {
        let count = 1003;
        let [x0, x1] = [1, 2].map(|seed| bytes(count, seed));
        for (scales, zeros) in [
            ([0.1, 0.3], [3, -5]),
            ([0.7, 0.7], [0, 0]),
            ([2.0, 1e-3], [-128, 127]),
        ] {
            let out = (scales[0] + scales[1]) * 0.4;
            let a = Add::new(
                [(scales[0], zeros[0]), (scales[1], zeros[1])],
                (out, -9),
                -100,
                120,
            );
            let mut plain = Vec::new();
            on_every_isa(|isa| {
                let mut y = vec![0; count];
                add(&x0, &x1, &a, &mut y);
                for i in 0..count {
                    let real = |x: i8, k: usize| {
                        f64::from(scales[k]) * f64::from(i32::from(x) - i32::from(zeros[k]))
                    };
                    let exact = (real(x0[i], 0) + real(x1[i], 1)) / f64::from(out) - 9.0;
                    let error = f64::from(y[i]) - exact.clamp(-100.0, 120.0);
                    assert!(
                        error.abs() <= 0.501,
                        "{isa:?}: {} + {}: {}, not {exact}",
                        x0[i],
                        x1[i],
                        y[i]
                    );
                }
                if plain.is_empty() {
                    plain.clone_from(&y);
                }
                assert_eq!(y, plain, "{isa:?} differs from scalar");
                let (mut over_x0, mut over_x1) = (x0.clone(), x1.clone());
                add_in_place(&x1, &a, &mut over_x0);
                add_in_place(&x0, &a.swapped(), &mut over_x1);
                assert_eq!([over_x0, over_x1], [y.clone(), y], "{isa:?}: in place");
            });
        }
    }
}
