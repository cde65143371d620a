//! `mean_absolute_error`: for regression that outliers must not rule.

use super::elementwise::ElementwiseLoss;
use super::{Loss, LossSpec};
use crate::diagnostics::Reported;
use crate::formula::{c, x};
use crate::ir::Shape;
use crate::layers::Args;

pub static SPEC: LossSpec = LossSpec {
    name: "mean_absolute_error",
    doc: "\
The mean of the absolute errors, for regression that outliers must not rule.

`L = Σ |y - t| / n`, `n` counting the elements of all samples

# Target
Numbers, of the output's shape.

# Gradient
`dy = sign(y - t) / n`, 0 where they are equal.

# Source
PyTorch `L1Loss`, Keras `MeanAbsoluteError`.",
    args: &[],
    build,
};

fn build(_: &mut Args<'_>, output: &Shape) -> Result<Box<dyn Loss>, Reported> {
    Ok(Box::new(ElementwiseLoss {
        shape: output.clone(),
        loss: (x(0) - x(1)).abs(),
        slope: x(0).if_gt(x(1), 1.0, x(1).if_gt(x(0), -1.0, c(0.0))),
    }))
}

#[cfg(test)]
mod tests {
    use crate::ir::interpret::TargetData;
    use crate::testing::{assert_all_close, assert_close, check_loss, loss, loss_of, shape};

    #[test]
    fn is_the_mean_over_samples_and_elements() {
        let s = shape(&[2]);
        let target = TargetData::Values(vec![0.0, 0.0, 1.0, 5.0]);
        let y = [1.0, -2.0, 1.0, 4.0];
        let (value, gradient) = loss_of(&*loss("mean_absolute_error", vec![], &s), &s, &y, &target);
        assert_close(value, 1.0, || "the loss".to_string());
        assert_all_close(&gradient, &[0.25, -0.25, 0.0, -0.25]);
    }

    #[test]
    fn gradients_are_central_differences() {
        for dims in [&[1][..], &[5], &[2, 3]] {
            let s = shape(dims);
            check_loss(&*loss("mean_absolute_error", vec![], &s), &s, |r| {
                r.uniform(-2.0, 2.0)
            });
        }
    }
}
