//! A user's `fn f(y, t) = …` as a loss; its gradient is derived symbolically.

use super::Loss;
use super::elementwise::ElementwiseLoss;
use crate::formula::Formula;
use crate::ir::Shape;

/// The mean of `f(y, t)` over the elements of all samples; `dy = ∂f/∂y / n`.
pub fn formula(f: &Formula, output: &Shape) -> Box<dyn Loss> {
    Box::new(ElementwiseLoss {
        shape: output.clone(),
        loss: f.simplify(),
        slope: f.derivative(0),
    })
}

#[cfg(test)]
mod tests {
    use super::formula;
    use crate::formula::x;
    use crate::testing::{check_loss, shape};

    #[test]
    fn gradients_are_central_differences() {
        let e = || x(0) - x(1);
        let log_cosh = e().abs() + ((-2.0 * e().abs()).exp() + 1.0).ln() - std::f64::consts::LN_2;
        let quantile = e().if_gt(0.0, 0.1 * e(), -0.9 * e());
        for f in [log_cosh, quantile, e().square()] {
            for dims in [&[1][..], &[5], &[2, 3]] {
                let s = shape(dims);
                check_loss(&*formula(&f, &s), &s, |r| r.uniform(-2.0, 2.0));
            }
        }
    }
}
