//! `binary_cross_entropy`: for yes or no, on logits.

use super::elementwise::ElementwiseLoss;
use super::{Loss, LossSpec};
use crate::diagnostics::Reported;
use crate::formula::x;
use crate::ir::Shape;
use crate::layers::Args;

pub static SPEC: LossSpec = LossSpec {
    name: "binary_cross_entropy",
    doc: "\
The cross-entropy of yes or no, on logits: the network's last layer is not a `sigmoid`.

`L = -Σ (t · ln p + (1 - t) · ln(1 - p)) / n`, `p = σ(y)`, computed as `max(0, y) + ln(1 + e^-|y|) - y · t`, so that
nothing overflows; `n` counts the elements of all samples

# Target
Numbers from 0 to 1, of the output's shape.

# Gradient
`dy = (σ(y) - t) / n`.

# Source
PyTorch `BCEWithLogitsLoss`, Keras `BinaryCrossentropy(from_logits=True)`.",
    args: &[],
    build,
};

fn build(_: &mut Args<'_>, output: &Shape) -> Result<Box<dyn Loss>, Reported> {
    Ok(Box::new(ElementwiseLoss {
        shape: output.clone(),
        loss: x(0).softplus() - x(0) * x(1),
        slope: x(0).sigmoid() - x(1),
    }))
}

#[cfg(test)]
mod tests {
    use crate::ir::interpret::TargetData;
    use crate::testing::{assert_all_close, assert_close, check_loss, loss, loss_of, shape};

    #[test]
    fn is_finite_for_any_logit() {
        let s = shape(&[1]);
        let bce = loss("binary_cross_entropy", vec![], &s);
        let target = TargetData::Values(vec![1.0, 0.0, 1.0]);
        let (value, gradient) = loss_of(&*bce, &s, &[1000.0, -1000.0, 0.0], &target);
        assert_close(value, std::f64::consts::LN_2 / 3.0, || "the loss".to_string());
        assert_all_close(&gradient, &[0.0, 0.0, -0.5 / 3.0]);
        let wrong = TargetData::Values(vec![0.0]);
        assert_close(loss_of(&*bce, &s, &[1000.0], &wrong).0, 1000.0, || {
            "the loss".to_string()
        });
    }

    #[test]
    fn gradients_are_central_differences() {
        for dims in [&[1][..], &[5], &[2, 3]] {
            let s = shape(dims);
            check_loss(&*loss("binary_cross_entropy", vec![], &s), &s, |r| {
                r.uniform(0.0, 1.0)
            });
        }
    }
}
