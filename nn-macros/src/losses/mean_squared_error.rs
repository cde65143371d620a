//! `mean_squared_error`: for regression.

use super::elementwise::ElementwiseLoss;
use super::{Loss, LossSpec};
use crate::diagnostics::Reported;
use crate::formula::x;
use crate::ir::Shape;
use crate::layers::{ArgKind, ArgSpec, Args};

pub static SPEC: LossSpec = LossSpec {
    name: "mean_squared_error",
    doc: "\
The mean of the squared errors, for regression.

`L = Σ (y - t)² / n`, `n` counting the elements of all samples; with `half = true` the text book's `Σ (y - t)² / (2n)`

# Target
Numbers, of the output's shape.

# Gradient
`dy = 2 · (y - t) / n`; with `half = true`, `dy = (y - t) / n`.

# Source
PyTorch `MSELoss`, Keras `MeanSquaredError`.",
    args: &[ArgSpec::named(
        "half",
        ArgKind::Flag,
        "false",
        "half of it, so that the gradient is the error itself",
    )],
    build,
};

fn build(args: &mut Args<'_>, output: &Shape) -> Result<Box<dyn Loss>, Reported> {
    let half = if args.flag("half").unwrap_or(false) {
        0.5
    } else {
        1.0
    };
    Ok(Box::new(ElementwiseLoss {
        shape: output.clone(),
        loss: half * (x(0) - x(1)).square(),
        slope: 2.0 * half * (x(0) - x(1)),
    }))
}

#[cfg(test)]
mod tests {
    use crate::ir::interpret::TargetData;
    use crate::layers::Arg;
    use crate::testing::{assert_all_close, assert_close, check_loss, loss, loss_of, shape};

    #[test]
    fn is_the_mean_over_samples_and_elements() {
        let s = shape(&[2]);
        let target = TargetData::Values(vec![0.0, 0.0, 1.0, 1.0]);
        let y = [1.0, 2.0, 1.0, 4.0];
        let (value, gradient) = loss_of(&*loss("mean_squared_error", vec![], &s), &s, &y, &target);
        assert_close(value, 14.0 / 4.0, || "the loss".to_string());
        assert_all_close(&gradient, &[0.5, 1.0, 0.0, 1.5]);
        let half = loss("mean_squared_error", vec![("half", Arg::Flag(true))], &s);
        assert_close(loss_of(&*half, &s, &y, &target).0, 14.0 / 8.0, || {
            "the loss".to_string()
        });
    }

    #[test]
    fn gradients_are_central_differences() {
        for half in [false, true] {
            for dims in [&[1][..], &[5], &[2, 3]] {
                let s = shape(dims);
                let loss = loss("mean_squared_error", vec![("half", Arg::Flag(half))], &s);
                check_loss(&*loss, &s, |r| r.uniform(-2.0, 2.0));
            }
        }
    }
}
