//! Two tensors joined number by number: sums and products.

/// How two numbers are joined.
pub(crate) trait Pair: Copy {
    /// `x0` and `x1` joined.
    fn one(&self, x0: i8, x1: i8) -> i8;
    /// The same of the inputs in the other order.
    fn swapped(self) -> Self;

    /// `y = one(x0, x1)`, number by number; all are of one length.
    #[cfg_attr(not(feature = "std"), inline(always))]
    fn apart(&self, x0: &[i8], x1: &[i8], y: &mut [i8]) {
        run(Apart {
            x0,
            x1,
            pair: self,
            y,
        });
    }

    /// `y = one(y, x)`, number by number; both are of one length.
    #[cfg_attr(not(feature = "std"), inline(always))]
    fn in_place(&self, x: &[i8], y: &mut [i8]) {
        run(InPlace { x, pair: self, y });
    }
}

/// What is compiled for each instruction set.
#[cfg(target_arch = "x86_64")]
use super::x86::{Kernel, run};

/// What stays out of line.
#[cfg(not(target_arch = "x86_64"))]
trait Kernel {
    fn run(self);
}

#[cfg(not(target_arch = "x86_64"))]
#[inline(never)]
fn run(kernel: impl Kernel) {
    kernel.run();
}

struct Apart<'a, P> {
    x0: &'a [i8],
    x1: &'a [i8],
    pair: &'a P,
    y: &'a mut [i8],
}

impl<P: Pair> Kernel for Apart<'_, P> {
    #[inline(always)]
    fn run(self) {
        for ((y, x0), x1) in self.y.iter_mut().zip(self.x0).zip(self.x1) {
            *y = self.pair.one(*x0, *x1);
        }
    }
}

struct InPlace<'a, P> {
    x: &'a [i8],
    pair: &'a P,
    y: &'a mut [i8],
}

impl<P: Pair> Kernel for InPlace<'_, P> {
    #[inline(always)]
    fn run(self) {
        for (y, x) in self.y.iter_mut().zip(self.x) {
            *y = self.pair.one(*y, *x);
        }
    }
}

/// Holds a pair against `exact`, of the real numbers that two bytes stand for, on every instruction set, apart and in place. The
/// output's zero point is -9 and its range -100 to 120.
#[cfg(test)]
pub(super) fn check<P: Pair>(
    pair: P,
    inputs: [(f32, i8); 2],
    output: f32,
    exact: impl Fn(f64, f64) -> f64 + Sync,
    tolerance: f64,
) {
    let count = 1003;
    let [x0, x1] = [1, 2].map(|seed| super::testing::bytes(count, seed));
    let real = |x: i8, (scale, zero): (f32, i8)| f64::from(scale) * f64::from(i32::from(x) - i32::from(zero));
    let mut plain = Vec::new();
    crate::isa::forced::on_every_isa(|isa| {
        let mut y = vec![0; count];
        pair.apart(&x0, &x1, &mut y);
        for i in 0..count {
            let exact = exact(real(x0[i], inputs[0]), real(x1[i], inputs[1])) / f64::from(output) - 9.0;
            let error = f64::from(y[i]) - exact.clamp(-100.0, 120.0);
            assert!(
                error.abs() <= tolerance,
                "{isa:?}: {} and {}: {}, not {exact}",
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
        pair.in_place(&x1, &mut over_x0);
        pair.swapped().in_place(&x0, &mut over_x1);
        assert_eq!([over_x0, over_x1], [y.clone(), y], "{isa:?}: in place");
    });
}
