//! `huber`: squared for small errors, absolute for large ones.

use super::elementwise::ElementwiseLoss;
use super::{Loss, LossSpec};
use crate::diagnostics::Reported;
use crate::formula::{c, x};
use crate::ir::Shape;
use crate::layers::{ArgKind, ArgSpec, Args};

pub static SPEC: LossSpec = LossSpec {
    name: "huber",
    doc: "\
Squared for small errors, absolute for large ones.

`L = Σ l(y - t) / n`, `l(e) = e² / 2` where `|e| <= delta`, else `delta · (|e| - delta / 2)`, `n` counting the
elements of all samples

# Target
Numbers, of the output's shape.

# Gradient
`dy = min(delta, max(-delta, y - t)) / n`.

# Source
Huber, Robust estimation of a location parameter, 1964; PyTorch `HuberLoss`.",
    args: &[ArgSpec::at(
        0,
        "delta",
        ArgKind::Number,
        "1.0",
        "where the parabola ends and the straight lines begin",
    )],
    build,
};

fn build(args: &mut Args<'_>, output: &Shape) -> Result<Box<dyn Loss>, Reported> {
    let delta = args.positive("delta", 1.0, "1.0")?;
    let error = || x(0) - x(1);
    let near = 0.5 * error().square();
    let far = delta * (error().abs() - 0.5 * delta);
    Ok(Box::new(ElementwiseLoss {
        shape: output.clone(),
        loss: error().abs().if_gt(delta, far, near),
        slope: c(delta).min(c(-delta).max(error())),
    }))
}

#[cfg(test)]
mod tests {
    use crate::ir::interpret::TargetData;
    use crate::layers::Arg;
    use crate::testing::{assert_all_close, assert_close, check_loss, loss, loss_of, shape, try_loss};

    #[test]
    fn is_straight_beyond_delta() {
        let s = shape(&[2]);
        let target = TargetData::Values(vec![0.0, 0.0]);
        let huber = loss("huber", vec![("delta", Arg::Number(2.0))], &s);
        let (value, gradient) = loss_of(&*huber, &s, &[1.0, -5.0], &target);
        assert_close(value, (0.5 + 8.0) / 2.0, || "the loss".to_string());
        assert_all_close(&gradient, &[0.5, -1.0]);
    }

    #[test]
    fn gradients_are_central_differences() {
        for delta in [0.5, 1.0, 3.0] {
            for dims in [&[1][..], &[5], &[2, 3]] {
                let s = shape(dims);
                let huber = loss("huber", vec![("delta", Arg::Number(delta))], &s);
                check_loss(&*huber, &s, |r| r.uniform(-2.0, 2.0));
            }
        }
    }

    #[test]
    fn refuses_a_delta_of_zero() {
        let found = try_loss("huber", vec![("delta", Arg::Number(0.0))], &shape(&[1]));
        assert_eq!(
            found.err().expect("a fault"),
            ["`delta` of `huber` must be above 0, found 0"]
        );
    }
}
