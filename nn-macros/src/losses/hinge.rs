//! `hinge`: a margin between two classes.

use super::elementwise::ElementwiseLoss;
use super::{Loss, LossSpec};
use crate::diagnostics::Reported;
use crate::formula::{c, x};
use crate::ir::Shape;
use crate::layers::Args;

pub static SPEC: LossSpec = LossSpec {
    name: "hinge",
    doc: "\
A margin of 1 between two classes, as in a support vector machine.

`L = Σ max(0, 1 - t · y) / n`, `n` counting the elements of all samples

# Target
-1 or 1, of the output's shape.

# Gradient
`dy = -t / n` where `t · y < 1`, else 0.

# Source
Cortes and Vapnik, Support-vector networks, 1995; Keras `Hinge`.",
    args: &[],
    build,
};

fn build(_: &mut Args<'_>, output: &Shape) -> Result<Box<dyn Loss>, Reported> {
    Ok(Box::new(ElementwiseLoss {
        shape: output.clone(),
        loss: c(0.0).max(1.0 - x(1) * x(0)),
        slope: c(1.0).if_gt(x(1) * x(0), -x(1), 0.0),
    }))
}

#[cfg(test)]
mod tests {
    use crate::ir::interpret::TargetData;
    use crate::testing::{assert_all_close, assert_close, check_loss, loss, loss_of, shape};

    #[test]
    fn asks_for_a_margin() {
        let s = shape(&[2]);
        let target = TargetData::Values(vec![1.0, -1.0, 1.0, -1.0]);
        let y = [0.5, 3.0, 2.0, -1.0];
        let (value, gradient) = loss_of(&*loss("hinge", vec![], &s), &s, &y, &target);
        assert_close(value, (0.5 + 4.0) / 4.0, || "the loss".to_string());
        assert_all_close(&gradient, &[-0.25, 0.25, 0.0, 0.0]);
    }

    #[test]
    fn gradients_are_central_differences() {
        for dims in [&[1][..], &[5], &[2, 3]] {
            let s = shape(dims);
            check_loss(&*loss("hinge", vec![], &s), &s, |r| [-1.0, 1.0][r.below(2)]);
        }
    }
}
