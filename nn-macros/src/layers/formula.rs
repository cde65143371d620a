//! A user's `fn f(x, …) = …` as a layer; its gradients are derived symbolically.

use super::Layer;
use super::elementwise::Elementwise;
use crate::formula::Formula;
use crate::ir::Shape;

/// `y = f(x(0), x(1), …)`, element by element over tensors of equal `shape`; `dx(i) = dy · ∂f/∂x(i)`, of which only
/// those inputs are kept that the derivatives read.
pub fn formula(f: &Formula, shape: &Shape, inputs: usize) -> Box<dyn Layer> {
    Box::new(Elementwise::new(shape, f, inputs))
}

#[cfg(test)]
mod tests {
    use super::formula;
    use crate::formula::{Formula, c, x};
    use crate::testing::{check_layer, shape};

    #[test]
    fn gradients_are_central_differences() {
        let mish = x(0) * (1.0 + x(0).exp()).ln().tanh();
        let snake = x(0) + x(0).sin().square();
        let gated = x(0) * x(1).sigmoid();
        let bounded = x(0).min(1.0).max(x(1) - 0.3);
        let formulas: [(Formula, usize); 6] = [
            (mish, 1),
            (snake, 1),
            (gated, 2),
            (bounded, 2),
            (c(3.0), 1),
            (x(1), 2),
        ];
        for (f, inputs) in formulas {
            for dims in [&[4][..], &[2, 3]] {
                let shapes = vec![shape(dims); inputs];
                check_layer(&*formula(&f, &shapes[0], inputs), &shapes);
            }
        }
    }
}
