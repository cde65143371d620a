//! The product of two tensors, number by number.

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

    /// The same product of the inputs in the other order.
    #[must_use]
    pub const fn swapped(self) -> Self {
        let [a, b] = self.zeros;
        Self {
            zeros: [b, a],
            ..self
        }
    }

    #[inline(always)]
    fn one(&self, x0: i8, x1: i8) -> i8 {
        let [a, b] = self.zeros.map(i32::from);
        let product = (i32::from(x0) - a) * (i32::from(x1) - b);
        let y = self.output.apply(product).wrapping_add(i32::from(self.zero));
        y.max(i32::from(self.low)).min(i32::from(self.high)) as i8
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
    #[cfg(target_arch = "x86_64")]
    super::x86::run(Product { x0, x1, m, y });
    #[cfg(not(target_arch = "x86_64"))]
    out_of_line(x0, x1, m, y);
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
    #[cfg(target_arch = "x86_64")]
    super::x86::run(ProductInPlace { x, m, y });
    #[cfg(not(target_arch = "x86_64"))]
    in_place_out_of_line(x, m, y);
}

#[cfg(target_arch = "x86_64")]
struct Product<'a> {
    x0: &'a [i8],
    x1: &'a [i8],
    m: &'a Mul,
    y: &'a mut [i8],
}

#[cfg(target_arch = "x86_64")]
impl super::x86::Kernel for Product<'_> {
    #[inline(always)]
    fn run(self) {
        product(self.x0, self.x1, self.m, self.y);
    }
}

#[cfg(target_arch = "x86_64")]
struct ProductInPlace<'a> {
    x: &'a [i8],
    m: &'a Mul,
    y: &'a mut [i8],
}

#[cfg(target_arch = "x86_64")]
impl super::x86::Kernel for ProductInPlace<'_> {
    #[inline(always)]
    fn run(self) {
        product_in_place(self.x, self.m, self.y);
    }
}

#[cfg(not(target_arch = "x86_64"))]
#[inline(never)]
fn out_of_line(x0: &[i8], x1: &[i8], m: &Mul, y: &mut [i8]) {
    product(x0, x1, m, y);
}

#[cfg(not(target_arch = "x86_64"))]
#[inline(never)]
fn in_place_out_of_line(x: &[i8], m: &Mul, y: &mut [i8]) {
    product_in_place(x, m, y);
}

#[inline(always)]
fn product(x0: &[i8], x1: &[i8], m: &Mul, y: &mut [i8]) {
    for ((y, x0), x1) in y.iter_mut().zip(x0).zip(x1) {
        *y = m.one(*x0, *x1);
    }
}

#[inline(always)]
fn product_in_place(x: &[i8], m: &Mul, y: &mut [i8]) {
    for (y, x) in y.iter_mut().zip(x) {
        *y = m.one(*y, *x);
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
        for (scales, zeros, out) in [
            ([0.1, 0.3], [3, -5], 4.0),
            ([0.7, 0.7], [0, 0], 100.0),
            ([2.0, 1e-3], [-128, 127], 0.25),
        ] {
            let m = Mul::new(
                [(scales[0], zeros[0]), (scales[1], zeros[1])],
                (out, -9),
                -100,
                120,
            );
            let mut plain = Vec::new();
            on_every_isa(|isa| {
                let mut y = vec![0; count];
                mul(&x0, &x1, &m, &mut y);
                for i in 0..count {
                    let real = |x: i8, k: usize| {
                        f64::from(scales[k]) * f64::from(i32::from(x) - i32::from(zeros[k]))
                    };
                    let exact = real(x0[i], 0) * real(x1[i], 1) / f64::from(out) - 9.0;
                    // The fixed point rounds twice: a half, and a half of a half.
                    let error = f64::from(y[i]) - exact.clamp(-100.0, 120.0);
                    assert!(
                        error.abs() <= 0.75,
                        "{isa:?}: {} · {}: {}, not {exact}",
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
                mul_in_place(&x1, &m, &mut over_x0);
                mul_in_place(&x0, &m.swapped(), &mut over_x1);
                assert_eq!([over_x0, over_x1], [y.clone(), y], "{isa:?}: in place");
            });
        }
    }
}
